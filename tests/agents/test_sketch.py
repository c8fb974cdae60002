"""Figure 8: a run replayed from its log, many questions to each agent, and how silos differ before and after."""

import json

import numpy as np
import pytest

from mcpolar.agents import AgentSettings, FakeAnswer, FakeEmbed, Keywords, memories_at, simulate_agents
from mcpolar.agents.questions import ask_agents, question_seed, read_questions
from mcpolar.agents.sketch import compare_sketches, silo_differences
from mcpolar.errors import InputError, ResourceError

NAMES = ("rose", "tulip", "iris", "peony", "daisy", "lily", "poppy", "aster")
DOCUMENTS = [[f"{name} - a flower.", f"Cats like {name}."] for name in NAMES]
QUESTIONS = ["What smells best?", "What would you paint?", "What do bees love?", "What is red?"]


@pytest.fixture
def log(tmp_path):
    settings = AgentSettings(8, 6, k=3, mirror=0.2, policy="first-in-first-out", seed=4)
    parts = {"answer": FakeAnswer(NAMES), "embed": FakeEmbed(), "classify": Keywords(NAMES)}
    simulate_agents(settings, DOCUMENTS, log=tmp_path / "log.jsonl", **parts)
    return tmp_path / "log.jsonl"


def test_reference_a_replay_has_the_memories_of_the_run(log):
    before = log.read_bytes()
    found = memories_at(log, DOCUMENTS, range(7), embed=FakeEmbed())
    assert found[0][0] == tuple(map(tuple, DOCUMENTS))
    records = [json.loads(line) for line in log.read_text().splitlines()[1:]]
    for record in records:
        memories, answers = found[record["step"]]
        assert record["context"] in memories[record["agent"]]
        assert record["text"] == answers[record["agent"]]
    assert log.read_bytes() == before


def test_rejects_a_replay_with_other_documents_or_another_embedding(log):
    with pytest.raises(InputError, match="`documents` must be those that .* began with"):
        memories_at(log, DOCUMENTS[::-1], {6}, embed=FakeEmbed())
    with pytest.raises(InputError, match="these documents with this embedding: the document at step"):
        memories_at(log, DOCUMENTS, {6}, embed=FakeEmbed(dimension=3))
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(InputError, match="a run that has come to this step"):
        memories_at(log, DOCUMENTS, {6}, embed=FakeEmbed())
    assert memories_at(log, DOCUMENTS, {5}, embed=FakeEmbed())
    with pytest.raises(
        InputError, match="`steps` must be a whole number from 0 to the last step of the run = 6"
    ):
        memories_at(log, DOCUMENTS, {7}, embed=FakeEmbed())


def asking(tmp_path, ask=None, **changed):
    memories = tuple((f"{name} - a flower.", f"{name} and cats.") for name in NAMES)
    given = {"ask": ask or FakeAnswer(NAMES).ask, "embed": FakeEmbed(), "log": tmp_path / "answers.jsonl"}
    return ask_agents(
        [memories, memories[:1] * 8], QUESTIONS, **(given | {"settings": {"model": "fake"}} | changed)
    )


def test_law_questions_are_gone_on_with_from_any_answer(tmp_path):
    whole = asking(tmp_path)
    assert whole.shape == (2, 8, 4, 32)
    lines = (tmp_path / "answers.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + 2 * 8 * 4
    for kept in (1, 20, 64, 65):
        (tmp_path / "answers.jsonl").write_bytes(b"".join(lines[:kept]) + b'{"moment": 0, "ag')
        calls = []

        def ask(question, context, seed, calls=calls):
            calls.append(seed)
            return FakeAnswer(NAMES).ask(question, context, seed)

        assert (asking(tmp_path, ask, resume=True) == whole).all()
        assert len(calls) == len(set(calls)) == 65 - kept
        assert (tmp_path / "answers.jsonl").read_bytes() == b"".join(lines)
    assert (asking(tmp_path, resume=True, concurrency=3) == whole).all()


def test_law_every_question_has_its_own_seed_and_the_best_document(tmp_path):
    seen = {}

    def ask(question, context, seed):
        seen[seed] = (question, context)
        return "x"

    asking(tmp_path, ask)
    assert len(seen) == 2 * 8 * 4
    assert seen[question_seed(1, (0, 3, 2))][0] == QUESTIONS[2]
    embed = FakeEmbed()
    texts = [f"{NAMES[3]} - a flower.", f"{NAMES[3]} and cats."]
    for number, question in enumerate(QUESTIONS):
        best = texts[int((embed(texts) @ embed([question])[0]).argmax())]
        assert seen[question_seed(1, (0, 3, number))] == (question, best)


def test_rejects_answers_of_others_and_what_is_no_text(tmp_path):
    asking(tmp_path)
    with pytest.raises(InputError, match="a new file, or resumed"):
        asking(tmp_path)
    with pytest.raises(InputError, match="a run with these settings"):
        asking(tmp_path, resume=True, settings={"model": "other"})
    path = tmp_path / "answers.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for damage in (b'"agent": 99', b'"agent": true', b'"agent": [1]', b'"agent": null'):
        path.write_bytes(b"".join([*lines[:2], lines[2].replace(b'"agent": 0', damage)]))
        with pytest.raises(InputError, match="answers of these agents to these questions"):
            asking(tmp_path, resume=True)
    path.write_bytes(b"".join([*lines[:2], lines[1]]))
    with pytest.raises(InputError, match="each once"):
        asking(tmp_path, resume=True)
    with pytest.raises(ResourceError, match="no text but int"):
        asking(tmp_path, lambda *_: 5, log=tmp_path / "other.jsonl")
    with pytest.raises(InputError, match="`log` must be a log of format mcpolar-agents/1"):
        memories_at(path, DOCUMENTS, {0}, embed=FakeEmbed())


def test_reference_questions_are_the_lines_of_a_file(tmp_path):
    path = tmp_path / "questions.txt"
    path.write_bytes("\ufeffWhat is red?\r\n\n  What is blue? \n".encode())
    assert read_questions(path) == ["What is red?", "What is blue?"]
    for data in (b"", b"\xff\xfe", b"\n\n", b"x" * 1_000_001):
        path.write_bytes(data)
        with pytest.raises(InputError, match="`questions` must be a"):
            read_questions(path)


def points_of(shift, seed=1, agents=12, questions=12):
    draws = np.random.default_rng(seed)
    points = draws.standard_normal((agents, questions, 5))
    points[agents // 2 :, :, 0] += shift
    return points


def test_law_polarization_is_seen_and_its_absence_is_not():
    pytest.importorskip("sklearn")
    silos = [0] * 6 + [1] * 6
    found = compare_sketches(points_of(0.0), points_of(8.0, 2), silos, ("a", "b"), step=9, permutations=999)
    # 924 relabellings, of which 2 keep the silos: the smallest p-value is near 1/462
    assert found.test_after.p_value < 0.02
    assert found.test_growth.p_value < 0.02
    assert found.test_before.p_value > 0.02
    assert found.test_growth.share == pytest.approx(
        found.test_after.share - found.test_before.share, abs=1e-12
    )
    assert found.kinds == [0, 1]
    assert len(found.to_frame()) == 2 * 12 * 12
    wrong = compare_sketches(
        points_of(0.0), points_of(8.0, 2), [0, 1] * 6, ("a", "b"), step=9, permutations=999
    )
    assert wrong.test_after.p_value > 0.02


def test_law_the_growths_p_value_is_uniform_without_a_difference():
    draws = np.random.default_rng(3)
    silos = [0] * 5 + [1] * 4
    values = np.array(
        [
            [
                test.p_value
                for test in silo_differences(draws.standard_normal((2, 9, 3)), silos, permutations=99, seed=s)
            ]
            for s in range(200)
        ]
    )
    # P(p <= a) <= a: of 200 more than 46 at 0.1 or 58 fewer at 0.5 are six standard deviations away, chance below 1e-8
    assert values.shape == (200, 3)
    assert ((values <= 0.1).sum(axis=0) <= 46).all()
    assert ((values <= 0.5).sum(axis=0) >= 58).all()


def test_law_the_share_is_one_for_silos_without_spread_and_ignores_constants():
    parameters = np.column_stack([[1.0] * 3 + [2.0] * 3, np.full(6, 7.0)])
    found = silo_differences([parameters], [0, 0, 0, 1, 1, 1], permutations=99)[0]
    assert found.share == pytest.approx(1.0, rel=1e-12)
    still = silo_differences([np.full((6, 2), 0.1)], [0, 0, 0, 1, 1, 1], permutations=99)[0]
    assert (still.share, still.p_value) == (0.0, 1.0)


def test_rejects_sketches_that_do_not_fit():
    with pytest.raises(InputError, match="`after` must be of shape"):
        compare_sketches(points_of(0), points_of(0)[:3], [0] * 12, ("a",), step=1)
    with pytest.raises(InputError, match="`silos` must be one for each of the 6 agents"):
        silo_differences([np.zeros((6, 2))], [0, 1])
    with pytest.raises(InputError, match="`silos` must be of at least two kinds"):
        silo_differences([np.zeros((6, 2))], [0] * 6)
