"""`mcpolar agents run|read|measures|doctor`: interacting language models, and traces of runs made elsewhere."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from mcpolar.choices import MemoryPolicy, Schedule
from mcpolar.cli.destinations import Destination, Source
from mcpolar.cli.help import epilogue
from mcpolar.cli.options import Flag, OutputOptions, Quiet, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.errors import InputError, ResourceError

if TYPE_CHECKING:
    from mcpolar.agents.answers import Answer, Embed
    from mcpolar.agents.silos import Keywords
    from mcpolar.agents.traces import Trace

app = App(
    name="agents",
    help="Run interacting language models, or read runs of others.",
    help_format="plaintext",
    help_epilogue=epilogue("agents"),
)
OUT = OutputOptions()
LARGEST_DOCUMENTS = 16 * 2**20


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TraceOptions:
    """How files of runs are read."""

    file_format: str | None = None
    """log, published, csv, jsonl, parquet, concordia, mesa-llm, inspect or oasis. Default: told by the file."""
    names: str | None = None
    """Names of silos, separated by commas; an answer's silo is the name that it holds first. "flowers": the thirty of
    the paper's experiment. Absent: an answer is the name of its silo, as in tables of labels."""
    columns: str = "run,step,agent,text"
    """Names of a table's columns for the run, the step, the agent and the text."""

    def read(self, paths: list[Path]) -> Trace:
        """Return the trace of the files."""
        from mcpolar.agents.adapters import Columns, read_trace

        columns = [name.strip() for name in self.columns.split(",")]
        if len(columns) != 4 or not all(columns):
            raise InputError("columns", self.columns, "four names: run,step,agent,text")
        classify = None if self.names is None else keywords(self.names)
        return read_trace(list(paths), classify, format=self.file_format, columns=Columns(*columns))


READING = TraceOptions()


@app.command(help_epilogue=epilogue("agents run"))
def run(
    log: Annotated[Path, Source()],
    *,
    agents: Annotated[Whole, Parameter(name=["--agents", "-m"])] = 8,
    steps: Whole = 15,
    model: str = "smollm2",
    embedding: str | None = None,
    neighbours: Annotated[int | None, Parameter(name=["--neighbours", "-k"])] = None,
    mirror: float = 0.0,
    policy: MemoryPolicy = "retrieved",
    schedule: Schedule = "synchronous",
    documents: Annotated[Path | None, Source()] = None,
    names: str = "flowers",
    concurrency: Whole = 1,
    seed: Whole = 1,
    resume: Flag = False,
    quiet: Quiet = False,
    progress: Watched = "auto",
) -> None:
    """Let language models with retrieval memories exchange answers.

    Every answer is in the log before it is used. A run that was killed goes on with --resume, to the same choices.

    Parameters
    ----------
    log
        File of the run (JSON lines).
    agents
        Number of agents.
    steps
        Time steps after the first answers.
    model
        smollm2 (the wheel of `make models`), a GGUF file, an http address followed by # and the model's name, or fake
        (deterministic, no model).
    embedding
        minilm, an address as for the model, or fake. Default: minilm, or fake with the fake model.
    neighbours
        An agent hears one of the k nearest in its answers' embedding. Absent: all others.
    mirror
        Chance that it hears itself.
    policy
        Which document goes: retrieved, first-in-first-out, last-in-first-out or farthest.
    schedule
        synchronous: all agents at once; single: one random agent a step.
    documents
        Memories at the start: a text file with one document a line, one an agent, or a JSON list of lists. Default:
        one document about a flower each.
    names
        Names of silos, separated by commas, or flowers.
    concurrency
        Answers asked for at the same time, for servers.
    seed
        Seed of every choice.
    resume
        Go on with the answers of the log.
    """
    from mcpolar.agents import AgentSettings, measure, simulate_agents

    settings = AgentSettings(
        agents, steps, neighbours, mirror, policy, schedule, seed=seed, model=Path(model).name
    )
    memories = _documents(documents, agents)
    classify = keywords(names)
    answer, embed = (
        _model(model, classify.names),
        _embedding(_default_embedding(model) if embedding is None else embedding),
    )
    total = agents * (steps + 1) if schedule == "synchronous" else agents + steps
    with progress_bar("answers", total, quiet=quiet, form=progress) as advance:
        found = simulate_agents(
            settings,
            memories,
            answer=answer,
            embed=embed,
            classify=classify,
            log=log,
            resume=resume,
            concurrency=concurrency,
            progress=advance,
        )
    counts = measure(found.trace).n_silos[0].tolist()
    print(f"distinct silos at steps 0 to {steps}: {' '.join(map(str, counts))}")
    print(f"{found.asked} answers asked for, {total - found.asked} taken from {log}", file=sys.stderr)


@app.command(help_epilogue=epilogue("agents read"))
def read(
    *paths: Annotated[Path, Source()],
    reading: TraceOptions = READING,
    output: Annotated[Path | None, Destination((".csv",))] = None,
) -> None:
    """Say what files of runs hold, or write them as one long table (CSV: run, step, agent, silo).

    Parameters
    ----------
    paths
        Files of runs, all of one format.
    output
        CSV file for the table.
    """
    from mcpolar.report.tables import put

    trace = reading.read(list(paths))
    if output is not None:
        put(trace.to_frame().to_csv(index=False), output)
        return
    kinds = len(trace.names)
    print(f"{len(trace.runs)} runs, {len(trace.agents)} agents, {trace.steps.size} steps, {kinds} silos")
    print("silos: " + ", ".join(trace.names[:30]) + (" …" if kinds > 30 else ""))


@app.command(help_epilogue=epilogue("agents measures"))
def measures(
    *paths: Annotated[Path, Source()],
    reading: TraceOptions = READING,
    window: Whole = 20,
    out: OutputOptions = OUT,
) -> None:
    """Measure runs: silos in time, the share of agents that change, and how windows and silos fare.

    Parameters
    ----------
    paths
        Files of runs, all of one format.
    window
        Steps of the windows of Definition 2 (stable and unstable silo systems).
    """
    from mcpolar.agents import measure
    from mcpolar.report import tables

    form = out.form()
    trace = reading.read(list(paths))
    found = measure(trace)
    rows = found.to_frame().to_dict("records")
    tables.write(rows, form, out.output, title="Silos in time", notes=_notes(found, window))


def _notes(found: Any, window: int) -> list[str]:
    notes = ["silos: non-empty ones; changed: share of agents whose silo is another than a record before."]
    hit = found.one_silo[found.one_silo >= 0]
    censored = int((found.one_silo < 0).sum())
    notes.append(
        f"one silo from step: {', '.join(map(str, hit.tolist()[:20])) or 'never'}; censored runs: {censored}."
    )
    if found.trace.steps.size > window:
        counts = found.window_counts(window)
        notes.append(
            f"windows of {window} steps: " + ", ".join(f"{n} {kind}" for kind, n in counts.items()) + "."
        )
    return notes


@app.command(help_epilogue=epilogue("agents doctor"))
def doctor(*, model: str = "smollm2", embedding: str | None = None) -> None:
    """Ask one answer and one embedding, and say how long each took.

    Parameters
    ----------
    model, embedding
        As for `mcpolar agents run`.
    """
    clock = time.perf_counter()
    answer = _model(model, keywords("flowers").names)
    embed = _embedding(_default_embedding(model) if embedding is None else embedding)
    loaded = time.perf_counter() - clock
    clock = time.perf_counter()
    text = answer("Rose - a red bloom of velvet petals.", 1)
    answered = time.perf_counter() - clock
    clock = time.perf_counter()
    dimension = embed([text or "nothing"]).shape[1]
    embedded = time.perf_counter() - clock
    print(f"model {model}: loaded in {loaded:.1f} s, one answer in {answered:.2f} s: {text!r}")
    print(f"embedding: {dimension} dimensions, one text in {embedded:.3f} s")


def keywords(names: str) -> Keywords:
    """Return the silos of a list of names, or of the flowers."""
    from mcpolar.agents.flowers import FLOWERS
    from mcpolar.agents.silos import Keywords

    if names == "flowers":
        return Keywords(tuple(FLOWERS))
    return Keywords(tuple(name.strip() for name in names.split(",")))


def _default_embedding(model: str) -> str:
    return "fake" if model == "fake" else "minilm"


def _model(name: str, names: tuple[str, ...]) -> Answer:
    from mcpolar.agents.answers import FakeAnswer
    from mcpolar.agents.endpoint import Endpoint
    from mcpolar.agents.local import LocalModel, find_smollm2
    from mcpolar.agents.run import QUESTION

    if name == "fake":
        return FakeAnswer(names)
    if name.startswith(("http://", "https://")):
        return Endpoint(*_address(name, "model"), question=QUESTION)
    return LocalModel(find_smollm2() if name == "smollm2" else name)


def _embedding(name: str) -> Embed:
    from mcpolar.agents.answers import FakeEmbed
    from mcpolar.agents.endpoint import Endpoint
    from mcpolar.agents.local import MiniLM

    if name == "fake":
        return FakeEmbed()
    if name.startswith(("http://", "https://")):
        return Endpoint(*_address(name, "embedding")).embed
    if name == "minilm":
        return MiniLM()
    raise InputError("embedding", name, "minilm, fake, or an http address followed by # and a model's name")


def _address(text: str, option: str) -> tuple[str, str]:
    address, mark, name = text.partition("#")
    if not mark or not name:
        raise InputError(
            option,
            text.rsplit("@", maxsplit=1)[-1],
            "an address, #, and the model's name: http://host:port#name",
        )
    return address, name


def _documents(path: Path | None, agents: int) -> list[list[str]]:
    from mcpolar.agents.flowers import flower_documents

    if path is None:
        return flower_documents(agents)
    if not path.is_file():
        raise InputError("documents", str(path), "a file that exists")
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST_DOCUMENTS + 1)
    except UnicodeDecodeError:
        raise InputError("documents", str(path), "a text file in UTF-8") from None
    except OSError as error:
        raise ResourceError(f"cannot read {path}: {error.strerror or error}") from error
    if len(text) > LARGEST_DOCUMENTS:
        raise InputError("documents", str(path), f"a file of at most {LARGEST_DOCUMENTS} characters")
    return (
        _from_json(text, path)
        if path.suffix == ".json"
        else [[line] for line in text.splitlines() if line.strip()]
    )


def _from_json(text: str, path: Path) -> list[list[str]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("documents", str(path), "JSON") from None
    if not isinstance(found, list) or not all(
        isinstance(memory, list) and all(isinstance(one, str) for one in memory) for memory in found
    ):
        raise InputError("documents", str(path), "a list of lists of texts, one an agent")
    return found
