"""Draw docs/theorem1.md's figure: the paper, T1', the bound in use and its ceiling against m and against sigma."""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

sys.path.insert(0, str(Path(__file__).parent))
from theorem1_table import log10_of_t1_prime

from mcpolar.bounds import theorem1
from mcpolar.parameters import ChainParameters

AGENTS = (2, 3, 4, 6, 8, 11, 15, 20, 26, 33, 40)
SIGMAS = ("0.12", "0.15", "0.18", "0.22", "0.26", "0.3", "0.35", "0.4", "0.45", "0.5")
LABELS = ("the paper (its own horizon)", "T1'", "lower bound in use", "ceiling at its horizon")


def logs(chain: ChainParameters) -> tuple[float, float, float, float]:
    bound = theorem1(chain)
    ceiling = bound.ceiling.log10 if bound.ceiling else float("nan")
    paper = theorem1(chain, variant="paper")
    published = float("nan") if paper.value.is_zero else paper.log10
    return published, log10_of_t1_prime(chain)[0], bound.log10, ceiling


def main(path: Path) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    by_agents = [logs(ChainParameters(m, 5, "0.2")) for m in AGENTS]
    by_sigma = [logs(ChainParameters(10, 3, sigma)) for sigma in SIGMAS]
    for axes, x, rows in ((left, AGENTS, by_agents), (right, [float(sigma) for sigma in SIGMAS], by_sigma)):
        for label, values, style in zip(LABELS, zip(*rows, strict=True), (":", "--", "-", "-."), strict=True):
            axes.plot(x, values, style, marker=".", label=label)
        axes.set_ylabel("log10 of P(E_1), or of bounds on it")
        axes.grid(alpha=0.3)
    left.set_xlabel("agents m (r = 5, sigma = 0.2)")
    right.set_xlabel("sigma (m = 10, r = 3)")
    left.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main(Path(__file__).with_suffix("").with_name("theorem1.png"))
