"""What mcpolar wrote, and nobody changed since, may be replaced; nothing else ever is."""

import os
import stat
import sys
from pathlib import Path

import pytest

from mcpolar import written
from mcpolar.errors import ResourceError
from mcpolar.files import replacing, require_destination
from mcpolar.written import default_folder, is_as_left

NAMES = (
    "a.csv",
    "a.json",
    "a.tex",
    "a.md",
    "a.txt",
    "a.parquet",
    "a.png",
    "a.pdf",
    "a.svg",
    "a.nc",
    "a.npz",
    "a",
)
BEGINS = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<svg", "nc": b"CDF", "npz": b"PK", "parquet": b"PAR1"}


def content(name: str, rest: str) -> bytes:
    """A file of the kind that its ending says."""
    return BEGINS.get(name.rpartition(".")[2], b"") + rest.encode()


def write(path, rest):
    with replacing(path) as draft:
        draft.write_bytes(content(path.name, rest))


def refused(path):
    before = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(ResourceError, match=f"{path.name}: what is there .* is left as it is"):
        require_destination("output", path)
    with pytest.raises(ResourceError, match="is left as it is"), replacing(path):
        raise AssertionError("not reached")
    return (path.read_bytes(), path.stat().st_mtime_ns) == before


@pytest.mark.parametrize("name", NAMES)
class TestEveryKind:
    def test_law_what_was_left_is_replaced_again_and_again(self, tmp_path, name):
        for rest in ("one", "two", "three", "three", "one"):
            require_destination("output", tmp_path / name)
            write(tmp_path / name, rest)
            assert (tmp_path / name).read_bytes() == content(name, rest)

    def test_rejects_a_file_of_the_same_kind_from_elsewhere(self, tmp_path, name):
        (tmp_path / name).write_bytes(content(name, "mine"))
        assert refused(tmp_path / name)

    def test_rejects_what_was_changed_since(self, tmp_path, name):
        write(tmp_path / name, "ours")
        (tmp_path / name).write_bytes(content(name, "ours and mine"))
        assert refused(tmp_path / name)
        (tmp_path / name).unlink()
        write(tmp_path / name, "anew")
        write(tmp_path / name, "again")

    def test_rejects_what_was_moved_over_another_result(self, tmp_path, name):
        write(tmp_path / name, "ours")
        (tmp_path / "folder").mkdir()
        write(tmp_path / "folder" / name, "other")
        (tmp_path / name).replace(tmp_path / "folder" / name)
        assert refused(tmp_path / "folder" / name)


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be no text")
def test_law_a_name_that_is_no_text_is_known_again(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.csv")
    write(path, "one")
    write(path, "two")
    assert is_as_left(path)
    assert path.read_text() == "two"


def test_law_an_empty_file_is_replaced(tmp_path):
    (tmp_path / "a.csv").touch()
    write(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "new"


def test_law_a_process_killed_on_either_side_of_the_replacement_leaves_a_file_of_ours(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    write(path, "first")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            write(path, "second")
    assert path.read_text() == "first"
    assert is_as_left(path)
    path.write_text("second")  # what the replacement would have left
    assert is_as_left(path)
    path.write_text("third")
    assert not is_as_left(path)


def test_law_the_same_place_by_any_name(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.csv", "one")
    for name in ("a.csv", "./a.csv", "link/a.csv"):
        require_destination("output", name)


def test_law_a_link_stays_and_what_it_points_to_is_replaced(tmp_path):
    write(tmp_path / "real.csv", "old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write(tmp_path / "link.csv", "new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


@pytest.mark.parametrize("damage", ["", "nonsense", "\udcff"])
def test_rejects_where_the_record_is_damaged(tmp_path, monkeypatch, damage):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "a.csv"
    write(path, "ours")
    (entry,) = default_folder().iterdir()
    entry.write_bytes(damage.encode("utf-8", "surrogateescape"))
    assert refused(path)


def test_law_without_a_place_for_records_new_files_are_written_and_old_ones_are_left(tmp_path, monkeypatch):
    blocked = tmp_path / "state"
    blocked.write_text("a file, not a folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    write(tmp_path / "a.csv", "new")
    assert refused(tmp_path / "a.csv")
    assert stat.S_ISREG(blocked.stat().st_mode)
    assert default_folder() == blocked / "mcpolar" / "written"


def test_law_a_user_without_a_home_writes_new_files_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr("mcpolar.written.default_folder", lambda: Path("~/none"))
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.csv", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_law_the_oldest_places_are_forgotten_beyond_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr(written, "_MOST", 20)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    every = [tmp_path / f"{number}.csv" for number in range(5000)]
    found = next(name for name in every if written._entry(name).name.startswith("00"))
    names = [name for name in every if not written._entry(name).name.startswith("00")]
    for name in names[:50]:
        write(name, "ours")
    assert len(list(default_folder().iterdir())) == 50
    write(found, "ours")
    assert len(list(default_folder().iterdir())) == 20
    assert is_as_left(found)
    assert is_as_left(names[49])
    assert not is_as_left(names[0])
