"""Thirty-two steps of one replica together, and the loops one step at a time: the same bits."""

import numpy as np
import pytest

from mcpolar.compiled.chain.law import Span, State, make_law
from mcpolar.compiled.chain.singles import advance_singly
from mcpolar.compiled.chain.steps import advance_steps
from mcpolar.rng import philox_key

KEY = philox_key(11)


def start(m, r, sigma):
    generator = np.random.default_rng(2)
    memory = generator.choice([-1.0, 1.0], (2, m, r)) + sigma * generator.normal(size=(2, m, r))
    return State(generator.normal(size=(2, m)), memory, np.empty((2, 0), np.int64))


# few agents, where almost no steps go together, and many; steps beyond a block of draws
@pytest.mark.parametrize(("m", "r", "mirror"), [(1, 2, 0.3), (3, 1, -1.0), (30, 5, 0.4), (1000, 4, -1.0)])
def test_law_together_and_apart_are_one_path(m, r, mirror):
    law, together, apart = make_law(m, r, 0.3, 0, mirror, KEY), start(m, r, 0.3), start(m, r, 0.3)
    for first, n_steps in [(3, 700), (703, 1), (704, 1600)]:
        advance_steps(together, law, Span(5, first, n_steps), None)
    advance_singly(apart, law, Span(5, 3, 2301), None, None)
    assert all((a == b).all() for a, b in zip(together, apart, strict=True))


def test_control_a_step_that_reads_what_another_writes_must_wait():
    """With three agents nearly every step touches the last one's: taken together they would be another path."""
    law, path = make_law(3, 2, 0.3, 0, -1.0, KEY), start(3, 2, 0.3)
    advance_steps(path, law, Span(0, 0, 32), None)
    frozen = start(3, 2, 0.3)
    for step in range(32):
        one = start(3, 2, 0.3)
        advance_steps(one, law, Span(0, step, 1), None)
        changed = one.log_odds != start(3, 2, 0.3).log_odds
        frozen.log_odds[changed] = one.log_odds[changed]
    assert (frozen.log_odds != path.log_odds).any()
