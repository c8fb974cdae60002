"""Rules of one's own for the two-component chain: which memory element an arrival replaces, and who sends.

A rule is one small function under a name. It is compiled here, and the loops over single replicas call it by its
address: all of them share the loops' compiled code, and a result is the same for any number of workers. To add one::

    import mcpolar as mp

    def oldest(memory, y, u):
        return 0

    mp.register_memory_policy("oldest", oldest)
    mp.simulate(mp.ChainParameters(m=30, r=5, sigma="0.3", policy="oldest"), "random", 1000, seed=1)

The paper's rules are "farthest" and "nearest", and every statement is proved for these; which statements hold under
others too is in their records, and everything else that rests on the paper's rules refuses a chain with others.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mcpolar.errors import InputError

FARTHEST = "farthest"
NEAREST = "nearest"


@dataclass(frozen=True)
class Rule:
    """A registered rule.

    Attributes
    ----------
    name : str
        As in `ChainParameters(policy=…)` or `ChainParameters(neighbours=…)`.
    code : str
        Eight hexadecimal digits of a hash of the function's source text, for records.
    compiled : numba CFunc or None
        What the loops call; None for the paper's rule, which is part of them.
    """

    name: str
    code: str = ""
    compiled: Any = field(default=None, compare=False, repr=False)

    @property
    def spoken(self) -> str:
        """The name, and which function it was: "oldest@1f0c9a3b"."""
        return f"{self.name}@{self.code}" if self.code else self.name


class Registry:
    """The rules of one kind by name.

    Parameters
    ----------
    argument : str
        The argument of :class:`~mcpolar.parameters.ChainParameters` that names one.
    own : str
        The paper's rule.
    takes : str
        What a function takes, for messages.
    signature : callable
        Gives numba's signature; numba is imported when a rule is added.
    """

    def __init__(self, argument: str, own: str, takes: str, signature: Callable[[], Any]) -> None:
        self.argument, self.own, self._takes, self._signature = argument, own, takes, signature
        self._rules = {own: Rule(own)}

    def add(self, name: str, function: Callable[..., Any]) -> Rule:
        """Compile a function and add it under a new name, or anew under its own: a notebook's cell can be run twice.

        Raises
        ------
        InputError
            If the name is another function's or holds an "@", or the function cannot be compiled.
        """
        code = _hash_of(function)
        taken = [rule.name for rule in self._rules.values() if rule.code != code]
        if not isinstance(name, str) or not name or "@" in name or name in taken:
            raise InputError("name", name, f"a text without @, other than {', '.join(taken)}")
        # compiled anew: what the function calls may have changed
        self._rules[name] = Rule(name, code, self._compile(function))
        return self._rules[name]

    def find(self, name: str) -> Rule:
        """Return the rule of a name; of "name@code" only if the registered function is that one.

        Raises
        ------
        InputError
            If there is none.
        """
        plain = name.partition("@")[0] if isinstance(name, str) else name
        rule = self._rules.get(plain)
        if rule is None or name not in (rule.name, rule.spoken):
            known = [found.name if name == plain else found.spoken for found in self._rules.values()]
            raise InputError(self.argument, name, f"one of {', '.join(known)}")
        return rule

    def names(self) -> tuple[str, ...]:
        """Return the names of all rules, the paper's first."""
        return tuple(self._rules)

    def _compile(self, function: Callable[..., Any]) -> Any:
        import numba

        python = getattr(function, "py_func", function)  # a function that numba.njit compiled already
        try:
            return numba.cfunc(self._signature())(python)
        except (TypeError, numba.core.errors.NumbaError) as error:
            reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            raise InputError(
                "function", function, f"a function of ({self._takes}) that numba can compile ({reason})"
            ) from error


def _hash_of(function: Callable[..., Any]) -> str:
    """Return a hash of a function's source text; of its bytecode where there is none."""
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):
        code = getattr(getattr(function, "py_func", function), "__code__", None)
        text = "" if code is None else f"{code.co_code.hex()} {code.co_names} {code.co_consts}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _memory_signature() -> Any:
    from numba import types

    numbers = types.Array(types.float64, 1, "C", readonly=True)
    return types.int64(numbers, types.float64, types.float64)


def _sender_signature() -> Any:
    from numba import types

    numbers = types.Array(types.float64, 1, "C", readonly=True)
    return types.int64(numbers, types.int64, types.int64, types.float64)


POLICIES = Registry("policy", FARTHEST, "memory, y, u", _memory_signature)
NEIGHBOURS = Registry("neighbours", NEAREST, "log_odds, receiver, k, u", _sender_signature)


def register_memory_policy(name: str, function: Callable[..., Any]) -> Rule:
    """Add a rule for which element of a receiver's memory an arrival replaces.

    Parameters
    ----------
    name : str
        A name that no other function has, for `ChainParameters(policy=name)`.
    function : callable
        Of `memory`, an array (r,) of the receiver's elements with the oldest first, the arrival `y`, and a uniform
        number `u` in (0, 1) of its own for each step. It returns the index of the element to go, from 0 to r - 1;
        a simulation in which it returns another ends with a ValueError. numba compiles it, and `memory` cannot be
        written to.

    Returns
    -------
    Rule
        Its record.

    Raises
    ------
    InputError
        If the name is another function's or the function cannot be compiled.

    Notes
    -----
    The elements of a start count as older than all arrivals, the first one as the oldest.

    Examples
    --------
    >>> def any_one(memory, y, u):
    ...     return int(u * memory.size)
    >>> register_memory_policy("doctest-any", any_one).name
    'doctest-any'
    """
    return POLICIES.add(name, function)


def register_neighbour_rule(name: str, function: Callable[..., Any]) -> Rule:
    """Add a rule for who sends to the agent that is updated.

    Parameters
    ----------
    name : str
        A name that no other function has, for `ChainParameters(neighbours=name)`.
    function : callable
        Of `log_odds`, an array (m,) of all agents' log-odds, the `receiver`'s number, the neighbourhood size `k` (0
        where the chain has none), and a uniform number `u` in (0, 1) of its own for each step. It returns the
        sender's number, from 0 to m - 1; a simulation in which it returns another ends with a ValueError. numba
        compiles it, and `log_odds` cannot be written to.

    Returns
    -------
    Rule
        Its record.

    Raises
    ------
    InputError
        If the name is another function's or the function cannot be compiled.

    Notes
    -----
    With `mirror`, the receiver is its own sender with that probability, and else the rule is asked.

    Examples
    --------
    >>> def ring(log_odds, receiver, k, u):
    ...     return (receiver + int(u * (k + 1))) % log_odds.size
    >>> register_neighbour_rule("doctest-ring", ring).name
    'doctest-ring'
    """
    return NEIGHBOURS.add(name, function)
