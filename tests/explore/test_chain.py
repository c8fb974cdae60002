"""The page's chain: its law against exact chances and the package's loop, and who is near at any sigma."""

from functools import cmp_to_key

import flint
import numpy as np
import pytest

from mcpolar.balls import working_precision
from mcpolar.bounds import chances
from mcpolar.chain import Start, simulate
from mcpolar.parameters import ChainParameters
from tests.calibrated import DiffersError, assert_proportion, assert_same_distribution

BITS = 20_000  # weights fall to e^-12000 here

FIRST_STEPS = """({n, ...c}) => { let kept = 0; const own = c.h / (c.sigma * c.sigma)
  for (let seed = 1; seed <= n; seed++) {
    const one = new Chain(c, seed).start('boundary', c.h)
    if (one.isAtLevel(one.step(), own)) kept++
  }
  return kept }"""

SUMS = """({n, steps, start, ...c}) => Array.from({length: n}, (_, seed) => {
  const one = new Chain(c, seed + 1).start(start, 1)
  for (let t = 0; t < steps; t++) one.step()
  return one.l.reduce((sum, l) => sum + Math.tanh(l / 2), 0) })"""

PATH = """({steps, start, ...c}) => {
  const one = new Chain(c, 5).start(start, c.h), l = [...one.l], x = [...one.x], found = []
  for (let t = 0; t < steps; t++) {
    one.step()
    found.push([one.receiver, one.arrival, Array.from({length: c.m}, (_, rank) => one.neighbour(t % c.m, rank))])
  }
  return {l, x, found} }"""


@pytest.mark.parametrize("sigma", ["0.3", "0.6"])
def test_statistics_the_first_step_keeps_the_level_with_its_exact_chance(scripts, sigma):
    n, chain = 20_000, ChainParameters(m=8, r=3, sigma=sigma, k=3)
    with working_precision(200):
        missed = float(chances.level_missed(chain.sigma, chain.precision).mid())
    kept = scripts.evaluate(FIRST_STEPS, {"n": n, "m": 8, "r": 3, "sigma": float(sigma), "h": 1, "k": 3})
    assert_proportion(kept, n, 1 - missed, false_alarm=1e-7, resolves=0.03)
    with pytest.raises(DiffersError):
        assert_proportion(kept, n, 1 - missed * 1.5, false_alarm=1e-7, resolves=0.03)


@pytest.mark.parametrize(("start", "k"), [("undecided", None), ("undecided", 2), ("random", 3)])
def test_statistics_the_law_is_that_of_the_package(scripts, start, k):
    n, steps, chain = 6000, 60, ChainParameters(m=6, r=2, sigma="0.8", k=k)
    given = {"n": n, "steps": steps, "start": start, "m": 6, "r": 2, "sigma": 0.8, "k": k}
    ours = simulate(chain, Start(start), steps, every=steps, replicas=n, seed=11).final.log_odds
    theirs = np.tanh(ours / 2).sum(axis=-1)
    assert theirs.shape == (n,)
    assert_same_distribution(scripts.evaluate(SUMS, given), theirs, false_alarm=1e-7, resolves=0.125)
    broken = scripts.evaluate(SUMS, given | {"sigma": 1.1})
    with pytest.raises(DiffersError):
        assert_same_distribution(broken, theirs, false_alarm=1e-7, resolves=0.125)


def weights_along(path, m, r, sigma):
    """Yield (balls (w, 1 - w) of every agent, the page's ranks) after each step, from its arrivals alone."""
    odds = [flint.arb(value) for value in path["l"]]
    memory = [path["x"][i * r : (i + 1) * r] for i in range(m)]
    s = 2 / flint.arb(sigma) ** 2
    weights = [(1 / (1 + (-one).exp()), 1 / (1 + one.exp())) for one in odds]
    for receiver, y, ranks in path["found"]:
        held = memory[receiver]
        held[int(np.argmax(np.abs(np.array(held) - y)))] = y
        up, down = weights[receiver]
        parts = [(up, down * (-s * flint.arb(x)).exp()) for x in held]
        weights[receiver] = (
            sum((a / (a + b) for a, b in parts), flint.arb(0)) / r,
            sum((b / (a + b) for a, b in parts), flint.arb(0)) / r,
        )
        yield weights, ranks


def distance(weights, i, j):
    """|w_i - w_j| from whichever of w and 1 - w is small."""
    (a, p), (b, q) = weights[i], weights[j]
    return abs(a - b) if a < 0.5 else abs(p - q)


def wrong_ranks(path, m, r, sigma):
    """Count the neighbours that the page ranks before a nearer one that is not alike (see tests/twins/nearest.py)."""
    wrong = choices = 0
    with working_precision(BITS):
        for t, (weights, ranks) in enumerate(weights_along(path, m, r, sigma)):
            i = t % m
            far = [distance(weights, i, j) for j in range(m)]
            right = sorted(
                (j for j in range(m) if j != i),
                key=cmp_to_key(lambda a, b, far=far: -1 if far[a] < far[b] else 1),
            )
            assert ranks[0] == i
            assert sorted(ranks) == list(range(m))
            for chosen, best in zip(ranks[1:], right, strict=True):
                choices += 1
                if chosen != best and not _alike(weights[chosen], weights[best], r):
                    wrong += 1
    return wrong, choices


def _alike(one, other, r):
    """Whether two weights differ by less than 1e-9 of d, r (2w - 1) = n + d with n whole."""
    n = round(r * float((one[0] - one[1]).mid()))
    if abs(n) == r:
        residuals = [-2 * r * q if n > 0 else 2 * r * a for a, q in (one, other)]
    else:
        residuals = [r * (a - q) - n for a, q in (one, other)]
    return bool(abs(residuals[0] - residuals[1]) <= abs(residuals[1]) * flint.arb(1e-9))


SMALL = {"m": 9, "r": 5, "sigma": 0.07, "h": 1, "k": 3, "steps": 250}


@pytest.mark.parametrize(
    "given", [SMALL, SMALL | {"sigma": 0.5}, SMALL | {"r": 1}, SMALL | {"r": 2, "sigma": 0.1}]
)
@pytest.mark.parametrize("start", ["undecided", "random"])
def test_twin_near_agents_are_those_of_exact_weights(scripts, given, start):
    path = scripts.evaluate(PATH, given | {"start": start})
    wrong, choices = wrong_ranks(path, given["m"], given["r"], given["sigma"])
    assert (wrong, choices) == (0, 250 * 8)


def test_control_ranks_from_log_odds_alone_are_wrong_at_small_sigma(scripts):
    """Weights made anew from log-odds, as a page without residuals would: the rounding of a logarithm decides."""
    forgetful = PATH.replace("one.step()", "one.step(); one.sort()")
    path = scripts.evaluate(forgetful, SMALL | {"start": "undecided"})
    assert wrong_ranks(path, SMALL["m"], SMALL["r"], SMALL["sigma"])[0] > 20


def test_law_ties_go_to_the_smaller_number(scripts):
    """Around a weight of 1/2 opposite ones are equally near: agents 0 to 4 at +1, 0, -1, +1, -1."""
    ranks = """() => { const one = new Chain({m: 5, r: 1, sigma: 1, k: 2}, 1); one.l.set([1, 0, -1, 1, -1]); one.sort()
      return [0, 1, 2, 3, 4].map(rank => one.neighbour(1, rank)) }"""
    assert scripts.evaluate(ranks) == [1, 0, 2, 3, 4]


def test_law_replicas_are_at_one_step_and_their_times_agree(scripts):
    found = scripts.evaluate("""() => {
      const c = {m: 4, r: 2, sigma: 0.6, h: 1, k: null, T: 300, start: 'undecided'}, e = new Ensemble(c, 50, 3)
      e.advance(7)
      const early = e.all.map(one => one.chain.t)
      e.advance(1e9)
      const f = e.found(), polarized = [...f.polarized].filter(Number.isFinite)
      return {early: [...new Set(early)], reached: f.reached, polarized, now: f.poles + f.alike} }""")
    assert (found["early"], found["reached"]) == ([7], 300)
    assert len(found["polarized"]) >= found["now"] > 0
    assert all(8 <= time <= 300 for time in found["polarized"])  # four agents, each told twice at least
