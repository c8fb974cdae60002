"""`mcpolar agents figure|sketch`: the right panels of the paper's figures, and Figure 8, from a run's log."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mcpolar.checks import whole_number
from mcpolar.choices import TraceFigureName
from mcpolar.cli.agents.options import (
    READING,
    TraceOptions,
    default_embedding,
    documents_in,
    embedding_named,
    model_named,
)
from mcpolar.cli.destinations import Source
from mcpolar.cli.options import Flag, OptionalWhole, Quiet, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.errors import InputError
from mcpolar.files import require_destination, require_folder

if TYPE_CHECKING:
    from mcpolar.agents.answers import Embed
    from mcpolar.agents.run import Memories
    from mcpolar.agents.sketch import SketchComparison


def figure(
    name: TraceFigureName,
    *paths: Annotated[Path, Source()],
    reading: TraceOptions = READING,
    output_dir: Path = Path(),
) -> None:
    """Draw the right panel of one of the paper's figures: agents-NAME.csv, .json, .pdf and .png.

    fig2: the silo of every agent of the first run, and the sizes of silos, in time. fig3: the mean number of silos at
    the last step against the neighbourhood size. fig5: the silo of every agent in time, a panel for each mirror
    probability and neighbourhood size. fig6: the share of runs with one silo in time.

    Parameters
    ----------
    name
        fig2, fig3, fig5 or fig6; Figure 8 is `mcpolar agents sketch`.
    paths
        Files of runs, all of one format. fig3 and fig5 need logs of `mcpolar agents run`, or files that are named as
        the published ones (output2_5_0.csv, and its second half output2_5_0_2nd.csv).
    output_dir
        Folder for the files, made if it is not there.
    """
    from mcpolar.agents.figures import trace_figure
    from mcpolar.report.plots.agents import write_trace_figure

    trace = reading.read(list(paths))
    found = trace_figure(name, trace)
    _require_places(output_dir, name, paths)
    require_folder(output_dir)
    settings = {
        "files": [path.name for path in paths],
        "names": reading.names,
        "runs": len(trace.runs),
        "agents": len(trace.agents),
        "last_step": int(trace.steps[-1]),
    }
    _say(write_trace_figure(found, output_dir, settings))


def sketch(
    log: Annotated[Path, Source()],
    answers: Annotated[Path, Source()],
    *,
    step: OptionalWhole = None,
    questions: Annotated[Path | None, Source()] = None,
    components: Whole = 2,
    permutations: Whole = 9999,
    model: str = "smollm2",
    embedding: str | None = None,
    documents: Annotated[Path | None, Source()] = None,
    concurrency: Whole = 1,
    seed: Whole = 1,
    resume: Flag = False,
    output_dir: Path = Path(),
    quiet: Quiet = False,
    progress: Watched = "auto",
) -> None:
    """Draw Figure 8: ask every agent of a run many questions, before and after, and sketch it by a mixture.

    The run is replayed from its log. Answers are embedded, drawn in the plane of their principal components, and each
    agent's are fitted by a Gaussian mixture. How far silos lie apart is tested by permutations, for the first answers
    and for those after a step, with the silos of that step. Writes agents-fig8.csv, .json, .pdf and .png.

    Parameters
    ----------
    log
        Log of a run (`mcpolar agents run`).
    answers
        File of the answers to the questions (JSON lines), made or gone on with.
    step
        After which step. Default: the last; with one silo there is nothing to compare.
    questions
        Text file with one question a line. Default: sixteen about flowers.
    components
        Of every agent's mixture.
    permutations
        Relabellings of the test.
    model, embedding, documents
        As for `mcpolar agents run`, and those that the run was made with.
    concurrency
        Questions asked at the same time, for servers.
    seed
        Seed of the model's seeds and of the test.
    resume
        Go on with the answers that are there.
    output_dir
        Folder for the files, made if it is not there.
    """
    from mcpolar.agents.flowers import QUESTIONS
    from mcpolar.agents.questions import ask_agents, read_questions
    from mcpolar.agents.run import settings_of
    from mcpolar.agents.sketch import compare_sketches
    from mcpolar.report.plots.agents import write_sketch

    settings, header = settings_of(log)
    last = _step(step, settings.steps)
    asked = list(QUESTIONS) if questions is None else read_questions(questions)
    memories = documents_in(documents, settings.agents)
    _require_sketch(len(asked), components, permutations, concurrency, seed)
    _require_places(output_dir, "fig8", (log, answers))
    embed = embedding_named(default_embedding(model) if embedding is None else embedding)
    names, silos, moments = _moments(log, header, memories, last, embed)
    chosen = {"run": asdict(settings), "documents": header.get("documents_sha256"), "step": last}
    chosen |= {"model": Path(model).name, "embedding": embedding}
    with progress_bar("answers", 2 * settings.agents * len(asked), quiet=quiet, form=progress) as advance:
        kept: dict[str, Any] = {
            "log": answers,
            "settings": chosen,
            "resume": resume,
            "concurrency": concurrency,
        }
        ask = model_named(model, names).ask
        with _about(answers):
            points = ask_agents(moments, asked, ask=ask, embed=embed, seed=seed, progress=advance, **kept)
    more = {"components": components, "permutations": permutations}
    found = compare_sketches(points[0], points[1], silos, names, step=last, seed=seed, **more)
    _say(write_sketch(found, require_folder(output_dir), chosen | more | {"questions": asked}, seed))
    _print_tests(found)


def _step(given: int | None, last: int) -> int:
    return last if given is None else whole_number("step", given, 0, last, "the last of the run")


def _print_tests(found: SketchComparison) -> None:
    for label, test in found.tests.items():
        print(f"{label:6}  share between silos {test.share:6.3f}, p-value {test.p_value:.4g}")


def _require_sketch(
    n_questions: int, components: int, permutations: int, concurrency: int, seed: int
) -> None:
    """Refuse what a sketch would refuse, before questions are asked."""
    from mcpolar.agents.questions import check_asking
    from mcpolar.agents.sketch import check_sketch, require_clusters

    check_sketch(n_questions, components, permutations)
    check_asking(concurrency, seed)
    require_clusters()


@contextmanager
def _about(answers: Path) -> Iterator[None]:
    """Have the log of answers named as the command's argument is: its other log is that of the run."""
    try:
        yield
    except InputError as error:
        if error.name != "log":
            raise
        raise InputError("answers", str(answers), error.allowed) from None


def _moments(
    log: Path, header: Mapping[str, Any], documents: list[list[str]], last: int, embed: Embed
) -> tuple[tuple[str, ...], list[int], list[Memories]]:
    """Return the silos' names, the agents' silos after a step, and their memories before and after."""
    from mcpolar.agents.run import memories_at
    from mcpolar.agents.silos import Keywords

    names = header.get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError("log", str(log), "a log whose first line has the names of silos")
    moments = memories_at(log, documents, {0, last}, embed=embed)
    silos = Keywords(tuple(names))(moments[last][1]).tolist()
    if len(set(silos)) < 2:
        raise InputError("step", last, "one at which there are at least two silos, to be compared")
    return tuple(names), silos, [moments[0][0], moments[last][0]]


def _require_places(folder: Path, name: str, inputs: Sequence[Path]) -> None:
    from mcpolar.report.plots.agents import ENDINGS

    require_folder(folder, is_made=False)
    for ending in ENDINGS if folder.is_dir() else ():
        require_destination("output_dir", folder / f"agents-{name}{ending}", inputs=inputs)


def _say(paths: Sequence[Path]) -> None:
    print("wrote " + ", ".join(map(str, paths)), file=sys.stderr)
