"""GPM: no agent of a general mixture ever changes its silo."""

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from mcpolar.balls import working_precision
from mcpolar.bounds import general_permanence, permanence
from mcpolar.bounds.mixtures.closed_form import ClosedShape, rho_above
from mcpolar.bounds.mixtures.competitors import risk_of
from mcpolar.bounds.mixtures.frame import Contraction, FirstStage
from mcpolar.bounds.mixtures.in_any_dimension import RadialAim
from mcpolar.bounds.mixtures.in_any_dimension import certified as radial_certified
from mcpolar.bounds.mixtures.memory_one import memory_one
from mcpolar.bounds.mixtures.on_a_line import LineShape, certified, half_width, low_draw
from mcpolar.bounds.mixtures.population import Population
from mcpolar.bounds.mixtures.radial import Cells, RadialShape, supremum
from mcpolar.errors import InputError
from mcpolar.means import Gap, Means
from mcpolar.parameters import ChainParameters

FIGURE_2 = {"m": 30, "sigma": "0.2", "means": "line", "components": 30, "distance": 1}
TRIANGLE = {"m": 5, "r": 1, "sigma": "0.6", "means": "circle", "components": 3, "distance": 2}
ABOVE = mpmath.mpf(10) ** -50


def exact(value):
    number = Fraction(value)
    return mpmath.mpf(number.numerator) / number.denominator


def upper(value):
    """The upper end of a ball as an mpmath number."""
    mantissa, exponent = value.upper().man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))


@pytest.mark.parametrize(("level", "failure"), [(2, 0.1945132), (3, 0.01407806), (4, 1.018910e-3)])
def test_reference_memory_one_on_a_triangle(level, failure):
    """The note's 0.195, 0.0141 and 1.02e-3."""
    bound = general_permanence(**TRIANGLE, level=level)
    assert bound.holds
    assert float(bound.failure.fraction) == pytest.approx(failure, rel=1e-5, abs=0)
    assert 0 <= 1 - bound.failure.fraction - bound.value.fraction < Fraction(1, 2**100)
    assert bound.horizon_steps is None


def test_reference_memory_one_in_figure_2_takes_the_best_form_for_each_competitor():
    """GPM1 alone gives 4.2e-4 (the note); far competitors by GPM-line's frame leave 5.8e-5."""
    bound = general_permanence(**FIGURE_2, r=1, level=3)
    assert 5.5e-5 < float(bound.failure.fraction) < 6e-5


def test_law_random_parameters_of_memory_one_by_other_means():
    """1000 random sets: the risk in balls is never below the formula at 60 digits, and close to it."""
    rng = np.random.default_rng(20)
    for _ in range(1000):
        theta, q = Fraction(int(rng.integers(1, 999)), 1000), Decimal(int(rng.integers(1, 500))) / 1000
        sigma = Fraction(int(rng.integers(20, 2000)), 1000)
        gap = Gap.of(Fraction(int(rng.integers(100, 9000)), 1000))
        log_ratio = Fraction(int(rng.integers(7000, 90000)), 1000)
        senders = Fraction(int(rng.integers(10, 80)), 10)
        found = memory_one(gap, sigma, float(log_ratio), float(senders), math.log(q))
        found = Contraction(theta, _rho(theta, gap, sigma), found.log_crossing, None, {})
        with working_precision(128):
            value = upper(found.risk(log_ratio, senders, q))
        t = exact(theta)
        rho = mpmath.exp(-t * (1 - t) * exact(gap.squared) / (2 * exact(sigma) ** 2))
        factor = max(exact(q) ** -t, exact(senders) * exact(q) ** (1 - t) / (1 - rho))
        slow = factor * mpmath.exp(-t * exact(log_ratio))
        assert slow <= value <= slow * (1 + mpmath.mpf(10) ** -12)


def _rho(theta, gap, sigma):
    from mcpolar.balls import ball, upper_end

    return upper_end(lambda: ball(-theta * (1 - theta) * gap.squared / (2 * sigma**2)).exp(), 60)


def test_law_random_first_stages_by_other_means():
    """1000 random sets of the stage's formula, at 60 digits."""
    from mcpolar.balls import Dyadic, ball

    rng = np.random.default_rng(21)
    for _ in range(1000):
        theta, delta, zeta, cross = (
            Fraction(int(rng.integers(1, hi)), 1000) for hi in (500, 3000, 3000, 9000)
        )
        rho, rho_hat = (Dyadic(int(rng.integers(1, 1023)), -10) for _ in range(2))
        q, senders = Decimal(int(rng.integers(1, 500))) / 1000, Fraction(int(rng.integers(10, 80)), 10)
        log_ratio = Fraction(int(rng.integers(7000, 90000)), 1000)
        stage = FirstStage(lambda z=zeta: ball(-z), lambda d=delta: ball(d), rho_hat)
        one = Contraction(theta, rho, lambda c=cross: ball(c), stage, {})
        with working_precision(128):
            value = upper(one.risk(log_ratio, senders, q))
        t, c_s, H = exact(theta), exact(senders), exact(log_ratio)
        factor = max(
            exact(q) ** -t * mpmath.exp(-exact(cross)),
            c_s * exact(q) ** (1 - t) / (1 - exact(rho.fraction)),
        )
        slow = c_s * mpmath.exp(-H) / (1 - mpmath.exp(-exact(zeta)))
        slow += factor * exact(delta) / (1 - exact(rho_hat.fraction)) * mpmath.exp(-t * H)
        assert slow <= value <= slow * (1 + mpmath.mpf(10) ** -25)


def test_law_random_closed_forms_by_other_means():
    """1000 random sets of Proposition 4, at 60 digits."""
    rng = np.random.default_rng(22)
    for _ in range(1000):
        theta = Fraction(int(rng.integers(20, 240)), 1000)
        alpha = 2 * theta + Fraction(int(rng.integers(0, 800)), 1000)
        x0, x1 = Fraction(int(rng.integers(0, 900)), 1000), Fraction(int(rng.integers(1000, 1700)), 1000)
        s = Fraction(int(rng.integers(100, 9000)), 100)
        shape = ClosedShape(
            *(Decimal(number.numerator) / number.denominator for number in (theta, alpha, x0, x1))
        )
        with working_precision(256):
            value = upper(rho_above(s, shape))
        slow = proposition4(*(exact(number) for number in (s, theta, alpha, x0, x1)))
        assert slow * (1 - ABOVE) <= value <= slow * (1 + ABOVE)


def proposition4(s, theta, alpha, x0, x1):
    def e(x):
        return mpmath.exp(s * x)

    def normal(z):
        return mpmath.erfc(-z * mpmath.sqrt(s / 2)) / 2

    k1, kappa, beta = e(8 * theta**2) / 2, 2 * theta + alpha, alpha
    low = e(alpha * (x0 - 1) + alpha**2 / 2) * normal(x0 - 1 + alpha)
    high = e(beta * (1 - x1) + beta**2 / 2) * normal(1 + beta - x1)
    total = e(-2 * theta * x0) * (1 + low + high) + k1 * e(-2 * theta * (2 - x1))
    total += k1 * e(alpha * (x0 - 1) + alpha**2 / 2 - 4 * theta * (1 - alpha) + 2 * theta * x1)
    total += e(-2 * theta * x1) * normal(1 - x1) + e(-2 * theta * (1 - theta))
    return total + e(alpha * x0 - kappa + kappa**2 / 2) * normal(x0 - 1 + kappa)


def test_law_random_low_draws_by_other_means():
    """1000 random shapes: delta at 60 digits; and at three of them by quadrature of its definition."""
    rng = np.random.default_rng(23)
    for trial in range(1000):
        theta = Decimal(int(rng.integers(20, 240))) / 1000
        alpha, x0 = (
            2 * theta + Decimal(int(rng.integers(0, 500))) / 1000,
            Decimal(int(rng.integers(10, 500))) / 1000,
        )
        y0 = x0 * Decimal(int(rng.integers(1, 100))) / 100
        shape = LineShape(theta, alpha, x0, 2 * theta + 1, "1.5", x0, y0)
        s = Fraction(int(rng.integers(100, 9000)), 100)
        with working_precision(256):
            value = upper(low_draw(s, shape))
        t, a, x, y, precision = (exact(number) for number in (theta, alpha, x0, y0, s))
        kappa = 2 * t + a
        slow = mpmath.exp(precision * (a * x - kappa + kappa**2 / 2))
        slow *= mpmath.erfc((1 - kappa - y) * mpmath.sqrt(precision / 2)) / 2
        assert slow * (1 - ABOVE) <= value <= slow * (1 + ABOVE)
        if trial < 3:
            with mpmath.workdps(20):
                density = mpmath.sqrt(precision / (2 * mpmath.pi))
                by_parts = mpmath.quad(
                    lambda z, t=t, a=a, x=x, p=precision, k=density: (
                        k * mpmath.exp(p * (-2 * t * z + a * (x - z) - (z - 1) ** 2 / 2))
                    ),
                    [-6, -2, -1, y],
                )
            assert abs(by_parts / value - 1) < 1e-8


def test_sandwich_the_closed_form_is_above_the_supremum():
    """Proposition 4 against branch and bound: the same shape, s = 25 (competitors two apart in Figure 2)."""
    s = Fraction(25)
    shape = LineShape("0.1", "0.3", "0.45", "0.3", "1.3", "0.45", "0.01", half_width="0.25")
    sharp = certified(s, shape)
    closed = ClosedShape(*(Decimal(x) for x in ("0.1", "0.3", "0.45", "1.3")))
    with working_precision(128):
        assert sharp.rho.fraction < 1
        assert float(sharp.rho.fraction) <= float(upper(rho_above(s, closed)))


def drawn(dimension, sigma, n, seed):
    return np.random.default_rng(seed).normal(0, sigma, (n, dimension))


def contraction_of(memory, competitor, sigma, theta, log_psi, draws):
    """E[maxE(X')^theta Psi(X')]/Psi(X) at one memory about mu_j = 0, and its standard error."""
    gaps = np.linalg.norm(memory[None] - draws[:, None], axis=2)
    after = np.repeat(memory[None], len(draws), axis=0)
    after[np.arange(len(draws)), gaps.argmax(axis=1)] = draws
    distance = np.linalg.norm(competitor)
    z = after @ (competitor / distance)
    log_e = -(distance * (distance - 2 * z)) / (2 * sigma**2)
    values = theta * log_e.max(axis=1) + log_psi(after).sum(axis=1) - log_psi(memory[None]).sum()
    values = np.exp(values)
    return values.mean(), values.std() / math.sqrt(len(draws))


RADIAL = RadialShape(0.06448, 1.7474, 2.5, 0.8)


def test_law_radial_supremum_is_above_adversarial_memories():
    """d = 2, Delta = 10: memories towards the competitor, away from it, spread, r <= 5; at 6 standard errors."""
    rho = supremum(Cells(2, (10.0, 10.0), RADIAL, fine=True))
    assert rho < 0.5
    competitor, draws = np.array([10.0, 0.0]), drawn(2, 1.0, 40_000, 3)
    rng, largest = np.random.default_rng(4), 0.0
    for trial in range(60):
        r = int(rng.integers(1, 6))
        memory = rng.normal(0, 1, (r, 2)) * rng.choice([0.1, 1, 3])
        if trial % 3 == 1:
            memory = np.full((r, 2), [rng.uniform(0, 8), 0.0])
        if trial % 3 == 2:
            memory = np.outer(rng.uniform(-2, 14, r), [1.0, 0.0])
        mean, error = contraction_of(memory, competitor, 1.0, RADIAL.theta, _log_psi, draws)
        assert mean <= rho + 6 * error
        largest = max(largest, mean)
    assert largest > 0.5 * rho


def _log_psi(memory):
    return RADIAL.log_psi(np.linalg.norm(memory, axis=-1))


class Quadrature:
    """G, rho^'s integrand and delta of GPM-rad by Gauss and Legendre, in norm and angle: no cells."""

    def __init__(self, dimension, delta, shape):
        self.d, self.delta, self.shape = dimension, delta, shape
        nodes, weights = np.polynomial.legendre.leggauss(160)
        edge = math.sqrt(dimension) + shape.slope + 12
        self.t, density = (nodes + 1) / 2 * edge, (dimension - 1) * np.log((nodes + 1) / 2 * edge)
        scale = (dimension / 2 - 1) * math.log(2) + math.lgamma(dimension / 2)
        self.wt = weights / 2 * edge * np.exp(density - self.t**2 / 2 - scale)
        self.nodes, self.weights = np.polynomial.legendre.leggauss(80)
        self.whole = math.sqrt(math.pi) * math.gamma((dimension - 1) / 2) / math.gamma(dimension / 2)

    def over_angles(self, function, low, high):
        """E[function(t, cos)] over angles from low to high (arrays by t)."""
        angle = low[:, None] + (high - low)[:, None] * (self.nodes[None] + 1) / 2
        mass = np.sin(angle) ** (self.d - 2) * self.weights[None] * (high - low)[:, None] / 2 / self.whole
        return float((self.wt[:, None] * mass * function(self.t[:, None], np.cos(angle))).sum())

    def gain(self, z):
        return np.exp(-self.shape.theta * self.delta * (self.delta - 2 * z) / 2)

    def arrivals(self, low, high=math.inf):
        """E[E(eta)^theta psi(t); low < eta <= high]."""
        first = np.arccos(np.clip(high / self.t, -1, 1)) if high < math.inf else np.zeros_like(self.t)
        last = np.maximum(first, np.arccos(np.clip(low / self.t, -1, 1)))
        return self.over_angles(lambda t, k: self.gain(t * k) * np.exp(self.shape.log_psi(t)), first, last)

    def value(self, x, floor=math.inf):
        def kept(t, k):
            rest = np.maximum(np.sqrt(np.maximum(x * x + t * t - 2 * x * t * k, 0)) - t, 0)
            return np.exp(self.shape.log_psi(t) - self.shape.log_psi(rest))

        first = self.gain(min(x, floor)) * self.over_angles(kept, 0 * self.t, 0 * self.t + math.pi)
        return first + (self.arrivals(x, floor) if x < floor else 0.0)


@pytest.mark.parametrize("seed", range(12))
def test_law_random_radial_suprema_by_other_means(seed):
    """Random shapes: rho, rho^ and delta are above the quadrature at 60 x, and rho not far above it."""
    rng = np.random.default_rng(seed)
    d, delta = int(rng.integers(2, 7)), float(rng.uniform(6, 14))
    theta, excess, start = rng.uniform(0.03, 0.08), rng.uniform(0.6, 1.6), rng.uniform(0.25, 0.4) * delta
    shape = RadialShape(theta, theta * delta + excess, start, rng.uniform(0.2, 0.8))
    cells, slow, floor = (
        Cells(d, (delta, delta), shape, fine=True),
        Quadrature(d, delta, shape),
        delta / 2 - shape.margin,
    )
    rho, rho_hat = supremum(cells), supremum(cells, floor)
    values = [slow.value(x) for x in np.linspace(0, 2.5 * delta, 60)]
    assert max(values) * (1 - 1e-9) < rho
    assert rho < 1.5 * max(values) or rho > 1
    assert max(slow.value(x, floor) for x in np.linspace(0, 2.5 * delta, 60)) * (1 - 1e-9) < rho_hat
    assert slow.arrivals(floor) * (1 - 1e-9) < cells.bad_draws(floor) * cells.slack


def test_control_too_small_a_supremum_would_be_caught():
    """Equal elements in the direction of the competitor show more than half of rho."""
    rho = supremum(Cells(2, (10.0, 10.0), RADIAL, fine=True))
    draws, competitor = drawn(2, 1.0, 40_000, 5), np.array([10.0, 0.0])
    means = [
        contraction_of(np.full((3, 2), [x, 0.0]), competitor, 1.0, RADIAL.theta, _log_psi, draws)
        for x in np.linspace(0, 10, 21)
    ]
    assert max(mean - 6 * error for mean, error in means) > 0.5 * rho


def test_reference_radial_suprema_of_the_note():
    """d = 2 and 3 at sigma = 0.2 D/2: 0.257 and 0.379 at these shapes in floats; sums over cells lie above."""
    for d, theta, excess, start, near in (
        (2, 0.06448, 0.22056, 0.45056, 0.257),
        (3, 0.06154, 0.1989, 0.48412, 0.379),
    ):
        shape = RadialShape(theta, (2 * theta + excess) / 0.2, start / 0.2, 0.1)
        found = supremum(Cells(d, (10.0, 10.0), shape, fine=True))
        assert near < found < 1.1 * near


def test_law_finer_cells_are_below_coarser_ones(monkeypatch):
    import mcpolar.bounds.mixtures.radial as radial

    coarse = supremum(Cells(2, (10.0, 10.0), RADIAL, fine=True))
    monkeypatch.setattr(radial, "LEAST_FINE", (800, 192))
    assert supremum(Cells(2, (10.0, 10.0), RADIAL, fine=True)) < coarse


def test_reference_masses_of_cells_sum_to_a_little_more_than_one():
    import mcpolar.bounds.mixtures.radial as radial

    for d in (1, 2, 5, 30):
        _, norms, _, cosines = radial._masses(d, math.sqrt(d) + 9, (300, 64))
        assert 1 <= cosines.sum() < 1 + 1e-12
        assert 1 - 1e-15 <= norms.sum() < 1 + 1e-12


def test_reference_a_plane_with_memory_five():
    """Triangle, D = 2, sigma = 0.2, m = 30, h = 2: GPM-rad."""
    found = general_permanence(
        m=30, r=5, sigma="0.2", level=2, means="circle", components=3, distance=2, dimension=2
    )
    assert found.holds
    assert 1e-6 < float(found.failure.fraction) < 4e-6
    assert float(found.parameters["rho"]) < 1


def test_sandwich_two_components_on_a_line_are_at_least_as_good_as_pm1():
    """c = 2, d = 1, D = 2 is the chain; PM1 has the senders' constant 2 and p* <= (1 - theta)/theta besides."""
    general = general_permanence(m=30, r=1, sigma="0.3", level=2, means="line", components=2, distance=2)
    chain = permanence(ChainParameters(30, 1, "0.3"), level=2, theta=general.parameters["theta"])
    assert chain.failure.log10 - 3 < general.failure.log10 < chain.failure.log10


def test_law_two_components_of_a_line_by_the_suprema_of_permanence():
    shape = LineShape("0.18", "0.44", "0.13", "0.37", "1.5", "0.49", "0.03")
    found = certified(Fraction(100, 9), shape)
    assert float(found.rho.fraction) == pytest.approx(0.71, abs=0.01)
    assert half_width(Fraction(3), Fraction(1)) == Decimal("0.16667")


def test_law_thresholds_sum_to_at_most_a_half_and_lie_above_the_start():
    population = Population.read(
        {"m": 4, "r": 1, "sigma": "0.2"}, Means.read("line", components=9, distance=1), level=3
    )
    risk = risk_of(population)
    thresholds = {one.gap: Fraction(one.threshold) for one in risk.competitors}
    for profile in population.means.profiles():
        assert sum(count * thresholds[gap] for gap, count in profile) <= Fraction(1, 2)
    ratio = math.exp(-float(population.log_ratio))
    assert all(float(q) > ratio for q in thresholds.values())


@pytest.mark.parametrize(
    ("options", "senders"),
    [
        ({}, Fraction(1)),
        ({"k": 4}, Fraction(30, 5)),
        ({"k": 14, "smallest_silo": 15}, Fraction(1)),
        ({"k": 4, "smallest_silo": 5}, Fraction(25, 5)),
        ({"k": 4, "smallest_silo": 5, "largest_silo": 10}, Fraction(10, 5)),
        ({"k": 4, "mirror": "0.2", "smallest_silo": 15}, Fraction(1, 5) + Fraction(4, 5) * Fraction(14, 4)),
        ({"mirror": "0.4"}, Fraction(1)),
    ],
)
def test_reference_constant_of_the_senders(options, senders):
    chain = {"m": 30, "r": 5, "sigma": "0.2"} | {x: options[x] for x in ("k", "mirror") if x in options}
    silos = {x: options[x] for x in ("smallest_silo", "largest_silo") if x in options}
    means = Means.read("line", components=30, distance=1)
    assert Population.read(chain, means, level=1, **silos).senders == senders


def test_law_senders_constant_holds_in_random_lists():
    """Sum over receivers of the mean other weight of k nearest and itself, in one silo of M agents."""
    rng = np.random.default_rng(6)
    for _ in range(200):
        m, c = int(rng.integers(3, 12)), int(rng.integers(2, 5))
        k = int(rng.integers(1, m))
        w = np.column_stack([np.zeros(m), rng.uniform(0, 0.1, (m, c - 1)) ** rng.integers(1, 4)])
        w[:, 0] = 1 - w.sum(axis=1)
        gaps = np.linalg.norm(w[:, None] - w[None], axis=2)
        np.fill_diagonal(gaps, -1)
        lists = np.argsort(gaps, axis=1, kind="stable")[:, : k + 1]
        u = 1 - w[:, 0]
        means = Means.read("simplex", components=c, distance=1)
        senders = Population.read({"m": m, "r": 1, "sigma": 1, "k": k}, means, level=1).senders
        assert u[lists].mean(axis=1).sum() <= float(senders) * u.sum() * (1 + 1e-12)


def test_reference_a_failed_assumption_gives_zero():
    bound = general_permanence(**TRIANGLE | {"m": 6}, level=3, smallest_silo=3)
    assert not bound.holds
    assert bound.value.is_zero
    assert [a.name for a in bound.assumptions if not a.holds] == ["neighbourhood"]
    low = general_permanence(**TRIANGLE | {"sigma": 3}, level=1)
    assert [a.name for a in low.assumptions if not a.holds] == ["start"]


def test_reference_vacuous_bounds_say_why():
    bound = general_permanence(**FIGURE_2, r=2, level=1)
    assert bound.value.is_zero
    assert bound.notes[0].startswith("vacuous here: other draws alone: m c_S (c-1) e^(-h gamma) = 1.68")
    assert "GPM0" in bound.notes[1]


def test_reference_radial_shapes_that_are_not_allowed():
    aim = RadialAim(2, 10.0, 2.5, 50.0, 1.0, -1.0)
    assert aim.shape_at(np.array([0.1, 0.1, 0.2, 0.08])) is None  # rho0 below D/4
    assert aim.shape_at(np.array([0.1, 0.1, 0.3, 0.3])) is None  # bad draws within D/4
    assert radial_certified(aim, Gap.of(Fraction(2)), Fraction(1, 5), np.array([0.1, 0.1, 0.2, 0.08])) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"means": "ring"}, "`means` must be line, circle, simplex, or a text file"),
        ({"components": None}, "`components` must be given for means on a circle; got nothing"),
        ({"distance": None}, "`distance` must be given for means on a circle; got nothing"),
        ({"components": 301}, "`components` must be a whole number from 2 to 300; got 301"),
        ({"dimension": 1}, "`dimension` must be a whole number from 2 to 10000; got 1"),
        ({"level": 0}, "`level` must be a whole number from 1 to 1000000; got 0"),
        ({"smallest_silo": 3}, "`smallest_silo` must be at most m/2 = 2, or m for one silo; got 3"),
        ({"largest_silo": 3}, "`largest_silo` must be given together with `smallest_silo`; got 3"),
        ({"k": 5}, "`k` must be a whole number from 1 to m - 1 = 4; got 5"),
        ({"sigma": 0}, "`sigma` must be a number from 1e-6"),
    ],
)
def test_rejects_bad_arguments(change, message):
    with pytest.raises(InputError) as caught:
        general_permanence(**TRIANGLE | {"level": 3} | change)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("half", ["0.5", "0.25"])
def test_rejects_shapes_that_miss_the_start(half):
    good = ["0.1", "0.3", "0.45", "0.3", "1.5", "0.45", "0.01"]
    assert LineShape(*good, half_width=half).xh == Decimal("0.45")
    for index, value in ((1, "0.1"), (3, "0.2"), (4, "1.1"), (5, "0.9"), (6, "0.5")):
        bad = [*good]
        bad[index] = value
        with pytest.raises(InputError):
            LineShape(*bad, half_width=half)
