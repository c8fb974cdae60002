"""Runs of language models: the interaction, the log that survives, and the same choices again."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from mcpolar.agents import (
    AgentSettings,
    FakeAnswer,
    FakeEmbed,
    Keywords,
    RunLog,
    measure,
    read_trace,
    simulate_agents,
)
from mcpolar.agents.population import answer_seed
from mcpolar.errors import InputError, ResourceError

NAMES = ("rose", "tulip", "iris", "peony", "daisy", "lily")
DOCUMENTS = [[f"{name} - a flower."] for name in NAMES]
PARTS = {"answer": FakeAnswer(NAMES, 0.05), "embed": FakeEmbed(), "classify": Keywords(NAMES)}


def run(log, settings=None, **changed):
    return simulate_agents(settings or AgentSettings(6, 12, k=3), DOCUMENTS, log=log, **(PARTS | changed))


@pytest.mark.parametrize("schedule", ["synchronous", "single"])
@pytest.mark.parametrize("policy", ["retrieved", "first-in-first-out", "last-in-first-out", "farthest"])
def test_law_a_run_is_resumed_to_the_same_choices_from_any_answer(tmp_path, policy, schedule):
    settings = AgentSettings(6, 8, k=3, mirror=0.2, policy=policy, schedule=schedule)
    whole = run(tmp_path / "whole.jsonl", settings)
    lines = (tmp_path / "whole.jsonl").read_bytes().splitlines(keepends=True)
    for kept in (1, 4, 7, len(lines) - 1, len(lines)):
        cut = tmp_path / f"{kept}.jsonl"
        cut.write_bytes(b"".join(lines[:kept]) + b'{"step": 3, "agent": 1, "text": "cut of')
        again = run(cut, settings, resume=True)
        assert again.asked == len(lines) - kept
        assert (again.trace.silos == whole.trace.silos).all()
        assert (again.senders == whole.senders).all()
        assert [json.loads(line)["text"] for line in cut.read_bytes().splitlines()[1:]] == [
            json.loads(line)["text"] for line in lines[1:]
        ]


def test_law_concurrency_changes_nothing_but_the_order_within_a_step(tmp_path):
    one, many = run(tmp_path / "1.jsonl"), run(tmp_path / "2.jsonl", concurrency=4)
    assert (one.trace.silos == many.trace.silos).all()
    again = run(tmp_path / "2.jsonl", resume=True)
    assert again.asked == 0
    assert (again.trace.silos == one.trace.silos).all()


def test_law_an_agent_hears_one_of_its_nearest_or_itself(tmp_path):
    points = {name: [float(at), 0.0] for at, name in enumerate(NAMES)}

    def embed(texts):
        return np.array(
            [next((p for name, p in points.items() if name in text), [0.0, 1.0]) for text in texts]
        )

    heard = run(tmp_path / "l.jsonl", AgentSettings(6, 1, k=1), embed=embed, answer=FakeAnswer(NAMES)).senders
    assert heard[0, 0] == 1
    assert heard[0, 5] == 4
    assert all(abs(int(heard[0, i]) - i) == 1 for i in range(6))
    mirrored = run(tmp_path / "m.jsonl", AgentSettings(6, 5, mirror=1.0)).senders
    assert (mirrored == np.arange(6)).all()


def test_law_all_are_heard_equally_often_without_a_neighbourhood(tmp_path):
    settings = AgentSettings(6, 400)
    senders = run(tmp_path / "l.jsonl", settings, answer=lambda context, seed: "rose").senders
    counts = np.bincount(senders[:, 0], minlength=6)
    assert counts[0] == 0
    # six standard deviations of a binomial count of 400 at 1/5: false alarms below 1e-8 for the five together
    assert (np.abs(counts[1:] - 80) < 6 * 8).all()


def test_control_a_biased_choice_is_found(tmp_path):
    counts = np.bincount([1 + (i % 5) // 2 for i in range(400)], minlength=6)
    assert not (np.abs(counts[1:] - 80) < 6 * 8).all()


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        ("retrieved", ["new", "b", "c"]),
        ("first-in-first-out", ["new", "b", "c"]),
        ("last-in-first-out", ["a", "b", "new"]),
        ("farthest", ["a", "new", "c"]),
    ],
)
def test_reference_what_each_policy_replaces(tmp_path, policy, left):
    points = {"q": [1.0, 0.0], "a": [2.0, 0.0], "b": [-5.0, 0.0], "c": [1.0, 1.0], "new": [1.5, 0.0]}
    contexts = []

    def answer(context, seed):
        contexts.append(context)
        return "new"

    settings = AgentSettings(2, 1, policy=policy, question="q")
    memories = [["a", "b", "c"], ["a", "b", "c"]]
    seen = {}

    class Watching(Keywords):
        pass

    from mcpolar.agents import population as module

    original = module.Population._take_in

    def watched(self, agent, text, point):
        original(self, agent, text, point)
        seen[agent] = list(self.memories[agent])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.Population, "_take_in", watched)
        simulate_agents(
            settings,
            memories,
            answer=answer,
            embed=lambda texts: np.array([points[text] for text in texts]),
            classify=Watching(("new",)),
            log=tmp_path / "l.jsonl",
        )
    assert seen[0] == seen[1] == left
    assert contexts[:2] == ["a", "a"]


def test_law_bad_answers_are_asked_again_and_the_last_is_kept(tmp_path):
    calls = []

    def answer(context, seed):
        calls.append(seed)
        return "" if len(calls) % 3 else "the rose"

    settings = AgentSettings(2, 0, must_contain="rose", attempts=3)
    simulate_agents(settings, DOCUMENTS[:2], **(PARTS | {"answer": answer}), log=tmp_path / "l.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()[1:]]
    assert [line["tries"] for line in lines] == [3, 3]
    assert calls == [answer_seed(1, 0, agent, attempt) for agent in (0, 1) for attempt in (0, 1, 2)]
    assert len(set(calls)) == 6


CHILD = textwrap.dedent("""
    import sys, time
    from tests.agents.test_run import *
    def slow(context, seed):
        time.sleep(0.002)
        return PARTS["answer"](context, seed)
    found = run(sys.argv[1], AgentSettings(6, 12, k=3), answer=slow, resume=True)
    print(found.asked, found.trace.silos.tolist())
""")


def test_law_kills_at_random_answers_lose_nothing(tmp_path):
    whole = run(tmp_path / "whole.jsonl")
    log, dice = tmp_path / "killed.jsonl", random.Random(5)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
    goal = 0
    for _ in range(3):
        goal += dice.randrange(5, 20)
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(log)], env=environment, stdout=subprocess.DEVNULL
        )
        while child.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < goal):
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
        child.wait()
    kept = log.read_bytes().count(b"\n") - 1
    again = run(log, resume=True)
    assert again.asked == 6 * 13 - kept
    assert (again.trace.silos == whole.trace.silos).all()
    keys = [(line["step"], line["agent"]) for line in map(json.loads, log.read_text().splitlines()[1:])]
    assert len(keys) == len(set(keys)) == 6 * 13


def test_rejects_other_runs_and_second_writers(tmp_path):
    log = tmp_path / "l.jsonl"
    run(log)
    with pytest.raises(InputError, match="`log` must be a new file, or resumed"):
        run(log)
    with pytest.raises(InputError, match="a run with these settings"):
        run(log, AgentSettings(6, 13, k=3), resume=True)
    with (
        RunLog(tmp_path / "held.jsonl", {"settings": {}}),
        pytest.raises(ResourceError, match="in use by another"),
    ):
        run(tmp_path / "held.jsonl")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"no json\n", "line 3 is not JSON"),
        (b"[1]\n", "line 3 is not an object"),
        (b'{"step": 0, "agent": 99, "text": "x"}\n', "answers are in order"),
        (b'{"step": "0", "agent": 1, "text": "x"}\n', "answers are in order"),
        (b"x" * 1_000_001 + b"\n", "line 3 is longer"),
    ],
    ids=["text", "list", "agent", "step", "long"],
)
def test_rejects_damaged_logs(tmp_path, line, what):
    run(tmp_path / "l.jsonl")
    lines = (tmp_path / "l.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "bad.jsonl").write_bytes(b"".join([*lines[:2], line, *lines[2:]]))
    before = (tmp_path / "bad.jsonl").read_bytes()
    with pytest.raises(InputError, match=what):
        run(tmp_path / "bad.jsonl", resume=True)
    assert (tmp_path / "bad.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agents", 1),
        ("steps", -1),
        ("k", 6),
        ("k", 0),
        ("mirror", 1.1),
        ("policy", "x"),
        ("schedule", "x"),
        ("attempts", 0),
    ],
)
def test_rejects_settings(name, value):
    with pytest.raises(InputError, match=f"`{name}`"):
        AgentSettings(**({"agents": 6, "steps": 3} | {name: value}))


def test_rejects_memories_that_do_not_fit(tmp_path):
    with pytest.raises(InputError, match="`documents` must be 6, each with a document; got 1 memories"):
        simulate_agents(AgentSettings(6, 1), [["x"]], log=tmp_path / "l.jsonl", **PARTS)
    assert not (tmp_path / "l.jsonl").exists()


def test_reference_the_log_reads_back_as_the_trace(tmp_path):
    found = run(tmp_path / "l.jsonl", AgentSettings(6, 20, schedule="single"))
    read = read_trace(tmp_path / "l.jsonl", Keywords(NAMES))
    assert (read.silos == found.trace.silos).all()
    assert (measure(read).n_silos == measure(found.trace).n_silos).all()


def test_rejects_a_log_in_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(ResourceError, match=r"the folder .*no does not exist"):
        run(tmp_path / "no" / "l.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_rejects_to_go_on_with_other_documents_names_or_embeddings(tmp_path):
    log = tmp_path / "l.jsonl"
    run(log)
    before = log.read_bytes()
    for changed, what in (
        ({"classify": Keywords(NAMES[::-1])}, "a run with these names of silos"),
        ({"embed": FakeEmbed(dimension=5)}, "these documents with this embedding"),
    ):
        with pytest.raises(InputError, match=what):
            run(log, resume=True, **changed)
    with pytest.raises(InputError, match="a run with these documents"):
        simulate_agents(AgentSettings(6, 12, k=3), DOCUMENTS[::-1], log=log, resume=True, **PARTS)
    assert log.read_bytes() == before


@pytest.mark.parametrize("name", [".", "/", "..", "folder"])
def test_rejects_a_folder_as_a_log(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="log.*a file"):
        RunLog(name, {"settings": {}})
    assert {path.name for path in tmp_path.iterdir()} == {"folder"}


@pytest.mark.parametrize("content", [bytes(range(256)), b'{"format": "other"}\n', b""])
def test_law_no_lock_stays_beside_a_log_that_is_refused_or_closed(tmp_path, content):
    log = tmp_path / "log.jsonl"
    log.write_bytes(content)
    if content:
        with pytest.raises(InputError):
            RunLog(log, {"settings": {}})
        assert log.read_bytes() == content
    else:
        RunLog(log, {"settings": {}}).close()
    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]
