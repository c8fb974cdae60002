"""The best certified lower bound on polarization from any state: T1g, T1A0, T1A and self-sending (proofs/theorem1).

All of them follow one event: every agent gets at least n updates from its own side's component, the first r of
which clear its memory (chance c), while the others fall in the interval (chance P). They differ in how the chance
of the senders is bounded. Where the horizon is free, the best one up to it is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from mcpolar.balls import START_BITS, Ball, ball, working_precision
from mcpolar.bounds.polarization.both_sides import BothSides
from mcpolar.bounds.polarization.plan import (
    MOST_ROUNDS,
    MOST_UPDATES,
    Lower,
    Plan,
    excess_self_sending,
    most_even,
    own_sending,
)
from mcpolar.bounds.polarization.series import power_series


def best(plan: Plan, steps: int | None = None) -> Lower:
    """Return the best lower bound at some horizon up to `steps`, which must be at least n m; None: free."""
    chain = plan.chain
    longest = MOST_ROUNDS * plan.fewest if steps is None else steps
    found = []
    if chain.is_unrestricted:
        found.append(geometric(plan, most_even(chain.m)))
    own = own_sending(chain)
    if own is not None and own > 0:
        found.append(alone(plan, longest, self_sent(own), "self-sending"))
    alpha = excess_self_sending(chain)
    if alpha is not None and plan.is_affordable:
        found.append(BothSides(plan, alpha, longest).best())
    return max(found, key=lambda lower: (lower.value.log10, -lower.steps))


def best_at(plan: Plan, steps: int | None) -> Lower | None:
    """Return the best lower bound at exactly `steps`; None: free. None where it cannot be had or would take long."""
    if steps is None:
        return best(plan)
    if not plan.fewest <= steps <= MOST_ROUNDS * plan.fewest:
        return None
    chain, own, alpha = plan.chain, own_sending(plan.chain), excess_self_sending(plan.chain)
    found = []
    if chain.is_unrestricted and steps == plan.fewest:
        found.append(geometric(plan, most_even(chain.m)))
    if own is not None and own > 0:
        found.append(alone(plan, steps, self_sent(own), "self-sending", is_free=False))
    if alpha is not None and plan.is_affordable:
        found.append(BothSides(plan, alpha, steps).at_end())
    return max((one for one in found if one is not None), key=lambda lower: lower.value.log10, default=None)


def self_sent(own: Fraction) -> Callable[[list[Ball]], list[Ball]]:
    """Return the chances of an own-side draw when agents count on themselves: own a_u."""
    return lambda weights: [ball(own) * weight for weight in weights]


def geometric(plan: Plan, sides: list[int]) -> Lower:
    """T1g: T1' with the geometric mean of the own-side weights over all orders in place of their minimum.

    `sides` holds the numbers of agents of the sides that are occupied: the most even split where all are possible.
    """
    m, n = plan.chain.m, plan.needed

    def value() -> Ball:
        logs = [weight.log() for weight in plan.weights()]
        total = sum(logs[:-1], ball(0)) + (n - plan.followed) * logs[-1]
        # n A1 = sum_{u < n} log a_u; A2 takes u = n in as well
        of_others = (total + logs[-1]) * n / (n + 1)
        exponent = len(sides) * total + (m - len(sides)) * of_others
        orders = ball(plan.fewest + 1).lgamma() - m * ball(n + 1).lgamma() - plan.fewest * ball(m).log()
        split = n * sum((side * ball(Fraction(side, m)).log() for side in sides), ball(0))
        return (orders + split + exponent + plan.log_draws(plan.fewest)).exp()

    return Lower.of(value, plan.fewest, "T1g", sides[0])


def alone(
    plan: Plan, longest: int, factors: Callable[[list[Ball]], list[Ball]], form: str, *, is_free: bool = True
) -> Lower:
    """Sum over all orders where the chance of an own-side draw depends on the receiver's updates alone: b_u after u.

    N! m^-N c^m P^{N-rm} [z^N] (sum_{u >= n} b_0 … b_{u-1} z^u/u!)^m; `factors` makes b_0, b_1, … of a_0, a_1, …
    At the best horizon up to `longest`, or at `longest` itself where it is not free.
    """
    m, n = plan.chain.m, plan.needed
    most = longest - plan.fewest
    if is_free:
        most = min(most, plan.fewest) if plan.fewest <= MOST_UPDATES else 0

    def logs(extra: range) -> list[Ball]:
        """Return the bound's log at n m + `extra` steps."""
        known = factors(plan.weights())
        term = sum((factor.log() for factor in known[:-1]), ball(0))
        term += (n - plan.followed) * known[-1].log() - ball(n + 1).lgamma()
        ratios = [ball(1)]
        for u in range(n, n + extra[-1]):
            ratios.append(ratios[-1] * known[-1] / (u + 1))
        ways = power_series(ratios, m).coeffs()
        found = []
        for e in extra:
            steps = plan.fewest + e
            orders = ball(steps + 1).lgamma() - steps * ball(m).log()
            found.append(orders + m * term + ways[e].log() + plan.log_draws(steps))
        return found

    with working_precision(START_BITS):
        sizes = [float(value.mid()) for value in logs(range(most + 1))]
    chosen = int(np.argmax(sizes)) if is_free else longest - plan.fewest

    def value() -> Ball:
        return logs(range(chosen, chosen + 1))[0].exp()

    return Lower.of(value, plan.fewest + chosen, form)
