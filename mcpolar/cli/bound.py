"""`mcpolar bound STATEMENT`: evaluate one statement."""

from __future__ import annotations

from mcpolar.choices import Variant
from mcpolar.cli.options import CHAIN, OUTPUT, ChainOptions, OutputOptions
from mcpolar.cli.statement_options import STATEMENT, StatementName, StatementOptions, used_options
from mcpolar.results import Bound
from mcpolar.statements import Statement, find_probability


def bound(
    statement: StatementName,
    *,
    chain: ChainOptions = CHAIN,
    at: StatementOptions = STATEMENT,
    variant: Variant = "certified",
    out: OutputOptions = OUTPUT,
) -> None:
    """Compute a lower bound on a probability.

    The certified form is an interval-arithmetic lower end, never above the true value of the formula; it is 0 where an
    assumption fails. The paper's form is the published formula.

    Parameters
    ----------
    variant
        certified, or the paper's published form.
    """
    out.form()
    result = evaluate(find_probability(statement), chain, at, variant)
    write_bound(result, out)


def evaluate(statement: Statement, chain: ChainOptions, at: StatementOptions, variant: Variant) -> Bound:
    """Return the statement's bound at those of the options that it uses; say which given ones it does not."""
    statement.require_variant(variant)
    return statement.evaluate(chain.population(), used_options(statement, at), variant)


def write_bound(result: Bound, out: OutputOptions) -> None:
    """Write one bound in the format asked for."""
    from mcpolar.report import bounds, tables

    form = out.form()
    if form == "json":
        text = bounds.bound_json(result, out.digits)
    elif form == "text":
        text = bounds.bound_text(result, out.digits)
    else:
        row = bounds.bound_row(result, out.digits)
        notes = [f"Event: {result.event}", *(f"Note: {note}" for note in result.notes)]
        if form == "markdown":
            notes.append(f"${result.formula_latex}$")
        rows = [row] if form == "csv" else bounds.for_people([row])
        text = tables.render(rows, form, title="A lower bound", notes=notes, keep=bounds.VALUE_COLUMNS)
    tables.put(text, out.output)
