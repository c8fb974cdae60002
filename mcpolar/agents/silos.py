"""The silo of an answer: by the name that it holds, by the nearest of given points, or by clustering."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.agents.answers import Points
from mcpolar.checks import has_controls, whole_number
from mcpolar.errors import InputError, ResourceError

OTHER = -1
"""The silo of answers that belong to none; it counts as one silo of its own."""
Silos = NDArray[np.int64]


class Classify(Protocol):
    """What gives every answer its silo."""

    @property
    def names(self) -> tuple[str, ...]:
        """The silos' names, by index."""

    def __call__(self, texts: Sequence[str], points: Points) -> Silos:
        """Return the silo of each answer, shape (n,); `OTHER` where it belongs to none."""


@dataclass(frozen=True)
class Keywords:
    """A silo is the name that an answer holds first: whole words, singular or plural, the longest at a place.

    Examples
    --------
    >>> Keywords(("lily", "calla lily", "peony")).of("Two Calla Lilies beside peonies; no daylily.")
    1
    """

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.names or any(not name.strip() for name in self.names):
            raise InputError("names", self.names, "at least one name, none empty")
        if any(has_controls(name) for name in self.names):
            raise InputError("names", self.names, "names without characters that steer a terminal")
        if len({name.lower() for name in self.names}) < len(self.names):
            raise InputError("names", self.names, "different names")

    def __call__(self, texts: Sequence[str], points: Points | None = None) -> Silos:
        """Return the silo of each answer, shape (n,)."""
        return np.array([self.of(text) for text in texts], dtype=np.int64)

    def of(self, text: str) -> int:
        """Return the silo of one answer."""
        found = self._pattern.search(text.lower())
        return OTHER if found is None else self._forms[found.group()]

    @cached_property
    def _forms(self) -> dict[str, int]:
        plurals = {plural(name.lower()): index for index, name in enumerate(self.names)}
        return plurals | {name.lower(): index for index, name in enumerate(self.names)}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        forms = sorted(self._forms, key=len, reverse=True)
        return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, forms)) + r")(?!\w)")


def plural(name: str) -> str:
    """Return the regular plural of an English noun.

    Examples
    --------
    >>> plural("lily"), plural("iris"), plural("rose")
    ('lilies', 'irises', 'roses')
    """
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


@dataclass(frozen=True, eq=False)
class NearestCentroid:
    """A silo is the nearest of given points in the embedding, unless all are farther than `farthest`."""

    names: tuple[str, ...]
    centroids: ArrayLike
    farthest: float = np.inf

    def __post_init__(self) -> None:
        shape = np.shape(self.centroids)
        if len(shape) != 2 or shape[0] != len(self.names) or not shape[0]:
            raise InputError("centroids", f"shape {shape}", f"of shape ({len(self.names)}, d): one a name")

    def __call__(self, texts: Sequence[str], points: Points) -> Silos:
        """Return the silo of each answer, shape (n,)."""
        centroids = np.asarray(self.centroids, dtype=np.float64)
        distances = np.linalg.norm(points[:, None] - centroids[None], axis=-1)
        nearest = distances.argmin(axis=1)
        return np.where(distances.min(axis=1) <= self.farthest, nearest, OTHER).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Clusters:
    """Silos found by clustering the first answers; later ones join the nearest (scikit-learn's k-means).

    Parameters
    ----------
    count : int
        Number of silos.
    seed : int
        Of the clustering's start.
    """

    count: int
    seed: int = 1

    def __post_init__(self) -> None:
        whole_number("count", self.count, 1, 10_000)

    @property
    def names(self) -> tuple[str, ...]:
        """The silos' names."""
        return tuple(f"cluster {index}" for index in range(self.count))

    def __call__(self, texts: Sequence[str], points: Points) -> Silos:
        """Return the silo of each answer, shape (n,)."""
        if "_centroids" not in self.__dict__:
            object.__setattr__(self, "_centroids", self._fit(points))
        centroids: Points = self.__dict__["_centroids"]
        distances = np.linalg.norm(points[:, None] - centroids[None], axis=-1)
        return np.asarray(distances.argmin(axis=1), dtype=np.int64)

    def _fit(self, points: Points) -> Points:
        if len(points) < self.count:
            raise InputError("count", self.count, f"at most the {len(points)} agents")
        try:
            from sklearn.cluster import KMeans
        except ImportError as error:
            message = "clustering needs the extra `clusters`: pip install 'mcpolar[clusters]'"
            raise ResourceError(message) from error
        fitted = KMeans(self.count, n_init=10, random_state=self.seed).fit(points)
        return np.asarray(fitted.cluster_centers_)
