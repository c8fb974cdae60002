"""First passage times against the slow definition on the stored trajectory."""

import numpy as np
import pytest

from mcpolar.chain.state import weight_keys
from mcpolar.compiled.base.simd import LANES
from mcpolar.compiled.chain.ensemble import advance, advance_watching
from mcpolar.compiled.chain.law import Span, State, make_law
from mcpolar.compiled.chain.passages import Passage, new_watch
from mcpolar.rng import philox_key

KEY = philox_key(8)
SIGMA, N_STEPS = 0.6, 40
THRESHOLD, LOW, HIGH = 1.0, 0.5, 1.5


def start(n_replicas, m, r):
    generator = np.random.default_rng(6)
    side = generator.choice([-1.0, 1.0], (n_replicas, m))
    side[::3] = 1.0
    memory = side[..., None] + 0.2 * generator.normal(size=(n_replicas, m, r))
    return side * generator.uniform(0.5, 3.0, (n_replicas, m)), memory


def happens(log_odds, memory, is_plus_at_start):
    """Return which events hold, by their definitions."""
    is_plus = log_odds > 0
    own = np.where(is_plus[..., None], memory, -memory)
    polarized = (np.abs(log_odds) >= THRESHOLD).all(-1) & ((own >= LOW) & (own <= HIGH)).all((-2, -1))
    consensus = is_plus.all(-1) | ~is_plus.any(-1)
    return np.stack([polarized, (is_plus != is_plus_at_start).any(-1), consensus], axis=-1)


def with_keys(log_odds, memory, k, mirror):
    """Return a state and its law."""
    m, r = memory.shape[1:]
    keys = weight_keys(log_odds, r) if k else np.empty((len(log_odds), 0), np.int64)
    return State(log_odds.copy(), memory.copy(), keys), make_law(m, r, SIGMA, k, mirror, KEY)


def times_by_definition(log_odds, memory, k, mirror):
    (log_odds, memory, keys), law = with_keys(log_odds, memory, k, mirror)
    is_plus_at_start = log_odds > 0
    times = np.where(happens(log_odds, memory, is_plus_at_start), 0, -1)
    for step in range(N_STEPS):
        advance(State(log_odds, memory, keys), law, Span(4, step, 1))
        times = np.where((times < 0) & happens(log_odds, memory, is_plus_at_start), step + 1, times)
    return times


@pytest.mark.parametrize("n_replicas", [5, LANES + 20])
@pytest.mark.parametrize(("k", "mirror"), [(0, -1.0), (2, 0.1)])
def test_twin_first_passages(n_replicas, k, mirror):
    log_odds, memory = start(n_replicas, 4, 2)
    expected = times_by_definition(log_odds, memory, k, mirror)
    plain, law = with_keys(log_odds, memory, k, mirror)
    watched = plain.copy()
    advance(plain, law, Span(4, 0, N_STEPS))
    watch = new_watch(THRESHOLD, LOW, HIGH, log_odds > 0, np.full((n_replicas, 3), -1))
    for first, n_steps in [(0, 17), (17, 1), (18, N_STEPS - 18)]:
        advance_watching(watched, law, Span(4, first, n_steps), watch)
    assert (watch.times == expected).all()
    assert all((a == b).all() for a, b in zip(watched, plain, strict=True))
    if n_replicas > LANES:  # every event was met at the start by some, later by others, and never by others
        for event in Passage:
            at_start, later = (expected[:, event] == 0).any(), (expected[:, event] > 0).any()
            assert later and (at_start or event == Passage.SILO_CHANGED) and (expected[:, event] < 0).any()
