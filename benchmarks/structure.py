"""The measurements of the source tree: python -m benchmarks.structure [TREE ...] prints a table, two columns a tree.

Tests are left out. A body is a function without its docstring; decisions are counted as `if`, loops, `except`, `and`,
`or`, conditional expressions, comprehension conditions, match cases and assertions, plus 1.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

Function = ast.FunctionDef | ast.AsyncFunctionDef
DECISIONS = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.While,
    ast.ExceptHandler,
    ast.comprehension,
    ast.match_case,
    ast.Assert,
)


def functions(tree: ast.AST, public: bool = True) -> Iterator[tuple[Function, bool]]:
    """Yield every function of a tree, and whether it is public where it stands."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            here = public and not node.name.startswith("_")
            yield node, here
            yield from functions(node, False)
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, public and not node.name.startswith("_"))
        else:
            yield from functions(node, public)


def body_lines(node: Function) -> int:
    """Return the lines of a function without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]


def decisions(node: Function) -> int:
    """Return the cyclomatic number, counted strictly."""
    own = [one for one in ast.walk(node) if isinstance(one, DECISIONS)]
    booleans = sum(len(one.values) - 1 for one in ast.walk(node) if isinstance(one, ast.BoolOp))
    conditions = sum(len(one.ifs) for one in own if isinstance(one, ast.comprehension))
    return 1 + len(own) + booleans + conditions


def positionals(node: Function) -> int:
    """Return how many arguments may be given by position, `self` and `cls` apart."""
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    return len([name for name in names if name not in ("self", "cls")])


def is_annotated(node: Function) -> bool:
    """Whether every argument and the result have types."""
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return node.returns is not None and all(one.annotation for one in given if one.arg not in ("self", "cls"))


def lines_of(text: str, tree: ast.Module) -> tuple[int, int, int]:
    """Return the lines of code, of comments and of docstrings."""
    documented: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node) is not None:
            documented.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))  # type: ignore[operator]
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    skipped = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
    code = {
        line
        for token in tokens
        if token.type not in skipped
        for line in range(token.start[0], token.end[0] + 1)
    }
    comments = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    return len(code - documented), len(comments), len(documented)


def spread(numbers: list[int]) -> str:
    """Return median, 90th percentile and largest."""
    return "/".join(
        f"{value:.0f}" for value in (np.median(numbers), np.percentile(numbers, 90), max(numbers))
    )


def measured(paths: list[Path]) -> dict[str, str]:
    """Return the figures of some files."""
    texts = [path.read_text(encoding="utf-8") for path in paths]
    trees = [ast.parse(text) for text in texts]
    found = [pair for tree in trees for pair in functions(tree)]
    bodies = [body_lines(node) for node, _ in found]
    public = [node for node, is_public in found if is_public]
    code, comments, documented = np.sum([lines_of(*pair) for pair in zip(texts, trees, strict=True)], axis=0)
    long = sum(lines > 30 for lines in bodies)
    explained = sum(ast.get_docstring(node) is not None for node in public)
    return {
        "files": str(len(paths)),
        "lines": str(sum(text.count("\n") for text in texts)),
        "lines of a file, median/p90/largest": spread([text.count("\n") for text in texts]),
        "functions": str(len(found)),
        "lines of a body, median/p90/largest": spread(bodies),
        "bodies above 30 lines": f"{long} ({100 * long / len(found):.1f} %)",
        "functions of more than 10 decisions": str(sum(decisions(node) > 10 for node, _ in found)),
        "comment lines a code line": f"{comments / code:.3f}",
        "docstring lines a code line": f"{documented / code:.2f}",
        "annotated public functions": f"{sum(map(is_annotated, public))}/{len(public)}",
        "public functions with docstrings": f"{explained}/{len(public)}",
        "functions of more than 6 positional arguments": str(sum(positionals(node) > 6 for node, _ in found)),
    }


def of_tree(root: Path) -> dict[str, dict[str, str]]:
    """Return the figures of a checkout: of the package, and of what is outside its loops."""
    package = sorted((root / "mcpolar").rglob("*.py"))
    outside = [path for path in package if "compiled" not in path.relative_to(root).parts]
    return {"package": measured(package), "without compiled/": measured(outside)}


def main() -> None:
    """Print the table."""
    roots = [Path(name) for name in sys.argv[1:]] or [Path(__file__).parents[1]]
    columns: dict[str, Any] = {}
    for root in roots:
        for part, figures in of_tree(root).items():
            columns[f"{root.resolve().name}, {part}"] = figures
    print("| | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for name in next(iter(columns.values())):
        print(f"| {name} | " + " | ".join(figures[name] for figures in columns.values()) + " |")


if __name__ == "__main__":
    main()
