"""P2 and P2': own-side updates polarize one agent."""

import sys
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational

from mcpolar.balls import working_precision
from mcpolar.bounds import own_side_weights, proposition2
from mcpolar.bounds.formulas import formula
from mcpolar.bounds.proposition2 import (
    largest_inverse_odds,
    smallest_own_side_weight,
    updates_to_level,
)
from mcpolar.errors import InputError, PrecisionError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption
from mcpolar.statements import STATEMENTS
from tests.bounds.exact import as_mpf, own_side_weight
from tests.twins.agent import replace_farthest, step

ENDS = [Fraction(5, 6), Fraction(7, 6)]
INNER = st.one_of(st.sampled_from(ENDS), st.fractions(*ENDS, max_denominator=1000))
OUTER = st.one_of(
    st.sampled_from([Fraction(1, 2) + Fraction(1, 10**9), Fraction(3, 2)]),
    st.fractions(Fraction(501, 1000), Fraction(3, 2), max_denominator=1000),
)
ANY = st.one_of(
    st.fractions(-(10**6), 10**6, max_denominator=100),
    st.sampled_from([Fraction(x) for x in (-(10**6), 10**6, -1, 1, 0)]),
    st.sampled_from(
        [Fraction(1, 2), Fraction(3, 2), Fraction(-1, 2), Fraction(1, 3), Fraction(4, 3), Fraction(5, 3)]
    ),
)
SIGMAS = st.sampled_from(["0.1", "0.3", "0.8", "2"])


@given(st.lists(ANY, min_size=1, max_size=5), st.data(), SIGMAS, st.fractions(0, 5, max_denominator=10))
def test_law_own_side_weight_from_any_memory(memory, data, sigma, start):
    """Adversarial memories, updates at the ends of J, log-odds from 0: the weight after u updates is at least a_u."""
    chain = ChainParameters(1, len(memory), sigma)
    updates = data.draw(st.lists(INNER, min_size=1, max_size=9))
    weights = own_side_weights(chain, updates=len(updates))
    with mpmath.workdps(60):
        log_odds = as_mpf(start)
        for update, weight in zip(updates, weights[1:], strict=True):
            log_odds, memory = step(log_odds, memory, update, Fraction(sigma))
            assert 1 / (1 + mpmath.exp(-log_odds)) >= as_mpf(weight)


@pytest.mark.parametrize(("r", "sigma"), [(1, "0.3"), (2, "0.5"), (3, "1"), (5, "0.2"), (4, "6")])
def test_law_the_weights_are_nearly_reached_by_memory_far_on_the_other_side(r, sigma):
    """Memory at -10^6 contributes nothing: with arrivals at 1/2 (not in J, but the proof uses I) a_u is attained."""
    weights = own_side_weights(ChainParameters(1, r, sigma), updates=r + 2)
    log_odds, memory = mpmath.mpf(0), [Fraction(-(10**6))] * r
    for weight in weights[1:]:
        log_odds, memory = step(log_odds, memory, Fraction(1, 2), Fraction(sigma))
        assert abs((1 + mpmath.exp(-log_odds)) * as_mpf(weight) - 1) < mpmath.mpf(10) ** -25


def test_control_a_weight_a_little_larger_is_refuted():
    weight = own_side_weights(ChainParameters(1, 3, "0.3"), updates=1)[1]
    log_odds, _ = step(mpmath.mpf(0), [Fraction(-(10**6))] * 3, Fraction(1, 2), Fraction("0.3"))
    assert 1 / (1 + mpmath.exp(-log_odds)) < as_mpf(weight) * (1 + mpmath.mpf(10) ** -20)


@given(st.integers(1, 5), st.data(), SIGMAS)
def test_law_papers_form_with_half_open_arrivals(r, data, sigma):
    """From memory in I- u I+ and log-odds >= -1/sigma^2, 4r + 2 updates in (1/2, 3/2] give log-odds >= 1/sigma^2."""
    found = proposition2(ChainParameters(1, r, sigma), variant="paper")
    half = st.sampled_from([Fraction(1, 2), Fraction(3, 2), Fraction(1)])
    signed = st.builds(lambda x, sign: x * sign, half, st.sampled_from([1, -1]))
    memory = data.draw(st.lists(signed, min_size=r, max_size=r))
    updates = data.draw(st.lists(OUTER, min_size=found.updates, max_size=found.updates))
    unit = 1 / as_mpf(Fraction(sigma)) ** 2
    with mpmath.workdps(60):
        log_odds = -unit
        for update in updates:
            log_odds, memory = step(log_odds, memory, update, Fraction(sigma))
        assert log_odds >= unit * (1 - mpmath.mpf(10) ** -40)
        assert as_mpf(found.value) <= unit


def test_reference_tie_on_the_closed_interval_breaks_the_clearing():
    """r = 2, memory (-1/2, -1/2), updates 3/2 then 1/2: the tie keeps -1/2, and the weight falls below a_2."""
    half, sigma = Fraction(1, 2), Fraction("0.1")
    memory = replace_farthest(replace_farthest([-half, -half], 3 * half), half)
    assert memory == (half, -half)
    log_odds, memory = mpmath.mpf(0), [-half, -half]
    for update in (3 * half, half):
        log_odds, memory = step(log_odds, memory, update, sigma)
    a_2 = own_side_weights(ChainParameters(1, 2, "0.1"), updates=2)[2]
    assert 1 / (1 + mpmath.exp(-log_odds)) < as_mpf(a_2)


@given(st.integers(2, 6), st.data())
def test_law_two_r_minus_one_updates_clear_on_the_closed_interval(r, data):
    closed = st.sampled_from([Fraction(1, 2), Fraction(3, 2), Fraction(1), Fraction(2, 3)])
    signed = st.builds(lambda x, sign: x * sign, closed, st.sampled_from([1, -1]))
    memory = tuple(data.draw(st.lists(signed, min_size=r, max_size=r)))
    for update in data.draw(st.lists(closed, min_size=2 * r - 1, max_size=2 * r - 1)):
        memory = replace_farthest(memory, update)
    assert min(memory) >= Fraction(1, 2)


@pytest.mark.parametrize("level", [1, 2, 7])
@pytest.mark.parametrize(
    ("r", "sigma"),
    [(1, "0.3"), (1, "40"), (2, "0.1"), (2, "0.9"), (3, "0.7"), (5, "0.2"), (5, "3"), (8, "1")],
)
def test_twin_recursion_as_the_theory_writes_it(r, sigma, level):
    chain = ChainParameters(1, r, sigma)
    n, a = own_side_weight(chain, level)
    assert updates_to_level(chain, level) == n
    with working_precision(256):
        ball = smallest_own_side_weight(chain)
        low, high = ball.lower().man_exp(), ball.upper().man_exp()
        worst = largest_inverse_odds(chain)
        assert bool(worst >= 1) is True
    low, high = (mpmath.mpf(int(m)) * mpmath.mpf(2) ** int(e) for m, e in (low, high))
    assert low <= a * (1 + mpmath.mpf(10) ** -100)
    assert high >= a * (1 - mpmath.mpf(10) ** -100)
    assert high - low < a * mpmath.mpf(10) ** -60


@pytest.mark.parametrize(
    ("r", "sigma", "level", "n"),
    [
        (3, "0.2", 1, 3),
        (5, "0.7", 1, 5),
        (1, "0.3", 1, 1),
        (1, "0.3", 4, 4),
        (2, "0.1", 1, 3),
        (5, "0.2", 3, 7),
    ],
)
def test_reference_number_of_updates(r, sigma, level, n):
    assert proposition2(ChainParameters(9, r, sigma), level=level).updates == n


@pytest.mark.parametrize("level", [1, 3])
@pytest.mark.parametrize(("r", "sigma"), [(1, "0.5"), (2, "0.35"), (5, "3"), (4, "0.6")])
def test_law_the_number_of_updates_is_the_smallest(r, sigma, level):
    chain = ChainParameters(1, r, sigma)
    n, unit = updates_to_level(chain, level), as_mpf(chain.precision)
    weights = own_side_weights(chain, updates=n)

    def log_odds(u):
        return mpmath.log(as_mpf(weights[u])) - mpmath.log(1 - as_mpf(weights[u]))

    tiny = mpmath.mpf(10) ** -6
    assert log_odds(n) >= level * unit - tiny
    assert n == r or log_odds(n - 1) < level * unit


def test_reference_record():
    chain = ChainParameters(9, 5, "0.5")
    found = proposition2(chain, level=2)
    n, a = own_side_weight(chain, 2)
    assert (found.statement, found.variant, found.updates) == ("proposition2", "certified", n)
    assert found.parameters == chain.as_dict() | {"level": 2}
    assert (
        found.quantity == f"the own-side log-odds of an agent after {n} updates in J of its own side: level 2"
    )
    assert found.assumptions == (
        Assumption("start", "the own-side log-odds is >= 0 at the start; the memory is any", True),
        Assumption("updates", "every update lies in J = [5/6, 7/6] of the own side", True),
    )
    assert found.notes == ()
    assert len(found.weights) == n + 1
    assert found.weights[0].fraction == Fraction(1, 2)
    assert abs(min(as_mpf(w) for w in found.weights[:n]) / a - 1) < mpmath.mpf(10) ** -25
    log_odds = mpmath.log(as_mpf(found.weights[n]) / (1 - as_mpf(found.weights[n])))
    assert abs(as_mpf(found.value) / log_odds - 1) < mpmath.mpf(10) ** -15
    assert as_mpf(found.value) >= 2 * as_mpf(chain.precision)
    assert found.formula_latex == proposition2(chain).formula_latex != ""


def test_reference_exact_where_the_memory_is_one():
    assert proposition2(ChainParameters(9, 1, "0.2"), level=3).value.fraction == 75


def test_reference_a_long_list_of_weights_is_cut_and_says_so():
    found = proposition2(ChainParameters(9, 1001, "0.5"))
    assert len(found.weights) == 1001
    assert found.notes == ("only the first 1001 own-side weights are listed",)
    assert proposition2(ChainParameters(9, 1, "0.5"), level=1000).notes == ()


def test_reference_large_memories():
    chain = ChainParameters(9, 10**5, "0.3")
    assert updates_to_level(chain, 1) == 10**5
    assert len(own_side_weights(chain, updates=3)) == 4


def test_reference_record_of_the_paper():
    chain = ChainParameters(9, 5, "0.5")
    found = proposition2(chain, variant="paper")
    assert (found.statement, found.variant, found.updates, found.value.fraction) == (
        "proposition2",
        "paper",
        22,
        4,
    )
    assert found.parameters == chain.as_dict() | {"level": 1}
    assert (
        found.quantity == "the own-side log-odds of an agent after 22 updates in I of its own side: level 1"
    )
    assert found.assumptions == (
        Assumption("start", "the own-side log-odds is >= -1/sigma^2 and the memory lies in I- u I+", True),
        Assumption(
            "updates",
            "every update lies in (1/2, 3/2] of the own side: at exactly 1/2 a tie at distance 1 can "
            "keep an element of "
            "the other side, so the closed interval needs 2r - 1 clearing updates",
            True,
        ),
    )
    assert found.formula_latex == r"\frac{1}{\sigma^{2}}"
    assert found.weights == ()


def test_twin_formula_of_the_recursion():
    chain = ChainParameters(1, 4, "0.6")
    weights = own_side_weights(chain, updates=6)
    expression = formula("proposition2")
    for u in range(1, 7):
        before = as_mpf(weights[u - 1])
        value = expression.subs({"u": u}).replace(
            lambda part: part.is_Function and part.func.__name__ == "a", lambda _, before=before: before
        )
        symbols = {
            symbol: {"r": 4, "sigma": Rational(3, 5), "u": u}[str(symbol)] for symbol in value.free_symbols
        }
        assert abs(value.subs(symbols).evalf(50) - as_mpf(weights[u])) < mpmath.mpf(10) ** -25


def test_rejects_counts_that_no_precision_settles(monkeypatch):
    monkeypatch.setattr(sys.modules["mcpolar.bounds.proposition2"], "LARGEST_BITS", 1)
    with pytest.raises(PrecisionError, match=r"n\(2\) could not be decided at 1 bits"):
        updates_to_level(ChainParameters(9, 5, "0.5"), 2)


def test_rejects_bad_arguments():
    chain = ChainParameters(9, 5, "0.5")
    with pytest.raises(InputError, match="`level` must be 1 with variant='paper'"):
        proposition2(chain, level=2, variant="paper")
    with pytest.raises(InputError, match="`level` must be a whole number from 1"):
        proposition2(chain, level=0)
    with pytest.raises(InputError, match="`variant` must be certified or paper"):
        proposition2(chain, variant="x")
    with pytest.raises(InputError, match="`updates` must be a whole number >= 0; got -1"):
        own_side_weights(chain, updates=-1)


@pytest.mark.parametrize("level", [1, 3])
@pytest.mark.parametrize("sigma", ["1e-6", "0.001", "0.009", "0.01", "0.05", "0.5", "1.2"])
def test_reference_memory_two_needs_one_update_more_however_small_the_excess(sigma, level):
    # sigma^2 log(1 + 2q) lies in (0, 1] while q + 2q^2 <= 1, even at q = e^(-10^12)
    assert updates_to_level(ChainParameters(2, 2, sigma), level) == level + 2


@pytest.mark.parametrize("name", [name for name in STATEMENTS if "permanence" not in name])
@pytest.mark.parametrize("r", [1, 2, 3, 8])
def test_law_every_statement_answers_over_the_whole_range_of_sigma(name, r):
    statement = STATEMENTS[name]
    values = {"level": 1, "steps": 100, "components": 3, "dimension": 2, "distance": "2", "log_odds": "3"}
    own = {"components", "dimension", "distance"}
    given = {
        key: values[key]
        for key, needed in statement.arguments.items()
        if (needed or key in own) and key in values
    }
    given |= {key: size for key, size in {"m": 3, "r": r}.items() if statement.arguments.get(key)}
    for sigma in ("1e-6", "1e-4", "0.009", "0.05", "1", "1e3", "1e6"):
        for variant in statement.variants:
            form = {"variant": variant} if len(statement.variants) > 1 else {}
            if (
                name == "general_theorem1" and r > 1 and float(sigma) > 1
            ):  # it counts each of millions of updates
                with pytest.raises(InputError, match="updates of every agent"):
                    statement.function(**given, sigma=sigma, **form)
                continue
            if "sigma" in statement.arguments:
                found = statement.function(**given, sigma=sigma, **form)
            else:
                extra = {"level": 1} if name == "silo_persistence" else {}
                found = statement.function(ChainParameters(3, r, sigma), **given, **extra, **form)
            assert found.value is not None
