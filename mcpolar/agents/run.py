"""The interaction loop: agents answer from their memories, hear a near agent's answer and put it into memory."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.answers import Answer, Embed, Points
from mcpolar.agents.log import Record, RunLog
from mcpolar.agents.silos import Classify, Silos
from mcpolar.agents.traces import Trace
from mcpolar.checks import whole_number
from mcpolar.choices import MemoryPolicy, Schedule
from mcpolar.errors import InputError, ResourceError
from mcpolar.rng import LARGEST_SEED, Purpose, generator
from mcpolar.versions import versions

QUESTION = "Describe the prettiest flower in a single sentence."
Progress: TypeAlias = Callable[[int], object]


@dataclass(frozen=True)
class AgentSettings:
    """What determines a run of language models, but for what the models say.

    Parameters
    ----------
    agents : int
        Number of agents, at least 2.
    steps : int
        Time steps after the first answers: with schedule "synchronous" all agents hear and answer once a step, with
        "single" one agent, uniform on all.
    k : int, optional
        An agent hears one of the k agents whose current answers are nearest to its own in the embedding, uniformly,
        itself left out; ties in random order. Absent: all others.
    mirror : float
        Chance that it hears its own answer instead.
    policy : {"retrieved", "first-in-first-out", "last-in-first-out", "farthest"}
        Which document of the memory what is heard replaces. "retrieved": the one that answers are made from (the
        published script; in effect a memory of one document).
    schedule : {"synchronous", "single"}
        Who is updated in a step.
    question : str
        What is asked; an answer is made from the document whose embedding has the largest product with the question's.
    must_contain : str, optional
        An answer without it (or an empty one) is asked for again, with another seed.
    attempts : int
        How often at most; the last one is kept.
    seed : int
        With the model, it gives the same choices again.
    model : str
        Name of the model, for the record.
    """

    agents: int
    steps: int
    k: int | None = None
    mirror: float = 0.0
    policy: MemoryPolicy = "retrieved"
    schedule: Schedule = "synchronous"
    question: str = QUESTION
    must_contain: str | None = None
    attempts: int = 5
    seed: int = 1
    model: str = "fake"

    def __post_init__(self) -> None:
        whole_number("agents", self.agents, 2, 100_000)
        whole_number("steps", self.steps, 0, 10_000_000)
        whole_number("attempts", self.attempts, 1, 100)
        whole_number("seed", self.seed, 0, LARGEST_SEED)
        if self.k is not None:
            whole_number("k", self.k, 1, self.agents - 1, "agents - 1")
        if not 0 <= self.mirror <= 1:
            raise InputError("mirror", self.mirror, "a probability from 0 to 1")
        if self.policy not in get_args(MemoryPolicy):
            raise InputError("policy", self.policy, "one of " + ", ".join(get_args(MemoryPolicy)))
        if self.schedule not in get_args(Schedule):
            raise InputError("schedule", self.schedule, "one of " + ", ".join(get_args(Schedule)))


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
    """
    memories = [list(texts) for texts in documents]
    if len(memories) != settings.agents or not all(memories):
        raise InputError("documents", f"{len(memories)} memories", f"{settings.agents}, each with a document")
    whole_number("concurrency", concurrency, 1, 1000)
    header = {
        "settings": asdict(settings),
        "documents_sha256": _fingerprint(memories),
        "names": list(classify.names),
        "versions": versions(),
    }
    with RunLog(log, header, resume=resume) as file:
        asking = _Asking(answer, file, concurrency, progress)
        population = _Population(settings, memories, embed, asking)
        shape = (1, settings.steps + 1, settings.agents)
        silos = np.empty(shape, dtype=np.int64)
        senders = np.full((settings.steps, settings.agents), -1, dtype=np.int64)
        for step in range(settings.steps + 1):
            if step:
                senders[step - 1] = population.hear(step)
            population.answer_all(step)
            silos[0, step] = _classified(classify, population)
    steps, agents = np.arange(settings.steps + 1), tuple(map(str, range(settings.agents)))
    trace = Trace(silos, tuple(classify.names), steps, agents, (str(settings.seed),))
    return AgentRun(settings, trace, senders, asking.asked)


def answer_seed(seed: int, step: int, agent: int, attempt: int) -> int:
    """Return the seed that the model is given, below 2^31."""
    return int(generator(seed, Purpose.AGENT_ANSWER, agent, cell=(step, attempt)).integers(2**31))


@dataclass
class _Asking:
    """The model, and the log in which its answers are kept."""

    answer: Answer
    log: RunLog
    concurrency: int
    progress: Progress | None
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, record: Record) -> None:
        """Put an answer on disk, one at a time."""
        with self.lock:
            self.log.add(record)
            self.asked += 1
            if self.progress is not None:
                self.progress(1)


class _Population:
    """Memories, current answers and their points; answers come from the log first, then from the model."""

    def __init__(
        self, settings: AgentSettings, memories: list[list[str]], embed: Embed, asking: _Asking
    ) -> None:
        self.settings, self.memories, self._embed, self._asking = settings, memories, embed, asking
        self._question = _embedded(embed, [settings.question])[0]
        self._vectors = [_embedded(embed, memory) for memory in memories]
        self._arrivals = [list(range(len(memory))) for memory in memories]
        self._kept = asking.log.kept()
        self._ahead: Record | None = None
        self.answers = [""] * settings.agents
        self.points = np.zeros((settings.agents, self._question.size))
        self._due = list(range(settings.agents))

    def answer_all(self, step: int) -> None:
        """Let those who are due answer: from the log if it holds their answers, else from the model."""
        found = self._from_log(step)
        missing = [agent for agent in self._due if agent not in found]
        found |= self._ask(step, missing)
        for agent in self._due:
            self.answers[agent] = found[agent]
        self.points[self._due] = _embedded(self._embed, [self.answers[agent] for agent in self._due])

    def hear(self, step: int) -> NDArray[np.int64]:
        """Let agents take in what they hear, all from the answers before; return the senders, -1 for nobody."""
        n = self.settings.agents
        senders = np.full(n, -1, dtype=np.int64)
        if self.settings.schedule == "single":
            self._due = [
                int(generator(self.settings.seed, Purpose.AGENT_RECEIVER, 0, cell=(step,)).integers(n))
            ]
        for agent in self._due:
            senders[agent] = self._sender(step, agent)
        heard = [(self.answers[senders[agent]], self.points[senders[agent]]) for agent in self._due]
        for agent, (text, point) in zip(self._due, heard, strict=True):
            self._take_in(agent, text, point)
        return senders

    def _sender(self, step: int, agent: int) -> int:
        draws = generator(self.settings.seed, Purpose.AGENT_SENDER, agent, cell=(step,))
        if draws.random() < self.settings.mirror:
            return agent
        n = self.settings.agents
        others = np.delete(np.arange(n), agent)
        k = n - 1 if self.settings.k is None else self.settings.k
        distances = np.linalg.norm(self.points[others] - self.points[agent], axis=1)
        nearest = np.lexsort((draws.random(n - 1), distances))[:k]
        return int(others[nearest[draws.integers(k)]])

    def _take_in(self, agent: int, text: str, point: Points) -> None:
        memory, vectors, arrivals = self.memories[agent], self._vectors[agent], self._arrivals[agent]
        match self.settings.policy:
            case "retrieved":
                out = self._retrieved(agent)
            case "first-in-first-out":
                out = int(np.argmin(arrivals))
            case "last-in-first-out":
                out = int(np.argmax(arrivals))
            case _:
                out = int(np.linalg.norm(vectors - point, axis=1).argmax())
        memory[out], vectors[out], arrivals[out] = text, point, max(arrivals) + 1

    def _retrieved(self, agent: int) -> int:
        return int((self._vectors[agent] @ self._question).argmax())

    def _from_log(self, step: int) -> dict[int, str]:
        """Return the answers of this step that were kept; lines of a step stand together."""
        found: dict[int, str] = {}
        while True:
            record = self._ahead if self._ahead is not None else next(self._kept, None)
            self._ahead = None
            if record is None:
                return found
            at, agent, text = record.get("step"), record.get("agent"), record.get("text")
            if not (isinstance(at, int) and isinstance(agent, int) and isinstance(text, str)) or at < step:
                raise self._disorder(record)
            if at > step:
                self._ahead = record
                return found
            if agent not in self._due:
                raise self._disorder(record)
            found[agent] = text

    def _disorder(self, record: Record) -> InputError:
        what = f"a log whose answers are in order: {str(record)[:60]} does not follow"
        return InputError("log", str(self._asking.log.path), what)

    def _ask(self, step: int, agents: Sequence[int]) -> dict[int, str]:
        if self._asking.concurrency == 1 or len(agents) < 2:
            return {agent: self._asked(step, agent) for agent in agents}
        with ThreadPoolExecutor(self._asking.concurrency) as pool:
            futures = {agent: pool.submit(self._asked, step, agent) for agent in agents}
            try:
                wait(futures.values(), return_when=FIRST_EXCEPTION)
                return {agent: future.result() for agent, future in futures.items()}
            finally:
                pool.shutdown(cancel_futures=True)

    def _asked(self, step: int, agent: int) -> str:
        context, clock = self.memories[agent][self._retrieved(agent)], time.perf_counter()
        for attempt in range(self.settings.attempts):
            seed = answer_seed(self.settings.seed, step, agent, attempt)
            text = self._asking.answer(context, seed)
            if not isinstance(text, str):
                raise ResourceError(f"the model's answer is no text but {type(text).__name__}")
            if text.strip() and (self.settings.must_contain or "") in text:
                break
        record: dict[str, Any] = {
            "step": step,
            "agent": agent,
            "text": text,
            "context": context,
            "seed": seed,
        }
        record |= {"seconds": round(time.perf_counter() - clock, 4), "tries": attempt + 1}
        self._asking.keep(record)
        return text


def _embedded(embed: Embed, texts: Sequence[str]) -> Points:
    points = np.array(embed(texts), dtype=np.float64)
    if points.ndim != 2 or len(points) != len(texts) or not np.isfinite(points).all():
        raise ResourceError(f"the embedding of {len(texts)} texts has shape {points.shape} or is not finite")
    return points


def _classified(classify: Classify, population: _Population) -> Silos:
    return classify(population.answers, population.points)


def _fingerprint(memories: Sequence[Sequence[str]]) -> str:
    digest = hashlib.sha256()
    for memory in memories:
        for text in memory:
            digest.update(text.encode() + b"\0")
        digest.update(b"\1")
    return digest.hexdigest()
