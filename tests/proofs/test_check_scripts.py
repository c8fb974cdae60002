"""Every check of every proof runs, the README's worked number is the checked one, and planted faults are found."""

import importlib
import importlib.util
import sys
from pathlib import Path

import pytest

from mcpolar.statements import STATEMENTS

ROOT = Path(__file__).parents[2]
PROOFS = ROOT / "proofs"
FOLDERS = ["odds", *STATEMENTS]
SECTIONS = ["## Statement", "## Hypotheses", "## Proof", "## Worked number"]


def checks(folder):
    module = importlib.import_module(f"proofs.{folder}.check")
    return [name for name in vars(module) if name.startswith("check_")]


@pytest.mark.parametrize(
    ("folder", "check"), [(folder, check) for folder in FOLDERS for check in checks(folder)]
)
def test_law_each_step_holds(folder, check):
    getattr(importlib.import_module(f"proofs.{folder}.check"), check)()


@pytest.mark.parametrize("folder", FOLDERS)
def test_law_readme_is_whole_and_prints_the_checked_number(folder):
    text = (PROOFS / folder / "README.md").read_text()
    places = [text.index(section) for section in SECTIONS]
    assert places == sorted(places)
    module = importlib.import_module(f"proofs.{folder}.check")
    worked = [number for name, number in vars(module).items() if name.startswith("WORKED")]
    assert worked and all(number in text[places[-1] - 600 :] for number in worked)


# (folder, text in check.py, planted fault, the check that must fail)
FAULTS = [
    ("odds", "sp.exp(-2 * s * x))", "sp.exp(-3 * s * x))", "check_posterior_log_odds"),
    ("odds", "assert min(odds) <=", "assert min(p) >=", "check_odds_of_a_mean"),
    ("proposition1", "(3, -3, 1)", "(3, -3, 2)", "check_ends_are_three_over_sigma_squared"),
    ("proposition2", "6 * r - 1", "6 * r - 2", "check_gains_cover_costs"),
    (
        "proposition2",
        "Fraction(5, 6), Fraction(7, 6)",
        "Fraction(0), Fraction(7, 6)",
        "check_own_weight_along_random_paths",
    ),
    ("proposition3", "SIXTH = Fraction(1, 6)", "SIXTH = Fraction(1, 2)", "check_clearing_from_any_memory"),
    ("proposition3", "HIGH_I, 4)[1:]", "HIGH_I, 4)", "check_clearing_of_well_behaved_memory"),
    ("lemma1", "if counts[i]]", "if counts[i] > 1]", "check_orders_recursion"),
    ("lemma2", 'WORKED = "1.8', 'WORKED = "1.7', "check_worked_number"),
    ("theorem1", "1 / (x * (1 - x))", "2 / (x * (1 - x))", "check_split_is_at_least_two_to_minus_nm"),
    ("theorem1", "others += h * Fraction(rest - j, left)", "others += h", "check_known_sums"),
    ("one_sided", "if 0 < first < 4:", "if 0 <= first < 4:", "check_worked_number"),
    ("consensus", "min(k + 1, r) if z >= -cz[h] else k", "min(k + 1, r)", "check_references_stay_below"),
    ("consensus", "and z < (c1 - c0) / 2 and", "and z < c1 and", "check_references_stay_below"),
    (
        "consensus",
        "others * logistic(odds + ball(gain))",
        "others * logistic(odds + ball(loss))",
        "check_references_stay_below",
    ),
    ("consensus", "for j in (8, 9)", "for j in (9,)", "check_worked_number"),
    ("theorem2", "(own + e * other) / (1 + e)", "(own + e * other) / (1 - e)", "check_worked_number"),
    ("theorem2", "(e - 2) / (e + 1)", "(e - 1) / (e + 1)", "check_distances_within_and_across"),
    ("theorem2_ascent", "comb(z, j)", "comb(z + 1, j)", "check_recursion"),
    ("silo_persistence", "(own + e * (1 - own))", "(own - e * (1 - own))", "check_worked_number"),
    ("permanence", "min(2 * k, max(sizes) - 1)", "min(k, max(sizes) - 1)", "check_lemma1_constant"),
    ("permanence", "<= 2 * k * len(high)", "<= k * len(high)", "check_lemma1_thresholds"),
    ("permanence", "[low] if k < v", "[low] if k <= v", "check_table_cell_of_the_midpoint"),
    ("permanence", "sigma=Fraction(1, 4)", "sigma=Fraction(1, 5)", "check_worked_table"),
    ("permanence", "2 * theta * (1 - theta) * s", "2 * theta * s", "check_exponential_moment"),
    ("permanence", "* p**theta - ((1 - theta)", "* p**theta - ((2 - theta)", "check_weight_is_increasing"),
    (
        "general_theorem1",
        "(parts * first + (m - parts) * second)",
        "(parts * second + (m - parts) * first)",
        "check_mean_over_orders",
    ),
    (
        "general_theorem1",
        "y = _tenths(rng, 10)",
        "y = _tenths(rng, 30)",
        "check_clearing_on_a_line",
    ),
    ("general_permanence", "eps * rho + delta", "eps * rho - delta", "check_first_stage_pays_the_senders"),
    (
        "general_permanence",
        "q = Fraction(9, 10), Fraction(1, 4)",
        "q = Fraction(9, 10), Fraction(1, 5)",
        "check_worked_number",
    ),
    (
        "general_theorem2",
        "most, least = 2 * alpha**2, 2 * (1 - 2 * alpha) ** 2",
        "most, least = 2 * alpha**2, 2 * (1 - alpha) ** 2",
        "check_distances_of_weights",
    ),
]


@pytest.mark.parametrize(("folder", "text", "fault", "check"), FAULTS)
def test_control_planted_fault_is_found(folder, text, fault, check, tmp_path):
    source = (PROOFS / folder / "check.py").read_text()
    assert text in source
    (tmp_path / "planted.py").write_text(source.replace(text, fault))
    spec = importlib.util.spec_from_file_location("planted", tmp_path / "planted.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.pop("planted", None)
    with pytest.raises(AssertionError):
        getattr(module, check)()


def test_law_every_statement_has_a_folder():
    assert set(FOLDERS) == {path.parent.name for path in PROOFS.glob("*/check.py")}
    assert {fault[0] for fault in FAULTS} == set(FOLDERS)
