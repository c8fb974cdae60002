"""Entries of a cache: read again as they were written, or not at all."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpolar.entries import digest_of, identity_of, pack, read_entry, unpack, write_entry

IDENTITY = {"sigma": "0.3", "cells": [1, 2], "array": np.array([1.5, 2.0]), "count": np.int64(3)}


def test_reference_identities():
    assert identity_of(IDENTITY) == '{"array": [1.5, 2.0], "cells": [1, 2], "count": 3, "sigma": "0.3"}'
    assert identity_of({"path": pytest}) == json.dumps({"path": str(pytest)})
    assert identity_of({"a": 1}) != identity_of({"a": "1"})


def test_reference_a_checksum_is_sha256_over_values_and_content():
    expected = hashlib.sha256(b"('a', 1)\0content").digest()
    assert digest_of(("a", 1), b"content") == digest_of(["a", 1], b"content") == expected
    assert digest_of((), None) == hashlib.sha256(b"()\0None").digest()
    assert digest_of(()) == hashlib.sha256(b"()\0").digest()


@given(st.binary(max_size=200))
def test_law_what_was_written_is_read(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("entries") / "made" / "a.entry"
    write_entry(path, IDENTITY, content)
    assert read_entry(path, IDENTITY) == content
    assert read_entry(path, IDENTITY | {"sigma": "0.4"}) is None
    write_entry(path, IDENTITY, b"anew")
    assert read_entry(path, IDENTITY) == b"anew"
    assert [file.name for file in path.parent.iterdir()] == ["a.entry"]


def test_law_what_is_not_there_is_absent(tmp_path):
    assert read_entry(tmp_path / "none", IDENTITY) is None
    assert read_entry(tmp_path, IDENTITY) is None


@settings(max_examples=200)
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_law_a_flipped_bit_is_absent(tmp_path_factory, at, bit):
    path = tmp_path_factory.mktemp("entries") / "a.entry"
    write_entry(path, IDENTITY, b"content")
    damaged = bytearray(path.read_bytes())
    damaged[int(at * len(damaged))] ^= 1 << bit
    path.write_bytes(damaged)
    assert read_entry(path, IDENTITY) in (None, b"content")  # a space of the header means nothing
    if b"content" not in damaged:
        assert read_entry(path, IDENTITY) is None


@pytest.mark.parametrize(
    "change", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b"", lambda b: b"[]\n" + b]
)
def test_law_an_entry_cut_short_or_longer_is_absent(tmp_path, change):
    path = tmp_path / "a.entry"
    write_entry(path, IDENTITY, b"content")
    path.write_bytes(change(path.read_bytes()))
    assert read_entry(path, IDENTITY) is None


@pytest.mark.parametrize(
    "header",
    [
        {"bytes": -1},
        {"bytes": 10**30},
        {"bytes": "seven"},
        {"bytes": None},
        {"sha256": None},
        {"sha256": "00"},
        {"identity": "{}"},
        {"bytes": float("inf")},
    ],
)
def test_law_a_header_that_lies_is_absent(tmp_path, header):
    path = tmp_path / "a.entry"
    write_entry(path, IDENTITY, b"content")
    first, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps(json.loads(first) | header).encode() + b"\n" + rest)
    assert read_entry(path, IDENTITY) is None
    path.write_bytes(b"[" * 100_000 + b"\n")
    assert read_entry(path, IDENTITY) is None


def test_law_arrays_are_packed_without_names_of_code():
    arrays = {"a": np.arange(3), "b": np.zeros((0, 2))}
    found = unpack(pack(arrays))
    assert {name: (value.tolist(), value.shape) for name, value in found.items()} == {
        "a": ([0, 1, 2], (3,)),
        "b": ([], (0, 2)),
    }
    with pytest.raises(ValueError, match="allow_pickle"):
        unpack(pack({"a": np.array([object()])}))
