"""The compiled ensemble against the definition in arbitrary precision, fed the same draws."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mcpolar.chain.state import weight_keys
from mcpolar.compiled.base.simd import LANES
from mcpolar.compiled.chain.ensemble import advance
from mcpolar.compiled.chain.law import Span, State, make_law
from mcpolar.rng import philox_key
from tests.twins import chain as twin

KEY = philox_key(3)


def random_state(n_replicas, m, r, sigma, scale, seed=5):
    generator = np.random.default_rng(seed)
    side = generator.choice([-1.0, 1.0], (n_replicas, m, 1))
    return scale * generator.normal(size=(n_replicas, m)), side + sigma * generator.normal(
        size=(n_replicas, m, r)
    )


def by_loops(log_odds, memory, sigma, k, mirror, key, *span, keys=None):
    """Advance in place by the compiled loops; returns the state with its keys."""
    r = memory.shape[2]
    if keys is None:
        keys = weight_keys(log_odds, r) if k else np.empty((len(log_odds), 0), np.int64)
    state = State(log_odds, memory, keys)
    advance(state, make_law(log_odds.shape[1], r, sigma, k, mirror, key), Span(*span))
    return state


def advanced(state, *arguments, by=by_loops, keys=None):
    log_odds, memory = (array.copy() for array in state[:2])
    options = {} if keys is None else {"keys": keys.copy()}
    return by(log_odds, memory, *arguments, **options) or (log_odds, memory)


def relative_difference(a, b):
    return max(float(np.max(np.abs(x - y) / (1 + np.abs(y)))) for x, y in zip(a[:2], b[:2], strict=True))


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
    (4, 3, 1e-6, 2, -1.0, 1.0),
    (4, 3, 1e6, 2, -1.0, 1.0),
    (2, 4, 1e-6, 0, -1.0, 1e13),
]


@pytest.mark.parametrize(("m", "r", "sigma", "k", "mirror", "scale"), CASES)
def test_twin_same_path(m, r, sigma, k, mirror, scale):
    start = random_state(3, m, r, sigma, scale)
    arguments = (sigma, k, mirror, KEY, 7, 2**32 - 51, 101)
    assert (
        relative_difference(advanced(start, *arguments), advanced(start, *arguments, by=twin.advance)) < 1e-12
    )


@pytest.mark.parametrize(("m", "r", "sigma", "k", "mirror", "scale"), CASES)
def test_twin_lock_step_changes_no_bit(m, r, sigma, k, mirror, scale):
    start = random_state(LANES, m, r, sigma, scale)
    arguments = (sigma, k, mirror, KEY, 7, 2**32 - 51, 101)
    together = advanced(start, *arguments)
    alone = [
        advanced([array[R : R + 1] for array in start], sigma, k, mirror, KEY, 7 + R, *arguments[5:])
        for R in range(LANES)
    ]
    for part, array in enumerate(together):
        assert (np.concatenate([row[part] for row in alone]) == array).all()


def test_twin_lock_step_beyond_the_reduction_of_long_sums():
    start = random_state(LANES, 2, 1300, 40.0, 1.0)
    arguments = (40.0, 0, -1.0, KEY, 0, 0, 40)
    together = advanced(start, *arguments)
    alone = advanced([array[3:4] for array in start], 40.0, 0, -1.0, KEY, 3, 0, 40)
    slow = advanced([array[3:4] for array in start], 40.0, 0, -1.0, KEY, 3, 0, 40, by=twin.advance)
    assert all((a[3] == b[0]).all() for a, b in zip(together[:2], alone[:2], strict=True))
    assert relative_difference(alone, slow) < 1e-12


@pytest.mark.parametrize(("k", "mirror"), [(0, -1.0), (3, 0.2)])
def test_law_blocks_and_calls_change_no_bit(k, mirror):
    n_replicas, bounds = 75, [0, 1, 6, 38, 70, 75]
    start = random_state(n_replicas, 8, 3, 0.5, 2.0)
    whole = advanced(start, 0.5, k, mirror, KEY, 10, 0, 90)
    blocks = [
        advanced([array[a:b] for array in start], 0.5, k, mirror, KEY, 10 + a, 0, 90)
        for a, b in itertools.pairwise(bounds)
    ]
    calls, keys = start, None
    for first, last in itertools.pairwise([0, 1, 37, 38, 90]):
        calls = advanced(calls, 0.5, k, mirror, KEY, 10, first, last - first, keys=keys)
        keys = calls.keys
    for part, array in enumerate(whole):
        assert (np.concatenate([block[part] for block in blocks]) == array).all()
        assert (calls[part] == array).all()


def test_law_threads_change_no_bit():
    start = random_state(64, 8, 3, 0.5, 2.0)
    whole = advanced(start, 0.5, 0, -1.0, KEY, 0, 0, 500)
    shared = [array.copy() for array in start]
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda a: by_loops(*(x[a : a + 8] for x in shared), 0.5, 0, -1.0, KEY, a, 0, 500),
                range(0, 64, 8),
            )
        )
    assert all((a == b).all() for a, b in zip(whole[:2], shared, strict=True))


def test_control_another_replica_or_step_is_another_path():
    start = random_state(1, 8, 3, 0.5, 2.0)
    paths = [
        advanced(start, 0.5, 0, -1.0, KEY, *where, 90)[0] for where in [(0, 0), (1, 0), (0, 2), (0, 2**32)]
    ]
    assert len(np.unique(np.array(paths).sum(axis=2))) == 4


def test_law_no_steps_or_no_replicas():
    start = random_state(3, 8, 3, 0.5, 2.0)
    assert all(
        (a == b).all() for a, b in zip(advanced(start, 0.5, 0, -1.0, KEY, 0, 7, 0)[:2], start, strict=True)
    )
    assert advanced([array[:0] for array in start], 0.5, 0, -1.0, KEY, 0, 0, 5)[0].shape == (0, 8)


def test_twin_many_ranks_in_order():
    """Ties at the start, symmetric log-odds around agents at 0, and every rank, in lanes and alone."""
    start = random_state(LANES, 12, 3, 0.6, 1.0)
    start[0][:] = np.array([0, 1, -1, 0, 2, -2, 1, -1, 0, 3, -3, 5])
    for k, mirror in [(11, -1.0), (4, 0.1), (0, 0.4)]:
        together = advanced(start, 0.6, k, mirror, KEY, 0, 0, 80)
        alone = [advanced([a[R : R + 1] for a in start], 0.6, k, mirror, KEY, R, 0, 80) for R in range(LANES)]
        slow = advanced([a[:2] for a in start], 0.6, k, mirror, KEY, 0, 0, 80, by=twin.advance)
        for part, array in enumerate(together):
            assert (np.concatenate([row[part] for row in alone]) == array).all()
        assert relative_difference([array[:2] for array in together], slow) < 1e-12


@pytest.mark.parametrize("which", [0, 1])
def test_rejects_arrays_that_a_flat_view_would_copy(which):
    state = list(random_state(3, 4, 2, 0.5, 1.0))
    state[which] = np.asfortranarray(state[which])
    with pytest.raises(ValueError, match="must be C-contiguous"):
        by_loops(*state, 0.5, 0, -1.0, KEY, 0, 0, 1)
