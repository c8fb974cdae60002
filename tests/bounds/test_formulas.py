"""SymPy expressions of the statements."""

import subprocess
import sys

import pytest
import sympy

from mcpolar.bounds import formulas
from mcpolar.errors import InputError
from mcpolar.statements import STATEMENTS

FORMS = [(s.name, variant) for s in STATEMENTS.values() for variant in s.variants]


@pytest.mark.parametrize(("name", "variant"), FORMS)
def test_law_every_form_of_every_statement_has_a_formula(name, variant):
    assert isinstance(formulas.formula(name, variant), sympy.Expr)
    assert formulas.latex(name, variant) == sympy.latex(formulas.formula(name, variant))


def test_reference_default_form_is_the_certified_one():
    assert formulas.formula("theorem2") == formulas.formula("theorem2", "certified")
    assert formulas.latex("theorem2") == formulas.latex("theorem2", "certified")


@pytest.mark.parametrize("form", ["T1A", "T1A0", "self-sending", "certified"])
def test_reference_symbols_of_theorem1(form):
    found = {str(s) for s in formulas.formula("theorem1", form, senders="mirror").free_symbols}
    assert {"m", "r", "sigma", "N", "c_r"} <= found


def test_reference_the_form_of_neighbours_is_self_sending():
    certified = formulas.formula("theorem1", "certified", senders="neighbours")
    assert certified == formulas.formula("theorem1", "self-sending")


@pytest.mark.parametrize(("name", "variant"), [("permanence", "paper"), ("theorem3", "certified")])
def test_rejects_forms_that_do_not_exist(name, variant):
    with pytest.raises(InputError) as caught:
        formulas.formula(name, variant)
    assert str(caught.value) == (
        f"`statement` must be a statement and a form of it that exists; got {name}, {variant}"
    )


def test_rejects_unknown_senders():
    with pytest.raises(
        InputError, match="`senders` must be one of unrestricted, neighbours, mirror; got all"
    ):
        formulas.formula("theorem1", senders="all")


def test_law_bounds_are_evaluated_without_sympy():
    code = (
        "import sys; from mcpolar.bounds import theorem2; from mcpolar.parameters import ChainParameters; "
        "bound = theorem2(ChainParameters(30, 5, '0.3'), level=1, steps='10*m*log(m)'); print(bound.lower()); "
        "assert 'sympy' not in sys.modules; bound.formula_latex; assert 'sympy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
