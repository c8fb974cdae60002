"""U2: reference values, hypotheses and horizons; `sweep` compares it with an evaluation at 60 digits."""

from dataclasses import replace
from fractions import Fraction

import pytest

from mcpolar.balls import lower_end
from mcpolar.bounds.majority.deep_majority import Choice, bound_of, deep_majority
from mcpolar.bounds.majority.groups import read_groups
from mcpolar.parameters import ChainParameters


@pytest.mark.parametrize(
    ("m", "groups", "steps", "least"),
    [
        (30, "60%@800/40%@-50", 48876, 0.956),
        (100, "80%@250/20%@-50", 8357, 0.992),
        (1000, "80%@150/20%@-50", 161600, 0.982),
    ],
)
def test_reference_closed_form(m, groups, steps, least):
    """Published from doubles: .960, .996 and .986, each within .004 of the best."""
    chain = ChainParameters(m=m, r=1, sigma="0.2")
    found = deep_majority(chain, read_groups(groups, m, 1), Fraction(50), steps)
    assert least < found[0].fraction < 1
    assert found[1] == steps
    free = deep_majority(chain, read_groups(groups, m, 1), Fraction(50), None)
    assert free[0].fraction > least
    assert steps / 2 < free[1] < 1.2 * steps


CHOICE = Choice(
    9,
    Fraction(6),
    Fraction(1, 10),
    Fraction(-1),
    Fraction(1),
    Fraction(7, 10),
    Fraction(4, 5),
    Fraction(2, 5),
    Fraction(80),
)


def test_reference_worked_number():
    chain = ChainParameters(m=10, r=1, sigma="0.2")
    assert lower_end(lambda: bound_of(chain, CHOICE, 1000)).decimal(4) == "9.611e-01"


@pytest.mark.parametrize(
    "fault",
    [
        {"floor": Fraction(0)},
        {"floor": Fraction(7)},
        {"lowest": Fraction(7)},
        {"rho": Fraction(1, 2)},
        {"decay": Fraction(9, 10)},
        {"rho": Fraction(99, 100)},
    ],
)
def test_law_failed_hypotheses_give_nothing(fault):
    """The last one needs more agents than the majority has."""
    chain = ChainParameters(m=10, r=1, sigma="0.2")
    assert lower_end(lambda: bound_of(chain, replace(CHOICE, **fault), 1000)).is_zero


def test_reference_no_closed_form():
    for m, r, groups in ((30, 5, "90%@250/10%@-50"), (30, 1, "50%@250/50%@-50"), (30, 1, "90%@1/10%@-50")):
        assert (
            deep_majority(
                ChainParameters(m=m, r=r, sigma="0.2"), read_groups(groups, m, r), Fraction(50), 2000
            )
            is None
        )
