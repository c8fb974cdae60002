"""The number that is solved for: its values in order, each an exact decimal or a whole number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.errors import InputError
from mcpolar.parameters import (
    LARGEST_SIGMA,
    MOST_AGENTS,
    MOST_MEMORY,
    SMALLEST_SIGMA,
    ChainParameters,
)
from mcpolar.statements import Statement
from mcpolar.steps import MOST_STEPS, Steps

CHAIN = {"agents": "m", "memory": "r", "sigma": "sigma", "neighbours": "k", "mirror": "mirror"}
"""Parameters of the chain as the command line names them."""
WHOLE = {
    "m": (1, MOST_AGENTS),
    "r": (1, MOST_MEMORY),
    "k": (1, MOST_AGENTS),
    "level": (1, 10**6),
    "steps": (1, MOST_STEPS),
    "split": (0, MOST_AGENTS),
    "ascent": (1, 10**4),
    "components": (2, 10**6),
    "dimension": (1, 10**4),
    "smallest_silo": (1, MOST_AGENTS),
    "largest_silo": (1, MOST_AGENTS),
}
DECIMAL = {
    "sigma": (SMALLEST_SIGMA, LARGEST_SIGMA),
    "mirror": (Decimal("1e-6"), Decimal(1)),
    "log_odds": (Decimal("1e-6"), Decimal("1e18")),
    "distance": (Decimal("1e-6"), Decimal("1e6")),
}
USUAL = {"sigma": "0.3", "mirror": "0.5", "log_odds": "10", "distance": "2"}
MOST_DIGITS = 25


@dataclass(frozen=True)
class Unknown:
    """A number whose values are numbered in their order, so that a search is one over whole numbers.

    Whole numbers are their own places. Of decimals, those with `digits` significant digits have places: one place
    further is one unit in the last digit.

    Attributes
    ----------
    name : str
        The argument: "sigma", "m", "level".
    digits : int
        Significant digits of a decimal.
    first, last : int
        The places of the least and the largest value.

    Examples
    --------
    >>> sigma = Unknown.of("sigma", 3)
    >>> place = sigma.place("0.1")
    >>> sigma.value(place), sigma.value(place - 1), sigma.value(place + 1)
    ('0.1', '0.0999', '0.101')
    """

    name: str
    digits: int
    first: int
    last: int

    @classmethod
    def of(cls, name: str, digits: int, most: int | None = None) -> Unknown:
        """Return the number of this name; `most` is the largest value of a whole one, where that is known."""
        digits = whole_number("digits", digits, 1, MOST_DIGITS)
        if name in WHOLE:
            low, high = WHOLE[name]
            return cls(name, digits, low, high if most is None else most)
        least, largest = DECIMAL[name]
        return cls(name, digits, _place(least, digits), _place(largest, digits))

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole number."""
        return self.name in WHOLE

    @property
    def unit(self) -> int:
        """Places of the first stride of a search: one whole number, or about a factor of 2."""
        return 1 if self.is_whole else 3 * 10 ** (self.digits - 1)

    def value(self, place: int) -> Any:
        """Return the value at a place: a whole number, or the text of an exact decimal."""
        if self.is_whole:
            return place
        power, rest = divmod(place, 9 * 10 ** (self.digits - 1))
        return plain(Decimal(rest + 10 ** (self.digits - 1)).scaleb(power - self.digits + 1))

    def place(self, value: Any) -> int:
        """Return the place of a value; that of the next smaller one where it has more digits."""
        if self.is_whole:
            return int(value)
        return _place(exact_decimal(self.name, value, *DECIMAL[self.name]), self.digits)


def _place(number: Decimal, digits: int) -> int:
    power = number.adjusted()
    leading, smallest = int(number.scaleb(digits - 1 - power)), int(10 ** (digits - 1))
    return 9 * smallest * power + leading - smallest


def named(statement: Statement, option: str) -> str:
    """Return the argument that an option names: "sigma", "agents" or "m", "log-odds" or "log_odds".

    Raises
    ------
    InputError
        If it is no number of this statement; the message lists those that are.
    """
    word = option.removeprefix("--").replace("-", "_")
    name = CHAIN.get(word, word)
    if name not in names_of(statement):
        options = {argument: shown for shown, argument in CHAIN.items()}
        allowed = ", ".join(options.get(one, one).replace("_", "-") for one in names_of(statement))
        raise InputError("option", option, f"one of {allowed} for {statement.command}")
    return name


def names_of(statement: Statement) -> list[str]:
    """Return the numbers of a statement that can be solved for: the chain's first."""
    of_chain = [*CHAIN.values()] if statement.takes_chain else []
    own = [name for name in statement.arguments if name in WHOLE or name in DECIMAL]
    return [*of_chain, *(name for name in own if name not in of_chain)]


@dataclass(frozen=True)
class Case:
    """A statement and all that it takes but the number that is solved for.

    Attributes
    ----------
    statement : Statement
        The statement.
    population : mapping
        Arguments of the chain, the unknown's place in them free.
    given : mapping
        The statement's own arguments.
    unknown : Unknown
        What is solved for.
    """

    statement: Statement
    population: dict[str, Any]
    given: dict[str, Any]
    unknown: Unknown

    @classmethod
    def of(
        cls, statement: Statement, chain: ChainParameters, option: str, given: dict[str, Any], digits: int
    ) -> Case:
        """Read what is asked for; InputError for options that the statement lacks or that are solved for."""
        name = named(statement, option)
        population = {key: value for key, value in chain.as_dict().items() if value is not None}
        known = {key: value for key, value in given.items() if value is not None}
        for key, value in known.items():
            if key not in statement.arguments:
                raise InputError(key, value, f"absent: {statement.command} does not use it")
        if name in known:
            raise InputError(name, known[name], "absent: it is what is solved for")
        most = {"k": chain.m - 1, "split": chain.m}.get(name)
        if name == "k" and chain.m == 1:
            raise InputError("option", option, "another number: a single agent has no neighbours")
        return cls(statement, population, known, Unknown.of(name, digits, most))

    def at(self, place: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the population and the arguments with the unknown's value at a place."""
        name, value = self.unknown.name, self.unknown.value(place)
        if name in CHAIN.values():
            return {**self.population, name: value}, self.given
        return self.population, {**self.given, name: value}

    def begin(self) -> int:
        """Return the place at which a search begins: the chain's own value, or a usual one."""
        name = self.unknown.name
        usual = self.population.get(name, USUAL.get(name, self.unknown.first))
        if name == "steps":
            usual = Steps.read("m", self.population["m"]).whole
        return min(max(self.unknown.place(usual), self.unknown.first), self.unknown.last)
