"""The table of docs/theorem1.md: the paper, T1', the bound in use and its ceilings, with the time of each."""

import time
from collections.abc import Callable
from typing import TypeVar

from mcpolar.balls import lower_end
from mcpolar.bounds import chances, theorem1
from mcpolar.bounds.polarization.bipolar_ceiling import bipolar_ceiling
from mcpolar.bounds.proposition2 import smallest_own_side_weight, updates_to_level
from mcpolar.bounds.rounds import log_rounds
from mcpolar.parameters import ChainParameters

ROWS = ((2, 1, "0.5"), (5, 2, "0.3"), (10, 5, "0.2"), (30, 5, "0.2"), (30, 10, "0.3"), (100, 5, "0.2"))
Found = TypeVar("Found")


def timed(function: Callable[[], Found]) -> tuple[Found, float]:
    start = time.process_time()
    return function(), time.process_time() - start


def log10_of_t1_prime(chain: ChainParameters) -> tuple[float, int]:
    """Return T1': every agent exactly n(1) times, with the least own-side weight and draws in J."""
    n = updates_to_level(chain, 1)
    value = lower_end(
        lambda: log_rounds(
            chain, n, smallest_own_side_weight(chain) * chances.inner_interval(chain.sigma)
        ).exp()
    )
    return value.log10, n * chain.m


def line(m: int, r: int, sigma: str) -> str:
    chain = ChainParameters(m, r, sigma)
    paper = theorem1(chain, variant="paper")
    before, steps = log10_of_t1_prime(chain)
    first = theorem1(chain, steps=steps)
    bound, seconds = timed(lambda: theorem1(chain))
    bipolar_ceiling.cache_clear()
    ceiling, of_ceiling = timed(lambda: bipolar_ceiling(m, r, chain.sigma, int(bound.horizon_steps or 0)))
    published = "vacuous" if paper.value.is_zero else f"{paper.log10:.2f} @{paper.horizon_steps}"
    cells = (
        f"{m}, {r}, {sigma}",
        published,
        f"{before:.2f} @{steps}",
        f"{first.log10:.2f}",
        f"{first.ceiling.log10:.2f}" if first.ceiling else "",
        f"{bound.log10:.2f} @{bound.horizon_steps}",
        f"{ceiling.at.log10_up:.2f}",
        f"{ceiling.ever.log10_up:.2f}",
        bound.notes[0].split(",")[0],
        f"{seconds:.2f} ({of_ceiling:.2f})",
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    print(
        "| m, r, sigma | paper | T1' | bound at the horizon of T1' | ceiling there | bound | ceiling there | "
        "any horizon | form | s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in ROWS:
        print(line(*row), flush=True)
