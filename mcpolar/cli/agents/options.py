"""Options of the commands on agents, and what they name: models, embeddings, documents, files of runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cyclopts import Parameter

from mcpolar.cli.options import OptionalWhole
from mcpolar.errors import InputError, ResourceError

if TYPE_CHECKING:
    from mcpolar.agents.answers import Embed
    from mcpolar.agents.silos import Keywords
    from mcpolar.agents.traces import Trace

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
    until: OptionalWhole = None
    """Last step that is read. Several runs must end at the same step."""

    def read(self, paths: list[Path]) -> Trace:
        """Return the trace of the files."""
        from mcpolar.agents.adapters import Columns, read_trace

        columns = [name.strip() for name in self.columns.split(",")]
        if len(columns) != 4 or not all(columns):
            raise InputError("columns", self.columns, "four names: run,step,agent,text")
        classify = None if self.names is None else keywords(self.names)
        return read_trace(
            list(paths), classify, format=self.file_format, columns=Columns(*columns), until=self.until
        )


READING = TraceOptions()


def keywords(names: str) -> Keywords:
    """Return the silos of a list of names, or of the flowers."""
    from mcpolar.agents.flowers import FLOWERS
    from mcpolar.agents.silos import Keywords

    if names == "flowers":
        return Keywords(tuple(FLOWERS))
    return Keywords(tuple(name.strip() for name in names.split(",")))


def default_embedding(model: str) -> str:
    """Return the name of the embedding that goes with a model."""
    return "fake" if model == "fake" else "minilm"


class Model(Protocol):
    """What answers the experiment's question, and any other."""

    def __call__(self, context: str, seed: int) -> str:
        """Return one answer to the experiment's question."""

    def ask(self, question: str, context: str, seed: int) -> str:
        """Return one answer to a question."""


def model_named(name: str, names: tuple[str, ...]) -> Model:
    """Return the model of this name."""
    from mcpolar.agents.answers import FakeAnswer
    from mcpolar.agents.endpoint import Endpoint
    from mcpolar.agents.local import LocalModel, find_smollm2
    from mcpolar.agents.settings import QUESTION

    if name == "fake":
        return FakeAnswer(names)
    if name.startswith(("http://", "https://")):
        return Endpoint(*_address(name, "model"), question=QUESTION)
    return LocalModel(find_smollm2() if name == "smollm2" else name)


def embedding_named(name: str) -> Embed:
    """Return the embedding of this name."""
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


def documents_in(path: Path | None, agents: int) -> list[list[str]]:
    """Return the memories in a file, or those of the flowers."""
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
