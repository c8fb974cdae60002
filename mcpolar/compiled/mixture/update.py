"""One update of one agent of the general system: query, pseudo-update, answer, update; and its coming into force."""

from __future__ import annotations

from typing import Any

from numba import njit

from mcpolar.compiled.mixture.covariances import keep_covariances, update_covariances
from mcpolar.compiled.mixture.draws import Draws
from mcpolar.compiled.mixture.neighbours import choose_partner
from mcpolar.compiled.mixture.points import (
    SPLICED,
    Floats,
    Gaussians,
    copy_row,
    draw_component,
    exponentials,
    log_likelihoods,
    place_point,
)
from mcpolar.compiled.mixture.policies import nearest_remaining
from mcpolar.compiled.mixture.state import FIXED, Agents, Options, Pending, Work, compute_rows, describe_agent
from mcpolar.compiled.mixture.weights import clip_weights, log_mean_posterior, mean_posterior


@njit(**SPLICED)
def propose_update(
    options: Options,
    i: int,
    u: int,
    slot: int,
    draws: Draws,
    agents: Agents,
    gaussians: Gaussians,
    policy: Any,
    pending: Pending,
    work: Work,
) -> None:
    """Work out update u of the step, of agent i, from the state as it is; write it to row `slot` of `pending`.

    The same happens twice: to a copy of j's memory and weights with i's query, then to i's own with j's answer.
    """
    j = choose_partner(options, i, u, draws, agents, work)
    weights = agents.weights[j] if options.direct else agents.weights[i]
    for phase in range(1 if options.direct else 0, 2):
        is_query = phase == 0
        speaker, listener = (i, j) if is_query else (j, i)
        point = work.query if is_query else pending.point[slot]
        row = work.row if is_query else pending.likelihoods[slot]
        log_row = work.log_row if is_query else pending.log_likelihoods[slot]
        new_weights = work.answer if is_query else pending.weights[slot]
        component = draw_component(weights, options.c, agents.silo[speaker], draws.component[phase, u])
        place_point(
            speaker if options.owned else 0, component, options.kind, gaussians, draws.normal[u, phase], point
        )
        log_likelihoods(point, listener if options.owned else 0, options.kind, gaussians, work.b, log_row)
        exponentials(log_row, row)
        replaced = policy(agents.memory[listener], point, agents.history[listener], draws.policy[phase, u])
        pending.replaced[slot] = replaced
        _step_weights(options, listener, agents, replaced, row, log_row, work, new_weights)
        weights = new_weights
    _finish(options, i, slot, agents, gaussians, pending, work)


@njit(**SPLICED)
def _step_weights(
    options: Options,
    i: int,
    agents: Agents,
    replaced: int,
    row: Floats,
    log_row: Floats,
    work: Work,
    out: Floats,
) -> None:
    """Write agent i's weights after one EM step with one row replaced; as published if there is a floor."""
    weights = agents.weights[i]
    if options.floor > 0.0:
        clip_weights(agents.weights[i], options.c, options.floor, work.clipped)
        weights = work.clipped
    mean_posterior(
        weights,
        agents.log_weights[i],
        agents.likelihoods[i],
        agents.log_likelihoods[i],
        replaced,
        row,
        log_row,
        options.in_logs,
        work.evidence,
        work.a,
        out,
    )
    if options.floor > 0.0:
        clip_weights(out, options.c, options.floor, out)


@njit(**SPLICED)
def _finish(
    options: Options,
    i: int,
    slot: int,
    agents: Agents,
    gaussians: Gaussians,
    pending: Pending,
    work: Work,
) -> None:
    """Work out what only agent i's own update needs, not the answer it was asked for."""
    replaced = pending.replaced[slot]
    if options.floor == 0.0:
        log_mean_posterior(
            agents.log_weights[i],
            agents.log_likelihoods[i],
            replaced,
            pending.log_likelihoods[slot],
            work.evidence,
            work.a,
            work.b,
            pending.weights[slot],
            pending.log_weights[slot],
        )
    if options.history:
        pending.matched[slot] = nearest_remaining(agents.memory[i], pending.point[slot], replaced)
    if options.update != FIXED:
        update_covariances(options, i, slot, agents, gaussians, pending, work)


@njit(**SPLICED)
def commit_update(
    options: Options,
    i: int,
    slot: int,
    step: int,
    agents: Agents,
    gaussians: Gaussians,
    pending: Pending,
    work: Work,
) -> None:
    """Bring row `slot` of `pending` into force for agent i."""
    h = pending.replaced[slot]
    copy_row(pending.point[slot], agents.memory[i, h])
    copy_row(pending.weights[slot], agents.weights[i])
    if options.floor == 0.0:
        copy_row(pending.log_weights[slot], agents.log_weights[i])
    if options.history:
        _age(i, h, pending.matched[slot], step, agents)
    if options.update == FIXED:
        copy_row(pending.likelihoods[slot], agents.likelihoods[i, h])
        if options.in_logs:
            copy_row(pending.log_likelihoods[slot], agents.log_likelihoods[i, h])
    else:
        keep_covariances(i, slot, gaussians, pending)
        compute_rows(options, i, agents, gaussians, work)
    describe_agent(options, i, agents)


@njit(**SPLICED)
def _age(i: int, replaced: int, matched: int, step: int, agents: Agents) -> None:
    """Record the arrival of an element and the match of another."""
    history = agents.history[i]
    if matched >= 0:
        history[matched, 1] = step
        history[matched, 2] += 1
    history[replaced, 0] = step
    history[replaced, 1] = step
    history[replaced, 2] = 0
