"""Runs made elsewhere: every format on a file that is made here, and what is refused."""

import codecs
import csv
import json
import os
import pickle
import random
import sqlite3
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from mcpolar.agents import (
    FORMATS,
    AgentSettings,
    Condition,
    FakeAnswer,
    FakeEmbed,
    Keywords,
    Trace,
    read_trace,
    simulate_agents,
)
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


def log_lines(tmp_path, agents=3, steps=4, **changed):
    """The lines of a finished run's log."""
    settings = AgentSettings(agents, steps, seed=5, **changed)
    documents = [[name] for name in ("rose", "iris", "lily")[:agents]]
    parts = {"answer": FakeAnswer(FLOWERS.names), "embed": FakeEmbed(), "classify": FLOWERS}
    simulate_agents(settings, documents, log=tmp_path / "whole.jsonl", **parts)
    return (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("schedule", ["synchronous", "single"])
def test_law_a_step_that_a_kill_cut_off_is_left_out(tmp_path, schedule):
    lines = log_lines(tmp_path, schedule=schedule)
    whole = read_trace(tmp_path / "whole.jsonl", FLOWERS)
    assert whole.conditions == (Condition(0.0, 2),)
    for kept in range(4, len(lines) + 1):
        (tmp_path / "cut.jsonl").write_bytes(b"".join(lines[:kept]))
        found = read_trace(tmp_path / "cut.jsonl", FLOWERS)
        answered = kept - 1
        steps = answered // 3 if schedule == "synchronous" else answered - 2
        assert found.silos.tolist() == whole.silos[:, :steps].tolist()


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], "each agent once a step"),
        (lambda lines: [*lines[:2], *lines[3:]], "each agent once a step"),
        (lambda lines: [*lines[:4], *lines[7:]], "each agent once a step"),
        (lambda lines: [lines[0], *lines[4:7], *lines[1:4]], "each agent once a step"),
        (lambda lines: [lines[0].replace(b'"agents": 3', b'"agents": "3"'), *lines[1:]], "settings of a run"),
        (lambda lines: [b'{"format": "mcpolar-agents/1", "settings": [1]}\n', *lines[1:]], "has settings"),
        (
            lambda lines: [b'{"format": "mcpolar-agents/1", "settings": {"x": 1}}\n', *lines[1:]],
            "settings of a run",
        ),
        (lambda lines: [*lines, lines[1].replace(b'"agent": 0', b'"agent": true')], "each agent once a step"),
        (lambda lines: [*lines, lines[1].replace(b'"agent": 0', b'"agent": 3')], "each agent once a step"),
        (
            lambda lines: [*lines, lines[1].replace(b'"step": 0', b'"step": 9999999999999999999')],
            "once a step",
        ),
        (
            lambda lines: [*lines, lines[1].replace(b'"text": "', b'"text": 5, "x": "')],
            "each agent once a step",
        ),
    ],
    ids=["twice", "missing", "gap", "order", "agents", "list", "unknown", "bool", "agent", "step", "text"],
)
def test_rejects_logs_that_no_run_wrote(tmp_path, damage, what):
    path = tmp_path / "damaged.jsonl"
    path.write_bytes(b"".join(damage(log_lines(tmp_path))))
    with pytest.raises(InputError, match=what) as found:
        read_trace(path, FLOWERS)
    assert "\n" not in str(found.value)


def test_rejects_a_run_that_is_given_twice_and_runs_of_other_ends(tmp_path):
    published(tmp_path / "a.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    with pytest.raises(InputError, match="different files: one run is counted once"):
        read_trace([tmp_path / "a.csv", tmp_path / "link.csv"], FLOWERS)
    path = tmp_path / "votes.csv"
    path.write_text("run,step,agent,text\nx,0,a,1\nx,1,a,1\ny,0,a,1\n")
    with pytest.raises(InputError, match="runs that end at one step: y ends at 0, x ends at 1"):
        read_trace(path)
    assert read_trace(path, until=0).silos.shape == (2, 1, 1)


def test_law_equal_names_in_different_folders_are_different_runs(tmp_path):
    (tmp_path / "b").mkdir()
    published(tmp_path / "a.csv")
    published(tmp_path / "b" / "a.csv")
    trace = read_trace([tmp_path / "a.csv", tmp_path / "b" / "a.csv"], FLOWERS)
    assert trace.silos.tolist() == [SILOS, SILOS]
    assert len(set(trace.runs)) == 2


def test_law_halves_of_surrogate_pairs_are_made_encodable(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"step": 0, "agent": 0, "text": "\\ud800 rose"}\n')
    trace = read_trace(path)
    assert trace.names == ("? rose",)
    assert trace.to_frame().to_csv().encode()


def test_law_a_mark_of_the_byte_order_is_no_part_of_a_name(tmp_path):
    published(tmp_path / "x.csv")
    table_csv(tmp_path / "y.csv")
    for name in ("x.csv", "y.csv"):
        path = tmp_path / name
        path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
        assert read_trace(path, FLOWERS).silos.tolist() == [SILOS]


def test_rejects_references_that_multiply(tmp_path):
    store = {f"r{i}": [{"_ref": f"r{i + 1}"}] * 40 for i in range(9)} | {"r9": "rose"}
    entry = {"step": 0, "entity_name": "a", "entry_type": "entity", "deduplicated_data": {"_ref": "r0"}}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"content_store": store, "entries": [entry]}))
    with pytest.raises(InputError, match="values in all"):
        read_trace(path)
    path.write_text(
        json.dumps({"content_store": {}, "entries": [entry | {"deduplicated_data": {"_ref": [1]}}]})
    )
    with pytest.raises(InputError, match="a reference that the content store holds"):
        read_trace(path)


def test_rejects_a_line_without_end_before_it_is_held(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.write(b"step,agent,text\n")
        file.truncate(300 * 2**20)  # null bytes without a line break, none of them on the disk
    tracemalloc.start()
    with pytest.raises(InputError, match="a line is longer than"):
        read_trace(path)
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    tracemalloc.stop()


def test_rejects_databases_that_compute_and_those_with_open_changes(tmp_path):
    path = tmp_path / "x.db"
    database = sqlite3.connect(path)
    database.execute(
        "CREATE VIEW post AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS post_id, 1 AS user_id, i AS created_at, 'x' AS content FROM n"
    )
    database.commit()
    database.close()
    with pytest.raises(InputError, match="post is a table, not computed"):
        read_trace(path)
    oasis(tmp_path / "y.db")
    (tmp_path / "y.db-wal").write_bytes(b"changes")
    with pytest.raises(InputError, match="y.db-wal holds changes beside it"):
        read_trace(tmp_path / "y.db", FLOWERS)


def test_rejects_parquet_with_texts_that_unfold(tmp_path):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = tmp_path / "x.parquet"
    table = {"step": range(300), "agent": 0, "text": "x" * 1_000_000}
    pd.DataFrame(table).to_parquet(path)
    assert path.stat().st_size < 2_000_000
    with pytest.raises(InputError, match="column text has at most 100000 characters"):
        read_trace(path)


def test_law_unknown_escapes_of_the_published_cells_are_left_without_a_word(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(",0,1\n0,\"[' a rose \\d']\",\"['an iris']\"\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_trace(path, FLOWERS).silos.tolist() == [[[0, 1]]]


def test_rejects_pipes_and_links_to_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "nothing.csv").symlink_to(tmp_path / "gone.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name in ("pipe.csv", "nothing.csv", "loop.csv"):
        with pytest.raises(InputError, match="`paths` must be a"):
            read_trace(tmp_path / name)
