"""`mcpolar plot bound`: pictures of bounds, with what they were made from in the file."""

import json

import pytest
from PIL import Image


def size_and_record(path):
    """The size of a picture, and what its metadata say that it was made from."""
    with Image.open(path) as picture:
        return picture.size, json.loads(picture.text["Description"])


GIVEN = ("plot", "bound", "theorem2", "--sigma", "0.2,0.3", "--steps", "5", "--output")


def test_reference_a_picture_says_what_it_was_made_from(run, tmp_path):
    path = tmp_path / "a.png"
    assert run(*GIVEN, path).status == 0
    _, record = size_and_record(path)
    assert record["parameters"]["statement"] == "theorem2"
    assert record["parameters"]["sigma"] == ["0.2", "0.3"]
    assert record["seed"] is None
    assert "mcpolar" in record["versions"]


@pytest.mark.parametrize("ending", [".pdf", ".svg"])
def test_law_the_same_command_gives_the_same_bytes(run, tmp_path, ending):
    paths = [tmp_path / f"{name}{ending}" for name in "ab"]
    for path in paths:
        assert run(*GIVEN, path).status == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert b"mcpolar" in paths[0].read_bytes()


def test_law_a_stamp_makes_the_picture_higher(run, tmp_path):
    plain, stamped = tmp_path / "a.png", tmp_path / "b.png"
    run(*GIVEN, plain)
    run(*GIVEN, stamped, "--stamp")
    assert size_and_record(stamped)[0] != size_and_record(plain)[0]


def test_reference_the_default_place_is_named_for_the_statement(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*GIVEN[:-1])
    assert (result.status, result.err) == (0, "wrote theorem2.pdf\n")
    assert (tmp_path / "theorem2.pdf").is_file()


def test_law_the_level_may_be_absent_as_for_a_single_bound(run, tmp_path):
    path = tmp_path / "a.png"
    run(*GIVEN, path)
    assert size_and_record(path)[1]["parameters"]["level"] == ["1"]


def test_rejects_what_cannot_be_drawn(run, tmp_path):
    path = tmp_path / "a.png"
    result = run("plot", "bound", "theorem2", "--sigma", "0.2", "--steps", "5", "--output", path)
    assert result.status == 2
    assert "several values" in result.err
    assert not path.exists()


def test_law_estimates_carry_their_seed(run, tmp_path):
    path = tmp_path / "a.png"
    words = ("--agents", "4", "--memory", "1", "--estimates", "--replicas", "50", "--seed", "9", "--quiet")
    assert run(*GIVEN, path, *words).status == 0
    assert size_and_record(path)[1]["seed"] == 9
