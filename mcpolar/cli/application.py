"""The application: commands by import path, and errors as one line with the contract's exit status."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from cyclopts import App, CycloptsError

import mcpolar
from mcpolar.cli.destinations import check_destinations
from mcpolar.cli.messages import Called, machine_message, parsing_message, printable, value_text
from mcpolar.cli.process import Process, limit_memory
from mcpolar.cli.progress import sign_of_life
from mcpolar.compiled.compiling import compiling
from mcpolar.errors import InputError, McpolarError

DONE, VIOLATED, BAD_INPUT, RESOURCE_FAILED, FAULT, INTERRUPTED = 0, 1, 2, 3, 70, 130
TRACEBACK = "--traceback"

HELP = (
    "When, how surely and for how long does a population of interacting generative agents polarize?\n\n"
    "Certified lower bounds on the probability that the chain polarizes and stays polarized, the paper's tables and "
    "experiments, ensembles of the chain, how long silos last, and checks of each bound by simulation.\n"
)

EXAMPLES = """Examples:

  mcpolar bound theorem2 --sigma 0.2 --level 1 --steps "10*m*log(m)"
  mcpolar table paper --variant both
  mcpolar simulate --sigma 0.5 --steps 6000 --every 60 --output run.nc
  mcpolar validate theorem2 --sigma 0.3 --level 1 --steps 1021

Completion: mcpolar --install-completion
Any command takes --traceback: where it fails, Python's traceback is printed too.
"""


def application() -> App:
    """Return the application with its commands registered by import path."""
    app = App(
        name="mcpolar",
        help=HELP,
        help_epilogue=EXAMPLES,
        help_format="plaintext",
        version=mcpolar.__version__,
        version_flags=["--version"],
        suppress_keyboard_interrupt=False,
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
    )
    app.register_install_completion_command()
    app.command("mcpolar.cli.bound:bound", name="bound", help="Compute a bound.")
    app.command("mcpolar.cli.table:app", name="table", help="Write tables of bounds.")
    app.command("mcpolar.cli.simulate:simulate", name="simulate", help="Run an ensemble of the chain.")
    app.command("mcpolar.cli.run:run", name="run", help="Run a grid of ensembles in a store that survives.")
    app.command(
        "mcpolar.cli.experiment:experiment", name="experiment", help="Run an experiment of the paper."
    )
    app.command(
        "mcpolar.cli.metastability:app", name="metastability", help="How long silos last, and what then."
    )
    app.command("mcpolar.cli.statement:statement", name="statement", help="Show a statement and its proof.")
    app.command("mcpolar.cli.validate:app", name="validate", help="Check bounds by simulation.")
    return app


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
    words, app = [word for word in given if word != TRACEBACK], application()
    try:
        return _run(app, words, is_own=own is not None)
    except BaseException as error:
        if TRACEBACK in given:
            traceback.print_exc()
        message, status = _told(error, app, words)
        if status is None:
            raise
        if own is not None:
            own.has_spoken = True
        _abandon_output()
        return status if message is None else _complain(message, status)


def _run(app: App, words: list[str], *, is_own: bool) -> int:
    """Parse the words, check where the command would write, and call it."""
    command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    if command.__module__.startswith("mcpolar."):
        check_destinations(command, bound.arguments)
    if is_own:
        limit_memory()
    compiling.announce = _say
    with sign_of_life():
        status = command(*bound.args, **bound.kwargs)
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
        case Exception():
            what = f"{type(error).__name__}: {value_text(error)}".rstrip(": ")
            return f"this is a fault of mcpolar: {what}, report it; {TRACEBACK} shows more", FAULT
    return None, None


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
