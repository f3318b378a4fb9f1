"""FieldTrip files: the real recording, and structures of both file versions as MATLAB lays them out."""

import re

import h5py
import numpy as np
import pytest
from scipy.io import loadmat, savemat

import syncopy as spy
from syncopy.io.matfile import cell

RNG = np.random.default_rng(3)


def test_real_recording_equals_its_structure(shared):
    path = shared / "recordings" / "eeg_visual_fieldtrip.mat"
    data = spy.load_ft_raw(path)["data"]
    raw = loadmat(path)["data"][0, 0]
    assert len(data.trials) == 80
    assert data.data.shape == (80 * 384, 32)
    assert data.samplerate == 128
    assert data.channel.tolist() == [label[0][0] for label in raw["label"]]
    for number in (0, 41, 79):
        np.testing.assert_allclose(data.time[number], raw["time"][0, number][0], atol=1e-12)
        np.testing.assert_array_equal(data.trials[number], raw["trial"][0, number].T.astype("f4"))


def raw_structure(lengths, labels, offset, fs=250.0):
    trials = [RNG.standard_normal((len(labels), n)) for n in lengths]
    times = [(np.arange(n) + offset) / fs for n in lengths]
    return trials, times


def write_mat5(path, trials, times, labels, **fields):
    def cell(items):
        out = np.empty((1, len(items)), dtype=object)
        for number, item in enumerate(items):
            out[0, number] = item
        return out

    times = [axis[None, :] for axis in times]
    savemat(
        path, {"raw": {"trial": cell(trials), "time": cell(times), "label": cell(labels).T, **fields}, "other": 3.0}
    )


def write_mat73(path, trials, times, labels, **fields):
    """The layout of MATLAB 7.3: HDF5 behind a text header, all axes in reverse order, cells as references."""
    with h5py.File(path, "w", userblock_size=512) as file:
        store = file.create_group("#refs#")
        group = file.create_group("raw")

        def put(name, value):
            if isinstance(value, str):
                item = store.create_dataset(name, data=np.array([[ord(c)] for c in value], dtype="u2"))
                item.attrs["MATLAB_class"] = np.bytes_("char")
                return item.ref
            return store.create_dataset(name, data=np.atleast_2d(value).T).ref

        def cell(field, items, column):
            refs = np.array([put(f"{field}{number}", item) for number, item in enumerate(items)], dtype=h5py.ref_dtype)
            group.create_dataset(field, data=refs.reshape(1, -1) if column else refs.reshape(-1, 1))

        cell("trial", trials, column=False)
        cell("time", times, column=False)
        cell("label", labels, column=True)
        for name, value in fields.items():
            if isinstance(value, str):
                group.create_dataset(name, data=np.array([[ord(c)] for c in value], dtype="u2"))
                group[name].attrs["MATLAB_class"] = np.bytes_("char")
            else:
                group.create_dataset(name, data=np.atleast_2d(value).T)
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: test".ljust(512))


@pytest.mark.parametrize("write", [write_mat5, write_mat73])
@pytest.mark.parametrize("labels", [["Fz"], ["Fz", "Oz", "EOG left"]])
@pytest.mark.parametrize("lengths", [[40], [40, 55, 31]])
def test_both_versions(tmp_path, write, labels, lengths):
    trials, times = raw_structure(lengths, labels, offset=-10)
    info = np.arange(2.0 * len(lengths)).reshape(len(lengths), 2)
    path = tmp_path / "file.mat"
    write(path, trials, times, labels, fsample=250.0, trialinfo=info, subject="s01", position=np.eye(3))
    assert "raw" in spy.load_ft_raw(path, list_only=True)
    data = spy.load_ft_raw(path, include_fields=["subject", "position"])["raw"]
    assert data.channel.tolist() == labels
    assert data.samplerate == 250
    np.testing.assert_array_equal(data.trialinfo, info)
    assert data.info["subject"] == "s01"
    np.testing.assert_array_equal(data.info["position"], np.eye(3))
    for number, trial in enumerate(trials):
        np.testing.assert_allclose(data.trials[number], trial.T, rtol=1e-6)
        np.testing.assert_allclose(data.time[number], times[number])


@pytest.mark.parametrize("write", [write_mat5, write_mat73])
def test_sample_rate_from_the_time_axis(tmp_path, write):
    trials, times = raw_structure([30, 30], ["a", "b"], offset=5)
    path = tmp_path / "file.mat"
    write(path, trials, times, ["a", "b"])
    data = spy.load_ft_raw(path)["raw"]
    assert data.samplerate == pytest.approx(250)
    np.testing.assert_array_equal(data.trialdefinition[:, 2], 5)


def test_what_is_wrong_with_a_file(tmp_path):
    with pytest.raises(spy.SPYIOError, match="does not exist"):
        spy.load_ft_raw(tmp_path / "nothing.mat")
    text = tmp_path / "text.mat"
    text.write_text("hello")
    with pytest.raises(spy.SPYValueError, match=r"recognizable \.mat file"):
        spy.load_ft_raw(text)
    cut = tmp_path / "cut.mat"
    trials, times = raw_structure([400], ["a"], offset=0)
    write_mat5(cut, trials, times, ["a"])
    cut.write_bytes(cut.read_bytes()[:900])
    with pytest.raises(spy.SPYIOError, match="no readable MAT file"):
        spy.load_ft_raw(cut)
    savemat(tmp_path / "other.mat", {"raw": {"label": 1.0}})
    with pytest.raises(spy.SPYValueError, match="time present in MAT structure"):
        spy.load_ft_raw(tmp_path / "other.mat")
    with pytest.raises(spy.SPYTypeError, match="select_structures"):
        spy.load_ft_raw(tmp_path / "other.mat", select_structures="raw")


DAMAGE = {
    "fsample that is a text": ({"fsample": "fast"}, spy.SPYTypeError, "`data.fsample`: expected a number"),
    "times that descend": (
        {"time": cell([np.arange(10.0)[::-1]])},
        spy.SPYValueError,
        "`data.time`: expected finite times that ascend; got others in trial 0",
    ),
    "times that are texts": ({"time": cell([np.array(["now"])])}, spy.SPYTypeError, "`data.time`: expected real"),
    "trialinfo of other trials": (
        {"trialinfo": np.ones((3, 2))},
        spy.SPYValueError,
        "`data.trialinfo`: expected numbers, one row for each of 1 trials; got shape (3, 2)",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_fields(tmp_path, damage):
    fields, error, text = DAMAGE[damage]
    whole = {
        "trial": cell([np.ones((2, 10))]),
        "time": cell([np.arange(10.0)]),
        "label": cell(["a", "b"]),
        "fsample": 1.0,
    }
    savemat(tmp_path / "x.mat", {"data": whole | fields})
    with pytest.raises(error, match=re.escape(text)):
        spy.load_ft_raw(tmp_path / "x.mat")


def test_a_rate_that_times_contradict_is_told(tmp_path):
    times = cell([np.arange(10) / 100])
    structure = {"trial": cell([np.ones((1, 10))]), "time": times, "label": cell(["a"]), "fsample": 500.0}
    savemat(tmp_path / "x.mat", {"data": structure})
    with pytest.warns(spy.SPYWarning, match="fsample is 500 Hz and taken for true; the time axes say 100 Hz"):
        assert spy.load_ft_raw(tmp_path / "x.mat")["data"].samplerate == 500
