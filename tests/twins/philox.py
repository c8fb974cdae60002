"""Philox4x32 in plain integers, from the published description; slow, with any number of rounds."""

from __future__ import annotations

import math

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)


def philox4x32(counter: tuple[int, ...], key: tuple[int, ...], rounds: int = 10) -> tuple[int, ...]:
    """Return four 32-bit words."""
    left, right = key
    for _ in range(rounds):
        high_0, low_0 = divmod(MULTIPLIERS[0] * counter[0], 2**32)
        high_1, low_1 = divmod(MULTIPLIERS[1] * counter[2], 2**32)
        counter = (high_1 ^ counter[1] ^ left, low_1, high_0 ^ counter[3] ^ right, low_0)
        left, right = (left + WEYL[0]) % 2**32, (right + WEYL[1]) % 2**32
    return counter


def block(key: tuple[int, int], purpose: int, replica: int, index: int) -> tuple[int, ...]:
    """Return the four words that the package draws for (key, purpose, replica, index)."""
    return philox4x32((index % 2**32, index // 2**32, purpose, replica), key)


def uniform(high: int, low: int) -> float:
    """Return the 52-bit uniform of two words."""
    return ((high * 2**32 + low) // 2**12 + 0.5) / 2**52


def normal_pair(words: tuple[int, ...]) -> tuple[float, float]:
    """Return Box and Muller's two normals of one block."""
    radius = math.sqrt(-2 * math.log(uniform(*words[:2])))
    angle = 2 * math.pi * uniform(*words[2:])
    return radius * math.cos(angle), radius * math.sin(angle)
