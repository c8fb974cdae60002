"""`mcpolar agents run|read|measures|figure|sketch|chain|doctor`: interacting language models, and runs of others."""

from __future__ import annotations

from cyclopts import App

from mcpolar.cli.help import epilogue

COMMANDS = {
    "run": ("run:run", "Let language models with retrieval memories exchange answers."),
    "read": ("measures:read", "Say what files of runs hold."),
    "measures": ("measures:measures", "Measure runs: silos in time, windows, one silo."),
    "chain": ("measures:chain", "Estimate the chain of the number of silos."),
    "figure": ("figures:figure", "Draw the right panels of the paper's figures."),
    "sketch": ("figures:sketch", "Ask every agent many questions, before and after."),
    "doctor": ("run:doctor", "Ask one answer and one embedding."),
}

app = App(
    name="agents",
    help="Run interacting language models, or read runs of others.",
    help_format="plaintext",
    help_epilogue=epilogue("agents"),
)
for _name, (_place, _text) in COMMANDS.items():
    app.command(
        f"mcpolar.cli.agents.{_place}",
        name=_name,
        help=_text,
        help_epilogue=epilogue(f"agents {_name}"),
    )
