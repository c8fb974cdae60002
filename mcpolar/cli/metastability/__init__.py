"""`mcpolar metastability exit|coarse|exact|meanfield|phase|growth`: how long silos last, and what happens between."""

from __future__ import annotations

from cyclopts import App

from mcpolar.cli.help import epilogue

COMMANDS = {
    "exit": ("exit:exit_", "Estimate when an event first comes."),
    "coarse": ("coarse:coarse", "Estimate the chain of macrostates."),
    "exact": ("exact:exact", "Integrate the transition operator."),
    "meanfield": ("meanfield:meanfield", "Follow infinitely many agents."),
    "phase": ("phase:phase", "Write the phase diagram."),
    "growth": ("growth:growth", "Estimate how fast log-odds grow."),
}

app = App(
    name="metastability",
    help="How long silos last, and what happens between.",
    help_format="plaintext",
    help_epilogue=epilogue("metastability"),
)
for _name, (_place, _text) in COMMANDS.items():
    app.command(
        f"mcpolar.cli.metastability.{_place}",
        name=_name,
        help=_text,
        help_epilogue=epilogue(f"metastability {_name}"),
    )
