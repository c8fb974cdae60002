import json
import sys

import numpy as np
import pytest
import xarray

from mcpolar.chain import ChainState, read_state, simulate, write_state
from mcpolar.chain.archive import ENDINGS
from mcpolar.errors import InputError, LostResidualsWarning, ResourceError
from mcpolar.parameters import ChainParameters

CHAIN = ChainParameters(m=4, r=2, sigma="0.4", k=2, mirror="0.25")


@pytest.fixture(scope="module")
def path():
    return simulate(
        CHAIN, "random", 20, seed=2**100, cell=(3,), every=8, replicas=3, first_replica=5, memory=True
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_law_a_run_goes_on_from_its_file(ending, path, tmp_path):
    place = tmp_path / f"run{ending}"
    path.to_file(place)
    state = read_state(place, CHAIN)
    assert state.log_odds.tobytes() == path.final.log_odds.tobytes()
    assert state.memory.tobytes() == path.final.memory.tobytes()
    again = simulate(CHAIN, str(place), 5, seed=1)
    assert (again.n_replicas, again.start) == (3, {"kind": "file", "path": str(place)})
    assert again.log_odds[:, 0].tobytes() == path.final.log_odds.tobytes()


@pytest.mark.parametrize(("ending", "engine"), [(".nc", "h5netcdf"), (".zarr", "zarr")])
def test_a_file_holds_everything(ending, engine, path, tmp_path):
    path.to_file(tmp_path / f"run{ending}")
    with xarray.open_dataset(tmp_path / f"run{ending}", engine=engine) as dataset:
        assert dataset.log_odds.dims == ("replica", "record", "agent")
        assert (dataset.log_odds.to_numpy() == path.log_odds).all()
        assert (dataset.memory.to_numpy() == path.memory).all()
        assert dataset.step.to_numpy().tolist() == [0, 8, 16, 20]
        assert dataset.replica.to_numpy().tolist() == [5, 6, 7]
        check_attributes(dataset.attrs)


def test_an_npz_holds_everything_without_the_extra(path, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    path.to_file(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as file:
        assert (file["log_odds"] == path.log_odds).all()
        check_attributes(json.loads(str(file["attributes"])))


def check_attributes(attributes):
    assert json.loads(attributes["parameters"]) == CHAIN.as_dict()
    assert (attributes["seed"], json.loads(attributes["cell"])) == (str(2**100), [3])
    assert json.loads(attributes["start"])["kind"] == "random"
    assert set(json.loads(attributes["versions"])) >= {"mcpolar", "numpy", "numba", "python"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_is_replaced_whole_and_nothing_else_is_left(ending, path, tmp_path):
    place = tmp_path / f"run{ending}"
    path.to_file(place)
    simulate(CHAIN, "random", 3, seed=1).to_file(place)
    assert read_state(place).n_replicas == 1
    assert [file.name for file in tmp_path.iterdir()] == [place.name]


def test_memories_are_left_out_unless_recorded(tmp_path):
    simulate(CHAIN, "random", 3, seed=1).to_file(tmp_path / "run.nc")
    with xarray.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as dataset:
        assert "memory" not in dataset
        assert dataset.final_memory.shape == (1, 4, 2)


def test_states_as_files(tmp_path):
    state = ChainState.from_arrays(np.arange(8.0).reshape(2, 4), np.ones((2, 4, 2)))
    write_state(state, tmp_path / "state.npz")
    assert read_state(tmp_path / "state.npz", CHAIN).log_odds.tolist() == state.log_odds.tolist()
    # one replica, written by hand
    np.savez(tmp_path / "one.npz", log_odds=np.zeros(4), memory=np.ones((4, 2)), note=np.array("x"))
    assert read_state(tmp_path / "one.npz", CHAIN).n_replicas == 1
    with pytest.raises(InputError, match="`path` must be a file that ends in .npz"):
        write_state(state, tmp_path / "state.nc")


class TestRejects:
    @pytest.mark.parametrize("ending", ENDINGS)
    def test_rejects_a_missing_file(self, ending, tmp_path):
        with pytest.raises(ResourceError, match="no such file"):
            read_state(tmp_path / f"absent{ending}")

    @pytest.mark.parametrize("ending", [".npz", ".nc"])
    @pytest.mark.parametrize("keep", [0, 10, 0.5])
    def test_rejects_a_file_cut_short(self, ending, keep, path, tmp_path):
        place = tmp_path / f"run{ending}"
        path.to_file(place)
        content = place.read_bytes()
        place.write_bytes(content[: keep if keep != 0.5 else len(content) // 2])
        self.check_one_line(place)

    @pytest.mark.parametrize("ending", [".npz", ".nc", ".zarr"])
    def test_rejects_what_is_no_such_file(self, ending, tmp_path):
        place = tmp_path / f"run{ending}"
        place.write_text("log_odds\n0.5\n")
        self.check_one_line(place)

    def test_rejects_a_zarr_without_content(self, path, tmp_path):
        place = tmp_path / "run.zarr"
        path.to_file(place)
        (place / ".zmetadata").unlink()
        self.check_one_line(place)

    def test_rejects_pickles(self, tmp_path):
        np.savez(tmp_path / "run.npz", log_odds=np.array([object()]), memory=np.zeros(1))
        self.check_one_line(tmp_path / "run.npz")

    def test_rejects_other_content(self, tmp_path):
        np.savez(tmp_path / "run.npz", weights=np.zeros(4))
        with pytest.raises(InputError, match="a file with the arrays log_odds and memory"):
            read_state(tmp_path / "run.npz")
        np.savez(tmp_path / "run.npz", log_odds=np.zeros(3), memory=np.ones((3, 2)))
        with pytest.raises(InputError, match=r"of m = 4 agents .* got m = 3 and r = 2"):
            read_state(tmp_path / "run.npz", CHAIN)

    def test_rejects_other_endings_and_missing_folders(self, path, tmp_path):
        with pytest.raises(InputError, match="a file that ends in .npz, .nc, .zarr; got"):
            path.to_file(tmp_path / "run.csv")
        with pytest.raises(ResourceError, match="the folder .* does not exist"):
            path.to_file(tmp_path / "absent" / "run.npz")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_rejects_a_full_disk(self, ending, path, tmp_path, monkeypatch):
        import errno

        import mcpolar.chain.archive as module

        def full(*_, **__):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(module.np, "savez", full)
        monkeypatch.setattr(xarray.Dataset, "to_netcdf", full)
        monkeypatch.setattr(xarray.Dataset, "to_zarr", full)
        with pytest.raises(ResourceError, match="No space left on device"):
            path.to_file(tmp_path / f"run{ending}")
        assert list(tmp_path.iterdir()) == []

    def test_rejects_a_missing_extra(self, path, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "h5netcdf", None)
        with pytest.raises((ResourceError, ValueError)) as caught:
            path.to_file(tmp_path / "run.nc")
        assert "store" in str(caught.value) and "\n" not in str(caught.value)
        monkeypatch.setitem(sys.modules, "xarray", None)
        with pytest.raises(ResourceError, match=r"extra `store`.*pip install"):
            path.to_file(tmp_path / "run.nc")
        assert list(tmp_path.iterdir()) == []

    def check_one_line(self, place):
        with pytest.raises(ResourceError, match="cannot read") as caught:
            read_state(place)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 400


NEAREST = ChainParameters(m=12, r=5, sigma="0.05", k=3)


@pytest.fixture(scope="module")
def whole():
    return simulate(NEAREST, "undecided", 200, seed=4, replicas=40)


class TestKeysOfWeights:
    """What decides between equally near agents at small sigma is part of a state."""

    CHAIN = NEAREST

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_law_a_run_in_two_parts_is_one_run(self, ending, whole, tmp_path):
        place = tmp_path / f"run{ending}"
        simulate(self.CHAIN, "undecided", 80, seed=4, replicas=40, memory=True, every=40).to_file(place)
        rest = simulate(self.CHAIN, str(place), 120, seed=4, first_step=80)
        assert rest.final.log_odds.tobytes() == whole.final.log_odds.tobytes()
        assert rest.final.weight_keys.tobytes() == whole.final.weight_keys.tobytes()

    def test_law_a_record_in_the_middle_goes_on_too(self, whole):
        path = simulate(self.CHAIN, "undecided", 200, seed=4, replicas=40, memory=True, every=80)
        rest = simulate(self.CHAIN, path.state(1), 120, seed=4, first_step=80)
        assert rest.final.log_odds.tobytes() == whole.final.log_odds.tobytes()

    def test_control_without_keys_another_run_goes_on(self, whole):
        half = simulate(self.CHAIN, "undecided", 80, seed=4, replicas=40).final
        bare = ChainState.from_arrays(half.log_odds, half.memory)
        rest = simulate(self.CHAIN, bare, 120, seed=4, first_step=80)
        assert (rest.final.log_odds != whole.final.log_odds).any()

    def test_an_older_file_is_read_with_a_warning_of_what_is_lost(self, whole, tmp_path):
        place = tmp_path / "older.npz"
        np.savez(place, final_log_odds=whole.final.log_odds, final_memory=whole.final.memory)
        with pytest.warns(LostResidualsWarning, match="holds no weight_keys"):
            state = read_state(place, self.CHAIN)
        assert state.weight_keys is None
        read_state(place, ChainParameters(m=12, r=5, sigma="0.05"))  # nobody is near: nothing is lost

    def test_a_start_that_loses_nothing_brings_no_warning(self, tmp_path):
        place = tmp_path / "start.npz"
        write_state(ChainState.from_arrays([0.0, 400.0, -3.7] * 4, np.ones((12, 5))), place)
        assert read_state(place, self.CHAIN).weight_keys is None

    @pytest.mark.parametrize(
        "change",
        [
            lambda keys: keys + 2**58,
            lambda keys: -keys,
            lambda keys: keys.astype(float),
            lambda keys: keys[:, 1:],
        ],
    )
    def test_rejects_keys_of_other_weights(self, change, whole):
        final = whole.final
        with pytest.raises(InputError, match="weight_keys"):
            ChainState.from_arrays(final.log_odds, final.memory, weight_keys=change(final.weight_keys))


def test_rejects_a_memory_whose_weights_cannot_be_told_apart():
    with pytest.raises(InputError, match="could not be told apart"):
        simulate(ChainParameters(m=4, r=1024, sigma="0.3", k=2), "undecided", 1, seed=1)
    simulate(ChainParameters(m=4, r=1024, sigma="0.31", k=2), "undecided", 1, seed=1)


@pytest.mark.parametrize("ending", [".npz", ".nc", ".zarr"])
def test_law_numbers_that_changed_are_not_read(ending, tmp_path):
    chain = ChainParameters(m=3, r=2, sigma="0.5")
    path = tmp_path / f"run{ending}"
    archive = sys.modules["mcpolar.chain.archive"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "_checksum", lambda arrays: json.dumps(dict.fromkeys(arrays, "another")))
        simulate(chain, "random", 20, seed=1, replicas=2).to_file(path)
    with pytest.raises(ResourceError, match="it is damaged: its numbers are not those that were written"):
        read_state(path, chain)
