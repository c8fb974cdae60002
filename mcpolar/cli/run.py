"""`mcpolar run STORE`: a grid of ensembles, block by block, in a store that survives."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mcpolar.chain import ChainState, Start
from mcpolar.cli.configuration import Config
from mcpolar.cli.destinations import Destination, Source
from mcpolar.cli.lists import values, whole_values
from mcpolar.cli.options import OptionalText, OptionalWhole, Quiet, Text, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.starts import read_start
from mcpolar.errors import InputError, ResourceError
from mcpolar.limits import require_cells
from mcpolar.parameters import ChainParameters
from mcpolar.runs import Cell, RunPlan, write_results
from mcpolar.runs import run as execute
from mcpolar.runs.plan import DEFAULT_BLOCK
from mcpolar.runs.table import ENDINGS


def run(
    store: Annotated[Path, Source()],
    *,
    agents: Annotated[Text, Parameter(name=["--agents", "-m"])] = "30",
    memory: Annotated[Text, Parameter(name=["--memory", "-r"])] = "5",
    sigma: Text = "0.3",
    neighbours: Annotated[OptionalText, Parameter(name=["--neighbours", "-k"])] = None,
    mirror: OptionalText = None,
    start: Annotated[str, Source()] = "undecided",
    start_level: OptionalText = None,
    split: OptionalWhole = None,
    steps: Text = "200*m",
    level: Text = "1",
    every: OptionalWhole = None,
    replicas: Whole = 1000,
    block: Whole = DEFAULT_BLOCK,
    seed: Whole = 1,
    workers: OptionalWhole = None,
    scheduler: str | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    progress: Watched = "auto",
    quiet: Quiet = False,
    config: Config = None,
    output: Annotated[Path | None, Destination(ENDINGS)] = None,
) -> None:
    """Run a grid of ensembles and keep every finished block in a store.

    Whatever ends the process, finished blocks are kept, and the same command with --resume goes on. With --resume a
    run can also be made larger: more replicas, more cells, more steps; what is there is not computed again. The
    results do not depend on workers, on the block size, on interruptions or on what else is in the store: bit for bit.
    Lists a,b,c and ranges a:b:step make the grid.

    Parameters
    ----------
    store
        The SQLite file of the run.
    agents
        Numbers of agents m.
    memory
        Memory sizes r.
    sigma
        Component standard deviations.
    neighbours
        Neighbourhood sizes k. Absent: unrestricted.
    mirror
        Probabilities that an agent is its own sender. Absent: it is one of the candidates.
    start
        random, polarized, bipolar, undecided, boundary, or a file of states.
    start_level
        Level of a polarized, bipolar or boundary start. Default 1.
    split
        Agents on the + side of a polarized or boundary start. Default: all.
    steps
        Single-agent steps: a whole number, or an expression in m.
    level
        Level h whose event E_h is observed.
    every
        Observe first passages every so many steps. Default: m.
    replicas
        Replicas of each cell.
    block
        Replicas computed and stored together.
    seed
        Seed of every draw.
    workers
        Threads; with a scheduler, the most blocks in flight. Default: all cores.
    scheduler
        Address of a dask.distributed scheduler, such as tcp://host:8786, or `local` for a cluster on this machine.
    resume
        Go on with the run in the store, or make it larger.
    output
        Also write the results of this grid: .csv, .parquet or .nc.
    """
    axes = (
        whole_values("m", agents),
        whole_values("r", memory),
        values("sigma", sigma),
        whole_values("k", neighbours) if neighbours is not None else [None],
        values("mirror", mirror) if mirror is not None else [None],
    )
    require_cells("agents", map(len, axes))
    cells = []
    for m, r, deviation, k, p in itertools.product(*axes):
        parameters = ChainParameters(m, r, deviation, k, p)
        begin = _start(start, parameters, start_level, split)
        cells.append(Cell(parameters, begin, steps, level=level, every=every))
    plan = RunPlan(cells, replicas, seed, block)
    with (
        _cluster(scheduler, workers) as address,
        progress_bar("agent-updates", plan.n_steps, quiet=quiet, form=progress) as advance,
    ):
        done = execute(plan, store, workers=workers, resume=resume, scheduler=address, progress=advance)
    if output is not None:
        write_results(store, output, plan)
    if done.damaged:
        print(f"mcpolar: {store}: {done.damaged} damaged blocks were computed anew", file=sys.stderr)
    print(
        f"{store}: {len(plan.cells)} cells, {replicas} replicas each; {done.computed} blocks computed, "
        f"{done.found} found, {done.seconds:.1f} s"
    )


@contextmanager
def _cluster(scheduler: str | None, workers: int | None) -> Iterator[str | None]:
    """Give the scheduler's address; `local` starts a cluster of single-threaded processes on this machine."""
    if scheduler != "local":
        yield scheduler
        return
    try:
        from distributed import LocalCluster
    except ImportError as error:
        raise ResourceError(
            "--scheduler needs the extra `distributed`: pip install 'mcpolar[distributed]'"
        ) from error
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def _start(given: str, chain: ChainParameters, level: str | None, split: int | None) -> Start | ChainState:
    """Return the start; its level has another option here, since --level is the level of the event."""
    try:
        return read_start(given, chain, level=level, split=split)
    except InputError as error:
        if error.name == "level":
            raise InputError("start_level", error.value, error.allowed) from None
        raise
