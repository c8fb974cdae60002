r"""Give the statements as SymPy expressions; the only module here that imports SymPy.

Free symbols: m, r, sigma, k as in :class:`mcpolar.parameters.ChainParameters`; h (level), T (steps, whole in
certified forms), H (own-side log-odds), n (updates n(h) of P2', or the rise of T2ii'), a (least own-side
weight of P2'), mu (mirror probability), u (updates), l (log-odds), theta and p (p* of PM1
and PM), alpha, x_0, y_0, rho and \hat{rho} (shape and suprema of PM), U (one agent's risk in PMr), c, d, D
(components, dimension and distance of GT2). C(T, m, n) is the function of :mod:`mcpolar.bounds.coupons`.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy
from sympy import Rational, erf, exp, factorial, floor, gamma, sqrt, uppergamma

from mcpolar.errors import InputError
from mcpolar.results import Variant

m, r, k, h, n, u, c, d = sympy.symbols("m r k h n u c d", integer=True, positive=True)
sigma, T, H, a, p, theta, D, mirror = sympy.symbols("sigma T H a p theta D mu", positive=True)
alpha, x0, y0, rho, rho_hat, risk = sympy.symbols(r"alpha x_0 y_0 rho \hat{\rho} U", positive=True)
log_odds = sympy.Symbol("l", real=True)
coupons = sympy.Function("C")
own_side_weight = sympy.Function("a")


def formula(name: str, variant: Variant = "certified", *, senders: str = "unrestricted") -> sympy.Expr:
    """Return the right-hand side of a statement.

    Parameters
    ----------
    name : str
        Python name of the statement, such as "theorem2".
    variant : {"certified", "paper"}
        Which form.
    senders : {"unrestricted", "neighbours", "mirror"}
        For L1', L2' and T1': whose chance of an own-side sender is used.

    Raises
    ------
    InputError
        If there is no such formula.

    Examples
    --------
    >>> formula("theorem2", "paper")
    exp(-T*exp(-h/sigma**2))*erf(sqrt(2)/(4*sigma))**T
    """
    if name in _ROUNDS and variant == "certified":
        return _rounds(*_ROUNDS[name], senders)
    if (name, variant) not in _FORMULAS:
        raise InputError("statement", f"{name}, {variant}", "a statement and a form of it that exists")
    return _FORMULAS[name, variant]()


def latex(name: str, variant: Variant = "certified", *, senders: str = "unrestricted") -> str:
    """Return :func:`formula` for LaTeX."""
    return str(sympy.latex(formula(name, variant, senders=senders)))


P = erf(1 / (2 * sqrt(2) * sigma))
P_J = erf(1 / (6 * sqrt(2) * sigma))
P_X = (erf(5 / (2 * sqrt(2) * sigma)) - erf(3 / (2 * sqrt(2) * sigma))) / 2
HALF_LINE = (1 + erf(1 / (sqrt(2) * sigma))) / 2
_ROUNDS: dict[str, tuple[sympy.Expr, sympy.Expr]] = {
    "lemma1": (r, P_J),
    "lemma2": (n, P),
    "theorem1": (n, P_J),
}


def _rounds(updates: sympy.Expr, chance: sympy.Expr, senders: str) -> sympy.Expr:
    side = floor(m / 2)
    split_factor = {
        "unrestricted": (side / m) ** (updates * side) * ((m - side) / m) ** (updates * (m - side)),
        "neighbours": (k + 1) ** (-updates * m),
        "mirror": mirror ** (updates * m),
    }
    if senders not in split_factor:
        raise InputError("senders", senders, "one of " + ", ".join(split_factor))
    orders = factorial(updates * m) / (factorial(updates) ** m * m ** (updates * m))
    return orders * split_factor[senders] * (a * chance) ** (updates * m)


def _lemma1_paper() -> sympy.Expr:
    return factorial(m) / m ** (r * m) * ((Rational(1, 2) - 1 / m) * P) ** (r * m)


def _lemma2_paper() -> sympy.Expr:
    updates = 4 * r + 2
    return factorial(updates * m) / factorial(updates) ** m / m ** (updates * m) * (P / 4) ** (updates * m)


def _theorem2() -> sympy.Expr:
    other = exp(-h / sigma**2)
    return ((P + other * P_X) / (1 + other)) ** T


def _theorem2_paper() -> sympy.Expr:
    return P**T * exp(-T * exp(-h / sigma**2))


def _silo_persistence() -> sympy.Expr:
    return ((HALF_LINE + exp(-H) * (1 - HALF_LINE)) / (1 + exp(-H))) ** T


def _permanence() -> sympy.Expr:
    rho = exp(-2 * theta * (1 - theta) / sigma**2)
    largest = sympy.Max(p ** (-theta), 2 * p ** (1 - theta) / ((1 + p) * (1 - rho)))
    return 1 - largest * m * exp(-theta * H)


def _permanence_own_side(horizon: sympy.Expr | None = None) -> sympy.Expr:
    """Return PM; over `horizon` steps, or for all time."""

    def visits(number: sympy.Expr) -> sympy.Expr:
        return number if horizon is None else sympy.Min(horizon / m, number)

    kappa = 2 * theta + alpha
    largest = sympy.Max(
        p ** (-theta) * exp(-alpha * x0 / sigma**2), 2 * p ** (1 - theta) / ((1 + p) * (1 - rho))
    )
    below_y0 = sympy.erfc((1 - kappa - y0) / (sqrt(2) * sigma)) / 2
    low_draw = exp((alpha * x0 - kappa + kappa**2 / 2) / sigma**2) * below_y0
    near = 2 * exp(-H) * visits(1 / (1 - exp(-2 * y0 / sigma**2)))
    return 1 - m * (near + largest * low_draw * visits(1 / (1 - rho_hat)) * exp(-theta * H))


def _general_theorem2() -> sympy.Expr:
    inside = 1 - uppergamma(sympy.Rational(1, 2) * d, D**2 / (32 * sigma**2)) / gamma(d / 2)
    return (inside / (1 + (c - 1) * exp(-h * D**2 / (4 * sigma**2)))) ** T


def _own_side_weight() -> sympy.Expr:
    before = own_side_weight(u - 1)
    return sympy.Min(u, r) / r / (1 + (1 - before) / before * exp(-1 / sigma**2))


_FORMULAS: dict[tuple[str, str], Callable[[], sympy.Expr]] = {
    ("proposition1", "certified"): lambda: log_odds - 3 / sigma**2,
    ("proposition1", "paper"): lambda: log_odds - 3 / sigma**2,
    ("proposition2", "certified"): _own_side_weight,
    ("proposition2", "paper"): lambda: 1 / sigma**2,
    ("proposition3", "certified"): lambda: sympy.Min(u, r),
    ("proposition3", "paper"): lambda: r,
    ("lemma1", "paper"): _lemma1_paper,
    ("lemma2", "paper"): _lemma2_paper,
    ("theorem1", "paper"): lambda: _lemma1_paper() * _lemma2_paper(),
    ("theorem2", "certified"): _theorem2,
    ("theorem2", "paper"): _theorem2_paper,
    ("theorem2_ascent", "certified"): lambda: coupons(T, m, n) * _theorem2(),
    ("theorem2_ascent", "paper"): lambda: (1 - m * exp(-T / m)) * _theorem2_paper(),
    ("silo_persistence", "certified"): _silo_persistence,
    ("permanence", "certified"): _permanence,
    ("permanence_own_side", "certified"): _permanence_own_side,
    ("permanence_own_side_for_some_time", "certified"): lambda: _permanence_own_side(T),
    ("permanence_given_memory", "certified"): lambda: 1 - m * risk,
    ("general_theorem2", "certified"): _general_theorem2,
}
