"""Every operation on 32 lanes against the same operation on numbers, and those against NumPy."""

import numpy as np
import pytest
from numba import njit

from mcpolar.compiled.base import simd
from mcpolar.compiled.base.simd import LANES, gather, gather_listed, load, scatter, scatter_listed, store

ZERO = np.uint64(0)


def operands():
    """Reals, words and shifts that every operation is tried on, the same in every test."""
    generator = np.random.default_rng(3)
    reals = np.concatenate(
        [generator.normal(size=(3, LANES - 6)), np.tile([0.0, -0.0, 1.5, -2.5, 3.0, 1e100], (3, 1))], 1
    )
    words = generator.integers(0, 2**64, (2, LANES), np.uint64)
    words[1, ::3] = words[0, ::3]
    return reals, words, generator.integers(0, 64, LANES, np.uint64)


REALS, WORDS, SHIFTS = operands()
LOW = np.uint64(2**32 - 1)

# on lanes and on numbers, and the same by NumPy where it has it
REAL_OPERATIONS = {
    "fma": (lambda a, b, c: simd.fma(a, b, c) + 0.0, None),
    "size": (lambda a, b, c: simd.size(a) + b, lambda a, b, c: abs(a) + b),
    "square_root": (lambda a, b, c: simd.square_root(simd.size(a)), lambda a, b, c: np.sqrt(abs(a))),
    "floor": (lambda a, b, c: simd.floor(a) - b, lambda a, b, c: np.floor(a) - b),
    "larger": (lambda a, b, c: simd.larger(a, b) + c, lambda a, b, c: np.maximum(a, b) + c),
    "smaller": (lambda a, b, c: simd.smaller(a, b) + c, lambda a, b, c: np.minimum(a, b) + c),
    "operators": (
        lambda a, b, c: -(a + 2.0) * b - c / (1.0 + b),
        lambda a, b, c: -(a + 2.0) * b - c / (1.0 + b),
    ),
    "select": (lambda a, b, c: simd.select(a < b, a, 1.0), lambda a, b, c: np.where(a < b, a, 1.0)),
    "both": (
        lambda a, b, c: simd.select(simd.both(a > 0.0, b > c), a, c),
        lambda a, b, c: np.where((a > 0) & (b > c), a, c),
    ),
    "either": (
        lambda a, b, c: simd.select(simd.either(a > 0.0, b > c), a, c),
        lambda a, b, c: np.where((a > 0) | (b > c), a, c),
    ),
    "is_equal": (
        lambda a, b, c: simd.select(simd.is_equal(a, 0.0), 1.0, b),
        lambda a, b, c: np.where(a == 0, 1.0, b),
    ),
    "bits": (lambda a, b, c: simd.double_of(simd.bits_of(a) | simd.bits_of(a)), lambda a, b, c: a),
}
WORD_OPERATIONS = {
    "operators": (
        lambda a, b, s: ((a + b) ^ (a * b)) & ((b - a) | b),
        lambda a, b, s: ((a + b) ^ (a * b)) & ((b - a) | b),
    ),
    "shifts": (lambda a, b, s: (a << s) + (b >> s), lambda a, b, s: (a << s) + (b >> s)),
    "signed_shift": (
        lambda a, b, s: simd.signed_shift(a, s) + b,
        lambda a, b, s: (a.view(np.int64) >> s.view(np.int64)).view(np.uint64) + b,
    ),
    "high_half": (lambda a, b, s: simd.high_half(a) & LOW, lambda a, b, s: a >> np.uint64(32)),
    "low_product": (lambda a, b, s: simd.low_product(a, b) + s, lambda a, b, s: (a & LOW) * (b & LOW) + s),
    "is_same": (
        lambda a, b, s: simd.select_word(simd.is_same(a, b), a, s),
        lambda a, b, s: np.where(a == b, a, s),
    ),
    "is_below": (
        lambda a, b, s: simd.select_word(simd.is_below(a, b), a, s),
        lambda a, b, s: np.where(a < b, a, s),
    ),
    "is_negative": (
        lambda a, b, s: simd.select_word(simd.is_negative(a), b, s),
        lambda a, b, s: np.where(a.view(np.int64) < 0, b, s),
    ),
}


def run(operation, arguments, out):
    """Return what an operation gives on lanes and on numbers."""
    compiled = njit(operation, error_model="numpy")

    @njit(error_model="numpy")
    def on_lanes(a, b, c, out):
        store(out, ZERO, compiled(load(a, ZERO), load(b, ZERO), load(c, ZERO)))

    @njit(error_model="numpy")
    def on_numbers(a, b, c, out):
        for lane in range(LANES):
            out[lane] = compiled(a[lane], b[lane], c[lane])

    found = out.copy(), out.copy()
    on_lanes(*arguments, found[0])
    on_numbers(*arguments, found[1])
    return found


@pytest.mark.parametrize("name", REAL_OPERATIONS)
def test_twin_reals(name):
    operation, by_numpy = REAL_OPERATIONS[name]
    on_lanes, on_numbers = run(operation, tuple(REALS), np.empty(LANES))
    assert on_lanes.tobytes() == on_numbers.tobytes()
    if by_numpy is not None:
        assert (on_lanes == by_numpy(*REALS)).all()


@pytest.mark.parametrize("name", WORD_OPERATIONS)
def test_twin_words(name):
    operation, by_numpy = WORD_OPERATIONS[name]
    arguments = (*WORDS, SHIFTS)
    on_lanes, on_numbers = run(operation, arguments, np.empty(LANES, np.uint64))
    assert (on_lanes == on_numbers).all()
    assert (on_lanes == by_numpy(*arguments)).all()


def test_control_a_product_and_a_sum_round_twice():
    fused = run(REAL_OPERATIONS["fma"][0], tuple(REALS), np.empty(LANES))[0]
    assert (fused != REALS[0] * REALS[1] + REALS[2]).any()


def test_law_gathers_and_scatters():
    generator = np.random.default_rng(4)
    array, places = generator.normal(size=100), generator.permutation(100)[:LANES].astype(np.uint64)

    @njit
    def move(array, places, by_lists, by_vectors):
        at = load(places, ZERO)
        store(by_lists, ZERO, gather_listed(array, places, ZERO))
        store(by_vectors, ZERO, gather(array, at))

    @njit
    def put(array, places, values, listed):
        if listed:
            scatter_listed(array, places, ZERO, load(values, ZERO))
        else:
            scatter(array, load(places, ZERO), load(values, ZERO))

    found = np.empty(LANES), np.empty(LANES)
    move(array, places, *found)
    assert all((values == array[places]).all() for values in found)
    for listed in (True, False):
        out = np.zeros(100)
        put(out, places, found[0], listed)
        assert (out[places] == array[places]).all()
        assert np.count_nonzero(out) == LANES


def test_law_any_and_spread():
    @njit
    def any_below(limit, out):
        store(out, ZERO, simd.spread(limit))
        return simd.is_any(simd.is_below(simd.lanes(), np.uint64(limit)))

    out = np.empty(LANES)
    assert not any_below(0.0, out)
    assert any_below(1.0, out)
    assert (out == 1.0).all()
