"""A check script that is changed fails: operators, comparisons and signs are exchanged, one at a time."""

import ast
import contextlib
import random
import signal
import types
from pathlib import Path

import pytest

from mcpolar.statements import STATEMENTS
from proofs.exact import agrees, ball

PROOFS = Path(__file__).parents[2] / "proofs"
SAMPLE, SECONDS = 20, 10
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
COMPARISONS = {ast.Lt: ast.Gt, ast.LtE: ast.Gt, ast.Gt: ast.Lt, ast.GtE: ast.Lt, ast.Eq: ast.NotEq}
# changes that leave a true check: (folder, function, the changed expression)
HARMLESS: set[tuple[str, str, str]] = {
    # a weight within 1e-10 of 1 either way, in a number of seven digits
    ("general_theorem1", "check_worked_number", "-ball(2).log()"),
}


def sites(tree):
    """Yield (function, expression, the change) of everything that can be exchanged."""
    for function in tree.body:
        for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
            if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
                yield function.name, node, lambda node=node: setattr(node, "op", OPERATORS[type(node.op)]())
            elif isinstance(node, ast.Compare) and [type(op) for op in node.ops[1:]] == []:
                if type(node.ops[0]) in COMPARISONS:
                    yield (
                        function.name,
                        node,
                        lambda node=node: node.ops.__setitem__(0, COMPARISONS[type(node.ops[0])]()),
                    )
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
                yield function.name, node, lambda node=node: setattr(node, "op", ast.UAdd())


class _OutOfTimeError(Exception):
    pass


def _ring(*_):
    raise _OutOfTimeError


@contextlib.contextmanager
def limited(seconds):
    """Stop after so many seconds: a check that does not end is a check that fails."""
    before = signal.signal(signal.SIGALRM, _ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def survives(tree, function):
    """Return whether the changed script still passes."""
    ast.fix_missing_locations(tree)
    module = types.ModuleType("changed")
    try:
        with limited(SECONDS):
            exec(compile(tree, "changed", "exec"), module.__dict__)
            checks = [name for name in vars(module) if name.startswith("check_")]
            for name in [function] if function in checks else checks:
                getattr(module, name)()
    except (Exception, _OutOfTimeError):
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["odds", *STATEMENTS])
def test_law_changed_check_fails(folder, monkeypatch):
    source = (PROOFS / folder / "check.py").read_text()
    count = sum(1 for _ in sites(ast.parse(source)))
    left = set()
    for place in random.Random(2024).sample(range(count), min(SAMPLE, count)):
        tree = ast.parse(source)
        function, node, change = list(sites(tree))[place]
        before = ast.unparse(node)
        change()
        if survives(tree, function):
            left.add((folder, function, before))
    assert left <= HARMLESS


def test_control_agreement_is_directed():
    value = lambda: ball(1) / 3  # noqa: E731
    assert (
        agrees(value, "0.333", 3) and agrees(value, "0.334", 3, "up") and agrees(value, "0.333", 3, "nearest")
    )
    assert not agrees(value, "0.334", 3) and not agrees(value, "0.332", 3)
    assert not agrees(value, "0.333", 3, "up") and not agrees(value, "0.334", 3, "nearest")
    assert agrees(lambda: ball(1) / 8, "1.25e-1", 3) and not agrees(lambda: ball(1) / 8, "1.26e-1", 3)
