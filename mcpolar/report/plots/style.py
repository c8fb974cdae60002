"""The look of every picture: widths of a journal's columns, colours, and matplotlib's settings.

Colours are Okabe and Ito's, distinct in all common forms of colour blindness.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec

from mcpolar.errors import ResourceError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

P = ParamSpec("P")
COLUMN, PAGE = 3.4, 7.0
"""Widths of one and of two columns, in inches."""
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

STYLE: dict[str, Any] = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.0,
    "errorbar.capsize": 2,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "svg.hashsalt": "mcpolar",  # names inside the file: the same picture gives the same bytes
    "figure.constrained_layout.use": True,
}


def require_matplotlib() -> Any:
    """Return matplotlib, or say that the install is broken: it belongs to the core.

    Raises
    ------
    ResourceError
        If it is.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise ResourceError(
            f"figures need matplotlib, a dependency of mcpolar ({error}): pip install matplotlib"
        ) from error
    return matplotlib


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the style of the paper's figures, which matplotlib reads while it draws."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with require_matplotlib().rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn
