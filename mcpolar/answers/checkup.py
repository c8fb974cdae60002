"""Whether this installation works: what is there, and a test of the chain's law and of the bounds, in seconds."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from mcpolar.bounds import silo_persistence, theorem2, theorem2_ascent
from mcpolar.chain import simulate
from mcpolar.chain.update import update_agent
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound
from mcpolar.versions import versions

PUBLISHED = "2.984834e-45"
"""The paper's table 1 at m = 30, sigma = 0.3, level 1, 10 m log m steps."""
DIGITS = 60
"""Of mpmath's values; an enclosure is sharp to 29."""
TOLERANCE = 1e-9
_EXTRA = re.compile(r"""^([\w.-]+).*extra\s*==\s*["']([\w-]+)["']""")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What.
    is_sound : bool
        Whether it is as it should be.
    text : str
        What was found.
    """

    name: str
    is_sound: bool
    text: str


@dataclass(frozen=True)
class Checkup:
    """What is installed, and whether it works.

    Attributes
    ----------
    versions : dict
        Of mcpolar, Python and the packages that compute.
    threads : int
        Of this machine.
    cache : str
        Where compiled loops are kept, and whether there are any.
    extras : dict
        Optional parts: which of their packages are missing.
    checks : tuple of Check
        The tests.
    """

    versions: dict[str, str]
    threads: int
    cache: str
    extras: dict[str, tuple[str, ...]]
    checks: tuple[Check, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every test passed."""
        return all(one.is_sound for one in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of the command line's JSON."""
        return {
            "kind": "checkup",
            "versions": self.versions,
            "threads": self.threads,
            "cache": self.cache,
            "extras": {name: list(missing) for name, missing in self.extras.items()},
            "checks": [vars(one) for one in self.checks],
            "sound": self.is_sound,
        }


def checkup() -> Checkup:
    """Look at the installation, and test the compiled chain against its definition and the bounds against mpmath.

    Examples
    --------
    >>> checkup().is_sound
    True
    """
    cache = cache_state()  # before the tests compile anything
    checks = (_timed("the chain's law", law_error), _timed("the bounds", bounds_error))
    return Checkup(versions(), os.cpu_count() or 1, cache, missing_extras(), checks)


def cache_state() -> str:
    """Say where compiled loops are kept and how many there are."""
    from mcpolar.compiled.caching import cache_folder, can_keep

    if not can_keep():
        return "nowhere: every run compiles its loops anew"
    kept = sum(1 for _ in cache_folder().glob("**/*.nbi"))
    return f"{cache_folder()}: {f'{kept} loops are compiled' if kept else 'empty: the first run compiles its loops'}"


def missing_extras() -> dict[str, tuple[str, ...]]:
    """Return the optional parts of the distribution, each with the packages that it lacks here."""
    try:
        required = importlib.metadata.requires("mcpolar") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found: dict[str, list[str]] = {}
    for line in required:
        if (part := _EXTRA.match(line)) and part.group(2) not in ("dev", "all"):
            missing = found.setdefault(part.group(2), [])
            if not _is_installed(part.group(1)):
                missing.append(part.group(1))
    return {name: tuple(missing) for name, missing in sorted(found.items())}


def _is_installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _timed(name: str, test: Callable[[], str | None]) -> Check:
    began = time.perf_counter()
    wrong = test()
    took = time.perf_counter() - began
    return Check(name, wrong is None, f"{'passed' if wrong is None else wrong} ({took:.1f} s)")


def law_error(steps: int = 60, replicas: int = 8) -> str | None:
    """Hold every compiled step against the definition: one agent at most changes, and as the definition says."""
    for chain in (ChainParameters(5, 3, "0.4"), ChainParameters(6, 2, "0.7", 2)):
        path = simulate(chain, "random", steps, seed=1, every=1, replicas=replicas, memory=True)
        if path.memory is None:
            return "no memories were recorded"
        for replica in range(replicas):
            for step in range(steps):
                odds, memory = (values[replica, step : step + 2] for values in (path.log_odds, path.memory))
                if wrong := step_error(chain, odds, memory):
                    return f"step {step} of replica {replica}: {wrong}"
    return None


def step_error(chain: ChainParameters, odds: Any, memory: Any) -> str | None:
    """Return what is wrong with one step, from the states before and after it; None if nothing is."""
    changed = np.flatnonzero((odds[0] != odds[1]) | (memory[0] != memory[1]).any(axis=1))
    if len(changed) > 1:
        return f"{len(changed)} agents changed"
    for i in changed:
        new = np.flatnonzero(memory[0, i] != memory[1, i])
        if len(new) != 1:
            return f"{len(new)} numbers of a memory changed"
        arrival = float(memory[1, i, new[0]])
        expected, kept = update_agent(float(odds[0, i]), memory[0, i], arrival, chain.sigma)
        if not np.array_equal(kept, memory[1, i]):
            return "another number than the farthest was replaced"
        if abs(expected - odds[1, i]) > TOLERANCE * (1 + abs(expected)):
            return f"log-odds {odds[1, i]} instead of {expected}"
    return None


def bounds_error() -> str | None:
    """Hold bounds against mpmath, with no ball arithmetic, and against the paper's table."""
    chain = ChainParameters(m=30, r=5, sigma="0.3")
    paper = theorem2(chain, level=1, steps="10*m*log(m)", variant="paper").lower()
    if paper != PUBLISHED:
        return f"the paper's table has {PUBLISHED}, not {paper}"
    bounds = (
        theorem2(chain, level=1, steps=1021),
        silo_persistence(chain, level=1, steps=1021),
        theorem2_ascent(chain, level=1, steps=205),
    )
    wrong = [bound.statement for bound in bounds if not is_enclosed(bound)]
    return f"not as mpmath has it: {', '.join(wrong)}" if wrong else None


def is_enclosed(bound: Bound) -> bool:
    """Return whether mpmath's value of the formula lies between the ends of the bound's enclosure."""
    exact = Fraction(mpmath.nstr(bound.evalf(DIGITS), DIGITS))
    return bound.upper is not None and bound.value.fraction <= exact <= bound.upper.fraction
