"""A statement is one thing: no other module asks for its name, and a new one needs its own files and one line."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mcpolar.statements import NAMES, STATEMENTS, probability_statements

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mcpolar"
WORDS = frozenset({*NAMES, *(name.replace("_", "-") for name in NAMES)})


def strings(node: ast.AST) -> set[str]:
    """Text constants of an expression, those inside tuples, lists and sets too."""
    return {
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    } & WORDS


def asks_for_a_name(tree: ast.AST) -> list[int]:
    """Lines that compare with a statement's name, match it, or look it up in a dictionary."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                asked = [*node.comparators, node.left]
            case ast.MatchValue():
                asked = [node.value]
            case ast.Dict():
                asked = [key for key in node.keys if key is not None]
            case ast.Subscript():
                asked = [node.slice]
            case ast.Call(func=ast.Attribute(attr="get" | "startswith" | "endswith" | "pop")):
                asked = node.args[:1]
            case _:
                continue
        if any(strings(part) for part in asked):
            found.append(node.lineno if hasattr(node, "lineno") else 0)
    return found


def own_module(path: Path) -> bool:
    """Whether a module belongs to one statement: bounds/NAME.py or the folder bounds/NAME."""
    inside = path.relative_to(PACKAGE).parts
    return (
        inside[0] == "bounds"
        and len(inside) > 1
        and re.split(r"\.|_(?=one|own|given)", inside[1])[0] in NAMES
    )


EVENT_READERS = {
    "mcpolar/choices.py",
    "mcpolar/answers/findings.py",
    "mcpolar/answers/passages.py",
    "mcpolar/cli/metastability/exact.py",
    "mcpolar/cli/metastability/exit.py",
    "mcpolar/metastability/first_passage.py",
    "mcpolar/report/plots/exact.py",
    "mcpolar/report/plots/phases.py",
}
"""Modules in which "consensus" is the event whose time is sought, and no statement."""


def test_law_no_module_tests_a_statements_name():
    found = {}
    for path in PACKAGE.rglob("*.py"):
        place, text = str(path.relative_to(ROOT)), path.read_text()
        if place in EVENT_READERS:
            text = text.replace('"consensus"', '"all on one side"')
        if not own_module(path) and (lines := asks_for_a_name(ast.parse(text))):
            found[place] = lines
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        'if statement.name == "theorem2": pass',
        'if name in ("lemma1", "theorem2"): pass',
        'LIMITS = {"silo_persistence": 1}',
        'value = limits["theorem2-ascent"]',
        'value = limits.get("permanence")',
        'match name:\n    case "theorem1": pass',
    ],
)
def test_control_asks_for_a_name_are_found(planted):
    assert asks_for_a_name(ast.parse(planted))
    assert not asks_for_a_name(
        ast.parse(re.sub("theorem1|theorem2|lemma1|silo_|permanence|-ascent", "x", planted))
    )


@pytest.mark.parametrize("name", NAMES)
def test_law_the_options_of_a_statement_are_arguments_of_its_function(name):
    statement = STATEMENTS[name]
    assert {option.name for option in statement.options} <= set(statement.arguments)
    needed = {argument for argument, is_needed in statement.arguments.items() if is_needed}
    if statement.kind == "probability":
        assert needed <= {option.name for option in statement.options} | {"m", "r", "sigma"}


def test_law_an_option_of_several_statements_is_one_thing():
    for first in probability_statements():
        for second in probability_statements():
            shared = {option.name: option for option in first.options}
            assert all(shared.get(option.name, option) == option for option in second.options)


def test_law_the_list_of_names_imports_no_statement():
    code = (
        "import sys; from mcpolar.statements import STATEMENTS, commands; list(STATEMENTS); commands(); "
        "assert not [name for name in sys.modules if name.startswith(('mcpolar.bounds', 'numpy', 'sympy', 'numba'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_law_a_bound_loads_neither_numpy_nor_numba():
    code = (
        "import sys; from mcpolar.cli import main; main(['bound', 'theorem2', '--steps', '9']); "
        "slow = ('numpy', 'scipy', 'sympy', 'numba'); "
        "assert not [name for name in sys.modules if name.startswith(slow)]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


TOY = '''"""Toy: the level is kept at every step, with a chance that is far too small."""

from fractions import Fraction
from typing import Any

from mcpolar.balls import ball
from mcpolar.bounds.hypotheses import read_level
from mcpolar.bounds.records import make_bound
from mcpolar.parameters import ChainParameters, whole_number
from mcpolar.questions import FAR, NEAR, Polarized, Question, Throughout
from mcpolar.results import Bound
from mcpolar.statements import CERTIFIED, LEVEL, Option, statement

ROUNDS = Option("toy_rounds", "Steps that the toy looks at.")


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return 1 / formulas.m


@statement(
    "toy_statement",
    theory="TOY",
    title="a toy holds",
    formula=_formula,
    variants=CERTIFIED,
    options=(LEVEL, ROUNDS),
)
def toy_statement(chain: ChainParameters, *, level: int, toy_rounds: int = 3) -> Bound:
    """Bound the probability of a toy's event."""
    level, steps = read_level(level), whole_number("toy_rounds", toy_rounds, 1)
    event = Throughout(steps, level * chain.precision, "the toy holds", NEAR, FAR)
    starts = Polarized(level * chain.precision, chain.m, level)
    return make_bound(
        "toy_statement",
        "certified",
        parameters={**chain.as_dict(), "level": level, "toy_rounds": steps},
        horizon=steps,
        value=lambda: ball(Fraction(1, 10**6)),
        assumptions=(),
        event="The probability of a toy.",
        question=Question(chain, starts, event),
    )
'''
CLAIMS = {
    "statement": "A toy holds.",
    "hypotheses": "None.",
    "steps": [],
    "proved": "A toy.",
    "theorems": [],
    "unchecked": [],
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The package with one more statement: its module, its claims and its line in the table."""
    import json

    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, root / "mcpolar", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "mcpolar/bounds/toy_statement.py").write_text(TOY)
    table = root / "mcpolar/statements.py"
    table.write_text(
        table.read_text().replace(
            '    "general_theorem2",\n', '    "general_theorem2",\n    "toy_statement",\n', 1
        )
    )
    claims = root / "mcpolar/claims.json"
    claims.write_text(json.dumps(json.loads(claims.read_text()) | {"toy_statement": CLAIMS}))
    return root


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from mcpolar.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


CHAIN = ("-m", "4", "-r", "1", "--sigma", "0.2")
COMMANDS = {
    "bound": ("bound", "toy-statement", *CHAIN, "--toy-rounds", "2"),
    "validate": ("validate", "toy-statement", *CHAIN, "--toy-rounds", "2", "--replicas", "50"),
    "worst": ("validate", "toy-statement", *CHAIN, "--start", "worst", "--replicas", "50"),
    "table grid": (
        "table",
        "grid",
        "--statement",
        "toy-statement",
        *CHAIN,
        "--level",
        "1:2",
        "--toy-rounds",
        "2,3",
    ),
    "statement": ("statement", "toy-statement"),
}
SHOWN = {
    "bound": "P >= 9.999999e-07",
    "validate": "verdict: validated",
    "worst": "verdict: validated",
    "table grid": "9.999999e-07",
    "statement": "toy-statement (TOY): a toy holds",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_reference_a_new_statement_is_in_every_command(copy, command):
    done = run(copy, *COMMANDS[command])
    assert done.returncode == 0, done.stderr
    assert SHOWN[command] in done.stdout


@pytest.mark.parametrize("words", [("bound",), ("validate",), ("table", "grid")])
def test_reference_a_new_statement_and_its_option_are_in_the_help(copy, words):
    found = " ".join(run(copy, *words, "--help").stdout.replace("│", " ").split())
    assert "toy-statement (a toy holds)" in found
    assert "--toy-rounds" in found
    assert "Steps that the toy looks at. (toy-statement)" in found


def test_reference_a_new_statement_is_in_the_python_interface(copy):
    code = (
        "import mcpolar.bounds; from mcpolar.montecarlo import validate\n"
        "from mcpolar.parameters import ChainParameters\n"
        "chain = ChainParameters(4, 1, '0.2'); assert 'toy_statement' in mcpolar.bounds.__all__\n"
        "print(mcpolar.bounds.toy_statement(chain, level=1).lower(2), "
        "validate('toy-statement', chain, level=1, replicas=50).verdict)"
    )
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "9.9e-07 validated\n"


def test_control_without_its_line_the_statement_is_not_there(copy, tmp_path):
    shutil.copytree(copy / "mcpolar", tmp_path / "mcpolar", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PACKAGE / "statements.py", tmp_path / "mcpolar/statements.py")
    done = run(tmp_path, *COMMANDS["bound"])
    assert done.returncode == 2
    assert "--toy-rounds is no option" in done.stderr or "STATEMENT must be one of" in done.stderr
