"""The chain, slowly: theory.md section 1 word for word in arbitrary precision, fed the same Philox words.

An agent's weight is kept as the pair (w, 1 - w) at 60 digits and an unlimited exponent, so that no log space
is needed: g and the mean are computed as they are written, once for w and once for 1 - w.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key

import numpy as np
from mpmath import mp, mpf

DIGITS = 60
STEP, NORMAL, MIRROR = 0, 1, 2
MEMORY_RULE, SENDER_RULE = 45, 46


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), on Python integers."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def block(key, purpose: int, replica: int, index: int) -> tuple[int, int, int, int]:
    return philox((index % 2**32, index // 2**32, purpose, replica), (int(key[0]), int(key[1])))


def below(word: int, n: int) -> int:
    return word * n // 2**32


def uniform(high: int, low: int) -> mpf:
    """52 bits of two words, and a half: never 0 or 1; exact."""
    return mpf(2 * ((high * 2**32 + low) // 2**12) + 1) / 2**53


def standard_normal(key, replica: int, step: int) -> mpf:
    """Box and Muller: even steps take the cosine, odd ones the sine of the same block."""
    c0, c1, c2, c3 = block(key, NORMAL, replica, step // 2)
    radius, angle = mp.sqrt(-2 * mp.log(uniform(c0, c1))), 2 * mp.pi * uniform(c2, c3)
    return radius * (mp.sin(angle) if step % 2 else mp.cos(angle))


@dataclass
class Agent:
    w: mpf
    v: mpf  # 1 - w
    memory: list[mpf]

    @classmethod
    def at(cls, log_odds: float, memory) -> Agent:
        exact = mpf(float(log_odds))
        return cls(1 / (1 + mp.exp(-exact)), 1 / (1 + mp.exp(exact)), [mpf(float(x)) for x in memory])

    @property
    def log_odds(self) -> mpf:
        return mp.log(self.w / self.v)


def update(agent: Agent, y: mpf, sigma: mpf, goes=None) -> None:
    """Replace the farthest element (tie: the smallest index), then w <- mean of g(w, x) over the new ones.

    With `goes`, a function of (memory, y), the element that it names goes and the arrival is put last.
    """
    if goes is None:
        distances = [abs(x - y) for x in agent.memory]
        agent.memory[distances.index(max(distances))] = y
    else:
        del agent.memory[goes(agent.memory, y)]
        agent.memory.append(y)
    w, v, r = agent.w, agent.v, len(agent.memory)
    factors = [mp.exp(-2 * x / sigma**2) for x in agent.memory]
    agent.w = sum(w / (w + v * factor) for factor in factors) / r
    agent.v = sum(v * factor / (w + v * factor) for factor in factors) / r


def rise(low: Agent, high: Agent) -> mpf:
    """Return w_high - w_low, from w where both are below 1/2 and from 1 - w elsewhere."""
    return high.w - low.w if high.w < high.v else low.v - high.v


def farther(a: Agent, b: Agent, c: Agent) -> mpf:
    """Return a number with the sign of |w_a - w_b| - |w_a - w_c|, exact near 0 and 1 too."""
    above, below = b.log_odds >= a.log_odds, b.log_odds < a.log_odds
    if c.log_odds >= a.log_odds and above:
        return rise(c, b)
    if c.log_odds < a.log_odds and below:
        return rise(b, c)
    low, high = (c, b) if above else (b, c)
    excess = rise(a, high) - rise(low, a)
    if low.w < low.v and high.v < high.w:
        # w_high + w_low - 2 w_a, with w_high = 1 - v_high and 2 w_a = 1 + w_a - v_a
        excess = (low.w - high.v) + (a.v - a.w)
    return excess if above else -excess


def nearest(agents: list[Agent], i: int, k: int) -> list[int]:
    """The k agents nearest to i in weight, ties to the smaller index (the sort is stable)."""
    others = [j for j in range(len(agents)) if j != i]
    by_distance = cmp_to_key(lambda j, other: mp.sign(farther(agents[i], agents[j], agents[other])))
    return sorted(others, key=by_distance)[:k]


def draw_sender(agents: list[Agent], i: int, k: int, mirror: Fraction | None, words, mirror_words) -> int:
    """Return j: uniform on i and its k nearest; with a mirror, i or else one of its k nearest, or of all others."""
    m = len(agents)
    if mirror is None:
        if k == 0:
            return below(words[1], m)
        rank = below(words[1], k + 1)
        return i if rank == 0 else nearest(agents, i, k)[rank - 1]
    if m == 1 or uniform(*mirror_words) < mpf(mirror):
        return i
    if k in (0, m - 1):
        return [j for j in range(m) if j != i][below(words[1], m - 1)]
    return nearest(agents, i, k)[below(words[1], k)]


def step(
    agents: list[Agent],
    sigma: mpf,
    k: int,
    mirror: float,
    key,
    replica: int,
    t: int,
    policy=None,
    senders=None,
) -> tuple[int, int, int]:
    """Take step t in place; return the receiver, the sender and the component (+1 or -1) drawn.

    `policy` (memory, y, u) and `senders` (log_odds, receiver, k, u) are rules in place of the paper's.
    """
    words = block(key, STEP, replica, t)
    i = below(words[0], len(agents))
    mirror_words = block(key, MIRROR, replica, t // 2)[2 * (t % 2) :][:2]  # a block serves two steps
    if senders is None:
        j = draw_sender(agents, i, k, None if mirror < 0 else mirror, words, mirror_words)
    elif mirror >= 0 and (len(agents) == 1 or uniform(*mirror_words) < mpf(mirror)):
        j = i
    else:
        u = uniform(*block(key, SENDER_RULE, replica, t)[:2])
        j = senders(np.array([float(agent.log_odds) for agent in agents]), i, k, u)
    component = 1 if uniform(words[2], words[3]) < agents[j].w else -1
    goes = None
    if policy is not None:
        u = uniform(*block(key, MEMORY_RULE, replica, t)[:2])

        def goes(memory, y):
            return policy(np.array([float(x) for x in memory]), float(y), u)

    update(agents[i], component + sigma * standard_normal(key, replica, t), sigma, goes)
    return i, j, component


def advance(
    log_odds, memory, sigma, k, mirror, key, first_replica, first_step, n_steps, policy=None, senders=None
) -> None:
    """Advance (n_replicas, m) log-odds and (n_replicas, m, r) memories in place, as the compiled loop does.

    k = 0: unrestricted; mirror < 0: absent. Rounded to doubles only at the end.
    """
    with mp.workdps(DIGITS):
        for row in range(log_odds.shape[0]):
            agents = [Agent.at(*agent) for agent in zip(log_odds[row], memory[row], strict=True)]
            for t in range(first_step, first_step + n_steps):
                step(agents, mpf(sigma), k, mirror, key, first_replica + row, t, policy, senders)
            log_odds[row] = np.array([float(agent.log_odds) for agent in agents])
            memory[row] = np.array([[float(x) for x in agent.memory] for agent in agents])
