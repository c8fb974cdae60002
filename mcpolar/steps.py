"""Numbers of steps: an integer, or an expression in m such as `10*m*log(m)`, read by a parser and never by eval."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mcpolar import balls
from mcpolar.errors import InputError, PrecisionError

if TYPE_CHECKING:
    import sympy

MOST_STEPS = 2**53
_ALLOWED = "a whole number from 0 to 2^53 or an expression in m with + - * / ^ log sqrt exp, e.g. 10*m*log(m)"


def _power(base: Any, exponent: Any) -> Any:
    """Raise to a power; rationals stay exact for whole exponents and small results, else ask for balls (KeyError)."""
    if isinstance(base, Fraction):
        bits = base.numerator.bit_length() + base.denominator.bit_length()
        if exponent.denominator != 1 or abs(exponent) * bits > _MOST_EXACT_BITS:
            raise KeyError(exponent)
    return base**exponent


_MOST_EXACT_BITS = 4096
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: _power,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_FUNCTIONS = ("log", "sqrt", "exp")
_MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Steps:
    """A horizon: what the user wrote, its number of agents, and its value rounded up to a whole number.

    Attributes
    ----------
    expression : str
        As the user wrote it.
    m : int
        The number of agents put in for `m`.
    whole : int
        The smallest integer at least the value: the horizon of every certified bound and simulation.
    is_whole : bool
        Whether the value was an integer already.
    """

    expression: str
    m: int
    whole: int
    is_whole: bool

    @classmethod
    def read(cls, given: int | str | Steps, m: int) -> Steps:
        """Read `given` with `m` agents; refuse anything but an expression in m, and values outside 0 to 2^53.

        Raises
        ------
        InputError
            If `given` is no such expression, or its value is negative, not finite or above 2^53.

        Examples
        --------
        >>> Steps.read("10*m*log(m)", 30).whole
        1021
        """
        if isinstance(given, Steps):
            return given if given.m == m else cls.read(given.expression, m)
        if isinstance(given, bool) or not isinstance(given, int | str):
            raise InputError("steps", given, _ALLOWED)
        text = str(given).strip()
        tree = _parse(text)
        try:
            whole, is_whole = _round_up(tree, m)
        except (ZeroDivisionError, OverflowError, PrecisionError):
            raise InputError("steps", given, _ALLOWED) from None
        if not 0 <= whole <= MOST_STEPS:
            raise InputError("steps", given, _ALLOWED)
        return cls(text, m, whole, is_whole)

    def ball(self) -> balls.Ball:
        """Return a ball that contains the exact real value, at the working precision."""
        return _evaluate(_parse(self.expression), self.m)

    @property
    def real(self) -> float:
        """The real value, to double precision."""
        with balls.working_precision(balls.START_BITS):
            return float(self.ball().mid())

    def symbolic(self) -> sympy.Expr:
        """Return the expression for SymPy, in the symbol `m`."""
        import sympy

        functions = {"log": sympy.log, "sqrt": sympy.sqrt, "exp": sympy.exp}
        symbol = sympy.Symbol("m", integer=True, positive=True)
        return _walk(
            _parse(self.expression),
            lambda exact: sympy.Rational(exact.numerator, exact.denominator),
            symbol,
            functions,
        )


def _parse(text: str) -> ast.expr:
    """Parse to Python's syntax tree and refuse every node that is not arithmetic in m."""
    if not text or len(text) > _MOST_CHARACTERS:
        raise InputError("steps", text, _ALLOWED)
    try:
        tree = ast.parse(text.replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError("steps", text, _ALLOWED) from None
    try:
        _walk(
            tree,
            lambda exact: Fraction(1),
            Fraction(1),
            dict.fromkeys(_FUNCTIONS, lambda x: x),
            check_only=True,
        )
    except (KeyError, RecursionError):
        raise InputError("steps", text, _ALLOWED) from None
    return tree


def _walk(
    node: ast.expr,
    constant: Callable[[Fraction], Any],
    m: Any,
    functions: dict[str, Callable[[Any], Any]],
    *,
    check_only: bool = False,
) -> Any:
    """Fold the tree; KeyError on whatever is not a number, m, + - * / **, or one of `functions` of one argument."""

    def fold(part: ast.expr) -> Any:
        match part:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                # the tree holds a float's shortest decimal, which is what the user typed
                exact = Decimal(repr(value))
                if not exact.is_finite():
                    raise KeyError(value)
                return constant(Fraction(exact))
            case ast.Name(id="m"):
                return m
            case ast.BinOp(left=left, op=op, right=right):
                combine = _BINARY[type(op)]
                a, b = fold(left), fold(right)
                return a if check_only else combine(a, b)
            case ast.UnaryOp(op=op, operand=operand):
                return _UNARY[type(op)](fold(operand))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]):
                return functions[name](fold(argument))
        raise KeyError(ast.dump(part))

    return fold(node)


def _evaluate(tree: ast.expr, m: int) -> balls.Ball:
    functions: dict[str, Callable[[Any], Any]] = {
        "log": lambda x: x.log(),
        "sqrt": lambda x: x.sqrt(),
        "exp": lambda x: x.exp(),
    }
    return _walk(tree, balls.ball, balls.ball(m), functions)


def _round_up(tree: ast.expr, m: int) -> tuple[int, bool]:
    """Return the ceiling of the value and whether it is that integer itself."""
    try:
        exact = _walk(tree, lambda constant: constant, Fraction(m), {})
    except KeyError:  # a function or a power that is not rational: enclose it
        return _round_up_ball(tree, m)
    return math.ceil(exact), exact.denominator == 1


def _round_up_ball(tree: ast.expr, m: int) -> tuple[int, bool]:
    bits = balls.START_BITS
    while bits <= balls.LARGEST_BITS:
        with balls.working_precision(bits):
            value = _evaluate(tree, m)
            if not value.is_finite() or not bool(abs(value) < 2 * MOST_STEPS):
                raise OverflowError
            ceiling = value.ceil().unique_fmpz()
            if ceiling is not None:
                return int(ceiling), value.is_exact() and value.is_integer()
        bits *= 2
    # An enclosure that shrinks onto an integer for ever, such as exp(log(m)): rounding its upper end up is valid.
    with balls.working_precision(balls.LARGEST_BITS):
        return int(value.upper().ceil().unique_fmpz()), False
