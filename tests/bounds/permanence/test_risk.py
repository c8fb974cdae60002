"""PMr: the risk on a grid satisfies the theorem's inequality, and bounds what simulation finds."""

from __future__ import annotations

import itertools
import math
import zlib
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from mcpolar.balls import Dyadic
from mcpolar.bounds.permanence.grid import Grid
from mcpolar.bounds.permanence.nodes import fitting, nodes_of
from mcpolar.bounds.permanence.own_side import Certificate
from mcpolar.bounds.permanence.problem import ProductForm, RiskProblem, senders_share
from mcpolar.bounds.permanence.risk import certified_risk, kept_risk, start_risk
from mcpolar.bounds.permanence.shape import Shape
from mcpolar.bounds.permanence.suprema import suprema
from mcpolar.confidence.intervals import clopper_pearson
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters

SHAPE = Shape("0.176", "0.499", "0.29", "0.372", "1.53", "0.49", "0.03")
S = Fraction(4)  # sigma = 0.5
FORM = ProductForm.of(Certificate(SHAPE, suprema(S, SHAPE)))
PROBLEM = RiskProblem(r=2, precision=S, log_odds=Fraction(8), senders=Fraction(1), two_silos=True, form=FORM)
COARSE = Grid(5, 5)


class Table:
    """The table of a certified risk, as it was when the sweeps ended, with the glued risk of any state."""

    def __init__(self, problem: RiskProblem, grid: Grid) -> None:
        found = certified_risk(problem, grid)
        self.start, self.risk = float(found.at_start.fraction), found.table
        self.problem, self.nodes = problem, nodes_of(problem, grid)[0]
        sigma = 1 / math.sqrt(problem.precision)
        ends = grid.ends(problem.r, sigma)
        self.ends = np.array([float(grid.point(end)) for end in ends])
        self.y = np.concatenate(
            [np.linspace(a, b, 80, endpoint=False) for a, b in itertools.pairwise(self.ends)]
        )
        width = np.diff(np.append(self.y, self.ends[-1]))
        self.y = self.y + width / 2
        self.mass = stats.norm.cdf(self.y + width / 2, 1, sigma) - stats.norm.cdf(
            self.y - width / 2, 1, sigma
        )

    def product(self, log_odds: np.ndarray, memory: np.ndarray) -> np.ndarray:
        """A e^{-theta L} prod f(x_h)."""
        s, lowest, rho = float(S), self.nodes[0], float(FORM.rho.fraction)
        theta, alpha, x0, beta, x1 = (float(x) for x in (FORM.theta, FORM.alpha, FORM.x0, FORM.beta, FORM.x1))
        drift = (
            float(self.problem.senders)
            * math.exp(-(1 - theta) * lowest)
            / (1 + math.exp(-lowest))
            / (1 - rho)
        )
        factor = max(math.exp(theta * lowest - s * alpha * x0), drift)
        f = np.exp(s * np.maximum(0, np.maximum(alpha * (x0 - memory), beta * (memory - x1))))
        return factor * np.exp(-theta * log_odds) * f.prod(axis=-1)

    def glued(self, log_odds: np.ndarray, memory: np.ndarray) -> np.ndarray:
        """U(L, X) as the theorem defines it, of many states with r = 2."""
        cells = np.sort(np.searchsorted(self.ends, memory, side="right") - 1, axis=-1)
        node = np.searchsorted(self.nodes, log_odds, side="right") - 1
        low, high = cells[..., 0], cells[..., 1]
        number = low + high * (high + 1) // 2  # in the order of their numbers
        table = self.risk[number, np.clip(node, 0, None)]
        on_grid = (node >= 0) & (node < self.nodes.size - 1)
        found = np.minimum(1.0, self.product(log_odds, memory))
        found = np.where(on_grid, np.minimum(found, table), found)
        return np.where(node < 0, 1.0, found)

    def excess(self, log_odds: float, memory: np.ndarray) -> float:
        """c u + K[U'] less U, relative to U, by quadrature with the chain's own update."""
        after = np.broadcast_to(memory, (self.y.size, 2)).copy()
        farthest = np.argmax(np.abs(after - self.y[:, None]), axis=1)
        after[np.arange(self.y.size), farthest] = self.y
        z = log_odds + 2 * float(S) * after
        reached = np.log((1 / (1 + np.exp(-z))).sum(axis=1) / (1 / (1 + np.exp(z))).sum(axis=1))
        cost = float(self.problem.senders) / (1 + math.exp(log_odds))
        mean = float(np.sum(self.mass * self.glued(reached, after)))
        here = float(self.glued(np.array(log_odds), memory))
        return (cost + mean - here) / here if here < 1 else -math.inf


@pytest.fixture
def table():
    return Table(PROBLEM, COARSE)


def states(table: Table, n: int) -> list[tuple[float, np.ndarray]]:
    rng = np.random.default_rng(1)
    log_odds = rng.uniform(table.nodes[0], table.nodes[0] + 20, n)
    memory = np.where(rng.random((n, 2)) < 0.5, rng.normal(1, 0.5, (n, 2)), rng.uniform(-1.5, 2.2, (n, 2)))
    return [(float(a), b) for a, b in zip(log_odds, memory, strict=True)]


def test_law_the_inequality_holds_at_any_state(table):
    """The quadrature's own error is below 1e-3: the integrand jumps inside 3 of some 2000 cells."""
    excess = [table.excess(*state) for state in states(table, 1500)]
    assert max(excess) < 1e-3
    assert np.mean(np.array(excess) > -0.5) > 0.2  # and it is not idle


def test_control_a_lowered_risk_fails_the_inequality(table):
    table.risk[:, 2:20] *= 0.7
    assert max(table.excess(*state) for state in states(table, 1500)) > 0.05


def simulated_failures(problem: RiskProblem, n: int) -> int:
    """Count replicas of one agent alone that ever draw from the other component or fall to log 2, by numpy."""
    rng, sigma, r = np.random.default_rng(2), 1 / math.sqrt(problem.precision), problem.r
    log_odds, memory = np.full(n, float(problem.log_odds)), np.full((n, r), 0.5)
    failed = np.zeros(n, bool)
    for _ in range(40):
        failed |= rng.random(n) < 1 / (1 + np.exp(log_odds))
        y = rng.normal(1, sigma, n)
        memory[np.arange(n), np.argmax(np.abs(memory - y[:, None]), axis=1)] = y
        z = log_odds[:, None] + 2 * float(problem.precision) * memory
        u = (1 / (1 + np.exp(np.minimum(z, 700)))).mean(axis=1)
        log_odds = np.log1p(-u) - np.log(u)
        failed |= log_odds <= math.log(2)
        log_odds = np.minimum(log_odds, 600)
    return int(failed.sum())


@pytest.mark.parametrize(("r", "n"), [(1, 200_000), (2, 200_000), (3, 200_000)])
def test_sandwich_one_agents_risk(r, n):
    """One agent alone at sigma 0.5, H = 4, memory at 1/2: false alarms 1e-6; the risk is sharp within 30 %."""
    problem = replace(PROBLEM, r=r, log_odds=Fraction(4))
    risk = float(start_risk(problem, Grid.default(r)).fraction)
    low, high = np.exp(clopper_pearson(simulated_failures(problem, n), n, 1 - 2e-6))
    assert low < risk
    assert risk < 1.3 * high


def test_control_a_wider_law_is_caught():
    """Draws with a standard deviation 20 % too large fail so often that the risk could not bound them."""
    problem = replace(PROBLEM, log_odds=Fraction(4))
    wide = replace(problem, precision=S * Fraction(100, 144))
    low, _ = np.exp(clopper_pearson(simulated_failures(wide, 200_000), 200_000, 1 - 2e-6))
    assert low > float(start_risk(problem, Grid.default(2)).fraction)


def test_reference_risks():
    """m = 30 agents at sigma 0.5, two silos of 15 with k = 14: the bounds of docs/permanence.md."""
    for r, level, low, high in ((1, 2, 0.018, 0.019), (2, 2, 0.020, 0.0215), (3, 1, 0.62, 0.64)):
        problem = replace(PROBLEM, r=r, log_odds=level * S)
        assert low < 30 * float(start_risk(problem, Grid.default(r)).fraction) < high


def test_law_finer_grids_more_senders_and_nearer_starts():
    here = start_risk(PROBLEM, COARSE).fraction
    assert start_risk(PROBLEM, Grid(10, 10)).fraction < here
    assert start_risk(replace(PROBLEM, senders=Fraction(29, 15)), COARSE).fraction > 1.3 * here
    assert start_risk(replace(PROBLEM, log_odds=Fraction(7)), COARSE).fraction > here


def test_law_one_silo_risks_less():
    problem, grid = replace(PROBLEM, log_odds=Fraction(4)), Grid(20, 20)
    assert start_risk(replace(problem, two_silos=False), grid).fraction < start_risk(problem, grid).fraction


def test_law_memory_one_needs_no_search():
    """PM1's product form, which exists for every sigma, gives the same risk up to what is negligible."""
    searched = replace(PROBLEM, r=1)
    closed = replace(searched, form=ProductForm.of_memory_one(S))
    assert start_risk(closed, COARSE).fraction == pytest.approx(
        start_risk(searched, COARSE).fraction, rel=0.02
    )
    wide = replace(
        closed,
        precision=Fraction(1, 4),
        log_odds=Fraction(10),
        form=ProductForm.of_memory_one(Fraction(1, 4)),
    )
    assert start_risk(wide, Grid.default(1)).fraction < Fraction(1, 10)


def test_law_a_risk_never_exceeds_one():
    assert start_risk(replace(PROBLEM, log_odds=Fraction(1)), Grid(2, 2)).fraction <= 1


@pytest.mark.parametrize(
    ("chain", "split", "share"),
    [
        (ChainParameters(30, 2, "0.5"), 30, 1),
        (ChainParameters(30, 2, "0.5", k=14), 15, 1),
        (ChainParameters(30, 2, "0.5", k=5), 15, Fraction(11, 6)),
        (ChainParameters(30, 2, "0.5", k=9), 12, Fraction(18, 10)),
        (ChainParameters(30, 2, "0.5", k=14, mirror="0.5"), 15, 1),
        (ChainParameters(30, 2, "0.5", k=4, mirror="0.25"), 15, Fraction(7, 4)),
    ],
)
def test_reference_senders_share(chain, split, share):
    assert senders_share(chain, split) == share


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"r": 11}, "`r` must be at most 10 for a risk on a grid; got 11"),
        ({"form": replace(FORM, rho=Dyadic(1, 0))}, "`rho` must be below 1"),
        ({"form": replace(FORM, theta=Fraction(3, 5))}, "`theta` must be at most 1/2 for a risk on a grid"),
        ({"precision": Fraction(10**6)}, "`sigma` must be at least 1/256"),
        ({"log_odds": Fraction(1, 2)}, "`log_odds` must be above 0.694"),
        ({"log_odds": Fraction(10**6)}, "`log_odds` must be above 0.694 and at most 262144"),
    ],
)
def test_rejects_problems_without_a_risk(change, message):
    with pytest.raises(InputError) as caught:
        start_risk(replace(PROBLEM, **change), COARSE)
    assert str(caught.value).startswith(message)


def test_rejects_a_grid_that_is_too_fine():
    with pytest.raises(InputError, match="`grid` must be so coarse that there are at most 20000000"):
        start_risk(replace(PROBLEM, r=6), Grid(20, 20))
    with pytest.raises(InputError, match="`grid` must be one with fewer than 4000; got 24983 nodes"):
        start_risk(replace(PROBLEM, log_odds=Fraction(1000)), Grid(5, 100))
    with pytest.raises(InputError, match="`grid` must be one with fewer; got more than 4000 nodes"):
        form = replace(FORM, theta=Fraction(1, 1000))
        start_risk(replace(PROBLEM, log_odds=Fraction(100), form=form), COARSE)


def test_rejects_a_form_that_bends_outside_the_cells():
    for change, message in (
        ({"x1": Fraction(20)}, "`x1` must be at most "),
        ({"x0": Fraction(-20)}, "`x0` must be"),
    ):
        with pytest.raises(InputError) as caught:
            start_risk(replace(PROBLEM, form=replace(FORM, **change)), COARSE)
        assert str(caught.value).startswith(message)


def test_law_larger_levels_take_coarser_grids():
    default = Grid.default(4)
    assert fitting(replace(PROBLEM, r=4), default) == default
    far = fitting(replace(PROBLEM, r=4, log_odds=Fraction(200)), default)
    assert (far.cells_per_unit, far.steps_per_level) < (default.cells_per_unit, default.steps_per_level)
    with pytest.raises(InputError, match="`grid` must be one that fits: smaller log-odds or memory"):
        fitting(replace(PROBLEM, r=4, log_odds=Fraction(10**5)), default)


@pytest.fixture(scope="module")
def risk():
    return certified_risk(PROBLEM, COARSE)


class TestKept:
    """A table that was kept is a risk only where the inequality holds."""

    def test_law_a_kept_table_is_certified_again(self, risk):
        again = kept_risk(PROBLEM, COARSE, risk.as_bytes())
        assert again.at_start == risk.at_start == start_risk(PROBLEM, COARSE)
        assert (again.table == risk.table).all()

    @pytest.mark.parametrize("factor", [0.0, 0.999, 1e-6, -1.0, math.nan, 2.0])
    def test_control_an_edited_table_is_refused(self, risk, factor):
        wrong = replace(risk, table=risk.table * factor)
        with pytest.raises(ValueError, match="a risk"):
            kept_risk(PROBLEM, COARSE, wrong.as_bytes())

    def test_control_a_single_entry_below_what_holds_is_refused(self, risk):
        rng = np.random.default_rng(4)
        for _ in range(30):
            at = rng.integers(len(risk.table)), rng.integers(risk.table.shape[1] - 1)
            table = risk.table.copy()
            table[at] *= 0.2
            with pytest.raises(ValueError, match="a risk"):
                kept_risk(PROBLEM, COARSE, replace(risk, table=table).as_bytes())

    @pytest.mark.parametrize("change", [{"log_odds": Fraction(7)}, {"senders": Fraction(29, 15)}])
    def test_control_a_table_of_other_inputs_is_refused(self, risk, change):
        with pytest.raises(ValueError, match="a risk|reshape|multiple"):
            kept_risk(replace(PROBLEM, **change), COARSE, risk.as_bytes())

    @pytest.mark.parametrize("content", [b"", b"x", zlib.compress(b""), zlib.compress(bytes(10**7))])
    def test_rejects_other_bytes(self, content):
        with pytest.raises((ValueError, zlib.error)):
            kept_risk(PROBLEM, COARSE, content)
