"""The application: commands by import path, and errors as one line with the contract's exit status."""

from __future__ import annotations

import inspect
import itertools
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from cyclopts import App, CycloptsError

import mcpolar
from mcpolar.cli.configuration import from_file
from mcpolar.cli.destinations import check_destinations
from mcpolar.cli.help import Formatter, epilogue
from mcpolar.cli.logs import logged
from mcpolar.cli.messages import Called, machine_message, parsing_message, printable, value_text
from mcpolar.cli.process import Process, limit_memory
from mcpolar.cli.progress import sign_of_life
from mcpolar.compiled.compiling import compiling
from mcpolar.errors import InputError, McpolarError

DONE, VIOLATED, BAD_INPUT, RESOURCE_FAILED, FAULT, INTERRUPTED = 0, 1, 2, 3, 70, 130
TRACEBACK, VERBOSE = "--traceback", "--verbose"

_LOG = logging.getLogger(__name__)

HELP = (
    "When, how surely and for how long does a population of interacting generative agents polarize?\n\n"
    "Certified lower bounds on the probability that the chain polarizes and stays polarized, the paper's tables and "
    "experiments, ensembles of the chain, how long silos last, and checks of each bound by simulation.\n"
)

NOTES = """
Completion: mcpolar --install-completion
Any command takes --traceback: where it fails, Python's traceback is printed too; and --verbose: what it does is
logged on standard error, with the time. Colour is for terminals only, and off where NO_COLOR is set.
"""


def application() -> App:
    """Return the application with its commands registered by import path."""
    app = App(
        name="mcpolar",
        help=HELP,
        help_epilogue=epilogue("") + NOTES,
        help_formatter=Formatter(),
        help_format="plaintext",
        version=mcpolar.__version__,
        version_flags=["--version"],
        suppress_keyboard_interrupt=False,
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
    )
    # the script goes where shells look for it; the shell's start file is the user's own
    app.register_install_completion_command(
        add_to_startup=False,
        help="Write the completion of your shell's commands; the start file stays as it is.",
    )
    app.config = (from_file,)
    for name, (place, text) in COMMANDS.items():
        app.command(place, name=name, help=text, **_examples(place, name))
    return app


COMMANDS = {
    "study": ("mcpolar.cli.study:study", "All about one population, on one page."),
    "bound": ("mcpolar.cli.bound:bound", "Compute a bound."),
    "solve": ("mcpolar.cli.solve:solve", "Find where a bound reaches a value."),
    "table": ("mcpolar.cli.table:app", "Write tables of bounds."),
    "plot": ("mcpolar.cli.plot:app", "Draw bounds as curves or heat maps."),
    "simulate": ("mcpolar.cli.simulate:simulate", "Run an ensemble of the chain."),
    "run": ("mcpolar.cli.run:run", "Run a grid of ensembles in a store that survives."),
    "experiment": ("mcpolar.cli.experiment:experiment", "Run an experiment of the paper."),
    "metastability": ("mcpolar.cli.metastability:app", "How long silos last, and what then."),
    "agents": ("mcpolar.cli.agents:app", "Run interacting language models, or read runs of others."),
    "compare": ("mcpolar.cli.compare:compare", "Compare runs with mixtures."),
    "statement": ("mcpolar.cli.statement:statement", "Show a statement and its proof."),
    "validate": ("mcpolar.cli.validate:app", "Check bounds by simulation."),
    "explore": ("mcpolar.cli.explore:explore", "Explore populations and bounds in the browser."),
    "cite": ("mcpolar.cli.cite:cite", "Say how to cite the package and the paper."),
    "report": ("mcpolar.cli.report:report", "Write results as one page for the browser."),
    "init": ("mcpolar.cli.init:init", "Write a file of options with comments."),
    "doctor": ("mcpolar.cli.doctor:doctor", "Say what is installed, and test it."),
}
"""Each command with its import path, so that only the one that is called is loaded."""


def _examples(place: str, name: str) -> dict[str, str]:
    """Return the examples of a command for its help; a group of commands has its own."""
    return {} if place.endswith(":app") else {"help_epilogue": epilogue(name)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Contract: 0 done, 1 violated, 2 bad input, 3 a resource failed, 70 a fault of the program, 130 interrupted.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after the program's name; absent: those of this process, which is then taken for the command's own
        (:class:`~mcpolar.cli.process.Process`).
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    own = Process.own() if arguments is None else None
    words, app = [word for word in given if word not in (TRACEBACK, VERBOSE)], application()
    try:
        with logged(is_verbose=VERBOSE in given):
            return _run(app, words, is_own=own is not None)
    except BaseException as error:
        if TRACEBACK in given:
            traceback.print_exc()
        message, status = _told(error, app, words)
        if status is None:
            raise
        if own is not None:
            own.has_spoken = True
            # what a library had half made when it was stopped may complain as it is dropped: all has been said
            sys.unraisablehook = lambda _unraisable: None
        _abandon_output()
        return status if message is None else _complain(message, status)


def _run(app: App, words: list[str], *, is_own: bool) -> int:
    """Parse the words, check where the command would write, and call it."""
    if "--help" in words or "-h" in words:
        _describe(app, words)
    command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    if command.__module__.startswith("mcpolar."):
        check_destinations(command, bound.arguments)
    if is_own:
        limit_memory()
    compiling.announce = _say
    _LOG.info("mcpolar %s: %s", mcpolar.__version__, " ".join(words))
    with sign_of_life(" ".join(itertools.takewhile(lambda word: not word.startswith("-"), words))):
        status = command(*bound.args, **bound.kwargs)
    _LOG.info("done, exit status %s", status if isinstance(status, int) else DONE)
    if sys.stdout is not None:
        sys.stdout.flush()
    return status if isinstance(status, int) else DONE


def _told(error: BaseException, app: App, words: list[str]) -> tuple[str | None, int | None]:
    """Return what is said of an error, and the exit status; no status for what is none of ours."""
    match error:
        case InputError():
            return Called.of(app, words).input_message(error), BAD_INPUT
        case CycloptsError():
            return parsing_message(error), BAD_INPUT
        case BrokenPipeError():  # the reader, such as `head`, has seen enough
            return None, DONE
        case McpolarError() | OSError() | MemoryError():
            return machine_message(error), RESOURCE_FAILED
        case KeyboardInterrupt():
            return "interrupted", INTERRUPTED
        case SystemExit():  # the parser's own commands end so
            return None, RESOURCE_FAILED if error.code else DONE
        case Exception():
            what = f"{type(error).__name__}: {value_text(error)}".rstrip(": ")
            return f"this is a fault of mcpolar: {what}, report it; {TRACEBACK} shows more", FAULT
    return None, None


def _describe(app: App, words: Sequence[str]) -> None:
    """Let the help of the command that is called say all of its docstring, and not the line of the list alone."""
    from rich.console import Console

    called = app.parse_commands([word for word in words if word not in ("--help", "-h")])[1][-1]
    called.console = Console()  # as wide as the terminal is now: a group of commands would keep its first one
    if called.default_command is not None:
        called.help = (inspect.getdoc(called.default_command) or "").partition("\nParameters\n")[0]


def _abandon_output() -> None:
    """Send what is still to be written nowhere, where it cannot be written: the interpreter would fail at its end."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(f"mcpolar: {printable(' '.join(message.split()))}", file=sys.stderr)


def _complain(message: str, status: int) -> int:
    _say(message)
    return status
