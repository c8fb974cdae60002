"""The compiled ensemble against the definition in arbitrary precision, fed the same draws."""

import numpy as np
import pytest

from mcpolar.compiled.ensemble import advance
from mcpolar.rng import philox_key
from tests.twins import chain as twin

KEY = philox_key(3)


def random_state(n_replicas, m, r, sigma, scale, seed=5):
    generator = np.random.default_rng(seed)
    side = generator.choice([-1.0, 1.0], (n_replicas, m, 1))
    return scale * generator.normal(size=(n_replicas, m)), side + sigma * generator.normal(
        size=(n_replicas, m, r)
    )


def advanced(state, *arguments, by=advance):
    log_odds, memory = (array.copy() for array in state)
    by(log_odds, memory, *arguments)
    return log_odds, memory


def relative_difference(a, b):
    return max(float(np.max(np.abs(x - y) / (1 + np.abs(y)))) for x, y in zip(a, b, strict=True))


# m, r, sigma, k (0: none), mirror (negative: none), scale of the log-odds at the start
CASES = [
    (6, 3, 0.5, 0, -1.0, 1.0),
    (6, 3, 0.02, 0, -1.0, 1e6),
    (6, 3, 0.5, 2, -1.0, 0.0),
    (8, 2, 1.0, 3, -1.0, 30.0),
    (4, 2, 0.05, 2, -1.0, 1e6),
    (7, 5, 0.7, 6, -1.0, 0.1),
    (8, 2, 0.2, 0, 0.3, 1.0),
    (5, 1, 0.3, 2, 0.5, 1e3),
    (5, 1, 0.9, 0, -1.0, 1.0),
    (1, 4, 0.3, 0, 0.5, 1.0),
    (3, 17, 0.4, 0, -1.0, 1.0),
]


@pytest.mark.parametrize(("m", "r", "sigma", "k", "mirror", "scale"), CASES)
def test_twin_same_path(m, r, sigma, k, mirror, scale):
    start = random_state(3, m, r, sigma, scale)
    arguments = (sigma, k, mirror, KEY, 7, 2**32 - 51, 101)
    assert (
        relative_difference(advanced(start, *arguments), advanced(start, *arguments, by=twin.advance)) < 1e-12
    )


def test_law_blocks_and_calls_change_no_bit():
    start = random_state(5, 8, 3, 0.5, 2.0)
    whole = advanced(start, 0.5, 3, 0.2, KEY, 10, 0, 90)
    rows = [
        advanced([array[R : R + 1] for array in start], 0.5, 3, 0.2, KEY, 10 + R, 0, 90) for R in range(5)
    ]
    halves = advanced(advanced(start, 0.5, 3, 0.2, KEY, 10, 0, 37), 0.5, 3, 0.2, KEY, 10, 37, 53)
    for part, array in enumerate(whole):
        assert (np.concatenate([row[part] for row in rows]) == array).all()
        assert (halves[part] == array).all()
