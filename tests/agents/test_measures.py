"""Silos, measures and traces by definition."""

from itertools import pairwise

import numpy as np
import pytest

from mcpolar.agents import (
    Clusters,
    FakeAnswer,
    FakeEmbed,
    Keywords,
    NearestCentroid,
    Trace,
    measure,
    silo_fates,
)
from mcpolar.agents.measures import silo_chain
from mcpolar.agents.silos import plural
from mcpolar.errors import InputError

TRACE = Trace.of_labels(
    [
        [["a", "b", "c"], ["a", "a", "c"], ["a", "a", "a"], ["a", "a", "a"]],
        [["a", "b", None], ["b", "a", None], ["a", "b", None], ["a", "b", None]],
    ]
)


def test_reference_measures_of_two_runs():
    found = measure(TRACE)
    assert found.n_silos.tolist() == [[3, 2, 1, 1], [3, 3, 3, 3]]
    assert found.changed.tolist() == [[1 / 3, 1 / 3, 0.0], [2 / 3, 2 / 3, 0.0]]
    assert found.one_silo.tolist() == [2, -1]
    assert found.largest_share[0].tolist() == [1 / 3, 2 / 3, 1.0, 1.0]
    assert found.window_counts(2) == {"neither": 2, "stable": 0, "unstable": 2}
    assert found.times_to_one_silo.at([1, 2, 3]).tolist() == [1.0, 0.5, 0.5]
    assert found.mean_time_to_one_silo.mean == 2.5
    assert len(found.to_frame()) == 8


def test_reference_fates_of_silos():
    fates = silo_fates(TRACE, 3)
    first = {row.silo: row.fate for row in fates[fates.run == "0"].itertuples()}
    second = {row.silo: row.fate for row in fates[fates.run == "1"].itertuples()}
    assert first == {"a": "unstable", "b": "decaying", "c": "decaying"}
    assert second == {"a": "unstable", "b": "unstable", None: "stable"}


def test_reference_one_silo_means_from_then_on():
    trace = Trace.of_labels([[["a", "a"], ["a", "b"], ["b", "b"]], [["a", "a"], ["a", "a"], ["a", "a"]]])
    assert measure(trace).one_silo.tolist() == [2, 0]


def test_reference_the_coarse_chain_of_the_number_of_silos():
    chain = silo_chain(TRACE)
    assert chain.labels == (1, 2, 3)
    assert chain.counts.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 3]]
    assert chain.hitting_times(1).value.tolist() == [0.0, 1.0, 5.0]
    assert chain.committor(3, 1)[2] == 1.0
    twice = silo_chain(
        TRACE, 2
    )  # 3 to 1, 2 to 1 in the first run, whose last state is left for nothing; 3 to 3 twice
    assert (twice.labels, twice.counts.tolist()) == ((3,), [[2.0]])


def test_law_what_comes_last_only_is_not_a_state():
    # 1 and 2 are seen at the ends alone: what comes after them is not known
    ends = Trace.of_labels([[["a", "b", "c"], ["a", "b", "c"], ["a", "a", "b"]]])
    assert silo_chain(ends).labels == (3,)
    with pytest.raises(InputError, match="`lag` must be one at which"):
        silo_chain(Trace.of_labels([[["a", "b"], ["a", "a"]]]))


def test_law_the_chain_of_a_mixture_and_of_its_trace_is_one():
    from mcpolar.metastability.finite import FiniteChain
    from mcpolar.mixture import Covariances, MixtureParameters, simulate

    mixture = MixtureParameters(5, range(5), Covariances.spherical(0.4), 2)
    found = simulate(mixture, 30, seed=3, replicas=20)
    names = tuple(map(str, range(5)))
    trace = Trace(found.silos.astype(np.int64), names, found.steps, names, tuple(map(str, range(20))))
    counts = np.zeros((6, 6))
    for path in found.n_silos:
        for before, after in pairwise(path):
            counts[before, after] += 1
    chain = silo_chain(trace)
    seen = list(chain.labels)
    assert seen[0] == 1
    expected = FiniteChain.from_counts(counts[np.ix_(seen, seen)], seen)
    assert (chain.counts == expected.counts).all()
    assert (chain.hitting_times(1).value == expected.hitting_times(1).value).all()
    spread = chain.spread(lambda one: one.hitting_times(1))
    assert (spread.low <= spread.high).all()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Peonies are best", "peony"),
        ("a calla lily, then a lily", "calla lily"),
        ("lily then calla lily", "lily"),
        ("two LILIES.", "lily"),
        ("daylily", None),
        ("roses are red", "rose"),
        ("primrose", None),
        ("iris; rose", "iris"),
        ("", None),
    ],
)
def test_reference_keywords(text, name):
    names = ("rose", "iris", "lily", "calla lily", "peony")
    found = Keywords(names).of(text)
    assert (names[found] if found >= 0 else None) == name


def test_reference_plurals():
    assert [plural(word) for word in ("peony", "orchid", "iris", "box", "day")] == [
        "peonies",
        "orchids",
        "irises",
        "boxes",
        "days",
    ]


def test_reference_nearest_centroid_and_clusters():
    points = np.array([[0.0, 0.1], [5.0, 5.0], [0.1, 0.0], [100.0, 0.0]])
    near = NearestCentroid(("origin", "five"), [[0.0, 0.0], [5.0, 5.0]], farthest=10.0)
    assert near([""] * 4, points).tolist() == [0, 1, 0, -1]
    pytest.importorskip("sklearn")
    clusters = Clusters(3)
    first = clusters([""] * 4, points)
    assert first[0] == first[2]
    assert len(set(first.tolist())) == 3
    assert clusters(["x"], np.array([[4.9, 5.0]]))[0] == first[1]


def test_law_fakes_are_functions_of_their_arguments():
    answer, embed = FakeAnswer(("rose", "iris"), 0.5), FakeEmbed(8)
    texts = [answer("an iris", seed) for seed in range(200)]
    assert texts == [answer("an iris", seed) for seed in range(200)]
    assert 20 < sum("rose" in text for text in texts) < 80  # chance 1/4 each: false alarms below 1e-6
    points = embed(["a", "b", "a"])
    assert (points[0] == points[2]).all()
    assert np.allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-12, atol=0)
    assert embed([]).shape == (0, 8)


def test_rejects_what_is_no_trace():
    with pytest.raises(InputError, match="`labels`"):
        Trace.of_labels([[["a"], ["a", "b"]]])
    with pytest.raises(InputError, match="`steps` must be increasing"):
        Trace.of_labels([[["a"], ["a"]]], steps=[1, 1])
    with pytest.raises(InputError, match="`silos`"):
        Trace(np.full((1, 1, 1), 3), ("a",), np.array([0]), ("0",), ("0",))
    with pytest.raises(InputError, match="`length`"):
        silo_fates(TRACE, 4)
    with pytest.raises(InputError, match="`lag`"):
        silo_chain(TRACE, 4)
    for names in ((), ("",), ("a", "A"), ("rose", "red\x1b[31m"), ("\u202etxt",)):
        with pytest.raises(InputError, match="`names`"):
            Keywords(names)
