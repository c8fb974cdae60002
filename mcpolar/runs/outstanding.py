"""What a store lacks of a plan: blocks that go on from shorter ones, and new ones."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mcpolar.runs.plan import Block, RunPlan
from mcpolar.store import Kept, Store

Range = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A block to be computed, and the kept one that it goes on from."""

    block: Block
    since: Kept | None = None


def outstanding(plan: RunPlan, store: Store, unsound: Iterable[Kept] = ()) -> list[Piece]:
    """Return what is to be computed, cell by cell.

    Parameters
    ----------
    plan : RunPlan
        What is asked for.
    store : Store
        What is there.
    unsound : iterable of Kept
        Blocks that do not count.
    """
    apart, with_state = {kept.row for kept in unsound}, store.with_state()
    of_cell: dict[str, list[Kept]] = {}
    for kept in store.kept():
        if kept.row not in apart:
            of_cell.setdefault(kept.place.cell, []).append(kept)
    pieces = []
    for number, cell in enumerate(plan.cells):
        found = of_cell.get(cell.identity, [])
        done = [kept for kept in found if kept.place.reach == cell.steps]
        shorter = [kept for kept in found if kept.place.reach < cell.steps and kept.row in with_state]
        if plan.trajectories:  # their chunks are written whole
            shorter = [kept for kept in shorter if _is_whole(kept, plan)]
        gaps = [gap for gap, _ in _cut([(0, plan.replicas)], done, keep_gaps=True)]
        pieces += sorted(_of_cell(number, gaps, shorter, plan), key=lambda piece: piece.block.first)
    return pieces


def _of_cell(number: int, gaps: list[Range], shorter: list[Kept], plan: RunPlan) -> Iterator[Piece]:
    by_reach = sorted(shorter, key=lambda kept: -kept.place.reach)
    for _, group in itertools.groupby(by_reach, key=lambda kept: kept.place.reach):
        remaining = []
        for (first, end), kept in _cut(gaps, list(group)):
            if kept is None:
                remaining.append((first, end))
            else:
                yield Piece(Block(number, first, end - first), kept)
        gaps = remaining
    for first, end in gaps:
        at = first
        while at < end:  # blocks begin at multiples of their size, but for the first of a gap
            stop = min(end, (at // plan.block + 1) * plan.block)
            yield Piece(Block(number, at, stop - at))
            at = stop


def _cut(
    gaps: list[Range], kept: list[Kept], *, keep_gaps: bool = False
) -> Iterator[tuple[Range, Kept | None]]:
    """Yield the parts of the gaps that blocks cover, each with its block, and the parts that none covers."""
    ordered = sorted(kept, key=lambda one: one.place.first)
    ends = list(itertools.accumulate((one.place.first + one.place.count for one in ordered), max))
    for first, end in gaps:
        at = first
        for one in ordered[bisect.bisect_right(ends, first) :]:
            begin, stop = max(at, one.place.first), min(end, one.place.first + one.place.count)
            if one.place.first >= end:
                break
            if begin >= stop:
                continue
            if at < begin:
                yield (at, begin), None
            if not keep_gaps:
                yield (begin, stop), one
            at = stop
        if at < end:
            yield (at, end), None


def _is_whole(kept: Kept, plan: RunPlan) -> bool:
    end = kept.place.first + kept.place.count
    return kept.place.first % plan.block == 0 and (kept.place.count == plan.block or end == plan.replicas)
