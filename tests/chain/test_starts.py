from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import expit

from mcpolar.chain import Start, level_log_odds
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from tests.calibrated import DiffersError, assert_distribution, assert_proportion

KINDS = ["random", "undecided", "polarized", "bipolar", "boundary"]
PLACEMENTS = ["centres", "drawn", "inner", "outer", "alternating"]
CHAIN = ChainParameters(m=7, r=3, sigma="0.3")
RATE = {"false_alarm": 1e-8}


@pytest.mark.parametrize("kind", KINDS)
def test_law_a_replica_can_be_made_alone(kind):
    start = Start(kind, placement="drawn") if kind in ("polarized", "boundary") else Start(kind)
    block = start.state(CHAIN, seed=3, replicas=20)
    alone = start.state(CHAIN, seed=3, first_replica=17)
    assert (alone.log_odds[0] == block.log_odds[17]).all()
    assert (alone.memory[0] == block.memory[17]).all()


@pytest.mark.parametrize("kind", ["random", "undecided"])
def test_law_seed_cell_and_replica_matter(kind):
    memories = [
        Start(kind).state(CHAIN, seed=seed, cell=cell, first_replica=replica).memory.tobytes()
        for seed in (3, 4)
        for cell in ((), (1,))
        for replica in (0, 1)
    ]
    assert len(set(memories)) == 8


@given(
    st.integers(1, 9),
    st.integers(1, 4),
    st.sampled_from(["0.02", "0.3", "0.7", "3"]),
    st.sampled_from(["0.1", "1", "7", "1000"]),
    st.sampled_from(PLACEMENTS),
    st.data(),
)
def test_law_decided_starts_lie_in_the_level(m, r, sigma, level, placement, data):
    split = data.draw(st.integers(0, m))
    chain = ChainParameters(m=m, r=r, sigma=sigma)
    state = Start("polarized", level=level, split=split, placement=placement).state(chain, seed=1, replicas=2)
    side = np.sign(state.log_odds)
    assert (side == np.where(np.arange(m) < split, 1, -1)).all()
    own = state.memory * side[:, :, np.newaxis]
    assert ((own >= 0.5) & (own <= 1.5)).all()
    assert (np.abs(state.log_odds) == level_log_odds(chain, level, "up")).all()
    # truly in the level, however its doubles round
    assert Fraction(float(np.abs(state.log_odds).min())) >= Fraction(level) * chain.precision


@given(st.decimals("0.0001", "100", places=4), st.decimals("0.01", "10", places=2))
def test_law_levels_are_rounded_as_stated(level, sigma):
    chain = ChainParameters(m=1, r=1, sigma=sigma)
    exact = Fraction(level) / Fraction(sigma) ** 2
    low, high = (level_log_odds(chain, level, way) for way in ("down", "up"))
    assert Fraction(low) <= exact <= Fraction(high)
    assert high in (low, np.nextafter(low, np.inf))
    assert (low == high) == (Fraction(low) == exact)


def test_reference_places():
    chain = ChainParameters(m=3, r=3, sigma="0.5")
    boundary = Start("boundary", level=2, split=1).state(chain, seed=1)
    assert boundary.log_odds.tolist() == [[8, -8, -8]]
    assert boundary.memory[0].tolist() == [[0.5] * 3, [-0.5] * 3, [-0.5] * 3]
    memories = {
        placement: Start("boundary", placement=placement).state(chain, seed=1).memory[0, 0].tolist()
        for placement in ("centres", "outer", "alternating")
    }
    assert memories == {"centres": [1, 1, 1], "outer": [1.5] * 3, "alternating": [0.5, 1.5, 0.5]}
    assert Start("bipolar", log_odds="2.5").state(chain, seed=1).log_odds.tolist() == [[2.5, -2.5, -2.5]]
    assert (Start("undecided").state(chain, seed=1).log_odds == 0).all()


def test_statistics_random_weights_are_uniform_and_memories_follow_the_mixture():
    chain = ChainParameters(m=50, r=2, sigma="0.2")
    state = Start("random").state(chain, seed=11, replicas=2000)
    weights = expit(state.log_odds)
    assert_distribution(weights, stats.uniform.cdf, **RATE, resolves=0.02)
    # at sigma = 0.2 the sign tells the component but for 6e-7; x - sign is the component's noise
    positive = state.memory > 0
    assert_distribution(
        (state.memory - np.where(positive, 1, -1)) / 0.2, stats.norm.cdf, **RATE, resolves=0.02
    )
    for low in (0.1, 0.4, 0.8):
        chosen = (weights > low) & (weights < low + 0.1)
        n = 2 * int(chosen.sum())
        expected = (weights[chosen].mean() * (1 - 6e-7)) + (1 - weights[chosen].mean()) * 6e-7
        assert_proportion(int(positive[chosen].sum()), n, expected, **RATE, resolves=0.04)


@pytest.mark.parametrize("sigma", ["0.1", "0.5", "30"])
def test_statistics_drawn_memories_are_truncated_normals(sigma):
    chain = ChainParameters(m=20, r=5, sigma=sigma)
    state = Start("polarized", placement="drawn").state(chain, seed=2, replicas=300)
    half = 0.5 / float(sigma)
    law = stats.truncnorm(-half, half, loc=1, scale=float(sigma))
    assert_distribution(state.memory, law.cdf, **RATE, resolves=0.03)


def test_control_untruncated_memories_are_caught():
    state = Start("random").state(ChainParameters(m=20, r=5, sigma="0.5"), seed=2, replicas=300)
    with pytest.raises(DiffersError):
        law = stats.truncnorm(-1, 1, loc=1, scale=0.5)
        assert_distribution(np.abs(state.memory), law.cdf, **RATE, resolves=0.03)


def test_record_holds_every_option():
    assert Start("polarized", level="2.50", split=3, placement="outer").as_dict() == {
        "kind": "polarized",
        "level": "2.5",
        "log_odds": None,
        "split": 3,
        "placement": "outer",
    }


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"kind": "polarised"}, "start"),
        ({"kind": "random", "level": 1}, "level"),
        ({"kind": "undecided", "split": 1}, "split"),
        ({"kind": "bipolar", "split": 1}, "split"),
        ({"kind": "polarized", "level": 1, "log_odds": 3}, "log_odds"),
        ({"kind": "polarized", "level": 0}, "level"),
        ({"kind": "polarized", "log_odds": -1}, "log_odds"),
        ({"kind": "polarized", "level": "nan"}, "level"),
        ({"kind": "boundary", "placement": "middle"}, "placement"),
    ],
)
def test_rejects_options(options, name):
    with pytest.raises(InputError, match=f"`{name}` must be"):
        Start(**options)


def test_rejects_split_above_m_and_empty_ensembles():
    with pytest.raises(InputError, match="`split` must be a whole number from 0 to m = 7; got 8"):
        Start("polarized", split=8).state(CHAIN, seed=1)
    with pytest.raises(InputError, match="`replicas` must be"):
        Start("random").state(CHAIN, seed=1, replicas=0)
