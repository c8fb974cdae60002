"""Certified bounds, simulation and metastability of polarization among interacting generative agents.

What a user needs is here by name and loaded when it is first used: ``import mcpolar as mp``, then
``mp.theorem2(mp.ChainParameters(m=30, r=5, sigma="0.3"), level=1, steps=1021)``. Every statement is a function of its
name. Whatever else is public is in the packages' ``__all__``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, which takes longer to import than all else here
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "Bound": "results",
    "BoundTable": "bounds.tables",
    "ChainParameters": "parameters",
    "ChainState": "chain",
    "Comparison": "results",
    "Estimate": "results",
    "Guarantee": "results",
    "InputError": "errors",
    "McpolarError": "errors",
    "MixtureParameters": "mixture",
    "PrecisionError": "errors",
    "ResourceError": "errors",
    "Start": "chain",
    "Trajectory": "chain",
    "compare": "montecarlo",
    "estimate": "montecarlo",
    "passage_times": "metastability",
    "register_memory_policy": "rules",
    "register_neighbour_rule": "rules",
    "run_experiment": "experiments",
    "simulate": "chain",
    "solve": "answers",
    "solve_estimate": "answers",
    "study": "answers",
    "table": "bounds.tables",
    "validate": "montecarlo",
}
_PACKAGES = (
    "answers",
    "bounds",
    "chain",
    "confidence",
    "errors",
    "events",
    "exact",
    "experiments",
    "exponents",
    "metastability",
    "mixture",
    "montecarlo",
    "results",
    "rules",
    "runs",
    "statements",
)


def __getattr__(name: str) -> Any:
    """Load a name of the face, or a statement, when it is first asked for (PEP 562)."""
    from importlib import import_module
    from importlib.util import find_spec

    if name in _PLACES:
        found = getattr(import_module(f"mcpolar.{_PLACES[name]}"), name)
    elif not name.startswith("_") and find_spec(f"mcpolar.{name}") is not None:
        found = import_module(f"mcpolar.{name}")
    elif not name.startswith("_") and name in _statements():
        found = getattr(import_module("mcpolar.bounds"), name)
    else:
        raise AttributeError(f"module 'mcpolar' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the names of the face, for completion."""
    return sorted({*_PLACES, *_PACKAGES, *_statements(), "__version__"})


def _statements() -> tuple[str, ...]:
    from importlib import import_module

    return tuple(import_module("mcpolar.statements").NAMES)
