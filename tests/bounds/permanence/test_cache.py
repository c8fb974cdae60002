"""Certificates on disk: found again, recomputed when damaged or from other inputs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from mcpolar.balls import Dyadic
from mcpolar.bounds.permanence.cache import CERTIFICATE as FORM
from mcpolar.bounds.permanence.cache import RISK, cached, default_folder
from mcpolar.bounds.permanence.own_side import Certificate
from mcpolar.bounds.permanence.suprema import Enclosure, Suprema
from mcpolar.errors import ResourceError
from tests.bounds.shapes import PUBLISHED

CERTIFICATE = Certificate(
    PUBLISHED[0].shape,
    Suprema(
        rho=Enclosure(Dyadic(3, -2), Dyadic(0xFFF1, -16)),
        rho_hat=Enclosure(Dyadic(1, -3), Dyadic(5, -4)),
    ),
)
INPUTS = {"precision": "25", "log_odds": "25", "rounds": None, "theta": None}


class Counted:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Certificate:
        self.calls += 1
        return CERTIFICATE


def entry(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


def fetch(folder: Path, compute: Counted, inputs=INPUTS) -> Certificate:
    return cached(folder, inputs, FORM, compute, must_write=True)


def test_law_an_entry_is_found_again_exactly(tmp_path):
    compute, folder = Counted(), tmp_path / "new" / "folder"
    assert fetch(folder, compute) == fetch(folder, compute) == CERTIFICATE
    assert compute.calls == 1


def test_law_a_risk_is_found_again_exactly(tmp_path):
    risk = Dyadic(0x1FFFFFFFFFFFFF, -1000)
    assert cached(tmp_path, INPUTS, RISK, lambda: risk, must_write=True) == risk
    assert cached(tmp_path, INPUTS, RISK, lambda: Dyadic(1, 0), must_write=True) == risk


@pytest.mark.parametrize("name", INPUTS)
def test_law_other_inputs_are_another_entry(tmp_path, name):
    compute = Counted()
    fetch(tmp_path, compute)
    fetch(tmp_path, compute, {**INPUTS, name: "26"})
    assert compute.calls == 2
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("what", ["__version__", "sources"])
def test_law_entries_of_other_code_are_not_used(tmp_path, monkeypatch, what):
    compute = Counted()
    fetch(tmp_path, compute)
    if what == "sources":
        monkeypatch.setattr(sys.modules["mcpolar.bounds.permanence.cache"], "_sources", lambda: "other")
    else:
        monkeypatch.setattr("mcpolar.__version__", "0.0.0")
    fetch(tmp_path, compute)
    assert compute.calls == 2


def _flip(text: str) -> str:
    at = text.index("0xfff1") + 2
    return text[:at] + "1" + text[at + 1 :]  # rho <= 1/16: a bound that is false


def _of_other_inputs(text: str) -> str:
    from mcpolar.bounds.permanence.cache import _digest

    record = json.loads(text)
    record["content"]["key"]["inputs"]["log_odds"] = "26"
    return json.dumps({"content": record["content"], "checksum": _digest(record["content"])})


def _of_a_wrong_kind(text: str) -> str:
    from mcpolar.bounds.permanence.cache import _digest

    record = json.loads(text)
    record["content"]["kept"]["suprema"]["rho"] = [["zz", "0x1"], None]
    return json.dumps({"content": record["content"], "checksum": _digest(record["content"])})


@pytest.mark.parametrize(
    "damage",
    [
        _flip,
        _of_other_inputs,
        _of_a_wrong_kind,
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[1, 2]",
        lambda text: "{}",
    ],
)
def test_law_a_damaged_entry_is_computed_again_and_replaced(tmp_path, damage):
    compute = Counted()
    fetch(tmp_path, compute)
    text = entry(tmp_path).read_text()
    entry(tmp_path).write_text(damage(text))
    assert fetch(tmp_path, compute) == CERTIFICATE
    assert compute.calls == 2
    assert entry(tmp_path).read_text() == text


def test_law_bytes_that_are_no_text_are_computed_again(tmp_path):
    compute = Counted()
    fetch(tmp_path, compute)
    entry(tmp_path).write_bytes(b"\xff\xfe\x00")
    fetch(tmp_path, compute)
    assert compute.calls == 2


def test_rejects_a_given_folder_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ResourceError, match="cannot keep certificates in"):
        cached(blocked, INPUTS, FORM, Counted(), must_write=True)
    assert cached(blocked, INPUTS, FORM, Counted(), must_write=False) == CERTIFICATE


def test_reference_default_folder_is_the_users(monkeypatch, tmp_path):
    assert default_folder().parts[-2:] == ("mcpolar", "permanence")
