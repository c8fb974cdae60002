"""GT1: what draws in J_j, and then in the ball of mu_j, do to one agent, and to all of them (proofs/general_theorem1).

gamma = D^2/(4 sigma^2), a_0 = 1/c, lambda_0 = -log(c - 1); then a_u = (min(u, r)/r) logistic(lambda_{u-1} + gamma),
lambda_u = logit a_u, for u >= r lambda_u = lambda_{u-1} + gamma. An agent of largest weight on j, any memory, has
w_j >= a_u after u such draws, and from the r-th on w_j/w_l >= e^{lambda_u} for every other l (for r = 1: e^{u gamma}).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mcpolar.balls import LARGEST_BITS, START_BITS, Ball, ball, working_precision
from mcpolar.errors import InputError, PrecisionError
from mcpolar.parameters import ChainParameters

MOST_UPDATES = 20_000
"""The largest n(h): more updates of every agent are no statement that anybody can use."""


@dataclass(frozen=True)
class AnyState:
    """A population with any weights and memories.

    Attributes
    ----------
    chain : ChainParameters
        m, r, sigma, k and mirror.
    components, dimension : int
        c and d.
    squared_distance : Fraction
        D^2, exactly.
    level : int
        h.
    """

    chain: ChainParameters
    components: int
    dimension: int
    squared_distance: Fraction
    level: int

    @property
    def gain(self) -> Fraction:
        """Return gamma."""
        return self.squared_distance / (4 * Fraction(self.chain.sigma) ** 2)

    def log_odds_after_clearing(self) -> tuple[list[Ball], Ball]:
        """Return log a_0, ..., log a_r, and lambda_r, at the working precision."""
        r, gain = self.chain.r, ball(self.gain)
        log_odds = -ball(self.components - 1).log() if self.components > 2 else ball(0)
        logs = [-ball(self.components).log()]
        for u in range(1, r + 1):
            grown = log_odds + gain
            log_weight = ball(Fraction(u, r)).log() - (-grown).exp().log1p()
            logs.append(log_weight)
            log_odds = grown if u == r else log_weight - (-log_weight.expm1()).log()
        return logs, log_odds

    def updates(self) -> int:
        """Return n(h), or a number above it where the balls cannot tell.

        Raises
        ------
        InputError
            If it is above `MOST_UPDATES`.
        """
        r = self.chain.r
        found = self.level if r == 1 else self._updates()
        if found > MOST_UPDATES:
            allowed = (
                f"such that {MOST_UPDATES} updates of every agent reach level {self.level} (it takes {found})"
            )
            raise InputError("sigma", str(self.chain.sigma), allowed)
        return max(r, found)

    def _updates(self) -> int:
        bits = START_BITS
        while bits <= LARGEST_BITS:
            with working_precision(bits):
                _, log_odds = self.log_odds_after_clearing()
                more = ((ball(self.level * self.gain) - log_odds) / ball(self.gain)).upper().ceil()
                whole = more.unique_fmpz()
            if whole is not None:
                return self.chain.r + max(0, int(whole))
            bits *= 2
        raise PrecisionError(f"n({self.level}) could not be decided at {LARGEST_BITS} bits")

    def log_weights(self, updates: int) -> list[Ball]:
        """Return log a_0, ..., log a_n, at the working precision."""
        logs, log_odds = self.log_odds_after_clearing()
        for u in range(1, updates - self.chain.r + 1):
            logs.append(-(-(log_odds + u * ball(self.gain))).exp().log1p())
        return logs[: updates + 1]

    def log_chance(self, updates: int) -> Ball:
        """Return the log of GT1g, at the working precision; a mirror probability must be positive."""
        chain, n = self.chain, updates
        m, steps = chain.m, updates * chain.m
        logs = self.log_weights(n)
        before = sum(logs[:n], ball(0))
        orders = ball(steps + 1).lgamma() - m * ball(n + 1).lgamma() - steps * ball(m).log()
        sent = self._log_draws(n) * m + orders
        if not chain.is_unrestricted:
            share = 1 / ball((chain.k or 0) + 1) if chain.mirror is None else ball(chain.mirror)
            return sent + steps * share.log() + m * before
        parts = min(self.components, m)
        upto = (before + logs[n]) * n / (n + 1)
        return sent + self._log_split(parts, n) + parts * before + (m - parts) * upto

    def _log_draws(self, n: int) -> Ball:
        """Return the log of the chance of one agent's draws: r in J_j, then n - r in the ball of mu_j."""
        sigma, r = Fraction(self.chain.sigma), self.chain.r
        squared = self.squared_distance / sigma**2
        inner = _within(self.dimension, squared / 288).log()
        return r * inner + (n - r) * _within(self.dimension, squared / 32).log()

    def _log_split(self, parts: int, n: int) -> Ball:
        """Return log b_q of the most equal split of m agents into q silos."""
        m = self.chain.m
        size, larger = divmod(m, parts)
        total = (parts - larger) * size * ball(Fraction(size, m)).log()
        return n * (total + larger * (size + 1) * ball(Fraction(size + 1, m)).log())


def _within(dimension: int, half_square: Fraction) -> Ball:
    """P(chi_d^2/2 <= half_square)."""
    return ball(half_square).gamma_lower(ball(Fraction(dimension, 2)), 1)
