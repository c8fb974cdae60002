"""Silos by whole weight vectors."""

import sys

import numpy as np
import pytest

from mcpolar.errors import InputError, ResourceError
from mcpolar.mixture import Covariances, MixtureParameters, agreement, cluster_silos, simulate


def test_law_decided_agents_cluster_by_their_largest_weight():
    parameters = MixtureParameters(30, range(30), Covariances.spherical(0.2), 5, 5, weight_floor=1e-12)
    found = simulate(parameters, 80, seed=4)
    clusters = cluster_silos(found.final.weights[0])
    assert agreement(clusters, found.silos[0, -1]) == pytest.approx(1)


def test_law_undecided_agents_show_what_the_largest_weight_hides():
    weights = np.array([[0.51, 0.49], [0.49, 0.51], [0.5, 0.5]])
    assert cluster_silos(weights).tolist() == [0, 0, 0]
    assert agreement(cluster_silos(weights), weights.argmax(axis=1)) < 1


def test_law_clusters_are_numbered_by_their_first_agent():
    weights = np.eye(4)[[2, 2, 0, 3, 0]]
    assert cluster_silos(weights).tolist() == [0, 0, 1, 2, 1]


def test_law_agreement_ignores_names():
    assert agreement([0, 0, 1, 2], [5, 5, 3, 1]) == 1
    assert agreement([0, 0, 1, 1], [0, 1, 0, 1]) < 0.1


def test_rejects_bad_clusters():
    with pytest.raises(InputError, match=r"`weights` must be finite numbers of shape \(n, c\)"):
        cluster_silos([0.5, 0.5])
    with pytest.raises(InputError, match="`threshold` must be"):
        cluster_silos(np.eye(2), threshold=2.0)
    with pytest.raises(InputError, match=r"shapes \(2,\) and \(3,\)"):
        agreement([0, 1], [0, 1, 2])


def test_rejects_a_missing_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(ResourceError, match=r"extra `clusters` .*pip install 'mcpolar\[clusters\]'"):
        cluster_silos(np.eye(2))
