"""Covariances: what is refused, and what happens to them under Algorithm 2 and Remark 2."""

import numpy as np
import pytest

from mcpolar.errors import InputError
from mcpolar.mixture import Covariances, MixtureParameters, simulate

PLANE = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
SD, FLOOR = 0.3, 0.02


def deviations(update, floor, kind="diagonal"):
    """(smallest, largest) s.d. of every agent and replicate after 400 steps, and the final roots."""
    covariances = {
        "diagonal": Covariances.diagonal([SD, SD]),
        "full": Covariances.full(SD**2 * np.eye(2)),
        "spherical": Covariances.spherical(SD),
    }[kind]
    parameters = MixtureParameters(4, PLANE, covariances, 5, covariance_update=update, sd_floor=floor)
    found = simulate(parameters, 400, seed=2, replicas=4, every=400)
    return found.deviations[:, -1], found.final.roots


def test_control_em_without_a_floor_collapses():
    smallest = deviations("em", 0.0)[0][..., 0]
    assert smallest.max() < 1e-6 * SD


def test_law_em_stops_at_its_floor():
    for kind in ("diagonal", "full", "spherical"):
        smallest = deviations("em", FLOOR, kind)[0][..., 0]
        np.testing.assert_allclose(smallest, FLOOR, rtol=1e-6)


def test_law_the_published_step_lets_forgotten_components_fall_to_the_floor_and_em_keeps_them():
    # with all agents in one silo the other components are responsible for less than 1e-12 in all
    options = {"sd_floor": FLOOR, "weight_floor": 1e-12, "mirror": 0.2}
    largest = {}
    for update in ("published", "em"):
        parameters = MixtureParameters(
            4, [0.0, 4.0, 8.0, 12.0], Covariances.spherical(SD), 5, covariance_update=update, **options
        )
        found = simulate(parameters, 400, seed=2, replicas=20, every=400)
        largest[update] = found.deviations[found.n_silos[:, -1] == 1, -1, :, 1]
        assert len(largest[update]) >= 10
    assert np.median(largest["published"]) < 2 * SD
    assert largest["em"].min() > 4 * SD


def test_law_volume_keeps_every_determinant_and_neither_collapses_nor_stops_at_the_floor():
    found, roots = deviations("volume", FLOOR)
    np.testing.assert_allclose(roots[..., 0].prod(axis=-1), SD**2, rtol=1e-9)
    assert found[..., 0].min() > 2 * FLOOR
    found, roots = deviations("volume", FLOOR, "full")
    np.testing.assert_allclose(np.linalg.det(roots), SD**2, rtol=1e-6)
    assert found[..., 0].min() > FLOOR
    np.testing.assert_allclose(deviations("volume", FLOOR, "spherical")[0], SD, rtol=1e-9)


def test_law_roots_square_to_the_covariances():
    matrices = np.array([[[2.0, 0.5], [0.5, 1.0]], [[1.0, -0.3], [-0.3, 0.4]]])
    roots = Covariances.full(matrices).for_components(5, 2, 2)
    assert roots.shape == (1, 2, 2, 2)
    np.testing.assert_allclose(roots[0] @ roots[0].transpose(0, 2, 1), matrices, rtol=1e-14)


def test_rejects_covariances():
    with pytest.raises(InputError, match=r"positive definite; got component 1: smallest eigenvalue -1$"):
        Covariances.full([np.eye(2), [[1.0, 2.0], [2.0, 1.0]]])
    with pytest.raises(InputError, match=r"component 1 of agent 0: smallest eigenvalue 0"):
        Covariances.full([[np.eye(2), np.zeros((2, 2))]])
    with pytest.raises(InputError, match="all components: smallest eigenvalue"):
        Covariances.full([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(InputError, match="symmetric"):
        Covariances.full([[1.0, 0.1], [0.0, 1.0]])
    with pytest.raises(InputError, match="finite"):
        Covariances.full([[np.nan, 0.0], [0.0, 1.0]])
    with pytest.raises(InputError, match=r"of shape \(d, d\), .*; got shape \(2, 3\)"):
        Covariances.full(np.ones((2, 3)))
    with pytest.raises(InputError, match=r"positive standard deviations; got component 1: -0.2"):
        Covariances.spherical([0.2, -0.2])
    with pytest.raises(InputError, match=r"positive standard deviations; got axis 1 of component 0: 0.0"):
        Covariances.diagonal([[1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(InputError, match="positive"):
        Covariances.spherical(0.0)
    with pytest.raises(InputError, match="an array of numbers"):
        Covariances.spherical("wide")
    with pytest.raises(InputError, match="axes"):
        Covariances.spherical(np.ones((2, 2, 2)))


@pytest.mark.parametrize(
    ("make", "shape", "names"),
    [
        (Covariances.spherical, (3,), ["component"]),
        (Covariances.spherical, (2, 3), ["component", "agent"]),
        (Covariances.diagonal, (2,), ["axis"]),
        (Covariances.diagonal, (3, 2), ["axis", "component"]),
        (Covariances.diagonal, (4, 3, 2), ["axis", "component", "agent"]),
    ],
)
def test_rejects_one_bad_deviation_by_its_place(make, shape, names):
    for place in np.ndindex(shape):
        sd = np.full(shape, 0.2)
        sd[place] = -1.0
        where = " of ".join(f"{name} {number}" for name, number in zip(names, place[::-1], strict=True))
        with pytest.raises(
            InputError, match=rf"^`sd` must be positive standard deviations; got {where}: -1.0$"
        ):
            make(sd)


def test_rejects_one_bad_matrix_by_its_place():
    for place in np.ndindex(4, 3):
        matrices = np.tile(np.eye(2), (4, 3, 1, 1))
        matrices[place] = [[1.0, 2.0], [2.0, 1.0]]
        where = f"component {place[1]} of agent {place[0]}"
        with pytest.raises(
            InputError, match=rf"^`covariances` must be positive definite; got {where}: smallest"
        ):
            Covariances.full(matrices)
        matrices[place] = [[1.0, 0.1], [0.0, 1.0]]
        with pytest.raises(InputError, match=rf"^`covariances` must be symmetric matrices; got {where}: "):
            Covariances.full(matrices)


def test_rejects_shapes_that_disagree():
    message = r"`covariances` must be full of shape \(2, 2\).*\(c, d\) = \(4, 2\) want; got shape \(3, 3\)"
    with pytest.raises(InputError, match=message):
        MixtureParameters(4, PLANE, Covariances.full(np.eye(3)), 5)
    with pytest.raises(InputError, match="a Covariances"):
        MixtureParameters(4, PLANE, 0.2, 5)
    with pytest.raises(InputError, match="positive when full covariances are updated"):
        MixtureParameters(4, PLANE, Covariances.full(np.eye(2)), 5, covariance_update="em", sd_floor=0.0)


def test_law_records_are_plain():
    assert Covariances.spherical([0.5, 1.0]).as_dict() == {"kind": "spherical", "roots": [0.5, 1.0]}
