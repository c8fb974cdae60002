"""What an agent is asked with: a model that answers from a context, an embedding of texts, and deterministic fakes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar.checks import whole_number
from mcpolar.errors import InputError

Answer: TypeAlias = Callable[[str, int], str]
"""`answer(context, seed)`: one answer to the question, given one document of the agent's memory."""
Ask: TypeAlias = Callable[[str, str, int], str]
"""`ask(question, context, seed)`: one answer to any question, given one document."""
Points: TypeAlias = NDArray[np.float64]
Embed: TypeAlias = Callable[[Sequence[str]], Points]
"""`embed(texts)`: one point a text, shape (n, d)."""


@dataclass(frozen=True)
class FakeAnswer:
    """A deterministic model: it repeats the context's name, or with some probability another one.

    Parameters
    ----------
    names : tuple of str
        What an answer can be about.
    mutation : float
        Chance that an answer is about another name.

    Examples
    --------
    >>> FakeAnswer(("rose", "iris"))("Iris - a blue flower.", 7)
    'The prettiest flower is the iris.'
    """

    names: tuple[str, ...]
    mutation: float = 0.0

    def __post_init__(self) -> None:
        if not self.names:
            raise InputError("names", self.names, "at least one name")
        if not 0 <= self.mutation <= 1:
            raise InputError("mutation", self.mutation, "a probability from 0 to 1")

    def __call__(self, context: str, seed: int) -> str:
        """Return the answer; equal arguments give equal answers."""
        return f"The prettiest flower is the {self._name(context, seed)}."

    def ask(self, question: str, context: str, seed: int) -> str:
        """Return the answer to any question."""
        return f"{question} The {self._name(context, seed)}."

    def _name(self, context: str, seed: int) -> str:
        generator = np.random.default_rng([int.from_bytes(_digest(context)), seed])
        low = context.lower()
        known = [name for name in self.names if name.lower() in low]
        if known and generator.random() >= self.mutation:
            return min(known, key=lambda name: low.index(name.lower()))
        return self.names[int(generator.integers(len(self.names)))]


@dataclass(frozen=True)
class FakeEmbed:
    """A deterministic embedding: equal texts have equal points on a sphere, different ones are nearly orthogonal."""

    dimension: int = 32

    def __post_init__(self) -> None:
        whole_number("dimension", self.dimension, 2, 10_000)

    def __call__(self, texts: Sequence[str]) -> Points:
        """Return the points, shape (n, dimension)."""
        points = np.array(
            [
                np.random.default_rng(int.from_bytes(_digest(text))).standard_normal(self.dimension)
                for text in texts
            ]
        ).reshape(len(texts), self.dimension)
        return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
