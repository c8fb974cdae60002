"""Silos by whole weight vectors: clusters of agents, and their agreement with the largest weight."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.errors import InputError, ResourceError


def cluster_silos(weights: ArrayLike, threshold: float = 0.5) -> NDArray[np.int64]:
    """Return a cluster of each agent: complete linkage of the Euclidean distances of weight vectors, cut at a height.

    Within a cluster all distances are below the threshold. Two agents that are sure of different components are
    sqrt 2 apart; undecided ones lie between, which the largest weight does not show.

    Parameters
    ----------
    weights : array_like, shape (n, c)
        Weight vectors of n >= 2 agents.
    threshold : float
        Height of the cut, above 0 and below sqrt 2.

    Returns
    -------
    ndarray of int, shape (n,)
        Clusters 0, 1, …, numbered by their first agent.

    Raises
    ------
    InputError
        If a value is not allowed.
    ResourceError
        If scikit-learn is missing (extra `clusters`).

    Examples
    --------
    >>> cluster_silos([[1.0, 0.0], [0.98, 0.02], [0.1, 0.9]]).tolist()
    [0, 0, 1]
    """
    vectors = np.asarray(weights, dtype=np.float64)
    if vectors.ndim != 2 or len(vectors) < 2 or not np.isfinite(vectors).all():
        raise InputError("weights", f"shape {vectors.shape}", "finite numbers of shape (n, c) with n >= 2")
    if not 0 < threshold < np.sqrt(2):
        raise InputError("threshold", threshold, "above 0 and below sqrt 2 = 1.414")
    linkage = _scikit_learn("cluster").AgglomerativeClustering(
        n_clusters=None, distance_threshold=threshold, linkage="complete"
    )
    labels = linkage.fit_predict(vectors)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.empty(first.size, dtype=np.int64)
    order[np.argsort(first)] = np.arange(first.size)
    return np.asarray(order[inverse], dtype=np.int64)


def agreement(left: ArrayLike, right: ArrayLike) -> float:
    """Return the adjusted Rand index of two divisions into silos: 1 for the same, about 0 for unrelated ones.

    Parameters
    ----------
    left, right : array_like of int, shape (n,)
        A silo or cluster of each agent.

    Raises
    ------
    InputError
        If the shapes differ.
    ResourceError
        If scikit-learn is missing (extra `clusters`).

    Examples
    --------
    >>> agreement([0, 0, 1, 1], [5, 5, 3, 3]), agreement([0, 0, 1, 1], [0, 1, 0, 1])
    (1.0, -0.5)
    """
    shapes = np.shape(left), np.shape(right)
    if shapes[0] != shapes[1] or len(shapes[0]) != 1:
        raise InputError("right", f"shapes {shapes[0]} and {shapes[1]}", "of the shape (n,) of `left`")
    return float(_scikit_learn("metrics").adjusted_rand_score(left, right))


def _scikit_learn(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"sklearn.{module}")
    except ImportError as error:
        raise ResourceError(
            f"clusters need the extra `clusters` ({error}): pip install 'mcpolar[clusters]'"
        ) from error
