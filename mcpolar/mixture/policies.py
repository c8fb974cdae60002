"""The registry of memory policies: which element of a memory a new point replaces.

The names that language models share (:data:`mcpolar.choices.MemoryPolicy`) are here too. A mixture has no question
that answers are retrieved by: "retrieved" is what retrieval returns for the point that arrives, the nearest. With a
memory of one all policies are one.

A policy is one small function of (memory, new, history, u), compiled with :data:`SIGNATURE`; see
:mod:`mcpolar.compiled.mixture.policies` for what it is given. To add one::

    from numba import cfunc
    from mcpolar.mixture import SIGNATURE, register_policy

    @cfunc(SIGNATURE)
    def replace_nearest(memory, new, history, u):
        return ((memory - new) ** 2).sum(axis=1).argmin()

    register_policy("nearest", replace_nearest)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numba.core.ccallback import CFunc

from mcpolar.compiled.mixture import policies as compiled
from mcpolar.errors import InputError

__all__ = ["DEFAULT_POLICY", "SIGNATURE", "Policy", "find_policy", "policy_names", "register_policy"]

SIGNATURE = compiled.SIGNATURE
DEFAULT_POLICY = "farthest"


@dataclass(frozen=True)
class Policy:
    """A memory policy.

    Attributes
    ----------
    name : str
        As in `MixtureParameters(policy=…)`.
    function : numba CFunc
        The compiled function.
    needs_history : bool
        Whether it looks at the history or the uniform number; without them the loops are a little faster.
    """

    name: str
    function: Any
    needs_history: bool


_REGISTRY: dict[str, Policy] = {}


def register_policy(name: str, function: Any, *, needs_history: bool = True) -> Policy:
    """Add a memory policy under a new name.

    Parameters
    ----------
    name : str
        A name not yet taken.
    function : numba CFunc
        Compiled by `numba.cfunc(SIGNATURE)`. It must return an index from 0 to r - 1: the loops do not check it.
    needs_history : bool
        Whether it looks at `history` or `u`.

    Raises
    ------
    InputError
        If the name is taken or the function is not compiled with SIGNATURE.

    Examples
    --------
    >>> from numba import cfunc
    >>> @cfunc(SIGNATURE)
    ... def replace_nearest(memory, new, history, u):
    ...     return ((memory - new) ** 2).sum(axis=1).argmin()
    >>> register_policy("nearest, for example", replace_nearest).needs_history
    True
    """
    if name in _REGISTRY:
        raise InputError("name", name, f"a name other than {', '.join(_REGISTRY)}")
    if not isinstance(function, CFunc) or getattr(function, "_sig", None) != SIGNATURE:
        raise InputError("function", function, "compiled by numba.cfunc(mcpolar.mixture.SIGNATURE)")
    _REGISTRY[name] = Policy(name, function, needs_history)
    return _REGISTRY[name]


def find_policy(name: str) -> Policy:
    """Return the policy of this name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in _REGISTRY:
        raise InputError("policy", name, f"one of {', '.join(_REGISTRY)}")
    return _REGISTRY[name]


def policy_names() -> tuple[str, ...]:
    """Return the names of all policies.

    Examples
    --------
    >>> policy_names()[:4]
    ('farthest', 'first-in-first-out', 'least-recently-matched', 'importance')
    """
    return tuple(_REGISTRY)


register_policy(DEFAULT_POLICY, compiled.replace_farthest, needs_history=False)
register_policy("first-in-first-out", compiled.replace_oldest)
register_policy("least-recently-matched", compiled.replace_least_recently_matched)
register_policy("importance", compiled.replace_by_importance)
register_policy("last-in-first-out", compiled.replace_newest)
register_policy("retrieved", compiled.replace_retrieved, needs_history=False)
