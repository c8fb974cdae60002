import json

import numpy as np
import pytest

from mcpolar.chain import ChainState, Start, simulate
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.runs import Cell, RunPlan
from mcpolar.runs.plan import Block
from tests.runs.plans import small

CHAIN = ChainParameters(m=4, r=2, sigma="0.4")


def test_law_blocks_cover_every_replica_once():
    for block in (1, 7, 50, 64):
        seen = [
            (part.cell, replica)
            for part in small(block).blocks()
            for replica in range(part.first, part.first + part.count)
        ]
        assert seen == [(cell, replica) for cell in range(3) for replica in range(50)]


def test_law_plans_of_one_store_differ_in_cells_replicas_steps_and_blocks():
    plan = small()
    assert plan.identity() == small(block=3).identity() == small(replicas=51).identity()
    assert plan.identity() != plan_with_trajectories(plan).identity()
    assert plan.identity() != small(seed=6).identity()


def test_law_identity_of_a_cell_is_all_but_how_far_it_goes():
    usual = cell_of()
    assert usual.identity == cell_of(steps=101).identity == cell_of(sigma="4e-1").identity
    for change in ({"level": 2}, {"every": 3}, {"start": "undecided"}, {"sigma": "0.5"}):
        assert cell_of(**change).identity != usual.identity
    assert len({tuple(cell_of(**change).key) for change in ({}, {"level": 2}, {"every": 3})}) == 1
    assert len({tuple(cell_of(**change).key) for change in ({}, {"start": "undecided"}, {"sigma": 0.5})}) == 3


def cell_of(start="random", steps=100, sigma="0.4", **options) -> Cell:
    return Cell(ChainParameters(m=4, r=2, sigma=sigma), start, steps, **options)


def test_identity_of_a_start_state_is_its_numbers():
    states = [ChainState.from_arrays(np.full((1, 4), value), np.ones((1, 4, 2))) for value in (1.0, 1.0, 2.0)]
    first, same, other = (Cell(CHAIN, state, 5).identity for state in states)
    assert first == same != other
    assert len(json.loads(first)["start"]["sha256"]) == 64


def test_cells_draw_under_keys_of_their_own():
    other = ChainParameters(m=4, r=2, sigma="0.5")
    plan = RunPlan([Cell(CHAIN, "random", 5), Cell(other, "random", 5)], replicas=3, seed=9)
    states = [plan.ensemble(Block(cell, 0, 3)).arrays(0, 3)[0] for cell in (0, 1)]
    assert (states[0] != states[1]).any()
    alone = simulate(other, "random", 0, seed=9, replicas=3, cell=plan.cells[1].key)
    assert (states[1] == alone.final.log_odds).all()


def test_law_equal_cells_are_one():
    cells = [cell_of(sigma=sigma) for sigma in ("0.3", "0.30", "3e-1", 0.3)]
    assert len(RunPlan(cells, replicas=3, seed=9).cells) == 1
    assert len(RunPlan([cell_of(), cell_of(steps=5)], replicas=3, seed=9).cells) == 2


def test_a_block_of_a_start_state_holds_its_rows_only():
    state = ChainState.from_arrays(np.arange(40.0).reshape(10, 4), np.ones((10, 4, 2)))
    plan = RunPlan([Cell(CHAIN, state, 5)], replicas=10, seed=9, block=4)
    last = list(plan.blocks())[-1]
    assert plan.ensemble(last).start.log_odds.tolist() == state.log_odds[8:].tolist()
    one = ChainState.from_arrays(np.arange(4.0), np.ones((4, 2)))
    assert RunPlan([Cell(CHAIN, one, 5)], replicas=10, seed=9, block=4).ensemble(last).start.n_replicas == 1


def test_defaults():
    cell = Cell(CHAIN, "random", "10*m")
    assert (cell.steps, cell.every, cell.level) == (40, 4, 1)
    assert RunPlan([cell], replicas=3, seed=1).n_steps == 120


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Cell(CHAIN, "polarised", 5), "start"),
        (lambda: Cell(CHAIN, Start("polarized", split=5), 5), "split"),
        (lambda: Cell(CHAIN, "random", -5), "steps"),
        (lambda: Cell(CHAIN, "random", 5, level=0), "level"),
        (lambda: Cell(CHAIN, "random", 5, every=0), "every"),
        (lambda: RunPlan([], replicas=1, seed=1), "cells"),
        (lambda: RunPlan([CHAIN], replicas=1, seed=1), "cells"),
        (lambda: RunPlan([Cell(CHAIN, "random", 5)], replicas=0, seed=1), "replicas"),
        (lambda: RunPlan([Cell(CHAIN, "random", 5)], replicas=1, seed=-1), "seed"),
        (lambda: RunPlan([Cell(CHAIN, "random", 5)], replicas=1, seed=1, block=0), "block"),
        (lambda: RunPlan([Cell(CHAIN, "random", 5)], replicas=2**32, seed=1, block=1), "block"),
        (
            lambda: _one(start=ChainState.from_arrays(np.zeros((3, 4)), np.ones((3, 4, 2))), steps=5),
            "replicas",
        ),
    ],
)
def test_rejects(make, name):
    with pytest.raises(InputError, match=f"`{name}` must be"):
        make()


def plan_with_trajectories(plan: RunPlan) -> RunPlan:
    return RunPlan(plan.cells, plan.replicas, plan.seed, trajectories=True)


def _one(**options) -> RunPlan:
    start, steps = options.pop("start"), options.pop("steps")
    return RunPlan([Cell(CHAIN, start, steps, **options)], replicas=10, seed=1)
