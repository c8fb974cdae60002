r"""Give the statements as SymPy expressions; the only module here that imports SymPy.

Free symbols: m, r, sigma, k as in :class:`mcpolar.parameters.ChainParameters`; h (level), T (steps, whole in
certified forms), H (own-side log-odds), n (updates n(h) of P2', or the rise of T2ii'), a (least own-side
weight of P2'), mu (mirror probability), u (updates), l (log-odds), theta and p (p* of PM1
and PM), alpha, x_0, y_0, rho and \hat{rho} (shape and suprema of PM), U (one agent's risk in PMr), c, d, D
(components, dimension and distance of GT2),
N (steps of T1 and its relatives), c_r (clearing chance). C(T, m, n) is the function of :mod:`mcpolar.bounds.coupons`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import sympy
from sympy import Rational, erf, exp, factorial, floor, gamma, sqrt, uppergamma

from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.statements import STATEMENTS

m, r, k, h, n, u, c, d = sympy.symbols("m r k h n u c d", integer=True, positive=True)
sigma, T, H, a, p, theta, D, mirror = sympy.symbols("sigma T H a p theta D mu", positive=True)
alpha, x0, y0, rho, rho_hat, risk = sympy.symbols(r"alpha x_0 y_0 rho \hat{\rho} U", positive=True)
log_odds = sympy.Symbol("l", real=True)
N, j = sympy.symbols("N j", integer=True, positive=True)
clear = sympy.Symbol("c_r", positive=True)
coupons = sympy.Function("C")
fewest = sympy.Min
own_side_weight = sympy.Function("a")


def formula(name: str, form: str = "certified", *, senders: str = "unrestricted") -> sympy.Expr:
    """Return the right-hand side of a statement.

    Parameters
    ----------
    name : str
        Python name of the statement, such as "theorem2".
    form : str
        "certified" or "paper"; of permanence also "own_side", "own_side_for_some_time" and "given_memory".
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
    if name not in STATEMENTS or form not in STATEMENTS[name].forms:
        raise InputError("statement", f"{name}, {form}", "a statement and a form of it that exists")
    return STATEMENTS[name].formula(form, senders)


def latex(name: str, form: str = "certified", *, senders: str = "unrestricted") -> str:
    """Return :func:`formula` for LaTeX."""
    return str(sympy.latex(formula(name, form, senders=senders)))


def evaluate(
    expression: sympy.Expr, parameters: Mapping[str, Any], horizon: float | None, digits: int
) -> mpmath.mpf:
    """Return the value of a formula at a bound's parameters, by mpmath.

    Parameters
    ----------
    expression : sympy.Expr
        From :func:`formula`.
    parameters : mapping
        Of a bound: m, r, sigma and what its statement takes.
    horizon : float or None
        Its number of steps; where that is not whole, the expression of `parameters["steps"]` counts.
    digits : int
        Decimal digits to work with, to which as many are added as cancellation may cost.

    Raises
    ------
    InputError
        If a symbol has no value.
    """
    places = whole_number("digits", digits, 5, 100_000)
    values = _symbol_values(parameters, horizon)
    missing = sorted(str(symbol) for symbol in expression.free_symbols if str(symbol) not in values)
    if missing:
        raise InputError(
            "bound", f"a formula in {', '.join(missing)}", "one whose symbols are its parameters"
        )
    symbols = sorted(expression.free_symbols, key=str)
    function = sympy.lambdify(symbols, expression, modules=[{"C": _coupons}, "mpmath"])
    with mpmath.workdps(2 * places + 30):
        numbers = [sympy.N(values[str(symbol)], mpmath.mp.dps) for symbol in symbols]
        found = function(*(mpmath.mpf(str(number)) for number in numbers))
    with mpmath.workdps(places):
        return +found


def _symbol_values(parameters: Mapping[str, Any], horizon: float | None) -> dict[str, sympy.Expr]:
    """Return exact values by the symbols' names."""
    names = {
        "level": "h",
        "mirror": "mu",
        "ascent": "n",
        "log_odds": "H",
        "components": "c",
        "dimension": "d",
    }
    names |= {"distance": "D"}
    found = {
        names.get(name, name): sympy.Rational(str(value))
        for name, value in parameters.items()
        if value is not None and name not in ("steps", "split", "smallest_silo") and _is_number(value)
    }
    if "H" not in found and "h" in found and "sigma" in found:
        found["H"] = found["h"] / found["sigma"] ** 2
    if horizon is not None:
        whole = float(horizon).is_integer()
        text = str(parameters.get("steps", horizon))
        found["T"] = sympy.Integer(int(horizon)) if whole else sympy.sympify(text, {"m": found["m"]})
    return found


def _is_number(value: Any) -> bool:
    try:
        sympy.Rational(str(value))
    except (TypeError, ValueError):
        return False
    return True


def _coupons(draws: Any, cells: Any, times: Any) -> mpmath.mpf:
    """Return C(T, m, n): T! / m^T times the coefficient of z^T of (sum over l >= n of z^l / l!)^m, by powers."""
    n_draws, n_cells, least = int(draws), int(cells), int(times)
    if least == 1:
        terms = (
            (-1) ** k * mpmath.binomial(n_cells, k) * mpmath.mpf(n_cells - k) ** n_draws
            for k in range(n_cells + 1)
        )
        with mpmath.workdps(mpmath.mp.dps + n_cells + 20):
            return mpmath.fsum(terms) / mpmath.mpf(n_cells) ** n_draws
    spare = n_draws - least * n_cells
    if spare < 0:
        return mpmath.mpf(0)
    base = [1 / mpmath.factorial(least + j) for j in range(spare + 1)]
    power = [base[0] ** n_cells]
    for j in range(1, spare + 1):
        total = mpmath.fsum((n_cells * i - (j - i)) * base[i] * power[j - i] for i in range(1, j + 1))
        power.append(total / (j * base[0]))
    return power[spare] * mpmath.factorial(n_draws) / mpmath.mpf(n_cells) ** n_draws


P = erf(1 / (2 * sqrt(2) * sigma))
P_J = erf(1 / (6 * sqrt(2) * sigma))
P_X = (erf(5 / (2 * sqrt(2) * sigma)) - erf(3 / (2 * sqrt(2) * sigma))) / 2
HALF_LINE = (1 + erf(1 / (sqrt(2) * sigma))) / 2


def rounds(updates: sympy.Expr, chance: sympy.Expr, senders: str) -> sympy.Expr:
    """Return L1', L2' or T1': so many updates of every agent, each with this chance of its own-side draw."""
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


def any_state(form: str, updates: sympy.Expr, senders: str) -> sympy.Expr:
    """Return T1A, T1A0, T1g, T1C2 or self-sending, with so many updates of every agent at least.

    c is the chance c_r that r own draws clear a memory; k_p(j) = [z^j] (sum_{u >= n} z^u/u!)^p; W(p, j) the sum of
    H Psi with j receivers on the side of p agents; V_N the value of the game; w_N = [z^N] (sum_{u >= n} b_0 …
    b_{u-1} z^u/u!)^m.
    """
    if senders not in ("unrestricted", "neighbours", "mirror"):
        raise InputError("senders", senders, "one of unrestricted, neighbours, mirror")
    draws = clear**m * P ** (N - r * m)
    if form == "T1A0":
        return sympy.Function("V")(N) * draws
    orders = factorial(N) / m**N
    if form == "T1g":
        side, rounds_ = floor(m / 2), updates * m
        split = (side / m) ** (updates * side) * ((m - side) / m) ** (updates * (m - side))
        own = sympy.Sum(sympy.log(own_side_weight(u)), (u, 0, updates - 1))
        others = sympy.Sum(sympy.log(own_side_weight(u)), (u, 0, updates)) * updates / (updates + 1)
        weights = exp(2 * own + (m - 2) * others)
        return (
            factorial(rounds_)
            / (factorial(updates) ** m * m**rounds_)
            * split
            * weights
            * draws.subs(N, rounds_)
        )
    if form == "certified":
        form = "self-sending" if senders == "neighbours" else "T1A"
    if form == "self-sending" or (form == "T1C2" and senders != "unrestricted"):
        return orders * sympy.Function("w")(N) * draws
    ways, exponent = sympy.Function("k"), sympy.Function("W")
    if form == "T1C2":
        return orders * ways(m, N) * exp(exponent(m, N)) * draws
    of_both = ways(p, j) * ways(m - p, N - j) * exp(exponent(p, j))
    over = sympy.Sum(of_both, (j, updates * p, N - updates * (m - p)))
    return orders * sympy.Function(r"\min_{p}")(over) * draws


def one_sided() -> sympy.Expr:
    """Return T1C1; q_j(u) = P^(j-1) q_{u-j+1}, and w_N = [z^N] (sum_u q_j(u) z^u/u!)^m."""
    return factorial(N) / m**N * sympy.Function("w")(N) / (1 + exp(-H)) ** N


def barrier() -> sympy.Expr:
    """Return U1; alpha_k is P(barrier k is missed), g_i P(agent i is at the level), L(N) P(more than N rings)."""
    kept = sympy.Product(1 - sympy.Function("alpha")(j), (j, 1, n))
    return kept * sympy.Product(sympy.Function("g")(u), (u, 1, m)) - sympy.Function("L")(N)


def deep_majority() -> sympy.Expr:
    """Return U2; B(M, f, n_0) is P(Bin(M, 1 - f) >= n_0), t the time and L(N) P(Poisson(m t) > N)."""
    majority, start, floor_, lowest, target, time = sympy.symbols("M s_0 b K L t", positive=True)
    other = sympy.Symbol(r"\theta_*", positive=True)

    def growth(x: sympy.Symbol) -> sympy.Expr:
        return exp(x**2 * sigma**2 / 2) * (rho * exp(-x) + (1 - rho) * exp(x))

    needed = sympy.ceiling(m * rho * (1 + exp(-2 * floor_ / sigma**2)))
    kept = sympy.Function("B")(majority, exp(-other * (start - floor_)), needed)
    missed = m * exp(theta * (target + lowest) - time * (1 - growth(theta)))
    return kept - missed - sympy.Function("L")(N)


def lemma1_paper() -> sympy.Expr:
    """Return L1-paper."""
    return factorial(m) / m ** (r * m) * ((Rational(1, 2) - 1 / m) * P) ** (r * m)


def lemma2_paper() -> sympy.Expr:
    """Return L2-paper."""
    updates = 4 * r + 2
    return factorial(updates * m) / factorial(updates) ** m / m ** (updates * m) * (P / 4) ** (updates * m)


def theorem2() -> sympy.Expr:
    """Return T2'."""
    other = exp(-h / sigma**2)
    return ((P + other * P_X) / (1 + other)) ** T


def coupons_paper() -> sympy.Expr:
    """Return the paper's chance that every agent is updated."""
    return 1 - m * exp(-T / m)


def theorem2_paper() -> sympy.Expr:
    """Return T2-paper."""
    return P**T * exp(-T * exp(-h / sigma**2))


def silo_persistence() -> sympy.Expr:
    """Return SP."""
    return ((HALF_LINE + exp(-H) * (1 - HALF_LINE)) / (1 + exp(-H))) ** T


def permanence() -> sympy.Expr:
    """Return PM1."""
    rho = exp(-2 * theta * (1 - theta) / sigma**2)
    largest = sympy.Max(p ** (-theta), 2 * p ** (1 - theta) / ((1 + p) * (1 - rho)))
    return 1 - largest * m * exp(-theta * H)


def permanence_own_side(horizon: sympy.Expr | None = None) -> sympy.Expr:
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


def general_theorem1(senders: str) -> sympy.Expr:
    """Return GT1g; b_q is that of the most equal split into q silos."""
    if senders not in ("unrestricted", "self-sending"):
        raise InputError("senders", senders, "unrestricted or self-sending")

    def within(radius: sympy.Expr) -> sympy.Expr:
        return 1 - uppergamma(d / 2, radius**2 / (2 * sigma**2)) / gamma(d / 2)

    orders = factorial(n * m) / (factorial(n) ** m * m ** (n * m))
    draws = (within(D / 12) ** r * within(D / 4) ** (n - r)) ** m
    before = sympy.Sum(sympy.log(own_side_weight(u)), (u, 0, n - 1))
    if senders == "self-sending":
        return orders * draws * sympy.Symbol("g", positive=True) ** (n * m) * exp(m * before)
    parts = sympy.Symbol("q", integer=True, positive=True)
    upto = sympy.Sum(sympy.log(own_side_weight(u)), (u, 0, n)) * n / (n + 1)
    split = sympy.Symbol("b_q", positive=True)
    return orders * draws * split * exp(parts * before + (m - parts) * upto)


def general_theorem2(form: str) -> sympy.Expr:
    """Return GT2; in cells with their chance P_K."""
    inside = sympy.Symbol("P_K", positive=True)
    if form == "certified":
        inside = 1 - uppergamma(sympy.Rational(1, 2) * d, D**2 / (32 * sigma**2)) / gamma(d / 2)
    return (inside / (1 + (c - 1) * exp(-h * D**2 / (4 * sigma**2)))) ** T


def general_permanence() -> sympy.Expr:
    """Return GPM with first stages; without them 1/(1 - zeta) is 0 and delta/(1 - rho^) is 1."""
    competitor = sympy.Symbol("l", integer=True, positive=True)

    def of(name: str) -> sympy.Expr:
        return sympy.Indexed(name, competitor)

    start = exp(-h * D**2 / (4 * sigma**2))
    spread = sympy.Symbol("c_S", positive=True)
    crossing = of("q") ** -of("theta") / of("F")
    largest = sympy.Max(crossing, spread * of("q") ** (1 - of("theta")) / (1 - of("rho")))
    first = spread * start / (1 - of("zeta"))
    later = largest * of("delta") / (1 - of(r"\hat{rho}")) * start ** of("theta")
    others = sympy.Sum(first + later, (competitor, 1, c - 1))
    return 1 - m * sympy.Function(r"\max_{j}")(others)


def proposition2() -> sympy.Expr:
    """Return the recursion of P2'."""
    before = own_side_weight(u - 1)
    return sympy.Min(u, r) / r / (1 + (1 - before) / before * exp(-1 / sigma**2))
