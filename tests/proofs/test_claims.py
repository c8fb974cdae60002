"""What is claimed to be machine-checked is so: the build, its audit, and the tables made from it."""

import os
import shutil

import pytest

from proofs import build, claims, ledger, numbers, sources
from proofs.audit import audit, check

ALL = [theorem for folder in claims.FOLDERS for theorem in claims.read(folder).theorems]
# A second copy of the digests in proofs/claims.py: a statement does not change by a slip.
TEXT_SHA256 = "b545bc2c6e83af2ac9039b00674f4c4e68039ff648bf260f5c343d39370cebf4"
MEANING_SHA256 = "dd1884aa6ebf2a26d5825c10c8e3cf53add8a994ff311ee5db21f1f20825c5fa"


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
