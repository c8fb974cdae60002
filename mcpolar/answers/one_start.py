"""A study: all that is known of one population from one start, on one page."""

from __future__ import annotations

import math
from collections.abc import Callable

from mcpolar.answers.evidence import Evidence, Proofs, Setting
from mcpolar.answers.findings import Section, Study
from mcpolar.answers.passages import run_passages
from mcpolar.answers.sentences import lasting, legend, polarizing, setting, silos, summary, trust
from mcpolar.chain import ChainState, Ensemble, Start
from mcpolar.checks import check_confidence, whole_number
from mcpolar.compiled.compiling import Stopwatch
from mcpolar.errors import InputError
from mcpolar.exponents import log_odds_growth
from mcpolar.montecarlo.sampler import LONGEST_BUDGET
from mcpolar.montecarlo.starting import describe
from mcpolar.parameters import ChainParameters
from mcpolar.rng import MOST_REPLICAS
from mcpolar.steps import Steps

MOST_LEVEL = 1000
DEFAULT_REPLICAS, DEFAULT_BUDGET, DEFAULT_STEPS = 2000, 20.0, "100*m"


def study(
    chain: ChainParameters,
    start: Start | ChainState | str = "undecided",
    *,
    level: int = 1,
    steps: int | str | Steps = DEFAULT_STEPS,
    replicas: int = DEFAULT_REPLICAS,
    budget: float = DEFAULT_BUDGET,
    until_decided: bool = False,
    confidence: float = 0.999,
    seed: int = 1,
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Study:
    """Answer the questions of a user about one population: will it polarize, what stays, one silo or two, how sure.

    Parameters
    ----------
    chain : ChainParameters
        The population.
    start : Start, ChainState or str
        Where it starts; of a decided start given by name the level is `level`.
    level : int
        h: a population counts as polarized at log-odds of h/sigma^2.
    steps : int, str or Steps
        How long it is simulated, such as "100*m".
    replicas : int
        Most simulated runs.
    budget : float
        Seconds for them.
    until_decided : bool
        Stop as soon as it is certain of every event whether it is likelier than not.
    confidence : float
        Of each interval; they cover whenever the runs are stopped.
    seed : int
        With the number of runs it gives the same numbers again.
    workers : int, optional
        Threads; default all cores.
    progress : callable, optional
        Called with the number of runs done since its last call.

    Returns
    -------
    Study
        Sentences with their status, and the records that they are made from.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> found = study(ChainParameters(m=4, r=1, sigma="0.5"), "undecided", steps=200, replicas=64)
    >>> [section.title for section in found.sections][1:3]
    ['Will it polarize, and when?', 'What stays, and for how long?']
    """
    clock = Stopwatch()
    level = whole_number("level", level, 1, MOST_LEVEL)
    whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    check_confidence(confidence)
    if not isinstance(budget, int | float) or not 0 < budget <= LONGEST_BUDGET:
        raise InputError("budget", budget, f"a number of seconds above 0, at most {LONGEST_BUDGET:.0e}")
    horizon = Steps.read(steps, chain.m).whole
    if horizon < 1:
        raise InputError("steps", horizon, "a whole number >= 1, so that something is simulated")
    begin = Ensemble.of(chain, _at_level(start, level), seed).start
    asked = Setting.of(chain, begin, level, horizon)
    passages = run_passages(
        chain,
        begin,
        horizon,
        level=level,
        replicas=replicas,
        budget=budget,
        until_decided=until_decided,
        confidence=confidence,
        seed=seed,
        workers=workers,
        progress=progress,
    )
    growth = log_odds_growth(chain.r, chain.sigma, confidence=float(confidence), seed=seed)
    found = Evidence(asked, Proofs.of(asked), passages, growth, budget)
    return _told(found, clock.seconds)


def _at_level(start: Start | ChainState | str, level: int) -> Start | ChainState | str:
    """Return a start that was given by name, or without a level, at the level that is asked about."""
    if isinstance(start, str) and start in ("polarized", "bipolar", "boundary"):
        return Start(start, level=level)  # type: ignore[arg-type]  # it is one of its kinds
    if isinstance(start, Start) and start.is_decided and start.level is None and start.log_odds is None:
        return Start(start.kind, level=level, split=start.split, placement=start.placement)
    return start


def _told(found: Evidence, seconds: float) -> Study:
    """Make the page of what was found."""
    asked = found.setting
    sections = [
        Section("What was asked", tuple(setting(asked))),
        polarizing(found),
        lasting(found),
        silos(found),
    ]
    n_intervals = sum(one.status == "estimated" for section in sections for one in section.findings)
    parameters = {
        **asked.chain.as_dict(),
        "start": describe(asked.start),
        "level": asked.level,
        "steps": asked.steps,
        "split": asked.split,
    }
    return Study(
        parameters=parameters,
        legend=legend(found.passages.confidence),
        summary=summary(found),
        sections=(*sections, trust(found, n_intervals)),
        bounds=found.proofs.bounds,
        passages=found.passages,
        growth=found.growth,
        confidence=found.passages.confidence,
        verdict=found.verdict,
        seconds=math.ceil(10 * seconds) / 10,
    )
