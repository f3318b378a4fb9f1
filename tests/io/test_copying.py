"""`spy.copy`, the `copy` module, and pickling."""

import copy
import gc
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

import syncopy as spy
from syncopy.errors import SPYError, SPYTypeError, SPYValueError
from syncopy.settings import options


@pytest.fixture(autouse=True)
def _scratch(tmp_path):
    with options(scratch=tmp_path / "scratch"):
        yield


@pytest.fixture
def data():
    values = np.random.default_rng(0).standard_normal((60, 3)).astype("f4")
    data = spy.AnalogData(
        values, samplerate=100, channel=["a", "b", "c"], trialdefinition=[[0, 20, -5, 1], [30, 60, 0, 2]]
    )
    data.cfg = {"preprocessing": {"freq": [1, 2]}}
    data.info = {"deep": {"list": [1]}}
    data._register_dataset("snr", np.arange(3.0))
    return data


@pytest.mark.parametrize("method", [spy.copy, copy.copy, copy.deepcopy, lambda data: data.copy()])
def test_a_copy_has_nothing_in_common(data, method):
    data.selection = {"channel": ["b"], "trials": [1]}
    twin = method(data)
    assert twin.filename != data.filename
    assert (twin.channel.tolist(), twin.samplerate, twin.mode, twin._log) == (["a", "b", "c"], 100, "r+", data._log)
    assert twin.datasets["snr"][()].tolist() == [0, 1, 2]
    np.testing.assert_array_equal(twin.selection.trials[1], data.data[30:60, 1:2])
    values = data.data[()]
    twin.data[0] = 99
    twin.cfg.preprocessing["freq"].append(3)
    twin.info["deep"]["list"].append(3)
    twin.trialdefinition = [[0, 5, 0]]
    twin.channel = ["x", "y", "z"]
    twin.selection = {"channel": ["x"]}
    np.testing.assert_array_equal(data.data, values)
    assert data.cfg == {"preprocessing": {"freq": [1, 2]}}
    assert data.info == {"deep": {"list": [1]}}
    assert (len(data.trials), data.channel.tolist()) == (2, ["a", "b", "c"])
    assert data.selection.channel == slice(1, 2, 1)
    with pytest.raises(ValueError, match="read-only"):
        twin.sampleinfo[0, 0] = 7


def test_a_copy_equals_its_original(data):
    assert spy.copy(data) == data


def test_files_go_one_by_one():
    data = spy.AnalogData(np.ones((4, 2)), samplerate=1)
    twin = spy.copy(data)
    path, other = Path(data.filename), Path(twin.filename)
    del data
    gc.collect()
    assert twin.data[0, 0] == twin.trials[0][0, 0]
    assert (path.exists(), other.exists()) == (False, True)


def test_values_of_temporary_objects(data):
    assert spy.copy(data).data[()].shape == (60, 3)
    assert spy.copy(data).trials[1][0, 0] == data.data[30, 0]


def test_virtual_data_become_real_ones(tmp_path):
    with h5py.File(tmp_path / "part.h5", "w") as file:
        file["x"] = np.arange(12.0).reshape(6, 2)
    layout = h5py.VirtualLayout((6, 2), "f8")
    layout[:] = h5py.VirtualSource(tmp_path / "part.h5", "x", (6, 2))
    with h5py.File(tmp_path / "lab.h5", "w") as file:
        file.create_virtual_dataset("x", layout)
        twin = spy.copy(spy.AnalogData(file["x"], samplerate=10))
    (tmp_path / "part.h5").unlink()
    assert twin.data[5].tolist() == [10, 11]


def test_mode_is_copied(data, tmp_path):
    data.save(tmp_path / "a")
    loaded = spy.load(tmp_path / "a", mode="r")
    assert spy.copy(loaded).mode == "r"
    assert spy.copy(loaded).container is None


@pytest.mark.parametrize(("value", "error"), [(3, SPYTypeError), (spy.AnalogData(), SPYValueError)])
def test_what_cannot_be_copied(value, error):
    with pytest.raises(error):
        spy.copy(value)


def test_failed_copy_leaves_no_file(data, tmp_path, monkeypatch):
    from syncopy.io import copying

    def interrupt(*args):
        Path(args[1]).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(copying, "copy_datasets", interrupt)
    before = list((tmp_path / "scratch").rglob("*"))
    with pytest.raises(KeyboardInterrupt):
        spy.copy(data)
    assert list((tmp_path / "scratch").rglob("*")) == before


def test_saved_objects_are_pickled_by_reference(data, tmp_path):
    with pytest.raises(SPYError, match="save them first"):
        pickle.dumps(data)
    data.save(tmp_path / "a")
    data.info["later"] = 1  # metadata travel along
    data.selection = {"channel": ["b"], "latency": [0, 0.1]}
    again = pickle.loads(pickle.dumps(data))
    assert again.filename == data.filename
    np.testing.assert_array_equal(again.selection.trials[1], data.selection.trials[1])
    again.selection = data.selection = None
    assert again == data
    assert (again.info["later"], again.cfg.preprocessing["freq"]) == (1, [1, 2])
    with pytest.raises(ValueError, match="read-only"):
        again.sampleinfo[0, 0] = 7
    assert len(pickle.dumps(data)) < 5000


def test_empty_objects_are_pickled():
    assert pickle.loads(pickle.dumps(spy.AnalogData(samplerate=3))).samplerate == 3


@pytest.fixture
def spikes():
    rows = np.array([[12, 0, 4], [30, 2, 1], [55, 0, 1], [80, 2, 4]])
    spikes = spy.SpikeData(rows, samplerate=1000, trialdefinition=[[0, 50, -10], [50, 100, -10]], unit=["u", "v"])
    spikes.waveform = np.arange(12.0).reshape(4, 3)
    return spikes


def test_spikes_are_copied_saved_and_pickled(spikes, tmp_path):
    spikes.selection = {"unit": ["v"]}
    twin = spy.copy(spikes)
    twin.data[0, 0] = 13
    twin.unit = ["x", "y"]
    assert (spikes.unit.tolist(), spikes.unit_idx.tolist(), spikes.data[0, 0]) == (["u", "v"], [1, 4], 12)
    assert twin.waveform[3].tolist() == spikes.waveform[3].tolist() == [9, 10, 11]
    selected = [trial.tolist() for trial in spikes.selection.trials]
    spikes.save(tmp_path / "a")
    assert [trial.tolist() for trial in spikes.selection.trials] == selected
    again = pickle.loads(pickle.dumps(spikes))
    loaded = spy.load(tmp_path / "a")
    loaded.selection = {"unit": ["v"]}
    for obj in (again, loaded):
        assert [trial.tolist() for trial in obj.selection.trials] == selected
        assert (obj.unit.tolist(), obj.waveform.shape) == (["u", "v"], (4, 3))


def test_time_locked_data_keep_their_averages(tmp_path):
    data = spy.TimeLockData([np.ones((5, 2)), np.zeros((5, 2))], samplerate=5)
    data._update_dataset("avg", np.full((5, 2), 0.5))
    data.save(tmp_path / "a")
    for obj in (spy.load(tmp_path / "a"), spy.copy(data), pickle.loads(pickle.dumps(data))):
        assert (obj.avg[4, 1], obj.var, obj.cov) == (0.5, None, None)
        assert obj == data
