"""Covariances of the components: spherical, diagonal or full, common to all agents or each agent's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.errors import InputError

Floats = NDArray[np.float64]
Kind: TypeAlias = Literal["spherical", "diagonal", "full"]

_ASYMMETRY = 1e-12


@dataclass(frozen=True, eq=False)
class Covariances:
    """Covariances, kept as their roots: a draw is mean + root z, with z standard normal.

    Make one with :meth:`spherical`, :meth:`diagonal` or :meth:`full`. A leading axis of agents gives every agent its
    own; without it they are common. A missing axis of components gives every component the same.

    Attributes
    ----------
    kind : {"spherical", "diagonal", "full"}
        Shape of the covariances.
    roots : ndarray of float
        Standard deviations: () or (c,) or (n, c) spherical; (d,), (c, d) or (n, c, d) diagonal; lower Cholesky
        factors (d, d), (c, d, d) or (n, c, d, d) full.

    Examples
    --------
    >>> Covariances.full([[1.0, 2.0], [2.0, 1.0]])
    Traceback (most recent call last):
    ...
    mcpolar.errors.InputError: `covariances` must be positive definite; got all components: smallest eigenvalue -1
    >>> Covariances.full([[4.0, 2.0], [2.0, 5.0]]).roots.tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """

    kind: Kind
    roots: Floats

    @classmethod
    def spherical(cls, sd: ArrayLike) -> Covariances:
        """Return covariances sd^2 times the identity; `sd` is a number, (c,) or (n, c).

        Raises
        ------
        InputError
            If a standard deviation is not positive and finite.
        """
        return cls("spherical", _deviations("sd", sd, ("agent", "component"), least=0))

    @classmethod
    def diagonal(cls, sd: ArrayLike) -> Covariances:
        """Return diagonal covariances with the standard deviations `sd` of the axes: (d,), (c, d) or (n, c, d).

        Raises
        ------
        InputError
            If a standard deviation is not positive and finite.
        """
        return cls("diagonal", _deviations("sd", sd, ("agent", "component", "axis"), least=1))

    @classmethod
    def full(cls, covariances: ArrayLike) -> Covariances:
        """Return covariances given as matrices: (d, d), (c, d, d) or (n, c, d, d); each is factorised once.

        Raises
        ------
        InputError
            If a matrix is not symmetric and positive definite; the message says which component, and its smallest
            eigenvalue.
        """
        matrices = _numbers("covariances", covariances)
        if matrices.ndim not in {2, 3, 4} or matrices.shape[-1] != matrices.shape[-2]:
            raise InputError(
                "covariances", f"shape {matrices.shape}", "of shape (d, d), (c, d, d) or (n, c, d, d)"
            )
        for place in np.ndindex(matrices.shape[:-2]):
            _require_positive_definite(place, matrices[place])
        return cls("full", _frozen(np.asarray(np.linalg.cholesky(matrices), dtype=np.float64)))

    def for_components(self, n: int, c: int, d: int) -> Floats:
        """Return the roots as (1 or n, c, p, q), with (p, q) = (1, 1), (d, 1) or (d, d) by kind.

        Raises
        ------
        InputError
            If they do not fit n agents and c components in d dimensions; the message says both shapes.
        """
        tail = {"spherical": (), "diagonal": (d,), "full": (d, d)}[self.kind]
        shape = self.roots.shape
        if shape not in {tail, (c, *tail), (n, c, *tail)}:
            allowed = f"{self.kind} of shape {tail}, {(c, *tail)} or {(n, c, *tail)}"
            raise InputError("covariances", f"shape {shape}", f"{allowed}, as means (c, d) = {(c, d)} want")
        agents = n if len(shape) == len(tail) + 2 else 1
        roots = np.broadcast_to(self.roots, (agents, c, *tail))
        pair = {"spherical": (1, 1), "diagonal": (d, 1), "full": (d, d)}[self.kind]
        return np.ascontiguousarray(roots.reshape(agents, c, *pair))

    def as_dict(self) -> dict[str, Any]:
        """Return the covariances for a record or JSON."""
        return {"kind": self.kind, "roots": self.roots.tolist()}


def _require_positive_definite(place: tuple[int, ...], matrix: Floats) -> None:
    where = "all components" if not place else f"component {place[-1]}"
    where += f" of agent {place[0]}" if len(place) == 2 else ""
    if np.abs(matrix - matrix.T).max() > _ASYMMETRY * np.abs(matrix).max():
        raise InputError("covariances", f"{where}: {matrix.tolist()}", "symmetric matrices")
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    # Cholesky needs more than a positive sign that rounding may have made
    if smallest <= 4e-16 * len(matrix) * np.abs(matrix).max():
        raise InputError("covariances", f"{where}: smallest eigenvalue {smallest:.3g}", "positive definite")


def _deviations(name: str, values: ArrayLike, axes: tuple[str, ...], least: int) -> Floats:
    """Return positive numbers with the last `least` or more of these axes; a fault is named by its place on them."""
    deviations = _numbers(name, values)
    if not least <= deviations.ndim <= len(axes):
        raise InputError(name, f"shape {deviations.shape}", f"an array of {least} to {len(axes)} axes")
    if deviations.size and not deviations.min() > 0:
        place = np.unravel_index(deviations.argmin(), deviations.shape)
        named = zip(axes[len(axes) - len(place) :], place, strict=True)
        where = " of ".join(reversed([f"{axis} {number}" for axis, number in named]))
        smallest = f"{where}: {float(deviations.min())!r}" if where else float(deviations.min())
        raise InputError(name, smallest, "positive standard deviations")
    return _frozen(deviations)


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(name, values, "an array of numbers") from None
    if not np.isfinite(array).all():
        raise InputError(name, values, "finite numbers")
    return array


def _frozen(array: Floats) -> Floats:
    array.setflags(write=False)
    return array
