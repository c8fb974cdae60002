"""The times of a population's limit: rounds of m steps, increasing from 0 on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.errors import InputError


def read_rounds(rounds: ArrayLike) -> NDArray[np.float64]:
    """Return the times as a vector; refuse what does not increase from 0 on.

    Examples
    --------
    >>> read_rounds([0, 0.5, 2])
    array([0. , 0.5, 2. ])
    """
    times = np.asarray(rounds, dtype=np.float64)
    is_vector = times.ndim == 1 and times.size > 0 and bool(np.isfinite(times).all())
    if not is_vector or times[0] < 0 or (np.diff(times) <= 0).any():
        raise InputError("rounds", rounds, "increasing times from 0 on")
    return times
