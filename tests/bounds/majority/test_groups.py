"""Starts by groups, read from text."""

from fractions import Fraction

import pytest

from mcpolar.bounds.majority.groups import read_groups, written
from mcpolar.errors import InputError
from mcpolar.questions import ByGroups, Group


@pytest.mark.parametrize(
    ("text", "m", "r", "found"),
    [
        ("80%@50@plus/20%@-50@minus", 30, 5, "24@50@plus/6@-50@minus"),
        ("0.95@50/0.05@-50", 30, 1, "29@50@any/1@-50@any"),
        ("24@1e2/6@-0.3", 30, 5, "24@100@plus/6@-0.3@minus"),
        ("100%@0", 7, 2, "7@0@minus"),
        ("50%@1/25%@2/25%@-3", 10, 1, "5@1@any/3@2@any/2@-3@any"),
    ],
)
def test_reference_shares_are_rounded_together(text, m, r, found):
    groups = read_groups(text, m, r)
    assert written(groups) == found
    assert sum(group.agents for group in groups) == m
    assert read_groups(found, m, r) == groups


def test_reference_sentence():
    groups = (Group(2, Fraction(50), "plus"), Group(1, Fraction(-1, 2), "minus"))
    assert ByGroups(groups).sentence == (
        "2 agents have log-odds of at least 50, all memory in [1/2, 3/2]; "
        "1 agents have log-odds of at least -0.5, all memory in [-3/2, -1/2] or [1/2, 3/2]"
    )


@pytest.mark.parametrize(
    ("text", "r", "message"),
    [
        ("80%@50", 5, "of shares of at least 0 that add up to 1"),
        ("24@1/5@2", 5, "of 30 agents together, not of 29"),
        ("80%@50@any/20%@-50", 5, "memory plus or minus"),
        ("80%@50@left/20%@-50", 1, "memory plus or minus, or any"),
        ("a@b", 1, "SIZE@LOG_ODDS"),
        ("-20%@3/120%@4", 1, "at least 0"),
        ("100%@inf", 1, "numbers up to 1e18"),
        ("", 1, "SIZE@LOG_ODDS"),
        ("/".join(["10%@1"] * 10), 1, "at most 8"),
    ],
)
def test_rejects_other_texts(text, r, message):
    with pytest.raises(InputError, match="`groups` must be .*" + message):
        read_groups(text, 30, r)
