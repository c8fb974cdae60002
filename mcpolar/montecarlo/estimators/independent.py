"""Polarization from deep states: memories that receive independent draws, counted one by one (proofs/theorem1, T1B).

From log-odds so large that no draw can matter to them, a draw is of component +1 with chance p/m whoever sends, p the
agents on the + side. Given the numbers of updates the memories are independent, and these numbers are multinomial, so

    P(E_h at N) = N!/m^N [z^N] (sum_u q_u^+ z^u/u!)^p (sum_u q_u^- z^u/u!)^q   up to N (e^-L' + 2 Phi(-z)),

q_u the chance that a memory lies in its own side's interval after u draws. These are counted (q_r of a memory from
outside given that all r draws are inside, and times the chance of that); the probability may be 1e-200. Its interval
comes from intervals of all q_u together, since it increases in each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from mcpolar.balls import START_BITS, ball, working_precision
from mcpolar.bounds.polarization.bipolar_ceiling import log_continuity_error
from mcpolar.bounds.polarization.doubles import ball_of
from mcpolar.bounds.polarization.series import multinomial
from mcpolar.chain import ChainState, Start
from mcpolar.confidence.intervals import clopper_pearson
from mcpolar.confidence.sequences import beta_binomial
from mcpolar.montecarlo.sampler import Sampler
from mcpolar.montecarlo.targets import Reached
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.questions import FAR_END, NEAR_END
from mcpolar.results import Estimate
from mcpolar.rng import Purpose, normals, philox_key, uniforms

NEGLIGIBLE = -50.0
"""A deep start is one from which the log of the error N (e^-L' + 2 Phi(-z)) is at most this."""
MOST_DEVIATIONS = 400
BLOCK = 20_000
_CELL = 2**32 - 5  # draws of its own
Interval = Callable[[int, int, float], tuple[float, float]]


@dataclass(eq=False)
class Independent(Sampler):
    """Memories of both sides so far, counted by whether they lie in their own side's interval after u draws.

    Attributes
    ----------
    parameters, steps, seed
        The chain, N, and the seed.
    hits, cleared : dict
        By the number of agents of a side: how many memories are inside after u = 0, …, most draws; and how many are
        after r draws inside.
    split : int
        p, the agents on the + side.
    position : float
        Own-side position of all memory elements at the start.
    log_error : float
        Log of an upper end of the error of the product formula.
    """

    parameters: ChainParameters
    steps: int
    seed: int
    split: int
    position: float
    log_error: float
    replicas: int = 0
    hits: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    cleared: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, chain: ChainParameters, start: Start | ChainState, target: Reached, seed: int
    ) -> Independent | None:
        """Return the estimator with no replicas yet; None where the start is not deep or its memory is spread."""
        if target.level is None or not (chain.is_unrestricted and chain.has_own_rules):
            return None
        state = start if isinstance(start, ChainState) else start.state(chain, seed=seed)
        log_odds, side = state.log_odds[0], np.where(state.log_odds[0] >= 0, 1.0, -1.0)
        own = side[:, np.newaxis] * state.memory[0]
        if state.n_replicas != 1 or np.ptp(own) > 0:
            return None
        shallowest, position = float(np.abs(log_odds).min()), float(own.flat[0])
        given = {"level": target.level, "log_odds": shallowest, "position": position}
        error = min(
            log_continuity_error(chain.sigma, target.steps, deviations=z, **given)  # type: ignore[arg-type]
            for z in range(1, MOST_DEVIATIONS)
        )
        if error > NEGLIGIBLE:
            return None
        return cls(chain, target.steps, seed, int((side > 0).sum()), position, error)

    @property
    def sides(self) -> list[int]:
        """The numbers of agents of the sides that are occupied; the other side has the others."""
        return sorted({own for own in (self.split, self.parameters.m - self.split) if own})

    @property
    def most(self) -> int:
        """U up to which q_u is counted: more updates of one agent are very improbable."""
        mean = self.steps / self.parameters.m
        return min(self.steps, max(self.parameters.r + 4, math.ceil(mean + 9 * math.sqrt(mean) + 12)))

    def extend(self, count: int, *, workers: int | None = None, progress: Progress | None = None) -> None:
        """Run the next memories of each side."""
        for first in range(self.replicas, self.replicas + count, BLOCK):
            size = min(BLOCK, self.replicas + count - first)
            for own in self.sides:
                known = self.hits.setdefault(own, np.zeros(self.most + 1, dtype=np.int64))
                known += self._hits(own, first, size)
                self.cleared[own] = self.cleared.get(own, 0) + self._cleared(own, first, size)
            if progress is not None:
                progress(size)
        self.replicas += count

    def _hits(self, own: int, first: int, count: int) -> NDArray[np.int64]:
        """Return how many of `count` memories are inside after u = 0, …, most draws, own/m of them own ones."""
        key, m = philox_key(self.seed, (_CELL, own)), self.parameters.m
        component = uniforms(key, Purpose.LONE_COMPONENT, count, self.most, first_replica=first)
        noise = normals(key, Purpose.LONE_NORMAL, count, self.most, first_replica=first)
        draws = np.where(component < own / m, 1.0, -1.0) + float(self.parameters.sigma) * noise
        memory = np.full((count, self.parameters.r), self.position)
        rows, found = np.arange(count), np.zeros(self.most + 1, dtype=np.int64)
        for u in range(self.most + 1):
            if u:
                y = draws[:, u - 1]
                memory[rows, np.argmax(np.abs(memory - y[:, np.newaxis]), axis=1)] = y
            found[u] = ((memory >= NEAR_END) & (memory <= FAR_END)).all(axis=1).sum()
        return found

    def _cleared(self, own: int, first: int, count: int) -> int:
        """Return how many of `count` memories are inside after r draws that are inside."""
        key, r = philox_key(self.seed, (_CELL, own, 1)), self.parameters.r
        component = uniforms(key, Purpose.LONE_COMPONENT, count, r, first_replica=first)
        place = uniforms(key, Purpose.LONE_NORMAL, count, r, first_replica=first)
        mine, others = self._landing(own)
        sigma = float(self.parameters.sigma)
        low, high = ndtr((NEAR_END - 1) / sigma), ndtr((FAR_END - 1) / sigma)
        near, far = (
            ndtr(-(NEAR_END + 1) / sigma),
            ndtr(-(FAR_END + 1) / sigma),
        )  # tails of the other component
        draws = np.where(
            component * (mine + others) < mine,
            1 + sigma * ndtri(low + place * (high - low)),
            -1 - sigma * ndtri(far + place * (near - far)),
        )
        memory = np.full((count, r), self.position)
        rows = np.arange(count)
        for y in draws.T:
            memory[rows, np.argmax(np.abs(memory - y[:, np.newaxis]), axis=1)] = y
        return int(((memory >= NEAR_END) & (memory <= FAR_END)).all(axis=1).sum())

    def _landing(self, own: int) -> tuple[float, float]:
        """Return the chances that a draw is of the own, or of the other, component and lands inside."""
        sigma, share = float(self.parameters.sigma), own / self.parameters.m
        mine = ndtr((FAR_END - 1) / sigma) - ndtr((NEAR_END - 1) / sigma)
        others = ndtr(-(NEAR_END + 1) / sigma) - ndtr(-(FAR_END + 1) / sigma)
        return share * float(mine), (1 - share) * float(others)

    def estimate(self, confidence: float) -> Estimate:
        """Return the estimate with the interval for this number of memories."""
        return self._estimate(clopper_pearson, "Clopper-Pearson", confidence)

    def running(self, confidence: float) -> Estimate:
        """Return the estimate with an interval that covers at all numbers of memories together."""
        return self._estimate(beta_binomial, "beta-binomial confidence sequence", confidence)

    def _estimate(self, interval: Interval, name: str, confidence: float) -> Estimate:
        each = 1 - (1 - confidence) / (len(self.sides) * (self.most + 2))
        lows, middles, highs = {}, {}, {}
        for own, known in self.hits.items():
            ends = [interval(int(hits), self.replicas, each) for hits in known]
            lows[own], highs[own] = [math.exp(low) for low, _ in ends], [math.exp(high) for _, high in ends]
            middles[own] = [hits / self.replicas for hits in known.tolist()]
            if not self._was_inside and self.parameters.r <= self.most:
                low, high = interval(self.cleared[own], self.replicas, each)
                all_land, r = sum(self._landing(own)) ** self.parameters.r, self.parameters.r
                lows[own][r], highs[own][r] = all_land * math.exp(low), all_land * math.exp(high)
                middles[own][r] = all_land * self.cleared[own] / self.replicas
        low, high = self._log_chance(lows, 0.0), self._log_chance(highs, 1.0)
        return Estimate(
            log_probability=self._log_chance(middles, 0.0),
            log_low=_less(low, self.log_error),
            log_high=min(0.0, float(np.logaddexp(high, self.log_error))),
            confidence=confidence,
            method=f"independent memories, {name} of each number of draws",
            replicas=self.replicas,
            seed=self.seed,
            diagnostics={"most_draws": self.most, "log_error": self.log_error},
        )

    @property
    def _was_inside(self) -> bool:
        return NEAR_END <= self.position <= FAR_END

    def _log_chance(self, inside: dict[int, list[float]], later: float) -> float:
        """Return log of the product formula, with `later` for more than `most` draws."""
        m, r = self.parameters.m, self.parameters.r
        with working_precision(START_BITS):
            sides = []
            for own in (self.split, m - self.split):
                if own:
                    chances = [ball_of(value) for value in inside[own]]
                    if not self._was_inside:
                        chances[:r] = [ball(0)] * r
                    rest = [ball(Fraction(later))] * max(0, self.steps - self.most)
                    sides.append((own, chances + rest))
            chance = multinomial(self.steps, sides)
            return float(chance.log().mid()) if bool(chance > 0) else -math.inf


def _less(log_value: float, log_error: float) -> float:
    """Return log(e^log_value - e^log_error), -inf where that is not positive."""
    if log_value <= log_error:
        return -math.inf
    return log_value + math.log1p(-math.exp(log_error - log_value))
