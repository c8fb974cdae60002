"""A pytest plugin that tries mutants: the tests are collected once, and each mutant is a fork of that process.

`benchmarks.mutants` starts it, with the mutants' names in the file that MUTANTS names; what became of each is written
there too. A fork runs the tests that reach the mutant's function, the fastest first, until one fails.
"""

from __future__ import annotations

import json
import os
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline

SLOWER = 5.0
"""How many times the processor time of the tests a mutant may take before it counts as caught."""
SPARE = 10.0


@dataclass
class Clean:
    """A test without any mutant: what it took, and the functions that it reached."""

    item: pytest.Item
    seconds: float = 0.0
    reached: set[str] = field(default_factory=set)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run all tests once without a mutant, then those that reach each mutant."""
    place = Path(os.environ["MUTANTS"])
    plan = json.loads(place.read_text(encoding="utf-8"))
    began, tests = time.monotonic(), [_clean(item, session) for item in session.items]
    found: dict[str, str] = {}
    for name in plan["names"]:
        if time.monotonic() - began > plan["seconds"]:
            break
        function = name.partition("__mutmut_")[0]
        reaching = sorted((test for test in tests if function in test.reached), key=lambda test: test.seconds)
        found[name] = _tried(name, reaching, session) if reaching else "no test reaches it"
        place.with_suffix(".found").write_text(json.dumps(found), encoding="utf-8")
    return True


def _clean(item: pytest.Item, session: pytest.Session) -> Clean:
    """Run a test without any mutant, and note what it reaches; a failure ends the session."""
    test = Clean(item)
    trampoline.record_trampoline_hit = lambda name, caller=None: test.reached.add(name)
    trampoline.set_mutant_under_test("stats")
    began = time.process_time()
    for report in runtestprotocol(item, nextitem=session, log=False):  # type: ignore[arg-type]  # all but it is torn down
        if report.failed:
            pytest.exit(f"{item.nodeid} fails without any mutant:\n{report.longreprtext}", returncode=3)
    test.seconds = time.process_time() - began
    trampoline.set_mutant_under_test("")
    return test


def _tried(name: str, tests: list[Clean], session: pytest.Session) -> str:
    """Return what becomes of a mutant, in a fork."""
    limit = int(SPARE + SLOWER * sum(test.seconds for test in tests))
    child = os.fork()
    if child == 0:
        _be(name, tests, session, limit)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "timeout"
    return "killed" if os.WEXITSTATUS(status) else "survived"


def _be(name: str, tests: list[Clean], session: pytest.Session, limit: int) -> None:
    """Be the mutant: run the tests, and end the process; 1 if one fails."""
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        trampoline.set_mutant_under_test(name)
        for test in tests:
            reports = runtestprotocol(test.item, nextitem=session, log=False)  # type: ignore[arg-type]
            if any(report.failed for report in reports):
                break
        else:
            status = 0
    finally:
        os._exit(status)
