"""The interaction loop: agents answer from their memories, hear a near agent's answer and put it into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.answers import Answer, Embed
from mcpolar.agents.log import Record, RunLog, read_answers, read_header
from mcpolar.agents.population import Asking, Population, Progress
from mcpolar.agents.settings import AgentSettings
from mcpolar.agents.silos import Classify, Silos
from mcpolar.agents.texts import encodable
from mcpolar.agents.traces import Condition, Trace
from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.versions import versions

Memories: TypeAlias = tuple[tuple[str, ...], ...]
"""The documents of every agent."""


@dataclass(frozen=True, eq=False)
class AgentRun:
    """A finished run.

    Attributes
    ----------
    settings : AgentSettings
        Of the run.
    trace : Trace
        Silos at steps 0 .. steps: of the first answers, then after each step.
    senders : ndarray of int64, shape (steps, agents)
        Whom each agent heard at each step; -1: nobody (schedule "single").
    asked : int
        Answers that were asked for; the others were in the log.
    """

    settings: AgentSettings
    trace: Trace
    senders: NDArray[np.int64]
    asked: int


def simulate_agents(
    settings: AgentSettings,
    documents: Sequence[Sequence[str]],
    *,
    answer: Answer,
    embed: Embed,
    classify: Classify,
    log: str | Path,
    resume: bool = False,
    concurrency: int = 1,
    progress: Progress | None = None,
) -> AgentRun:
    """Run the interaction, or go on with it.

    Every answer is written to the log, and synced, before it is used; who hears whom is drawn from (seed, step, agent).
    So a run that is killed goes on to the same choices, and asks again for at most the answers that were under way.
    Memory does not grow with the number of steps but for one number an agent and step.

    Parameters
    ----------
    settings : AgentSettings
        Of the run.
    documents : sequence of sequence of str
        The agents' memories at the start, each of at least one document.
    answer, embed, classify : callable
        The model, the embedding and the silos.
    log : path
        The JSONL file.
    resume : bool
        Go on with the answers of the log.
    concurrency : int
        Answers asked for at the same time (schedule "synchronous").
    progress : callable, optional
        Called with the number of answers since its last call.

    Raises
    ------
    InputError
        If a value is not allowed or the log is of another run.
    ResourceError
        If the model, its server or the disk fails; every answer so far is in the log.

    Examples
    --------
    >>> import tempfile
    >>> from mcpolar.agents import FakeAnswer, FakeEmbed, Keywords
    >>> names, log = ("rose", "tulip", "iris"), tempfile.mkdtemp() + "/log.jsonl"
    >>> run = simulate_agents(
    ...     AgentSettings(agents=3, steps=6), [[f"{name}."] for name in names],
    ...     answer=FakeAnswer(names), embed=FakeEmbed(), classify=Keywords(names), log=log,
    ... )
    >>> run.trace.silos.shape
    (1, 7, 3)
    """
    memories = _memories(documents, settings)
    whole_number("concurrency", concurrency, 1, 1000)
    header = {
        "settings": asdict(settings),
        "documents_sha256": _fingerprint(memories),
        "names": list(classify.names),
        "versions": versions(),
    }
    with RunLog(log, header, resume=resume) as file:
        asking = Asking(answer, file, concurrency, progress)
        population = Population(settings, memories, embed, asking)
        silos = np.empty((1, settings.steps + 1, settings.agents), dtype=np.int64)
        senders = np.full((settings.steps, settings.agents), -1, dtype=np.int64)
        for step in range(settings.steps + 1):
            if step:
                senders[step - 1] = population.hear(step)
            population.answer_all(step)
            silos[0, step] = _classified(classify, population)
    steps, agents = np.arange(settings.steps + 1), tuple(map(str, range(settings.agents)))
    trace = Trace(
        silos, tuple(classify.names), steps, agents, (str(settings.seed),), (condition_of(settings),)
    )
    return AgentRun(settings, trace, senders, asking.asked)


def condition_of(settings: AgentSettings) -> Condition:
    """Return what the figures tell runs apart by."""
    return Condition(settings.mirror, settings.agents - 1 if settings.k is None else settings.k)


def settings_of(log: str | Path) -> tuple[AgentSettings, Mapping[str, Any]]:
    """Return the settings of a run's log, and its whole header.

    Raises
    ------
    InputError
        If it is no log of ours, or its settings are not allowed.
    """
    header, _ = read_header(Path(log))
    given = header.get("settings")
    if not isinstance(given, dict):
        raise InputError("log", str(log), "a log whose first line has settings")
    try:
        return AgentSettings(**given), header
    except (TypeError, InputError) as error:
        raise InputError("log", str(log), f"a log with settings of a run ({error})") from None


def memories_at(
    log: str | Path,
    documents: Sequence[Sequence[str]],
    steps: Collection[int],
    *,
    embed: Embed,
    progress: Progress | None = None,
) -> dict[int, tuple[Memories, tuple[str, ...]]]:
    """Replay a run from its log, and return the memories and the answers after some of its steps.

    Nothing is asked and nothing written. An answer that was made from another document than the replay's is refused, so
    documents and embedding are those of the run.

    Parameters
    ----------
    log : path
        Of the run; at least to the last of the steps.
    documents : sequence of sequence of str
        The agents' memories at the start.
    steps : collection of int
        Which; at step 0 the memories are the documents.
    embed : callable
        The run's embedding.
    progress : callable, optional
        Called with 1 after each step.

    Raises
    ------
    InputError
        If the log ends before the last step, or is of other documents or of another embedding.

    Examples
    --------
    >>> import tempfile
    >>> from mcpolar.agents import AgentSettings, FakeAnswer, FakeEmbed, Keywords, simulate_agents
    >>> names, log = ("rose", "tulip", "iris"), tempfile.mkdtemp() + "/log.jsonl"
    >>> documents = [[f"{name}."] for name in names]
    >>> run = simulate_agents(
    ...     AgentSettings(agents=3, steps=6), documents,
    ...     answer=FakeAnswer(names), embed=FakeEmbed(), classify=Keywords(names), log=log,
    ... )
    >>> found = memories_at(log, documents, [0, 6], embed=FakeEmbed())
    >>> sorted(found), len(found[6][1])
    ([0, 6], 3)
    """
    settings, header = settings_of(log)
    for step in steps:
        whole_number("steps", step, 0, settings.steps, "the last step of the run")
    memories = _memories(documents, settings)
    if header.get("documents_sha256") not in (None, _fingerprint(memories)):
        raise InputError("documents", "others", f"those that {log} began with")
    finished = _Finished(Path(log))
    population = Population(settings, memories, embed, Asking(finished.nothing, finished, 1, None))
    found = {}
    for step in range(max(steps) + 1):
        if step:
            population.hear(step)
        population.answer_all(step)
        if step in steps:
            found[step] = (tuple(map(tuple, population.memories)), tuple(population.answers))
        if progress is not None:
            progress(1)
    return found


@dataclass(frozen=True)
class _Finished:
    """A log that is only read."""

    path: Path

    def kept(self) -> Iterator[Record]:
        return read_answers(self.path)

    def add(self, record: Mapping[str, Any]) -> None:
        raise AssertionError(record)  # nothing is asked, so nothing is kept

    def nothing(self, context: str, seed: int) -> str:
        raise InputError("log", str(self.path), "a run that has come to this step: answers are missing")


def _memories(documents: Sequence[Sequence[str]], settings: AgentSettings) -> list[list[str]]:
    memories = [[encodable(text) for text in texts] for texts in documents]
    if len(memories) != settings.agents or not all(memories):
        raise InputError("documents", f"{len(memories)} memories", f"{settings.agents}, each with a document")
    return memories


def _classified(classify: Classify, population: Population) -> Silos:
    return classify(population.answers, population.points)


def _fingerprint(memories: Sequence[Sequence[str]]) -> str:
    digest = hashlib.sha256()
    for memory in memories:
        for text in memory:
            digest.update(text.encode() + b"\0")
        digest.update(b"\1")
    return digest.hexdigest()
