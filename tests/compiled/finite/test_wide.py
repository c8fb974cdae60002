"""Wide numbers in vectors against one at a time, and a core beyond the range of doubles against fractions."""

from fractions import Fraction

import numba
import numpy as np

from mcpolar.compiled.finite.wide import add_product, add_products
from mcpolar.metastability.finite import core as dense
from mcpolar.metastability.finite.wide import Wide, add_matrix_product


@numba.njit
def vector(am, ak, bm, bk, cm, ck):
    add_products(am, ak, bm, bk, cm, ck)


@numba.njit
def one(am, ak, bm, bk, cm, ck):
    return add_product(am, ak, bm, bk, cm, ck)


def drawn(rng, n):
    """Zeros, exponents that meet, that are one apart and far apart, mantissas at both ends of their range."""
    m = np.exp2(rng.uniform(-256, 256, n)) * (rng.random(n) < 0.9)
    m[rng.random(n) < 0.1] = 2.0**-256
    return m, np.where(m > 0, rng.integers(-3, 4, n), 0)


def test_vectors_have_the_bits_of_single_numbers():
    rng = np.random.default_rng(1)
    for _ in range(50):
        (am, ak), (cm, ck) = drawn(rng, 97), drawn(rng, 97)
        bm, bk = 2.0 ** rng.uniform(-256, 256), int(rng.integers(-3, 4))
        expected = [
            one(*pair, bm, bk, *other) for *pair, other in zip(am, ak, zip(cm, ck, strict=True), strict=True)
        ]
        vector(am, ak, bm, bk, cm, ck)
        np.testing.assert_array_equal(am, [m for m, _ in expected])
        held = am > 0
        np.testing.assert_array_equal(ak[held], np.array([k for _, k in expected])[held])


def exactly(wide: Wide) -> list[Fraction]:
    return [
        Fraction(m) * Fraction(2) ** (512 * k)
        for m, k in zip(wide.m.ravel().tolist(), wide.k.ravel().tolist(), strict=True)
    ]


def eliminated(scale: float, n: int = 12):
    rng = np.random.default_rng(3)
    a = Wide.of(10.0 ** (-scale * rng.random((n, n))))
    exits, pivots = Wide.of(10.0 ** (-scale * rng.random(n))), Wide.zeros(n)
    return *dense.eliminate(a.copy(), exits.copy(), pivots, n), pivots, a, exits


def worst_error(core, pivots, a, exits) -> float:
    """The largest relative error of an entry or a pivot, against elimination in fractions."""
    n = len(a)
    rows, e, worst = np.array(exactly(a)).reshape(n, n), exactly(exits), 0.0
    for k in range(n):
        pivot = sum(rows[k, k + 1 :], e[k])
        worst = max(worst, abs(float(exactly(pivots)[k] / pivot - 1)))
        for i in range(k + 1, n):
            share = rows[i, k] / pivot
            rows[i, k + 1 :] += share * rows[k, k + 1 :]
            e[i] += share * e[k]
            rows[i, k] = share
    found = exactly(core)
    return max(
        worst, *(abs(float(found[i * n + j] / true - 1)) for (i, j), true in np.ndenumerate(rows) if i != j)
    )


def test_a_core_of_100_decimal_orders_is_eliminated_in_doubles(monkeypatch):
    monkeypatch.setattr(dense, "_BLOCKED_FROM", 1)
    for scale, in_doubles in ((20, True), (120, True), (300, False)):
        core, ordinary, pivots, a, exits = eliminated(scale)
        assert (ordinary is not None) == in_doubles
        assert worst_error(core, pivots, a, exits) < 1e-13


def test_blocks_of_wide_numbers_against_fractions(monkeypatch):
    monkeypatch.setattr(dense, "_BLOCKED_FROM", 1)
    monkeypatch.setattr(dense, "_BLOCK", 5)
    for most in (0, 12, 10**6):  # the loop alone; the loop where there are many exponents; doubles alone
        monkeypatch.setattr("mcpolar.metastability.finite.wide._MOST_PRODUCTS", most)
        core, ordinary, pivots, a, exits = eliminated(300)
        assert ordinary is None
        assert worst_error(core, pivots, a, exits) < 1e-13


def test_control_a_product_without_its_small_exponents_is_caught(monkeypatch):
    monkeypatch.setattr(dense, "_BLOCKED_FROM", 1)
    monkeypatch.setattr(dense, "_BLOCK", 5)

    def without(out, a, b):
        held = a.k == a.k.max()
        add_matrix_product(out, Wide(np.where(held, a.m, 0.0), a.k), b)

    monkeypatch.setattr(dense, "add_matrix_product", without)
    core, _, pivots, a, exits = eliminated(300)
    assert worst_error(core, pivots, a, exits) > 1e-3


def test_products_of_matrices_at_many_scales(monkeypatch):
    rng = np.random.default_rng(5)
    for most in (0, 10**6):
        monkeypatch.setattr("mcpolar.metastability.finite.wide._MOST_PRODUCTS", most)
        for _ in range(5):
            a, b, c = (Wide(*(x.reshape(7, 7) for x in drawn(rng, 49))) for _ in range(3))
            out = c.copy()
            add_matrix_product(out, a, b)
            left, right, true = (np.array(exactly(x)).reshape(7, 7) for x in (a, b, c))
            true = true + left @ right
            for found, exact in zip(exactly(out), true.ravel().tolist(), strict=True):
                assert abs(found - exact) <= exact * Fraction(1, 10**14)
