"""Parameters of the general system, validated once."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.checks import whole_number
from mcpolar.choices import CovarianceUpdate, Schedule, Ties
from mcpolar.compiled.mixture import points as mixture_points
from mcpolar.compiled.mixture import state as mixture_state
from mcpolar.compiled.mixture.points import LANES, PADDING, Gaussians
from mcpolar.compiled.mixture.state import Options
from mcpolar.errors import InputError
from mcpolar.mixture.covariances import Covariances
from mcpolar.mixture.policies import DEFAULT_POLICY, Policy, find_policy
from mcpolar.parameters import MOST_AGENTS, MOST_MEMORY

Floats = NDArray[np.float64]
Answers: TypeAlias = Literal["query", "direct"]

SMALLEST_FLOOR = 1e-100
MOST_COMPONENTS = 2**15 - 1

_KINDS = {
    "spherical": mixture_points.SPHERICAL,
    "diagonal": mixture_points.DIAGONAL,
    "full": mixture_points.FULL,
}
_UPDATES = {
    "fixed": mixture_state.FIXED,
    "em": mixture_state.EXPECTATION_MAXIMISATION,
    "volume": mixture_state.VOLUME,
    "published": mixture_state.PUBLISHED,
}


@dataclass(frozen=True, eq=False)
class MixtureParameters:
    """The parameters of the general system (theory.md, section 5; the paper's Algorithms 1 and 2).

    Parameters
    ----------
    n : int
        Number of agents, at least 2.
    means : array_like of float, shape (c, d)
        Means of the components, common to all agents; shape (c,) on the line.
    covariances : Covariances
        See there.
    r : int
        Memory size of each agent.
    k : int, optional
        Neighbourhood size, 1 <= k <= n - 1: an agent asks one of the k agents nearest to it in the Euclidean distance
        of weight vectors, itself left out. Absent: all others.
    mirror : float
        Probability that an agent asks itself instead.
    ties : {"random", "index"}
        Which of equally near agents are among the k nearest: drawn uniformly, or those of smaller index.
    schedule : {"synchronous", "single"}
        One step updates every agent from the state before it, or one agent drawn uniformly (the paper's Remark 1).
    answers : {"query", "direct"}
        The answer follows a query and a pseudo-update, or is drawn from the other agent as it is (as in the chain).
    weight_floor : float
        Weights are clipped to [floor, 1 - floor] and renormalised before and after each EM step (published
        experiments: 1e-12). 0: exact EM, in logs. Else from 1e-100 to 1/c.
    covariance_update : {"fixed", "em", "volume", "published"}
        Covariances as given; with an M-step at each update, floored (Algorithm 2); or then scaled to the determinant
        they had (Remark 2). "published" is the M-step of the published code, which divides by 1e-12 more than the
        total responsibility: a component that is responsible for far less goes to the floor, where "em" keeps it.
    sd_floor : float
        Smallest standard deviation, along any axis, after an M-step and before any scaling. 0: no floor.
    policy : str
        Name of the memory policy.

    Raises
    ------
    InputError
        If a value is not allowed or two shapes disagree; the message names them.

    Examples
    --------
    >>> MixtureParameters(n=30, means=range(30), covariances=Covariances.spherical(0.2), r=5, k=5).c
    30
    """

    n: int
    means: ArrayLike
    covariances: Covariances
    r: int
    k: int | None = None
    mirror: float = 0.0
    _: KW_ONLY
    ties: Ties = "random"
    schedule: Schedule = "synchronous"
    answers: Answers = "query"
    weight_floor: float = 0.0
    covariance_update: CovarianceUpdate = "fixed"
    sd_floor: float = 0.01
    policy: str = DEFAULT_POLICY
    roots: Floats = field(init=False, repr=False)
    """Roots of the covariances, (1 or n, c, p, q)."""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "n", whole_number("n", self.n, 2, MOST_AGENTS))
        put(self, "means", _means(self.means))
        put(self, "r", whole_number("r", self.r, 1, MOST_MEMORY))
        k = self.n - 1 if self.k is None else self.k
        put(self, "k", whole_number("k", k, 1, self.n - 1, "n - 1"))
        put(self, "mirror", _number("mirror", self.mirror, 0.0, 1.0))
        put(self, "weight_floor", _weight_floor(self.weight_floor, self.c))
        put(self, "sd_floor", _number("sd_floor", self.sd_floor, 0.0, 1e100))
        for name, allowed in (("ties", Ties), ("schedule", Schedule), ("answers", Answers)):
            _one_of(name, getattr(self, name), get_args(allowed))
        _one_of("covariance_update", self.covariance_update, get_args(CovarianceUpdate))
        find_policy(self.policy)
        put(self, "roots", self._roots())

    def _roots(self) -> Floats:
        if not isinstance(self.covariances, Covariances):
            raise InputError(
                "covariances", self.covariances, "a Covariances, e.g. Covariances.spherical(0.2)"
            )
        roots = self.covariances.for_components(self.n, self.c, self.d)
        if self.covariance_update == "fixed":
            return roots
        if self.covariances.kind == "full" and self.sd_floor == 0:
            raise InputError(
                "sd_floor", 0, "positive when full covariances are updated: r points may not span R^d"
            )
        return np.ascontiguousarray(np.broadcast_to(roots, (self.n, *roots.shape[1:])))

    @property
    def c(self) -> int:
        """Number of components."""
        return int(np.asarray(self.means).shape[0])

    @property
    def d(self) -> int:
        """Dimension."""
        return int(np.asarray(self.means).shape[1])

    @property
    def is_updating_covariances(self) -> bool:
        """Whether covariances are part of the state."""
        return self.covariance_update != "fixed"

    def as_dict(self) -> dict[str, Any]:
        """Return the parameters for a record or JSON."""
        names = ("n", "r", "k", "mirror", "ties", "schedule", "answers", "weight_floor", "covariance_update")
        return {
            **{name: getattr(self, name) for name in (*names, "sd_floor", "policy")},
            "means": np.asarray(self.means).tolist(),
            "covariances": self.covariances.as_dict(),
        }

    def compiled(self) -> tuple[Options, Gaussians, Policy]:
        """Return the parameters in the form that the loops take."""
        policy = find_policy(self.policy)
        options = Options(
            n=self.n,
            c=self.c,
            k=self.k or 0,
            mirror=self.mirror,
            floor=self.weight_floor,
            kind=_KINDS[self.covariances.kind],
            owned=len(self.roots) > 1,
            update=_UPDATES[self.covariance_update],
            sd_floor=self.sd_floor,
            single=self.schedule == "single",
            direct=self.answers == "direct",
            random_ties=self.ties == "random",
            history=policy.needs_history,
            in_logs=self.weight_floor == 0 or self.is_updating_covariances,
        )
        return options, _gaussians(np.asarray(self.means), self.roots, self.covariances.kind), policy


def _gaussians(means: Floats, roots: Floats, kind: str) -> Gaussians:
    """Return the components for the loops: padded, with inverse roots and log-determinants."""
    agents, c, p, q = roots.shape
    d, padded = means.shape[1], -(-c // LANES) * LANES
    if kind == "full":
        inverses = np.linalg.inv(roots)
        log_det = np.log(np.diagonal(roots, axis1=2, axis2=3)).sum(axis=2)
    else:
        inverses = 1.0 / roots
        log_det = np.log(roots).sum(axis=(2, 3)) * (d if kind == "spherical" else 1)
    by_axis, last = np.zeros((d, padded)), np.ones((agents, p, q, padded))
    by_axis[:, :c], last[..., :c] = means.T, np.moveaxis(inverses, 1, 3)
    log_scale = np.full((agents, padded), PADDING)
    log_scale[:, :c] = -log_det
    return Gaussians(means, by_axis, roots, last, log_scale)


def _means(values: ArrayLike) -> Floats:
    try:
        means = np.array(list(values) if isinstance(values, range) else values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("means", values, "an array of numbers of shape (c, d)") from None
    means = np.ascontiguousarray(means[:, np.newaxis] if means.ndim == 1 else means)
    if means.ndim != 2 or 0 in means.shape:
        raise InputError("means", f"shape {means.shape}", "of shape (c, d) with c >= 1 and d >= 1")
    if not np.isfinite(means).all():
        raise InputError("means", values, "finite numbers")
    whole_number("c", len(means), 1, MOST_COMPONENTS)
    means.setflags(write=False)
    return means


def _weight_floor(value: Any, c: int) -> float:
    allowed = f"0 (exact), or from {SMALLEST_FLOOR:g} to 1/c = {1 / c:g}"
    number = _number("weight_floor", value, 0.0, 1 / c, allowed)
    if 0 < number < SMALLEST_FLOOR:
        raise InputError("weight_floor", value, allowed)
    return number


def _number(name: str, value: Any, low: float, high: float, allowed: str | None = None) -> float:
    text = allowed or f"a number from {low:g} to {high:g}"
    try:
        number = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        raise InputError(name, value, text) from None
    if not low <= number <= high:
        raise InputError(name, value, text)
    return number


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(name, value, f"one of {', '.join(allowed)}")
