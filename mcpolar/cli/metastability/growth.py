"""`mcpolar metastability growth`: how fast |log-odds| grow, and the exponent of ever leaving a silo."""

from __future__ import annotations

import functools
import itertools
from decimal import Decimal
from typing import Annotated, Any

from cyclopts import Parameter

from mcpolar.checks import plain, whole_number
from mcpolar.choices import GrowthMethod
from mcpolar.cli.lists import values, whole_values
from mcpolar.cli.metastability.options import OUT, Outputs
from mcpolar.cli.options import Flag, Quiet, Text, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.exponents import DecayExponent, Growth
from mcpolar.limits import require_cells
from mcpolar.parameters import MOST_MEMORY, standard_deviation
from mcpolar.report import tables


def growth(
    *,
    memory: Annotated[Text, Parameter(name=["--memory", "-r"])] = "1,2,5,10,50",
    sigma: Text = "0.2,0.5,1,2,5",
    replicas: Whole = 64,
    updates: Whole = 4000,
    burn_in: Whole = 1000,
    confidence: float = 0.999,
    decay: Flag = False,
    method: GrowthMethod = "auto",
    states: Whole = 250_000,
    particles: Whole = 1000,
    seed: Whole = 1,
    progress: Watched = "auto",
    quiet: Quiet = False,
    out: Outputs = OUT,
) -> None:
    """Estimate how fast the |log-odds| of an agent grow that hears its own side only.

    growth is lambda = -E log mean_h e^(-2 x_h/sigma^2) per update under the stationary law of the memory, scaled_growth
    is sigma^2 lambda. Memory and sigma take a list a,b,c or a range a:b or a:b:step.

    Parameters
    ----------
    memory
        Memory sizes r.
    sigma
        Component standard deviations.
    replicas
        Independent replicas of each cell.
    updates
        Updates counted in each replica.
    burn_in
        Updates before them. A drift beyond about 4 (standard errors between the halves) says that they are too few.
    confidence
        Of each interval of the growth.
    decay
        Also theta*: P(ever leaving a silo | log-odds H) falls as e^(-theta* H). Up to a minute for each cell with
        r > 3; empty for r too large for `states`, and for sigma outside 0.15 to 10.
    method
        theta* on a grid of memories, or by particles; auto takes the grid up to r = 3.
    states
        Most memories of the grid, also of the one that draws the particles.
    particles
        Particles of each run.
    seed
        Seed of every draw; the cells share their draws.
    """
    out.form()
    from mcpolar.exponents import decay_exponent, log_odds_growth

    sizes = [whole_number("r", r, 1, MOST_MEMORY) for r in whole_values("r", memory)]
    require_cells("memory", [len(sizes), len(values("sigma", sigma))])
    sigmas = [standard_deviation("sigma", one) for one in values("sigma", sigma)]
    exponent_of = functools.partial(
        decay_exponent, method=method, states=states, particles=particles, seed=seed
    )
    counts = dict[str, Any](replicas=replicas, updates=updates, burn_in=burn_in, confidence=confidence)
    exponent_of(1, "1")  # refuses bad options before anything is run
    found: list[Growth] = []
    exponents: list[DecayExponent | None] = []
    with progress_bar("cells", len(sizes) * len(sigmas), quiet=quiet, form=progress) as advance:
        for one, r in itertools.product(sigmas, sizes):
            found.append(log_odds_growth(r, one, **counts, seed=seed))
            offered = decay and _offers_exponent(r, one, states)
            exponents.append(exponent_of(r, one) if offered else None)
            advance(1)
    if out.plot is not None:
        from mcpolar.report.plots.growth import draw_growth

        made = {"memory": sizes, "sigma": sigmas, "seed": seed} | counts
        out.draw(draw_growth(found, [one for one in exponents if one is not None]), made)
    pairs = zip(found, exponents, strict=True)
    rows = [_row(one) | (_exponent_row(theta) if decay else {}) for one, theta in pairs]
    summary = counts | {"seed": seed} | (dict(exponent_of.keywords) if decay else {})
    out.write("Growth of |log-odds| per update", summary, rows)


def _offers_exponent(r: int, sigma: Decimal, states: int) -> bool:
    from mcpolar.exponents.decay import LARGEST_SIGMA, SMALLEST_SIGMA, largest_memory

    return r <= largest_memory(states) and SMALLEST_SIGMA <= sigma <= LARGEST_SIGMA


def _row(found: Growth) -> tables.Row:
    unit = float(found.sigma) ** 2
    low, high = found.interval
    return {
        "r": found.r,
        "sigma": plain(found.sigma),
        "growth": found.rate,
        "growth_low": low,
        "growth_high": high,
        "scaled_growth": found.scaled,
        "scaled_growth_low": unit * low,
        "scaled_growth_high": unit * high,
        "drift": found.drift,
    }


def _exponent_row(found: DecayExponent | None) -> tables.Row:
    if found is None:
        return dict.fromkeys(("theta", "theta_error", "theta_method"))
    return {"theta": found.theta, "theta_error": found.error, "theta_method": found.method}
