"""The application: commands by import path, and errors as one line with the contract's exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from cyclopts import App, CycloptsError

import mcpolar
from mcpolar.cli.messages import Called, machine_message, parsing_message, printable
from mcpolar.errors import InputError, McpolarError

DONE, VIOLATED, BAD_INPUT, RESOURCE_FAILED, INTERRUPTED = 0, 1, 2, 3, 130

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
    """Run the command line and return its exit status (contract: 0 done, 1 violated, 2 input, 3 resource, 130)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    app = application()
    try:
        status = app(words)
        sys.stdout.flush()
    except InputError as error:
        return _complain(Called.of(app, words).input_message(error), BAD_INPUT)
    except CycloptsError as error:
        return _complain(parsing_message(error), BAD_INPUT)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        with suppress(OSError, ValueError):  # or the interpreter would complain at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (McpolarError, OSError, MemoryError) as error:
        return _complain(machine_message(error), RESOURCE_FAILED)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    return status if isinstance(status, int) else DONE


def _complain(message: str, status: int) -> int:
    print(f"mcpolar: {printable(' '.join(message.split()))}", file=sys.stderr)
    return status
