"""Faults of the program, of the machine and of the user's patience: one line, a status, and soon."""

import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from mcpolar.cli import main
from mcpolar.cli.process import _tell_unless_interrupted
from mcpolar.compiled.compiling import COMPILING, Compiling, Stopwatch, compiling
from mcpolar.errors import InputError, ResourceError
from mcpolar.limits import free_memory, require_cells, require_memory

COMMAND = "import sys; from mcpolar.cli import main; sys.exit(main())"


def shell(words: str, **options) -> subprocess.CompletedProcess[str]:
    """Run a command line with the shell's redirections, in a process of its own."""
    line = f"{sys.executable} -c '{COMMAND}' {words}"
    return subprocess.run(line, shell=True, text=True, capture_output=True, check=False, **options)


@pytest.mark.parametrize(
    "error", [RuntimeError("a\nb"), KeyError("x"), RecursionError(), AssertionError(), ValueError("")]
)
class TestNet:
    def test_law_an_unexpected_error_is_one_line_and_status_70(self, run, monkeypatch, error):
        monkeypatch.setattr("mcpolar.cli.bound.evaluate", lambda *_: raised(error))
        result = run("bound", "theorem2", "--steps", 5)
        assert (result.status, result.out, result.err.count("\n")) == (70, "", 1)
        assert result.err.startswith(f"mcpolar: this is a fault of mcpolar: {type(error).__name__}")
        assert result.err.endswith(", report it; --traceback shows more\n")

    def test_law_the_traceback_is_shown_when_asked_for(self, run, monkeypatch, error):
        monkeypatch.setattr("mcpolar.cli.bound.evaluate", lambda *_: raised(error))
        result = run("--traceback", "bound", "theorem2", "--steps", 5)
        assert result.status == 70
        assert "Traceback (most recent call last)" in result.err
        assert ", in raised" in result.err


def raised(error):
    raise error


def test_law_traceback_belongs_to_every_command(run):
    assert run("bound", "theorem2", "--steps", 5, "--traceback").status == 0
    result = run("bound", "nonsense", "--traceback")
    assert (result.status, "Traceback" in result.err) == (2, True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (
            "bound theorem2 --steps 5 >&-",
            3,
            "mcpolar: standard output is closed; --output FILE writes to a file",
        ),
        ("bound theorem2 --steps 5 >/dev/full", 3, "mcpolar: No space left on device"),
        ("statement theorem2 >&-", 3, "mcpolar: standard output is closed; --output FILE writes to a file"),
        (
            "bound theorem2 --steps 5 --output /dev/full",
            3,
            "mcpolar: cannot write /dev/full: No space left on device",
        ),
        ("bound theorem2 --steps 5 2>&- >/dev/null", 0, ""),
        ("bound theorem2 --steps 5 <&- >/dev/null", 0, ""),
    ],
)
def test_law_closed_and_full_streams_end_in_one_line(words, status, message):
    done = shell(words)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (status, "", message)


INTERRUPTED = (
    "metastability exit -m 30 -k 7 --steps 4000*m --replicas 2000 --quiet",
    "experiment fig3 --replicas 400 --quiet",
    "validate theorem1 -m 10 -r 3 --sigma 0.3 --replicas 1000000 --quiet",
    "simulate --steps 10000*m --replicas 4000 --quiet",
    "run r.sqlite --steps 10000*m --replicas 4000 --quiet",
    "metastability exact -m 3 --quantity hitting --steps 400 --tolerance 1e-9",
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("words", INTERRUPTED, ids=lambda words: " ".join(words.split()[:2]))
def test_law_an_interrupt_is_answered_within_two_seconds(words, tmp_path):
    # who starts the tests in the background may have had interrupts ignored
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); " + COMMAND
    process = subprocess.Popen(
        [sys.executable, "-c", heard, *words.split()], stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        time.sleep(3)
        assert process.poll() is None, process.stderr.read()
        os.kill(process.pid, signal.SIGINT)
        began = time.monotonic()
        process.wait(20)
        waited = time.monotonic() - began
    finally:
        process.kill()
    lines = [line for line in process.stderr.read().splitlines() if COMPILING not in line]
    process.stderr.close()
    assert (process.returncode, lines) == (130, ["mcpolar: interrupted"])
    assert waited < 2 * slowness()
    assert not [
        path for path in tmp_path.iterdir() if path.suffix not in (".sqlite", ".sqlite-wal", ".sqlite-shm")
    ]


def test_law_an_interrupt_that_is_lost_in_a_callback_says_nothing(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "__unraisablehook__", told.append)
    lost, other = SimpleNamespace(exc_value=KeyboardInterrupt()), SimpleNamespace(exc_value=OSError())
    for found in (lost, other):
        _tell_unless_interrupted(found)
    assert told == [other]


def slowness() -> float:
    """Return how much longer than alone things take on this machine at this time, at least 1."""
    began, used = time.monotonic(), time.process_time()
    while time.process_time() - used < 0.2:
        pass
    return max(1.0, (time.monotonic() - began) / 0.2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run r.sqlite --agents 1:10000 --memory 1:10000 --sigma 0.1:10:0.001", "got 990100000000 cells"),
        ("run r.sqlite --replicas 4294967296 --block 1", "at most 10000000 blocks, not 4294967296; got 1"),
        ("table grid --statement theorem2 --steps 5 --level 1:10000 --sigma 1:10000", "got 100000000 cells"),
        ("metastability phase --agents 2:9000 --sigma 1:10000", "got "),
        ("metastability growth --memory 1:9000 --sigma 1:9000", "got 81000000 cells"),
        ("metastability exact --agents 4", "--agents must be a whole number from 1 to 3; got 4"),
        ("run r.sqlite --agents 1e5000", "--agents must be a list"),
        ("run r.sqlite --agents 1e500", "--agents must be"),
    ],
)
def test_rejects_requests_without_bound_at_once(run, words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    began = time.process_time()
    result = run(*words.split())
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
    assert time.process_time() - began < 5
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit on data")
@pytest.mark.parametrize(
    "words",
    [
        "simulate --agents 1000000 --replicas 1000000 --steps 5",
        "validate theorem2 --level 1 --steps 5 --replicas 4294967295 --method conditional",
        "metastability exit --replicas 4294967295 --steps 5",
        "metastability meanfield --memory 1000 --agents 1000000000",
    ],
)
def test_rejects_more_memory_than_is_free(words, tmp_path):
    done = shell(words, cwd=tmp_path, timeout=100)
    lines = [line for line in done.stderr.splitlines() if COMPILING not in line]
    assert (done.returncode, done.stdout, len(lines)) == (3, "", 1), done.stderr
    assert "iB" in lines[0]


def test_law_limits_name_the_count():
    assert require_cells("sigma", [10, 20]) == 200
    with pytest.raises(InputError, match="got 10000001 cells"):
        require_cells("sigma", [10**7 + 1])
    require_memory(1, "less")
    with pytest.raises(
        ResourceError, match=r"would take 9\.12e\+03 GiB of memory, and .* GiB are free: ask for less"
    ):
        require_memory(2**43 + 10**12, "ask for less")
    assert 0 <= free_memory() < 2**50


def test_law_time_spent_compiling_is_not_counted():
    said, watch = [], Stopwatch()
    compiling.announce = said.append
    try:
        compiling.begin()
        compiling.begin()
        time.sleep(0.2)
        compiling.end()
        compiling.end()
        assert watch.seconds < 0.1
        compiling.begin()
        compiling.end()
    finally:
        compiling.announce = None
    assert said == [COMPILING]


def test_law_each_warning_is_given_once():
    said = []
    one = Compiling(warn=said.append)
    for line in ("a", "b", "a"):
        one.complain(line)
    assert said == ["a", "b"]


def test_law_quiet_says_nothing_of_compiling(run, monkeypatch):
    from mcpolar.chain import Ensemble

    advance = Ensemble.advance_to

    def slow(*given, **options):
        compiling.begin()
        compiling.end()
        return advance(*given, **options)

    monkeypatch.setattr(Ensemble, "advance_to", slow)
    words = ("simulate", "--replicas", 2, "--steps", 5, "--format", "json")
    assert run(*words).err == f"mcpolar: {COMPILING}\n"
    assert run(*words, "--quiet").err == ""
    json.loads(run(*words).out)


def test_law_main_leaves_the_signals_of_a_caller(run):
    before = signal.getsignal(signal.SIGINT)
    assert main(["bound", "theorem2", "--steps", "5"]) == 0
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.set_wakeup_fd(-1) == -1
