"""Certificates on disk: found again, certified anew, and recomputed when damaged, edited or from other inputs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpolar.bounds.permanence import permanence
from mcpolar.bounds.permanence.cache import cached, certificate_form, default_folder
from mcpolar.bounds.permanence.own_side import Certificate
from mcpolar.bounds.permanence.shape import Shape
from mcpolar.bounds.permanence.suprema import suprema
from mcpolar.entries import identity_of, read_entry, write_entry
from mcpolar.errors import ResourceError
from mcpolar.parameters import ChainParameters
from tests.bounds.shapes import PUBLISHED

CHAIN = ChainParameters(m=30, r=5, sigma="0.3")
CERTIFICATE = Certificate(PUBLISHED[0].shape, suprema(CHAIN.precision, PUBLISHED[0].shape))
INPUTS = {"precision": "25", "log_odds": "25", "rounds": None, "theta": None}


class Counted:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Certificate:
        self.calls += 1
        return CERTIFICATE


def certify(shape: Shape) -> Certificate:
    return Certificate(shape, suprema(CHAIN.precision, shape))


def entry(folder: Path) -> Path:
    (path,) = folder.glob("*.entry")
    return path


def fetch(folder: Path, compute: Counted, inputs=INPUTS) -> Certificate:
    return cached(folder, inputs, certificate_form(certify), compute, must_write=True)


def test_law_an_entry_is_found_again_exactly(tmp_path):
    compute, folder = Counted(), tmp_path / "new" / "folder"
    assert fetch(folder, compute) == fetch(folder, compute) == CERTIFICATE
    assert compute.calls == 1


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


def _of_other_inputs(path: Path) -> None:
    header, content = path.read_bytes().split(b"\n", 1)
    identity = json.loads(json.loads(header)["identity"])
    identity["inputs"]["log_odds"] = "26"
    write_entry(path, identity, content)


def _of_a_wrong_kind(path: Path) -> None:
    header, _ = path.read_bytes().split(b"\n", 1)
    write_entry(path, json.loads(json.loads(header)["identity"]), b'{"theta": ["0.2"]}')


def _nested(path: Path) -> None:
    path.write_bytes(b"[" * 100_000 + b"\n")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes().replace(b'"x0": "0.', b'"x0": "0.1')),
        _of_other_inputs,
        _of_a_wrong_kind,
        _nested,
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        lambda path: path.write_bytes(path.read_bytes() + b" "),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"[1, 2]\n"),
        lambda path: path.write_bytes(b"{}\n"),
        lambda path: path.write_bytes(b"\xff\xfe\x00"),
    ],
)
def test_law_a_damaged_entry_is_computed_again_and_replaced(tmp_path, damage):
    compute = Counted()
    fetch(tmp_path, compute)
    content = entry(tmp_path).read_bytes()
    damage(entry(tmp_path))
    assert fetch(tmp_path, compute) == CERTIFICATE
    assert compute.calls == 2
    assert entry(tmp_path).read_bytes() == content


@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=60)
def test_law_no_flipped_bit_changes_what_is_read(tmp_path_factory, at, bit):
    path, content = tmp_path_factory.mktemp("entry") / "one.entry", bytes(range(256))
    write_entry(path, INPUTS, content)
    damaged = bytearray(path.read_bytes())
    damaged[int(at * len(damaged))] ^= 1 << bit
    path.write_bytes(damaged)
    assert read_entry(path, INPUTS) in (None, content)


def test_control_an_entry_edited_with_its_checksum_renewed_is_not_served(tmp_path):
    """The kind: a certificate that is not checked when it is read."""
    true = permanence(CHAIN, level=1, cache=tmp_path)
    for path in tmp_path.iterdir():
        header, content = path.read_bytes().split(b"\n", 1)
        identity = json.loads(json.loads(header)["identity"])
        if content.startswith(b"{"):
            shape = json.loads(content) | {"theta": "0.5", "alpha": "1", "beta": "1.1"}
            content = json.dumps(shape).encode()
        else:
            import zlib

            import numpy as np

            content = zlib.compress((1e-9 * np.frombuffer(zlib.decompress(content))).tobytes())
        write_entry(path, identity, content)
        assert read_entry(path, json.loads(identity_of(identity))) == content
    again = permanence(CHAIN, level=1, cache=tmp_path)
    assert again.value.fraction <= true.value.fraction


def test_rejects_a_given_folder_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ResourceError, match="cannot keep certificates in"):
        cached(blocked, INPUTS, certificate_form(certify), Counted(), must_write=True)
    assert cached(blocked, INPUTS, certificate_form(certify), Counted(), must_write=False) == CERTIFICATE


def test_reference_default_folder_is_the_users(monkeypatch, tmp_path):
    assert default_folder().parts[-2:] == ("mcpolar", "permanence")
