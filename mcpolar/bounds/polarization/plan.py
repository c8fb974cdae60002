"""What every agent's updates have to do for polarization, and the bound that comes of it; imports no NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from mcpolar.balls import START_BITS, Ball, Dyadic, ball, enclosure, lower_end, working_precision
from mcpolar.bounds import chances
from mcpolar.bounds.proposition2 import updates_to_level
from mcpolar.parameters import ChainParameters

MOST_EFFORT = 6 * 10**7
"""T1A is evaluated up to about 30 seconds; beyond, T1g is given. m = 100, r = 5 has 3.4e7 and takes 16 seconds."""
MOST_UPDATES = 1000
"""The best horizon of self-sending is looked for up to this n m."""
MOST_CLASSES = 24
"""T1A tells numbers of updates apart up to r and so many more: own-side weights only rise from r on."""
MOST_ROUNDS = 4
"""Free horizons are searched up to so many times n m steps."""
MOST_WEIGHTS = 4096
"""Own-side weights are followed so far, or to r; later ones count as the last."""
LARGEST_SHRINK = Fraction(1, 50)


@dataclass(frozen=True)
class Plan:
    """What an agent's updates have to do.

    Attributes
    ----------
    chain : ChainParameters
        The chain.
    needed : int
        n: own-side updates of every agent.
    clear : Dyadic
        c: chance, from below, that the first r draws do what they should.
    log_odds : Fraction
        H: every agent's own-side log-odds at the start are at least so large.
    """

    chain: ChainParameters
    needed: int
    clear: Dyadic
    log_odds: Fraction = Fraction(0)

    @property
    def fewest(self) -> int:
        """The shortest horizon: n m steps."""
        return self.needed * self.chain.m

    @property
    def is_affordable(self) -> bool:
        """Whether T1A takes no longer than MOST_EFFORT: about m splits, with sums over n m and its square."""
        classes = min(self.needed, self.chain.r + MOST_CLASSES)
        return self.chain.m * self.fewest * (34 * classes + self.fewest) <= MOST_EFFORT

    @property
    def followed(self) -> int:
        """The number of updates after which own-side weights are taken as constant."""
        return min(self.needed, max(self.chain.r, MOST_WEIGHTS))

    def weights(self) -> list[Ball]:
        """Return a_0, …, a_n, or as many as are followed, at the working precision."""
        return [1 / (1 + v) for v in islice(inverse_odds_from(self.chain, self.log_odds), self.followed + 1)]

    def log_draws(self, steps: int) -> Ball:
        """M log c + (N - r m) log P: what all draws have to do."""
        m, r = self.chain.m, self.chain.r
        return m * self.clear.ball().log() + (steps - r * m) * chances.own_interval(self.chain.sigma).log()


def inverse_odds_from(chain: ChainParameters, log_odds: Fraction) -> Iterator[Ball]:
    """Yield (1 - a_u)/a_u of P2' for a start with own-side log-odds of at least H >= 0, for u = 0, 1 and so on."""
    r, q = chain.r, ball(-chain.precision).exp()
    v, u = ball(-log_odds).exp(), 0
    while True:
        yield v
        u += 1
        v = (r * v * q + (r - u)) / u if u <= r else v * q


@dataclass(frozen=True)
class Lower:
    """A certified lower bound, the number of steps it was found at, and how.

    Attributes
    ----------
    value : Dyadic
        The bound.
    steps : int
        It holds there, and from any state also at every later step.
    form : str
        "T1A0", "T1A", "T1g" or "self-sending".
    split : int, optional
        The number of agents on the + side for which the bound is least.
    upper : Dyadic, optional
        Certified upper end of the formula, from the same certified constants.
    """

    value: Dyadic
    steps: int
    form: str
    split: int | None = None
    upper: Dyadic | None = None

    @classmethod
    def of(cls, value: Callable[[], Ball], steps: int, form: str, split: int | None = None) -> Lower:
        """Evaluate a formula from both sides."""
        low, high = (end if end.mantissa > 0 else Dyadic(0, 0) for end in enclosure(value))
        return cls(low, steps, form, split, high)


def plan_from_any_memory(chain: ChainParameters, level: int, log_odds: Fraction = Fraction(0)) -> Plan:
    """Return what takes every agent from any memory, and own-side log-odds >= H, to level h.

    Where lambda_{r-1} misses the level by little, the first r draws are kept in a slightly smaller interval, and one
    update less is enough. Without H this is what takes it there from any state.
    """
    needed, shrink = _shrunk(chain, level, log_odds)
    from mcpolar.bounds.polarization.clearing import clearing_chance  # imports NumPy

    return Plan(chain, needed, clearing_chance(chain.sigma, chain.r, shrink), log_odds)


def plan_of_clearing(chain: ChainParameters) -> Plan:
    """Return what clears every agent's memory from any state (lemma 1): r updates."""
    from mcpolar.bounds.polarization.clearing import clearing_chance  # imports NumPy

    return Plan(chain, chain.r, clearing_chance(chain.sigma, chain.r))


def plan_from_well_behaved(chain: ChainParameters, level: int) -> Plan:
    """Return what takes every agent from memory in I- u I+ to level h (lemma 2): any draws in I clear it."""
    clear = lower_end(lambda: chances.own_interval(chain.sigma) ** chain.r)
    return Plan(chain, updates_to_level(chain, level), clear)


def _shrunk(chain: ChainParameters, level: int, log_odds: Fraction) -> tuple[int, Fraction]:
    """Return the updates needed and eps: draws in [1/2 + eps, 3/2 - eps] gain 2 eps/sigma^2 more.

    lambda_u = lambda_{r-1} + (u - r + 1)/sigma^2 for u >= r, and 2 eps/sigma^2 more with the smaller interval.
    """
    if chain.r == 1:  # lambda_0 = H
        return max(1, math.ceil(level - log_odds / chain.precision)), Fraction(0)
    with working_precision(START_BITS):
        before_last = -next(islice(inverse_odds_from(chain, log_odds), chain.r - 1, None)).log()
        missing = (level - before_last / ball(chain.precision)).upper()  # updates beyond r - 1, not yet whole
        needed = chain.r - 1 + max(1, int(missing.ceil().unique_fmpz()))
        excess = ((missing - (needed - chain.r)) / 2).upper()
        grains = max(0, int((excess * 2**40).ceil().unique_fmpz())) + 1
    if log_odds == 0:
        needed = min(needed, updates_to_level(chain, level))
    shrink = Fraction(grains, 2**40)
    if needed > chain.r and shrink <= LARGEST_SHRINK:
        return needed - 1, shrink
    return needed, Fraction(0)


def most_even(m: int) -> list[int]:
    """Return the numbers of agents on two sides, or of one agent."""
    return [side for side in (m // 2, m - m // 2) if side]


def own_sending(chain: ChainParameters) -> Fraction | None:
    """Return the chance that an agent is its own sender, where it is not 1/m."""
    if chain.mirror is not None:
        return Fraction(chain.mirror)
    return None if chain.is_unrestricted else Fraction(1, (chain.k or 0) + 1)


def excess_self_sending(chain: ChainParameters) -> Fraction | None:
    """Return alpha = (mu m - 1)/(m - 1): how far self-sending exceeds 1/m; None where T1A does not apply."""
    if chain.is_unrestricted:
        return Fraction(0)
    if chain.mirror is None or chain.k not in (None, chain.m - 1) or chain.mirror * chain.m < 1:
        return None
    return (Fraction(chain.mirror) * chain.m - 1) / (chain.m - 1)
