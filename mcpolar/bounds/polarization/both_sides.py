"""T1A and T1A0 at free horizons: the least over the splits, at the best horizon."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from mcpolar.balls import START_BITS, Ball, ball, working_precision
from mcpolar.bounds.polarization.doubles import ball_of, double_below
from mcpolar.bounds.polarization.occupation_game import MOST_OPERATIONS, Game
from mcpolar.bounds.polarization.plan import MOST_CLASSES, Lower, Plan
from mcpolar.bounds.polarization.search import climb, smallest
from mcpolar.bounds.polarization.shared_source import Source, log_chance

NEGLIGIBLE = 0.01
"""Share of a sum over n_+ below which its terms are left out (they only add)."""


class BothSides:
    """T1A and, where it is small, T1A0, over horizons up to `longest`."""

    def __init__(self, plan: Plan, alpha: Fraction, longest: int) -> None:
        self.plan, self.alpha = plan, alpha
        self.longest = longest
        self.m = plan.chain.m

    def best(self) -> Lower:
        """Return the best bound: T1A at the best horizon, or the game's if it is affordable."""
        steps = self._good_horizon()
        horizon = min(self.longest, steps + steps // 5 + 8)
        if self._game().operations(horizon) <= MOST_OPERATIONS:
            return self.of_game(horizon)
        return self.of_sums(steps)

    def at_end(self) -> Lower:
        """Return the bound at `longest` itself: the game's if it is affordable, else T1A's."""
        if self._game().operations(self.longest) <= MOST_OPERATIONS:
            return self.of_game(self.longest, is_free=False)
        return self.of_sums(self.longest)

    # T1A0

    def _game(self) -> Game:
        with working_precision(START_BITS):
            weights = np.array([double_below(weight) for weight in self.plan.weights()])
            alpha, others = double_below(ball(self.alpha)), double_below(1 - ball(self.alpha))
        return Game(self.m, self.plan.needed, weights, alpha, others)

    def of_game(self, horizon: int, *, is_free: bool = True) -> Lower:
        """T1A0 at the best horizon up to this one, or at this one itself."""
        game = self._game()
        splits = [game.values(p, horizon) for p in range(self.m // 2 + 1)]
        least = np.min(splits, axis=0)
        with working_precision(START_BITS):
            draws = [float(self.plan.log_draws(n).mid()) for n in (0, 1)]
        steps = np.arange(horizon + 1)
        logs = np.where(least > 0, np.log(np.maximum(least, np.finfo(float).tiny)), -np.inf)
        chosen = int(np.argmax(logs + steps * (draws[1] - draws[0]))) if is_free else horizon
        split = int(np.argmin([values[chosen] for values in splits]))
        return Lower.of(
            lambda: ball_of(float(least[chosen])) * self.plan.log_draws(chosen).exp(), chosen, "T1A0", split
        )

    # T1A

    def _source_up_to(self, steps: int) -> Source:
        weights = self.plan.weights()[: self.plan.chain.r + MOST_CLASSES]
        return Source(self.m, self.plan.needed, weights, steps, self.alpha)

    def _log(self, source: Source, split: int, updates: int, steps: int) -> float:
        return float((log_chance(source, split, updates, steps) + self.plan.log_draws(steps)).mid())

    def updates_of(self, split: int, steps: int) -> int:
        """Return n_+ in proportion to the split, within what both sides need."""
        n = self.plan.needed
        return min(max(round(steps * split / self.m), n * split), steps - n * (self.m - split))

    def _good_horizon(self) -> int:
        """Return the horizon at which T1A, at a few splits, is largest, by halving steps."""
        fewest, m = self.plan.fewest, self.m
        splits = sorted({m // 2, m * 2 // 5, m // 3, m // 5} - {0} or {0})
        with working_precision(START_BITS):
            source = self._source_up_to(min(self.longest, 2 * fewest + 4))

            def value(steps: int) -> float:
                return min(self._log(source, p, self.updates_of(p, steps), steps) for p in splits)

            return climb(value, fewest, fewest, source.steps)

    def of_sums(self, steps: int) -> Lower:
        """T1A at one horizon: the least, over the splits, of sums over n_+."""
        with working_precision(START_BITS):
            source = self._source_up_to(steps)
            found = {p: _Sum(self, source, p, steps) for p in range(self.m // 2 + 1)}
            least: tuple[float, int] = (math.inf, 0)
            for p in sorted(found, key=lambda p: found[p].largest):
                if found[p].largest >= least[0]:
                    break
                least = min(least, (found[p].complete(), p))
            # a partial sum is a bound as well; those of the splits left out are larger than the least
            lowest = smallest([total.ball() for total in found.values()])
            value = (lowest + self.plan.log_draws(steps)).exp()
        return Lower.of(lambda: value, steps, "T1A", least[1])


class _Sum:
    """A sum over n_+ at one split, as logarithms of balls; begun with its largest term."""

    def __init__(self, shared: BothSides, source: Source, split: int, steps: int) -> None:
        self.source, self.split, self.steps = source, split, steps
        n = shared.plan.needed
        self.ends = (n * split, steps - n * (source.m - split)) if split else (0, 0)
        self.terms: dict[int, Ball] = {}
        self.draws = float(shared.plan.log_draws(steps).mid())
        start = shared.updates_of(split, steps) if split else 0
        self.centre = climb(self._log, start, *self.ends, stride=max(1, steps // 40))
        self.largest = self._log(self.centre)

    def _log(self, updates: int) -> float:
        if not self.ends[0] <= updates <= self.ends[1]:
            return -math.inf
        if updates not in self.terms:
            self.terms[updates] = log_chance(self.source, self.split, updates, self.steps)
        return float(self.terms[updates].mid())

    def complete(self) -> float:
        """Add the terms on both sides until they are negligible; return the log of the sum."""
        for direction in (1, -1):
            updates = self.centre + direction
            while self._log(updates) > self.largest + math.log(NEGLIGIBLE):
                updates += direction
        return float(self.ball().mid())

    def ball(self) -> Ball:
        """Return the log of the sum of the terms known."""
        largest = max(self.terms.values(), key=lambda term: float(term.mid()))
        return largest + sum(((term - largest).exp() for term in self.terms.values()), ball(0)).log()
