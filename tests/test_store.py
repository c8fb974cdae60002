"""The store: locked, verified when read, and nothing that is not ours is ever touched."""

import sqlite3
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpolar.entries import pack, unpack
from mcpolar.errors import InputError, ResourceError
from mcpolar.store import Place, Store

IDENTITY = {"seed": "1", "of": [1, 2]}
PLACES = [Place('{"k": 1}', first, 4, reach) for first in (0, 4, 8) for reach in (10, 20)]


def filled(path: Path, **options) -> Path:
    with Store(path, "test", IDENTITY, **options) as store:
        for number, place in enumerate(PLACES):
            store.add(place, f"content {number}".encode(), 0.5, f"state {number}".encode())
    return path


def contents(path: Path) -> dict[Place, bytes]:
    with Store(path, "test") as store:
        store.require_whole()
        return {kept.place: store.read(kept) for kept in store.kept()}


WHOLE = {place: f"content {number}".encode() for number, place in enumerate(PLACES)}


def test_law_what_was_added_is_read_again(tmp_path):
    path = filled(tmp_path / "a.sqlite")
    assert contents(path) == WHOLE
    with Store(path, "test", IDENTITY, resume=True) as store:
        assert not store.is_new
        # the state of the longer run took the place of the shorter one's
        states = {kept.place.reach: store.state(kept) for kept in store.kept()[:2]}
        assert states == {10: None, 20: b"state 1"}
        assert store.find(PLACES[3]) is not None
        assert store.find(Place("{}")) is None
    assert [file.name for file in tmp_path.iterdir()] == ["a.sqlite"]


@settings(max_examples=150)
@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_law_no_flipped_bit_is_read_as_a_result(tmp_path_factory, at, bit):
    path = filled(tmp_path_factory.mktemp("flip") / "a.sqlite")
    damaged = bytearray(path.read_bytes())
    damaged[int(at * len(damaged))] ^= 1 << bit
    path.write_bytes(damaged)
    try:
        with Store(path, "test", IDENTITY, resume=True) as store:
            found = {kept.place: store.read(kept) for kept in store.kept()}
            assert found.items() <= WHOLE.items()
            for kept in store.kept():
                assert store.state(kept) in (None, f"state {PLACES.index(kept.place)}".encode())
    except (InputError, ResourceError) as error:
        assert "\n" not in str(error)
        assert path.read_bytes() == damaged


def test_control_without_checksums_a_flipped_bit_is_a_result(tmp_path, monkeypatch):
    monkeypatch.setattr(Store, "_digest", lambda *_: b"always the same")
    path = filled(tmp_path / "a.sqlite")
    path.write_bytes(path.read_bytes().replace(b"content 3", b"content 2"))
    assert contents(path) != WHOLE


@settings(max_examples=60)
@given(content=st.binary(max_size=300), ours=st.booleans())
def test_law_no_file_of_others_is_changed(tmp_path_factory, content, ours):
    path = tmp_path_factory.mktemp("foreign") / "a.sqlite"
    path.write_bytes((b"SQLite format 3\0" if ours else b"") + content)
    before = path.read_bytes()
    for resume in (False, True):
        try:
            with Store(path, "test", IDENTITY, resume=resume):
                assert before == b""
        except ResourceError:
            assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_law_a_database_of_another_program_is_not_touched(tmp_path):
    path = tmp_path / "photos.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photo (name TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ResourceError, match="it is no store of mcpolar; it was left as it is"):
        Store(path, "test", IDENTITY, resume=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("was_there", [False, True])
def test_law_a_run_that_fails_before_it_finishes_anything_leaves_nothing(tmp_path, was_there):
    path = tmp_path / "a.sqlite"
    if was_there:
        path.touch()
    with pytest.raises(ZeroDivisionError), Store(path, "test", IDENTITY):
        raise ZeroDivisionError
    assert path.exists() == was_there
    assert not was_there or path.read_bytes() == b""
    with pytest.raises(ZeroDivisionError), Store(path, "test", IDENTITY) as store:
        store.add(PLACES[0], b"x")
        raise ZeroDivisionError
    with Store(path, "test", IDENTITY, resume=True) as store:
        assert len(store.kept()) == 1


def test_law_an_empty_store_is_anyones(tmp_path):
    with Store(tmp_path / "a.sqlite", "test", IDENTITY):
        pass
    with Store(tmp_path / "a.sqlite", "test", {"seed": "2"}) as store:
        assert store.identity == {"seed": "2"}


def test_rejects_other_kinds_identities_and_places(tmp_path):
    path = filled(tmp_path / "a.sqlite")
    with pytest.raises(InputError, match="`store` must be a new file, unless"):
        Store(path, "test", IDENTITY)
    with pytest.raises(InputError, match=r"of a run \(it is of a test\)"):
        Store(path, "run")
    with pytest.raises(InputError, match=r"its of and seed differ"):
        Store(path, "test", {"seed": "2", "of": 3}, resume=True)
    with pytest.raises(ResourceError, match="no such store"):
        Store(tmp_path / "b.sqlite", "test")
    with pytest.raises(ResourceError, match="Is a directory"):
        Store(tmp_path, "test", IDENTITY)
    with pytest.raises(ResourceError, match="the folder .* does not exist"):
        Store(tmp_path / "no" / "a.sqlite", "test", IDENTITY)


@pytest.mark.skipif(sys.platform == "win32", reason="needs devices")
def test_rejects_devices_at_once():
    for path in ("/dev/full", "/dev/zero"):
        with pytest.raises(ResourceError, match="it is a device or a pipe"):
            Store(path, "test", IDENTITY, resume=True)


def test_rejects_a_store_that_changed_while_it_was_open(tmp_path):
    path = filled(tmp_path / "a.sqlite")
    with Store(path, "test") as store:
        kept = store.kept()[2]
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("UPDATE block SET content = x'00' WHERE id = ?", (kept.row,))
        other.close()
        with pytest.raises(ResourceError, match="it is damaged"):
            store.read(kept)


def test_law_cells_keep_their_order(tmp_path):
    with Store(tmp_path / "a.sqlite", "test", IDENTITY) as store:
        store.register(["b", "a", "b"])
        store.add(Place("a"), b"1")
        store.add(Place("c"), b"2")
        assert store.cells == ["b", "a", "c"]
    with Store(tmp_path / "a.sqlite") as store:
        assert store.cells == ["b", "a", "c"]


def test_law_arrays_are_packed_without_loss():
    import numpy as np

    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([], np.int8), "c": np.array(3)}
    found = unpack(pack(arrays))
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert found[name].tobytes() == array.tobytes()
        assert found[name].shape == array.shape
