import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mcpolar.chain import ChainState, Start, Trajectory, simulate, update_agent
from mcpolar.errors import InputError, ResourceError
from mcpolar.parameters import ChainParameters
from mcpolar.rng import philox_key
from tests.calibrated import DiffersError, assert_distribution, assert_mean, assert_proportion
from tests.twins import chain as twin

RATE = {"false_alarm": 1e-8}
CHAIN = ChainParameters(m=5, r=3, sigma="0.4")


def by_twin(
    chain: ChainParameters, start: ChainState, steps: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    log_odds, memory = np.array(start.log_odds), np.array(start.memory)
    k, mirror = chain.k or 0, -1.0 if chain.mirror is None else float(chain.mirror)
    twin.advance(log_odds, memory, float(chain.sigma), k, mirror, philox_key(seed), 0, 0, steps)
    return log_odds, memory


class TestTwin:
    @pytest.mark.parametrize(
        "options", [{}, {"k": 2}, {"mirror": "0.3"}, {"k": 3, "mirror": "0.6"}, {"k": 1}]
    )
    @pytest.mark.parametrize(("r", "sigma"), [(1, "0.5"), (3, "0.5"), (4, "1.5")])
    def test_twin_paths(self, options, r, sigma):
        chain = ChainParameters(m=6, r=r, sigma=sigma, **options)
        start = Start("random").state(chain, seed=4, replicas=2)
        self.compare(chain, start, 120)

    @pytest.mark.parametrize("options", [{}, {"k": 2}, {"mirror": "0.3"}])
    def test_twin_paths_at_a_million(self, options):
        # all weights of a side within e^-1000000 of one another
        chain = ChainParameters(m=6, r=3, sigma="0.02", **options)
        start = Start("bipolar", log_odds="1e6", placement="drawn").state(chain, seed=4, replicas=2)
        self.compare(chain, start, 120)

    def test_twin_one_agent(self):
        chain = ChainParameters(m=1, r=2, sigma="0.7")
        self.compare(chain, Start("undecided").state(chain, seed=4, replicas=2), 60)

    def test_control_another_replica_is_caught(self):
        chain = ChainParameters(m=6, r=3, sigma="0.5")
        start = Start("random").state(chain, seed=4, replicas=2)
        swapped = ChainState.from_arrays(start.log_odds[::-1], start.memory[::-1])
        assert not np.allclose(by_twin(chain, start, 50, 9)[0], by_twin(chain, swapped, 50, 9)[0][::-1])

    def compare(self, chain, start, steps):
        log_odds, memory = by_twin(chain, start, steps, seed=9)
        final = simulate(chain, start, steps, seed=9).final
        assert np.max(np.abs(final.log_odds - log_odds) / (1 + np.abs(log_odds))) < 1e-12
        assert np.max(np.abs(final.memory - memory)) < 1e-12


class TestReproducible:
    @pytest.fixture
    def whole(self):
        return simulate(CHAIN, "random", 60, seed=3, every=7, replicas=11, memory=True, workers=1)

    def test_law_workers_and_blocks_do_not_matter(self, whole, monkeypatch):
        for workers, block, updates in ((2, 128, 10), (3, 2, 4_000_000), (7, 1, 3)):
            monkeypatch.setattr(simulate_module_of(), "_BLOCK", block)
            monkeypatch.setattr("mcpolar.chain.ensemble._UPDATES_PER_CALL", updates)
            other = simulate(CHAIN, "random", 60, seed=3, every=7, replicas=11, memory=True, workers=workers)
            assert other.log_odds.tobytes() == whole.log_odds.tobytes()
            assert other.memory.tobytes() == whole.memory.tobytes()
            assert other.final.memory.tobytes() == whole.final.memory.tobytes()

    def test_law_replicas_can_be_run_alone(self, whole):
        alone = simulate(CHAIN, "random", 60, seed=3, every=7, first_replica=8)
        assert alone.log_odds[0].tobytes() == whole.log_odds[8].tobytes()

    @given(st.integers(0, 60))
    @settings(max_examples=20)
    def test_law_going_on_is_one_longer_run(self, first):
        whole = simulate(CHAIN, "random", 60, seed=3, replicas=3)
        half = simulate(CHAIN, "random", first, seed=3, replicas=3)
        rest = simulate(CHAIN, half.final, 60 - first, seed=3, first_step=first)
        assert rest.final.log_odds.tobytes() == whole.final.log_odds.tobytes()
        assert rest.steps.tolist() == ([60] if first == 60 else [first, 60])

    def test_law_rows_of_a_start_state_keep_their_numbers_in_blocks(self, monkeypatch):
        start = Start("random").state(CHAIN, seed=3, replicas=5)
        whole = simulate(CHAIN, start, 20, seed=3)
        monkeypatch.setattr(simulate_module_of(), "_BLOCK", 2)
        assert simulate(CHAIN, start, 20, seed=3).log_odds.tobytes() == whole.log_odds.tobytes()
        assert (
            whole.log_odds.tobytes() == simulate(CHAIN, "random", 20, seed=3, replicas=5).log_odds.tobytes()
        )

    def test_law_one_row_stands_for_as_many_equal_ones(self):
        row = Start("random").state(CHAIN, seed=3)
        rows = ChainState.from_arrays(np.repeat(row.log_odds, 40, axis=0), np.repeat(row.memory, 40, axis=0))
        one, many = (simulate(CHAIN, start, 20, seed=3, replicas=40).final for start in (row, rows))
        assert one.log_odds.tobytes() == many.log_odds.tobytes()
        assert one.memory.tobytes() == many.memory.tobytes()

    def test_law_seed_and_cell_matter(self, whole):
        for seed, cell in ((4, ()), (3, (0,)), (3, (1,))):
            other = simulate(CHAIN, "polarized", 60, seed=seed, cell=cell, replicas=2)
            assert (
                other.final.log_odds != simulate(CHAIN, "polarized", 60, seed=3, replicas=2).final.log_odds
            ).any()

    def test_records(self, whole):
        assert whole.steps.tolist() == [0, 7, 14, 21, 28, 35, 42, 49, 56, 60]
        assert whole.log_odds.shape == (11, 10, 5)
        assert whole.memory.shape == (11, 10, 5, 3)
        start = Start("random").state(CHAIN, seed=3, replicas=11)
        assert (whole.log_odds[:, 0] == start.log_odds).all()
        assert (whole.state(0).memory == start.memory).all()
        assert whole.state(-1) is whole.final
        assert simulate(CHAIN, "random", 60, seed=3, every=30).steps.tolist() == [0, 30, 60]
        assert simulate(CHAIN, "random", 60, seed=3).steps.tolist() == [0, 60]
        assert simulate(CHAIN, "random", 0, seed=3).steps.tolist() == [0]
        assert simulate(CHAIN, "random", "10*m", seed=3).steps.tolist() == [0, 50]
        with pytest.raises(ValueError, match="memories were not recorded"):
            simulate(CHAIN, "random", 2, seed=3, every=1).state(1)

    def test_k_of_all_others_is_the_unrestricted_chain(self):
        restricted = ChainParameters(m=5, r=3, sigma="0.4", k=4)
        with_k, without = (simulate(chain, "random", 60, seed=3) for chain in (restricted, CHAIN))
        assert with_k.log_odds.tobytes() == without.log_odds.tobytes()


class TestProgressAndFailure:
    def test_progress_adds_up(self):
        done = []
        simulate(CHAIN, "random", 60, seed=3, replicas=300, every=7, workers=3, progress=done.append)
        assert sum(done) == 60 * 300

    def test_an_interrupt_stops_every_block(self, monkeypatch):
        monkeypatch.setattr("mcpolar.chain.ensemble._UPDATES_PER_CALL", 1000)

        def interrupt(done):
            raise KeyboardInterrupt

        before = threading.active_count()
        with pytest.raises(KeyboardInterrupt):
            simulate(CHAIN, "random", 10**9, seed=3, replicas=300, workers=2, progress=interrupt)
        assert threading.active_count() == before

    @pytest.mark.parametrize(
        ("options", "name"),
        [
            ({"every": 0}, "every"),
            ({"replicas": 0}, "replicas"),
            ({"workers": 0}, "workers"),
            ({"seed": -1}, "seed"),
            ({"steps": -1}, "steps"),
            ({"steps": "m!"}, "steps"),
            ({"start": "polarised"}, "start"),
            ({"start": Start("polarized", split=9)}, "split"),
            ({"start": ChainState.from_arrays([0.0], [[0.0]])}, "state"),
            (
                {"start": ChainState.from_arrays(np.zeros((3, 5)), np.zeros((3, 5, 3))), "replicas": 2},
                "replicas",
            ),
            ({"first_replica": 2**32}, "first_replica"),
            ({"first_step": -1}, "first_step"),
            ({"cell": (-1,)}, "cell"),
        ],
    )
    def test_rejects(self, options, name):
        arguments = {"start": "random", "steps": 5, "seed": 1} | options
        with pytest.raises(InputError, match=f"`{name}` must be"):
            simulate(CHAIN, **arguments)

    def test_rejects_records_beyond_memory(self):
        with pytest.raises(ResourceError, match=r"records would take .* GiB of memory: record less often"):
            simulate(CHAIN, "random", 10**9, seed=1, every=1, replicas=100)
        with pytest.raises(ResourceError, match="GiB"):
            simulate(CHAIN, "random", 2**53, seed=1, every=1)

    def test_a_system_that_tells_no_memory_has_no_limit(self, monkeypatch):
        monkeypatch.delattr("os.sysconf")
        assert simulate(CHAIN, "random", 5, seed=1).steps.tolist() == [0, 5]


class TestStatistics:
    """The law of one step, against its formulas."""

    REPLICAS = 40_000

    def one_step(self, chain: ChainParameters, start: ChainState, seed: int) -> Trajectory:
        return simulate(chain, start, 1, seed=seed, replicas=self.REPLICAS)

    def test_statistics_receiver_is_uniform(self):
        chain = ChainParameters(m=4, r=1, sigma="0.3")
        start = ChainState.from_arrays(np.zeros(4), np.ones((4, 1)))
        changed = (self.one_step(chain, start, 1).final.memory != 1).any(axis=2)
        assert (changed.sum(axis=1) == 1).all()
        for agent in range(4):
            assert_proportion(int(changed[:, agent].sum()), self.REPLICAS, 1 / 4, **RATE, resolves=0.02)

    # Agents far on either side, so that an arrival's sign tells the sender's side (but for Phi(-5) = 3e-7).
    SIDES = np.array([40.0, -40.0, -41.0, -42.0])
    CASES = (
        # chance of a sender on the + side, given the receiver: among itself and its k nearest
        ({}, (1 / 4, 1 / 4, 1 / 4, 1 / 4)),
        # k = 1: the nearest of agent 0 is agent 1; the others have one another
        ({"k": 1}, (1 / 2, 0, 0, 0)),
        # k = 2: agent 0 sees two on the other side; the others one another
        ({"k": 2}, (1 / 3, 0, 0, 0)),
        ({"mirror": "0.7"}, (0.7, 0.1, 0.1, 0.1)),
        ({"k": 1, "mirror": "0.7"}, (0.7, 0, 0, 0)),
    )

    @pytest.mark.parametrize(("options", "chances"), CASES)
    def test_statistics_sender(self, options, chances):
        self.check_senders(ChainParameters(m=4, r=1, sigma="0.2", **options), chances)

    @pytest.mark.parametrize(
        ("options", "chances"),
        [
            ({}, CASES[1][1]),  # a neighbourhood where there is none
            ({"k": 1}, (1, 0, 0, 0)),  # the sender always the receiver
            ({"k": 2}, CASES[0][1]),
            ({"mirror": "0.7"}, CASES[0][1]),
        ],
    )
    def test_control_another_law_of_the_sender_is_caught(self, options, chances):
        with pytest.raises(DiffersError):
            self.check_senders(ChainParameters(m=4, r=1, sigma="0.2", **options), chances)

    def check_senders(self, chain, chances):
        start = ChainState.from_arrays(self.SIDES, np.zeros((4, 1)))
        memory = self.one_step(chain, start, 2).final.memory[:, :, 0]
        for agent, chance in enumerate(chances):
            arrived = memory[:, agent] != 0
            positive, n = int((memory[:, agent] > 0).sum()), int(arrived.sum())
            crossing = stats.norm.sf(5)
            p = chance * (1 - crossing) + (1 - chance) * crossing
            assert_proportion(positive, n, p, **RATE, resolves=0.05)

    # No two ranks of any agent have the same weight: an arrival's sign tells a sender one rank off.
    WEIGHTS = np.array([0.02, 0.17, 0.4, 0.72, 0.9, 0.99])

    def check_ranks(self, k, mirror, shift=0):
        """Compare the share of + arrivals with that from the k nearest, or from those `shift` ranks farther."""
        m = self.WEIGHTS.size
        chain = ChainParameters(m=m, r=1, sigma="0.2", k=k, mirror=mirror)
        log_odds = np.log(self.WEIGHTS / (1 - self.WEIGHTS))
        start = ChainState.from_arrays(log_odds, np.zeros((m, 1)))
        memory = simulate(chain, start, 1, seed=12, replicas=150_000).final.memory[:, :, 0]
        for agent, weight in enumerate(self.WEIGHTS):
            ranked = self.WEIGHTS[np.argsort(np.abs(self.WEIGHTS - weight))]
            others = ranked[1 + shift : k + 1 + shift]
            chance = (
                np.append(others, weight).mean()
                if mirror is None
                else float(mirror) * weight + (1 - float(mirror)) * others.mean()
            )
            arrived = memory[:, agent] != 0
            crossing = stats.norm.sf(5)
            p = chance * (1 - crossing) + (1 - chance) * crossing
            positive = int((memory[:, agent] > 0).sum())
            assert_proportion(positive, int(arrived.sum()), p, **RATE, resolves=0.03)

    @pytest.mark.parametrize("mirror", [None, "0.2"])
    @pytest.mark.parametrize("k", [1, 2, 4])
    def test_statistics_sender_is_among_the_k_nearest(self, k, mirror):
        self.check_ranks(k, mirror)

    @pytest.mark.parametrize("shift", [-1, 1])
    @pytest.mark.parametrize("mirror", [None, "0.2"])
    @pytest.mark.parametrize("k", [1, 2, 4])
    def test_control_a_rank_off_by_one_is_caught(self, k, mirror, shift):
        with pytest.raises(DiffersError):
            self.check_ranks(k, mirror, shift)

    @pytest.mark.parametrize("log_odds", [-1.5, 0.0, 0.4])
    def test_statistics_random_walk_of_one_agent(self, log_odds):
        # m = r = 1: l_1 = l_0 + 2 y / sigma^2 with y from the agent's own mixture
        chain = ChainParameters(m=1, r=1, sigma="0.5")
        start = ChainState.from_arrays([log_odds], [[0.0]])
        final = self.one_step(chain, start, 3).final
        y = final.memory.ravel()
        np.testing.assert_allclose(final.log_odds.ravel(), log_odds + 8 * y, rtol=1e-13, atol=1e-13)
        w = 1 / (1 + np.exp(-log_odds))

        def cdf(x):
            return w * stats.norm.cdf((x - 1) / 0.5) + (1 - w) * stats.norm.cdf((x + 1) / 0.5)

        assert_distribution(y, cdf, **RATE, resolves=0.03)
        with pytest.raises(DiffersError):  # control: the components swapped
            assert_distribution(-y if log_odds else y + 0.1, cdf, **RATE, resolves=0.03)

    def test_statistics_weight_of_one_agent_is_a_martingale(self):
        # E g(w, y) = w for y from the mixture of weight w itself: Bayes' rule averages to the prior
        chain = ChainParameters(m=1, r=1, sigma="0.8")
        start = ChainState.from_arrays([0.7], [[0.0]])
        w = 1 / (1 + np.exp(-simulate(chain, start, 5, seed=4, replicas=self.REPLICAS).final.log_odds))
        expected = 1 / (1 + np.exp(-0.7))
        assert_mean(w, expected, **RATE, resolves=0.03, bounds=(0, 1))

    def test_statistics_one_update_is_update_agent(self):
        chain = ChainParameters(m=1, r=3, sigma="0.5")
        start = ChainState.from_arrays([0.3], [[-1.0, 0.2, 1.4]])
        final = self.one_step(chain, start, 5).final
        for replica in range(200):
            arrived = [x for x in final.memory[replica, 0] if x not in (-1.0, 0.2, 1.4)]
            log_odds, memory = update_agent(0.3, [-1.0, 0.2, 1.4], arrived[0], "0.5")
            assert memory.tolist() == final.memory[replica, 0].tolist()
            assert abs(log_odds - final.log_odds[replica, 0]) < 1e-13

    def test_control_nearest_replaced_in_place_of_farthest_is_caught(self):
        chain = ChainParameters(m=1, r=2, sigma="0.2")
        start = ChainState.from_arrays([40.0], [[-1.0, 1.0]])
        memory = self.one_step(chain, start, 6).final.memory[:, 0]
        # a draw near +1 replaces the -1, with probability Phi(5)
        replaced = int((memory[:, 0] != -1).sum())
        assert_proportion(replaced, self.REPLICAS, stats.norm.cdf(5), **RATE, resolves=0.01)
        with pytest.raises(DiffersError):
            assert_proportion(
                int((memory[:, 1] != 1).sum()), self.REPLICAS, stats.norm.cdf(5), **RATE, resolves=0.01
            )


def simulate_module_of():
    """The module, whose name the package gives to the function."""
    import sys

    return sys.modules["mcpolar.chain.simulation"]


@pytest.mark.parametrize("start", [np.zeros(4), 3, None, [0.0, 1.0]])
def test_rejects_a_start_of_another_kind(start):
    with pytest.raises(InputError, match="`start` must be"):
        simulate(ChainParameters(4, 2, "0.5"), start, 10, seed=1)


@pytest.mark.parametrize("sigma", [np.int64(1), np.int32(1), np.float64(1.0), 1, "1"])
def test_law_numbers_of_any_library_are_taken_exactly(sigma):
    assert ChainParameters(4, 2, sigma) == ChainParameters(4, 2, "1")
