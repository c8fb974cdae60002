"""`mcpolar agents run|doctor`: interacting language models."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mcpolar.choices import MemoryPolicy, Schedule
from mcpolar.cli.agents.options import default_embedding, documents_in, embedding_named, keywords, model_named
from mcpolar.cli.destinations import Source
from mcpolar.cli.options import Flag, Quiet, Watched, Whole
from mcpolar.cli.progress import progress_bar


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
    memories = documents_in(documents, agents)
    classify = keywords(names)
    answer = model_named(model, classify.names)
    embed = embedding_named(default_embedding(model) if embedding is None else embedding)
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


def doctor(*, model: str = "smollm2", embedding: str | None = None) -> None:
    """Ask one answer and one embedding, and say how long each took.

    Parameters
    ----------
    model, embedding
        As for `mcpolar agents run`.
    """
    clock = time.perf_counter()
    answer = model_named(model, keywords("flowers").names)
    embed = embedding_named(default_embedding(model) if embedding is None else embedding)
    loaded = time.perf_counter() - clock
    clock = time.perf_counter()
    text = answer("Rose - a red bloom of velvet petals.", 1)
    answered = time.perf_counter() - clock
    clock = time.perf_counter()
    dimension = embed([text or "nothing"]).shape[1]
    embedded = time.perf_counter() - clock
    print(f"model {model}: loaded in {loaded:.1f} s, one answer in {answered:.2f} s: {text!r}")
    print(f"embedding: {dimension} dimensions, one text in {embedded:.3f} s")
