"""What a block keeps, against the recorded trajectories of the same replicas."""

import numpy as np
import pytest

from mcpolar import events
from mcpolar.chain import simulate
from mcpolar.parameters import ChainParameters
from mcpolar.runs import Cell
from mcpolar.runs.observe import NEVER, OBSERVABLES, Task, compute
from tests.runs.plans import small


def first_time(happens: np.ndarray, steps: np.ndarray) -> int:
    return next((int(step) for step, now in zip(steps, happens, strict=True) if now), NEVER)


@pytest.mark.parametrize("cell", [0, 1, 2])
def test_twin_recorded_trajectories(cell):
    plan = small(block=50)
    block = list(plan.blocks())[cell]
    given = plan.cells[cell]
    start = given.ensemble.start
    path = simulate(
        given.parameters,
        start,
        given.steps,
        seed=plan.seed,
        cell=given.key,
        replicas=50,
        every=given.every,
        memory=True,
    )
    columns = compute(Task.of(plan, block)).columns
    assert list(columns) == list(OBSERVABLES)
    silo, polarized = events.silos(path.log_odds), events.is_polarized(path, given.parameters, given.level)
    for replica in range(50):
        hit = first_time(polarized[replica], path.steps)
        after = ~polarized[replica] & (path.steps > hit) & (hit != NEVER)
        expected = {
            "agents_plus": silo[replica, -1].sum(),
            "silos": len(set(silo[replica, -1].tolist())),
            "smallest_log_odds": np.abs(path.log_odds[replica, -1]).min(),
            "polarized": polarized[replica, -1],
            "hitting_time": hit,
            "exit_time": first_time(after, path.steps),
            "silo_change_time": first_time((silo[replica] != silo[replica, 0]).any(axis=1), path.steps),
        }
        assert {name: columns[name][replica] for name in OBSERVABLES} == expected
    # the cells are chosen so that something is seen
    assert (columns["hitting_time"] != NEVER).any()
    assert (columns["silo_change_time"] != NEVER).any() or cell == 2


def test_a_stopped_block_gives_nothing():
    plan = small()
    block = next(plan.blocks())
    assert compute(Task.of(plan, block), lambda: True) is None
    answers = iter([False] * 3 + [True] * 1000)
    assert compute(Task.of(plan, block), lambda: next(answers)) is None


@pytest.mark.parametrize(
    ("steps", "every", "marks"), [(10, 4, [0, 4, 8, 10]), (8, 4, [0, 4, 8]), (0, 3, [0]), (2, 9, [0, 2])]
)
def test_reference_marks(steps, every, marks):
    assert list(Cell(ChainParameters(m=2, r=1, sigma=1), "random", steps, every=every).marks()) == marks
