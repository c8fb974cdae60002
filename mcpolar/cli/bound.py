"""`mcpolar bound STATEMENT`: evaluate one statement."""

from __future__ import annotations

import sys
from typing import Any

from mcpolar.cli.options import ChainOptions, OutputOptions, StatementOptions, Variant
from mcpolar.errors import InputError
from mcpolar.parameters import standard_deviation
from mcpolar.results import Bound
from mcpolar.statements import Statement, find
from mcpolar.steps import Steps

CHAIN = ChainOptions()
STATEMENT = StatementOptions()
OUTPUT = OutputOptions()


def bound(
    statement: str,
    *,
    chain: ChainOptions = CHAIN,
    at: StatementOptions = STATEMENT,
    variant: Variant = "certified",
    out: OutputOptions = OUTPUT,
) -> None:
    """Compute a lower bound on a probability.

    Statements: lemma1, lemma2, theorem1, theorem2, theorem2-ascent, silo-persistence, permanence, general-theorem2.
    The certified form is an interval-arithmetic lower end, never above the true value of the formula; it is 0 where an
    assumption fails. The paper's form is the published formula.

    Parameters
    ----------
    statement
        The statement's name.
    variant
        certified, or the paper's published form.
    """
    result = evaluate(probability_statement(statement), chain, at, variant)
    write_bound(result, out)


def probability_statement(name: str) -> Statement:
    """Return the statement of this name; refuse those that are about every path."""
    found = find(name)
    if found.kind != "probability":
        raise InputError("statement", name, "a statement about a probability; this one holds on every path")
    return found


def evaluate(statement: Statement, chain: ChainOptions, at: StatementOptions, variant: Variant) -> Bound:
    """Call the statement's function with those of the options that it uses; say which given ones it does not."""
    if variant not in statement.variants:
        raise InputError(
            "variant", variant, f"one of {', '.join(statement.variants)} for {statement.command}"
        )
    wanted, given = statement.arguments, at.given()
    unused = [name for name in given if name not in wanted]
    if unused:
        names = ", ".join("--" + name.replace("_", "-") for name in unused)
        print(f"mcpolar: {statement.command} does not use {names}", file=sys.stderr)
    values: dict[str, Any] = {name: value for name, value in given.items() if name in wanted}
    if "level" in wanted and "log_odds" not in values:
        values.setdefault("level", 1)
    if "components" in wanted:  # the general mixture has no chain parameters but shares sigma and k
        values |= {"sigma": standard_deviation("sigma", chain.sigma), "k": chain.neighbours}
        statement.require(values)
        values["steps"] = Steps.read(values["steps"], chain.agents)
        return statement.function(**values)  # type: ignore[no-any-return]
    statement.require(values)
    form = {"variant": variant} if len(statement.variants) > 1 else {}
    return statement.function(chain.parameters(), **values, **form)  # type: ignore[no-any-return]


def write_bound(result: Bound, out: OutputOptions) -> None:
    """Write one bound in the format asked for."""
    from mcpolar.report import bounds, tables

    check_digits(out.digits)
    if out.format == "json":
        text = bounds.bound_json(result, out.digits)
    elif out.format == "text":
        text = bounds.bound_text(result, out.digits)
    else:
        notes = [f"Event: {result.event}", f"${result.formula_latex}$" if out.format == "markdown" else ""]
        row = bounds.bound_row(result, out.digits)
        text = tables.render(
            [row], out.format, title=f"Bound {result.statement}", notes=[n for n in notes if n]
        )
    tables.put(text, out.output)


def check_digits(digits: int) -> None:
    """Refuse a number of digits that no table needs."""
    if not 1 <= digits <= MOST_DIGITS:
        raise InputError("digits", digits, f"a whole number from 1 to {MOST_DIGITS}")


MOST_DIGITS = 25
