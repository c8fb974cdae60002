"""The table of statements, and the record of each: one name for the theorem, proof, code, test, example and command."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal, TypeAlias, TypeVar, cast

from mcpolar.choices import Variant
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound
from mcpolar.rules import FARTHEST, NEAREST, POLICIES
from mcpolar.steps import Steps

Function = TypeVar("Function", bound=Callable[..., Any])
Kind: TypeAlias = Literal["probability", "deterministic"]

CERTIFIED: tuple[Variant, ...] = ("certified",)
BOTH: tuple[Variant, ...] = ("certified", "paper")

# One line for each statement: the name of its module in mcpolar/bounds, whose function of that name has the record.
NAMES = (
    "proposition1",
    "proposition2",
    "proposition3",
    "lemma1",
    "lemma2",
    "theorem1",
    "one_sided",
    "consensus",
    "theorem2",
    "theorem2_ascent",
    "silo_persistence",
    "permanence",
    "general_theorem1",
    "general_theorem2",
    "general_permanence",
)


@dataclass(frozen=True)
class Option:
    """An argument of a statement as users give it.

    Attributes
    ----------
    name : str
        The argument: "log_odds", on the command line `--log-odds`.
    help : str
        What it is, for the command line.
    kind : {"whole", "number", "text"}
        Whether it is a whole number, any number, or an expression.
    default : int, optional
        What the commands take where it is absent; None: the function's own default, if any.
    unless : str, optional
        An option that takes its place: given, there is no default.
    hint : str
        How it is written, for the message that says that it is missing.
    is_read : bool
        Whether it may name a file that is read.
    """

    name: str
    help: str
    kind: Literal["whole", "number", "text"] = "whole"
    default: int | None = None
    unless: str | None = None
    hint: str = ""
    is_read: bool = False

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return "--" + self.name.replace("_", "-")


LEVEL = Option("level", "Level h: log-odds in units of 1/sigma^2. Default 1.", default=1, unless="log_odds")
STEPS = Option(
    "steps",
    "Horizon: a whole number, or an expression in m such as 10*m*log(m). Where it may be absent: the best one.",
    kind="text",
    hint=": a whole number or an expression in m such as 10*m*log(m)",
)
SPLIT = Option(
    "split",
    "Agents on the + side in a polarized state. Default: all, for which no neighbourhood is needed.",
)
LOG_ODDS = Option("log_odds", "Own-side log-odds H. Default level/sigma^2.", kind="number")


FITS = "it enters by k + 1 <= the smallest side alone"


@dataclass(frozen=True)
class Monotone:
    """That a statement's bound never falls, or never rises, as one number grows, and why.

    Attributes
    ----------
    option : str
        The number: an argument of the statement, or of the chain ("sigma", "m", "r", "k").
    rises : bool
        Whether the bound never falls as the number grows; else it never rises.
    reason : str
        Why, in one line; docs/solve.md has what is longer.
    """

    option: str
    rises: bool
    reason: str


@dataclass(frozen=True)
class Rules:
    """The rules of the chain under which a statement holds.

    Attributes
    ----------
    policy, neighbours : str or None
        The memory policy and the neighbour rule that its proof is for; None: any that is registered.
    reason : str
        What the proof takes from them.
    """

    policy: str | None
    neighbours: str | None
    reason: str

    def require(self, chain: ChainParameters, command: str) -> None:
        """Raise InputError where the chain follows other rules; the message gives the reason."""
        chain.require_rules(
            policies=POLICIES.names() if self.policy is None else (self.policy,),
            neighbours=(chain.neighbours,) if self.neighbours is None else (self.neighbours,),
            reason=f"{command} is proved for that, since {self.reason}",
        )


OWN_RULES = Rules(
    FARTHEST,
    NEAREST,
    "the proof counts how arrivals push the farthest element out, and whom the nearest agents send to",
)
ANY_POLICY = Rules(
    None,
    NEAREST,
    "all memory and all arrivals lie on the agent's own side, whichever element goes, as long as the senders are among "
    "the nearest",
)


@dataclass(frozen=True)
class Statement:
    """A statement of theory.md: what it says, what it takes, and the function that evaluates it.

    Attributes
    ----------
    name : str
        Python name, also of the module, the proof's folder, the test and the example: "theorem2_ascent".
    theory : str
        Names in theory.md: "T2ii-paper, T2ii'".
    title : str
        The statement in a few words.
    kind : {"probability", "deterministic"}
        Whether it bounds a probability (and has a command `mcpolar bound`) or is about every path.
    variants : tuple
        The forms that exist, the default first.
    options : tuple of Option
        The arguments that the commands offer.
    function : callable
        Evaluates it. Its result, a :class:`~mcpolar.results.Bound`, carries the question that it answers.
    formula : callable
        Gives the SymPy expression of a form, for the given senders (imports SymPy).
    forms : tuple of str
        The forms that `formula` knows: the variants, and more where a statement has several theorems.
    event : str
        What it bounds, in symbols: h and n are levels, T the steps, H the own-side log-odds. For captions of tables.
    rules : Rules
        The memory policies and neighbour rules that it allows.
    monotone : tuple of Monotone
        The numbers in which the bound is known to go one way: what :func:`mcpolar.answers.solve` rests on.
    is_searched : bool
        Whether free parameters of the bound are searched for, so that another search may find a larger one.
    """

    name: str
    theory: str
    title: str
    kind: Kind
    variants: tuple[Variant, ...]
    options: tuple[Option, ...]
    function: Callable[..., Any] = field(compare=False, repr=False)
    formula: Callable[[str, str], Any] = field(compare=False, repr=False)
    forms: tuple[str, ...] = field(repr=False)
    event: str = ""
    rules: Rules = OWN_RULES
    monotone: tuple[Monotone, ...] = field(default=(), repr=False)
    is_searched: bool = False

    @property
    def command(self) -> str:
        """The name on the command line: "theorem2-ascent"."""
        return self.name.replace("_", "-")

    @property
    def takes_chain(self) -> bool:
        """Whether it is about the two-component chain; else about a mixture of its own."""
        return "chain" in inspect.signature(self.function).parameters

    @property
    def arguments(self) -> dict[str, bool]:
        """The function's arguments beside the chain and the variant: name -> whether it must be given."""
        parameters = inspect.signature(self.function).parameters
        return {
            name: parameter.default is parameter.empty
            for name, parameter in parameters.items()
            if name not in ("chain", "variant")
        }

    @property
    def claims(self) -> dict[str, Any]:
        """Statement, hypotheses, checked steps, Coq theorems and what no machine has checked."""
        found: dict[str, Any] = json.loads((files("mcpolar") / "claims.json").read_text(encoding="utf-8"))
        return found[self.name]  # type: ignore[no-any-return]

    def require(self, given: Container[str]) -> None:
        """Raise InputError for the first argument that must be given and is not."""
        hints = {option.name: option.hint for option in self.options}
        for name, is_needed in self.arguments.items():
            if is_needed and name not in given:
                raise InputError(name, "nothing", f"given for {self.command}{hints.get(name, '')}")

    def require_variant(self, variant: str) -> None:
        """Raise InputError where the statement has no such form."""
        if variant not in self.variants:
            raise InputError("variant", variant, f"one of {', '.join(self.variants)} for {self.command}")

    def with_defaults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was given, and the defaults of the options that were not."""
        defaults = {
            option.name: option.default
            for option in self.options
            if option.default is not None and option.unless not in given
        }
        return defaults | dict(given)

    def evaluate(
        self, population: Mapping[str, Any], given: Mapping[str, Any], variant: Variant = "certified"
    ) -> Bound:
        """Evaluate the statement for a population.

        Parameters
        ----------
        population : mapping
            Arguments of :class:`~mcpolar.parameters.ChainParameters`. A statement about another mixture takes those
            of them that it knows.
        given : mapping
            Its own arguments; options have defaults.
        variant : {"certified", "paper"}
            The form.

        Raises
        ------
        InputError
            If an argument is missing or not allowed.
        """
        self.require_variant(variant)
        values = self.with_defaults(given)
        form = {"variant": variant} if len(self.variants) > 1 else {}
        if self.takes_chain:
            self.require(values)
            return self.function(ChainParameters(**population), **values, **form)  # type: ignore[no-any-return]
        values |= {name: value for name, value in population.items() if name in self.arguments}
        self.require(values)
        if isinstance(values.get("steps"), str):
            values["steps"] = Steps.read(values["steps"], population["m"])
        return self.function(**values, **form)  # type: ignore[no-any-return]


def statement(
    name: str,
    *,
    theory: str,
    title: str,
    formula: Callable[[str, str], Any],
    variants: tuple[Variant, ...] = BOTH,
    options: tuple[Option, ...] = (),
    kind: Kind = "probability",
    more_forms: tuple[str, ...] = (),
    event: str = "",
    rules: Rules = OWN_RULES,
    monotone: tuple[Monotone, ...] = (),
    is_searched: bool = False,
) -> Callable[[Function], Function]:
    """Make the record of a statement of the function that evaluates it; refuse a name that the table lacks.

    The function then refuses a chain under rules that the statement does not allow.

    Examples
    --------
    >>> statement("nothing", theory="", title="", formula=print)(print)
    Traceback (most recent call last):
        ...
    KeyError: "print is marked as statement 'nothing', which the table does not hold"
    """

    def mark(function: Function) -> Function:
        if name not in NAMES or function.__name__ != name:
            raise KeyError(
                f"{function.__name__} is marked as statement {name!r}, which the table does not hold"
            )
        command = name.replace("_", "-")

        @functools.wraps(function)
        def ruled(*given: Any, **options: Any) -> Any:
            chain = given[0] if given else options.get("chain")
            if isinstance(chain, ChainParameters):
                rules.require(chain, command)
            return function(*given, **options)

        forms = (*variants, *more_forms)
        known = (rules, monotone, is_searched)
        record = Statement(name, theory, title, kind, variants, options, ruled, formula, forms, event, *known)
        ruled.__statement__ = record  # type: ignore[attr-defined]
        return cast("Function", ruled)

    return mark


class _Table(Mapping[str, Statement]):
    """The statements by name: the names cost nothing, a record imports its module."""

    def __getitem__(self, name: str) -> Statement:
        if name not in NAMES:
            raise KeyError(name)
        module = importlib.import_module(f"mcpolar.bounds.{name}")
        found: Statement = getattr(module, name).__statement__
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def __contains__(self, name: object) -> bool:
        return name in NAMES


STATEMENTS: Mapping[str, Statement] = _Table()


def commands() -> tuple[str, ...]:
    """Return the statements' names on the command line.

    Examples
    --------
    >>> "theorem2-ascent" in commands()
    True
    """
    return tuple(name.replace("_", "-") for name in NAMES)


def find(name: str) -> Statement:
    """Return the statement of a Python or command-line name.

    Raises
    ------
    InputError
        If there is none; the message lists the names.

    Examples
    --------
    >>> find("theorem2-ascent").name
    'theorem2_ascent'
    """
    key = re.sub("-", "_", name)
    if key not in STATEMENTS:
        raise InputError("statement", name, "one of " + ", ".join(commands()))
    return STATEMENTS[key]


def find_probability(name: str) -> Statement:
    """Return the statement of this name; refuse those that are about every path.

    Raises
    ------
    InputError
        If there is none, or it bounds no probability.

    Examples
    --------
    >>> find_probability("theorem2").title
    'level h is kept at every step'
    """
    found = find(name)
    if found.kind != "probability":
        named = ", ".join(one.command for one in probability_statements())
        raise InputError(
            "statement", name, f"one of {named}, about a probability (this one holds on every path)"
        )
    return found


def probability_statements() -> tuple[Statement, ...]:
    """Return the statements that bound a probability.

    Examples
    --------
    >>> sorted({one.kind for one in probability_statements()})
    ['probability']
    """
    return tuple(found for found in STATEMENTS.values() if found.kind == "probability")
