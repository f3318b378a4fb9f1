"""What goes into an object, its attributes, and what happens when something is wrong with them."""

import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import syncopy as spy
from syncopy.errors import SPYError, SPYIOError, SPYTypeError, SPYValueError, SPYWarning
from tests.data.objects import analog, cross, ramp, spectral

CLASSES = {"AnalogData": 2, "SpectralData": 4, "CrossSpectralData": 4}
every_class = pytest.mark.parametrize("name", CLASSES)


def block(name, length=4, dtype="f8"):
    return ramp(length, *range(2, CLASSES[name] + 1), dtype=dtype)


# -- data in -------------------------------------------------------------------------------------------------------


@every_class
@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16", "i2", "u1", "?"])
def test_arrays_of_any_number_type_are_kept(name, dtype):
    values = block(name).astype(dtype)
    obj = getattr(spy, name)(values)
    assert obj.data.dtype == values.dtype
    np.testing.assert_array_equal(obj.data[()], values)
    assert obj.trialdefinition.tolist() == [[0, 4, 0]]


def test_nan_and_infinity_are_data():
    values = np.array([[np.nan, np.inf], [-np.inf, 0]])
    np.testing.assert_array_equal(spy.AnalogData(values).data[()], values)


@every_class
@pytest.mark.parametrize("kind", ["list", "tuple", "generator"])
@pytest.mark.parametrize("samplerate", [None, 10])
def test_arrays_one_per_trial(name, kind, samplerate):
    trials = [block(name, length) for length in (3, 5, 2)]
    given = {"list": trials, "tuple": tuple(trials), "generator": (trial for trial in trials)}[kind]
    obj = getattr(spy, name)(given, samplerate=samplerate)
    offset = -(samplerate or 0)  # a second before t = 0
    assert obj.trialdefinition.tolist() == [[0, 3, offset], [3, 8, offset], [8, 10, offset]]
    for number, trial in enumerate(trials):
        np.testing.assert_array_equal(obj.trials[number], trial)


@pytest.mark.parametrize("kind", [list, iter])
def test_trials_come_in_the_order_of_axes_that_was_named(kind):
    trials = [ramp(3, 5), ramp(3, 2) + 100]
    obj = spy.AnalogData(kind(trials), dimord=["channel", "time"])
    assert obj.data.shape == (3, 7)
    for number, trial in enumerate(trials):
        np.testing.assert_array_equal(obj.trials[number], trial)


@pytest.mark.parametrize("kind", [list, iter])
def test_a_trial_definition_given_with_trials_counts(kind):
    obj = spy.AnalogData(kind([ramp(3, 2), ramp(5, 2)]), samplerate=10, trialdefinition=[[1, 7, 3, 9]])
    assert obj.trialdefinition.tolist() == [[1, 7, 3, 9]]
    with pytest.raises(SPYValueError, match="at most 8"):
        spy.AnalogData(kind([ramp(3, 2), ramp(5, 2)]), trialdefinition=[[1, 9, 0]])


def test_lists_of_several_types_are_promoted():
    obj = spy.AnalogData([ramp(2, 2, dtype="i2"), ramp(2, 2, dtype="f4")])
    assert obj.data.dtype == np.float32
    with pytest.raises(SPYValueError, match="real/complex"):
        spy.AnalogData([ramp(2, 2), ramp(2, 2) * 1j])


@pytest.mark.parametrize(("first", "then"), [("f4", "f8"), ("f8", "c16"), ("i2", "f4")])
def test_generated_trials_are_never_cut_to_the_type_of_the_first(first, then):
    with pytest.raises(SPYValueError, match="type of the first one"):
        spy.AnalogData(ramp(2, 2, dtype=dtype) for dtype in (first, then))


def test_a_dataset_is_attached_not_copied(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        dataset = file.create_dataset("anything", data=ramp(6, 2))
        obj = spy.AnalogData(dataset, samplerate=2)
        assert obj.data == dataset
        assert (obj.filename, obj.mode) == (str(tmp_path / "x.h5"), "r+")
        np.testing.assert_array_equal(obj.trials[0], ramp(6, 2))
    with pytest.raises(SPYValueError, match=r"x\.h5 has been closed"):
        _ = obj.data
    with pytest.raises(SPYValueError, match="open HDF5 file"):
        spy.AnalogData(dataset)


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("names", [["data", "other"], ["only"]])
def test_the_name_of_a_file_with_the_data(tmp_path, kind, names):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        for name in names:
            file[name] = ramp(6, 2)
    obj = spy.AnalogData(kind(tmp_path / "x.h5"))
    np.testing.assert_array_equal(obj.data[()], ramp(6, 2))


def test_files_that_hold_no_data(tmp_path):
    with pytest.raises(SPYIOError, match="does not exist"):
        spy.AnalogData(str(tmp_path / "none.h5"))
    (tmp_path / "text.h5").write_text("no")
    with pytest.raises(SPYIOError, match="HDF5"):
        spy.AnalogData(tmp_path / "text.h5")
    with h5py.File(tmp_path / "two.h5", "w") as file:
        file["a"], file["b"] = ramp(2, 2), ramp(2, 2)
    with pytest.raises(SPYValueError, match="one dataset only"):
        spy.AnalogData(tmp_path / "two.h5")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (ramp(2, 2, 2), SPYValueError, r"2d-array \(time x channel\); got 3d-array"),
        (np.array([["a", "b"]]), SPYTypeError, "numeric array"),
        ([ramp(2, 2), ramp(2, 3)], SPYValueError, "mismatching shapes"),
        ([ramp(2, 2), [1, 2]], SPYTypeError, "list of NumPy arrays"),
        ([ramp(2, 2), ramp(2)], SPYValueError, "2d-array"),
        ((x for x in ()), SPYValueError, "non-exhausted generator"),
        ((x for x in [ramp(2, 2), ramp(2, 3)]), SPYValueError, "mismatching shapes"),
        ((x for x in [ramp(2, 2), "a"]), SPYTypeError, "2d-array"),
        (5, SPYTypeError, "filename of HDF5 file, HDF5 dataset, list, generator or NumPy array; got int"),
        ({"data": 1}, SPYTypeError, "got dict"),
    ],
)
def test_what_is_no_data(value, error, text, tmp_path):
    with pytest.raises(error, match=text):
        spy.AnalogData(value, filename=tmp_path / "x.analog")
    assert list(tmp_path.iterdir()) == []


def test_a_refused_trial_definition_leaves_no_file(tmp_path):
    with pytest.raises(SPYValueError, match="at most 4"):
        spy.AnalogData(ramp(4, 2), filename=tmp_path / "x.analog", trialdefinition=[[0, 5, 0]])
    assert list(tmp_path.iterdir()) == []


def test_an_empty_list_is_no_data():
    with pytest.warns(SPYWarning, match="empty list"):
        obj = spy.AnalogData([])
    assert obj.data is None


def test_data_assigned_later():
    obj = spy.AnalogData(samplerate=10)
    with pytest.raises(SPYTypeError, match="got int"):
        obj.data = 5
    obj.data = [ramp(3, 2), ramp(4, 2)]
    assert obj.trialdefinition.tolist() == [[0, 3, -10], [3, 7, -10]]
    obj.data = ramp(7, 2) + 1
    np.testing.assert_array_equal(obj.trials[1], ramp(7, 2)[3:] + 1)
    for wrong, text in [(ramp(6, 2), "shape"), (ramp(7, 2, dtype="f4"), "type float64")]:
        with pytest.raises(SPYValueError, match=text):
            obj.data = wrong
    obj.mode = "r"
    with pytest.raises(SPYValueError, match="write access"):
        obj.data = ramp(7, 2)


def test_data_can_be_taken_away():
    obj = analog(channel=["a", "b", "c"])
    obj.data = None
    assert (obj.data, obj.trials, obj.channel) == (None, None, None)
    obj.data = ramp(4, 2)
    assert obj.channel.tolist() == ["channel1", "channel2"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.sampled_from(["f4", "f8", "c8", "i4"]), st.booleans())
def test_what_goes_in_comes_out(lengths, dtype, generated):
    trials = [ramp(length, 3, dtype=dtype) + number for number, length in enumerate(lengths)]
    trials = [trial.astype(dtype) for trial in trials]
    obj = spy.AnalogData(iter(trials) if generated else trials, samplerate=7)
    assert len(obj.trials) == len(trials)
    for stored, trial in zip(obj.trials, trials, strict=True):
        assert stored.dtype == trial.dtype
        np.testing.assert_array_equal(stored, trial)


def test_the_data_of_a_temporary_object_stay_readable():
    dataset = analog().data
    np.testing.assert_array_equal(dataset[()], ramp(15, 3))


# -- files ---------------------------------------------------------------------------------------------------------


def test_a_file_name_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    obj = spy.AnalogData(ramp(4, 2), filename="~/x.analog")
    assert obj.filename == str(tmp_path / "x.analog")
    with h5py.File(obj.filename, "r") as file:
        np.testing.assert_array_equal(file["data"][()], ramp(4, 2))
    del obj
    assert (tmp_path / "x.analog").exists()


def test_a_file_name_given_later(tmp_path):
    obj = spy.AnalogData(samplerate=10)
    obj.filename = tmp_path / "x.analog"
    obj.data = ramp(4, 2)
    assert obj.filename == str(tmp_path / "x.analog")
    with pytest.raises(SPYError, match="cannot change the file"):
        obj.filename = tmp_path / "y.analog"


def test_an_existing_file_is_replaced_on_request_only(tmp_path):
    path = tmp_path / "x.analog"
    path.write_text("precious")
    with pytest.raises(SPYIOError, match="already exists; pass overwrite=True"):
        spy.AnalogData(ramp(4, 2), filename=path)
    assert path.read_text() == "precious"
    np.testing.assert_array_equal(spy.AnalogData(ramp(4, 2), filename=path, overwrite=True).data[()], ramp(4, 2))
    with pytest.raises(SPYTypeError, match="filename"):
        spy.AnalogData(ramp(4, 2), filename=3)


def test_a_scratch_file_goes_with_its_last_user():
    obj = analog()
    path = Path(obj.filename)
    assert path.suffix == ".analog"
    dataset = obj.data
    del obj
    assert not path.exists()
    np.testing.assert_array_equal(dataset[()], ramp(15, 3))


def test_mode():
    obj = analog()
    assert obj.mode == "r+"
    obj.mode = "r"
    assert obj.mode == "r"
    np.testing.assert_array_equal(obj.data[()], ramp(15, 3))
    obj.mode = "w"  # keeps what is there
    assert obj.mode == "r+"
    np.testing.assert_array_equal(obj.data[()], ramp(15, 3))
    for wrong, error in [("c", SPYValueError), ("a", SPYValueError), (1, SPYTypeError)]:
        with pytest.raises(error, match="mode"):
            obj.mode = wrong
    np.testing.assert_array_equal(obj.data[()], ramp(15, 3))


# -- attributes ----------------------------------------------------------------------------------------------------


@every_class
def test_dimord(name):
    cls = getattr(spy, name)
    default = list(cls._default_dimord)
    assert cls().dimord == default
    turned = default[::-1]
    obj = cls(block(name).T, dimord=turned)
    assert obj.dimord == turned
    np.testing.assert_array_equal(obj.trials[0], block(name).T)
    with pytest.raises(SPYError, match="cannot change `dimord`"):
        obj.dimord = default
    with pytest.raises(SPYValueError, match="in any order"):
        cls(dimord=[*default[:-1], "depth"])
    with pytest.raises(SPYValueError, match="in any order"):
        cls(dimord=default[:-1])
    with pytest.raises(SPYTypeError, match="dimord"):
        cls(dimord="time")


@pytest.mark.parametrize("value", [10, 10.5, np.float32(2), np.int64(3)])
def test_sample_rates(value):
    obj = analog(samplerate=value)
    assert obj.samplerate == value
    assert type(obj.samplerate) is float


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0, SPYValueError),
        (-1, SPYValueError),
        (np.inf, SPYValueError),
        (np.nan, SPYValueError),
        (True, SPYTypeError),
        ("1", SPYTypeError),
        (1j, SPYTypeError),
    ],
)
def test_what_is_no_sample_rate(value, error):
    obj = analog(samplerate=10)
    with pytest.raises(error, match="samplerate"):
        obj.samplerate = value
    assert obj.samplerate == 10


def test_time_locked():
    assert analog(lengths=(4, 4)).is_time_locked is True
    assert analog(lengths=(4, 5)).is_time_locked is False
    assert analog(trialdefinition=[[0, 4, 0], [4, 8, 1]]).is_time_locked is False
    assert spy.AnalogData().is_time_locked is False


def test_a_failing_constructor_says_only_what_was_wrong(recwarn):
    with pytest.raises(SPYValueError, match="exactly 3 labels"):
        analog(channel=["a"])
    with pytest.raises(SPYTypeError, match="samplerate"):
        spy.AnalogData(samplerate="a")
    assert not recwarn.list


def test_log_grows_and_is_printed(capsys):
    obj = analog()
    obj.log = "looked at"

    def _check_it():
        obj.log = "and again"

    _check_it()
    assert obj.log is None
    shown = capsys.readouterr().out
    assert "--- LOG ---" in shown
    assert "__init__: created AnalogData object" in shown
    assert re.search(r"\|=== \S+@\S+: .* ===\|\n\n\tcheck_it: and again", shown)
    assert "test_log_grows_and_is_printed: looked at" in obj._log
    with pytest.raises(SPYTypeError, match="log"):
        obj.log = 3


def test_cfg_is_a_dict():
    obj = analog()
    obj.cfg = {"a": 1}
    assert obj.cfg.a == 1
    with pytest.raises(SPYTypeError, match="dictionary-like"):
        obj.cfg = 3


@pytest.mark.parametrize("make", [analog, spectral, cross])
def test_objects_are_not_hashable_and_lists_compare_by_identity(make):
    obj = make()
    with pytest.raises(TypeError, match="unhashable"):
        hash(obj)
    assert obj in [obj]


# -- text ----------------------------------------------------------------------------------------------------------


def test_text_of_an_object():
    obj = analog(lengths=(5, 5, 5), channel=["a", "b", "c"])
    obj.info["x"] = 1
    lines = str(obj).splitlines()
    assert repr(obj) == str(obj)
    assert lines[0] == "Syncopy AnalogData object with fields"
    assert lines[-1] == "Use `.log` to see object history"
    fields = dict(line.split(" : ", 1) for line in lines[2:-2])
    names = [name.strip() for name in fields]
    assert names == sorted(names)
    expected = """
        cfg channel container data dimord filename info is_time_locked mode sampleinfo samplerate selection tag time
        trial_ids trialinfo trialintervals trials
    """
    assert names == re.findall(r"\w+", expected)
    told = {name.strip(): text for name, text in fields.items()}
    assert told["data"] == "3 trials of length 5 defined on [15 x 3] float64 Dataset of size 0.00 MB"
    assert told["channel"] == "[3] element <class 'numpy.ndarray'>"
    assert told["dimord"] == "time by channel"
    assert (told["cfg"], told["info"]) == ("dictionary with keys ''", "dictionary with keys 'x'")
    assert (told["trials"], told["is_time_locked"], told["tag"]) == ("3 element iterable", "True", "None")


def test_fields_of_the_other_classes():
    assert {"freq", "taper", "channel"} <= set(re.findall(r"^ *(\w+) :", str(spectral()), re.M))
    pairs = set(re.findall(r"^ *(\w+) :", str(cross()), re.M))
    assert {"freq", "channel_i", "channel_j"} <= pairs
    assert "channel" not in pairs


@every_class
def test_empty_objects_can_be_printed(name):
    obj = getattr(spy, name)()
    assert re.search(r"data : None\n", str(obj))
    assert f"Syncopy {name}" in obj._repr_html_()


def test_html_of_an_object_its_selection_and_the_options():
    obj = analog(channel=["<a>", "b", "c"])
    obj.selection = {"channel": ["c", "b"], "latency": [0, 0.1]}
    shown = obj._repr_html_()
    for text in (
        "AnalogData",
        "&lt;a&gt;, b, c",
        "10 Hz",
        "3 of 4 to 6 samples, from -0.2 s to 0.3 s",
        "<details>",
        "float64",
    ):
        assert text in shown
    for text in ("3 of 3: 0, 1, 2", "2 of 3: c, b", "0 s to 0.1 s"):
        assert text in obj.selection._repr_html_()
    assert "0 to 30 Hz" in spectral()._repr_html_()
    assert "mtmfft" in spy.StructDict(freqanalysis={"method": "mtmfft"})._repr_html_()
    with spy.options(memory="3.5GB"):
        assert "3500000000 (3.5 GB)" in spy.options._repr_html_()


def test_html_of_events_notes_and_long_lists():
    events = spy.EventData(np.array([[3, 7], [5, 9], [8, 7]]), samplerate=10, trialdefinition=[[0, 10, 0]])
    events.info["unit"] = "µV"
    shown = re.sub("(<[^>]+>)+", "|", events._repr_html_())
    for text in ("|sample|3 events|", "|eventid|2: 7, 9|", "|info|unit|µV|"):
        assert text in shown
    assert "|0, 1, 2, 3, 4, …, 99|" in re.sub("(<[^>]+>)+", "|", spy.StructDict(foi=list(range(100)))._repr_html_())


def test_text_reads_no_numbers():
    pairs = cross()
    pairs._update_dataset("jack_var", np.ones(pairs.data.shape))
    assert "jack_sem : [" in str(pairs)  # not even the trials it would be divided by
