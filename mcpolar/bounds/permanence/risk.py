"""PMr: a certified risk of every memory of a given size at every level of log-odds (proofs/permanence).

A risk U(L, X), at least 1 on failure, that falls in the mean by the senders' cost at every own draw bounds the chance
of failure by the sum of the agents' risks. Here U is constant on cells of memories and between nodes of log-odds, and
the product form of PM (which needs no grid) bounds it beyond the last node and outside the cells. Each sweep lowers U
to what the inequality requires of it, so that U is valid after any number of sweeps; rounding is upwards throughout.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import Dyadic
from mcpolar.bounds.permanence.grid import Grid
from mcpolar.bounds.permanence.mesh import Mesh
from mcpolar.bounds.permanence.operator import Operator
from mcpolar.bounds.permanence.problem import RiskProblem
from mcpolar.errors import InputError

Floats = NDArray[np.float64]

SETTLED, FEWEST_SWEEPS = 0.998, 3
"""The sweep in which the risk at the start falls by less is the last one."""
MOST_UPDATES = 9 * 10**8
"""Risks times sweeps."""


def start_risk(problem: RiskProblem, grid: Grid) -> Dyadic:
    """Return an upper end of one agent's risk at the start: log-odds at least H, all memory in its own interval.

    Raises
    ------
    InputError
        As from :meth:`RiskProblem.require`, or if the grid is too large.
    """
    return certified_risk(problem, grid).at_start


@dataclass(frozen=True, eq=False)
class Risk:
    """A certified risk.

    Attributes
    ----------
    table : ndarray, shape (n_memories, n_nodes)
        Of every memory at every node: what makes the certificate.
    at_start : Dyadic
        Its upper end at the start.
    """

    table: Floats
    at_start: Dyadic

    def as_bytes(self) -> bytes:
        """Return the table, for :func:`kept_risk`."""
        return zlib.compress(self.table.tobytes(), level=1)


def certified_risk(problem: RiskProblem, grid: Grid) -> Risk:
    """Return a risk, lowered by sweeps; raises as :func:`start_risk`."""
    mesh = Mesh.of(problem, grid)
    operator = _operator(mesh)
    table = operator.product.copy()
    _settle(operator, table, mesh.at_start)
    return _risk(mesh, table)


def kept_risk(problem: RiskProblem, grid: Grid, content: bytes) -> Risk:
    """Return the risk that was kept, after the inequality was found to hold at every node and memory.

    Raises
    ------
    ValueError
        If it does not: the table is none of these inputs, or was changed.
    """
    mesh = Mesh.of(problem, grid)
    operator = _operator(mesh)
    product = operator.product
    unpacked = zlib.decompressobj().decompress(content, product.nbytes + 1)
    table = np.frombuffer(unpacked, np.float64).reshape(product.shape).copy()
    # the product form is a risk by its own proof; where the table is below it, the inequality must hold
    if not (table <= product).all() or (table[:, -1] != product[:, -1]).any():
        raise ValueError("a risk above the product form")
    if not operator.lower(table, lowers=False):
        raise ValueError("a risk below what an update requires")
    return _risk(mesh, table)


def _operator(mesh: Mesh) -> Operator:
    _check_ends(mesh.problem, mesh.grid.point(mesh.ends[0]), mesh.grid.point(mesh.ends[-1]))
    return Operator.of(mesh)


def _risk(mesh: Mesh, table: Floats) -> Risk:
    """Return the risk of a table that satisfies the inequality."""
    mantissa, exponent = math.frexp(float(table[mesh.at_start].max()))
    return Risk(table, Dyadic(int(mantissa * 2**53), exponent - 53))


def _settle(operator: Operator, risk: Floats, start: tuple[NDArray[np.intp], int]) -> None:
    """Lower a supersolution by sweeps until the risk at the start hardly falls."""
    found = float(risk[start].max())
    for sweep in range(max(FEWEST_SWEEPS, MOST_UPDATES // risk.size)):
        operator.lower(risk)
        before, found = found, float(risk[start].max())
        if sweep + 1 >= FEWEST_SWEEPS and found > SETTLED * before:
            break


def _check_ends(problem: RiskProblem, lowest: Fraction, highest: Fraction) -> None:
    form = problem.form
    if form.alpha and form.x0 < lowest:
        raise InputError("x0", float(form.x0), f"at least {float(lowest):.6g}, where the cells begin")
    if form.beta and form.x1 > highest:
        raise InputError("x1", float(form.x1), f"at most {float(highest):.6g}, where the cells end")
