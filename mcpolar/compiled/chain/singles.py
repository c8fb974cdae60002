"""The loop over single replicas, one after another: for few replicas, or what lanes have no code for."""

from __future__ import annotations

from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.law import (
    Law,
    Span,
    State,
    agents_of,
    draw_step,
    first_draw,
    take_step,
)
from mcpolar.compiled.chain.order import Order
from mcpolar.compiled.chain.passages import Watch, begin_watch, note_update


@loop
def advance_singly(state: State, law: Law, span: Span, order: Order | None, watch: Watch | None) -> None:
    """Advance every replica in place.

    `order` is scratch for a neighbourhood, `watch` what is watched; where they are absent numba compiles no code for
    them.
    """
    for row in range(state.log_odds.shape[0]):
        agents, replica = agents_of(state, row, order), span.first_replica + row
        if watch is not None:
            begin_watch(watch, row, agents.log_odds, agents.memory, span.first_step)
        draw = first_draw()
        for step in range(span.first_step, span.first_step + span.n_steps):
            draw = draw_step(law, Purpose.STEP, Purpose.NORMAL, replica, step, draw, step == span.first_step)
            take_step(law, agents, order, replica, step, draw)
            if watch is not None:
                note_update(watch, row, draw.receiver, agents.log_odds, agents.memory, step + 1)
