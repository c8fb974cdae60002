"""Memory policies and neighbour rules of one's own: against the slow twin, and what refuses them."""

import numpy as np
import pytest

import mcpolar as mp
from mcpolar.bounds.permanence import permanence_at
from mcpolar.chain import ChainState
from mcpolar.exact import consensus_probabilities
from mcpolar.metastability import mean_field, passage_times
from mcpolar.montecarlo import conditional, crude, splitting, tilting, twisting
from mcpolar.montecarlo.targets import level_kept, silo_left
from mcpolar.rng import philox_key
from mcpolar.statements import STATEMENTS
from tests.twins import chain as twin


def any_one(memory, y, u):
    return int(u * memory.size)


def oldest(memory, y, u):
    return 0


def least_plus(memory, y, u):
    """The element that speaks least for component +1, whatever arrives."""
    return int(np.argmin(memory))


def ring(log_odds, receiver, k, u):
    return (receiver + int(u * (k + 1))) % log_odds.size


def most_decided(log_odds, receiver, k, u):
    return int(np.argmax(np.abs(log_odds)))


POLICIES = {"toy-any": any_one, "toy-oldest": oldest, "toy-least-plus": least_plus}
SENDERS = {"toy-ring": ring, "toy-most-decided": most_decided}
for name, function in POLICIES.items():
    mp.register_memory_policy(name, function)
for name, function in SENDERS.items():
    mp.register_neighbour_rule(name, function)


def wild(memory, y, u):
    return memory.size


mp.register_memory_policy("toy-wild", wild)
mp.register_neighbour_rule("toy-nobody", lambda log_odds, receiver, k, u: -1)

FOREIGN = {"policy": "toy-any", "neighbours": "toy-ring"}
CASES = [
    {"policy": "toy-any"},
    {"policy": "toy-oldest", "k": 2},
    {"policy": "toy-least-plus", "mirror": "0.25"},
    {"neighbours": "toy-ring", "k": 2},
    {"neighbours": "toy-most-decided", "mirror": "0.5"},
    {"policy": "toy-oldest", "neighbours": "toy-ring", "k": 1, "mirror": "0.5"},
]


def start(m, r, n_replicas, seed=7):
    generator = np.random.default_rng(seed)
    log_odds = generator.normal(size=(n_replicas, m))
    return ChainState.from_arrays(
        log_odds, generator.choice([-1.0, 1.0], (n_replicas, m, r)) + log_odds[..., None]
    )


def by_twin(chain, state, steps, seed, policy=None, senders=None):
    log_odds, memory = state.log_odds.copy(), state.memory.copy()
    mirror = -1.0 if chain.mirror is None else float(chain.mirror)
    twin.advance(
        log_odds,
        memory,
        float(chain.sigma),
        chain.k or 0,
        mirror,
        philox_key(seed),
        0,
        0,
        steps,
        policy,
        senders,
    )
    return log_odds


@pytest.mark.parametrize("rules", CASES)
def test_twin_a_registered_rule_is_what_the_loops_follow(rules):
    chain = mp.ChainParameters(m=5, r=3, sigma="0.6", **rules)
    state = start(5, 3, 2)
    path = mp.simulate(chain, state, 40, seed=3)
    policy, senders = POLICIES.get(chain.policy), SENDERS.get(chain.neighbours)
    assert np.allclose(path.log_odds[:, -1], by_twin(chain, state, 40, 3, policy, senders), rtol=1e-9, atol=0)


@pytest.mark.parametrize("rules", CASES)
def test_control_the_paper_s_rules_give_other_paths(rules):
    chain = mp.ChainParameters(m=5, r=3, sigma="0.6", **rules)
    state = start(5, 3, 2)
    path = mp.simulate(chain, state, 40, seed=3)
    assert not np.allclose(path.log_odds[:, -1], by_twin(chain, state, 40, 3), rtol=1e-3, atol=0)


def test_law_the_same_bits_whatever_the_workers_and_the_pieces():
    chain = mp.ChainParameters(m=6, r=3, sigma="0.5", k=2, **FOREIGN)
    one, two = (mp.simulate(chain, "random", 60, seed=5, replicas=300, workers=n) for n in (1, 3))
    assert np.array_equal(one.log_odds, two.log_odds)
    whole = mp.simulate(chain, "random", 60, seed=5, replicas=40, every=7)
    assert np.array_equal(whole.log_odds[:, -1], one.log_odds[:40, -1])


def test_law_passages_are_those_of_the_paths():
    chain = mp.ChainParameters(m=4, r=2, sigma="0.6", policy="toy-oldest", neighbours="toy-ring", k=1)
    path = mp.simulate(chain, "random", 50, seed=2, replicas=64, every=1)
    times = passage_times(chain, "random", 50, seed=2, replicas=64)
    found, observed = times.of("consensus")
    plus = (path.log_odds > 0).sum(axis=2)
    whole = (plus == 0) | (plus == 4)
    expected = np.where(whole.any(axis=1), whole.argmax(axis=1), 50)
    assert np.array_equal(np.where(observed, found, 50), expected)


def test_law_estimators_agree_under_a_policy_that_a_theorem_allows():
    """conditional weighs arrivals, crude counts: 0.999 intervals of one probability."""
    chain = mp.ChainParameters(m=4, r=3, sigma="0.4", policy="toy-least-plus")
    begin, target = mp.Start("boundary"), level_kept(chain, 1, 12)
    counted = crude(chain, begin, target, replicas=20_000, seed=1, confidence=1 - 1e-7)
    weighed = conditional(chain, begin, target, replicas=4_000, seed=2, confidence=1 - 1e-7)
    assert counted.log_low <= weighed.log_high
    assert weighed.log_low <= counted.log_high


@pytest.mark.parametrize("name", ["theorem2", "theorem2_ascent", "silo_persistence"])
def test_sandwich_what_holds_for_any_policy_is_a_bound_under_one(name):
    own, chain = (
        mp.ChainParameters(m=4, r=3, sigma="0.4", **rules) for rules in ({}, {"policy": "toy-least-plus"})
    )
    given = {"level": 1, "steps": 20}
    assert getattr(mp, name)(chain, **given).value == getattr(mp, name)(own, **given).value
    found = mp.validate(name, chain, **given, replicas=4_000, seed=4, confidence=1 - 1e-7)
    assert found.verdict in ("validated", "consistent")


def test_control_a_bound_that_rests_on_the_farthest_would_fail():
    """L1' as if it held for `least-plus`: all memory is well-behaved far less often than it says."""
    chain = mp.ChainParameters(m=1, r=2, sigma="0.3", policy="toy-least-plus")
    own = mp.ChainParameters(m=1, r=2, sigma="0.3")
    bound = float(mp.lemma1(own).lower())
    state = ChainState.from_arrays(np.full((1, 1), -50.0), np.full((1, 1, 2), 5.0))
    path = mp.simulate(chain, state, 2, seed=1, replicas=4_000, memory=True)
    inside = (np.abs(np.abs(path.memory[:, -1]) - 1) <= 0.5).all(axis=(1, 2)).mean()
    assert bound > 0.1
    assert inside == 0.0  # its own arrivals speak least for + and are what goes next


def test_rejects_a_bound_a_table_and_a_validation_under_foreign_rules():
    policy = mp.ChainParameters(m=6, r=2, sigma="0.3", policy="toy-any")
    senders = mp.ChainParameters(m=6, r=2, sigma="0.3", neighbours="toy-ring", k=2)
    with pytest.raises(
        mp.InputError,
        match=r"`policy` must be 'farthest': theorem1 is proved for that, since .*; got toy-any",
    ):
        mp.theorem1(policy)
    with pytest.raises(
        mp.InputError, match=r"`neighbours` must be 'nearest': theorem2 is proved for that, .*; got toy-ring"
    ):
        mp.theorem2(senders, level=1, steps=10)
    with pytest.raises(mp.InputError, match=r"permanence is proved"):
        mp.validate("permanence", policy, level=4, seed=1)
    with pytest.raises(mp.InputError, match=r"lemma1 is proved"):
        mp.table("lemma1", m=[6], r=[2], sigma=["0.3"], policy=["toy-any"])


@pytest.mark.parametrize("name", [found.name for found in STATEMENTS.values() if found.takes_chain])
def test_law_every_statement_about_the_chain_says_which_rules_it_allows(name):
    """Under both foreign rules no statement of today holds; its record decides, before any other argument is read."""
    chain = mp.ChainParameters(m=6, r=2, sigma="0.3", k=2, **FOREIGN)
    with pytest.raises(mp.InputError, match=f"{STATEMENTS[name].command} is proved"):
        STATEMENTS[name].function(chain)


def refusals():
    chain = mp.ChainParameters(m=3, r=1, sigma="0.5", neighbours="toy-ring", k=1)
    begin = mp.Start("polarized")
    return {
        "exact": lambda: consensus_probabilities(chain, [0.0, 0.0, 0.0], 3),
        "mean_field": lambda: mean_field(chain, [0.0], [0, 1]),
        "tilting": lambda: tilting(chain, begin, silo_left(5), replicas=1000, seed=1),
        "twisting": lambda: twisting(chain, begin, silo_left(5), replicas=1000, seed=1),
        "permanence_at": lambda: permanence_at(chain, None, level=1),
    }


@pytest.mark.parametrize("which", list(refusals()))
def test_rejects_what_rests_on_the_paper_s_rules(which):
    with pytest.raises(mp.InputError, match=r"`neighbours` must be 'nearest'"):
        refusals()[which]()


def test_law_splitting_and_counting_need_no_rule():
    chain = mp.ChainParameters(m=3, r=2, sigma="0.7", policy="toy-any", neighbours="toy-ring", k=1)
    begin, target = mp.Start("polarized"), silo_left(20)
    counted = crude(chain, begin, target, replicas=8_000, seed=1, confidence=1 - 1e-7)
    split = splitting(chain, begin, target, particles=200, repetitions=40, seed=2, confidence=1 - 1e-7)
    assert max(counted.log_low, split.log_low) <= min(counted.log_high, split.log_high)


def test_rejects_an_index_that_is_none():
    for rules, what in (
        ({"policy": "toy-wild"}, "memory policy"),
        ({"neighbours": "toy-nobody"}, "neighbour rule"),
    ):
        with pytest.raises(ValueError, match=f"a {what} must return"):
            mp.simulate(mp.ChainParameters(m=3, r=2, sigma="0.5", **rules), "random", 5, seed=1)


def test_rejects_what_is_no_rule():
    def writes(memory, y, u):
        memory[0] = y
        return 0

    with pytest.raises(mp.InputError, match=r"`name` must be a text without @, other than farthest"):
        mp.register_memory_policy("farthest", oldest)
    with pytest.raises(
        mp.InputError, match=r"`function` must be a function of \(memory, y, u\) that numba can compile"
    ):
        mp.register_memory_policy("toy-writes", writes)
    with pytest.raises(mp.InputError, match=r"of \(log_odds, receiver, k, u\)"):
        mp.register_neighbour_rule("toy-short", lambda log_odds: 0)
    with pytest.raises(mp.InputError, match=r"`policy` must be one of farthest, .*; got toy-nothing"):
        mp.ChainParameters(m=3, r=2, sigma="0.5", policy="toy-nothing")


def test_law_a_function_can_be_registered_again_and_another_not():
    first = mp.register_memory_policy("toy-twice", oldest)
    again = mp.register_memory_policy("toy-twice", oldest)
    assert again == first
    assert again.compiled is not first.compiled
    with pytest.raises(mp.InputError, match=r"`name` must be .*other than .*toy-twice"):
        mp.register_memory_policy("toy-twice", any_one)
    assert mp.ChainParameters(m=3, r=2, sigma="0.5", policy="toy-twice").as_dict()["policy"] == first.spoken


def test_law_a_record_says_which_function_it_was():
    chain = mp.ChainParameters(m=3, r=2, sigma="0.5", policy="toy-oldest")
    record = {name: value for name, value in chain.as_dict().items() if value is not None}
    assert mp.ChainParameters(**record) == chain
    assert record["policy"].startswith("toy-oldest@")
    assert "neighbours" not in record
    with pytest.raises(mp.InputError, match=r"`policy` must be one of .*toy-oldest@"):
        mp.ChainParameters(**record | {"policy": "toy-oldest@00000000"})
    assert set(mp.ChainParameters(m=3, r=2, sigma="0.5").as_dict()) == {"m", "r", "sigma", "k", "mirror"}
