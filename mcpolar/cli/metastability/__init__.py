"""`mcpolar metastability exit|coarse|exact|meanfield|phase|growth`: how long silos last, and what happens between."""

from __future__ import annotations

from cyclopts import App

app = App(
    name="metastability", help="How long silos last, and what happens between.", help_format="plaintext"
)

app.command("mcpolar.cli.metastability.exit:exit_", name="exit", help="Estimate when an event first comes.")
app.command(
    "mcpolar.cli.metastability.coarse:coarse", name="coarse", help="Estimate the chain of macrostates."
)
app.command("mcpolar.cli.metastability.exact:exact", name="exact", help="Integrate the transition operator.")
app.command(
    "mcpolar.cli.metastability.meanfield:meanfield", name="meanfield", help="Follow infinitely many agents."
)
app.command("mcpolar.cli.metastability.phase:phase", name="phase", help="Write the phase diagram.")
app.command("mcpolar.cli.metastability.growth:growth", name="growth", help="Estimate how fast log-odds grow.")
