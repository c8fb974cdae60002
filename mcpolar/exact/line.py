"""The line of one agent's log-odds, in panels, and the matrices of one update of it (product integration).

Functions of the log-odds that the operators here make are analytic between a few break points, vary on the scale
of one update near 0, and flatten far out: panels end at the break points and grow with the distance from 0,
so that a reach of hundreds of updates costs a handful of them. On a panel a function is its interpolating polynomial,
which is integrated against the law of an increment to all digits: only the function must be resolved, not the law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss, legvander
from numpy.typing import ArrayLike

from mcpolar.exact.kernel import Floats, Increments
from mcpolar.questions import FAR_END, NEAR_END

_GROWTH = 0.7
"""Panels at distance d from 0 are at most 2 + 0.7 d wide."""
_SDS = 9
"""Increments farther from their mean than 9 s.d. have mass 2e-19 and are left out."""
_PIECE_ORDER = 10


@dataclass(frozen=True, eq=False)
class Line:
    """Panels on [-reach, reach] and the points at which functions are known.

    Attributes
    ----------
    edges : ndarray, shape (p + 1,)
        Ends of the panels, symmetric about 0.
    order : int
        Gauss-Legendre nodes of a panel.
    points : ndarray, shape (n,)
        The nodes, in increasing order, and after them the extra points (starts), at which functions are evaluated
        but which carry no weight.
    n_nodes : int
        How many of the points are nodes.
    """

    edges: Floats
    order: int
    points: Floats
    n_nodes: int

    @classmethod
    def make(
        cls, increments: Increments, breaks: ArrayLike, reach: float, order: int, extra: ArrayLike
    ) -> Line:
        """Return panels that end at +-breaks and at 0, and the extra points."""
        half = _graded(np.abs(np.asarray(breaks, dtype=np.float64)), min(2.0, 2 * increments.sd), reach)
        edges = np.concatenate([-half[:0:-1], half])
        x, _ = leggauss(order)
        nodes = (
            0.5 * (edges[:-1] + edges[1:])[:, np.newaxis] + 0.5 * np.diff(edges)[:, np.newaxis] * x
        ).ravel()
        return cls(edges, order, np.concatenate([nodes, np.unique(np.asarray(extra))]), nodes.size)

    def index(self, value: float) -> int:
        """Return the place of an extra point."""
        return self.n_nodes + int(np.searchsorted(self.points[self.n_nodes :], value))

    def moves(
        self, increments: Increments, component: int, threshold: float = math.inf
    ) -> tuple[Floats, Floats]:
        """Return the matrices of one update by an arrival from +1 or -1, each of shape (n, n).

        Parameters
        ----------
        threshold : float
            h/sigma^2.

        Returns
        -------
        good, bad : tuple of ndarray
            Row a times the values of f is E[f(l'); the agent then satisfies E_h], and the same where it does not,
            from l = points[a]. Beyond the reach f is taken as constant; columns of extra points are 0.
        """
        centre = self.points + component * increments.mean
        ends = self._ends(increments, centre)
        middle = 0.5 * (ends[:, :-1] + ends[:, 1:])
        arrival = np.sign(middle) * (middle - self.points[:, np.newaxis]) / increments.mean
        is_good = (np.abs(middle) >= threshold) & (arrival >= NEAR_END) & (arrival <= FAR_END)
        moments, panel = self._moments(increments, centre, ends, middle)
        return self._gathered(moments * is_good[..., np.newaxis], panel), self._gathered(
            moments * ~is_good[..., np.newaxis], panel
        )

    def _ends(self, increments: Increments, centre: Floats) -> Floats:
        """Return for each row the ends of pieces on which nothing jumps and the law varies little."""
        marks = centre[:, np.newaxis] + increments.sd * np.arange(-_SDS, _SDS + 1)
        window = self.points[:, np.newaxis] + increments.mean * np.array(
            [-FAR_END, -NEAR_END, NEAR_END, FAR_END]
        )
        panels = np.broadcast_to(self.edges, (centre.size, self.edges.size))
        ends = np.concatenate([marks, window, panels], axis=1)
        return np.sort(np.clip(ends, marks[:, :1], marks[:, -1:]), axis=1)

    def _moments(
        self, increments: Increments, centre: Floats, ends: Floats, middle: Floats
    ) -> tuple[Floats, np.ndarray]:
        """Return the law's Legendre moments of every piece, in the coordinate of its panel, and these panels."""
        x, w = leggauss(_PIECE_ORDER)
        half = 0.5 * np.diff(ends, axis=1)
        at = middle[..., np.newaxis] + half[..., np.newaxis] * x
        z = (at - centre[:, np.newaxis, np.newaxis]) / increments.sd
        law = half[..., np.newaxis] * w * np.exp(-0.5 * z * z) / (increments.sd * math.sqrt(2 * math.pi))
        panel = np.clip(np.searchsorted(self.edges, middle) - 1, 0, self.edges.size - 2)
        low, high = self.edges[panel][..., np.newaxis], self.edges[panel + 1][..., np.newaxis]
        local = np.clip((2 * at - low - high) / (high - low), -1.0, 1.0)
        return np.einsum("apq,apqk->apk", law, legvander(local, self.order - 1)), panel

    def _gathered(self, moments: Floats, panel: np.ndarray) -> Floats:
        """Return the sum of the pieces of each panel, turned from moments into weights of its nodes."""
        n_panels = self.edges.size - 1
        sums = np.zeros((self.points.size, n_panels, self.order))
        np.add.at(sums, (np.arange(self.points.size)[:, np.newaxis], panel), moments)
        x, w = leggauss(self.order)
        degree = np.arange(self.order)
        weights = legvander(x, self.order - 1).T * w * (degree[:, np.newaxis] + 0.5)
        found = np.zeros((self.points.size, self.points.size))
        found[:, : self.n_nodes] = (sums @ weights).reshape(self.points.size, self.n_nodes)
        return found


def polarized_breaks(increments: Increments, threshold: float) -> Floats:
    """Return where functions of the log-odds are not smooth when E_h counts, but for kinks of the third order.

    An update from l ends with the agent in E_h if l' >= h/sigma^2 and l + 1/sigma^2 <= l' <= l + 3/sigma^2 (or the
    mirror image): kinks in l where these ends meet, and weaker ones an end of the window from there.
    """
    ends = increments.mean * np.array([NEAR_END, FAR_END])
    first = np.concatenate([[threshold], threshold - ends])
    first = np.concatenate([first, -first])
    if ends[0] < 0.25 * increments.sd:  # the law smooths over so short a distance
        return first
    return np.concatenate([first, *(first + end for end in ends), *(first - end for end in ends)])


def _graded(breaks: Floats, base: float, reach: float) -> Floats:
    """Return ends from 0 to the reach, at the breaks, with panels at most base + growth times their distance wide."""
    ends = [0.0]
    for end in np.sort(np.append(breaks, reach)):
        if 1e-9 * reach < end - ends[-1] and end <= reach:
            low, high = (math.log(base + _GROWTH * x) for x in (ends[-1], float(end)))
            n = max(1, math.ceil((high - low) / math.log1p(_GROWTH) - 1e-9))
            inner = (np.exp(np.linspace(low, high, n + 1)[1:-1]) - base) / _GROWTH
            ends += [*inner.tolist(), float(end)]
    return np.array(ends)
