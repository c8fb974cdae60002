"""What is refused: every refusal names an argument, and one bad entry among good ones is found wherever it stands."""

import ast
import inspect
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import mcpolar
from mcpolar.chain import ChainState, neighbours, update_agent
from mcpolar.checks import exact_decimal, whole_number
from mcpolar.confidence import exponential_tail, restricted_mean, survival_curve
from mcpolar.errors import InputError
from mcpolar.events import is_neighbourhood_closed, sides, silos, smallest_log_odds
from mcpolar.exact import consensus_probabilities, silo_survival, undecided_exit
from mcpolar.metastability import implied_timescales, mean_field, weight_paths
from mcpolar.mixture import Covariances, MixtureParameters, cluster_silos, start_state
from mcpolar.parameters import ChainParameters
from tests.rejections import assert_rejects

PACKAGE = Path(mcpolar.__file__).parent
ONE, THREE = ChainParameters(1, 1, "0.5"), ChainParameters(3, 1, "0.5")
PAIR = ChainParameters(2, 1, "1.5")
SEEN = np.array([True, True, False])
GENERAL = MixtureParameters(n=2, means=[-1.0, 1.0], covariances=Covariances.spherical(0.3), r=2)

# function, its argument, good values, bad entries; each is put at each place
ARRAYS = {
    "ChainState.from_arrays: log_odds": (
        lambda x: ChainState.from_arrays(x, np.zeros((3, 1))), "log_odds", [0.3, -0.1, 2.0], [math.nan, math.inf]
    ),
    "ChainState.from_arrays: memory": (
        lambda x: ChainState.from_arrays(np.zeros(3), x), "memory", [[0.3, 1], [-0.1, 0], [2, 1]], [math.nan, -math.inf]
    ),
    "update_agent": (
        lambda x: update_agent(0.1, x, 0.5, "0.5"), "memory", [0.3, -0.1, 2.0], [math.nan, math.inf]
    ),
    "neighbours": (lambda x: neighbours(x, 1, 1), "log_odds", [0.3, -0.1, 2.0], [math.nan, math.inf]),
    "smallest_log_odds": (smallest_log_odds, "log_odds", [0.3, -0.1, 2.0], [math.nan]),
    "silos": (silos, "log_odds", [0.3, -0.1, 2.0], [math.nan]),
    "sides": (sides, "log_odds", [0.3, -0.1, 2.0], [math.nan]),
    "is_neighbourhood_closed": (
        lambda x: is_neighbourhood_closed(x, 1), "log_odds", [0.3, -0.1, 2.0], [math.nan]
    ),
    "survival_curve": (lambda x: survival_curve(x, SEEN), "times", [3, 4, 7], [-1]),
    "restricted_mean": (lambda x: restricted_mean(x, SEEN, 4), "times", [3, 4, 7], [-1]),
    "exponential_tail": (lambda x: exponential_tail(x, SEEN, 2), "times", [3, 4, 7], [-1]),
    "consensus_probabilities": (
        lambda x: consensus_probabilities(PAIR, x, 1), "log_odds", [0.5, -0.25], [math.nan, math.inf]
    ),
    "silo_survival": (
        lambda x: silo_survival(PAIR, x, 1), "log_odds", [0.5, -0.25], [math.nan, math.inf, 0.0]
    ),
    "undecided_exit": (
        lambda x: undecided_exit(PAIR, x), "log_odds", [0.1, -0.2], [math.nan, math.inf, 0.6]
    ),
    "implied_timescales": (
        implied_timescales, "rates", [[0.0, 0.1, 0.2], [0.3, 0, 0.1], [0.2, 0.2, 0.0]], [math.nan, math.inf]
    ),
    "mean_field: log_odds": (
        lambda x: mean_field(ONE, x, [0, 1]), "log_odds", [0.1, -0.2], [math.nan, math.inf]
    ),
    "mean_field: rounds": (lambda x: mean_field(ONE, [0.1], x), "rounds", [0.0, 0.5, 1.0], [math.nan, math.inf, -1.0]),
    "mean_field: shares": (
        lambda x: mean_field(ONE, [0.1, 0.2], [0, 1], shares=x), "shares", [0.25, 0.75], [math.nan, -0.25, 0.5]
    ),
    "weight_paths": (
        lambda x: weight_paths(THREE, "random", x, seed=1), "rounds", [0.0, 0.5, 1.0], [math.nan, math.inf, -1.0]
    ),
    "cluster_silos": (cluster_silos, "weights", [[0.2, 0.8], [0.5, 0.5]], [math.nan, math.inf]),
    "start_state": (
        lambda x: start_state(GENERAL, seed=1, weights=x), "weights", [[0.2, 0.8], [0.5, 0.5]], [math.nan, -0.2, 0.9]
    ),
    "Covariances.spherical": (Covariances.spherical, "sd", [0.2, 0.3, 0.1], [math.nan, 0.0, -0.2]),
    "Covariances.diagonal": (Covariances.diagonal, "sd", [[0.2, 0.3], [0.1, 1]], [math.nan, 0.0, -0.2]),
}  # fmt: skip
CASES = [(name, bad) for name, (_, _, _, bads) in ARRAYS.items() for bad in bads]


@pytest.mark.parametrize(("name", "bad"), CASES, ids=[f"{name}, {bad}" for name, bad in CASES])
def test_rejects_one_bad_entry_wherever_it_stands(name, bad):
    call, argument, values, _ = ARRAYS[name]
    good = np.array(values)
    call(good.copy())
    for place in np.ndindex(good.shape):
        if argument == "rates" and place[0] == place[1]:
            continue  # the diagonal is not read
        spoiled = good.copy()
        spoiled[place] = bad
        with pytest.raises(InputError) as caught:
            call(spoiled)
        assert caught.value.name == argument, place
        assert caught.value.allowed
        assert len(caught.value.allowed) > 10


@pytest.mark.parametrize("value", [0, 8, -1, 1.0, 2.5, True, "3", None, math.nan, [1]])
def test_rejects_whole_numbers(value):
    assert whole_number("k", np.int64(7), 1, 7) == 7
    assert_rejects(lambda: whole_number("k", value, 1, 7), "k", value, "a whole number from 1 to 7")
    text = "a whole number from 1 to m - 1 = 7"
    assert_rejects(lambda: whole_number("k", value, 1, 7, "m - 1"), "k", value, text)
    if value != 8:
        assert_rejects(lambda: whole_number("m", value, 1), "m", value, "a whole number >= 1")


@pytest.mark.parametrize("value", ["0.09", 2.1, "x", "nan", math.inf, True, None, [1]])
def test_rejects_decimals(value):
    low, high = Decimal("0.1"), Decimal(2)
    assert exact_decimal("sigma", 0.1, low, high) == low
    assert exact_decimal("sigma", 2, low, high) == high
    read = lambda: exact_decimal("sigma", value, low, high)  # noqa: E731
    assert_rejects(read, "sigma", value, "a number from 0.1 to 2")


def refusals(source: str) -> list[tuple[int, ast.expr, ast.expr]]:
    """Return line, name and sentence of each InputError that is made."""
    return [
        (call.lineno, call.args[0], call.args[2])
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "InputError"
    ]


WORDS = ("JSON", "absent", "finite", "given", "increasing", "positive")  # sentences of one word


def misplaced(source: str) -> list[int]:
    """Return the lines where the first argument is no argument's name, or the last one no sentence."""
    return [
        line
        for line, name, allowed in refusals(source)
        if (isinstance(name, ast.Constant) and not str(name.value).isidentifier())
        or (
            isinstance(allowed, ast.Constant)
            and str(allowed.value).isidentifier()
            and allowed.value not in WORDS
        )
        or (isinstance(allowed, ast.Name) and allowed.id in ("name", "value"))
    ]


def test_law_every_refusal_names_an_argument_first_and_says_last_what_is_allowed():
    seen = 0
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        seen += len(refusals(source))
        assert misplaced(source) == [], path
    assert seen > 200


@pytest.mark.parametrize(
    "call",
    [
        'InputError("a number > 0", x, "sigma")',
        "InputError(text, name, value)",
        'InputError("positive", x, "sigma")',
    ],
)
def test_control_a_misplaced_argument_is_seen(call):
    assert misplaced(call) == [1]


def test_law_every_named_argument_exists():
    # what a message names is a parameter of some function or a field of some class
    known = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                arguments = node.args
                known |= {one.arg for one in (*arguments.args, *arguments.kwonlyargs, *arguments.posonlyargs)}
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                known.add(node.target.id)
    named = {
        name.value
        for path in PACKAGE.rglob("*.py")
        for _, name, _ in refusals(path.read_text(encoding="utf-8"))
        if isinstance(name, ast.Constant)
    }
    assert named - known == set()
    assert inspect.signature(InputError).parameters.keys() >= {"name", "value", "allowed"}
