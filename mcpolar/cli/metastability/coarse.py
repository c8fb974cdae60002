"""`mcpolar metastability coarse`: the chain of macrostates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcpolar.checks import check_confidence, whole_number
from mcpolar.choices import MacrostateKind, Resampling
from mcpolar.cli.lists import whole_values
from mcpolar.cli.metastability.options import ENSEMBLE, OUT, Ensembles, Outputs
from mcpolar.cli.options import CHAIN, ChainOptions, Flag, OptionalText, OptionalWhole, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.errors import InputError
from mcpolar.files import require_destination
from mcpolar.parameters import ChainParameters
from mcpolar.report import tables
from mcpolar.steps import Steps

if TYPE_CHECKING:
    from mcpolar.metastability import CoarseAnalysis, LagScan, TransitionCounts

USUAL_LAGS = (1, 2, 4, 8)


def coarse(
    *,
    chain: ChainOptions = CHAIN,
    ensemble: Ensembles = ENSEMBLE,
    macrostates: MacrostateKind = "plus",
    every: OptionalWhole = None,
    lags: OptionalText = None,
    lag: OptionalWhole = None,
    reversible: Flag = False,
    resampling: Resampling = "bootstrap",
    draws: Whole = 200,
    confidence: float = 0.95,
    out: Outputs = OUT,
) -> None:
    """Estimate the chain of macrostates: committor, passage times, quasi-stationary law, timescales, with error bars.

    Parameters
    ----------
    macrostates
        plus: the number of agents in the + silo. undecided: with the number of undecided agents, |l| < h/sigma^2.
    every
        Steps between two looks. Default: m.
    lags
        Lags in looks, as a list or range. Default: 1,2,4,8, as far as the steps allow.
    lag
        The lag, in looks, of the chain that is analysed. Default: the second one.
    reversible
        Impose detailed balance (needs the extra `metastability`).
    resampling
        Error bars by the bootstrap over replicas, or by the Dirichlet posterior of independent transitions.
    draws
        Resamples.
    confidence
        Of every interval, pointwise.
    """
    out.form()
    from mcpolar.metastability import analyse, scan_lags

    graph = None if out.plot is None else out.plot.with_stem(out.plot.stem + "-graph")
    require_destination("plot", graph, inputs=[out.output])
    parameters = chain.parameters()
    most = Steps.read(ensemble.steps, parameters.m).whole // (every or parameters.m)
    looks = _usual_lags(most) if lags is None else whole_values("lags", lags)
    _require(confidence, draws, resampling, reversible)
    if lag is not None and lag not in looks:
        raise InputError("lag", lag, "one of --lags: " + ", ".join(map(str, looks)))
    counts = _counted(parameters, ensemble, every=every, lags=looks, kind=macrostates)
    chosen = counts.lags[min(1, len(counts.lags) - 1)] if lag is None else lag * counts.every
    given: dict[str, Any] = {"reversible": reversible, "draws": draws, "confidence": confidence}
    analysis, scan = analyse(counts, chosen, resampling=resampling, **given), scan_lags(counts, **given)
    rows = _rows(counts, analysis)
    summary = {
        **_asked(parameters, ensemble, counts),
        "lag_steps": chosen,
        "reversible": reversible,
        "intervals": f"{resampling}, {draws} draws, {confidence:g} pointwise",
        **_findings(analysis, scan),
    }
    if out.plot is not None and graph is not None:
        from mcpolar.report.plots.metastability import draw_coarse, draw_graph

        out.draw(draw_coarse(counts, analysis, scan), summary)
        out.draw(draw_graph(counts, analysis), summary, graph)
    out.write("The coarse-grained chain", summary, rows)


def _usual_lags(most: int) -> list[int]:
    return [look for look in USUAL_LAGS if look <= max(most, 1)]


def _asked(chain: ChainParameters, ensemble: Ensembles, counts: TransitionCounts) -> dict[str, Any]:
    return {
        "parameters": chain.as_dict(),
        "start": ensemble.start,
        "steps": counts.steps,
        "replicas": counts.replicas,
        "seed": counts.seed,
    }


def _counted(chain: ChainParameters, ensemble: Ensembles, **looks: Any) -> TransitionCounts:
    from mcpolar.metastability import count_transitions

    with progress_bar(
        "transitions", ensemble.replicas, quiet=ensemble.quiet, form=ensemble.progress
    ) as advance:
        return count_transitions(
            chain,
            ensemble.begin(chain),
            ensemble.steps,
            replicas=ensemble.replicas,
            seed=ensemble.seed,
            level=ensemble.level,
            workers=ensemble.workers,
            progress=advance,
            **looks,
        )


def _rows(counts: TransitionCounts, analysis: CoarseAnalysis) -> list[tables.Row]:
    """Return a row for each macrostate."""
    names = counts.macrostates.labels()
    columns = ("committor_plus", "consensus_time", "quasi_stationary")
    return [
        {
            "macrostate": names[state],
            **{
                label: float(getattr(getattr(analysis, column), end)[i])
                for column in columns
                for end, label in (("value", column), ("low", f"{column}_low"), ("high", f"{column}_high"))
            },
        }
        for i, state in enumerate(analysis.chain.states)
    ]


def _findings(analysis: CoarseAnalysis, scan: LagScan) -> dict[str, Any]:
    return {
        "undefined": analysis.undefined,
        "decay_rate": _ends(analysis.decay_rate),
        "timescales_by_lag": {
            int(step): scan.timescales.value[i].tolist() for i, step in enumerate(scan.lags)
        },
        "chapman_kolmogorov_contradicted": {
            int(step): int(scan.is_contradicted[i].sum()) for i, step in enumerate(scan.lags)
        },
    }


def _require(confidence: float, draws: int, resampling: Resampling, is_reversible: bool) -> None:
    """Refuse what the analysis would refuse, before the work."""
    check_confidence(confidence)
    whole_number("draws", draws, 10, 100_000)
    if is_reversible and resampling != "bootstrap":
        raise InputError("resampling", resampling, "bootstrap for reversible chains")


def _ends(spread: Any) -> dict[str, float]:
    return {"value": float(spread.value), "low": float(spread.low), "high": float(spread.high)}
