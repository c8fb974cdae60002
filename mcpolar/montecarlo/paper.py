"""Every cell of the paper's tables, and polarization from any state, checked by simulation; resumable."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from mcpolar.bounds.tables import paper_cells
from mcpolar.checks import check_confidence, whole_number
from mcpolar.choices import Variant
from mcpolar.decimals import scientific
from mcpolar.entries import identity_of
from mcpolar.montecarlo.validation import compare
from mcpolar.parameters import MOST_MEMORY
from mcpolar.results import Bound, Comparison, Scalar
from mcpolar.rng import MOST_REPLICAS, philox_key
from mcpolar.statements import find
from mcpolar.store import Place, Store

Record: TypeAlias = dict[str, Scalar]

KIND = "validate paper"
POLARIZATION = "theorem1"
# m, r, sigma of T1: such that splitting resolves the probability within seconds
POLARIZING = (
    (2, 1, "0.5"),
    (2, 5, "0.2"),
    (3, 2, "1.0"),
    (3, 1, "0.3"),
    (4, 2, "0.4"),
    (5, 3, "0.1"),
    (6, 3, "0.3"),
    (8, 2, "0.3"),
    (10, 1, "0.2"),
    (10, 3, "0.3"),
    (10, 5, "0.2"),
    (15, 3, "0.2"),
    (20, 3, "0.2"),
)


@dataclass(frozen=True)
class Check:
    """One bound to be checked.

    Attributes
    ----------
    table : str
        "1", "2" or "3" of the paper, or "T1".
    bound : Bound
        It, and what it is about.
    """

    table: str
    bound: Bound


def paper_checks(variant: Variant, memory: int) -> list[Check]:
    """Return the 70 cells of the paper's tables, with agents of memory size `memory`, and the cases of T1."""
    checks = [Check(str(table.number), bound) for table, bound in paper_cells(variant, memory)]
    polarizes = find(POLARIZATION)
    for m, r, sigma in POLARIZING:
        bound = polarizes.evaluate({"m": m, "r": r, "sigma": sigma}, {}, variant)
        checks.append(Check("T1", bound))
    return checks


@dataclass(frozen=True)
class PaperRun:
    """What determines the records of a run over all checks.

    Parameters
    ----------
    variant : {"certified", "paper"}
        The form of the bounds.
    memory : int
        Memory size r of the tables' agents; the bounds do not depend on it.
    replicas : int
        Of each check.
    confidence : float
        Two-sided, of each check by itself.
    seed : int
        Every check takes it.
    """

    variant: Variant = "certified"
    memory: int = 5
    replicas: int = 10_000
    confidence: float = 0.9999
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what the last check would refuse, before the first one."""
        whole_number("memory", self.memory, 1, MOST_MEMORY)
        whole_number("replicas", self.replicas, 1, MOST_REPLICAS - 1)
        check_confidence(self.confidence)
        philox_key(self.seed)

    def records(
        self,
        store: RecordStore,
        *,
        workers: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> list[Record]:
        """Return one record for each check; those that the store holds are not computed again."""
        records = []
        for number, check in enumerate(paper_checks(self.variant, self.memory)):
            if number not in store.finished:
                store.add(number, self._record(check, workers))
            records.append(store.finished[number])
            if progress is not None:
                progress(1)
        return records

    def _record(self, check: Check, workers: int | None) -> Record:
        return record_of(
            check.table,
            compare(
                check.bound,
                replicas=self.replicas,
                confidence=self.confidence,
                seed=self.seed,
                workers=workers,
            ),
        )


def record_of(table: str, comparison: Comparison) -> Record:
    """Return a comparison as one flat line; numbers that a double cannot hold stay decimal logs."""
    bound, estimate = comparison.bound, comparison.estimate
    ends = estimate.log_low, estimate.log_probability, estimate.log_high
    low, middle, high = (_log10(end) for end in ends)
    return {
        "table": table,
        "statement": bound.statement,
        "variant": bound.variant,
        "m": bound.parameters["m"],
        "r": bound.parameters["r"],
        "sigma": bound.parameters["sigma"],
        "level": bound.parameters["level"],
        "steps": comparison.parameters["simulated_steps"],
        "bound": bound.lower(4),
        "estimate": scientific(estimate.log_probability, 4),
        "low": scientific(estimate.log_low, 4, "down"),
        "high": scientific(estimate.log_high, 4, "up"),
        "bound_log10": bound.log10 if math.isfinite(bound.log10) else None,
        "estimate_log10": middle,
        "low_log10": low,
        "high_log10": high,
        "confidence": estimate.confidence,
        "method": estimate.method,
        "replicas": estimate.replicas,
        "seed": estimate.seed,
        "verdict": comparison.verdict,
        "seconds": round(comparison.seconds, 3),
    }


def _log10(natural: float) -> float | None:
    return natural / math.log(10) if math.isfinite(natural) else None


class RecordStore:
    """Finished records on disk, a block each of a :class:`mcpolar.store.Store`.

    Parameters
    ----------
    path : Path, optional
        The file. None: nothing is kept.
    run : PaperRun
        What the records belong to.
    resume : bool
        Whether records of the same run may be there already.

    Raises
    ------
    InputError
        If records are there and `resume` is false, or they belong to another run or version.
    ResourceError
        If the file is in use, no store, damaged, or cannot be read or written.
    """

    def __init__(self, path: Path | None, run: PaperRun, *, resume: bool = False) -> None:
        self.finished: dict[int, Record] = {}
        self._store = None if path is None else Store(path, KIND, asdict(run), resume=resume)
        if self._store is not None:
            for kept in self._store.kept():
                self.finished[int(json.loads(kept.place.cell)["check"])] = json.loads(self._store.read(kept))

    def add(self, check: int, record: Record) -> None:
        """Keep a record; when this returns it is on the disk."""
        self.finished[check] = record
        if self._store is not None:
            place = Place(identity_of({"check": check}))
            self._store.add(place, json.dumps(record).encode(), float(record["seconds"] or 0))

    def __enter__(self) -> RecordStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._store is not None:
            self._store.__exit__(kind, error, trace)
