"""Results as our commands write them, small enough to be read."""

from mcpolar.bounds import silo_persistence, theorem1, theorem2
from mcpolar.parameters import ChainParameters
from mcpolar.report import bounds as _bounds
from mcpolar.results import Comparison, Estimate

CHAIN = ChainParameters(m=30, r=5, sigma="0.3", k=14)


def bound(**options):
    given = {"level": 1, "steps": 1021, "split": 15} | options
    return theorem2(CHAIN, **given).to_dict()


def comparison(verdict="validated"):
    found = theorem2(CHAIN, level=1, steps=1021, split=15)
    estimate = Estimate(-100.0, -101.0, -99.0, 0.999, "conditional", 2000, 7)
    return Comparison(found, estimate, verdict, CHAIN.as_dict() | {"start": "boundary"}, 1.5).to_dict()


def grid():
    return [
        _bounds.bound_row(theorem2(ChainParameters(m=30, r=5, sigma=sigma), level=level, steps=1021), 7)
        for sigma in ("0.05", "0.2", "0.4")
        for level in (1, 2, 3)
    ]


def passages():
    rows = []
    for step in (1, 3, 10, 30, 100, 300, 1000):
        share = 1 / (1 + step / 50)
        rows.append(
            {"step": step, "survival": share, "low": 0.9 * share, "high": 1.0, "silo_persistence": 0.5}
        )
    return {
        "event": "silo-left",
        "parameters": {"m": 6, "k": None},
        "seed": 1,
        "median_step": None,
        "rows": rows,
    }


def growth():
    return [
        {
            "memory": r,
            "sigma": sigma,
            "rate": r + float(sigma),
            "rate_low": r,
            "rate_high": r + 2 * float(sigma),
        }
        for r in (1, 2, 5)
        for sigma in ("0.5", "1")
    ]


def study():
    said = {"text": "It polarizes <almost> surely.", "status": "estimated at 99.9 %", "source": "passages"}
    return {
        "kind": "study", "parameters": {"m": 30}, "legend": "", "summary": [said],
        "sections": [{"title": "What stays", "findings": [said]}], "bounds": [bound()],
        "estimates": {"polarized": comparison()["estimate"]},
    }  # fmt: skip


ALL = {
    "bound.json": bound(),
    "refused.json": bound(split=10),
    "paper.json": bound(steps="10*m*log(m)", variant="paper"),
    "near_one.json": silo_persistence(ChainParameters(m=30, r=5, sigma="0.1"), level=1, steps=9).to_dict(),
    "any_state.json": theorem1(ChainParameters(m=4, r=1, sigma="0.3")).to_dict(),
    "check.json": comparison(),
    "violated.json": comparison("violated"),
    "grid.json": grid(),
    "passages.json": passages(),
    "growth.json": growth(),
    "study.json": study(),
    "other.json": {"parameters": {"n": 3}, "seed": 4, "versions": {"mcpolar": "0.1.0"}, "platform": "Linux"},
}
