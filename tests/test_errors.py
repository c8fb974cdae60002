"""The exception tree."""

import pickle

import pytest

from mcpolar.errors import InputError, McpolarError, PrecisionError, ResourceError


def test_reference_message_names_argument_value_and_what_is_allowed():
    error = InputError("sigma", -0.2, "a positive number, e.g. 0.3")
    assert str(error) == "`sigma` must be a positive number, e.g. 0.3; got -0.2"
    assert (error.name, error.value, error.allowed) == ("sigma", -0.2, "a positive number, e.g. 0.3")


def test_law_a_message_is_one_short_line():
    assert str(InputError("a", "x\ny\t z", "b")) == "`a` must be b; got x y z"
    assert str(InputError("a", "x" * 80, "b")) == "`a` must be b; got " + "x" * 80
    assert str(InputError("a", "x" * 81, "b")) == "`a` must be b; got " + "x" * 79 + "…"
    assert str(InputError("a", ["q"] * 1000, "b")).endswith("…")


def test_law_errors_survive_pickling():
    copy = pickle.loads(pickle.dumps(InputError("a", 1, "b")))
    assert (str(copy), copy.name, copy.value, copy.allowed) == ("`a` must be b; got 1", "a", 1, "b")


@pytest.mark.parametrize(
    ("error", "bases"),
    [(InputError, ValueError), (PrecisionError, ArithmeticError), (ResourceError, OSError)],
)
def test_reference_tree(error, bases):
    assert issubclass(error, McpolarError)
    assert issubclass(error, bases)
