"""`mcpolar compare FILE…`: runs beside mixtures, and the mixture that comes nearest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from mcpolar.checks import whole_number
from mcpolar.choices import FitMethod, Schedule
from mcpolar.cli.agents.options import READING, TraceOptions
from mcpolar.cli.destinations import Source
from mcpolar.cli.lists import values, whole_values
from mcpolar.cli.options import Flag, OptionalText, OutputOptions, Quiet, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.errors import InputError

if TYPE_CHECKING:
    from mcpolar.agents.compare import Fit, SearchSpace
    from mcpolar.agents.traces import Trace
    from mcpolar.choices import ProgressForm

OUT = OutputOptions()


def compare(
    *paths: Annotated[Path, Source()],
    reading: TraceOptions = READING,
    fit: Flag = False,
    method: FitMethod = "distance",
    sigma: OptionalText = None,
    memory: Annotated[str, Parameter(name=["--memory", "-r"])] = "1",
    mirror: str = "0",
    neighbours: Annotated[str | None, Parameter(name=["--neighbours", "-k"])] = None,
    schedule: Schedule = "synchronous",
    policy: str = "farthest",
    replicas: Whole = 200,
    designs: Whole = 64,
    seed: Whole = 1,
    out: OutputOptions = OUT,
    quiet: Quiet = False,
    progress: Watched = "auto",
) -> None:
    """Compare the number of silos of runs in time with that of mixtures on the line.

    The distance is the root mean square of the difference of the logarithms of mean numbers of silos; the p-value says
    how unusual the runs would be if the mixture were their law. A small one means: this mixture does not describe them.

    Parameters
    ----------
    paths
        Files of runs, all of one format.
    fit
        Search the nearest mixture: sigma in a range low:high, the others in lists.
    method
        Of the fit: distance (the smallest, of a Sobol design) or abc (a posterior, by pyABC; extra `fit`).
    sigma
        Component standard deviation; with --fit a range. Default 0.2, or 0.05:2.
    memory
        Memory size; with --fit a list.
    mirror
        Probability that an agent asks itself; with --fit a list.
    neighbours
        Neighbourhood size; with --fit a list. Absent: all agents.
    schedule, policy
        Of the mixture.
    replicas
        Replicas of the mixture.
    designs
        Mixtures that a fit tries, a power of two; with abc those of each of five populations.
    seed
        Seed of every draw.
    """
    from mcpolar.agents.compare import MOST_DESIGNS, compare_with_mixture
    from mcpolar.mixture import Covariances, MixtureParameters
    from mcpolar.report import tables

    form = out.form()
    whole_number("designs", designs, 2, MOST_DESIGNS)
    further: dict[str, Any] = {"schedule": schedule, "policy": policy}
    whole = whole_values("memory", memory)
    chances = [float(value) for value in values("mirror", mirror)]
    near = [None] if neighbours is None else whole_values("neighbours", neighbours)
    trace = reading.read(list(paths))
    notes = []
    if fit:
        space = _space(sigma, whole, chances, near)
        found = _fitted(
            trace, space, further, method=method, designs=designs, seed=seed, quiet=quiet, progress=progress
        )
        comparison = found.comparison
        notes += _fit_notes(found)
    else:
        _require_single(whole, chances, near)
        n = len(trace.agents)
        spherical = Covariances.spherical(_single("sigma", sigma or "0.2"))
        mixture = MixtureParameters(
            n=n, means=range(n), covariances=spherical, r=whole[0], mirror=chances[0], k=near[0], **further
        )
        comparison = compare_with_mixture(trace, mixture, replicas=replicas, seed=seed)
    notes.append(_verdict(comparison))
    rows = comparison.to_frame().to_dict("records")
    tables.write(rows, form, out.output, title="Mean number of silos", notes=notes)


def _require_single(*lists: Any) -> None:
    if any(len(one) > 1 for one in lists):
        raise InputError("fit", "lists of values", "given to search among several mixtures")


def _verdict(comparison: Any) -> str:
    low, high = comparison.interval
    return (
        f"distance {comparison.distance:.3f}; p-value {comparison.p_value:.4f} (99 %: {low:.4f} to {high:.4f}): "
        + ("the mixture does not describe the runs" if high < 0.01 else "no contradiction at 1 %")
    )


def _single(name: str, text: str) -> float:
    found = values(name, text)
    if len(found) > 1:
        raise InputError(name, text, "one number without --fit")
    return float(found[0])


def _fitted(
    trace: Trace,
    space: SearchSpace,
    further: Mapping[str, Any],
    *,
    method: FitMethod,
    designs: int,
    seed: int,
    quiet: bool,
    progress: ProgressForm,
) -> Fit:
    from mcpolar.agents.compare import fit_mixture
    from mcpolar.agents.posterior import require_pyabc, sample_posterior

    if method == "distance":
        with progress_bar("mixtures", designs, quiet=quiet, form=progress) as advance:
            return fit_mixture(trace, space, designs=designs, seed=seed, progress=advance, **further)
    require_pyabc()
    with progress_bar("mixtures", None, quiet=quiet, form=progress) as advance:
        found = sample_posterior(
            trace, space, particles=designs, simulations=20 * designs, seed=seed, progress=advance, **further
        )
    return found.fit


def _fit_notes(found: Fit) -> list[str]:
    values = ", ".join(f"{name} {value:.4g}" for name, value in found.parameters.items())
    errors = ", ".join(f"{name} {value:.2g}" for name, value in found.errors.items())
    return [
        f"nearest mixture: {values}; {found.evaluations} tried",
        f"errors: {errors} (of sigma a standard deviation, of the others how often the value is the best)",
    ]


def _space(sigma: str | None, memory: Any, mirror: Any, near: Any) -> SearchSpace:
    from mcpolar.agents.compare import SearchSpace

    text = sigma or "0.05:2"
    ends = text.split(":")
    try:
        low, high = (float(end) for end in ends)
    except ValueError:
        raise InputError("sigma", text, "a range low:high with --fit") from None
    return SearchSpace((low, high), tuple(memory), tuple(mirror), tuple(near))
