"""The exponent of the chance of ever leaving a silo: which method is taken, and what is refused."""

from __future__ import annotations

import pytest

from mcpolar.errors import InputError
from mcpolar.exponents.decay import decay_exponent, largest_memory
from mcpolar.exponents.memory_grid import grid_root


def test_reference_memory_one_is_exact():
    found = decay_exponent(1, "0.2")
    assert (found.theta, found.error, found.method) == (1.0, 0.0, "exact")


def test_law_small_memories_are_put_on_a_grid():
    found = decay_exponent(3, "0.5", states=1000)
    assert (found.method, found.nodes) == ("grid", 17)
    assert (found.theta, found.error) == grid_root(3, 0.5, 17)


def test_sandwich_particles_of_memory_four_lie_beside_the_grid():
    found = decay_exponent(4, "0.5", states=4000, particles=300, steps=50, runs=6)
    other = decay_exponent(4, "0.5", states=15_000, method="grid")
    assert (found.method, other.method) == ("particles", "grid")
    assert abs(found.theta - other.theta) < found.error + other.error < 0.03


def test_law_no_more_nodes_than_are_of_use():
    assert decay_exponent(2, "1").nodes == 241


def test_law_the_same_seed_gives_the_same_bits():
    options = {"states": 500, "particles": 20, "steps": 10, "runs": 2, "method": "particles"}
    one, two, other = (decay_exponent(3, "1", **options, seed=seed) for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_law_the_largest_memory_is_the_last_that_is_not_refused():
    assert largest_memory(164) == 2
    with pytest.raises(InputError):
        decay_exponent(3, "1", states=164)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"r": 0}, "`r` must be a whole number >= 1"),
        ({"r": 14}, "`r` must be a whole number from 1 to 13 with 250000 states; got 14"),
        ({"sigma": "0.14"}, "`sigma` must be a number from 0.15 to 10; got 0.14"),
        ({"method": "guess"}, "`method` must be one of auto, grid, particles"),
        ({"states": 10}, "`states` must be a whole number from 45"),
        ({"particles": 7}, "`particles` must be a whole number from 8"),
        ({"steps": 1}, "`steps` must be"),
        ({"runs": 1}, "`runs` must be"),
        ({"seed": -1}, "`seed` must be"),
    ],
)
def test_rejects_bad_arguments(change, message):
    arguments = {"r": 2, "sigma": "0.3"} | change
    with pytest.raises(InputError) as caught:
        decay_exponent(arguments.pop("r"), arguments.pop("sigma"), **arguments)
    assert str(caught.value).startswith(message)
