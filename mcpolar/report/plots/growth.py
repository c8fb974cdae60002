"""The picture of how fast log-odds grow, and of the exponent of ever leaving a silo; it computes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mcpolar.checks import plain
from mcpolar.exponents import DecayExponent, Growth
from mcpolar.report.plots.metastability import COLOURS
from mcpolar.report.plots.style import PAGE, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BESIDE = 1.025  # the lines stand a little beside one another, so that error bars do not overlap
MARKERS = "os^Dv<>p*h"
Record = TypeVar("Record", Growth, DecayExponent)


@styled
def draw_growth(found: Sequence[Growth], exponents: Sequence[DecayExponent] = ()) -> Figure:
    """Return sigma^2 lambda against the memory size, one line for each sigma; beside it theta*, if there is any.

    Parameters
    ----------
    found : sequence of Growth
        Estimates, at least one, drawn with their intervals.
    exponents : sequence of DecayExponent
        Exponents at sigmas of `found`, drawn with their errors.
    """
    from matplotlib.figure import Figure

    panels = 2 if exponents else 1
    figure = Figure(figsize=((0.35 + 0.325 * panels) * PAGE, 2.9))
    left, *others = figure.subplots(1, panels, squeeze=False, sharex=True)[0]
    _put_rates(found, left)
    for axes, (sigma, rest) in itertools.product(others, _by_sigma(exponents).items()):
        drawn = [(one.r, one.theta, one.error) for one in rest]
        _errorbars(axes, drawn, list(_by_sigma(found)).index(sigma), None)
        axes.set(ylabel="θ*", title="exponent of ever leaving a silo")
    for axes in (left, *others):
        _name_sizes(axes, sorted({one.r for one in found}))
    return figure


def put_growth(growth: Growth, axes: Axes) -> Axes:
    """Draw one estimate with its interval, in units of 1/sigma^2, against the memory size."""
    _put_rates([growth], axes)
    _name_sizes(axes, [growth.r])
    return axes


def _put_rates(found: Sequence[Growth], axes: Axes) -> None:
    for number, (sigma, line) in enumerate(_by_sigma(found).items()):
        unit = float(sigma) ** 2
        drawn = [(one.r, one.scaled, unit * (one.interval[1] - one.rate)) for one in line]
        _errorbars(axes, drawn, number, f"σ = {plain(sigma)}")
    level = 100 * found[0].confidence
    axes.set(ylabel="σ² λ", title=f"growth of |log-odds| per update, {level:g}% intervals")
    axes.legend(ncols=2)


def _name_sizes(axes: Axes, sizes: Sequence[int]) -> None:
    axes.axhline(0, color="0.7", lw=0.6)
    axes.set(xscale="log", xlabel="memory size r")
    axes.set_xticks(sizes, [str(r) for r in sizes])
    axes.minorticks_off()


def _by_sigma(records: Sequence[Record]) -> dict[Decimal, list[Record]]:
    found: dict[Decimal, list[Record]] = {}
    for one in records:
        found.setdefault(one.sigma, []).append(one)
    return found


def _errorbars(axes: Axes, drawn: Sequence[tuple[int, float, float]], number: int, label: str | None) -> None:
    sizes, values, errors = zip(*sorted(drawn), strict=True)
    axes.errorbar(
        np.array(sizes) * BESIDE**number,
        values,
        errors,
        marker=MARKERS[number % len(MARKERS)],
        color=COLOURS[number % len(COLOURS)],
        ms=3,
        lw=1,
        capsize=2,
        label=label,
    )
