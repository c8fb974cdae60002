"""Figure 8: agents sketched by mixtures in the space of their answers to many questions, and how silos differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.answers import Points
from mcpolar.checks import whole_number
from mcpolar.errors import InputError, ResourceError
from mcpolar.rng import Purpose, generator


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
    if values.ndim != 3 or values.shape[1] < 2 * components or not np.isfinite(values).all():
        raise InputError(
            "points", f"shape {values.shape}", f"(agents, >= {2 * components} questions, d), finite"
        )
    n, questions, d = values.shape
    whole_number("dimension", dimension, 1, min(n * questions, d), "the dimension of the points")
    try:
        from sklearn.decomposition import PCA
        from sklearn.mixture import GaussianMixture
    except ImportError as error:
        message = "sketches need the extra `clusters`: pip install 'mcpolar[clusters]'"
        raise ResourceError(message) from error
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


def silo_difference(
    parameters: NDArray[np.float64], silos: Sequence[int], *, permutations: int = 9999, seed: int = 1
) -> tuple[float, float]:
    """Return how far the mean parameters of silos lie apart, and the p-value of a permutation test.

    The statistic is the sum over silos of (agents) x |mean of the silo - mean of all|^2, of parameters scaled to unit
    variance. The p-value is (1 + permutations as far apart) / (1 + permutations), valid at every sample size.

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
    labels, values = np.asarray(silos), np.asarray(parameters, dtype=np.float64)
    if values.ndim != 2 or labels.shape != (len(values),):
        raise InputError("silos", f"shape {labels.shape}", f"one for each of the {len(values)} agents")
    if len(set(labels.tolist())) < 2:
        raise InputError("silos", labels.tolist(), "of at least two kinds")
    count = whole_number("permutations", permutations, 1, 10_000_000)
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    members = (labels[:, None] == np.unique(labels)[None]).astype(np.float64)
    sizes = members.sum(axis=0)

    def apart(order: NDArray[np.intp]) -> float:
        means = members[order].T @ scaled / sizes[:, None]
        return float((sizes[:, None] * means**2).sum())

    found = apart(np.arange(len(values)))
    draws = generator(seed, Purpose.BOOTSTRAP, cell=(10,))
    least = found * (
        1 - 1e-12
    )  # a relabelling that gives the same silos counts, whatever the order of the sums
    larger = sum(apart(draws.permutation(len(values))) >= least for _ in range(count))
    return found, (1 + larger) / (1 + count)
