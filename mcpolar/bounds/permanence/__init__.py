"""PM1, PM and PMr: no agent ever changes its silo, for all time; the mathematics in parts.

The function carries the package's name: `mcpolar.bounds.permanence` is the function.
"""

from mcpolar.bounds.permanence.permanence import permanence, permanence_at

__all__ = ["permanence", "permanence_at"]
