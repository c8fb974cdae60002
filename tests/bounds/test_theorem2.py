"""T2-paper and T2'."""

import csv
import pickle
import threading
from pathlib import Path

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.balls import Dyadic
from mcpolar.bounds import silo_persistence, theorem1, theorem2, theorem2_ascent
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption
from mcpolar.steps import Steps
from tests.bounds.exact import assert_sandwiched, formula_value

CELLS = list(csv.DictReader((Path(__file__).parent / "data" / "paper_tables.csv").read_text().splitlines()))
FUNCTIONS = {"T2": theorem2, "T2ii": theorem2_ascent}
EXPRESSIONS = {"10 m log m": "10*m*log(m)", "2 m log m": "2*m*log(m)"}


def cell_bound(cell, variant):
    chain = ChainParameters(int(cell["m"]), 5, cell["sigma"])
    return FUNCTIONS[cell["statement"]](
        chain, level=int(cell["h"]), steps=EXPRESSIONS[cell["steps"]], variant=variant
    )


def test_reference_holds_seventy_cells():
    assert len(CELLS) == 70


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell['table']}-{cell['sigma']}-{cell['h']}")
def test_reference_every_printed_digit_of_the_papers_tables(cell):
    assert cell_bound(cell, "paper").lower() == cell["published"]


@pytest.mark.parametrize("cell", CELLS[::3], ids=lambda cell: f"{cell['table']}-{cell['sigma']}-{cell['h']}")
def test_sandwich_the_certified_form_is_at_least_the_papers_at_the_same_whole_horizon(cell):
    if cell["statement"] == "T2":
        chain = ChainParameters(30, 5, cell["sigma"])
        paper, certified = (
            theorem2(chain, level=int(cell["h"]), steps=1021, variant=variant)
            for variant in ("paper", "certified")
        )
        assert certified.value.fraction > paper.value.fraction


def test_reference_a_certified_value():
    bound = theorem2(ChainParameters(30, 5, "0.4"), level=1, steps=205)
    assert bound.lower() == "4.957861e-22"
    assert round(bound.log10, 4) == -21.3047


POINTS = [
    (30, "0.3", 1, 1021),
    (7, "0.05", 3, 1),
    (2, "1.5", 2, 40),
    (1, "0.7", 1, 10**6),
    (30, "20", 1, 17),
]


@pytest.mark.parametrize(("m", "sigma", "level", "steps"), POINTS)
def test_twin_formula_at_whole_horizons(m, sigma, level, steps):
    bound = theorem2(ChainParameters(m, 3, sigma), level=level, steps=steps)
    assert_sandwiched(bound, formula_value("theorem2", "certified", {"sigma": sigma, "h": level, "T": steps}))


@pytest.mark.parametrize(("m", "sigma", "level", "steps"), POINTS)
def test_twin_formula_of_the_paper(m, sigma, level, steps):
    bound = theorem2(ChainParameters(m, 3, sigma), level=level, steps=f"{steps}*sqrt(2)", variant="paper")
    horizon = steps * mpmath.sqrt(2)
    assert bound.horizon_steps == pytest.approx(float(horizon), rel=1e-15, abs=0)
    assert bound.failure is None
    assert_sandwiched(bound, formula_value("theorem2", "paper", {"sigma": sigma, "h": level, "T": horizon}))


def test_reference_two_to_the_53_steps_do_not_underflow():
    bound = theorem2(ChainParameters(30, 5, "0.4"), level=1, steps=2**53)
    assert bound.log10 == pytest.approx(-21.3047056294918 / 205 * 2**53, rel=1e-12, abs=0)
    assert bound.lower(3).split("e")[1].startswith("-936")
    assert float(bound.failure.fraction) == 1.0


def test_law_no_steps_are_survived_surely():
    bound = theorem2(ChainParameters(30, 5, "0.4"), level=1, steps=0)
    assert (bound.value, bound.failure, bound.horizon_steps) == (Dyadic(1, 0), Dyadic(0, 0), 0)


@given(st.integers(1, 400), st.integers(1, 50), st.integers(1, 4))
def test_law_the_bound_falls_with_the_horizon_and_rises_with_the_level(steps, more, level):
    chain = ChainParameters(30, 5, "0.5")
    bound = theorem2(chain, level=level, steps=steps).value.fraction
    assert theorem2(chain, level=level, steps=steps + more).value.fraction < bound
    assert theorem2(chain, level=level + 1, steps=steps).value.fraction > bound


def test_reference_a_real_horizon_is_rounded_up_and_says_so():
    chain = ChainParameters(30, 5, "0.3")
    bound = theorem2(chain, level=1, steps="10*m*log(m)")
    assert bound.horizon_steps == 1021
    assert bound.notes == ("steps 10*m*log(m) = 1020.36 rounded up to 1021",)
    whole = theorem2(chain, level=1, steps=1021)
    assert whole.notes == ()
    assert whole.value == bound.value
    paper = theorem2(chain, level=1, steps="10*m*log(m)", variant="paper")
    assert paper.notes == ()
    assert isinstance(paper.horizon_steps, float)
    assert isinstance(theorem2(chain, level=1, steps=7, variant="paper").horizon_steps, int)


def test_reference_record():
    bound = theorem2(ChainParameters(30, 5, "0.3", k=9, mirror="0.4"), level=2, steps=5, split=20)
    assert bound.statement == "theorem2"
    assert bound.variant == "certified"
    assert bound.holds
    assert bound.parameters == {
        "m": 30,
        "r": 5,
        "sigma": "0.3",
        "k": 9,
        "mirror": "0.4",
        "level": 2,
        "steps": "5",
        "split": 20,
    }
    assert bound.event == (
        "The probability that level 2 holds at every one of the steps 0 to 5 (every |log-odds| >= 2/sigma^2 and every "
        "memory element in its agent's own interval), from any level-2 polarized state (E_2) with 20 of 30 agents on "
        "the + side."
    )


@pytest.mark.parametrize("variant", ["certified", "paper"])
@pytest.mark.parametrize(
    ("k", "split", "holds"),
    [
        (9, 10, True),
        (9, 20, True),
        (9, 9, False),
        (9, 21, False),
        (9, 30, True),
        (9, 0, True),
        (None, 29, False),
    ],
)
def test_reference_neighbourhood_assumption(variant, k, split, holds):
    bound = theorem2(ChainParameters(30, 5, "0.3", k=k), level=1, steps=5, split=split, variant=variant)
    assert [assumption.name for assumption in bound.assumptions] == ["neighbourhood", "separation"]
    assert [assumption.holds for assumption in bound.assumptions] == [holds, True]
    assert bound.value.is_zero is not holds
    if variant == "certified":
        assert (bound.failure == Dyadic(1, 0)) is not holds


def test_reference_assumptions_in_words():
    chain, with_k = ChainParameters(30, 5, "0.3"), ChainParameters(30, 5, "0.3", k=9)
    one_side = theorem2(chain, level=1, steps=5).assumptions
    assert one_side == (
        Assumption(
            "neighbourhood",
            "all 30 agents are on one side, so that every sender is of the receiver's side",
            True,
        ),
        Assumption("separation", "one side is empty: nothing has to be told apart", True),
    )
    assert theorem2(with_k, level=1, steps=5, split=9).assumptions == (
        Assumption("neighbourhood", "k + 1 <= min(m+, m-): 9 + 1 against 9", False),
        Assumption(
            "separation",
            "e^H > 2 for the own-side log-odds H, so that the sides are farther apart than each is wide",
            True,
        ),
    )
    assert theorem2(chain, level=1, steps=5, split=9).assumptions[0].text == (
        "both sides are occupied (9 and 21 agents): a neighbourhood k is needed, with k + 1 <= min(m+, m-) = 9; "
        "none was given"
    )


@pytest.mark.parametrize(("sigma", "holds"), [("1.2", True), ("1.202", False), ("1.3", False)])
def test_reference_separation_needs_e_to_h_over_sigma_squared_above_two(sigma, holds):
    chain = ChainParameters(30, 5, sigma, k=3)  # e^{1/sigma^2} = 2 at sigma = 1.2011
    two_sides = theorem2(chain, level=1, steps=1, split=15)
    assert two_sides.assumptions[1].holds is holds
    assert two_sides.holds is holds
    assert two_sides.value.is_zero is not holds
    assert theorem2(chain, level=1, steps=1).holds


def test_law_steps_may_be_read_beforehand():
    chain = ChainParameters(30, 5, "0.3")
    read = theorem2(chain, level=1, steps=Steps.read("10*m*log(m)", 30))
    assert read == theorem2(chain, level=1, steps="10*m*log(m)")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 0, "steps": 1}, "`level` must be a whole number from 1 to 1000000; got 0"),
        ({"level": 1, "steps": -1}, "`steps` must be"),
        ({"level": 1, "steps": 1, "split": 31}, "`split` must be a whole number from 0 to m = 30; got 31"),
        ({"level": 1, "steps": 1, "split": -1}, "`split` must be"),
        ({"level": 1, "steps": 1, "variant": "exact"}, "`variant` must be certified or paper; got exact"),
    ],
)
def test_rejects_bad_arguments(options, message):
    with pytest.raises(InputError) as caught:
        theorem2(ChainParameters(30, 5, "0.3"), **options)
    assert str(caught.value).startswith(message)


def test_law_bounds_survive_pickling_with_their_formula():
    bound = theorem2(ChainParameters(30, 5, "0.3"), level=1, steps=1021)
    copy = pickle.loads(pickle.dumps(bound))
    assert copy == bound
    assert copy.formula_latex == bound.formula_latex


def test_law_threads_get_the_bits_they_get_alone():
    """python-flint's precision is one global: a bound computed beside another must not see it change."""
    first, second = ChainParameters(5, 2, "0.2"), ChainParameters(5, 2, "0.31")

    def work(chain, found):
        for level in range(1, 25):
            found.append(theorem1(chain, level=level).value)
            found.append(silo_persistence(chain, steps=2**50, level=level).value)
            found.append(theorem2_ascent(chain, level=level, steps=120, ascent=2).value)

    alone, together = ([], []), ([], [])
    for chain, found in zip((first, second), alone, strict=True):
        work(chain, found)
    threads = [
        threading.Thread(target=work, args=pair) for pair in zip((first, second), together, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone
