"""The chance that n m steps update every agent n times, each time from its own side (L1', L2', T1')."""

from __future__ import annotations

from fractions import Fraction

from mcpolar.balls import Ball, ball
from mcpolar.parameters import ChainParameters


def log_rounds(chain: ChainParameters, n: int, success: Ball) -> Ball:
    """Return the log of (n m)!/(n!)^m / m^{n m} * b * success^{n m}, at the working precision.

    Parameters
    ----------
    chain : ChainParameters
        Gives m and who may send; a mirror probability must be positive.
    n : int
        Updates of every agent.
    success : ball
        Least chance that a sender of the receiver's side draws as it should: a P_J or a P.
    """
    m, n_steps = chain.m, n * chain.m
    orders = ball(n_steps + 1).lgamma() - m * ball(n + 1).lgamma() - n_steps * ball(m).log()
    return orders + log_split_factor(chain, n) + n_steps * success.log()


def log_split_factor(chain: ChainParameters, n: int) -> Ball:
    """Return log b: the least chance, over the splits, that all senders are of the receiver's side.

    Unrestricted, b = min over p of (p/m)^{n p} ((m-p)/m)^{n(m-p)}. Since x log x is convex, so is log b in p,
    and it is symmetric about m/2: the minimum is at p = floor(m/2). Otherwise agents may have to send to
    themselves: b = (k+1)^{-n m}, or mirror^{n m}.
    """
    m = chain.m
    if chain.is_unrestricted:
        sides = [side for side in (m // 2, m - m // 2) if side > 0]  # 0^0 = 1
        return n * sum((side * ball(Fraction(side, m)).log() for side in sides), ball(0))
    if chain.mirror is not None:
        return n * m * ball(chain.mirror).log()
    return -n * m * ball((chain.k or 0) + 1).log()
