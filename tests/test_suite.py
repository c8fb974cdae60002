"""Laws of the suite itself: what a test must not do, so that it can fail, and fails only for its own reason."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = sorted(HERE.rglob("*.py"))
GENERATORS = {"default_rng", "generator", "RandomState", "Random", "Generator"}


def shared_generators(source: str) -> list[int]:
    """Return the lines where a generator is made that several tests share: the order of tests would matter."""
    return [
        call.lineno
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
        for call in ast.walk(statement.value)
        if isinstance(call, ast.Call)
        and (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", ""))
        in GENERATORS
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HERE)))
def test_law_every_test_has_its_own_generator(path):
    assert shared_generators(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["RNG = np.random.default_rng(20)", "random: Generator = generator(3, Purpose.START)", "A = [Random(1)]"],
)
def test_control_a_shared_generator_is_seen(source):
    assert shared_generators(source) == [1]
