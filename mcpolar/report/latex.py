r"""Words, numbers and formulas for LaTeX: what is mathematics is set as such, and the rest is escaped.

It needs no package but booktabs (and longtable for long tables), and prints right under LaTeX's default encoding,
where a bare <, > or | is another character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from mcpolar.decimals import is_number
from mcpolar.errors import McpolarError

SYMBOLS = {
    "sigma": r"\sigma",
    "log10": r"\log_{10}",
    "m": "m",
    "r": "r",
    "k": "k",
    "level": "h",
    "steps": "T",
    "horizon_steps": "T",
    "split": "m_+",
    "ascent": "n",
    "log_odds": "H",
    "mirror": "p",
    "theta": r"\theta",
    "p_star": "p^*",
    "lower": r"P \ge",
    "failure": r"1 - P \le",
    "components": "c",
    "dimension": "d",
    "distance": "D",
}
"""How a column is written in mathematics."""

_ESCAPES = {c: rf"\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
}
_POWER = r"(?P<mantissa>-?\d+(?:\.\d+)?)[eE](?P<power>[+-]?\d+)"
# one alternative a piece of mathematics; whatever none of them takes is text
_PIECES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"(?<![\w.])(?=\S*\*)(?:[\d.]+|m|log|sqrt|exp|[*/^+()-])+(?!\w)", lambda m: expression(m[0])),
    (r"`(?P<code>[^`]*)`", lambda m: rf"\texttt{{{text(m['code'])}}}"),
    (rf"(?<![\w.]){_POWER}(?![\w.])", lambda m: rf"${m['mantissa']}\times10^{{{int(m['power'])}}}$"),
    (r"\|log-odds\|", lambda m: r"$|\mathrm{log\mbox{-}odds}|$"),
    (r"(?P<top>\w+)/sigma\^2", lambda m: rf"${m['top']}/\sigma^2$"),
    (r"\be\^\((?P<inside>[^()]*)\)", lambda m: rf"$e^{{{_inside(m['inside'])}}}$"),
    (r"\be\^(?P<simple>-?\w)\b", lambda m: rf"$e^{{{m['simple']}}}$"),
    (r"\bsigma(?P<square>\^2)?\b", lambda m: rf"$\sigma{m['square'] or ''}$"),
    (r"\bI- u I\+", lambda m: r"$I_- \cup I_+$"),
    (r"\b(?P<side>[Im])(?P<sign>[+-])(?![\w(])", lambda m: rf"${m['side']}_{m['sign']}$"),
    (r"\bE_(?P<index>\w)\b", lambda m: rf"$E_{m['index']}$"),
    (r"\blog10\b", lambda m: r"$\log_{10}$"),
    (r"(?<![\w.])(?P<minus>-?)inf\b", lambda m: rf"${m['minus']}\infty$"),
    (r">=", lambda m: r"$\ge$"),
    (r"<=", lambda m: r"$\le$"),
    (r"(?<!\S)=(?!\S)", lambda m: "$=$"),
    (r'"(?P<quoted>[^"]*)"', lambda m: f"``{text(m['quoted'])}''"),
    (r"(?<![\w.])-(?=\d)", lambda m: "$-$"),
    (r"(?<![\w\\'])(?P<symbol>[hHTmrknPW])(?![\w'])", lambda m: f"${m['symbol']}$"),
    (r"[&%$#_{}\\^~<>|]", lambda m: _ESCAPES[m[0]]),
)
_ANY = re.compile("|".join(f"(?:{re.sub(r'[?]P<[a-z]+>', '?:', pattern)})" for pattern, _ in _PIECES))
_EACH = tuple((re.compile(pattern), write) for pattern, write in _PIECES)


def text(words: str) -> str:
    r"""Return words for LaTeX, with the symbols and inequalities among them as mathematics.

    Examples
    --------
    >>> text("every |log-odds| >= h/sigma^2 (E_h), 6.3e-22 & 5 %")
    'every $|\\mathrm{log\\mbox{-}odds}|$ $\\ge$ $h/\\sigma^2$ ($E_h$), $6.3\\times10^{-22}$ \\& 5 \\%'
    """
    return _ANY.sub(lambda found: _piece(words, found.start()), words)


def _piece(words: str, at: int) -> str:
    for pattern, write in _EACH:
        if found := pattern.match(words, at):
            return write(found)
    raise AssertionError(words[at:])


def _inside(exponent: str) -> str:
    return exponent.replace("sigma", r"\sigma ").strip()


def number(decimal: str) -> str:
    r"""Return a number as people write it in mathematics.

    Examples
    --------
    >>> [number(one) for one in ("6.29e-22", "-21.2", "30", "-inf")]
    ['$6.29\\times10^{-22}$', '$-21.2$', '30', '$-\\infty$']
    """
    if decimal.lstrip("+-").isdigit() and not decimal.startswith("-"):
        return decimal
    mantissa, _, power = decimal.lower().partition("e")
    if power:
        return rf"${mantissa}\times10^{{{int(power)}}}$"
    return f"${decimal.replace('inf', chr(92) + 'infty')}$"


def cell(name: str, shown: str) -> str:
    """Return a cell of the column `name`: an expression in m, a number, or words."""
    if name == "given_steps":
        return expression(shown)
    if shown.lower() in ("nan", "undefined"):
        return "undefined"
    return number(shown) if is_number(shown) else text(shown)


def expression(steps: str) -> str:
    r"""Return an expression in m, such as 10*m*log(m), in mathematics.

    Examples
    --------
    >>> expression("10*m*log(m)"), expression("400")
    ('$10 m \\log{m}$', '400')
    """
    if steps.isdigit():
        return steps
    import sympy

    from mcpolar.steps import Steps

    try:
        written = sympy.latex(Steps.read(steps, 2).symbolic())
    except McpolarError:
        return text(steps.replace("*", " "))
    return "$" + re.sub(r"\\left\(m \\right\)", "m", written) + "$"


def header(name: str) -> str:
    """Return the head of a column: its symbol, or its name in words."""
    return f"${SYMBOLS[name]}$" if name in SYMBOLS else text(name.replace("_", " "))


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str,
    notes: Sequence[str] = (),
    is_long: bool = False,
) -> str:
    """Return a table environment.

    Parameters
    ----------
    columns, rows : sequences of str
        Names of the columns, and cells as they are shown.
    caption : str
        In LaTeX already.
    notes : sequence of str
        Words below the table.
    is_long : bool
        Whether it may break across pages (longtable).
    """
    heads = [header(name) for name in columns]
    body = [[cell(name, shown) for name, shown in zip(columns, row, strict=True)] for row in rows]
    size, gap, spec = _fit(columns, rows)
    lines = [f"{' & '.join(row)} \\\\" for row in body]
    top = [r"\toprule", " & ".join(heads) + r" \\", r"\midrule"]
    below = [text(note) for note in notes]
    if is_long:
        environment = [
            rf"\begin{{longtable}}{{{spec}}}",
            rf"\caption{{{caption}}} \\",
            *top,
            r"\endfirsthead",
            *top,
            r"\endhead",
            r"\bottomrule",
            r"\endlastfoot",
            *lines,
            r"\end{longtable}",
        ]
        notes_below = [rf"\par\noindent{{\footnotesize\raggedright {note}\par}}" for note in below]
        return "\n".join(["{" + size + gap, *environment, *notes_below, "}"]) + "\n"
    tabular = [rf"\begin{{tabular}}{{{spec}}}", *top, *lines, r"\bottomrule", r"\end{tabular}"]
    notes_below = [rf"\par\smallskip{{\footnotesize\raggedright {note}\par}}" for note in below]
    opening = [r"\begin{table}[htbp]", r"\centering", rf"\caption{{{caption}}}", size + gap]
    return "\n".join([*opening, *tabular, *notes_below, r"\end{table}"]) + "\n"


LINE = 341.0
"""Points of a line of 12 cm, for which tables are sized."""
_SIZES = (
    (r"\normalsize", 5.3, 6.0),
    (r"\small", 4.9, 5.0),
    (r"\footnotesize", 4.5, 4.0),
    (r"\scriptsize", 4.2, 3.0),
    (r"\tiny", 3.4, 2.0),
)
"""Sizes of letters, with the points that a digit takes and half the gap between columns."""
_WIDEST_TEXT = 16  # characters of a column of words before it breaks its lines


def _fit(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, str, str]:
    """Return the size of the letters, the gap between columns and the specification that fit a line."""
    shown = [[row[i] for row in rows] for i in range(len(columns))]
    numeric = [all(not one or is_number(one) for one in column) for column in shown]
    widths = [
        max([_head_width(name), *(_width(one) for one in column)])
        for name, column in zip(columns, shown, strict=True)
    ]
    kept = [
        width if is_numeric else min(width, _WIDEST_TEXT)
        for width, is_numeric in zip(widths, numeric, strict=True)
    ]
    fits = [
        (size, point, gap)
        for size, point, gap in _SIZES
        if point * sum(kept) + 2 * gap * len(columns) <= LINE
    ]
    size, point, gap = (*fits, _SIZES[-1])[0]
    spec = "".join(
        "r" if is_numeric else "l" if width <= _WIDEST_TEXT else rf"p{{{point * _WIDEST_TEXT:.0f}pt}}"
        for width, is_numeric in zip(widths, numeric, strict=True)
    )
    return size, rf"\setlength{{\tabcolsep}}{{{gap:.0f}pt}}", spec


def _width(shown: str) -> float:
    """Return about how many digits wide a cell is; a power of ten is set higher and smaller."""
    mantissa, mark, power = shown.lower().partition("e")
    if mark and is_number(shown):
        return len(mantissa) + 3.5 + 0.75 * len(str(int(power)))
    return float(len(shown))


def _head_width(name: str) -> float:
    return (
        {"log10": 4.0, "failure": 5.5, "lower": 3.0}.get(name, 2.0) if name in SYMBOLS else float(len(name))
    )


def document_of(tables: str) -> str:
    """Return a whole document of article class around tables, for a look at them."""
    return (
        "\\documentclass{article}\n\\usepackage{booktabs,longtable}\n\\begin{document}\n"
        f"{tables}\\end{{document}}\n"
    )


def comment(is_long: bool) -> str:
    """Return the line that says which packages a table needs."""
    return f"% needs \\usepackage{{booktabs{',longtable' if is_long else ''}}}\n"


def assignment(name: str, value: Any) -> str:
    """Return `name = value` as mathematics where the name has a symbol."""
    shown = cell(name, str(value))
    if name in SYMBOLS and shown.strip("$") and is_number(str(value)):
        return f"${SYMBOLS[name]} = {shown.strip('$')}$"
    return f"{header(name)}: {shown}"
