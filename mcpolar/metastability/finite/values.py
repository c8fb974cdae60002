"""Results with their error: values between ends that are guaranteed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability.finite.arithmetic import Arithmetic, Array, BallArithmetic, WideArithmetic
from mcpolar.metastability.finite.enclosed import enclosed
from mcpolar.metastability.finite.factor import UNIT
from mcpolar.results import Drawn

Floats = NDArray[np.float64]
_LEAST = float(np.finfo(np.float64).tiny)
_BEYOND = "above the range of doubles: its decimal logarithm is in `log10`"


@dataclass(frozen=True, eq=False)
class Values(Drawn):
    """Numbers with ends that hold the exact ones of the chain whose entries are the given doubles.

    Attributes
    ----------
    value : ndarray
        The result. What is below the range of doubles is rounded to it, or to 0.
    low, high : ndarray
        The exact result is between these.
    log10 : ndarray
        The decimal logarithm of the result, also where it is out of the range of doubles; -inf at 0.
    method : str
        "balls" (enclosed in ball arithmetic), "elimination" (the bound on elimination's rounding, from theory),
        or what else the ends come from.
    is_certified : bool
        Whether the ends are proven; otherwise they are an estimate.
    labels : tuple, or None
        Names of the states along the axes.

    Examples
    --------
    >>> from mcpolar.metastability.finite import FiniteChain
    >>> time = FiniteChain([[1 - 1e-17, 1e-17], [1, 0]], labels=["A", "B"]).hitting_times("B")
    >>> time["A"], time.relative_error < 1e-13
    (1e+17, True)
    """

    value: Floats
    low: Floats
    high: Floats
    log10: Floats
    method: str
    is_certified: bool
    labels: tuple[Any, ...] | None = None

    @classmethod
    def of_ends(cls, ends: Sequence[Floats], method: str, *, is_certified: bool) -> Values:
        """Return values from (value, low, high, log10)."""
        value, low, high, log10 = ends
        return cls(value, low, high, log10, method, is_certified)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.value, dtype=dtype) if dtype or copy else self.value

    def __repr__(self) -> str:
        error = f"relative error up to {self.relative_error:.1e} ({self.method})"
        return f"Values({np.array2string(self.value, separator=', ', threshold=20)}, {error})"

    def __len__(self) -> int:
        return len(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __getitem__(self, key: Any) -> Any:
        keys = key if isinstance(key, tuple) and len(key) == self.value.ndim > 1 else (key,)
        found = self.value[tuple(self._place(one) for one in keys)]
        return float(found) if np.ndim(found) == 0 else found

    def _place(self, key: Any) -> Any:
        if self.labels is None or isinstance(key, slice | np.ndarray | list):
            return key
        if key in self.labels:
            return self.labels.index(key)
        raise InputError("label", key, f"one of {list(self.labels)}")

    @property
    def relative_error(self) -> float:
        """The largest half width of the ends over the value; 0 for exact zeros and infinities."""
        sure = (self.low == self.high) | (self.value == 0)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            share = (self.high / 2 - self.low / 2) / np.abs(self.value)
        return float(np.max(np.where(sure, 0.0, share), initial=0.0))

    def to_pandas(self) -> Any:
        """Return a pandas series, or a frame of a matrix, with the labels along it."""
        import pandas as pd

        names = list(self.labels) if self.labels is not None else None
        if self.value.ndim == 1:
            return pd.DataFrame({"value": self.value, "low": self.low, "high": self.high}, index=names)
        if self.value.ndim == 2 and self.value.shape[0] == self.value.shape[1]:
            return pd.DataFrame(self.value, index=names, columns=names)
        return pd.DataFrame(self.value, index=names)

    def labelled(self, labels: tuple[Any, ...] | None) -> Values:
        """Return the same values with labels along their axes."""
        return replace(self, labels=labels)

    def ordinary(self, name: str) -> Floats:
        """Return the values, or refuse where one that is finite is above the range of doubles.

        Raises
        ------
        PrecisionError
            If a value is above the range of doubles.
        """
        beyond = np.isinf(self.value) & np.isfinite(self.log10)
        if beyond.any():
            raise PrecisionError(f"{name} is {_BEYOND}: up to 10^{self.log10[beyond].max():.6g}")
        return self.value


def evaluate(
    recipe: Callable[[Arithmetic], Array], *, certified: bool, rounding: float, infinite: Any = None
) -> Values:
    """Run a computation of numbers >= 0 without subtraction.

    Parameters
    ----------
    recipe : callable
        The computation, from an arithmetic to an array.
    certified : bool
        In balls, else in wide numbers.
    rounding : float
        How many roundings it adds to those of its eliminations.
    infinite : ndarray of bool, optional
        Where the result is infinite.
    """
    if certified:
        low, high, value, log10 = enclosed(lambda: recipe(BallArithmetic()))
        method = "balls"
    else:
        wide = WideArithmetic()
        found = recipe(wide)
        log10 = found.log10()
        value = doubles(found)
        low, high = widened(value, wide.error + rounding * UNIT, found.m == 0)
        method = "elimination"
    if infinite is not None:
        for array in (low, high, value, log10):
            array[infinite] = np.inf
    return Values(value, low, high, log10, method, True)


def doubles(found: Any) -> Floats:
    """Return wide numbers as doubles, infinite where they are above the range."""
    exponent = np.clip(512 * found.k, -4096, 4096).astype(np.int32)
    with np.errstate(over="ignore", under="ignore"):
        return np.array(np.ldexp(found.m, exponent), dtype=np.float64)


def widened(value: Floats, error: float, is_zero: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return ends around values >= 0 that are right to a relative error, or to the smallest ordinary double."""
    if error >= 1:
        low, high = np.zeros_like(value), np.full_like(value, np.inf)
    else:
        with np.errstate(over="ignore", under="ignore"):
            low, high = np.nextafter(value * (1 - error), 0), np.nextafter(value * (1 + error), np.inf)
    low = np.where(
        np.isinf(value), np.finfo(np.float64).max * (1 - error), np.where(value < _LEAST, 0.0, low)
    )
    high = np.where(value < _LEAST, 2 * _LEAST, high)
    return np.where(is_zero, 0.0, low), np.where(is_zero, 0.0, high)
