"""Philox4x32-10 and what is made from its blocks: a draw is a function of (key, purpose, replica, index).

Philox is the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
1, 2, 3" (SC 2011). It has no state: a block of four 32-bit words is a function of a counter of four words and
a key of two. Our counter is (index low, index high, purpose, replica), the index being the step where there
is one; so any replica can be run alone, in any block of replicas, on any thread and from any step on, and
sees the same draws.

Words are held in uint64; lanes multiply them 32 x 32 -> 64 bits. What takes words and gives numbers takes those of one
replica or of 32 (:mod:`mcpolar.compiled.base.simd`).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, cos_sin_turns, double_of, log
from mcpolar.compiled.base.simd import high_half, low_product, spread, square_root
from mcpolar.compiled.caching import loop

__all__ = [
    "INLINE", "below", "block", "box_muller", "fill_normals", "fill_uniforms", "lane_below", "lane_block", "philox",
    "uniform",
]  # fmt: skip

Word: TypeAlias = np.uint64
Block: TypeAlias = tuple[Word, Word, Word, Word]

_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_WORD = np.uint64(0xFFFFFFFF)
_32, _12 = np.uint64(32), np.uint64(12)
_ONE_BITS = np.uint64(1023 << 52)


@njit(**INLINE)
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> Block:
    """Return the block of four words that belongs to a counter and a key; all arguments uint64 below 2^32.

    The words stand in the low halves of 64 bits, with no meaning above.
    """
    for _ in range(10):
        product_0, product_1 = low_product(c0, _MULTIPLIER_0), low_product(c2, _MULTIPLIER_1)
        c0, c1, c2, c3 = high_half(product_1) ^ c1 ^ k0, product_1, high_half(product_0) ^ c3 ^ k1, product_0
        k0 = (k0 + _WEYL_0) & _WORD
        k1 = (k1 + _WEYL_1) & _WORD
    return c0, c1, c2, c3


@njit(**INLINE)
def block(key: NDArray[Word], purpose: int, replica: int, index: int) -> Block:
    """Return the four words of (key, purpose, replica, index); `key` is uint64 of shape (2,)."""
    wide = np.uint64(index)
    c0, c1, c2, c3 = philox(wide & _WORD, wide >> _32, np.uint64(purpose), np.uint64(replica), key[0], key[1])
    return c0 & _WORD, c1 & _WORD, c2 & _WORD, c3 & _WORD


@njit(**INLINE)
def lane_block(key: NDArray[Word], purpose: int, replicas: Any, indices: Any) -> Any:
    """Return the four words of every lane, with no meaning above 32 bits."""
    return philox(indices & _WORD, indices >> _32, spread(np.uint64(purpose)), replicas, key[0], key[1])


@njit(**INLINE)
def uniform(high: Word, low: Word) -> float:
    """Return a uniform of 52 bits from two words: (n + 1/2) 2^-52, n = 0, 1, ..., 2^52 - 1.

    Both u and 1 - u are exact doubles and have the same law, and neither is ever 0 or 1. (With 53 bits the
    largest value would round to 1.)
    """
    # n becomes the fraction bits of 1 + n 2^-52; the subtraction is exact
    return double_of(_ONE_BITS | (((high << _32) | (low & _WORD)) >> _12)) - (1.0 - 2.0**-53)


@njit(**INLINE)
def below(word: Word, n: int) -> np.int64:
    """Return a whole number in 0, ..., n - 1 from one word, by multiply and shift: floor(word n / 2^32).

    The probability of each value is within 2^-32 of 1/n: a relative bias of at most n / 2^32 (7e-9 for
    n = 30, 2.4e-4 for n = 10^6). There is no rejection, so that every step uses the same words. n <= 2^32.
    """
    return np.int64((word * np.uint64(n)) >> _32)


@njit(**INLINE)
def lane_below(word: Any, n: Any) -> Any:
    """Return :func:`below` of every lane."""
    return low_product(word, n) >> _32


@njit(**INLINE)
def box_muller(c0: Word, c1: Word, c2: Word, c3: Word) -> tuple[float, float]:
    """Return two independent standard normals from one block, by Box and Muller's transform."""
    radius = square_root(-2.0 * log(uniform(c0, c1)))
    cosine, sine = cos_sin_turns(uniform(c2, c3))
    return radius * cosine, radius * sine


@loop
def fill_uniforms(
    out: NDArray[np.float64], key: NDArray[Word], purpose: int, first_replica: int, first_index: int
) -> None:
    """Fill `out` (n_replicas, n) with uniforms: [R, t] from block (first_index + t, first_replica + R)."""
    for replica in range(out.shape[0]):
        for index in range(out.shape[1]):
            c0, c1, _, _ = block(key, purpose, first_replica + replica, first_index + index)
            out[replica, index] = uniform(c0, c1)


@loop
def fill_normals(
    out: NDArray[np.float64], key: NDArray[Word], purpose: int, first_replica: int, first_index: int
) -> None:
    """Fill `out` (n_replicas, n) with standard normals: index 2 q and 2 q + 1 share block q."""
    for replica in range(out.shape[0]):
        for offset in range(out.shape[1]):
            index = first_index + offset
            even, odd = box_muller(*block(key, purpose, first_replica + replica, index >> 1))
            out[replica, offset] = odd if index & 1 else even
