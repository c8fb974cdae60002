"""Values of the statements' SymPy formulas, by mpmath at 120 digits: a second evaluation, with no ball arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import sympy

from mcpolar.balls import Dyadic
from mcpolar.bounds import formulas
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound

DIGITS = 120


def as_mpf(value: Any) -> mpmath.mpf:
    """Return an exact number (Dyadic, Fraction, Decimal, int, str) as an mpmath number."""
    if isinstance(value, Dyadic):
        return mpmath.mpf(value.mantissa) * mpmath.mpf(2) ** value.exponent
    if isinstance(value, mpmath.mpf):
        return value
    exact = Fraction(value)
    return mpmath.mpf(exact.numerator) / exact.denominator


def formula_value(name: str, variant: str, values: dict[str, Any], **options: Any) -> mpmath.mpf:
    """Substitute `values` (by symbol name; "C" for the coupon probability) in the statement's formula."""
    chance = values.pop("C", None)
    expression = formulas.formula(name, variant, **options)
    symbols = sorted(expression.free_symbols, key=str)
    function = sympy.lambdify(symbols, expression, modules=[{"C": lambda *_: chance}, "mpmath"])
    return function(*(as_mpf(values[str(symbol)]) for symbol in symbols))


def assert_sandwiched(bound: Bound, value: mpmath.mpf) -> None:
    """The certified value lies below the formula's and is sharp; a failure offered is just above 1 minus it."""
    lower = as_mpf(bound.value)
    assert 0 < lower <= value, (lower, value)
    assert (value - lower) / value < mpmath.mpf(10) ** -20
    if bound.failure is not None:
        failure = as_mpf(bound.failure)
        assert failure >= 1 - value > 0
        assert (failure - (1 - value)) / (1 - value) < mpmath.mpf(10) ** -20


def own_side_weight(chain: ChainParameters, level: int) -> tuple[int, mpmath.mpf]:
    """Return n(h) and a of P2' by the recursion as theory.md writes it, with exp and log."""
    unit = as_mpf(chain.precision)
    weights, log_odds, u = [mpmath.mpf(1) / 2], mpmath.mpf(0), 0
    while u < chain.r or log_odds < level * unit * (1 - mpmath.mpf(10) ** -100):
        u += 1
        weight = mpmath.mpf(min(u, chain.r)) / chain.r / (1 + mpmath.exp(-log_odds - unit))
        other = 1 - weight if u < chain.r else mpmath.exp(-log_odds - unit) * weight
        log_odds = mpmath.log(weight) - mpmath.log(other)
        weights.append(weight)
    return u, min(weights[:u])
