"""Files are whole or not there."""

import json
import os
from pathlib import Path

import pytest

from mcpolar.errors import InputError, ResourceError
from mcpolar.files import discard_drafts, replacing, require_destination, require_readable


def test_law_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.txt"
    with replacing(path) as draft:
        draft.write_text("old")
    with replacing(path) as draft:
        draft.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_law_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    with replacing(path) as draft:
        draft.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as draft:
        draft.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_law_an_interrupt_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "run.zarr") as draft:
        draft.mkdir()
        (draft / "chunk").write_text("half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def zarr_of(path: Path, name: str) -> None:
    """A group as mcpolar writes it."""
    (path / name).mkdir(parents=True)
    (path / ".zgroup").write_text("{}")
    (path / ".zattrs").write_text(json.dumps({"versions": json.dumps({"mcpolar": "0.1"})}))
    (path / name / ".zarray").write_text("{}")
    (path / name / "0.0").write_text("x")


def test_law_a_group_of_ours_is_replaced(tmp_path):
    path = tmp_path / "run.zarr"
    for name in ("one", "two"):
        with replacing(path) as draft:
            zarr_of(draft, name)
    assert (path / "two").exists()
    assert not (path / "one").exists()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("foreign", ["notes.txt", "one/notes.txt", "photos/a.jpg", "0.0", ".hidden"])
def test_rejects_a_folder_with_anything_else_in_it(tmp_path, foreign):
    path = tmp_path / "run.zarr"
    zarr_of(path, "one")
    (path / foreign).parent.mkdir(exist_ok=True)
    (path / foreign).write_text("mine")
    with pytest.raises(ResourceError, match="is left as it is"), replacing(path) as draft:
        zarr_of(draft, "two")
    with pytest.raises(ResourceError, match="is left as it is"):
        require_destination("output", path)
    assert (path / foreign).read_text() == "mine"


FOREIGN = {
    "a.csv": b"SQLite format 3\0 and more",
    "a.txt": b"\xff\xd8\xff\xe0 a photograph",
    "a.json": b"PK\x03\x04 an archive",
    "a.png": b"notes of mine",
    "a.pdf": b"\x89PNG",
    "a.nc": b"notes",
    "a.npz": b"notes",
    "a.parquet": b"notes",
    "a.zarr": b"a file, not a folder",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_rejects_a_file_of_another_kind_and_leaves_it(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FOREIGN[name])
    with pytest.raises(ResourceError, match="is left as it is"):
        require_destination("output", path)
    with pytest.raises(ResourceError, match="is left as it is"), replacing(path) as draft:
        draft.write_text("new")
    assert path.read_bytes() == FOREIGN[name]
    assert list(tmp_path.iterdir()) == [path]


def test_rejects_destinations_before_the_work(tmp_path):
    (tmp_path / "in.csv").write_text("a")
    (tmp_path / "link.csv").symlink_to(tmp_path / "in.csv")
    for path in (tmp_path / "in.csv", tmp_path / "link.csv", tmp_path / "." / "in.csv"):
        with pytest.raises(InputError, match="`output` must be another file"):
            require_destination("output", path, inputs=[tmp_path / "in.csv", None])
    with pytest.raises(InputError, match="ends in .nc, .npz"):
        require_destination("output", tmp_path / "a.csv", endings=(".nc", ".npz"))
    with pytest.raises(ResourceError, match="the folder .* does not exist"):
        require_destination("output", tmp_path / "no" / "a.csv")
    with pytest.raises(ResourceError, match="cannot write"):
        require_destination("output", "/proc/a.csv")
    require_destination("output", None)
    require_destination("output", "/dev/null")
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "link.csv"}


def test_law_drafts_of_a_process_that_ends_are_removed(tmp_path):
    with replacing(tmp_path / "a.csv") as draft:
        draft.write_text("half")
        discard_drafts()
        assert not list(tmp_path.iterdir())
        draft.write_text("whole")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs devices")
def test_rejects_to_read_what_may_never_end(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/full", tmp_path / "pipe"):
        with pytest.raises(ResourceError, match="it is a device or a pipe"):
            require_readable(path)
    with pytest.raises(ResourceError, match="no such file"):
        require_readable(tmp_path / "absent")


def test_rejects_a_missing_folder(tmp_path):
    with (
        pytest.raises(ResourceError, match="the folder .* does not exist"),
        replacing(tmp_path / "no" / "a.txt"),
    ):
        raise AssertionError("not reached")


def test_rejects_a_folder_in_the_files_place(tmp_path):
    with pytest.raises(ResourceError, match="it is a folder"), replacing(tmp_path):
        raise AssertionError("not reached")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_rejects_a_full_disk_and_leaves_the_device():
    with (
        pytest.raises(ResourceError, match="cannot write /dev/full: No space left"),
        replacing("/dev/full") as draft,
    ):
        draft.write_text("x")
    assert Path("/dev/full").is_char_device()
