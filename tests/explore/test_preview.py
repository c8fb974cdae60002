"""The page's doubles against certified bounds: within 1e-9 in log10, or the page says that it cannot decide."""

import math

import numpy as np
import pytest

from mcpolar.balls import lower_end
from mcpolar.bounds import chances, silo_persistence, theorem2
from mcpolar.bounds.polarization.lower import alone, geometric, self_sent
from mcpolar.bounds.polarization.plan import Plan, most_even, own_sending
from mcpolar.bounds.proposition2 import updates_to_level
from mcpolar.parameters import ChainParameters

CASES = 1000
LARGEST_ERROR = 1e-9


def cases(count=CASES, seed=18):
    """Parameters as the page allows them; a third of them small memories at small sigma, where doubles fail."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        hard = number % 3 == 0
        m = int(random.integers(2, 60))
        r = int(random.integers(1, 4)) if hard else int(random.integers(1, 21))
        sigma = f"{random.uniform(0.02, 0.2) if hard else random.uniform(0.05, 2):.{random.integers(1, 5)}f}"
        k = None if random.random() < 0.4 else int(random.integers(1, m))
        sigma = "0.1" if float(sigma) < 0.02 else sigma
        T = round(10 ** random.uniform(0, 6))
        found.append({"m": m, "r": r, "sigma": sigma, "h": int(random.integers(1, 6)), "k": k, "T": T})
    return found


def of_the_weaker_form(chain, level):
    """T1g with its first draws in J, or self-sending at the shortest horizon: what the page previews, certified."""
    clear = lower_end(lambda: chances.inner_interval(chain.sigma) ** chain.r)
    plan = Plan(chain, updates_to_level(chain, level), clear)
    if chain.is_unrestricted:
        return geometric(plan, most_even(chain.m))
    return alone(plan, plan.fewest, self_sent(own_sending(chain)), "self-sending", is_free=False)


def log10(bound):
    """The bound's logarithm; near 1 by its chance of failure, since the bound itself is rounded to some 130 bits."""
    if bound.failure is not None and bound.failure.log10 < -20:
        return -(10**bound.failure.log10) / math.log(10)
    return None if bound.log10 == -math.inf else bound.log10


def certified(case):
    chain = ChainParameters(m=case["m"], r=case["r"], sigma=case["sigma"], k=case["k"])
    options = {"level": case["h"], "steps": case["T"], "split": case["m"] // 2}
    weaker = of_the_weaker_form(chain, case["h"])
    return {
        "siloPersistence": log10(silo_persistence(chain, **options)),
        "theorem2": log10(theorem2(chain, **options)),
        "theorem1": weaker.value.log10,
        "steps": weaker.steps,
    }


PREVIEW = """cases => cases.map(given => {
  const k = given.k === null || given.k >= given.m - 1 ? null : given.k
  const c = {...given, sigma: Number(given.sigma), k}
  const log10 = ln => ln === UNDECIDED ? 'undecided' : ln === -Infinity ? null : ln / Math.LN10
  const one = theorem1(c)
  const kept = {siloPersistence: log10(siloPersistence(c)), theorem2: log10(theorem2(c))}
  return {...kept, theorem1: log10(one.log), steps: one.steps}
})"""


def disagreements(cases, previews):
    """Return the cases in which the page shows a number that the certified one contradicts, and the undecided ones."""
    wrong, undecided = [], 0
    for case, shown in zip(cases, previews, strict=True):
        exact = certified(case)
        for name in ("siloPersistence", "theorem2", "theorem1"):
            if shown[name] == "undecided":
                undecided += 1
            elif None in (shown[name], exact[name]):
                wrong += [(case, name)] if shown[name] != exact[name] else []
            elif abs(shown[name] - exact[name]) > LARGEST_ERROR * abs(exact[name]):
                wrong.append((case, name, shown[name], exact[name]))
        if shown["steps"] not in (None, exact["steps"]):
            wrong.append((case, "steps", shown["steps"], exact["steps"]))
    return wrong, undecided


@pytest.mark.slow
def test_sandwich_previews_agree_with_certified_bounds(scripts):
    found = cases()
    wrong, undecided = disagreements(found, scripts.evaluate(PREVIEW, found))
    assert wrong == []
    assert undecided < 3 * len(found) / 5  # most are decided


def test_control_a_count_by_rounded_logarithms_is_seen(scripts):
    """The prototype's count: at r = 2 and small sigma 1 + 2q rounds to 1, and the bound was overstated."""
    found = [
        {"m": 30, "r": 2, "sigma": sigma, "h": 1, "k": None, "T": 9} for sigma in ("0.16", "0.1", "0.05")
    ]
    rounded = """cases => cases.map(({r, h, ...c}) => {
      const sigma = Number(c.sigma), q = Math.exp(-1 / sigma / sigma)
      let v = 1
      for (let u = 1; u < r; u++) v = (r * v * q + (r - u)) / u
      return Math.max(r, r - 1 + h + Math.ceil(sigma * sigma * Math.log(v))) })"""
    exact = [updates_to_level(ChainParameters(m=30, r=2, sigma=case["sigma"]), 1) for case in found]
    assert scripts.evaluate(rounded, found) != exact
    assert (
        scripts.evaluate("cases => cases.map(c => updatesToLevel(c.r, Number(c.sigma), c.h))", found) == exact
    )


def test_control_a_preview_that_is_off_by_a_billionth_is_seen(scripts):
    found = cases(30)
    previews = scripts.evaluate(PREVIEW, found)
    for preview in previews:
        preview["theorem1"] = (
            preview["theorem1"] if preview["theorem1"] == "undecided" else preview["theorem1"] * (1 + 1e-8)
        )
    wrong, _ = disagreements(found, previews)
    assert len(wrong) > 20


@pytest.mark.parametrize(
    ("case", "name"),
    [
        ({"m": 30, "r": 5, "sigma": "0.02", "h": 1, "k": 14, "T": 100}, "siloPersistence"),  # 1 - 1e-545
        (
            {"m": 30, "r": 5, "sigma": "1.2011224087", "h": 1, "k": 14, "T": 100},
            "theorem2",
        ),  # h/sigma^2 = log 2
    ],
)
def test_law_what_doubles_cannot_hold_is_not_decided(scripts, case, name):
    assert scripts.evaluate(PREVIEW, [case])[0][name] == "undecided"


def test_law_a_count_beside_a_whole_number_is_refused(scripts):
    """Bisect sigma until sigma^2 log v is 1 to the last digits, at r = 9."""
    low, high = 1.0, 2.0

    def excess(sigma):
        q, v = math.exp(-1 / sigma**2), 1.0
        for u in range(1, 9):
            v = (9 * v * q + 9 - u) / u
        return sigma**2 * math.log(v) - 1

    assert excess(low) * excess(high) < 0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) * excess(low) > 0 else (low, middle)
    assert scripts.evaluate("sigma => updatesToLevel(9, sigma, 1)", low) is None
    assert scripts.evaluate("sigma => updatesToLevel(9, sigma, 1)", low + 1e-6) is not None


def test_law_a_shown_preview_is_rounded_toward_zero(scripts):
    assert scripts.evaluate("[-102.5, -1, -1e-9, -9.99e-7, -1e4, 0].map(ln => shown(ln))") == [
        "3.053e-45", "0.3678", "1 − 1.0e-9", "1 − 1.0e-6", "1.135e-4343", "1",
    ]  # fmt: skip
