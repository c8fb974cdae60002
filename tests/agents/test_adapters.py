"""Runs made elsewhere: every format on a file that is made here, and what is refused."""

import csv
import json
import pickle
import random
import sqlite3
import zipfile

import numpy as np
import pytest

from mcpolar.agents import FORMATS, Keywords, Trace, read_trace
from mcpolar.agents.adapters import LARGEST_ENTRY, Columns, told_format
from mcpolar.errors import InputError

FLOWERS = Keywords(("rose", "iris", "lily"))
LABELS = [["rose", "iris", "lily"], ["rose", "rose", "lily"], ["rose", "rose", "rose"]]
SILOS = [[0, 1, 2], [0, 0, 2], [0, 0, 0]]


def sentence(name):
    return f"The prettiest flower is the {name}."


def published(path):
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["", 0, 1, 2])
        for step, row in enumerate(LABELS):
            lines.writerow([step, *(repr([" " + sentence(name)]) for name in row)])


def records():
    for step, row in enumerate(LABELS):
        for agent, name in enumerate(row):
            yield {"step": step, "agent": agent, "text": sentence(name)}


def table_csv(path):
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, ["step", "agent", "text"])
        lines.writeheader()
        lines.writerows(records())


def jsonl(path):
    path.write_text("".join(json.dumps(record) + "\n" for record in records()))


def parquet(path):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    pd.DataFrame(records()).to_parquet(path)


def concordia(path):
    store = {f"t{i}": record["text"] for i, record in enumerate(records())}
    entries = [
        {
            "step": record["step"],
            "entity_name": f"agent {record['agent']}",
            "entry_type": "entity",
            "deduplicated_data": {"Value": {"_ref": f"t{i}"}},
        }
        for i, record in enumerate(records())
    ]
    entries.append({"step": 0, "entry_type": "game_master", "deduplicated_data": {}})
    path.write_text(json.dumps({"content_store": store, "entries": entries}))


def mesa(path):
    events = [
        {"step": r["step"], "agent_id": r["agent"], "event_type": "message", "content": {"text": r["text"]}}
        for r in records()
    ]
    events.append({"step": 1, "agent_id": 1, "event_type": "observation", "content": "nothing"})
    path.write_text(json.dumps({"metadata": {}, "events": events, "agent_summaries": {}}))


def inspect_samples():
    return [{"id": r["agent"], "epoch": r["step"], "output": {"completion": r["text"]}} for r in records()]


def inspect_json(path):
    path.write_text(json.dumps({"eval": {}, "samples": inspect_samples()}))


def inspect_eval(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", "{}")
        for number, sample in enumerate(inspect_samples()):
            archive.writestr(f"samples/{number}_epoch_{sample['epoch']}.json", json.dumps(sample))


def oasis(path):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE post (post_id INTEGER PRIMARY KEY, user_id, created_at, content)")
    rows = [(r["agent"], f"2026-01-0{r['step'] + 1}", r["text"]) for r in records()]
    database.executemany("INSERT INTO post (user_id, created_at, content) VALUES (?, ?, ?)", rows)
    database.commit()
    database.close()


FILES = {
    "run.csv": (published, "published"),
    "long.csv": (table_csv, "csv"),
    "long.jsonl": (jsonl, "jsonl"),
    "long.parquet": (parquet, "parquet"),
    "concordia.json": (concordia, "concordia"),
    "mesa.json": (mesa, "mesa-llm"),
    "inspect.json": (inspect_json, "inspect"),
    "run.eval": (inspect_eval, "inspect"),
    "oasis.db": (oasis, "oasis"),
}


@pytest.mark.parametrize("name", FILES)
def test_reference_every_format_is_read(tmp_path, name):
    make, form = FILES[name]
    path = tmp_path / name
    make(path)
    before = path.read_bytes()
    assert told_format(path) == form
    trace = read_trace(path, FLOWERS)
    assert trace.silos.tolist() == [SILOS]
    assert trace.steps.tolist() == [0, 1, 2]
    assert path.read_bytes() == before


def test_law_every_format_is_tested():
    assert {form for _, form in FILES.values()} | {"log"} == set(FORMATS)


def test_reference_labels_need_no_classifier_and_columns_have_any_name(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text("trial,round,voter,party\nx,1,ann,red\nx,1,bob,blue\nx,2,ann,red\nx,2,bob,red\n")
    trace = read_trace(path, columns=Columns("trial", "round", "voter", "party"))
    assert trace.names == ("red", "blue")
    assert trace.silos.tolist() == [[[0, 1], [0, 0]]]
    assert (trace.runs, trace.agents) == (("x",), ("ann", "bob"))


def test_law_several_files_are_several_runs(tmp_path):
    published(tmp_path / "a.csv")
    published(tmp_path / "b.csv")
    assert read_trace([tmp_path / "a.csv", tmp_path / "b.csv"], FLOWERS).silos.tolist() == [SILOS, SILOS]


def test_law_a_silent_agent_keeps_its_silo_and_unclassified_is_a_silo(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("step,agent,text\n0,0,rose\n0,1,iris\n1,0,a fern\n2,1,rose\n")
    assert read_trace(path, FLOWERS).silos.tolist() == [[[0, 1], [-1, 1], [-1, 0]]]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("x.csv", ",0,1\n0,\"['a']\"\n", "CSV of 3 columns, a step first, in row 2"),
        ("x.csv", ",0,1\n0,\"['a']\",\"__import__('os').system('true')\"\n", "row 2, column 1"),
        ("x.csv", ",0,1\n0,\"['a']\",\"['a', 'b']\"\n", "row 2, column 1"),
        ("x.csv", "step,agent,text\n0,0,a\n1,,b\n", ""),
        ("x.csv", "step,who,text\n0,0,a\n", "value in row 2, column agent"),
        ("x.csv", "step,agent,text\nx,0,a\n", "whole number >= 0 in row 2, column step"),
        ("x.csv", "step,agent,text\n-1,0,a\n", "whole number >= 0 in row 2"),
        ("x.csv", "step,agent,text\n", "with answers"),
        ("x.jsonl", '{"step": 0}\n', "value in row 1, column agent"),
        ("x.jsonl", "[0]\n", "line 1 is not an object"),
        ("x.jsonl", "{\n", "line 1 is not JSON"),
        ("x.jsonl", "[" * 100_000 + "\n", "line 1 is not JSON"),
        ("x.json", "{}", "one of log, published"),
        (
            "x.json",
            '{"content_store": {}, "entries": [{"entry_type": "entity", "step": 0, "entity_name": "a", '
            '"deduplicated_data": {"_ref": "gone"}}]}',
            "content store holds in entry 0",
        ),
        (
            "x.json",
            '{"content_store": {"a": {"_ref": "a"}}, "entries": [{"entry_type": "entity", "step": 0, '
            '"entity_name": "a", "deduplicated_data": {"_ref": "a"}}]}',
            "at most 20 deep",
        ),
        ("x.json", '{"metadata": {}, "events": 3}', "events is a list of objects"),
        ("x.json", '{"eval": {}, "samples": [{"id": 1}]}', "completion in sample 0"),
        ("x.eval", "no zip", "zip archive"),
        ("x.bin", "SQLite format 3\0 but no database", "OASIS database"),
        ("x.parquet", "PAR1 no parquet", "Parquet"),
        ("x.txt", "hello", "one of log, published"),
    ],
)
def test_rejects_damaged_files_by_name_and_place(tmp_path, name, text, what):
    path = tmp_path / name
    path.write_text(text)
    if not what:
        what = "in row 3"
        read = read_trace(path)
        assert read.agents == ("0", "")  # an empty name is a name
        return
    with pytest.raises(InputError, match=what.replace("(", r"\(")) as caught:
        read_trace(path)
    assert "\n" not in str(caught.value)


def test_rejects_files_that_are_none(tmp_path):
    for path in (tmp_path / "gone.csv", tmp_path):
        with pytest.raises(InputError, match="`paths` must be a"):
            read_trace(path)
    with pytest.raises(InputError, match="`format` must be one of log"):
        (tmp_path / "x.csv").write_text("step,agent,text\n")
        read_trace(tmp_path / "x.csv", format="pickle")


def test_law_pickles_are_never_loaded(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was loaded",))

    for name in ("x.pkl", "x.json", "x.csv", "x.jsonl", "x.eval", "x.parquet"):
        (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
        with pytest.raises(InputError):
            read_trace(tmp_path / name)


def test_law_an_archive_that_declares_too_much_is_refused(tmp_path):
    path = tmp_path / "x.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("samples/1_epoch_1.json", b" " * (LARGEST_ENTRY + 1))
    with pytest.raises(InputError, match="has at most"):
        read_trace(path)


@pytest.mark.parametrize("name", FILES)
def test_law_flipped_bytes_give_a_trace_or_one_line(tmp_path, name):
    make, _ = FILES[name]
    path, dice = tmp_path / name, random.Random(name)
    make(path)
    whole = path.read_bytes()
    for _ in range(25):
        data = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(data[: dice.choice((len(data), dice.randrange(len(data) + 1)))])
        try:
            trace = read_trace(path, FLOWERS)
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert isinstance(trace, Trace)
            assert np.isin(trace.silos, [-1, 0, 1, 2]).all()
