"""The exception tree of mcpolar; imports nothing of ours.

Each message is one line that says what must hold and what came, so that the command line can print it as it is.
"""

from __future__ import annotations

from typing import Any


class McpolarError(Exception):
    """Root of every error that mcpolar raises on purpose."""


class InputError(McpolarError, ValueError):
    """A value that the caller gave is not allowed.

    Parameters
    ----------
    name : str
        The argument's name, as in the Python signature.
    value : object
        What was given.
    allowed : str
        What is allowed, completing the sentence "`name` must be …".

    Examples
    --------
    >>> raise InputError("sigma", -0.2, "a positive number, e.g. 0.3")
    Traceback (most recent call last):
    ...
    mcpolar.errors.InputError: `sigma` must be a positive number, e.g. 0.3; got -0.2
    """

    def __init__(self, name: str, value: Any, allowed: str) -> None:
        self.name, self.value, self.allowed = name, value, allowed
        super().__init__(f"`{name}` must be {allowed}; got {_brief(value)}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.value, self.allowed)


class PrecisionError(McpolarError, ArithmeticError):
    """Ball arithmetic could not decide or resolve a value at the largest precision allowed."""


class ResourceError(McpolarError, OSError):
    """A file, disk or process failed; finished work is kept."""


class LostResidualsWarning(UserWarning):
    """A state was read whose weights are known less exactly than the chain with a neighbourhood asks for."""


def _brief(value: Any, width: int = 80) -> str:
    """Return `repr(value)` on one line, cut to `width` characters."""
    try:
        text = " ".join((value if isinstance(value, str) else repr(value)).split())
    except ValueError:  # Python writes no whole number of more than some thousand digits
        text = f"a {type(value).__name__} that is too long to be written"
    return text if len(text) <= width else text[: width - 1] + "…"
