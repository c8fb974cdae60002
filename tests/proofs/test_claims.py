"""What is claimed to be machine-checked is so: the build, its audit, the tables made from it, and planted faults."""

import os
import shutil

import pytest

from proofs import build, claims, ledger, numbers

ALL = [(folder, theorem) for folder in claims.FOLDERS for theorem in claims.read(folder).theorems]


@pytest.fixture(scope="module")
def tools():
    absent = build.missing_tools()
    if absent and os.environ.get("CI") == "true":
        pytest.fail(f"{', '.join(absent)} not found, and CI must have it")
    if absent:
        pytest.skip(f"{', '.join(absent)} not found: the Coq proofs were not compiled")


@pytest.mark.slow
def test_law_proofs_compile_and_claims_are_theirs(tools):
    with build.one_at_a_time():
        build.compile_all()
        assert build.audit() == []


@pytest.mark.parametrize(("folder", "theorem"), ALL, ids=lambda value: getattr(value, "name", value))
def test_law_claimed_theorem_is_there_and_closed_by_qed(folder, theorem):
    assert theorem.file in claims.coq_files()
    assert claims.is_proved((claims.ROOT / theorem.file).read_text(), theorem.name)


def test_law_no_coq_file_leaves_anything_unproved():
    files = sorted(path.relative_to(claims.ROOT).as_posix() for path in claims.ROOT.glob("*/*.v"))
    assert files == sorted(claims.coq_files())
    assert {file: claims.faults((claims.ROOT / file).read_text()) for file in files} == {
        file: [] for file in files
    }


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("Lemma a : True. Proof. Admitted.", "Admitted"),
        ("Lemma a : 1 = 2. Proof. admit. Qed.", "admit"),
        ("Axiom a : False.", "Axiom"),
        ("(* fine *) Parameter a : nat.", "Parameter"),
    ],
)
def test_control_unproved_source_is_found(source, fault):
    assert claims.faults(source) == [fault]
    assert claims.faults(f"(* {source} (* nested *) *) Lemma b : True. Proof. easy. Qed.") == []


def test_control_theorem_without_qed_is_not_proved():
    assert claims.is_proved("Theorem a : True. Proof. easy. Qed.", "a")
    assert not claims.is_proved("Theorem a : True. Proof. Admitted. Lemma b : True. Proof. easy. Qed.", "a")
    assert not claims.is_proved("(* Theorem a : True. Qed. *)", "a")


def small_project(tmp_path, monkeypatch, source, premises):
    """Make a project of one theorem in the folder odds."""
    (tmp_path / "odds").mkdir()
    (tmp_path / "_CoqProject").write_text("-Q odds Mcpolar\nodds/Small.v\n")
    (tmp_path / "odds" / "Small.v").write_text(source)
    (tmp_path / "odds" / "claims.toml").write_text(
        f'unchecked = []\n[[theorem]]\nfile = "odds/Small.v"\nname = "a"\nstates = "s"\npremises = {premises}\n'
    )
    for module in (claims, build):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(build, "FOLDERS", ("odds",))
    build.compile_all(tmp_path)
    return build.audit(tmp_path)


PROVED = "Theorem a : True. Proof. exact I. Qed."
PREMISE = (
    "Definition gaussian (n : nat) := n = n. Theorem a : forall n, gaussian n -> True. Proof. easy. Qed."
)
CLASSICAL = "Theorem a : forall P : Prop, P \\/ ~ P. Proof. exact classic. Qed."


@pytest.mark.parametrize(
    ("source", "premises", "wrong"),
    [
        (PROVED, [], []),
        (
            "Theorem a : True. Proof. Admitted.",
            [],
            ["odds/Small.v: Admitted", "is not closed by Qed", "rest on"],
        ),
        ("Section S. Hypothesis h : False. End S. " + PROVED, [], []),
        ("Hypothesis h : 1 = 2. Theorem a : 1 = 2. Proof. exact h. Qed.", [], ["rest on"]),
        (PREMISE, [], ["premise gaussian hidden"]),
        (PREMISE, ["gaussian n"], []),
        (PROVED, ["gaussian n"], ["premise gaussian not there"]),
        ("From Coq Require Import Classical. " + CLASSICAL, [], []),
    ],
)
def test_control_audit_finds_planted_faults(tools, tmp_path, monkeypatch, source, premises, wrong):
    found = small_project(tmp_path, monkeypatch, source, premises)
    assert len(found) == len(wrong)
    assert all(part in line for part, line in zip(wrong, found, strict=True))


def test_control_broken_proof_stops_the_build(tools, tmp_path, monkeypatch):
    with pytest.raises(RuntimeError, match="Small.v"):
        small_project(tmp_path, monkeypatch, "Theorem a : 1 = 2. Proof. easy. Qed.", [])


def test_law_numbers_are_those_of_the_bounds():
    assert numbers.FILE.read_text() == numbers.text()


def test_law_table_and_data_are_current():
    assert ledger.README.read_text() == ledger.readme_with_table(ledger.README.read_text())
    assert ledger.DATA.read_text() == ledger.data_text()


def test_control_stale_table_is_seen(tmp_path):
    shutil.copy(ledger.README, tmp_path / "README.md")
    stale = (tmp_path / "README.md").read_text().replace("| P1 |", "| P9 |")
    assert stale != ledger.readme_with_table(stale)
