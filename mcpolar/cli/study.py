"""`mcpolar study`: all that is known of one population from one start, on one page."""

from __future__ import annotations

import json
from typing import Annotated

from mcpolar.cli.configuration import Config
from mcpolar.cli.destinations import Source
from mcpolar.cli.options import CHAIN, ChainOptions, Flag, OptionalWhole, Quiet, Text, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.solve import OUT, Outputs
from mcpolar.cli.starts import read_start

VIOLATED = 1


def study(
    *,
    chain: ChainOptions = CHAIN,
    start: Annotated[str, Source()] = "undecided",
    level: Whole = 1,
    split: OptionalWhole = None,
    steps: Text = "100*m",
    replicas: Whole = 2000,
    budget: float = 20.0,
    until_decided: Flag = False,
    confidence: float = 0.999,
    seed: Whole = 1,
    workers: OptionalWhole = None,
    progress: Watched = "auto",
    quiet: Quiet = False,
    config: Config = None,
    out: Outputs = OUT,
) -> int:
    """Answer the questions about one population: will it polarize, what stays, one silo or two, how sure is that.

    Proved and certified numbers stand beside simulated ones, each with its status, and every word is explained. The
    exit status is 1 if the simulation contradicts a certified number.

    Parameters
    ----------
    start
        random, polarized, bipolar, undecided, boundary, or a file of states.
    level
        What counts as polarized: log-odds of level/sigma^2. Decided starts have them.
    split
        Agents on the + side of a polarized or boundary start. Default: all.
    steps
        Single-agent steps that are simulated: a whole number, or an expression in m.
    replicas
        Most simulated runs.
    budget
        Seconds for the simulated runs.
    until_decided
        Stop as soon as it is certain of every event whether it is likelier than not.
    confidence
        Of each interval.
    seed
        With the number of runs it gives the same numbers again, whatever the workers.
    workers
        Threads. Default: all cores.
    """
    form, parameters = out.form(), chain.parameters()
    at = level if start in ("polarized", "bipolar", "boundary") else None
    begin = read_start(start, parameters, level=at, split=split)
    from mcpolar.answers import study as studied

    with progress_bar("study", replicas, quiet=quiet, form=progress) as advance:
        found = studied(
            parameters,
            begin,
            level=level,
            steps=steps,
            replicas=replicas,
            budget=budget,
            until_decided=until_decided,
            confidence=confidence,
            seed=seed,
            workers=workers,
            progress=advance,
        )
    from mcpolar.report.study import study_text
    from mcpolar.report.tables import put
    from mcpolar.report.terminal import has_colour

    if form == "json":
        text = json.dumps(found.to_dict(), ensure_ascii=False) + "\n"
    else:
        text = study_text(found, colour=out.output is None and has_colour())
    put(text, out.output)
    return VIOLATED if found.verdict == "violated" else 0
