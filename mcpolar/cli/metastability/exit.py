"""`mcpolar metastability exit`: survival curves of first passage times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.checks import check_confidence, whole_number
from mcpolar.choices import PassageName
from mcpolar.cli.metastability.options import ENSEMBLE, OUT, Ensembles, Outputs
from mcpolar.cli.options import CHAIN, ChainOptions, OptionalWhole
from mcpolar.cli.progress import progress_bar
from mcpolar.parameters import ChainParameters
from mcpolar.questions import keeps_silos
from mcpolar.statements import find, probability_statements
from mcpolar.steps import Steps

if TYPE_CHECKING:
    from mcpolar.metastability import PassageTimes, SurvivalCurve
    from mcpolar.report import tables

SHOWN_STEPS = 24


def exit_(
    *,
    chain: ChainOptions = CHAIN,
    ensemble: Ensembles = ENSEMBLE,
    event: PassageName = "silo-left",
    after: OptionalWhole = None,
    confidence: float = 0.95,
    out: Outputs = OUT,
) -> None:
    """Estimate when an event first comes: survival curve, restricted mean, exponential tail.

    silo-left: an agent changes its silo; beside its curve stand the certified bounds silo-persistence and permanence,
    where the start is decided. consensus: all agents share one silo. polarized: E_h holds. What did not come by the
    last step is censored.

    Parameters
    ----------
    event
        What is waited for.
    after
        Step after which an exponential law is fitted. Default: a quarter of the steps.
    confidence
        Of the curve's band (for the whole curve) and of the intervals.
    """
    out.form()
    from mcpolar.metastability import survival_curve

    parameters = chain.parameters()
    _require(confidence, after, ensemble, parameters)
    found = _passages(parameters, ensemble)
    times = found.of(event)
    curve = survival_curve(*times, confidence=confidence)
    asked = (
        np.unique(np.geomspace(1, curve.last, SHOWN_STEPS).astype(np.int64))
        if curve.last
        else np.zeros(1, np.int64)
    )
    bounds = _bounds(parameters, ensemble, asked) if event == "silo-left" else {}
    rows = _rows(curve, asked, bounds)
    summary = _summary(event, found, curve, ensemble) | _lasting(times, curve, after)
    if event == "consensus":
        summary["consensus_plus"] = int((found.consensus_side == 1).sum())
    if out.plot is not None:
        from mcpolar.report.plots.metastability import draw_survival

        text = {
            "silo-left": "no agent left its silo",
            "consensus": "no consensus yet",
            "polarized": "not yet in E_h",
        }
        drawn = {in_words(name): (asked.astype(np.float64), bound) for name, bound in bounds.items()}
        out.draw(draw_survival(curve, event=text[event], bounds=drawn), summary)
    out.write(f"First time of {event}", summary, rows)


def _passages(chain: ChainParameters, ensemble: Ensembles) -> PassageTimes:
    from mcpolar.metastability import passage_times

    with progress_bar(
        "exit times", ensemble.replicas, quiet=ensemble.quiet, form=ensemble.progress
    ) as advance:
        return passage_times(
            chain,
            ensemble.begin(chain),
            ensemble.steps,
            replicas=ensemble.replicas,
            seed=ensemble.seed,
            level=ensemble.level,
            workers=ensemble.workers,
            progress=advance,
        )


def _rows(
    curve: SurvivalCurve, steps: NDArray[np.int64], bounds: dict[str, NDArray[np.float64]]
) -> list[tables.Row]:
    """Return the curve at some steps, with the bounds beside it."""
    at = np.searchsorted(curve.steps, steps, side="right") - 1
    return [
        {
            "step": int(step),
            "survival": float(curve.survival[i]),
            "low": float(curve.low[i]),
            "high": float(curve.high[i]),
            **{name: float(bound[number]) for name, bound in bounds.items()},
        }
        for number, (step, i) in enumerate(zip(steps, at, strict=True))
    ]


def _summary(event: str, found: PassageTimes, curve: SurvivalCurve, ensemble: Ensembles) -> dict[str, Any]:
    return {
        "event": event,
        "parameters": found.parameters.as_dict(),
        "start": ensemble.start,
        "steps": found.steps,
        "replicas": ensemble.replicas,
        "seed": ensemble.seed,
        "observed": curve.n_observed,
        "median_step": curve.median,
        "band": f"{curve.band}, {curve.confidence:g} for the whole curve",
    }


def _lasting(times: tuple[Any, Any], curve: SurvivalCurve, after: int | None) -> dict[str, Any]:
    """Return the restricted mean and the exponential law from step `after` on, where there are steps for them."""
    from mcpolar.metastability import exponential_tail, restricted_mean

    last, confidence = max(curve.last, 1), curve.confidence
    mean = restricted_mean(*times, last, confidence=confidence) if curve.last else None
    begin = curve.last // 4 if after is None else after
    tail = exponential_tail(*times, begin, confidence=confidence) if begin < curve.last else None
    return {
        "restricted_mean": None if mean is None else vars(mean),
        "exponential_tail": None if tail is None else vars(tail),
    }


def _require(confidence: float, after: int | None, ensemble: Ensembles, chain: ChainParameters) -> None:
    """Refuse what the analysis would refuse, before the work."""
    check_confidence(confidence)
    if after is not None:
        whole_number("after", after, 0, Steps.read(ensemble.steps, chain.m).whole - 1, "steps - 1")


def in_words(name: str) -> str:
    """Return what a certified bound is, for a picture's legend.

    Examples
    --------
    >>> in_words("permanence")
    'certified lower bound, for all time'
    >>> in_words("silo_persistence")
    'certified lower bound, step by step'
    """
    needs_steps = find(name).arguments.get("steps", False)
    return "certified lower bound, " + ("step by step" if needs_steps else "for all time")


def _bounds(
    chain: ChainParameters, ensemble: Ensembles, steps: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    """Return the certified lower bounds on keeping all silos, where they speak of the start."""
    if ensemble.start not in ("polarized", "bipolar", "boundary") or not ensemble.level.isdigit():
        return {}
    split = chain.m // 2 if ensemble.start == "bipolar" else ensemble.split
    at = {"level": int(ensemble.level), "split": split}
    population = {name: value for name, value in chain.as_dict().items() if value is not None}
    found = {}
    for statement in probability_statements():
        if set(at) <= set(statement.arguments):
            horizons = [{"steps": int(t)} for t in steps] if statement.arguments.get("steps") else [{}]
            bounds = [statement.evaluate(population, at | horizon) for horizon in horizons[:1]]
            if not keeps_silos(bounds[0].question):
                continue
            bounds += [statement.evaluate(population, at | horizon) for horizon in horizons[1:]]
            values = np.array([float(bound.lower(17)) for bound in bounds])
            found[statement.name] = np.broadcast_to(values, len(steps)).copy()
    return found
