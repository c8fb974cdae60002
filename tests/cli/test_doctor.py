"""`mcpolar doctor`: what it says, and that a broken law or bound is seen."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mcpolar.answers import checkup
from mcpolar.balls import Dyadic
from mcpolar.bounds import theorem2
from mcpolar.parameters import ChainParameters


def test_reference_it_says_what_is_there_and_passes(run):
    result = run("doctor")
    assert result.status == 0
    for word in (
        "versions   mcpolar",
        "threads",
        "loops",
        "self-test  the chain's law: passed",
        "the bounds: passed",
    ):
        assert word in result.out
    record = json.loads(run("doctor", "--format", "json").out)
    assert record["kind"] == "checkup"
    assert record["sound"] is True
    assert set(record) >= {"versions", "threads", "cache", "extras", "checks"}


def test_control_a_broken_law_is_seen(run, monkeypatch):
    honest = checkup.update_agent
    monkeypatch.setattr(checkup, "update_agent", lambda odds, *rest: (1.0001 * odds, honest(odds, *rest)[1]))
    result = run("doctor")
    assert result.status == 70
    assert "self-test  the chain's law: FAILED" in result.out
    assert "instead of" in result.out


def test_control_a_broken_bound_is_seen(run, monkeypatch):
    honest = checkup.theorem2

    def larger(*args, **options):
        bound = honest(*args, **options)
        return replace(bound, value=Dyadic(2 * bound.value.mantissa, bound.value.exponent))

    monkeypatch.setattr(checkup, "theorem2", larger)
    result = run("doctor")
    assert result.status == 70
    assert "the bounds: FAILED" in result.out


@pytest.mark.parametrize("fault", ["two agents", "two numbers", "nearest", "odds"])
def test_control_every_kind_of_wrong_step_is_seen(fault):
    chain = ChainParameters(m=2, r=2, sigma="0.5")
    memory = np.array([[[1.0, -1.0], [0.5, 0.6]]] * 2)
    memory[1, 0, 1] = 0.9
    odds = np.array([[0.0, 1.0]] * 2)
    odds[1, 0] = checkup.update_agent(0.0, memory[0, 0], 0.9, chain.sigma)[0]
    assert checkup.step_error(chain, odds, memory) is None
    if fault == "two agents":
        odds[1, 1] = 2.0
    elif fault == "two numbers":
        memory[1, 0, 0] = 0.8
    elif fault == "nearest":
        memory[1, 0] = [0.9, -1.0]
    else:
        odds[1, 0] *= 1.001
    assert checkup.step_error(chain, odds, memory) is not None


def test_law_enclosures_hold_mpmath_and_no_neighbour():
    bound = theorem2(ChainParameters(m=30, r=5, sigma="0.3"), level=1, steps=1021)
    assert checkup.is_enclosed(bound)
    assert not checkup.is_enclosed(replace(bound, value=bound.upper, upper=Dyadic(1, 0)))


def test_law_missing_packages_are_named(monkeypatch):
    lines = [
        "numpy>=2",
        'pyarrow>=16; extra == "parquet"',
        "zarr>=3 ; extra == 'store'",
        'ruff; extra == "dev"',
    ]
    monkeypatch.setattr(checkup.importlib.metadata, "requires", lambda _name: lines)
    monkeypatch.setattr(checkup, "_is_installed", lambda package: package != "pyarrow")
    assert checkup.missing_extras() == {"parquet": ("pyarrow",), "store": ()}
