"""Agents with memories: what each hears, what goes from its memory, and its answers, kept or asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.answers import Answer, Embed, Points
from mcpolar.agents.log import Record
from mcpolar.agents.settings import AgentSettings
from mcpolar.agents.texts import encodable
from mcpolar.errors import InputError, ResourceError
from mcpolar.rng import Purpose, generator

Progress: TypeAlias = Callable[[int], object]


def answer_seed(seed: int, step: int, agent: int, attempt: int) -> int:
    """Return the seed that the model is given, below 2^31."""
    return int(generator(seed, Purpose.AGENT_ANSWER, agent, cell=(step, attempt)).integers(2**31))


class Kept(Protocol):
    """Where answers are kept: a log that is written, or one that is only read."""

    @property
    def path(self) -> Path:
        """The file."""

    def kept(self) -> Iterator[Record]:
        """Yield the answers that were there at first, in order."""

    def add(self, record: Mapping[str, Any]) -> None:
        """Keep one more."""


@dataclass
class Asking:
    """The model, and the log in which its answers are kept."""

    answer: Answer
    log: Kept
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


class Population:
    """Memories, current answers and their points; answers come from the log first, then from the model."""

    def __init__(
        self, settings: AgentSettings, memories: list[list[str]], embed: Embed, asking: Asking
    ) -> None:
        self.settings, self.memories, self._embed, self._asking = settings, memories, embed, asking
        self._question = embedded(embed, [settings.question])[0]
        self._vectors = [embedded(embed, memory) for memory in memories]
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
        points = embedded(self._embed, [self.answers[agent] for agent in self._due])
        if points.shape[1] != self._question.size:
            what = f"{self._question.size} dimensions for the question and {points.shape[1]} for answers"
            raise ResourceError(f"the embedding has {what}")
        self.points[self._due] = points

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
            if agent not in self._due or agent in found:
                raise self._disorder(record)
            self._check_context(record, agent)
            found[agent] = text

    def _disorder(self, record: Record) -> InputError:
        what = f"a log whose answers are in order: {str(record)[:60]} does not follow"
        return InputError("log", str(self._asking.log.path), what)

    def _check_context(self, record: Record, agent: int) -> None:
        """Refuse an answer that was made from another document: the choices before it were others."""
        if record.get("context") not in (None, self._context(agent)):
            place = f"step {record['step']}, agent {agent}"
            what = f"a run of these documents with this embedding: the document at {place} is another"
            raise InputError("log", str(self._asking.log.path), what)

    def _context(self, agent: int) -> str:
        return self.memories[agent][self._retrieved(agent)]

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
        context, clock = self._context(agent), time.perf_counter()
        for attempt in range(self.settings.attempts):
            seed = answer_seed(self.settings.seed, step, agent, attempt)
            text = self._asking.answer(context, seed)
            if not isinstance(text, str):
                raise ResourceError(f"the model's answer is no text but {type(text).__name__}")
            text = encodable(text)
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


def embedded(embed: Embed, texts: Sequence[str]) -> Points:
    """Return the points of texts, or raise ResourceError if the embedding gave others than one finite point each."""
    points = np.array(embed(texts), dtype=np.float64)
    if points.ndim != 2 or len(points) != len(texts) or not np.isfinite(points).all():
        raise ResourceError(f"the embedding of {len(texts)} texts has shape {points.shape} or is not finite")
    return points
