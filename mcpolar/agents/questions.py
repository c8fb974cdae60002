"""Many questions to every agent at several times: answers, kept in a log of their own, and their points."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mcpolar.agents.answers import Ask, Embed, Points
from mcpolar.agents.log import RunLog
from mcpolar.agents.population import Progress, embedded
from mcpolar.agents.run import Memories
from mcpolar.agents.texts import encodable
from mcpolar.checks import whole_number
from mcpolar.errors import InputError, ResourceError
from mcpolar.rng import Purpose, Seed, generator, read_seed

FORMAT = "mcpolar-questions/1"
Place: TypeAlias = tuple[int, int, int]
"""Number of the moment, of the agent, of the question."""


@dataclass(frozen=True)
class _Question:
    """A question to one agent at one time, and the document that it answers from."""

    place: Place
    text: str
    context: str


def ask_agents(
    moments: Sequence[Memories],
    questions: Sequence[str],
    *,
    ask: Ask,
    embed: Embed,
    log: str | Path,
    settings: Mapping[str, Any],
    seed: int = 1,
    concurrency: int = 1,
    resume: bool = False,
    progress: Progress | None = None,
) -> Points:
    """Ask every agent every question at every moment; return the points of the answers.

    An agent answers from the document of its memory that has the largest product with the question in the embedding.
    Every answer is on disk before the next is asked for; a killed call goes on with `resume`.

    Parameters
    ----------
    moments : sequence of memories
        The agents' documents, such as before and after a run.
    questions : sequence of str
        At least one.
    ask, embed : callable
        The model and the embedding.
    log : path
        JSONL file of the answers.
    settings : mapping
        What else the answers depend on, such as the model's name; a log of others is refused.
    seed : int
        Of the model's seeds.
    concurrency : int
        Answers asked for at the same time.
    resume : bool
        Go on with the answers of the log.
    progress : callable, optional
        Called with the number of answers since its last call, those of the log with the first.

    Returns
    -------
    ndarray, shape (n_moments, n_agents, n_questions, d)

    Raises
    ------
    InputError
        If there is no question, or the log is of others.
    ResourceError
        If the model, its server or the disk fails; every answer so far is in the log.
    """
    if not questions or not all(question.strip() for question in questions):
        raise InputError("questions", list(questions), "at least one, none empty")
    check_asking(concurrency, seed)
    asked = list(_contexts(moments, [encodable(one) for one in questions], embed))
    header = {"settings": {**settings, "questions": list(questions), "seed": seed}}
    with RunLog(log, header, resume=resume, format=FORMAT) as file:
        found = _kept(file, {one.place: one for one in asked})
        if progress is not None:
            progress(len(found))
        lock = threading.Lock()

        def answer(one: _Question) -> None:
            text = ask(one.text, one.context, question_seed(seed, one.place))
            if not isinstance(text, str):
                raise ResourceError(f"the model's answer is no text but {type(text).__name__}")
            with lock:
                file.add(_record(one, encodable(text)))
                found[one.place] = encodable(text)
                if progress is not None:
                    progress(1)

        _each(answer, [one for one in asked if one.place not in found], concurrency)
    points = embedded(embed, [found[one.place] or "nothing" for one in asked])
    return points.reshape(len(moments), len(moments[0]), len(questions), -1)


def check_asking(concurrency: int, seed: Seed) -> None:
    """Raise InputError if questions cannot be asked so many at a time, or with such a seed."""
    whole_number("concurrency", concurrency, 1, 1000)
    read_seed(seed)


def question_seed(seed: int, place: Place) -> int:
    """Return the seed that the model is given, below 2^31."""
    moment, agent, question = place
    return int(generator(seed, Purpose.AGENT_QUESTION, agent, cell=(moment, question)).integers(2**31))


def _contexts(moments: Sequence[Memories], questions: Sequence[str], embed: Embed) -> Iterable[_Question]:
    wanted = embedded(embed, questions)
    for moment, memories in enumerate(moments):
        for agent, memory in enumerate(memories):
            best = (
                (embedded(embed, memory) @ wanted.T).argmax(axis=0)
                if len(memory) > 1
                else [0] * len(questions)
            )
            for number, question in enumerate(questions):
                yield _Question((moment, agent, number), question, memory[int(best[number])])


def _record(one: _Question, text: str) -> dict[str, Any]:
    moment, agent, question = one.place
    return {"moment": moment, "agent": agent, "question": question, "context": one.context, "text": text}


def _kept(log: RunLog, asked: Mapping[Place, _Question]) -> dict[Place, str]:
    found: dict[Place, str] = {}
    for record in log.kept():
        place = record.get("moment"), record.get("agent"), record.get("question")
        text = record.get("text")
        one = asked.get(place) if all(type(part) is int for part in place) else None  # type: ignore[arg-type]
        if (
            one is None
            or one.place in found
            or not isinstance(text, str)
            or record.get("context") != one.context
        ):
            what = "answers of these agents to these questions, each once"
            raise InputError("log", str(log.path), f"{what}; found {str(place)[:60]}")
        found[one.place] = text
    return found


def _each(work: Any, items: Sequence[_Question], concurrency: int) -> None:
    if concurrency == 1:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(concurrency) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def read_questions(path: Path) -> list[str]:
    """Return the lines of a text file of at most a million bytes that are not empty.

    Raises
    ------
    InputError
        If it is no such file.
    """
    most = 1_000_000
    if not path.is_file():
        raise InputError("questions", str(path), "a file that exists")
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("questions", str(path), "a text file in UTF-8") from None
    except OSError as error:
        raise ResourceError(f"cannot read {path}: {error.strerror or error}") from error
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(data) > most or not lines:
        raise InputError("questions", str(path), f"a file of questions, one a line, at most {most} bytes")
    return lines
