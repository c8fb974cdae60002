"""What determines a run of language models, but for what the models say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from mcpolar.checks import whole_number
from mcpolar.choices import MemoryPolicy, Schedule
from mcpolar.errors import InputError
from mcpolar.rng import LARGEST_SEED

QUESTION = "Describe the prettiest flower in a single sentence."


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
