"""Draws are a function of (seed, cell, purpose, replica, index), and have the law they claim."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mcpolar.compiled.base import philox as compiled
from mcpolar.errors import InputError
from mcpolar.rng import LARGEST_SEED, Purpose, generator, normals, philox_key, uniforms
from tests.twins import philox as twin

FALSE_ALARM = 1e-7  # of each statistical test below
WORD = st.integers(0, 2**32 - 1)


def compiled_philox(counter, key):
    words = compiled.philox(*(np.uint64(word) for word in (*counter, *key)))
    return tuple(int(word) & 0xFFFFFFFF for word in words)  # the high halves mean nothing


# Random123 (Salmon, Moraes, Dror, Shaw), file kat_vectors, the lines "philox4x32 10": counter, key, block
KNOWN_ANSWERS = [
    "00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1",
]


@pytest.mark.parametrize("vector", KNOWN_ANSWERS)
@pytest.mark.parametrize("philox", [compiled_philox, twin.philox4x32])
def test_reference_known_answers(philox, vector):
    words = tuple(int(word, 16) for word in vector.split())
    assert philox(words[:4], words[4:6]) == words[6:]


@given(st.tuples(WORD, WORD, WORD, WORD), st.tuples(WORD, WORD))
def test_twin_block(counter, key):
    assert compiled_philox(counter, key) == twin.philox4x32(counter, key)


@given(
    seed=st.integers(0, LARGEST_SEED),
    cell=st.lists(WORD, max_size=3),
    purpose=st.sampled_from(Purpose),
    replica=st.integers(0, 2**32 - 3),
    index=st.integers(0, 2**53 - 4),
)
def test_twin_uniforms_and_normals(seed, cell, purpose, replica, index):
    key = philox_key(seed, cell)
    where = {"first_replica": replica, "first_index": index}
    flat, normal = uniforms(key, purpose, 2, 3, **where), normals(key, purpose, 2, 3, **where)
    words = tuple(int(word) for word in key)
    for row, column in itertools.product(range(2), range(3)):
        at = index + column
        block = twin.block(words, purpose, replica + row, at)
        assert flat[row, column] == twin.uniform(*block[:2])
        pair = twin.normal_pair(twin.block(words, purpose, replica + row, at // 2))
        assert normal[row, column] == pytest.approx(pair[at % 2], rel=1e-12, abs=1e-15)


@given(WORD, WORD)
def test_law_uniform_is_symmetric_and_inside(high, low):
    u = float(compiled.uniform(np.uint64(high), np.uint64(low)))
    mirrored = float(compiled.uniform(np.uint64(2**32 - 1 - high), np.uint64(2**32 - 1 - low)))
    assert 0 < u < 1
    assert Fraction(u) == Fraction((high << 32 | low) >> 12, 2**52) + Fraction(1, 2**53)
    assert Fraction(mirrored) == 1 - Fraction(u)


def test_law_uniform_at_its_ends():
    ends = [compiled.uniform(np.uint64(word), np.uint64(word)) for word in (0, 2**32 - 1)]
    assert ends == [2.0**-53, 1 - 2.0**-53]


@given(WORD, st.integers(1, 2**32))
def test_law_below(word, n):
    assert int(compiled.below(np.uint64(word), n)) == word * n // 2**32 < n


def test_law_replica_alone_and_going_on():
    key = philox_key(3)
    for draw in (uniforms, normals):
        whole = draw(key, Purpose.NORMAL, 5, 40)
        part = draw(key, Purpose.NORMAL, 2, 13, first_replica=3, first_index=27)
        assert (part == whole[3:, 27:]).all()


def test_law_everything_in_the_name_of_a_draw_matters():
    places = [(1, ()), (2, ()), (1, (0,)), (1, (0, 0)), (1, (1,)), (2**64, ())]
    rows = [uniforms(philox_key(*place), purpose, 2, 2) for place in places for purpose in Purpose]
    assert len(np.unique(np.array(rows))) == len(places) * len(Purpose) * 4
    numbers = [
        generator(seed, purpose, replica, cell).random()
        for (seed, cell), purpose, replica in itertools.product(places, Purpose, (0, 1))
    ]
    assert len(set(numbers)) == len(numbers)
    assert generator(1, Purpose.BOOTSTRAP, 4).random() == generator(1, Purpose.BOOTSTRAP, 4).random()


def chi_square_p_value(counts, expected):
    return stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), counts.size - 1)


def pairs_p_value(numbers, bins=32):
    """p-value of uniformity and independence of consecutive numbers, by counts on a bins x bins grid."""
    counts = np.histogram2d(numbers[::2], numbers[1::2], bins, [[0, 1], [0, 1]])[0]
    return chi_square_p_value(counts, numbers.size / 2 / bins**2)


def neighbours_in(array):
    """Return the values in two orders: consecutive ones are neighbours in a row, or in a column."""
    return array.ravel(), array.T.ravel()


@pytest.mark.parametrize("purpose", Purpose)
def test_statistics_uniforms_along_steps_and_replicas(purpose):
    block = uniforms(philox_key(11), purpose, 256, 256, first_index=2**32 - 128)
    assert min(map(pairs_p_value, neighbours_in(block))) > FALSE_ALARM / 2


def test_statistics_normals_and_their_pairs():
    block = normals(philox_key(12), Purpose.NORMAL, 256, 256)
    assert min(map(pairs_p_value, neighbours_in(stats.norm.cdf(block)))) > FALSE_ALARM / 3
    # the two normals of one block are independent in size too, which a wrong radius would break
    assert pairs_p_value(stats.chi2.cdf(block.ravel() ** 2, 1)) > FALSE_ALARM / 3


def test_statistics_words_of_a_block_are_independent():
    key = tuple(int(word) for word in philox_key(13))
    words = np.array([compiled_philox((step, 0, 0, step % 7), key) for step in range(20_000)]) / 2.0**32
    for a, b in itertools.combinations(range(4), 2):
        assert pairs_p_value(words[:, [a, b]].ravel(), 16) > FALSE_ALARM / 6


def test_control_two_rounds_are_caught():
    key = tuple(int(word) for word in philox_key(13))
    words = np.array([twin.philox4x32((step, 0, 0, 5), key, rounds=2) for step in range(20_000)]) / 2.0**32
    assert min(pairs_p_value(column) for column in words.T) < FALSE_ALARM / 6


def test_control_a_wrong_radius_is_caught():
    block = normals(philox_key(12), Purpose.NORMAL, 256, 256)
    assert pairs_p_value(stats.norm.cdf(1.1 * block).ravel()) < FALSE_ALARM / 3


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("seed", lambda: philox_key(-1)),
        ("seed", lambda: philox_key(2**128)),
        ("seed", lambda: philox_key(1.5)),
        ("seed", lambda: generator(True, Purpose.STEP)),
        ("cell", lambda: philox_key(1, (2**32,))),
        ("cell", lambda: philox_key(1, (-1,))),
        ("replica", lambda: generator(1, Purpose.STEP, 2**32)),
        ("first_replica", lambda: uniforms(philox_key(1), Purpose.STEP, 1, 1, first_replica=2**32)),
        ("n_replicas", lambda: uniforms(philox_key(1), Purpose.STEP, 2, 1, first_replica=2**32 - 1)),
        ("n_replicas", lambda: normals(philox_key(1), Purpose.STEP, -1, 1)),
        ("first_index", lambda: normals(philox_key(1), Purpose.STEP, 1, 1, first_index=-1)),
        ("n", lambda: normals(philox_key(1), Purpose.STEP, 1, 2, first_index=2**53)),
    ],
)
def test_rejects_bad_arguments(name, call):
    with pytest.raises(InputError, match=f"`{name}` must be a whole number"):
        call()
