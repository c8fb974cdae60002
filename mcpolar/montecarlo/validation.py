"""A bound beside an estimate of the probability that it bounds, and the verdict."""

from __future__ import annotations

from typing import Any

from mcpolar.chain import ChainState, Start
from mcpolar.checks import check_confidence, whole_number
from mcpolar.choices import Method, Variant
from mcpolar.compiled.compiling import Stopwatch
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.independent import Independent
from mcpolar.montecarlo.estimators.splitting import FEWEST_REPETITIONS, AnyCoordinate
from mcpolar.montecarlo.method import Choice
from mcpolar.montecarlo.mixture import compare_mixture
from mcpolar.montecarlo.mixture_paths import compare_paths
from mcpolar.montecarlo.sampler import Sampler, until_decided
from mcpolar.montecarlo.starting import chosen_start, describe, split_of
from mcpolar.montecarlo.targets import (
    inner_target_of,
    target_of,
)
from mcpolar.montecarlo.verdicts import is_above_ceiling, verdict_on
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.questions import MixtureKept, MixturePolarized, MixtureSilosKept
from mcpolar.results import Bound, Comparison, Estimate, Verdict
from mcpolar.rng import MOST_REPLICAS, Seed, read_seed
from mcpolar.statements import Statement, find_probability

FIRST_LOOK = 64  # replicas at the first look of a run that is watched; of splitting, FEWEST_REPETITIONS


def validate(
    statement: str | Statement,
    chain: ChainParameters,
    *,
    variant: Variant = "certified",
    start: Start | ChainState | str | None = None,
    method: Method = "auto",
    replicas: int = 10_000,
    budget: float | None = None,
    coordinate: AnyCoordinate | None = None,
    confidence: float = 0.999,
    seed: Seed = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    **at: Any,
) -> Comparison:
    """Bound a probability, estimate it by simulation, and compare.

    Parameters
    ----------
    statement : str
        The statement's name, such as "theorem2".
    chain : ChainParameters
        The chain; for a statement about another mixture the population: m agents with memory r, sigma and k.
    variant : {"certified", "paper"}
        The form of the bound.
    start : Start, ChainState or str, optional
        A start that the statement allows; it sets the statement's `split` where that is not given. A kind by name, such
        as "bipolar", takes the statement's level or log-odds. Default: the
        boundary of the level, where the bound is nearly attained (for permanence with all memory at 1/2 or at 3/2,
        whichever is left more often in a pilot run); undecided agents for statements about any state.
    method : {"auto", "crude", "conditional", "splitting", "tilting", "twisting"}
        "auto" takes the conditional estimator where the event confines every arrival; elsewhere a thousand replicas
        of their own tell whether the event (or its failure) is too rare to be counted, and splitting is taken then.
        For silo-persistence and permanence splitting, tilting (r = 1) and twisting (r up to 20) estimate the chance
        of failure; "auto" takes tilting or twisting for permanence.
    replicas : int
        Independent replicas; of splitting, paths in 40 repetitions together.
    budget : float, optional
        Seconds. If given, the run stops as soon as the verdict is certain at the confidence, at any number of
        replicas, or when the budget is spent.
    coordinate : str or callable, optional
        The reaction coordinate of splitting.
    confidence, seed, workers, progress
        As for :func:`mcpolar.montecarlo.crude`.
    **at
        The statement's own arguments, such as level and steps.

    Returns
    -------
    Comparison
        As from :func:`compare`.

    Raises
    ------
    InputError
        If the statement bounds no probability, the start is not one of the bound's, or a value is not allowed.

    Examples
    --------
    >>> chain = ChainParameters(m=30, r=5, sigma="0.3")
    >>> validate("theorem2", chain, level=1, steps=1021, replicas=500).verdict
    'validated'
    """
    found = statement if isinstance(statement, Statement) else find_probability(statement)
    return compare(
        bound_at(found, chain, at, variant, start),
        population=chain,
        start=start,
        method=method,
        replicas=replicas,
        budget=budget,
        coordinate=coordinate,
        confidence=confidence,
        seed=seed,
        workers=workers,
        progress=progress,
    )


def estimate(statement: str | Statement, chain: ChainParameters, **options: Any) -> Estimate:
    """Estimate the probability that a statement bounds: the estimate of :func:`validate`, whose arguments it takes.

    Examples
    --------
    >>> found = estimate("theorem2", ChainParameters(m=30, r=5, sigma="0.3"), level=1, steps=1021, replicas=500)
    >>> round(found.log10)
    -45
    """
    return validate(statement, chain, **options).estimate


def bound_at(
    statement: Statement,
    chain: ChainParameters,
    at: dict[str, Any],
    variant: Variant = "certified",
    start: Start | ChainState | str | None = None,
) -> Bound:
    """Return a statement's bound; a split that it leaves open is that of the start."""
    given = {name: value for name, value in at.items() if value is not None}
    unknown = [name for name in given if name not in statement.arguments]
    if unknown:
        raise InputError(unknown[0], given[unknown[0]], f"absent: {statement.command} does not use it")
    if start is not None and "split" in statement.arguments and "split" not in given:
        split = split_of(start, chain)
        given |= {} if split is None else {"split": split}
    population = {name: value for name, value in chain.as_dict().items() if value is not None}
    return statement.evaluate(population, given, variant)


def compare(
    bound: Bound,
    *,
    population: ChainParameters | None = None,
    start: Start | ChainState | str | None = None,
    method: Method = "auto",
    replicas: int = 10_000,
    budget: float | None = None,
    coordinate: AnyCoordinate | None = None,
    confidence: float = 0.999,
    seed: Seed = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Estimate the probability that a bound bounds, and compare.

    The chain, the starts and the event are those of `bound.question`.

    Parameters
    ----------
    bound : Bound
        From any statement about a probability.
    population : ChainParameters, optional
        For a statement about another mixture: m agents with memory r.
    start, method, replicas, budget, coordinate, confidence, seed, workers, progress
        As for :func:`validate`.

    Returns
    -------
    Comparison
        "validated" if the whole interval lies at or above a positive bound, "violated" if it lies below, else
        "consistent". A bound of 0 says nothing that could be validated. For a statement for all time a finite run can
        only refute: its verdict is at most "consistent".

    Raises
    ------
    InputError
        If the bound is about no event that is simulated, the start is not one of the bound's, or a value is not
        allowed.

    Examples
    --------
    >>> from mcpolar.bounds import theorem2
    >>> bound = theorem2(ChainParameters(m=30, r=5, sigma="0.3"), level=1, steps=100)
    >>> compare(bound, replicas=500).verdict
    'validated'
    """
    question, number = bound.question, read_seed(seed)
    if isinstance(question, MixtureKept | MixtureSilosKept | MixturePolarized):
        estimator = "conditional" if isinstance(question, MixtureKept) else "crude"
        if start is not None or budget is not None or method not in ("auto", estimator):
            allowed = f"auto or {estimator}, with no start and no budget, for {bound.statement}"
            raise InputError("method", method, allowed)
        common = {"replicas": replicas, "seed": number, "workers": workers, "progress": progress}
        return _of_mixture(bound, question, population, confidence=confidence, **common)
    whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    check_confidence(confidence)
    if question is None:
        raise InputError("statement", bound.statement, "a statement whose event is simulated")
    begin = chosen_start(question, start)
    target = target_of(question)
    chosen = Choice(
        question.chain,
        begin,
        target,
        inner_target_of(question),
        method,
        replicas,
        coordinate,
        number,
        workers,
        is_usual_start=start is None,
    )
    return _compare(bound, chosen, budget, confidence, progress)


def _of_mixture(
    bound: Bound,
    question: MixtureKept | MixtureSilosKept | MixturePolarized,
    population: ChainParameters | None,
    **options: Any,
) -> Comparison:
    """Compare a bound on a mixture of several components with the estimate of its event."""
    if not isinstance(question, MixtureKept):
        return compare_paths(bound, question, **options)
    if population is None:
        raise InputError("population", None, f"given for {bound.statement}: its m agents and memory r")
    return compare_mixture(bound, question, population, **options)


def _compare(
    bound: Bound,
    chosen: Choice,
    budget: float | None,
    confidence: float,
    progress: Progress | None,
) -> Comparison:
    clock = Stopwatch()
    chosen.require_start()
    sampler, event = chosen.sampler()
    is_smaller = event != chosen.target.sentence

    def verdict_of(estimate: Estimate) -> Verdict:
        found = verdict_on(bound, estimate)
        if isinstance(sampler, Independent) and chosen.is_usual_start and is_above_ceiling(bound, estimate):
            return "violated"
        # an event that lies in the statement's own may be less probable than the bound
        return "consistent" if is_smaller and found == "violated" else found

    at = {"simulated_steps": chosen.target.steps, "start": describe(chosen.start), "event": event}
    described = {**bound.parameters, **at}
    if budget is None:
        estimate = _estimate(chosen, sampler, confidence, progress)
        return Comparison(bound, estimate, verdict_of(estimate), described, clock.seconds)
    ended = until_decided(
        sampler,
        verdict_of,
        budget=budget,
        first_look=FEWEST_REPETITIONS if sampler.unit == "repetitions" else FIRST_LOOK,
        confidence=confidence,
        workers=chosen.workers,
        progress=progress,
    )
    described["stopped"] = ended.reason
    return Comparison(bound, ended.estimate, ended.verdict, described, clock.seconds)


def _estimate(chosen: Choice, sampler: Sampler, confidence: float, progress: Progress | None) -> Estimate:
    """Return the estimate; with "auto", of the estimator that trials with draws of their own found sound."""
    if chosen.method == "auto":
        sampler, count = chosen.after_trial(sampler)
    else:
        count = chosen.count_of(sampler)
    sampler.extend(count, workers=chosen.workers, progress=progress)
    return sampler.estimate(confidence)
