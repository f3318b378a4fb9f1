"""The `.spy` format: what is written, what is read, and what is refused."""

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import textwrap
from pathlib import Path

import h5py
import numpy as np
import pytest

import syncopy as spy
from syncopy.errors import SPYError, SPYIOError, SPYValueError, SPYWarning
from syncopy.settings import options

FIXTURES = {
    "raw": "AnalogData",
    "mtmfft": "SpectralData",
    "fourier": "SpectralData",
    "tfr": "SpectralData",
    "coh": "CrossSpectralData",
    "csd": "CrossSpectralData",
    "timelock": "TimeLockData",
    "spikes": "SpikeData",
    "events": "EventData",
}


@pytest.fixture(autouse=True)
def _scratch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with options(scratch=tmp_path / "scratch"):
        yield


@pytest.fixture
def reference_files(shared, tmp_path):
    """A copy of the reference's files that may be written."""
    shutil.copytree(shared / "spy_files" / "fixture.spy", tmp_path / "fixture.spy")
    for path in (tmp_path / "fixture.spy").iterdir():
        path.chmod(0o644)
    return tmp_path / "fixture.spy"


def analog(trials=3, channels=4, **settings):
    rng = np.random.default_rng(0)
    data = spy.AnalogData(
        [rng.standard_normal((100, channels)).astype("f4") for _ in range(trials)], samplerate=500, **settings
    )
    data.trialdefinition = np.column_stack([data.trialdefinition, np.arange(trials), np.linspace(0, 1, trials)])
    data.info = {"subject": "s01", "numbers": [1, 2.5]}
    return data


def spectral(channels=4):
    rng = np.random.default_rng(1)
    values = (rng.standard_normal((2, 3, 5, channels)) + 1j * rng.standard_normal((2, 3, 5, channels))).astype("c8")
    return spy.SpectralData(values, samplerate=100, taper=["a", "b", "c"], freq=[0.5, 1, 2, 4, 8])


def edit(path, **changes):
    """Change the metadata of a saved object; None removes a field."""
    info = path.with_name(f"{path.name}.info")
    metadata = json.loads(info.read_text()) | changes
    info.write_text(json.dumps({key: value for key, value in metadata.items() if value is not ...}))


# -- the reference's files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", FIXTURES)
def test_reference_files_load_with_their_numbers(shared, tag):
    folder = shared / "spy_files"
    expected = np.load(folder / "expected.npz")
    obj = spy.load(folder / "fixture.spy", tag=tag, mode="r", checksum=True)
    assert type(obj).__name__ == FIXTURES[tag]
    np.testing.assert_array_equal(obj.data[()], expected[tag])
    assert obj.data.dtype == expected[tag].dtype
    assert (obj.tag, obj.container, obj._version, obj.samplerate) == (tag, "fixture.spy", "2023.9", 500)
    if tag not in ("coh", "timelock"):
        np.testing.assert_array_equal(obj.trialinfo, expected["trialdefinition"][:, 3:])
    stored = json.loads((folder / "fixture.spy" / f"{obj.filename.rpartition('/')[2]}.info").read_text())
    for name in {"channel", "channel_i", "channel_j", "taper", "freq", "unit"} & set(stored):
        assert getattr(obj, name).tolist() == stored[name]
    assert dict(obj.cfg) == stored["cfg"]
    assert obj._log.startswith(stored["_log"])
    assert "load: Read files v. 2023.9" in obj._log
    assert len(str(obj)) > 100


def test_reference_metadata(shared):
    raw = spy.load(shared / "spy_files" / "fixture.spy", tag="raw", mode="r")
    assert raw.info == {"subject": "s01", "ref": "average", "n": 3}
    assert np.diff(raw.sampleinfo, axis=1).ravel().tolist() == [400, 500, 450, 500, 480]
    np.testing.assert_array_equal(raw.trials[1], raw.data[400:900])
    assert raw.time[0][0] == -0.2
    coh = spy.load(shared / "spy_files" / "fixture.spy", tag="coh", mode="r")
    assert coh.cfg.connectivityanalysis.tapsmofrq == 4


def test_reference_further_datasets(shared):
    timelock = spy.load(shared / "spy_files" / "fixture.spy", tag="timelock", mode="r")
    trials = np.stack(list(timelock.trials))
    np.testing.assert_allclose(timelock.avg[()], trials.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(timelock.var[()], trials.var(axis=0), atol=1e-5)
    assert timelock.cov.shape == (4, 4)
    spikes = spy.load(shared / "spy_files" / "fixture.spy", tag="spikes", mode="r")
    assert spikes.waveform is None


def test_reference_files_survive_being_opened(reference_files):
    before = {path.name: path.read_bytes() for path in reference_files.iterdir()}
    loaded = spy.load(reference_files)
    assert {obj.mode for obj in loaded.values()} == {"r+"}
    loaded.clear()
    assert {path.name: path.read_bytes() for path in reference_files.iterdir()} == before


@pytest.mark.parametrize("tag", FIXTURES)
def test_reference_objects_saved_and_loaded_again(reference_files, tag):
    obj = spy.load(reference_files, tag=tag)
    version, datasets = obj._version, {name: item[()] for name, item in obj.datasets.items()}
    obj.save("again", tag=tag)
    again = spy.load("again", checksum=True)
    old = spy.load(reference_files, tag=tag)
    assert (version, again._version) == ("2023.9", spy.__version__)
    assert again == old
    assert again.cfg == old.cfg
    assert datasets.keys() == again.datasets.keys()
    for name, values in datasets.items():
        np.testing.assert_array_equal(again.datasets[name], values)


# -- what is written ---------------------------------------------------------------------------------------------


def test_written_files():
    data = analog(channel=["F3", "ä", "long name", "O1"])
    values = data.data[()]
    data.save("session", tag="raw")
    path = Path("session.spy/session_raw.analog")
    metadata = json.loads(Path(f"{path}.info").read_text())
    assert list(metadata)[:20] == [
        "filename",
        "dataclass",
        "data_dtype",
        "data_shape",
        "data_offset",
        "trl_dtype",
        "trl_shape",
        "trl_offset",
        "file_checksum",
        "order",
        "checksum_algorithm",
        "dimord",
        "_version",
        "_log",
        "cfg",
        "info",
        "samplerate",
        "channel",
        "_hdfFileDatasetProperties",
        "_save_id",
    ]
    assert metadata["filename"] == "session_raw.analog"
    assert metadata["dataclass"] == "AnalogData"
    assert (metadata["trl_dtype"], metadata["trl_shape"], metadata["trl_offset"]) == ("float64", [3, 5], None)
    assert metadata["channel"] == ["F3", "ä", "long name", "O1"]
    assert metadata["_hdfFileDatasetProperties"] == ["data"]
    mapped = np.memmap(
        path, metadata["data_dtype"], "r", metadata["data_offset"], tuple(metadata["data_shape"]), metadata["order"]
    )
    np.testing.assert_array_equal(mapped, values)
    del data
    assert hashlib.sha1(path.read_bytes()).hexdigest() == metadata["file_checksum"]
    with h5py.File(path) as file:
        assert set(file) == {"data", "trialdefinition"}
        assert file["trialdefinition"].maxshape == (None, 5)
        assert file.attrs["channel"].tolist() == metadata["channel"]
        assert file.attrs["dimord"].tolist() == ["time", "channel"]
        assert (file.attrs["samplerate"], file.attrs["_version"]) == (500, spy.__version__)
        assert file.attrs["_log"] == metadata["_log"]


def test_recorded_shape_is_that_of_data_not_of_a_further_dataset():
    data = spectral()
    data._register_dataset("jack_var", np.ones((3, 3)))
    data.save("s")
    metadata = json.loads(Path("s.spy/s.spectral.info").read_text())
    assert (metadata["data_shape"], metadata["data_dtype"]) == ([2, 3, 5, 4], "complex64")
    found = np.fromfile("s.spy/s.spectral", "c8", 120, offset=metadata["data_offset"])
    np.testing.assert_array_equal(found.reshape(2, 3, 5, 4), data.data)


@pytest.mark.parametrize("make", [analog, spectral])
@pytest.mark.parametrize("checksum", [True, False])
def test_round_trip(make, checksum):
    data = make()
    data.cfg = {"freqanalysis": {"foi": [0, 0.5], "select": {"channel": ["a"]}, "tapsmofrq": None}}
    values, log = data.data[()], data._log
    data.save("a")
    again = spy.load("a", checksum=checksum)
    assert type(again) is type(data)
    np.testing.assert_array_equal(again.data, values)
    np.testing.assert_array_equal(again.trialdefinition, data.trialdefinition)
    for axis in data._axis_selectors:
        assert getattr(again, axis).tolist() == getattr(data, axis).tolist()
    assert again.cfg == data.cfg
    assert again.cfg.freqanalysis.select.channel == ["a"]
    assert again.info == data.info
    with pytest.raises(SPYError, match="serializable"):
        again.info["x"] = object()
    assert again._log.startswith(log)
    assert [again._log.count(word) for word in ("save: Wrote", "load: Read")] == [1, 1]
    assert again == data


def test_other_order_of_axes_comes_back():
    values = np.random.default_rng(0).standard_normal((3, 50))
    data = spy.AnalogData(values, samplerate=10, dimord=["channel", "time"], channel=["a", "b", "c"])
    data.save("turned")
    again = spy.load("turned", mode="r")
    assert again.dimord == ["channel", "time"]
    np.testing.assert_array_equal(again.data, values)
    assert again.channel.tolist() == ["a", "b", "c"]


def test_trials_that_start_between_two_samples_come_back():
    store = spectral()._store
    trl = [[0, 1, -2.5], [1, 2, 0.25]]
    data = spy.SpectralData.adopt(store, trl, 100.0, {})
    data.save("a")
    assert spy.load("a").trialdefinition.tolist() == trl


def test_many_channels_and_frequencies():
    rng = np.random.default_rng(0)
    wide = spy.AnalogData(rng.standard_normal((4, 6000)), samplerate=100)
    fine = spy.SpectralData(rng.standard_normal((1, 1, 9000, 1)), samplerate=100, freq=np.linspace(0, 50, 9000))
    wide.save("many")
    fine.save("many")
    loaded = spy.load("many", mode="r")
    assert loaded["many.analog"].channel[-1] == "channel6000"
    np.testing.assert_array_equal(loaded["many.spectral"].freq, np.linspace(0, 50, 9000))
    with h5py.File("many.spy/many.spectral") as file:
        assert "freq" not in file.attrs
        assert file.attrs["channel"].tolist() == ["channel1"]


def test_a_long_log_is_saved():
    data = analog()
    data.log = "x" * 200_000
    data.save("a")
    assert "x" * 200_000 in spy.load("a")._log


@pytest.mark.parametrize("layout", ["chunked", "virtual", "external"])
def test_foreign_layouts_are_saved_as_plain_numbers(tmp_path, layout):
    values = np.random.default_rng(0).standard_normal((300, 3))
    values.tofile(tmp_path / "raw.bin")
    with h5py.File(tmp_path / "part.h5", "w") as part:
        part["x"] = values
    with h5py.File(tmp_path / "lab.h5", "w") as file:
        if layout == "chunked":
            file.create_dataset("lfp", data=values, chunks=(7, 2), compression=1)
        elif layout == "external":
            file.create_dataset("lfp", (300, 3), "f8", external=[(tmp_path / "raw.bin", 0, values.nbytes)])
        else:
            virtual = h5py.VirtualLayout((300, 3), "f8")
            virtual[:] = h5py.VirtualSource(tmp_path / "part.h5", "x", (300, 3))
            file.create_virtual_dataset("lfp", virtual)
        file["other"] = np.arange(3)
        data = spy.AnalogData(file["lfp"], samplerate=100)
        data.save("a")
    for name in ("raw.bin", "part.h5", "lab.h5"):
        (tmp_path / name).unlink()
    again = spy.load("a")
    np.testing.assert_array_equal(again.data, values)
    assert again.data.chunks is None
    assert set(again._store.file) == {"data", "trialdefinition"}


def test_selections_change_nothing_about_what_is_saved():
    data = analog()
    data.selection = {"channel": [1], "trials": [0]}
    data.save("a")
    assert data.selection is not None
    assert spy.load("a", mode="r").data.shape == (300, 4)


# -- further datasets --------------------------------------------------------------------------------------------


def test_jackknife_results_are_attributes_also_after_load():
    data = spectral()
    assert not hasattr(data, "jack_var")
    data._store.replace("jack_var", np.ones((2, 3, 5, 4), "f4"))  # as the engine does
    data._store.replace("jack_bias", np.zeros((2, 3, 5, 4), "c8"))
    data.save("a")
    again = spy.load("a")
    for obj in (data, again, spy.copy(again)):
        assert obj.jack_var.shape == (2, 3, 5, 4)
        assert obj.jack_bias.dtype == "c8"
        assert obj._hdfFileDatasetProperties == ("data", "jack_var", "jack_bias")
    with pytest.raises(AttributeError, match="cannot be set"):
        again.jack_var = np.ones(3)


def test_registered_datasets():
    data = analog()
    data._register_dataset("snr", np.arange(4.0))
    data._register_dataset("snr", np.arange(4.0) + 1)
    with pytest.raises(SPYValueError, match="dataset with shape"):
        data._register_dataset("snr", np.arange(5.0))
    with pytest.raises(SPYValueError, match="dataset of type"):
        data._register_dataset("snr", np.arange(4))
    data.save("a")
    again = spy.load("a")
    assert again.datasets["snr"][()].tolist() == [1, 2, 3, 4]
    again._update_dataset("snr", np.arange(2))
    assert again.datasets["snr"][()].tolist() == [0, 1]
    again._unregister_dataset("snr")
    again._unregister_dataset("snr")
    assert again.datasets == {}
    del data
    again.save()
    assert spy.load("a").datasets == {}


@pytest.mark.parametrize("name", ["channel", "data", "trialdefinition", "samplerate", "_log", "save", "a b", "a/b"])
def test_names_of_attributes_are_no_names_of_datasets(name):
    data = analog()
    channels = data.channel
    with pytest.raises(SPYValueError, match="no attribute of the object yet"):
        data._register_dataset(name, np.zeros(4))
    assert data.datasets == {}
    np.testing.assert_array_equal(data.channel, channels)


def test_datasets_declared_but_missing_are_left_out(reference_files):
    edit(reference_files / "fixture_raw.analog", _hdfFileDatasetProperties=["data", "gone"])
    assert spy.load(reference_files, tag="raw").datasets == {}


# -- refused -----------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    analog().save("a")
    return tmp_path / "a.spy" / "a.analog"


def refuses(path, message, **kwargs):
    with pytest.raises(SPYIOError, match=message):
        spy.load(path, **kwargs)


def test_cut_off_files(saved):
    content = saved.read_bytes()
    for length in (len(content) - 1, len(content) - 100, len(content) // 2, 100, 0):
        saved.write_bytes(content[:length])
        refuses(saved, "no readable HDF5|ends before|damaged")


def test_file_cut_off_while_it_is_open(saved):
    """HDF5 looks at the size of a file only when it opens it."""
    first = spy.load(saved)
    os.truncate(saved, first.data.id.get_offset() + 1000)
    refuses(saved, "ends before the end of dataset 'data'")
    with pytest.raises(SPYIOError, match="ends before the end of dataset"):
        first.trials[2]


def test_forged_place_of_the_data(saved):
    with h5py.File(saved) as file:
        place = [file["data"].id.get_offset(), file["data"].nbytes]
    forged = [saved.stat().st_size - 100, place[1]]
    stored, wrong = (b"".join(number.to_bytes(8, "little") for number in numbers) for numbers in (place, forged))
    content = saved.read_bytes()
    assert content.count(stored) == 1
    saved.write_bytes(content.replace(stored, wrong))
    refuses(saved, "ends before|damaged")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataclass": "SpectralData"}, "describe an object of class 'SpectralData'"),
        ({"dataclass": "NoData"}, "'NoData'"),
        ({"dataclass": "os.system"}, "os.system"),
        ({"dataclass": ...}, "of class None"),
        ({"dimord": ...}, "lack dimord"),
        ({"cfg": ..., "channel": ...}, "lack cfg, channel"),
        ({"samplerate": ...}, "lack samplerate"),
        ({"dimord": ["time", "freq"]}, "labels"),
        ({"dimord": 3}, "axis names"),
        ({"samplerate": "fast"}, "samplerate"),
        ({"samplerate": -1}, "samplerate"),
        ({"channel": ["a"]}, "exactly 4 labels"),
        ({"channel": [1, 2, 3, 4]}, "texts"),
        ({"info": [1]}, "damaged"),
        ({"_hdfFileDatasetProperties": ["data", "../../etc/passwd"]}, None),
        ({"_hdfFileDatasetProperties": ["data", 3]}, "damaged"),
        ({"_hdfFileDatasetProperties": 3}, "damaged"),
        ({"_save_id": "0123456789abcdef"}, "different saves"),
    ],
    ids=str,
)
def test_forged_metadata(saved, changes, message):
    edit(saved, **changes)
    if message is None:
        assert spy.load(saved).datasets == {}
    else:
        refuses(saved, message)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "\x00\x01", '{"a": NaN', "[" * 100_000])
def test_metadata_that_are_no_json(saved, text):
    (saved.parent / "a.analog.info").write_text(text)
    refuses(saved, "no readable JSON|no JSON object")


def test_metadata_are_data(saved):
    """Whatever a text says, it stays one."""
    code = "__import__('os').system('touch hacked')"
    edit(saved, _log=code, cfg={"freqanalysis": {"foi": code}}, info={code: code}, channel=[code] * 4)
    data = spy.load(saved)
    assert (data.cfg.freqanalysis.foi, data.info[code], data.channel[0]) == (code, code, code)
    assert not os.path.exists("hacked")


def test_missing_files(saved):
    refuses("nowhere.analog", "does not exist")
    (saved.parent / "a.analog.info").unlink()
    refuses(saved, r"a\.analog\.info: object does not exist")


@pytest.mark.parametrize("kind", ["missing", "text", "group", "one axis", "too short"])
def test_files_that_hold_something_else(saved, kind):
    with h5py.File(saved, "r+") as file:
        del file["data"]
        if kind == "text":
            file["data"] = np.full((300, 4), b"abc")
        elif kind == "group":
            file.create_group("data")
        elif kind == "one axis":
            file["data"] = np.zeros(300)
        elif kind == "too short":
            file["data"] = np.zeros((299, 4))
    message = {
        "missing": "no dataset 'data'",
        "text": "no dataset of numbers",
        "group": "no dataset of numbers",
        "one axis": "2d-dataset",
        "too short": "trial borders",
    }
    refuses(saved, message[kind])


@pytest.mark.parametrize("trials", [np.zeros(3), np.zeros((3, 2)), np.full((3, 3), np.nan), np.array([[5, 2, 0]])])
def test_trial_definitions_that_are_none(saved, trials):
    with h5py.File(saved, "r+") as file:
        del file["trialdefinition"]
        file["trialdefinition"] = trials
    refuses(saved, "damaged")


@pytest.mark.parametrize("kind", ["external link", "soft link", "external storage", "virtual"])
@pytest.mark.parametrize("name", ["data", "trialdefinition", "extra"])
def test_numbers_in_other_files_only_if_asked_for(saved, tmp_path, kind, name):
    with h5py.File(saved, "r+") as file:
        file["extra"] = np.arange(5.0)
        values = file[name][()]
        del file[name]
        with h5py.File(tmp_path / "other.h5", "w") as other:
            other["x"] = values
        values.tofile(tmp_path / "other.bin")
        if kind == "external link":
            file[name] = h5py.ExternalLink(tmp_path / "other.h5", "x")
        elif kind == "soft link":
            file["hidden"] = h5py.ExternalLink(tmp_path / "other.h5", "x")
            file[name] = h5py.SoftLink("/hidden")
        elif kind == "external storage":
            file.create_dataset(name, values.shape, values.dtype, external=[(tmp_path / "other.bin", 0, values.nbytes)])
        else:
            layout = h5py.VirtualLayout(values.shape, values.dtype)
            layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "x", values.shape)
            file.create_virtual_dataset(name, layout)
    edit(saved, _hdfFileDatasetProperties=["data", "extra"])
    refuses(saved, "may lie in another file.*allow_external=True")
    data = spy.load(saved, allow_external=True)
    found = {"data": data.data, "extra": data.datasets["extra"], "trialdefinition": data.trialdefinition}[name]
    np.testing.assert_array_equal(found, values)
    np.testing.assert_array_equal(data.trials[1], data.data[100:200])


def test_damaged_files_never_give_another_error(saved):
    """Bytes of the HDF5 structure and of the metadata are changed at random."""
    rng = np.random.default_rng(7)
    info = saved.parent / "a.analog.info"
    content, metadata = saved.read_bytes(), info.read_bytes()
    outcomes = []
    for _ in range(150):
        damaged, text = bytearray(content), bytearray(metadata)
        target = damaged if rng.random() < 0.6 else text
        for position in rng.integers(0, min(len(target), 2000), 3):
            target[position] = rng.integers(0, 256)
        saved.write_bytes(damaged)
        info.write_bytes(text)
        try:
            spy.load(saved, mode="r")
            outcomes.append("loaded")
        except SPYIOError:
            outcomes.append("refused")
    assert set(outcomes) == {"loaded", "refused"}


# -- checksum ----------------------------------------------------------------------------------------------------


def flip_last_number(path):
    with h5py.File(path, "r+") as file:
        file["data"][-1] = 99


def test_checksum_finds_changed_numbers(saved):
    assert spy.load(saved, checksum=True).data.shape == (300, 4)
    flip_last_number(saved)
    assert spy.load(saved).data.shape == (300, 4)
    with pytest.raises(SPYValueError, match="checksum"):
        spy.load(saved, checksum=True)


def test_checksum_does_not_mind_who_has_the_file_open(saved):
    first = spy.load(saved, checksum=True)
    second = spy.load(saved, checksum=True)
    assert first.mode == second.mode == "r+"


def test_checksum_of_old_files_is_a_warning(reference_files):
    path = reference_files / "fixture_raw.analog"
    spy.load(path, checksum=True)
    flip_last_number(path)
    with pytest.warns(SPYWarning, match="checksum differs"):
        spy.load(path, checksum=True)
    edit(path, _version="2024.1")
    with pytest.raises(SPYValueError, match="checksum"):
        spy.load(path, checksum=True)
    edit(path, file_checksum=None)
    with pytest.raises(SPYValueError, match="checksum"):
        spy.load(path, checksum=True)


def test_checksum_of_an_old_version_that_saved_a_new_file_is_a_warning(saved):
    edit(saved, _save_id=..., file_checksum="0" * 40)
    with pytest.warns(SPYWarning, match="checksum differs"):
        spy.load(saved, checksum=True)


# -- the reference reads what we write ---------------------------------------------------------------------------


def test_reference_loads_our_files(tmp_path):
    python = os.environ.get("SYNCOPY_REFERENCE_PYTHON")
    if not python:
        pytest.skip("set SYNCOPY_REFERENCE_PYTHON to a Python with esi-syncopy 2023.9")
    objects = {"raw": analog(channel=["F3", "ä", "c", "d"]), "spec": spectral()}
    objects["coh"] = spy.CrossSpectralData(np.ones((1, 5, 2, 2), "f4"), samplerate=100, freq=[1, 2, 3, 4, 5])
    objects["wide"] = spy.AnalogData(np.ones((4, 6000)), samplerate=100)
    rows = np.array([[1, 0, 2], [5, 1, 0], [7, 0, 2]])
    objects["spikes"] = spy.SpikeData(rows, samplerate=1000)
    objects["spikes"].waveform = np.arange(12.0).reshape(3, 4)
    objects["events"] = spy.EventData(rows[:, :2], samplerate=1000)
    objects["timelock"] = spy.TimeLockData(np.ones((30, 2)), samplerate=100)
    objects["timelock"]._update_dataset("avg", np.full((30, 2), 3.0))
    for tag, data in objects.items():
        data.save("ours", tag=tag)
    expected = {
        tag: {
            "class": type(data).__name__,
            "data": data.data[()],
            "trialdefinition": data.trialdefinition,
            "samplerate": data.samplerate,
            "labels": {axis: getattr(data, axis).tolist() for axis in data._axis_selectors},
            "info": dict(data.info),
            "extras": {name: item[()] for name, item in data.datasets.items()},
        }
        for tag, data in objects.items()
    }
    (tmp_path / "expected.pickle").write_bytes(pickle.dumps(expected, protocol=4))
    script = """
        import pickle
        import numpy as np
        import syncopy as spy
        expected = pickle.load(open("expected.pickle", "rb"))
        for tag, wanted in expected.items():
            data = spy.load("ours", tag=tag, checksum=True)
            assert type(data).__name__ == wanted["class"]
            assert np.array_equal(data.data[()], wanted["data"]), tag
            assert np.array_equal(data.trialdefinition, wanted["trialdefinition"]), tag
            assert data.samplerate == wanted["samplerate"]
            assert dict(data.info) == wanted["info"]
            for axis, labels in wanted["labels"].items():
                assert getattr(data, axis).tolist() == labels, (tag, axis)
            for name, values in wanted["extras"].items():
                assert np.array_equal(getattr(data, "_" + name)[()], values), (tag, name)
        data = spy.load("ours", tag="raw")
        data.mode = "r+"
        data.info["reference"] = "was here"
        data.save()
        """
    (tmp_path / "home").mkdir()
    environment = os.environ | {"SPYDIR": str(tmp_path / "home"), "SPYSILENTSTARTUP": "1"}
    environment.pop("SPYTMPDIR", None)
    done = subprocess.run([python, "-c", textwrap.dedent(script)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    again = spy.load("ours", tag="raw")
    assert again.info["reference"] == "was here"
    np.testing.assert_array_equal(again.data, expected["raw"]["data"])
