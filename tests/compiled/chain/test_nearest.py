"""Choices among nearest agents at small sigma against balls of thousands of bits; more by benchmarks/nearest.py."""

import pytest

from mcpolar.parameters import ChainParameters
from tests.twins.nearest import Count, count_choices

# sigma, k, r, start
CASES = [
    ("0.05", 7, 5, "undecided"),
    ("0.05", 7, 5, "random"),
    ("0.05", 3, 4, "bipolar"),
    ("0.1", 5, 16, "undecided"),
    ("0.2", 5, 5, "random"),
    ("0.3", 9, 3, "bipolar"),
]


@pytest.mark.parametrize(("sigma", "k", "r", "start"), CASES)
def test_twin_no_choice_is_wrong(sigma, k, r, start):
    count = count_choices(ChainParameters(30, r, sigma, k=k), start, 120, seed=2, bits=10_000)
    assert count.choices > 60
    assert count.wrong == count.undecided == 0
    assert count.alike == 0 or start == "bipolar"


def test_control_log_odds_alone_choose_wrongly():
    chain = ChainParameters(30, 5, "0.05", k=7)
    count = sum((count_choices(chain, "undecided", 60, seed=3, replica=R) for R in range(2)), Count())
    assert count.wrong == 0 < count.wrong_by_log_odds
