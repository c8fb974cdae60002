"""How much a request may ask for: the counts and the sizes at which it is refused."""

from types import SimpleNamespace

import pytest

from mcpolar import limits
from mcpolar.errors import InputError, ResourceError

GROUP = {"memory.max": "5000\n", "memory.current": "4000\n", "memory.stat": "anon 10\ninactive_file 300\n"}


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with 10000 bytes free, and a folder for its group's files."""
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10_000))
    monkeypatch.setattr(limits, "_GROUP", tmp_path)
    return tmp_path


def group(folder, **changed):
    for name, text in (GROUP | {name.replace("_", "."): text for name, text in changed.items()}).items():
        (folder / name).write_text(text)


def test_reference_free_memory(machine):
    assert limits.free_memory() == 10_000  # no groups
    group(machine)
    assert limits.free_memory() == 1300
    group(machine, memory_max="max\n")
    assert limits.free_memory() == 10_000
    group(machine, memory_max="100000\n")
    assert limits.free_memory() == 10_000
    group(machine, memory_current="9000\n")
    assert limits.free_memory() == 0
    group(machine, memory_stat="anon 10\n")
    assert limits.free_memory() == 1000
    group(machine, memory_stat="nonsense\n")
    assert limits.free_memory() == 10_000


def test_reference_memory_is_refused_beyond_what_is_free(machine):
    limits.require_memory(10_000, "ask for less")
    with pytest.raises(
        ResourceError, match=r"would take 9\.31e-06 GiB .* 9\.31e-06 GiB are free: ask for less"
    ):
        limits.require_memory(10_001, "ask for less")


def test_reference_cells_are_refused_beyond_ten_million():
    assert limits.require_cells("sigma", iter([10**4, 1000])) == 10**7
    assert limits.require_cells("sigma", []) == 1
    with pytest.raises(InputError) as caught:
        limits.require_cells("level", [10**7 + 1, 1])
    assert str(caught.value) == (
        "`level` must be lists that span at most 10000000 cells together; got 10000001 cells"
    )
