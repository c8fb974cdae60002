"""What is claimed to be machine-checked is so: the build, its audit, and the tables made from it."""

import os
import re
import shutil

import pytest

from proofs import build, claims, ledger, numbers, sources
from proofs.audit import audit, check

ALL = [theorem for folder in claims.FOLDERS for theorem in claims.read(folder).theorems]
# A second copy of the digests in proofs/claims.py: a statement does not change by a slip.
TEXT_SHA256 = "0fea9ed033082492de24f387905f6e160c5969c40310d9a8769ed52afebe1211"
MEANING_SHA256 = "06e1f8c6eeeda4c2b63d0f2d8e378434316590fc6e042c63b17dc52cf1a8302e"


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
        assert audit() == []


@pytest.mark.slow
def test_law_independent_checker_agrees(tools):
    with build.one_at_a_time():
        build.compile_all()
        assert check() == []


def test_law_statements_are_the_pinned_ones():
    assert claims.TEXT_SHA256 == TEXT_SHA256 == claims.text_sha256()
    assert claims.MEANING_SHA256 == MEANING_SHA256


@pytest.mark.parametrize("theorem", ALL, ids=lambda theorem: theorem.name)
def test_law_claimed_theorem_is_stated_and_closed_by_qed(theorem):
    assert theorem.file in claims.coq_files()
    assert sources.is_proved((claims.ROOT / claims.STATED).read_text(), theorem.name)


def test_law_no_coq_file_holds_a_refused_command():
    files = sorted(path.relative_to(claims.ROOT).as_posix() for path in claims.ROOT.glob("*/*.v"))
    assert files == sorted(claims.coq_files())
    assert {file: sources.faults((claims.ROOT / file).read_text()) for file in files} == {
        file: [] for file in files
    }


def test_law_numbers_are_those_of_the_bounds():
    assert numbers.FILE.read_text() == numbers.text()


def test_law_table_and_data_are_current():
    assert ledger.README.read_text() == ledger.readme_with_table(ledger.README.read_text())
    assert ledger.DATA.read_text() == ledger.data_text()


def test_control_stale_table_is_seen(tmp_path):
    shutil.copy(ledger.README, tmp_path / "README.md")
    stale = (tmp_path / "README.md").read_text().replace("| P1 |", "| P9 |")
    assert stale != ledger.readme_with_table(stale)


LINES = 30


def long_proofs(source):
    proofs = re.findall(
        r"^ *(?:Theorem|Lemma|Corollary) ([\w']+)(?:(?!\bProof\.).)*\bProof\.(.*?)\b(?:Qed|Defined)\.",
        source,
        flags=re.DOTALL | re.MULTILINE,
    )
    return {name for name, proof in proofs if proof.count("\n") - 1 > LINES}


def test_law_proofs_are_short():
    found = {name for file in claims.coq_files() for name in long_proofs((claims.ROOT / file).read_text())}
    assert found == set()


def test_control_long_proof_is_seen():
    step = "  easy.\n"
    assert long_proofs("Lemma a : True.\nProof.\n" + step * (LINES + 1) + "Qed.\n") == {"a"}
    assert long_proofs("Lemma a : True.\nProof.\n" + step * LINES + "Qed.\n") == set()
