"""What a result was made from: parameters, seed and versions, without anything of the machine but its kind."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from mcpolar.versions import versions


def provenance(parameters: Mapping[str, Any], seed: int | None) -> dict[str, Any]:
    """Return a record for JSON: the parameters, the seed, versions and the platform.

    Parameters
    ----------
    parameters : mapping
        What was computed, in numbers, strings and lists.
    seed : int or None
        With the parameters, it gives the same bits again; None where nothing was drawn.

    Examples
    --------
    >>> sorted(provenance({"m": 30}, 7))
    ['parameters', 'platform', 'seed', 'versions']
    """
    return {
        "parameters": dict(parameters),
        "seed": seed,
        "versions": versions(),
        "platform": f"{platform.system()} {platform.machine()}",
    }
