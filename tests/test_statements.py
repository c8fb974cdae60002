"""The registry: every statement has its module, test, example and proof, and the examples run."""

import runpy
from pathlib import Path

import pytest

import mcpolar.bounds
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound, Guarantee
from mcpolar.statements import STATEMENTS, Statement, find, probability_statements, statement

ROOT = Path(__file__).parents[1]
NAMES = list(STATEMENTS)
PLACES = (
    "mcpolar/bounds/{}.py",
    "tests/bounds/test_{}.py",
    "examples/{}.py",
    "proofs/{}/README.md",
    "proofs/{}/check.py",
)


def missing(names, places=PLACES, root=ROOT):
    return [path for name in names for place in places if not is_there(root, path := place.format(name))]


def is_there(root, path):
    """Whether the file is there, or for a module the package of its name with a module of that name in it."""
    found = root / path
    return found.is_file() or (found.with_suffix("") / found.name).is_file()


def test_law_every_statement_has_its_places():
    assert missing(NAMES) == []


def test_control_a_missing_place_is_found(tmp_path):
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples/theorem2.py").touch()
    assert missing(["theorem2"], PLACES, tmp_path) == [
        place.format("theorem2") for place in PLACES if not place.startswith("examples")
    ]


CONTRACT = (
    "lemma1",
    "lemma2",
    "theorem1",
    "theorem2",
    "theorem2-ascent",
    "silo-persistence",
    "permanence",
    "general-theorem2",
)


def test_reference_the_names_that_scripts_rely_on_are_there():
    assert set(CONTRACT) <= {statement.command for statement in probability_statements()}
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_law_the_registry_finds_the_function(name):
    found = find(name)
    assert isinstance(found, Statement)
    assert found.name == name
    assert found.function.__statement__ is found
    assert getattr(mcpolar.bounds, name) is found.function
    assert find(found.command) is found
    assert found.command == name.replace("_", "-")
    assert found.variants[0] == "certified"
    assert found.theory
    assert found.title


POPULATION = {"m": 6, "r": 1, "sigma": "0.3"}
EXAMPLES = {
    "level": 1,
    "steps": 30,
    "log_odds": 1,
    "components": 2,
    "dimension": 1,
    "distance": 2,
    "sigma": 1,
    **{name: POPULATION[name] for name in ("m", "r")},
}


@pytest.mark.parametrize("name", NAMES)
def test_law_the_kind_and_the_record_agree(name):
    found = find(name)
    needed = {argument: EXAMPLES[argument] for argument, is_needed in found.arguments.items() if is_needed}
    if "means" in found.arguments:  # a layout needs them, a file has them
        needed |= {name: EXAMPLES[name] for name in ("components", "dimension", "distance")}
    if found.kind == "probability":
        needed = found.with_defaults(needed)
    first = (ChainParameters(**POPULATION),) if found.takes_chain else ()
    for variant in found.variants:
        chosen = {} if len(found.variants) == 1 else {"variant": variant}
        record = found.function(*first, **needed, **chosen)
        assert isinstance(record, Bound if found.kind == "probability" else Guarantee)
        assert record.statement == found.command
        assert record.variant == variant
        assert len({assumption.name for assumption in record.assumptions}) == len(record.assumptions)
        if found.kind == "probability":
            again = found.evaluate({**POPULATION, **({} if first else {"sigma": 1})}, needed, variant)
            assert again == record


def test_reference_arguments_beside_the_chain_and_the_variant():
    assert find("theorem2").arguments == {"level": True, "steps": True, "split": False}
    assert find("theorem1").arguments == {"level": False, "steps": False}
    assert find("lemma1").arguments == {"steps": False}


def test_rejects_missing_arguments():
    find("theorem2").require({"level": 1, "steps": 3})
    with pytest.raises(InputError, match="`level` must be given for theorem2; got nothing"):
        find("theorem2").require({"steps"})
    with pytest.raises(InputError) as caught:
        find("theorem2-ascent").require({"level"})
    assert str(caught.value) == (
        "`steps` must be given for theorem2-ascent: a whole number or an expression in m such as "
        "10*m*log(m); got nothing"
    )


def test_rejects_unknown_names():
    with pytest.raises(InputError) as caught:
        find("theorem3")
    listed = ", ".join(STATEMENTS[name].command for name in NAMES)
    assert str(caught.value) == f"`statement` must be one of {listed}; got theorem3"


def test_rejects_marking_a_function_by_another_name():
    with pytest.raises(
        KeyError, match="other is marked as statement 'theorem2', which the table does not hold"
    ):

        @statement("theorem2", theory="T2", title="none", formula=str.join)
        def other():
            """Not theorem2."""

    with pytest.raises(KeyError, match="nothing is marked as statement 'nothing'"):

        @statement("nothing", theory="N", title="none", formula=str.join)
        def nothing():
            """No statement."""


@pytest.mark.parametrize("name", NAMES)
def test_reference_examples_run_and_print(name, capsys):
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
    assert len(capsys.readouterr().out.splitlines()) >= 2


def test_law_all_names_are_exported():
    assert set(NAMES) <= set(mcpolar.bounds.__all__)
    assert all(hasattr(mcpolar.bounds, name) for name in mcpolar.bounds.__all__)
