"""Texts from elsewhere, made safe: to be encoded, and to be shown on a terminal."""

from __future__ import annotations


def encodable(text: str) -> str:
    r"""Return a text that UTF-8 can hold: lone halves of surrogate pairs, which JSON lets through, become "?".

    Examples
    --------
    >>> encodable("rose \ud800")
    'rose ?'
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def shown(text: str, longest: int = 60) -> str:
    r"""Return a text for one line of a terminal: short, its control characters escaped.

    Examples
    --------
    >>> shown("ro\x1b[31mse\n")
    'ro\\x1b[31mse\\n'
    """
    plain = "".join(one if one.isprintable() else repr(one)[1:-1] for one in encodable(text[: longest + 1]))
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
