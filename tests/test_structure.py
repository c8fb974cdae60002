"""Rules that keep the tree as it is meant to be; each has a control in which it is broken."""

import ast
import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

from mcpolar.statements import STATEMENTS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mcpolar"
LONGEST_BODY = 30

# Which packages may call the loops of a folder of compiled/; the other folders are shared.
CALLERS = {
    "chain": {"chain", "events", "montecarlo", "metastability", "runs", "exact", "cli"},
    "finite": {"metastability"},
    "montecarlo": {"montecarlo"},
    "mixture": {"mixture", "montecarlo", "experiments", "cli"},
}
SHARED = {"base", "memory"}

REFERENCE = re.compile(r":(?:func|class|mod|meth|data|attr):`~?\.?([\w.]+)(?:\(\))?`")
DOCUMENT = re.compile(r"(?<![\w/])((?:docs|proofs)/[\w/-]+(?:\.\w+)?)")


def modules(root=PACKAGE):
    """Every module below a folder: its dotted name and its syntax tree."""
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), ast.parse(path.read_text())


def prefix_families(root=PACKAGE, exempt=frozenset(STATEMENTS)):
    """Folders in which three modules begin with the same word and an underscore: they should be a folder."""
    found = []
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir() and path.name != "__pycache__")]:
        names = {path.stem for path in folder.glob("*.py")} - exempt
        words = Counter(name.split("_")[0] for name in names if "_" in name and not name.startswith("_"))
        words.update(name for name in names if name in words)
        found += [f"{folder.relative_to(root.parent)}: {word}" for word, n in words.items() if n >= 3]
    return found


def imports_of(name, tree):
    """What a module imports of the package, at any depth: dotted names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def foreign_callers(found):
    """Imports of loops by packages that do not own them."""
    wrong = []
    for name, tree in found:
        package = name.split(".")[1] if "." in name else ""
        for target in imports_of(name, tree):
            match = re.match(r"mcpolar\.compiled\.(\w+)\.", target + ".")
            folder = match.group(1) if match else None
            if folder in CALLERS and package not in CALLERS[folder] | {"compiled"}:
                wrong.append(f"{name} imports {target}")
    return wrong


def long_bodies(found, longest=LONGEST_BODY):
    """Functions whose body without its docstring has too many lines."""
    wrong = []
    for name, tree in found:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
                if lines > longest:
                    wrong.append(f"{name}.{node.name}: {lines}")
    return wrong


def cycles(found):
    """Groups of modules that import each other, at any depth of the code; type checking apart."""
    import networkx as nx

    found = list(found)
    names = {name for name, _ in found}
    graph = nx.DiGraph()
    for name, tree in found:
        for target in imports_of(name, without_type_checking(tree)):
            if target in names and target != name and not name.startswith(target + "."):
                graph.add_edge(name, target)
    return [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]


def without_type_checking(tree):
    """The tree without the blocks under `if TYPE_CHECKING`."""

    class Without(ast.NodeTransformer):
        def visit_If(self, node):
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    return Without().visit(ast.parse(ast.unparse(tree)))


def docstrings(tree):
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return [
        text
        for node in ast.walk(tree)
        if isinstance(node, kinds) and (text := ast.get_docstring(node)) is not None
    ]


def missing_references(found):
    """Targets of roles in docstrings that cannot be imported."""
    wrong = []
    for name, tree in found:
        for text in docstrings(tree):
            for target in REFERENCE.findall(text):
                if target.startswith("mcpolar") and not exists(target):
                    wrong.append(f"{name}: {target}")
    return wrong


def exists(target):
    """Whether a dotted name is a module or an attribute of one."""
    parts = target.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            if not hasattr(found, part) and part not in getattr(found, "__annotations__", {}):
                return False
            found = getattr(found, part, None)
        return True
    return False


def missing_documents(found, root=ROOT):
    """Documents named in docstrings that are not in the repository."""
    return [
        f"{name}: {target}"
        for name, tree in found
        for text in docstrings(tree)
        for target in DOCUMENT.findall(text)
        if not (root / target).exists()
    ]


def test_law_three_siblings_with_one_prefix_make_a_folder():
    assert prefix_families() == []


def test_control_a_family_is_found(tmp_path):
    for name in ("risk_a", "risk_b", "risk_c", "other_a", "other_b"):
        (tmp_path / f"{name}.py").touch()
    assert prefix_families(tmp_path) == [f"{tmp_path.name}: risk"]


def test_law_loops_are_called_by_their_owners():
    assert foreign_callers(modules()) == []
    folders = {path.name for path in (PACKAGE / "compiled").iterdir() if (path / "__init__.py").exists()}
    assert folders == set(CALLERS) | SHARED


def test_control_a_foreign_caller_is_found():
    tree = ast.parse("def f():\n    from mcpolar.compiled.montecarlo import twist")
    assert foreign_callers([("mcpolar.bounds.x", tree)]) == [
        "mcpolar.bounds.x imports mcpolar.compiled.montecarlo",
        "mcpolar.bounds.x imports mcpolar.compiled.montecarlo.twist",
    ]


def test_law_bodies_are_short_outside_the_loops():
    assert long_bodies((n, t) for n, t in modules() if not n.startswith("mcpolar.compiled")) == []


def test_control_a_long_body_is_found():
    text = 'def f():\n    """Docstring."""\n' + "    x = 1\n" * 31
    assert long_bodies([("m", ast.parse(text))]) == ["m.f: 31"]


def test_law_no_import_runs_in_a_circle():
    assert cycles(modules()) == []


def test_control_a_lazy_circle_is_found():
    a = ast.parse("def f():\n    from mcpolar.b import x")
    b = ast.parse("import mcpolar.a\nif TYPE_CHECKING:\n    import mcpolar.c")
    c = ast.parse("import mcpolar.b")
    found = [("mcpolar.a", a), ("mcpolar.b", b), ("mcpolar.c", c)]
    assert cycles(found) == [["mcpolar.a", "mcpolar.b"]]


def test_law_what_docstrings_refer_to_exists():
    assert missing_references(modules()) == []


@pytest.mark.parametrize(
    "target", ["mcpolar.bounds.theorem3", "mcpolar.nothing", "mcpolar.results.Bound.nothing"]
)
def test_control_a_missing_reference_is_found(target):
    assert not exists(target)
    tree = ast.parse(f'"""See :func:`{target}` and :class:`~mcpolar.results.Bound`."""')
    assert missing_references([("m", tree)]) == [f"m: {target}"]


def test_law_documents_that_docstrings_name_exist():
    assert missing_documents(modules()) == []
    assert (ROOT / "docs" / "theory.md").is_file()


def test_control_a_missing_document_is_found():
    tree = ast.parse('"""From docs/nothing.md and docs/theory.md."""')
    assert missing_documents([("m", tree)]) == ["m: docs/nothing.md"]
