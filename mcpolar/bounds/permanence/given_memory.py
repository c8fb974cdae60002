"""PMr: memory of a given size on the own side (proofs/permanence, "Memory of a given size")."""

from __future__ import annotations

from collections.abc import Mapping

from mcpolar.balls import Dyadic, ball
from mcpolar.bounds.permanence.grid import LARGEST_MEMORY, Grid
from mcpolar.bounds.permanence.problem import RiskProblem
from mcpolar.bounds.polarized_start import Start, permanence_record
from mcpolar.results import Assumption, Bound


def permanence_given_memory(
    start: Start, problem: RiskProblem, grid: Grid, risk: Dyadic, shape: Mapping[str, str]
) -> Bound:
    """Certify 1 - m U, given an upper end of one agent's risk U at the start; `shape` is for the record."""
    size = start.chain.r
    memory = (
        f"all memory (of size {size}) in its agent's own interval (I+ or I-)" if size > 1 else "any memory"
    )
    text = f"every agent starts with own-side log-odds above {float(problem.lowest):.6g}, " + (
        "where the sides are told apart: e^H > 2" if problem.two_silos else "so on its own side"
    )
    return permanence_record(
        start,
        form="given_memory",
        parameters={
            **shape,
            "rho": problem.form.rho.decimal(7, "up"),
            **grid.as_dict(),
            "senders": str(problem.senders),
            "risk": risk.decimal(7, "up"),
        },
        assumptions=(
            Assumption("memory", f"{memory}; a risk on a grid is offered up to size {LARGEST_MEMORY}", True),
            Assumption("start", text, start.log_odds > problem.lowest),
            Assumption(
                "contraction",
                f"the certified supremum of the product form is below 1: {problem.form.rho.decimal(4, 'up')}",
                True,
            ),
        ),
        failure=lambda: start.chain.m * ball(risk.fraction),
        memory=memory,
        vacuous="m U",
    )
