"""`mcpolar simulate`: run an ensemble of the chain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mcpolar.chain import ChainState
from mcpolar.checks import whole_number
from mcpolar.choices import Format
from mcpolar.cli.destinations import STATES, Destination, Source
from mcpolar.cli.options import CHAIN, ChainOptions, OptionalText, OptionalWhole, Quiet, Text, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.starts import read_start
from mcpolar.rng import MOST_REPLICAS
from mcpolar.steps import Steps

STARTS = "random, polarized, bipolar, undecided, boundary, or a file of states"


def simulate(
    *,
    chain: ChainOptions = CHAIN,
    start: Annotated[str, Source()] = "undecided",
    level: OptionalText = None,
    log_odds: OptionalText = None,
    split: OptionalWhole = None,
    replicas: Whole = 100,
    steps: Text = "200*m",
    every: OptionalWhole = None,
    memory_records: Annotated[bool, Parameter(negative="")] = False,
    replica: OptionalWhole = None,
    seed: Whole = 1,
    workers: OptionalWhole = None,
    output: Annotated[Path | None, Destination(STATES)] = None,
    format: Format = "text",
    progress: Watched = "auto",
    quiet: Quiet = False,
) -> None:
    """Run an ensemble of the chain and report or store its trajectories.

    The same seed and parameters give the same bits for any number of workers. Without --output a summary of the
    recorded steps is printed; with it the trajectories are written whole or not at all.

    Parameters
    ----------
    start
        random, polarized, bipolar, undecided, boundary, or a file of states (.npz, .nc, .zarr).
    level
        Level h of a polarized, bipolar or boundary start. Default 1.
    log_odds
        Own-side log-odds of such a start, in place of the level.
    split
        Agents on the + side of a polarized or boundary start. Default: all.
    replicas
        Independent replicas.
    steps
        Single-agent steps: a whole number, or an expression in m such as 10*m*log(m).
    every
        Record every so many steps. Default: a twentieth of the steps.
    memory_records
        Record the memories too.
    replica
        Run this one replica alone, the same as in the ensemble.
    seed
        Seed of every draw.
    workers
        Threads. Default: all cores.
    output
        File for the trajectories: .nc, .zarr or .npz.
    format
        Form of the summary.
    """
    from mcpolar.chain import simulate as run
    from mcpolar.chain.summary import summary
    from mcpolar.report import tables

    parameters = chain.parameters()
    whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    if replica is not None:
        replicas = 1
    begin = read_start(start, parameters, level=level, log_odds=log_odds, split=split)
    if isinstance(begin, ChainState):
        _warn_of_the_same_draws(seed)
    horizon = Steps.read(steps, parameters.m).whole
    with progress_bar("agent-updates", replicas * horizon, quiet=quiet, form=progress) as advance:
        trajectory = run(
            parameters,
            begin,
            horizon,
            seed=seed,
            replicas=replicas,
            first_replica=replica or 0,
            every=every if every is not None else max(1, horizon // 20),
            memory=memory_records,
            workers=workers,
            progress=advance,
        )
    if output is not None:
        trajectory.to_file(output)
    title = f"{replicas} replicas of the chain from {start}"
    notes = [f"parameters: {tables.spoken(parameters.as_dict())}", f"seed: {seed}"]
    tables.write(summary(trajectory), format, None, title=title, notes=notes)


def _warn_of_the_same_draws(seed: int) -> None:
    print(
        f"mcpolar: the draws are those of --seed {seed} from step 0 on: a run that made this file with the same "
        "seed would be repeated, not continued",
        file=sys.stderr,
    )
