"""`spy.copy`, the `copy` module, and pickling."""

import copy
import gc
import pickle
from pathlib import Path

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
