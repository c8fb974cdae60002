"""Sets of component means in R^d: a line, a circle, a simplex, or points of a file; distances exactly or as balls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeAlias

import flint

from mcpolar.balls import Ball, ball
from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.errors import InputError

Layout: TypeAlias = Literal["line", "circle", "simplex", "points"]

MOST_DIMENSIONS = 10**4
MOST_LISTED = 300
"""Means whose distances are listed; a bound that needs the smallest distance alone takes more components."""
SMALLEST_DISTANCE, LARGEST_DISTANCE = Decimal("1e-6"), Decimal("1e6")
LARGEST_COORDINATE = Decimal("1e6")


@dataclass(frozen=True)
class Gap:
    """The distance of two means, exactly.

    Attributes
    ----------
    squared : Fraction or None
        Its square, where that is rational.
    length : Fraction or None
        Itself, where that is rational.
    chord : tuple, optional
        (D, k, c): D sin(pi k/c)/sin(pi/c), between means of a circle that are k places apart.
    """

    squared: Fraction | None
    length: Fraction | None = None
    chord: tuple[Decimal, int, int] | None = None

    @classmethod
    def of(cls, length: Fraction) -> Gap:
        """Return a rational distance."""
        return cls(length * length, length)

    def as_ball(self) -> Ball:
        """Return the distance, at the working precision."""
        if self.length is not None:
            return ball(self.length)
        if self.squared is not None:
            return ball(self.squared).sqrt()
        assert self.chord is not None
        distance, k, c = self.chord
        across, beside = (flint.arb.sin_pi_fmpq(flint.fmpq(number, c)) for number in (k, 1))
        return ball(distance) * across / beside

    def squared_ball(self) -> Ball:
        """Return the square of the distance, at the working precision."""
        return ball(self.squared) if self.squared is not None else self.as_ball() ** 2

    def __float__(self) -> float:
        from mcpolar.balls import START_BITS, working_precision

        with working_precision(START_BITS):
            return float(self.as_ball().mid())


Profile: TypeAlias = tuple[tuple[Gap, int], ...]
"""How far the other means are from one of them: distances, and how many means are that far."""


@dataclass(frozen=True)
class Means:
    """Means mu_1, ..., mu_c in R^d.

    Attributes
    ----------
    layout : {"line", "circle", "simplex", "points"}
        Equally spaced on a line; equally spaced on a circle; all equally far; or as listed.
    components, dimension : int
        c and d; the means may span fewer dimensions.
    distance : Decimal or None
        D, the smallest distance; None for points, where its square is in `nearest`.
    points : tuple
        The coordinates of listed means.

    Examples
    --------
    >>> means = Means.read("line", components=4, distance="0.5")
    >>> means.nearest.squared, means.dimension
    (Fraction(1, 4), 1)
    >>> [(float(gap), count) for gap, count in means.profiles()[1]]
    [(0.5, 2), (1.0, 1)]
    """

    layout: Layout
    components: int
    dimension: int
    distance: Decimal | None = None
    points: tuple[tuple[Decimal, ...], ...] = ()
    source: str = ""

    @classmethod
    def read(
        cls,
        means: str | Path | Sequence[Any] | Means,
        *,
        components: Any = None,
        dimension: Any = None,
        distance: Any = None,
    ) -> Means:
        """Return the means that "line", "circle" or "simplex", a file, or a list of points stands for.

        Parameters
        ----------
        means : str, Path, sequence or Means
            A layout, a text file with the coordinates of one mean a line, or the means themselves.
        components : int, optional
            c, needed for a layout.
        dimension : int, optional
            d; absent: the smallest that holds the means.
        distance : Decimal, str or float, optional
            D, the smallest distance, needed for a layout.

        Raises
        ------
        InputError
            If something is missing, not allowed, or contradicts the points.
        """
        if isinstance(means, Means):
            return means
        if isinstance(means, str) and means in ("line", "circle", "simplex"):
            return _of_layout(means, components, dimension, distance)
        listed, source = (_listed(means), str(means)) if isinstance(means, str | Path) else (means, "listed")
        return _of_points(listed, source, components, dimension, distance)

    @property
    def label(self) -> str:
        """The layout, or the file's name."""
        return self.source if self.layout == "points" else self.layout

    @property
    def nearest(self) -> Gap:
        """The smallest distance D."""
        if self.distance is not None:
            return Gap.of(Fraction(self.distance))
        gaps = (gap for profile in self.profiles() for gap, _ in profile)
        return min(gaps, key=lambda gap: gap.squared or Fraction(0))

    @property
    def is_on_a_line(self) -> bool:
        """Whether d = 1, where every memory element lies on the line of the means."""
        return self.dimension == 1

    def profiles(self) -> tuple[Profile, ...]:
        """Return, for every mean, the distances of the others with their numbers, nearest first."""
        c = self.components
        if self.layout == "line":
            assert self.distance is not None
            unit = Fraction(self.distance)
            return tuple(
                tuple(
                    (Gap.of(unit * k), int(j >= k) + int(j + k < c)) for k in range(1, max(j, c - 1 - j) + 1)
                )
                for j in range(c)
            )
        if self.layout == "points":
            return tuple(self._profile(j) for j in range(c))
        return (self._same_profile(),) * c

    def _same_profile(self) -> Profile:
        """Return the distances from any mean of a circle or a simplex."""
        assert self.distance is not None
        c, unit = self.components, self.nearest
        if self.layout == "simplex":
            return ((unit, c - 1),)
        others = ((self._chord(k), 1 if 2 * k == c else 2) for k in range(2, c // 2 + 1))
        return ((unit, min(2, c - 1)), *others)

    def _chord(self, k: int) -> Gap:
        assert self.distance is not None
        return Gap(None, None, (self.distance, k, self.components))

    def _profile(self, j: int) -> Profile:
        """Return the distances from a listed mean."""
        here = self.points[j]
        if len(here) == 1:
            lengths = Counter(
                abs(Fraction(there[0]) - Fraction(here[0])) for i, there in enumerate(self.points) if i != j
            )
            return tuple((Gap.of(length), lengths[length]) for length in sorted(lengths))
        squares = Counter(_squared(here, there) for i, there in enumerate(self.points) if i != j)
        return tuple((Gap(square), squares[square]) for square in sorted(squares))

    def coordinates(self) -> list[list[float]]:
        """Return the means as doubles, shape (c, d)."""
        import numpy as np

        c, d = self.components, self.dimension
        found = np.zeros((c, d))
        if self.layout == "points":
            found[:, : len(self.points[0])] = [[float(x) for x in point] for point in self.points]
            return found.tolist()
        unit = float(self.nearest)
        if self.layout == "line":
            found[:, 0] = unit * np.arange(c)
        elif self.layout == "circle":
            angle = 2 * np.pi * np.arange(c) / c
            radius = unit / (2 * np.sin(np.pi / c))
            found[:, 0], found[:, 1] = radius * np.cos(angle), radius * np.sin(angle)
        elif d >= c:
            found[:, :c] = np.eye(c) * unit / np.sqrt(2)
        else:
            corners = np.eye(c) - 1 / c
            found[:, : c - 1] = corners @ np.linalg.svd(corners)[2][: c - 1].T * unit / np.sqrt(2)
        return found.tolist()

    def as_dict(self) -> dict[str, int | str]:
        """Return what a record says of them."""
        distance = plain(self.distance) if self.distance is not None else f"{float(self.nearest):.10g}"
        return {
            "components": self.components,
            "dimension": self.dimension,
            "distance": distance,
            "means": self.label,
        }


def _of_layout(layout: str, components: Any, dimension: Any, distance: Any) -> Means:
    for name, value in (("components", components), ("distance", distance)):
        if value is None:
            raise InputError(name, "nothing", f"given for means on a {layout}")
    c = whole_number("components", components, 2, MOST_LISTED)
    least = {"line": 1, "circle": 2, "simplex": c - 1}[layout]
    d = least if dimension is None else whole_number("dimension", dimension, least, MOST_DIMENSIONS)
    gap = exact_decimal("distance", distance, SMALLEST_DISTANCE, LARGEST_DISTANCE)
    return Means(layout, c, d, gap)  # type: ignore[arg-type]


def _of_points(listed: Sequence[Any], source: str, components: Any, dimension: Any, distance: Any) -> Means:
    """Return listed means; what is given beside them must agree."""
    rows = [list(row) if isinstance(row, list | tuple) else [row] for row in listed]
    if not 2 <= len(rows) <= MOST_LISTED or len({len(row) for row in rows}) != 1:
        raise InputError("means", source, f"2 to {MOST_LISTED} means with equally many coordinates")
    points = tuple(
        tuple(exact_decimal("means", x, -LARGEST_COORDINATE, LARGEST_COORDINATE) for x in row) for row in rows
    )
    spanned = len(points[0])
    d = spanned if dimension is None else whole_number("dimension", dimension, spanned, MOST_DIMENSIONS)
    found = Means("points", len(points), d, None, points, source)
    if len(set(points)) < len(points):
        raise InputError("means", source, "means that differ from each other")
    if float(found.nearest) < SMALLEST_DISTANCE:
        raise InputError("means", source, f"means at least {plain(SMALLEST_DISTANCE)} apart")
    if components is not None and whole_number("components", components, 2) != len(points):
        raise InputError("components", components, f"{len(points)}, as {source} has, or absent")
    if distance is not None:
        raise InputError("distance", distance, f"absent with the means of {source}")
    return found


def _squared(here: Sequence[Decimal], there: Sequence[Decimal]) -> Fraction:
    return sum(((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(here, there, strict=True)), Fraction(0))


def _listed(path: str | Path) -> list[list[str]]:
    """Return the numbers of a text file: a mean a line, coordinates parted by commas or spaces."""
    allowed = "line, circle, simplex, or a text file with the coordinates of one mean a line"
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        raise InputError("means", str(path), allowed) from None
    kept = (line.partition("#")[0].strip() for line in lines)
    return [re.split(r"[,;\s]+", line) for line in kept if line]
