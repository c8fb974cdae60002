"""Figure 8: agents sketched by mixtures in the space of their answers to many questions, and how silos differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.answers import Points
from mcpolar.checks import whole_number
from mcpolar.errors import InputError, ResourceError
from mcpolar.rng import Purpose, generator

if TYPE_CHECKING:
    import pandas as pd

MOST_PERMUTATIONS = 10_000_000


@dataclass(frozen=True, eq=False)
class Sketches:
    """One Gaussian mixture an agent, in the plane (or line) of the leading principal components of all answers.

    Attributes
    ----------
    plane : ndarray, shape (n_agents, n_questions, dimension)
        The answers' points.
    parameters : ndarray, shape (n_agents, n_parameters)
        Weights, means and variances of each agent's mixture, its components in the order of their first coordinates.
    explained : ndarray, shape (dimension,)
        Shares of the variance that the principal components explain.
    """

    plane: NDArray[np.float64]
    parameters: NDArray[np.float64]
    explained: NDArray[np.float64]


def require_clusters() -> None:
    """Raise ResourceError if the extra `clusters` (scikit-learn) is missing."""
    if find_spec("sklearn") is None:  # importing it takes a second, and other things may be refused yet
        raise ResourceError("sketches need the extra `clusters`: pip install 'mcpolar[clusters]'")


def check_sketch(n_questions: int, components: int, permutations: int) -> None:
    """Raise InputError where a sketch of so many answers would be refused, before they are asked for."""
    whole_number("components", components, 1, max(1, n_questions // 2), "half the number of questions")
    whole_number("permutations", permutations, 1, MOST_PERMUTATIONS)


def sketch_agents(points: Points, *, components: int = 2, dimension: int = 2, seed: int = 1) -> Sketches:
    """Fit a mixture to each agent's answers.

    Parameters
    ----------
    points : ndarray, shape (n_agents, n_questions, d)
        Embeddings of the answers of every agent to every question.
    components, dimension : int
        Of the mixtures, and of the space that principal components span.
    seed : int
        Of the fits' starts.

    Raises
    ------
    InputError
        If the shape does not fit.
    ResourceError
        If the extra `clusters` (scikit-learn) is missing.
    """
    values = np.asarray(points, dtype=np.float64)
    whole_number("components", components, 1)
    if values.ndim != 3 or values.shape[1] < 2 * components or not np.isfinite(values).all():
        raise InputError(
            "points", f"shape {values.shape}", f"(agents, >= {2 * components} questions, d), finite"
        )
    n, questions, d = values.shape
    whole_number("dimension", dimension, 1, min(n * questions, d), "the dimension of the points")
    require_clusters()
    from sklearn.decomposition import PCA
    from sklearn.mixture import GaussianMixture

    analysis = PCA(dimension, svd_solver="full")
    plane = analysis.fit_transform(values.reshape(-1, d)).reshape(n, questions, dimension)
    fitted = [
        GaussianMixture(components, covariance_type="diag", reg_covar=1e-6, random_state=seed, n_init=3).fit(
            own
        )
        for own in plane
    ]
    parameters = np.array([_ordered(one.weights_, one.means_, one.covariances_) for one in fitted])
    return Sketches(plane, parameters, np.asarray(analysis.explained_variance_ratio_))


def _ordered(weights: Points, means: Points, variances: Points) -> Points:
    order = np.argsort(means[:, 0])
    return np.concatenate([weights[order], means[order].ravel(), variances[order].ravel()])


@dataclass(frozen=True)
class SiloTest:
    """How far silos lie apart.

    Attributes
    ----------
    share : float
        Share of the parameters' variance that lies between silos, 0 to 1; the mean over parameters.
    p_value : float
        (1 + relabellings as far apart) / (1 + relabellings): valid at every sample size.
    """

    share: float
    p_value: float


def silo_difference(
    parameters: NDArray[np.float64], silos: Sequence[int], *, permutations: int = 9999, seed: int = 1
) -> SiloTest:
    """Return how far the parameters of agents in different silos lie apart, with a permutation test.

    Parameters
    ----------
    parameters : ndarray, shape (n_agents, n_parameters)
        From :func:`sketch_agents`.
    silos : sequence of int
        The agents' silos.
    permutations, seed : int
        Random relabellings.

    Raises
    ------
    InputError
        If there are not at least two silos, or the shapes differ.
    """
    return silo_differences([parameters], silos, permutations=permutations, seed=seed)[0]


def silo_differences(
    moments: Sequence[NDArray[np.float64]],
    silos: Sequence[int],
    *,
    permutations: int = 9999,
    seed: int = 1,
) -> list[SiloTest]:
    """Test several sets of parameters of the same agents, and the growth of the share from the first to the last.

    The relabellings are the same for all. If the silos say nothing of the parameters, every p-value p has
    P(p <= a) <= a.

    Parameters
    ----------
    moments : sequence of ndarray, each of shape (n_agents, n_parameters)
        Parameters at several times.
    silos, permutations, seed
        As for :func:`silo_difference`.

    Returns
    -------
    list of SiloTest
        One for each; with more than one, last the growth: its `share` is that of the last less that of the first.
    """
    labels = np.asarray(silos)
    for values in moments:
        if values.ndim != 2 or labels.shape != (len(values),):
            raise InputError("silos", f"shape {labels.shape}", f"one for each of the {len(values)} agents")
    if len(set(labels.tolist())) < 2:
        raise InputError("silos", labels.tolist(), "of at least two kinds")
    count = whole_number("permutations", permutations, 1, MOST_PERMUTATIONS)
    scaled = [_scaled(values) for values in moments]
    members = (labels[:, None] == np.unique(labels)[None]).astype(np.float64)
    sizes = members.sum(axis=0)

    def shares(order: NDArray[np.intp]) -> NDArray[np.float64]:
        means = [members[order].T @ values / sizes[:, None] for values in scaled]
        found = [float((sizes[:, None] * one**2).sum()) / max(one.shape[1] * len(labels), 1) for one in means]
        return np.array([*found, found[-1] - found[0]] if len(found) > 1 else found)

    seen = shares(np.arange(len(labels)))
    draws = generator(seed, Purpose.BOOTSTRAP, cell=(10,))
    least = seen - 1e-12  # a relabelling that gives the same silos counts, whatever the order of the sums
    larger = np.zeros(seen.size)
    for _ in range(count):
        larger += shares(draws.permutation(len(labels))) >= least
    return [
        SiloTest(float(share), float(one))
        for share, one in zip(seen, (1 + larger) / (1 + count), strict=True)
    ]


def _scaled(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the parameters that differ among agents, with mean 0 and variance 1."""
    values = np.asarray(parameters, dtype=np.float64)
    spread = values.std(axis=0)
    differ = spread > 1e-12 * np.maximum(1e-300, np.abs(values).max(axis=0))
    return np.asarray((values - values.mean(axis=0))[:, differ] / spread[differ])


@dataclass(frozen=True, eq=False)
class SketchComparison:
    """Sketches of agents before and after polarization (the paper's Figure 8).

    Attributes
    ----------
    step : int
        Step after which "after" is.
    silos : ndarray of int64, shape (n_agents,)
        The agents' silos then; -1: none.
    names : tuple of str
        Names of silos.
    before, after : ndarray, shape (n_agents, n_questions, 2)
        Answers in the plane of the principal components, the same for both.
    parameters_before, parameters_after : ndarray, shape (n_agents, n_parameters)
        Every agent's mixture.
    explained : tuple of float
        Shares of the variance that the components explain.
    test_before, test_after, test_growth : SiloTest
        Of the differences between silos, and of their growth.
    """

    step: int
    silos: NDArray[np.int64]
    names: tuple[str, ...]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    parameters_before: NDArray[np.float64]
    parameters_after: NDArray[np.float64]
    explained: tuple[float, ...]
    test_before: SiloTest
    test_after: SiloTest
    test_growth: SiloTest

    @property
    def kinds(self) -> list[int]:
        """The silos that are not empty, the largest first."""
        kinds, counts = np.unique(self.silos, return_counts=True)
        return [int(kind) for kind in kinds[np.argsort(-counts, kind="stable")]]

    def name_of(self, silo: int) -> str:
        """Return the name of a silo."""
        return "none" if silo < 0 else self.names[silo]

    def to_frame(self) -> pd.DataFrame:
        """Return one row an answer: moment, agent, silo, question, x, y."""
        import pandas as pd

        parts = []
        for moment, plane in (("before", self.before), ("after", self.after)):
            agent, question = (axis.ravel() for axis in np.indices(plane.shape[:2]))
            points = plane.reshape(-1, 2)
            names = [self.name_of(int(silo)) for silo in self.silos[agent]]
            columns = {"moment": moment, "agent": agent, "silo": names, "question": question}
            parts.append(pd.DataFrame({**columns, "x": points[:, 0], "y": points[:, 1]}))
        return pd.concat(parts, ignore_index=True)

    @property
    def tests(self) -> dict[str, SiloTest]:
        """The tests by name."""
        return {"before": self.test_before, "after": self.test_after, "growth": self.test_growth}

    def as_dict(self) -> dict[str, Any]:
        """Return tests, silos and mixtures for JSON."""
        return {
            "step": self.step,
            "silos": [self.name_of(int(silo)) for silo in self.silos],
            "explained": list(self.explained),
            "tests": {name: asdict(test) for name, test in self.tests.items()},
            "mixtures_before": self.parameters_before.tolist(),
            "mixtures_after": self.parameters_after.tolist(),
        }


def compare_sketches(
    before: Points,
    after: Points,
    silos: Sequence[int],
    names: Sequence[str],
    *,
    step: int,
    components: int = 2,
    permutations: int = 9999,
    seed: int = 1,
) -> SketchComparison:
    """Sketch agents at two times in one plane, and test how their silos differ.

    Parameters
    ----------
    before, after : ndarray, shape (n_agents, n_questions, d)
        Embeddings of every agent's answers to the same questions.
    silos : sequence of int
        The agents' silos after; both times are tested for them.
    names : sequence of str
        Of the silos.
    step : int
        After which "after" is.
    components, permutations, seed
        As for :func:`sketch_agents` and :func:`silo_difference`.

    Raises
    ------
    InputError
        If there are not at least two silos, or the shapes differ.
    """
    first, second = (np.asarray(points, dtype=np.float64) for points in (before, after))
    if first.shape != second.shape:
        raise InputError("after", f"shape {second.shape}", f"of shape {first.shape}, as before")
    found = sketch_agents(np.concatenate([first, second]), components=components, seed=seed)
    n = len(first)
    halves = [found.parameters[:n], found.parameters[n:]]
    tests = silo_differences(halves, silos, permutations=permutations, seed=seed)
    explained = tuple(float(share) for share in found.explained)
    kinds = np.asarray(silos, dtype=np.int64)
    return SketchComparison(
        step,
        kinds,
        tuple(names),
        found.plane[:n],
        found.plane[n:],
        halves[0],
        halves[1],
        explained,
        tests[0],
        tests[1],
        tests[2],
    )
