"""Kills and flipped bits, a few of those of `python -m benchmarks.survival`: no wrong byte with status 0."""

import random
import sys

import pytest

from benchmarks.survival import FLIPPED, KILLED, flipped, killed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs kills")
OF_NAME = {command.name: command for command in (*KILLED, *FLIPPED)}


@pytest.mark.slow
def test_law_a_killed_run_ends_with_the_same_bytes(tmp_path):
    seen = killed(OF_NAME["run"], 4, random.Random(5), tmp_path)
    assert (seen["killed"], seen["wrong"]) == (4, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["run store", "run store, extended", "certificates", "trajectory .npz", "trajectory .nc"]
)
def test_law_no_flipped_bit_gives_wrong_bytes(name, tmp_path):
    seen = flipped(OF_NAME[name], 6, random.Random(7), tmp_path)
    assert seen["wrong"] == 0
    assert seen["same bytes"] + seen["refused"] == 6
