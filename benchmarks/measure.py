"""Ratios of times that hold on a busy machine: every measurement stands between two of its yardstick."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

Work = Callable[[], None]


@dataclass(frozen=True)
class Ratio:
    """Median and quartiles of interleaved ratios, and the medians in nanoseconds a step."""

    median: float
    low: float
    high: float
    nanoseconds: float
    yardstick_nanoseconds: float
    rounds: int

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 3) for name, value in asdict(self).items()}


def seconds(work: Work, clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def ratio(
    work: Work,
    n_steps: int,
    yardstick: Work,
    n_yardstick_steps: int,
    rounds: int = 7,
    clock: Callable[[], float] = time.process_time,
) -> Ratio:
    """Return time a step of `work` over that of `yardstick`, by process time unless another clock is given."""
    work()
    yardstick()
    ratios, times, yardstick_times = [], [], []
    for _ in range(rounds):
        before = seconds(yardstick, clock) / n_yardstick_steps
        mine = seconds(work, clock) / n_steps
        after = seconds(yardstick, clock) / n_yardstick_steps
        ratios.append(2 * mine / (before + after))
        times.append(mine)
        yardstick_times += [before, after]
    low, median, high = statistics.quantiles(ratios, n=4)
    return Ratio(
        median, low, high, 1e9 * statistics.median(times), 1e9 * statistics.median(yardstick_times), rounds
    )
