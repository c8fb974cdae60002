"""Files are whole or not there."""

from pathlib import Path

import pytest

from mcpolar.errors import ResourceError
from mcpolar.files import replacing


def test_law_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as draft:
        draft.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_law_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
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


def test_law_a_folder_replaces_a_folder(tmp_path):
    path = tmp_path / "run.zarr"
    for content in ("one", "two"):
        with replacing(path) as draft:
            draft.mkdir()
            (draft / content).write_text(content)
    assert [entry.name for entry in path.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [path]


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
