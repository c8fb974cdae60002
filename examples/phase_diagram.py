"""Consensus or bipolar silos? The outcome at long times over sigma and the neighbourhood size.

Ten agents, memory 5, from random weights: with few neighbours silos of both sides form and stay, whatever sigma; from
about half of the population on there is consensus, and sigma only decides how fast.
"""

from pathlib import Path

from mcpolar.metastability import phase_diagram
from mcpolar.parameters import ChainParameters
from mcpolar.report.metastability_plots import draw_phases, save


def main(
    sigmas: tuple[str, ...] = ("0.3", "0.5", "0.7", "1", "1.4"), replicas: int = 300, folder: Path = Path()
) -> None:
    cells = [ChainParameters(10, 5, sigma, k=k) for sigma in sigmas for k in (2, 3, 4, 5, 7, 9)]
    found = list(phase_diagram(cells, "random", "300*m", replicas=replicas, seed=1))
    for cell in found:
        share, low, high = cell.consensus
        print(
            f"sigma {cell.parameters.sigma}, k {cell.parameters.k}: {cell.phase}, "
            f"consensus {share:.2f} [{low:.2f}, {high:.2f}], half of the populations by step {cell.consensus_median}"
        )
    save(draw_phases(found, "sigma", "k"), folder / "phase_diagram.png")


if __name__ == "__main__":
    main()
