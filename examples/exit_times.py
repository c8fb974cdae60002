"""How long do silos last? The survival curve of a bipolar population, with certified bounds beside it.

From level-1 polarized silos of five agents each, sigma = 0.5, memory 5, four neighbours: out of thousands of
populations very few lose an agent of a silo, all in the first hundred steps, and then none in ten thousand. The
certified bound silo-persistence falls to nothing within a few hundred steps, since it asks for own-side draws only;
permanence, which holds for all time, says nothing at level 1, and 0.86 at level 4.
"""

from pathlib import Path

import numpy as np

from mcpolar.bounds import permanence, silo_persistence
from mcpolar.chain import Start
from mcpolar.metastability import exponential_tail, passage_times, restricted_mean, survival_curve
from mcpolar.parameters import ChainParameters
from mcpolar.report.plots.metastability import draw_survival
from mcpolar.report.plots.saving import save


def main(replicas: int = 4000, steps: int = 10_000, memory: int = 5, folder: Path = Path()) -> None:
    chain = ChainParameters(m=10, r=memory, sigma="0.5", k=4)
    at = np.unique(np.geomspace(1, steps, 30).astype(int))
    for level in (1, 4):
        found = passage_times(chain, Start("bipolar", level=level), steps, replicas=replicas, seed=1)
        times = found.of("silo-left")
        curve = survival_curve(*times, confidence=0.999)
        kept = [float(silo_persistence(chain, steps=int(t), level=level, split=5).lower()) for t in at]
        always = float(permanence(chain, level=level, split=5).lower())
        print(f"level {level}: {curve.n_observed} of {replicas} populations lost a silo's agent")
        print("  restricted mean:", restricted_mean(*times, steps, confidence=0.999))
        print("  exponential tail:", exponential_tail(*times, steps // 4, confidence=0.999))
        print(f"  certified at {steps} steps: silo-persistence {kept[-1]:.3g}, permanence {always:.6g}")
        bounds = {
            "silo-persistence, certified": (at.astype(float), np.array(kept)),
            "permanence, certified": (at.astype(float), np.full(at.size, always)),
        }
        picture = draw_survival(curve, event="no agent left its silo", bounds=bounds)
        save(picture, folder / f"exit_times_level_{level}.png")


if __name__ == "__main__":
    main()
