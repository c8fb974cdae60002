"""The audit of the Coq proofs sees every planted fault."""

import os
import subprocess

import pytest

from proofs import build, claims, sources
from proofs.audit import Answers, Pinned, assumption_faults, audit, check, checker_faults

STATED = (
    "From Mcpolar Require Import Small. Theorem a : forall n : nat, n + 0 = n. Proof. exact Small.a. Qed."
)
SMALL = "Theorem a : forall n : nat, n + 0 = n. Proof. now induction n. Qed."
TRIVIAL = "Theorem a : True. Proof. exact I. Qed."

# what is refused where it stands, whatever it is used for: (source, what the audit says)
REFUSED = [
    ("Theorem a : 1 = 2. Proof. Admitted.", ["Admitted"]),
    ("Theorem a : 1 = 2. Proof. admit. Qed.", ["admit"]),
    ("Theorem a : 1 = 2. Proof. give_up. Qed.", ["give_up"]),
    ("Theorem a : 1 = 2. Proof. easy. Abort.", ["Abort"]),
    ("Theorem a : 2 = 2. Proof. native_compute. reflexivity. Qed.", ["native_compute"]),
    ("Axiom f : False.", ["Axiom"]),
    ("(* fine *) Parameter f : False.", ["Parameter"]),
    ("Conjecture f : False.", ["Conjecture"]),
    ("Variable f : False.", ["Variable outside a section"]),
    ("Context (f : False).", ["Context outside a section"]),
    ("Section S. Hypothesis f : False. End S. Hypothesis g : False.", ["Hypothesis outside a section"]),
    ("Class F := { ff : False }. #[local] Declare Instance f : F.", ["Class", "#[local]"]),
    ("Unset Guard Checking.", ["Unset"]),
    ("Unset Positivity Checking.", ["Unset"]),
    ("Unset Universe Checking.", ["Unset"]),
    ("#[bypass_check(guard)] Fixpoint f (n : nat) : False := f n.", ["#[bypass_check(guard)]"]),
    (
        "#[ bypass_check(positivity) ] Inductive D := L : (D -> False) -> D.",
        ["#[ bypass_check(positivity) ]"],
    ),
    ("#[local, bypass_check(guard)] Fixpoint f (n : nat) : False := f n.", ["#[local, bypass_check(guard)]"]),
    ('Notation "x <= y" := True (at level 70).', ["notation of symbols"]),
    ('Local Notation "x <= y" := True (at level 70).', ["notation of symbols"]),
    ('Infix "<=" := Nat.lt (at level 70).', ["Infix"]),
    ('Load "evil".', ["Load"]),
    ('Declare ML Module "evil".', ["Declare"]),
    ('Add LoadPath "evil" as Coq.', ["Add"]),
    ("Require Import Reals.", ["Require"]),
    ("From Evil Require Import Reals.", ["From Evil"]),
    ("Module M. Theorem a : True. Proof. exact I. Qed. End M.", ["Module"]),
    ("Register nat as num.nat.type. Primitive f := #int63_add.", ["Register", "Primitive"]),
    ("Coercion f : nat >-> bool. Canonical Structure g := h.", ["Coercion", "Canonical"]),
    ("Set Typeclasses Depth 3. Hint Resolve f.", ["Set", "Hint"]),
    ("Let f := 1. Fail Theorem a : False. Time Theorem b : False.", ["Let", "Fail", "Time"]),
]


@pytest.mark.parametrize(("source", "words"), REFUSED)
def test_control_refused_command_is_found(source, words):
    assert sources.faults(source) == words
    assert sources.faults(f"(* {source} (* nested *) *) {SMALL}") == []


def test_law_comments_and_strings_hide_and_show_nothing():
    assert sources.faults('Definition s := "(*". Axiom f : False. Definition t := "*)".') == ["Axiom"]
    assert not sources.is_proved('Definition s := "Theorem a : False. Proof. exact I. Qed.".', "a")
    assert not sources.is_proved("(* Theorem a : True. Proof. exact I. Qed. *) Definition a := I.", "a")
    assert not sources.is_proved("Theorem a : 1 = 1. Proof. reflexivity. Defined.", "a")
    assert not sources.is_proved("Theorem a : True. Proof. Admitted. Lemma b : True. Proof. easy. Qed.", "a")
    assert sources.is_proved(SMALL, "a")


@pytest.fixture(scope="module")
def tools():
    absent = build.missing_tools()
    if absent and os.environ.get("CI") == "true":
        pytest.fail(f"{', '.join(absent)} not found, and CI must have it")
    if absent:
        pytest.skip(f"{', '.join(absent)} not found: the audit was not tried on planted faults")


def project(folder, small, stated, premises=()):
    """Write and compile a project of one theorem."""
    for name, source in (("odds/Small.v", small), ("statements/Statements.v", stated)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)
    (folder / "_CoqProject").write_text(
        "-Q odds Mcpolar\n-Q statements Mcpolar\nodds/Small.v\nstatements/Statements.v\n"
    )
    (folder / "odds" / "claims.toml").write_text(
        'proved = ""\nunchecked = []\n[[theorem]]\nfile = "odds/Small.v"\nname = "a"\nstates = "s"\n'
        f"premises = {list(premises)}\n"
    )
    for name in ("odds/Small.v", "statements/Statements.v"):
        command = ["coqc", "-Q", "odds", "Mcpolar", "-Q", "statements", "Mcpolar", name]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def pinned(folder):
    return Pinned(claims.text_sha256(folder), Answers.ask(folder).meaning_sha256)


def audited(folder, pins=None):
    return audit(folder, ("odds",), pins or pinned(folder))


def test_law_honest_project_passes(tools, tmp_path):
    assert audited(project(tmp_path, SMALL, STATED)) == []


UNSTATED = "the statements are not the pinned ones"
UNMEANT = "the statements do not mean what the pinned ones do"
LESS = "Theorem a : forall n, less n (S n). Proof. easy. Qed."
LESS_STATED = (
    "From Mcpolar Require Import Small. Theorem a : forall n, less n (S n). Proof. exact Small.a. Qed."
)
HONEST_LESS = "Definition less (n m : nat) := exists k, n + S k = m. " + LESS.replace(
    "easy", "intros n. exists 0. now rewrite <- plus_n_Sm, <- plus_n_O"
)
RECORD = (
    "Record setting := Setting { n : nat; h : n = n }. "
    "Theorem a : forall s : setting, 0 + n s = n s. Proof. easy. Qed."
)
RECORD_STATED = (
    "From Mcpolar Require Import Small. "
    "Theorem a : forall s : setting, 0 + n s = n s. Proof. exact Small.a. Qed."
)
# (honest source and statement, planted ones, what the audit says)
CHANGED = {
    "statement weakened to True": (
        SMALL,
        STATED,
        TRIVIAL,
        STATED.replace("forall n : nat, n + 0 = n", "True"),
        UNSTATED,
    ),
    "premise added": (
        SMALL,
        STATED,
        SMALL,
        STATED.replace("nat, ", "nat, n = 2 -> ").replace("exact Small.a", "now intros n ->"),
        UNSTATED,
    ),
    "definition weakened": (
        HONEST_LESS,
        LESS_STATED,
        "Definition less (n m : nat) := True. " + LESS,
        LESS_STATED,
        UNMEANT,
    ),
    "definition with a premise": (
        HONEST_LESS,
        LESS_STATED,
        "Definition less (n m : nat) := n = 2 -> n + 1 = 3. " + LESS.replace("easy", "now intros n ->"),
        LESS_STATED,
        UNMEANT,
    ),
    "definition two steps away": (
        "Definition z := 0. " + HONEST_LESS.replace("n + S k", "n + S (z + k)"),
        LESS_STATED,
        "Definition z := 0 * 0. " + HONEST_LESS.replace("n + S k", "n + S (z + k)"),
        LESS_STATED,
        UNMEANT,
    ),
    "premise in a record": (
        RECORD,
        RECORD_STATED,
        RECORD.replace("h : n = n", "h : n = 2"),
        RECORD_STATED,
        UNMEANT,
    ),
    "standard name redefined": (
        SMALL,
        STATED,
        "Module Nat := Coq.Init.Nat. Definition eq (n m : nat) := True. Theorem a n : eq n n. Proof. exact I. Qed.",
        STATED.replace("forall n : nat, n + 0 = n", "forall n : nat, eq n n"),
        UNSTATED,
    ),
    "standard name behind the same words": (
        "Theorem a : forall n, le n n. Proof. constructor. Qed.",
        "From Mcpolar Require Import Small. Theorem a : forall n, le n n. Proof. exact Small.a. Qed.",
        "Definition le (n m : nat) := True. Theorem a : forall n, le n n. Proof. easy. Qed.",
        "From Mcpolar Require Import Small. Theorem a : forall n, le n n. Proof. exact Small.a. Qed.",
        UNMEANT,
    ),
}


@pytest.mark.parametrize("plant", CHANGED)
def test_control_changed_statement_is_found(tools, tmp_path, plant):
    small, stated, planted, planted_stated, said = CHANGED[plant]
    pins = pinned(project(tmp_path / "honest", small, stated))
    assert audited(tmp_path / "honest", pins) == []
    assert audited(project(tmp_path / "planted", planted, planted_stated), pins) == [said]


@pytest.mark.parametrize(
    "small",
    [
        "Section S. Hypothesis f : False. Theorem a : forall n : nat, n + 0 = n. Proof. now destruct f. Qed. End S.",
        "Section S. Variable m : nat. Hypothesis f : m + 0 = m. Theorem a : m + 0 = m. Proof. exact f. Qed. End S.",
        "Definition s := 1. (* Theorem a : forall n : nat, n + 0 = n. Proof. easy. Qed. *)",
        TRIVIAL,
    ],
)
def test_control_statement_that_is_not_the_proved_one_does_not_compile(tools, tmp_path, small):
    with pytest.raises(subprocess.CalledProcessError):
        project(tmp_path, small, STATED)


def test_control_new_premise_is_asked_for(tools, tmp_path):
    small = "Definition mine (n : nat) := n = 2. Theorem a : forall n, mine n -> n = 2. Proof. easy. Qed."
    stated = (
        "From Mcpolar Require Import Small. Theorem a : forall n, mine n -> n = 2. Proof. exact Small.a. Qed."
    )
    folder = project(tmp_path, small, stated)
    assert audited(folder) == ["a: mine is neither premise nor setting"]
    named = project(tmp_path / "named", small.replace("mine", "supremum"), stated.replace("mine", "supremum"))
    assert audited(named) == ["a: premise supremum hidden"]
    too_many = project(tmp_path / "many", SMALL, STATED, ["supremum"])
    assert audited(too_many) == ["a: premise supremum not there"]


def test_control_options_and_stray_files_are_found(tools, tmp_path):
    folder, pins = project(tmp_path, SMALL, STATED), None
    pins = pinned(folder)
    text = (folder / "_CoqProject").read_text()
    for option in ("-arg -type-in-type", "-arg -impredicative-set", "-R odds Coq", "-Q odds Coq"):
        (folder / "_CoqProject").write_text(f"{option}\n{text}")
        assert audited(folder, pins) == [f"_CoqProject: {option}"]
    (folder / "_CoqProject").write_text(text)
    (folder / "odds" / "Reals.v").write_text(SMALL)
    assert audited(folder, pins) == ["odds/Reals.v: compiled by nobody"]


def test_control_claims_and_statements_that_differ_are_found(tools, tmp_path):
    folder = project(tmp_path, SMALL, STATED + " Theorem b : True. Proof. exact I. Qed.")
    pins = pinned(folder)
    assert audited(folder, pins) == ["b: stated, not claimed"]
    file = folder / "odds" / "claims.toml"
    file.write_text(file.read_text() + file.read_text().partition("[]\n")[2].replace('"a"', '"c"'))
    assert audited(folder, pins) == ["c: claimed, not stated", "b: stated, not claimed"]
    file.write_text(file.read_text().replace('"c"', '"a"'))
    assert audited(folder, pins) == ["a: claimed twice", "b: stated, not claimed"]


# what gets past a reader of commands must not get past Coq's own list: (source of a false or unsafe a, what it says)
UNSAFE = [
    ("Axiom f : False. Theorem a : 1 = 2. Proof. destruct f. Qed.", "f : False"),
    (
        "Unset Guard Checking. Fixpoint f (n : nat) : False := f n. Theorem a : 1 = 2. Proof. destruct (f 0). Qed.",
        "guard",
    ),
    (
        "#[bypass_check(positivity)] Inductive D := L : (D -> False) -> D. "
        "Definition p (d : D) : False := match d with L f => f d end. "
        "Theorem a : 1 = 2. Proof. destruct (p (L p)). Qed.",
        "positive",
    ),
    (
        "Unset Universe Checking. Definition t : Type := (Type : Type). Theorem a : t = t. Proof. reflexivity. Qed.",
        "hierarchy",
    ),
    (
        "From Coq Require Import Uint63. "
        "Theorem a : forall x y, Uint63.eqb x y = true -> x = y. Proof. exact Uint63.eqb_correct. Qed.",
        "eqb_correct",
    ),
    (
        "From Coq Require Import IndefiniteDescription. "
        "Theorem a : forall (A : Type) (P : A -> Prop), (exists x, P x) -> {x | P x}. "
        "Proof. exact constructive_indefinite_description. Qed.",
        "constructive_indefinite_description",
    ),
]


@pytest.mark.parametrize(("source", "said"), UNSAFE)
def test_control_unsafe_proof_is_found_by_coq_itself(tools, tmp_path, source, said):
    (tmp_path / "Small.v").write_text(source + " Print Assumptions a.\n")
    done = subprocess.run(["coqc", "Small.v"], cwd=tmp_path, check=True, capture_output=True, text=True)
    found = assumption_faults(done.stdout)
    assert found and any(said in line for line in found)


def test_law_only_the_axioms_of_the_reals_are_allowed():
    line = "ClassicalDedekindReals.sig_not_dec : forall P : Prop, {~ ~ P} + {~ P}"
    assert assumption_faults("Closed under the global context\n") == []
    assert assumption_faults(f"Axioms:\n{line}\n  : more of its type\n") == []
    assert assumption_faults(f"Axioms:\n{line}\nf is assumed to be guarded.\n") == [
        "the claims rest on f is assumed to be guarded."
    ]
    assert assumption_faults("") and assumption_faults("Axioms:\nMine.sig_not_dec : False\n")


def test_control_checker_that_finds_something_is_heard():
    summary = (
        "CONTEXT SUMMARY\n===============\n\n* Theory: Set is predicative\n\n* Axioms:\n    {}\n\n"
        "* Constants/Inductives relying on type-in-type: <none>\n\n"
        "* Constants/Inductives relying on unsafe (co)fixpoints: {}\n\n* Inductives whose positivity is assumed: {}\n"
    )
    fine = "Coq.Logic.Classical_Prop.classic"
    assert checker_faults(summary.format(fine, "<none>", "<none>")) == []
    assert checker_faults(summary.format("Small.f", "<none>", "<none>")) == ["coqchk: axiom Small.f"]
    assert checker_faults(summary.format(fine, "Small.f", "<none>")) != []
    assert checker_faults(summary.format(fine, "<none>", "Small.D")) != []
    assert checker_faults("") != []


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("", None),
        ("Axiom f : forall n : nat, n + 0 = n. ", "axiom Mcpolar.Small.f"),
        (
            "Unset Guard Checking. Fixpoint f (n : nat) : forall m, m + 0 = m := f n. ",
            "unsafe (co)fixpoints",
        ),
    ],
)
def test_control_independent_checker_finds_what_is_unsafe(tools, tmp_path, start, said):
    small = (
        SMALL.replace("now induction n", "apply f" if "f :" in start else "apply (f 0)") if start else SMALL
    )
    found = check(project(tmp_path, start + small, STATED))
    assert found == [] if said is None else said in found[0]
