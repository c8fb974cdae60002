"""All checks of the paper, and the file that keeps them."""

import json
import sqlite3
from dataclasses import asdict, replace

import pytest

import mcpolar.montecarlo.paper as paper
from mcpolar.errors import InputError, ResourceError
from mcpolar.montecarlo.paper import KIND, POLARIZING, PaperRun, RecordStore, paper_checks
from mcpolar.store import Store

FAST = PaperRun(replicas=100, memory=1)


def test_law_the_checks_are_the_papers_seventy_cells_and_twelve_of_theorem1():
    checks = paper_checks("certified", 5)
    assert [sum(check.table == table for check in checks) for table in "123"] == [20, 25, 25]
    assert sum(check.table == "T1" for check in checks) == len(POLARIZING) >= 12
    assert len({tuple(c.bound.question.chain.as_dict().values()) for c in checks if c.table == "T1"}) >= 12
    assert all(check.bound.holds and check.bound.log10 > -300 for check in checks)


@pytest.fixture
def few(monkeypatch):
    """Three of the checks."""
    checks = paper_checks("certified", 1)
    chosen = [checks[20], checks[60], checks[72]]
    monkeypatch.setattr(paper, "paper_checks", lambda variant, memory: chosen)
    return chosen


@pytest.mark.parametrize("variant", ["certified", "paper"])
def test_reference_no_cell_of_small_steps_is_violated(variant, monkeypatch):
    checks = [check for check in paper_checks(variant, 2) if check.table != "1"][::5]
    monkeypatch.setattr(paper, "paper_checks", lambda *_: checks)
    run = PaperRun(variant=variant, memory=2, replicas=800)
    with RecordStore(None, run) as store:
        verdicts = [record["verdict"] for record in run.records(store)]
    assert len(verdicts) >= 12
    assert "violated" not in verdicts
    assert verdicts.count("validated") > len(verdicts) / 3


def test_law_a_killed_run_goes_on_where_it_stopped(few, tmp_path, monkeypatch):
    path = tmp_path / "checks.sqlite"
    whole = _records(None)
    calls: list[str] = []
    real = paper.compare

    def interrupted(bound, **options):
        calls.append(bound.statement)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(bound, **options)

    monkeypatch.setattr(paper, "compare", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _records(path)
    resumed = _records(path, resume=True)
    assert len(calls) == 4
    assert [_timeless(r) for r in resumed] == [_timeless(r) for r in whole]
    with Store(path) as kept:
        assert len(kept.kept()) == 3
    again = _records(path, resume=True)
    assert len(calls) == 4
    assert again == resumed


def _records(path, **options):
    with RecordStore(path, FAST, **options) as store:
        return FAST.records(store)


def _timeless(record):
    return {key: value for key, value in record.items() if key != "seconds"}


def test_rejects_files_of_other_runs(few, tmp_path):
    path = tmp_path / "checks.sqlite"
    _records(path)
    with pytest.raises(InputError, match="`store` must be a new file, unless"):
        RecordStore(path, FAST)
    with pytest.raises(InputError, match=r"`store` must be the store of this run \(its seed differ\)"):
        RecordStore(path, replace(FAST, seed=2), resume=True)
    with pytest.raises(ResourceError, match="cannot open"):
        RecordStore(tmp_path / "nowhere" / "checks.sqlite", FAST)
    with Store(path, KIND, asdict(FAST), resume=True), pytest.raises(ResourceError, match="in use by"):
        RecordStore(path, FAST, resume=True)


@pytest.mark.parametrize(
    "content", [b"no newline", b"one\ntwo\n", b"\0" * 9, b"SQLite format 3\0" + b"x" * 200]
)
def test_rejects_a_foreign_file_and_leaves_it(few, tmp_path, content):
    path = tmp_path / "thesis.txt"
    path.write_bytes(content)
    with pytest.raises(ResourceError, match="it is no store of mcpolar; it was left as it is"):
        RecordStore(path, FAST)
    assert path.read_bytes() == content


def test_law_a_damaged_record_is_made_again(few, tmp_path):
    path = tmp_path / "checks.sqlite"
    whole = _records(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE block SET content = replace(CAST(content AS TEXT), 'validated', 'violated')")
    connection.close()
    assert [_timeless(r) for r in _records(path, resume=True)] == [_timeless(r) for r in whole]


def test_control_a_planted_wrong_cell_is_found(few, monkeypatch):
    from mcpolar.balls import Dyadic

    value = few[0].bound.value
    wrong = replace(few[0], bound=replace(few[0].bound, value=Dyadic(3 * value.mantissa, value.exponent)))
    monkeypatch.setattr(paper, "paper_checks", lambda *_: [wrong])
    assert [record["verdict"] for record in _records(None)] == ["violated"]


def test_law_records_are_strict_json(few):
    for record in _records(None):
        assert json.loads(json.dumps(record, allow_nan=False)) == record
