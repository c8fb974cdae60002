"""Consensus or bipolar silos? The outcome at long times over sigma, the memory, the neighbourhood and the population.

From random weights, 300 rounds: with few neighbours silos of both sides form and stay, whatever sigma; from about half
of the population on there is consensus. A larger sigma, and memories above 2, slow it down and leave the outcome alone.
With a third of the others as neighbours, four or six agents mostly come to consensus, by chance; twenty or thirty stay
bipolar.
"""

from collections.abc import Sequence
from pathlib import Path

from mcpolar.metastability import PhaseCell, phase_diagram
from mcpolar.parameters import ChainParameters
from mcpolar.report.plots.phases import draw_phases
from mcpolar.report.plots.saving import save

SIGMAS = ("0.3", "0.5", "0.7", "1", "1.4")


def diagram(
    cells: Sequence[ChainParameters], replicas: int, picture: tuple[str, str], path: Path
) -> list[PhaseCell]:
    """Run the cells, print the outcome and the median time to it, and draw the heat maps over two parameters."""
    found = list(phase_diagram(cells, "random", "300*m", replicas=replicas, seed=1))
    print(f"{picture[1]} against {picture[0]}:")
    for cell in found:
        share, low, high = cell.consensus
        chain, median = cell.parameters, cell.consensus_median
        print(
            f"m {chain.m}, r {chain.r}, sigma {chain.sigma}, k {chain.k or chain.m - 1}: {cell.phase}, consensus "
            f"{share:.2f} [{low:.2f}, {high:.2f}], half of the populations by round "
            + ("-" if median is None else f"{median / chain.m:.1f}")
        )
    save(draw_phases(found, *picture), path)
    return found


def main(
    *,
    sigmas: Sequence[str] = SIGMAS,
    neighbours: Sequence[int] = (2, 3, 4, 5, 7, 9),
    memories: Sequence[int] = (1, 2, 5, 10),
    agents: Sequence[int] = (4, 6, 10, 20, 30),
    replicas: int = 300,
    folder: Path = Path(),
) -> None:
    cells = [ChainParameters(10, 5, sigma, k=k) for sigma in sigmas for k in neighbours]
    diagram(cells, replicas, ("sigma", "k"), folder / "phase_neighbours.png")
    cells = [ChainParameters(10, r, sigma) for sigma in sigmas for r in memories]
    diagram(cells, replicas, ("sigma", "r"), folder / "phase_memory.png")
    cells = [ChainParameters(10, r, "0.5", k=k) for r in memories for k in neighbours]
    diagram(cells, replicas, ("r", "k"), folder / "phase_memory_neighbours.png")
    # k is a third of the others: does the size of the population matter?
    cells = [ChainParameters(m, 5, sigma, k=max(1, m // 3)) for sigma in sigmas for m in agents]
    diagram(cells, replicas, ("sigma", "m"), folder / "phase_agents.png")


if __name__ == "__main__":
    main()
