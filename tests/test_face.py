"""`import mcpolar as mp`: what it offers, how records show themselves, and checks of bounds by other means."""

import ast
import html
import pickle
import re
import subprocess
import sys

import mpmath
import pandas as pd
import pytest

import mcpolar as mp
from mcpolar.results import Status
from mcpolar.statements import NAMES

CHAIN = mp.ChainParameters(m=30, r=5, sigma="0.3", k=14)
PLAIN = mp.ChainParameters(m=30, r=5, sigma="0.3")


def test_law_every_name_of_the_face_is_there():
    for name in dir(mp):
        assert getattr(mp, name) is not None
    assert set(NAMES) <= set(dir(mp))
    assert mp.theorem2.__name__ == "theorem2"


def test_law_the_import_loads_nothing_else():
    code = "import sys; before = set(sys.modules); import mcpolar; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ast.literal_eval(done.stdout))
    assert loaded <= {"mcpolar", "__future__"}  # typing alone takes ten times as long


def test_control_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="module 'mcpolar' has no attribute 'theorem3'"):
        mp.theorem3  # noqa: B018


def test_law_no_module_of_the_package_is_hidden_by_a_function():
    code = (
        "import importlib, pkgutil, types, mcpolar; import mcpolar.bounds, mcpolar.montecarlo, mcpolar.metastability, "
        "mcpolar.chain, mcpolar.mixture, mcpolar.experiments, mcpolar.runs, mcpolar.exact, mcpolar.confidence\n"
        "from mcpolar.statements import NAMES\n"
        "for package in [m for n, m in sorted(__import__('sys').modules.items()) "
        "if n.startswith('mcpolar') and hasattr(m, '__path__')]:\n"
        "    for found in pkgutil.iter_modules(package.__path__):\n"
        "        value = getattr(package, found.name, None)\n"
        "        if value is not None and not isinstance(value, types.ModuleType) and found.name not in NAMES:\n"
        "            print(package.__name__, found.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""


@pytest.mark.parametrize(
    "name", ["runs", "montecarlo", "metastability", "chain", "bounds", "mixture", "experiments"]
)
def test_law_any_package_may_be_imported_first(name):
    subprocess.run([sys.executable, "-c", f"import mcpolar.{name}"], check=True)


BOUNDS = {
    "theorem2": mp.theorem2(CHAIN, level=1, steps="10*m*log(m)", split=15),
    "theorem2, paper": mp.theorem2(PLAIN, level=1, steps="10*m*log(m)", variant="paper"),
    "ascent": mp.theorem2_ascent(CHAIN, level=1, steps=300, split=15),
    "ascent by two": mp.theorem2_ascent(mp.ChainParameters(10, 5, "0.3"), level=1, steps=60, ascent=2),
    "silo-persistence": mp.silo_persistence(CHAIN, level=1, steps=1021, split=15),
    "general": mp.general_theorem2(components=3, dimension=2, distance=2, sigma="0.3", level=1, steps=10),
    "lemma1, paper": mp.lemma1(PLAIN, variant="paper"),
    "lemma2, paper": mp.lemma2(PLAIN, variant="paper"),
    "theorem1, paper": mp.theorem1(PLAIN, variant="paper"),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_law_a_bound_is_its_formula_by_other_means(name):
    bound = BOUNDS[name]
    with mpmath.workdps(80):
        value = mpmath.mpf(bound.value.mantissa) * mpmath.mpf(2) ** bound.value.exponent
        found = bound.evalf(60)
        assert abs(value / found - 1) < mpmath.mpf(10) ** -20
        if bound.variant == "certified":
            assert value <= found * (1 + mpmath.mpf(10) ** -58)
    assert {str(symbol) for symbol in bound.expression.free_symbols} <= {*"mrkhnTHcdD", "sigma"}


def test_control_a_wrong_parameter_is_seen_by_other_means():
    bound = BOUNDS["theorem2"]
    other = mp.theorem2(mp.ChainParameters(30, 5, "0.301", k=14), level=1, steps="10*m*log(m)", split=15)
    assert abs(float(bound.evalf() / other.evalf()) - 1) > 0.01


def test_rejects_a_formula_with_numbers_of_a_search():
    bound = mp.permanence(PLAIN, level=2)
    with pytest.raises(
        mp.InputError, match="`bound` must be one whose symbols are its parameters; got a formula in"
    ):
        bound.evalf()


@pytest.mark.parametrize("name", BOUNDS)
def test_law_a_bound_shows_itself_and_can_be_kept(name):
    bound = BOUNDS[name]
    assert "\n" not in repr(bound)
    assert bound.lower() in repr(bound)
    assert bound.lower() in bound._repr_html_()
    assert bound._repr_latex_().startswith("$P ")
    assert pickle.loads(pickle.dumps(bound)) == bound
    frame = bound.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame.loc[0, "lower"] == bound.lower()


def test_law_html_escapes_what_it_shows():
    bound = mp.theorem2(PLAIN, level=1, steps=3)
    changed = type(bound)(
        **{**{f: getattr(bound, f) for f in bound.__dataclass_fields__}, "event": "<script>"}
    )
    assert "<script>" not in changed._repr_html_()
    assert "&lt;script&gt;" in changed._repr_html_()


def test_reference_html_typesets_the_formula_and_says_assumptions_in_words():
    bound = mp.theorem2(PLAIN, level=1, steps=3)
    shown = bound._repr_html_()
    formula = re.findall(r'<span class="mathjax_process">\\\((.*?)\\\)</span>', shown)
    assert [html.unescape(text) for text in formula] == [bound.formula_latex]
    first = bound.assumptions[0]
    assert html.escape(f"{first.name} (holds): {first.text}") in shown
    assert "None" not in shown


def test_reference_an_estimate_and_a_comparison_show_themselves():
    found = mp.validate("theorem2", PLAIN, level=1, steps=50, replicas=200, seed=3)
    assert isinstance(found, mp.Comparison)
    assert f"{found.bound.statement}: {found.verdict}" in repr(found)
    assert found.to_dict()["estimate"] == found.estimate.to_dict()
    assert found.estimate.status is Status.SOUND
    again = mp.estimate("theorem2", PLAIN, level=1, steps=50, replicas=200, seed=3)
    assert again == found.estimate
    assert "200 replicas" in repr(again)


def test_reference_a_table_is_a_frame():
    table = mp.table("theorem2", m=30, r=5, sigma=["0.2", "0.1"], level=range(1, 4), steps=100)
    frame = table.to_frame()
    assert len(table) == len(frame) == 6
    assert frame["level"].tolist() == [1, 2, 3, 1, 2, 3]
    assert frame["lower"].tolist() == [bound.lower() for bound in table]
    assert "<table" in table._repr_html_()
    assert repr(table) == "<BoundTable theorem2: 6 cells>"
