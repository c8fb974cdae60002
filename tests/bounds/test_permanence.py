"""PM1, PM and PMr: no agent ever changes its silo."""

import pickle
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.balls import Dyadic
from mcpolar.bounds import permanence, silo_persistence
from mcpolar.bounds.permanence import permanence_at
from mcpolar.bounds.permanence.grid import Grid
from mcpolar.bounds.permanence.memory_one import permanence_one
from mcpolar.bounds.permanence.own_side import Certificate, permanence_own_side
from mcpolar.bounds.permanence.shape import Shape
from mcpolar.bounds.permanence.suprema import Enclosure, Suprema, suprema
from mcpolar.bounds.polarized_start import Start
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from tests.bounds.exact import as_mpf, assert_sandwiched, formula_value
from tests.bounds.shapes import PUBLISHED

# log10 of the failure bound, m = 30, published to one decimal for the best theta within 0.7..0.98
FAILURES = {
    "0.2": (-7.6, -18.1, -50.0, -103),
    "0.3": (-2.0, -6.4, -20.4, -44.1),
    "0.4": (-0.2, -2.5, -10.2, -23.4),
    "0.5": (0.0, -0.8, -5.5, -13.8),
}


def memory_one(m, sigma, *, theta=None, **at):
    """PM1, at the best theta unless one is given."""
    at = {"log_odds": None, "level": None, "split": None, "steps": None} | at
    return permanence_one(Start.read(ChainParameters(m, 1, sigma), **at), theta)


@pytest.mark.parametrize("sigma", FAILURES)
@pytest.mark.parametrize(("position", "level"), [(0, 1), (1, 2), (2, 5), (3, 10)])
def test_reference_failure_is_at_most_the_published_one(sigma, position, level):
    bound = memory_one(30, sigma, level=level)
    published = FAILURES[sigma][position]
    assert published - 1.4 < bound.failure.log10_up <= published + 0.05
    if bound.failure != Dyadic(1, 0):
        assert bound.value.fraction == 1 - bound.failure.fraction


@pytest.mark.parametrize(
    ("m", "sigma", "log_odds", "theta"),
    [(30, "0.2", "25", None), (1, "0.5", "40", "0.3"), (7, "1", "50", "0.6"), (2, "0.05", "9.5", None)],
)
def test_twin_formula(m, sigma, log_odds, theta):
    bound = memory_one(m, sigma, log_odds=log_odds, theta=None if theta is None else Decimal(theta))
    used = {"theta": bound.parameters["theta"], "p": bound.parameters["p_star"]}
    values = {"m": m, "sigma": sigma, "H": log_odds} | used
    assert_sandwiched(bound, formula_value("permanence", "certified", values))
    if theta is not None:
        assert bound.parameters["theta"] == theta


@pytest.mark.parametrize(
    ("sigma", "log_odds"), [("0.2", 25), ("0.3", 22), ("0.5", 20), ("1", 60), ("0.1", 3000)]
)
def test_law_no_other_theta_and_p_star_are_noticeably_better(sigma, log_odds):
    bound = memory_one(30, sigma, log_odds=log_odds)
    best = mpmath.log10(as_mpf(bound.failure))
    unit = 1 / as_mpf(Fraction(sigma)) ** 2
    with mpmath.workdps(30):
        for i in range(1, 100):
            theta = mpmath.mpf(i) / 100
            rho = mpmath.exp(-2 * theta * (1 - theta) * unit)
            for j in range(1, 13):
                p = min(mpmath.mpf(1) / 2, (1 - theta) / theta) * j / 12
                largest = max(p**-theta, 2 * p ** (1 - theta) / ((1 + p) * (1 - rho)))
                assert mpmath.log10(largest * 30) - theta * log_odds / mpmath.log(10) >= best - mpmath.mpf(
                    "1e-4"
                )


@pytest.mark.parametrize(
    "theta", ["0.05", "0.5", "0.500001", "0.75", "0.999999", "1e-18", "0.999999999999999999"]
)
def test_law_p_star_is_always_allowed(theta):
    bound = permanence(ChainParameters(30, 1, "0.3"), level=3, theta=theta)
    p_star, exact = Fraction(bound.parameters["p_star"]), Fraction(theta)
    assert 0 < p_star <= Fraction(1, 2)
    assert p_star <= (1 - exact) / exact
    assert len(Decimal(bound.parameters["p_star"]).as_tuple().digits) <= 6


def test_reference_one_minus_1e_minus_103_is_not_one():
    bound = permanence(ChainParameters(30, 1, "0.2"), level=10)
    assert Fraction(1, 10**105) < 1 - bound.value.fraction < Fraction(1, 10**104)
    assert bound.lower(120).startswith("9." + "9" * 103)
    assert bound.failure_upper(3) == "5.31e-105"
    assert bound.notes == ()
    assert pickle.loads(pickle.dumps(bound)) == bound


def test_reference_closer_to_one_than_digits_show():
    bound = permanence(ChainParameters(30, 1, "1e-6"), level=3)
    assert 1 - bound.value.fraction == Fraction(1, 2**4096)
    assert bound.notes == (
        "the bound is closer to 1 than its digits can show: read `failure`",
        "PMr, a risk on a grid, was not tried: `sigma` must be at least 1/256 for a risk on a grid; got 1e-06",
    )
    assert bound.failure.log10 < -1.3e12
    assert bound.log10 < 0


def test_reference_vacuous():
    bound = memory_one(30, "0.5", level=1)
    assert bound.holds
    assert bound.value == Dyadic(0, 0)
    assert bound.failure == Dyadic(1, 0)
    assert bound.notes == ("vacuous here: A m e^{-theta H} >= 1",)


def test_reference_record():
    chain = ChainParameters(30, 1, "0.3", k=9, mirror="0.5")
    bound = permanence(chain, level=2, split=12, theta="0.9")
    assert (bound.statement, bound.variant, bound.horizon_steps) == ("permanence", "certified", None)
    p_star = bound.parameters["p_star"]
    assert bound.parameters == chain.as_dict() | {
        "level": 2,
        "log_odds": None,
        "split": 12,
        "theta": "0.9",
        "p_star": p_star,
    }
    assert p_star == "0.111111"
    assert bound.event == (
        "The probability that no agent ever changes its silo, for all time, from any state with every own-side "
        "log-odds "
        ">= H = 22.22222222 and any memory, 12 of 30 agents on the + side."
    )
    assert [a.name for a in bound.assumptions] == ["neighbourhood", "memory-one", "start"]
    assert bound.holds
    assert bound.assumptions[2].text == (
        "every agent starts with e^(-log-odds) < p* = 0.111111: H > log(1/p*)"
    )
    assert r"\theta" in bound.formula_latex
    with_log_odds = permanence(chain, log_odds="12.5")
    assert with_log_odds.parameters["log_odds"] == "12.5"
    assert with_log_odds.parameters["level"] is None


def test_reference_assumptions_fail_one_by_one():
    crowded = permanence(ChainParameters(30, 1, "0.3", k=9), level=2, split=9)
    assert [a.holds for a in crowded.assumptions] == [False, True, True]
    near = permanence(ChainParameters(30, 1, "0.3"), log_odds="2", theta="0.9")
    assert [a.holds for a in near.assumptions] == [True, True, False]
    for bound in (crowded, near):
        assert bound.value.is_zero
        assert bound.failure == Dyadic(1, 0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`log_odds` must be given"),
        ({"level": 1, "theta": 0}, "`theta` must be a number from 1e-18 to 0.999999999999999999; got 0"),
        ({"level": 1, "theta": 1}, "`theta` must be"),
        ({"level": 1, "split": 31}, "`split` must be"),
        ({"level": 1, "steps": "-1"}, "`steps` must be"),
    ],
)
def test_rejects_bad_arguments(given, message):
    with pytest.raises(InputError) as caught:
        permanence(ChainParameters(30, 1, "0.3"), **given)
    assert str(caught.value).startswith(message)


# PM: every memory size

CHAIN = ChainParameters(30, 5, "0.3")
ROW = PUBLISHED[2]


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return Certificate(ROW.shape, suprema(CHAIN.precision, ROW.shape))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("certificates")


def from_level(certificate, *, chain=CHAIN, p_star=None, steps=None, **at):
    at = {"log_odds": None, "level": None, "split": None} | at
    return permanence_own_side(Start.read(chain, steps=steps, **at), certificate, p_star)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row.sigma}, {row.level}")
def test_reference_published_bounds_of_every_memory_size(row):
    bound = permanence_at(ChainParameters(30, 7, row.sigma), row.shape, level=row.level)
    assert row.log10_failure - 0.05 < bound.failure.log10_up <= row.log10_failure + 0.01
    assert bound.holds
    assert bound.value.fraction == 1 - bound.failure.fraction


def test_reference_headline_bounds_at_fixed_shapes():
    low = permanence_at(ChainParameters(30, 5, "0.2"), PUBLISHED[1].shape, level=5)
    assert low.failure.fraction < Fraction(2, 10**14)
    shape = Shape("0.20548", "0.54908", "0.07924", "0.4112", "1.50148", "0.48982", "0.0002")
    assert permanence_at(ChainParameters(30, 5, "0.4"), shape, level=5).value.fraction > Fraction(99, 100)


def test_reference_searched_kept_and_certified_anew(cache):
    bound = permanence(CHAIN, level=1, cache=cache)
    assert Fraction(9993, 10000) < bound.value.fraction < Fraction(9995, 10000)
    written = {entry: entry.stat().st_mtime_ns for entry in cache.iterdir()}
    assert len(written) == 2
    same = permanence(ChainParameters(30, 5, "0.30", k=29), level=1, split=30, cache=cache)
    assert same.value == bound.value
    assert {entry: entry.stat().st_mtime_ns for entry in cache.iterdir()} == written
    shape, grid = Shape.read(bound.parameters), Grid.read(bound.parameters)
    again = permanence_at(CHAIN, shape, level=1, grid=grid)
    assert replace(again, notes=bound.notes) == bound
    product = permanence_at(CHAIN, shape, level=1)
    assert Fraction(985, 1000) < product.value.fraction < Fraction(987, 1000)
    assert bound.notes == (f"PM, whatever r, gives a failure of at most {product.failure_upper(3)}",)


def test_twin_own_side_formula(certificate):
    for name, steps in (("own_side", None), ("own_side_for_some_time", 12)):
        bound = from_level(certificate, level=1, steps=steps)
        values = {key: bound.parameters[key] for key in ("theta", "alpha", "m", "sigma")}
        values |= {
            "x_0": bound.parameters["x0"],
            "y_0": bound.parameters["y0"],
            "p": bound.parameters["p_star"],
        }
        values |= {"rho": certificate.suprema.rho.upper, r"\hat{\rho}": certificate.suprema.rho_hat.upper}
        values |= {"H": CHAIN.precision} | ({} if steps is None else {"T": steps})
        assert_sandwiched(bound, formula_value("permanence", name, values))
        assert bound.formula_latex


def test_law_the_best_p_star_is_chosen(certificate):
    best = from_level(certificate, level=1).failure.fraction
    for p_star in ("0.5", "0.1", "0.08", "0.06", "0.001"):
        assert from_level(certificate, level=1, p_star=Decimal(p_star)).failure.fraction > best * Fraction(
            99999, 100000
        )


@given(
    m=st.integers(1, 1000),
    more=st.integers(1, 1000),
    log_odds=st.integers(8, 200),
    rise=st.integers(1, 200),
)
def test_law_monotone_in_m_and_h_and_the_same_for_every_r(certificate, m, more, log_odds, rise):
    def failure(m, log_odds, r=2):
        return from_level(certificate, chain=ChainParameters(m, r, "0.3"), log_odds=log_odds).failure.fraction

    here = failure(m, log_odds)
    assert failure(m + more, log_odds) >= here >= failure(m, log_odds + rise)
    assert failure(m, log_odds, r=50) == here


def test_law_monotone_in_the_horizon_up_to_all_time(certificate):
    bounds = [from_level(certificate, level=1, steps=T) for T in (1, 10, 100, 1000, 10**6)]
    failures = [bound.failure.fraction for bound in (*bounds, from_level(certificate, level=1))]
    assert failures == sorted(failures)
    assert failures[0] < failures[-1] / 10
    assert failures[-2] == failures[-1]
    assert bounds[1].horizon_steps == 10
    assert "at any of the steps 0 to 10, from" in bounds[1].event


def test_reference_one_agent_of_memory_one(certificate):
    # the general form holds for r = 1 too, and is weaker than PM1 there
    chain = ChainParameters(30, 1, "0.3")
    general = permanence_at(chain, ROW.shape, level=2)
    assert 0 < general.value.fraction < permanence(chain, level=2).value.fraction


def test_reference_silo_persistence_over_few_steps(cache):
    chain = ChainParameters(30, 3, "0.4")
    bound = permanence(chain, level=1, steps="m/10", theta="0.15", cache=cache)
    persistence = silo_persistence(chain, level=1, steps=3)
    assert bound.value == persistence.value
    assert bound.statement == "permanence"
    assert bound.parameters["theta"] == "0.15"
    assert bound.event.startswith(
        "The probability that no agent ever changes its silo, at any of the steps 0 to 3,"
    )
    assert "SP over these steps gives more than the bound for longer times, " in bound.notes[-1]
    long = permanence(chain, log_odds="6.25", steps=10_000, cache=False)
    assert long.value.fraction > silo_persistence(chain, level=1, steps=10_000).value.fraction
    assert [note.split(" gives")[0] for note in long.notes] == ["PM, whatever r,"]


def test_reference_vacuous_and_not_contracting(certificate, cache):
    vacuous = from_level(certificate, log_odds=3)
    assert vacuous.holds
    assert vacuous.value.is_zero
    assert vacuous.notes == ("vacuous here: m [2 e^{-H}/(1 - zeta) + A delta/(1 - rho^) e^{-theta H}] >= 1",)
    wide = permanence(ChainParameters(30, 5, "1"), level=3, cache=cache)
    assert wide.value.is_zero
    assert [a.name for a in wide.assumptions if not a.holds] == ["contraction"]


def test_reference_record_of_every_memory_size(certificate):
    bound = from_level(certificate, chain=ChainParameters(30, 5, "0.3", k=9), level=1, split=12)
    assert [a.name for a in bound.assumptions] == ["neighbourhood", "memory", "start", "contraction"]
    assert bound.event == (
        "The probability that no agent ever changes its silo, for all time, from any state with every own-side "
        "log-odds >= H = 11.11111111 and all memory in its agent's own interval (I+ or I-), whatever the memory "
        "size, 12 of 30 agents on the + side."
    )
    assert {"rho", "rho_hat", "p_star", *ROW.shape.as_dict()} <= set(bound.parameters)
    assert pickle.loads(pickle.dumps(bound)) == bound
    near = from_level(certificate, log_odds=2, p_star=Decimal("0.1"))
    assert [a.name for a in near.assumptions if not a.holds] == ["start"]
    assert near.failure == Dyadic(1, 0)


def test_control_a_supremum_lowered_changes_the_bound(certificate):
    rho = certificate.suprema.rho
    lowered = Suprema(Enclosure(rho.lower, Dyadic(1, -1)), certificate.suprema.rho_hat)
    forged = from_level(Certificate(ROW.shape, lowered), level=1)
    assert forged.failure.fraction < from_level(certificate, level=1).failure.fraction
    with pytest.raises(AssertionError):
        assert forged == permanence_at(CHAIN, ROW.shape, level=1)


def test_reference_a_note_says_why_there_is_no_risk_on_a_grid(cache):
    near = permanence(ChainParameters(30, 1, "0.3"), log_odds="0.6", split=15)
    assert near.notes == ()  # two silos without k: nothing can be said
    long = permanence(ChainParameters(30, 1, "10000"), log_odds=5)
    assert long.notes[-1].startswith("PMr, a risk on a grid, was not tried: `grid` must be one that fits")
    large = permanence(ChainParameters(30, 11, "0.3"), level=1, theta="0.17", cache=cache)
    assert large.notes == ()


def test_rejects_a_grid_without_what_it_needs():
    grid = Grid(2, 2)
    with pytest.raises(InputError, match="`p_star` must be left out with a grid"):
        permanence_at(CHAIN, ROW.shape, level=1, grid=grid, p_star="0.1")
    for chain, with_grid in ((CHAIN, grid), (ChainParameters(30, 1, "0.3"), None)):
        with pytest.raises(InputError, match="`shape` must be given, unless r = 1 and there is a grid"):
            permanence_at(chain, None, level=1, grid=with_grid)
    memory_one = permanence_at(ChainParameters(30, 1, "0.3"), None, level=1, grid=Grid(5, 5))
    assert 0 < memory_one.failure.fraction < Fraction(1, 100)


@pytest.mark.parametrize("p_star", ["0", "0.51", "nan"])
def test_rejects_p_star_that_is_not_allowed(p_star):
    with pytest.raises(InputError, match="`p_star` must be a number from 1e-18 to 0.5"):
        permanence_at(CHAIN, ROW.shape, level=1, p_star=p_star)
