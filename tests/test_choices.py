"""Each list of named choices is declared once."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mcpolar"


def lists_of_choices(tree: ast.AST) -> list[tuple[frozenset[str], int]]:
    """The texts of every Literal of at least two, and its line."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=parts)):
                texts = {part.value for part in parts if isinstance(part, ast.Constant)}
                if len(texts) > 1:
                    found.append((frozenset(texts), node.lineno))
    return found


def declared_more_than_once(sources: dict[str, str]) -> list[list[str]]:
    """Places of equal lists."""
    places = defaultdict(list)
    for name, text in sources.items():
        for texts, line in lists_of_choices(ast.parse(text)):
            places[texts].append(f"{name}:{line}")
    return [where for where in places.values() if len(where) > 1]


def test_law_each_list_of_choices_is_declared_once():
    sources = {str(path.relative_to(PACKAGE)): path.read_text() for path in PACKAGE.rglob("*.py")}
    assert declared_more_than_once(sources) == []


@pytest.mark.parametrize("order", ['"one", "two"', '"two", "one"'])
def test_control_a_list_that_is_declared_twice_is_found(order):
    sources = {
        "a": 'A = Literal["one", "two"]',
        "b": f"def f(x: Literal[{order}] = 1): pass",
        "c": 'C = Literal["one"]',
    }
    assert declared_more_than_once(sources) == [["a:1", "b:1"]]
