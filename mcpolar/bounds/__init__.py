"""Certified and paper forms of every statement of theory.md, sections 3 and 4; one statement per module.

The functions carry their modules' names: `mcpolar.bounds.theorem2` is the function. Every statement of the table is
here; those that are also imported by name are seen by type checkers.
"""

from mcpolar.bounds.consensus import consensus, consensus_barrier, fewest_steps
from mcpolar.bounds.corollaries import (
    expected_hitting_time,
    expected_time_on_one_side,
    not_polarized,
    polarized,
    slowest_expected_time,
)
from mcpolar.bounds.general_permanence import general_permanence
from mcpolar.bounds.general_theorem1 import general_theorem1
from mcpolar.bounds.general_theorem2 import general_theorem2
from mcpolar.bounds.lemma1 import lemma1
from mcpolar.bounds.lemma2 import lemma2
from mcpolar.bounds.one_sided import one_sided
from mcpolar.bounds.permanence import permanence
from mcpolar.bounds.proposition1 import proposition1
from mcpolar.bounds.proposition2 import own_side_weights, proposition2
from mcpolar.bounds.proposition3 import proposition3
from mcpolar.bounds.silo_persistence import silo_persistence
from mcpolar.bounds.theorem1 import theorem1
from mcpolar.bounds.theorem2 import theorem2
from mcpolar.bounds.theorem2_ascent import theorem2_ascent
from mcpolar.statements import STATEMENTS

__all__ = [
    "consensus",
    "consensus_barrier",
    "expected_hitting_time",
    "expected_time_on_one_side",
    "fewest_steps",
    "general_permanence",
    "general_theorem1",
    "general_theorem2",
    "lemma1",
    "lemma2",
    "not_polarized",
    "one_sided",
    "own_side_weights",
    "permanence",
    "polarized",
    "proposition1",
    "proposition2",
    "proposition3",
    "silo_persistence",
    "slowest_expected_time",
    "theorem1",
    "theorem2",
    "theorem2_ascent",
]

for _name, _record in STATEMENTS.items():
    globals()[_name] = _record.function
__all__ += [name for name in STATEMENTS if name not in __all__]
