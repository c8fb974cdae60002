"""One way to write a computation, two ways to run it: in wide numbers with a bound on the error, or in balls."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from mcpolar.metastability.finite import enclosed
from mcpolar.metastability.finite import factor as factors
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]
Array: TypeAlias = Any  # Wide or Exact: the two have the same operations


class Arithmetic(Protocol):
    """What a computation needs beyond +, * and / of arrays."""

    def of(self, values: ArrayLike) -> Array:
        """Return doubles >= 0 as numbers, exactly."""

    def factor(self, rates: sparse.csr_array, exits: Array, *, kept: int = -1) -> Any:
        """Eliminate the states of a chain."""


class WideArithmetic:
    """Wide numbers; `error` collects a bound on the relative error of all eliminations so far."""

    def __init__(self) -> None:
        self.error = 0.0

    def of(self, values: ArrayLike) -> Wide:
        """Return doubles as wide numbers."""
        return Wide.of(values)

    def factor(self, rates: sparse.csr_array, exits: Wide, *, kept: int = -1) -> factors.Factor:
        """Eliminate the states of a chain."""
        found = factors.factor(rates, exits, kept=kept)
        self.error += found.error
        return found


class BallArithmetic:
    """Balls at the working precision."""

    error = 0.0

    def of(self, values: ArrayLike) -> enclosed.Exact:
        """Return doubles as exact balls."""
        return enclosed.Exact.of(values)

    def factor(
        self, rates: sparse.csr_array, exits: enclosed.Exact, *, kept: int = -1
    ) -> enclosed.ExactFactor:
        """Eliminate the states of a chain."""
        return enclosed.exact_factor(rates, exits, kept=kept)


class FractionArithmetic:
    """Fractions: exact, slow, for chains of a few states."""

    error = 0.0

    def of(self, values: ArrayLike) -> enclosed.Exact:
        """Return doubles as fractions."""
        doubles = np.asarray(values, dtype=np.float64)
        out = np.empty(doubles.shape, dtype=object)
        for index, value in np.ndenumerate(doubles):
            out[index] = enclosed.fraction(float(value))
        return enclosed.Exact(out)

    def factor(
        self, rates: sparse.csr_array, exits: enclosed.Exact, *, kept: int = -1
    ) -> enclosed.ExactFactor:
        """Eliminate the states of a chain."""
        return enclosed.exact_factor(rates, exits, kept=kept, number=enclosed.fraction)


def scatter(arithmetic: Arithmetic, n: int, parts: list[tuple[Any, Array]]) -> Array:
    """Return an array of n numbers with parts of it given, 0 elsewhere."""
    out = arithmetic.of(np.zeros(n))
    for where, values in parts:
        if isinstance(out, Wide):
            out.m[where], out.k[where] = values.m, values.k
        else:
            out.values[where] = values.values
    return out
