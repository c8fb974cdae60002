"""`mcpolar experiment NAME`: the paper's experiments, to CSV, JSON, PDF and PNG."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from mcpolar.choices import CovarianceUpdate, Schedule, Ties
from mcpolar.cli.lists import values, whole_values
from mcpolar.cli.options import Flag, OptionalText, OptionalWhole, Quiet, Text, Watched, Whole, read_whole
from mcpolar.cli.progress import progress_bar
from mcpolar.errors import InputError
from mcpolar.files import require_destination, require_folder


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ExperimentSettings:
    """What may be changed in an experiment; absent: as in the paper. An experiment refuses what it does not have."""

    agents: Annotated[int | None, Parameter(name=["--agents", "-m"], converter=read_whole)] = None
    """Number of agents, and of components."""
    memory: Annotated[int | None, Parameter(name=["--memory", "-r"], converter=read_whole)] = None
    """Memory size of each agent (the RAG of the paper)."""
    sigma: OptionalText = None
    """Component standard deviation; a list in fig1."""
    mirror: OptionalText = None
    """Probability that an agent asks itself; a list in fig4."""
    neighbours: Annotated[str | None, Parameter(name=["--neighbours", "-k"], allow_leading_hyphen=True)] = (
        None
    )
    """Neighbourhood size; a list or range such as 1:29 in fig3 and fig4. Default of the others: all agents."""
    distance: OptionalText = None
    """Distances of neighbouring means, a list or range such as 0.5:6:0.25 (fig7)."""
    steps: OptionalWhole = None
    """Time steps, each one update of every agent."""
    ties: Ties | None = None
    """Which of equally near agents count as nearest. Default: random."""
    schedule: Schedule | None = None
    """All agents at once from the state before, or n updates of one random agent a step. Default: synchronous."""
    policy: str | None = None
    """Memory policy: farthest, first-in-first-out, last-in-first-out, retrieved (nearest), least-recently-matched or
    importance. Default: farthest."""
    covariance_update: CovarianceUpdate | None = None
    """What updates do to the covariances (fig10): published adds 1e-12 to each component's total responsibility, so
    that a component with less goes to the floor; em is the exact M-step, which keeps it; volume rescales the exact one
    to the initial determinant. Default there: published."""
    sd_floor: OptionalText = None
    """Smallest standard deviation (fig10). Default there: 0.01."""
    points: OptionalWhole = None
    """Points of each curve (fig1)."""

    def given(self) -> dict[str, Any]:
        """Return what the user gave, read as numbers and lists."""
        found = {name: value for name, value in vars(self).items() if value is not None}
        for name in ("sigma", "mirror", "distance"):
            if name in found:
                found[name] = [float(number) for number in values(name, found[name])]
        if "neighbours" in found:
            found["neighbours"] = whole_values("neighbours", found["neighbours"])
        if "sd_floor" in found:
            found["sd_floor"] = _single("sd_floor", found["sd_floor"])
        return found


SETTINGS = ExperimentSettings()


def experiment(
    name: str,
    *,
    settings: ExperimentSettings = SETTINGS,
    replicas: OptionalWhole = None,
    seed: Whole = 1,
    weight_floor: OptionalText = None,
    workers: OptionalWhole = None,
    output_dir: Path = Path(),
    resume: Flag = False,
    progress: Watched = "auto",
    quiet: Quiet = False,
) -> None:
    """Run one of the paper's experiments and write NAME.csv, NAME.json, NAME.pdf and NAME.png.

    fig1 posterior against x; fig2 silos in time; fig3 silos against the neighbourhood; fig4 silos in time by mirror
    probability and neighbourhood; fig6 share of replicates with one silo; fig7-line, fig7-circle and fig7-simplex time
    to one silo against the distance of the means; fig10 silos in time with updated covariances.

    Every setting defaults to the paper's. The same seed and settings give the same CSV, byte by byte, for any number
    of workers.

    Parameters
    ----------
    name
        fig1, fig2, fig3, fig4, fig6, fig7-line, fig7-circle, fig7-simplex or fig10.
    replicas
        Independent replicates of each cell. Default: 50, and 1 for the figures that show every agent.
    seed
        Seed of every draw.
    weight_floor
        Weights are clipped to [floor, 1 - floor] around each EM step; 0: exact. Default: 1e-12, as published.
    workers
        Threads. Default: all cores.
    output_dir
        Folder for the files, made if it is not there; .NAME.sqlite in it keeps what is finished until all is.
    resume
        Go on from what an interrupted run finished, with the same seed; cells and replicas may be more, or others.
    """
    from mcpolar.experiments import experiment_store, n_replicas, run_experiment
    from mcpolar.report.plots.experiments import write_experiment
    from mcpolar.report.plots.style import require_matplotlib
    from mcpolar.rng import philox_key

    given = settings.given()
    if replicas is not None:
        given["replicas"] = replicas
    if weight_floor is not None:
        given["weight_floor"] = _single("weight_floor", weight_floor)
    total = n_replicas(name, **given)
    philox_key(seed)
    require_matplotlib()
    require_folder(output_dir)
    for ending in (".csv", ".json", ".pdf", ".png"):
        require_destination("output_dir", output_dir / f"{name}{ending}")
    with ExitStack() as stack:
        kept = None
        if total:
            path = output_dir / f".{name}.sqlite"
            with _named_for("output_dir"):
                kept = stack.enter_context(experiment_store(path, name, seed=seed, resume=resume))
        with progress_bar(f"{name}, replicates", total, quiet=quiet, form=progress) as advance:
            result = run_experiment(name, seed=seed, workers=workers, store=kept, progress=advance, **given)
        paths = write_experiment(result, output_dir)
        if kept is not None:
            kept.remove()
    print("wrote " + ", ".join(map(str, paths)), file=sys.stderr)


@contextmanager
def _named_for(option: str) -> Iterator[None]:
    """Speak of the option that leads to the store."""
    try:
        yield
    except InputError as error:
        allowed = error.allowed
        if allowed.startswith("a new file"):
            allowed = "a folder without an unfinished run of this experiment, or given with --resume"
        raise InputError(option, error.value, allowed) from None


def _single(name: str, text: Text) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(name, text, "a number") from None
