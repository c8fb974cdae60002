"""What does a population do between the silos? The chain of macrostates, and how far it is Markov.

Twelve agents, sigma = 1, memory 3, unrestricted: the number of agents on the + side as the macrostate. The committor
rises from 0 to 1 with the majority; mixed populations decay to consensus at a rate that hardly depends on the lag. The
longest timescale does: consensus hardens while it lasts, since log-odds keep growing, which the macrostate cannot see.
The Chapman-Kolmogorov test says so.
"""

from pathlib import Path

from mcpolar.metastability import analyse, communicating_classes, count_transitions, scan_lags
from mcpolar.parameters import ChainParameters
from mcpolar.report.plots.metastability import draw_coarse, draw_graph
from mcpolar.report.plots.saving import save


def main(replicas: int = 4000, draws: int = 200, folder: Path = Path()) -> None:
    chain = ChainParameters(m=12, r=3, sigma="1")
    counts = count_transitions(
        chain, "random", "100*m", replicas=replicas, seed=2, every=4, lags=(2, 4, 8, 16, 32)
    )
    analysis = analyse(counts, 16, draws=draws)
    scan = scan_lags(counts, draws=draws)
    rate = analysis.decay_rate
    print(f"mixed populations decay at {rate.value:.4g} [{rate.low:.4g}, {rate.high:.4g}] a step")
    for i, state in enumerate(analysis.chain.states):
        committor, time = analysis.committor_plus, analysis.consensus_time
        print(
            f"  {state:2d} agents on the + side: consensus on + first with chance {committor.value[i]:.3f} "
            f"[{committor.low[i]:.3f}, {committor.high[i]:.3f}], mean time to one {time.value[i]:.1f} steps"
        )
    print("classes:", communicating_classes(analysis.chain.rates))
    for lag, times, contradicted in zip(scan.lags, scan.timescales.value, scan.is_contradicted, strict=True):
        print(
            f"  lag {lag}: timescales {times.round(1)}, states that contradict Markov: {contradicted.sum()}"
        )
    save(draw_coarse(counts, analysis, scan), folder / "coarse_graining.png")
    save(draw_graph(counts, analysis), folder / "coarse_graining_graph.png")


if __name__ == "__main__":
    main()
