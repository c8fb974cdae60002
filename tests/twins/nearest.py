"""Who is nearest, in ball arithmetic of thousands of bits, along a path of the compiled loop.

The loop's own draws and senders are taken one step at a time; the weights are computed beside it from its arrivals, as
pairs (w, 1 - w) of balls, and each choice among nearest agents is held against them. No double takes part but the
draws themselves.

A choice is wrong if the agent chosen and the right one are not alike: if their weights differ by more than 10^-9 of
what is left of the right one's beside the nearest multiple of 1/(2r), however small that is. Alike without being equal
are agents from a start of equal ones that have heard almost the same, such as those with memory (1, ..., 1, y), y > 1,
whose 1 - w differ by the term e^(-2 y / sigma^2) beside (r - 1) e^(-2 / sigma^2). A sender's weight is all that the
chain takes of it, and no uniform number tells these apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key

import flint

from mcpolar.chain import Ensemble
from mcpolar.chain.state import weight_keys
from mcpolar.compiled.base.philox import below
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.ensemble import advance
from mcpolar.compiled.chain.law import (
    Span,
    State,
    agents_of,
    draw_step,
    first_draw,
    order_for,
    sender_of,
)

ALIKE = 1e-9


@dataclass
class Count:
    """Choices among nearest agents, and how many of them were wrong."""

    choices: int = 0
    wrong: int = 0
    wrong_by_log_odds: int = 0  # if the keys were made from the log-odds alone: the control
    alike: int = 0  # another agent than the right one, and alike
    undecided: int = 0  # by the balls

    def __add__(self, other: Count) -> Count:
        return Count(*(getattr(self, name) + getattr(other, name) for name in vars(self)))


@loop
def choice(state, law, order, step, replica):
    """Return (receiver, rank, sender) of a step of replica 0 of a state; without a mirror."""
    agents = agents_of(state, 0, order)
    draw = draw_step(law, Purpose.STEP, Purpose.NORMAL, replica, step, first_draw(), True)
    sender = sender_of(law, agents, order, replica, step, draw.receiver, draw.word)
    return draw.receiver, below(draw.word, law.k + 1), sender


class Weights:
    """The weights of all agents, as balls."""

    def __init__(self, log_odds, memory, sigma):
        self.odds = [flint.arb(float(value)).exp() for value in log_odds]
        self.pairs = [(odds / (1 + odds), 1 / (1 + odds)) for odds in self.odds]
        self.memory = [list(map(float, own)) for own in memory]
        self.doubled_precision = 2 / flint.arb(flint.fmpq(*Fraction(sigma).as_integer_ratio())) ** 2

    def gap(self, a, b):
        """|w_a - w_b|, from w below 1/2 and from 1 - w above."""
        (w, v), (x, y) = self.pairs[a], self.pairs[b]
        return abs(w - x if w < 0.5 else y - v)

    def residual(self, a):
        """The distance of w from the nearest multiple of 1/(2r)."""
        w, v = self.pairs[a]
        doubled = 2 * len(self.memory[a])
        if w < 0.5 / doubled or v < 0.5 / doubled:
            return w if w < v else v
        scaled = doubled * w
        return abs(scaled - round(float(scaled))) / doubled

    def nearest(self, i, rank):
        """The agent of a rank around i, ties by number; None where the balls do not tell it."""
        gaps = [self.gap(i, a) for a in range(len(self.odds))]
        unsure = []

        def compare(a, b):
            if gaps[a] < gaps[b] or gaps[a] > gaps[b]:
                return -1 if gaps[a] < gaps[b] else 1
            if not self.is_same(a, b):
                unsure.append((a, b))
            return a - b

        found = sorted((a for a in range(len(gaps)) if a != i), key=cmp_to_key(compare))[rank - 1]
        return None if any(found in pair for pair in unsure) else found

    def is_same(self, a, b):
        """Whether two agents have the same weight by construction: both have never changed, or are alike."""
        return str(self.odds[a]) == str(self.odds[b])

    def take_in(self, i, y):
        distances = [abs(x - y) for x in self.memory[i]]
        self.memory[i][distances.index(max(distances))] = y
        odds = [self.odds[i] * (self.doubled_precision * flint.arb(x)).exp() for x in self.memory[i]]
        plus = sum((value / (1 + value) for value in odds), flint.arb(0))
        minus = sum((1 / (1 + value) for value in odds), flint.arb(0))
        r = len(odds)
        self.odds[i], self.pairs[i] = plus / minus, (plus / r, minus / r)


def count_choices(parameters, start, n_steps, *, seed, replica=0, bits=12_000) -> Count:
    """Follow one replica of the loop and count its choices."""
    ensemble = Ensemble.of(parameters, start, seed)
    state, law = ensemble.arrays(replica, 1), ensemble.law()
    count = Count()
    with flint.ctx.workprec(bits):
        exact = Weights(state.log_odds[0], state.memory[0], parameters.sigma)
        for step in range(n_steps):
            i, rank, sender = choice(state, law, order_for(law), step, replica)
            if rank > 0:
                count += _judge(exact, state, law, i, rank, sender, step, replica)
            before = state.memory[0, i].copy()
            advance(state, law, Span(replica, step, 1))
            exact.take_in(i, float(state.memory[0, i][state.memory[0, i] != before][0]))
    return count


def _judge(exact, state, law, i, rank, sender, step, replica) -> Count:
    right = exact.nearest(i, rank)
    if right is None:
        return Count(1, undecided=1)
    plain = State(state.log_odds, state.memory, weight_keys(state.log_odds, law.r))
    by_log_odds = choice(plain, law, order_for(law), step, replica)[2]
    least = exact.residual(right) * ALIKE
    is_wrong = [not exact.gap(agent, right) <= least for agent in (sender, by_log_odds)]
    return Count(
        1, wrong=int(is_wrong[0]), wrong_by_log_odds=int(is_wrong[1]), alike=int(exact.gap(sender, right) > 0)
    )
