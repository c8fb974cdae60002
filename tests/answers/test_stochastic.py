"""Stochastic root finding: the answer holds where the chance is known, and a broken decision is caught."""

import math
from fractions import Fraction

import pytest

from mcpolar.answers import solve_estimate
from mcpolar.answers.stochastic import Trials
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters

# log-odds so large that no draw is of the other component: every step keeps the level with chance P(|Z| <= 1)
CHAIN = ChainParameters(m=3, r=1, sigma="0.5")
AT = {"level": 30, "at_least": "0.1", "confidence": 1 - 1e-6}
KNOWN = math.floor(math.log(0.1) / math.log(math.erf(1 / math.sqrt(2))))  # 6 steps: 0.1013, 7 steps: 0.069


def test_statistics_the_known_crossing_is_between_the_ends():
    found = solve_estimate("theorem2", CHAIN, "steps", seed=3, replicas=200_000, **AT)
    assert found.inside <= KNOWN < found.outside
    assert found.outside - found.inside <= 2
    assert found.direction.status == "proved"


def test_control_a_wrong_threshold_is_caught(monkeypatch):
    honest = Trials._tried

    def shifted(self, place):
        self.search.p = Fraction(1, 2)
        return honest(self, place)

    monkeypatch.setattr(Trials, "_tried", shifted)
    found = solve_estimate("theorem2", CHAIN, "steps", seed=3, replicas=200_000, **AT)
    assert not found.inside <= KNOWN < found.outside


def test_law_the_same_seed_gives_the_same_answer_for_any_workers():
    given = {"seed": 5, "replicas": 2000, **AT}
    one, two = (solve_estimate("theorem2", CHAIN, "steps", workers=n, **given) for n in (1, 2))
    assert one == two
    assert one.to_dict() == two.to_dict()
    assert {found.replicas for found in one.estimates.values()} != {2000}


def test_law_trials_share_no_draws(monkeypatch):
    cells = []
    of = Trials._tried

    def watched(self, place):
        cells.append(len(self.found))
        return of(self, place)

    monkeypatch.setattr(Trials, "_tried", watched)
    found = solve_estimate("theorem2", CHAIN, "steps", seed=5, replicas=500, **AT)
    assert sorted(set(cells)) == cells == list(range(len(found.estimates)))


def test_law_few_replicas_leave_a_wide_answer_and_no_wrong_one():
    found = solve_estimate("theorem2", CHAIN, "sigma", steps=6, seed=2, replicas=400, **AT)
    known = 0.5  # about: P(|Z| <= 1/(2 sigma))^6 = 0.1 near sigma = 0.503
    assert float(found.inside) <= known + 0.01
    assert float(found.outside) >= known
    assert found.direction.status == "assumed"


def test_rejects_all_time_and_bad_numbers():
    with pytest.raises(InputError, match="`steps` must be given: a simulation sees no event for all time"):
        solve_estimate("permanence", CHAIN, "level", at_least="0.9", theta="0.5")
    with pytest.raises(InputError, match="`at_least` must be a number from 1e-6"):
        solve_estimate("theorem2", CHAIN, "steps", at_least="1e-7", level=1)
    with pytest.raises(InputError, match="`replicas` must be a whole number from 64"):
        solve_estimate("theorem2", CHAIN, "steps", at_least="0.5", level=1, replicas=3)
    with pytest.raises(InputError, match="`confidence`"):
        solve_estimate("theorem2", CHAIN, "steps", at_least="0.5", level=1, confidence=1)
    with pytest.raises(InputError, match="`start` must be a state in which"):
        solve_estimate("theorem2", CHAIN, "steps", at_least="0.5", level=1, start="undecided")
