"""SpikeData and EventData against loops over rows."""

import gc
import json
import pickle
import shutil
import weakref

import h5py
import numpy as np
import pytest

import syncopy as spy
from syncopy.data.rows import RowTable

TRL = np.array([[100, 200, -30, 7], [150, 300, 0, 8], [400, 401, 5, 9], [20, 90, -10, 10]])


def spike_rows(count=400, seed=1, dtype="i8"):
    """Rows in the order of their samples; channels 0, 3, 4 and units 2, 9, 11."""
    rng = np.random.default_rng(seed)
    sample = np.sort(rng.integers(0, 420, count))
    return np.column_stack([sample, rng.choice([0, 3, 4], count), rng.choice([2, 9, 11], count)]).astype(dtype)


@pytest.fixture
def rows():
    return spike_rows()


@pytest.fixture
def spikes(rows):
    return spy.SpikeData(rows, samplerate=1000, trialdefinition=TRL)


def inside(rows, trial):
    return (rows[:, 0] >= trial[0]) & (rows[:, 0] < trial[1])


# -- access ------------------------------------------------------------------------------------------------------


def test_rows_of_trials(spikes, rows):
    assert len(spikes.trials) == 4
    for number, trial in enumerate(TRL):
        np.testing.assert_array_equal(spikes.trials[number], rows[inside(rows, trial)])
    np.testing.assert_array_equal(spikes.trials[-1], spikes.trials[3])
    with pytest.raises(spy.SPYValueError, match="existing trials"):
        spikes.trials[4]


def test_times(spikes, rows):
    assert isinstance(spikes.time, list)
    for time, trial in zip(spikes.time, TRL, strict=True):
        sample = rows[inside(rows, trial), 0]
        np.testing.assert_allclose(time, (sample - trial[0] + trial[2]) / 1000, rtol=0, atol=1e-15)
    np.testing.assert_allclose(spikes.trialintervals[0], [-0.03, 0.069])


def test_trial_of_every_row(spikes, rows):
    ids, times = np.full(len(rows), -1), np.full(len(rows), np.nan)
    for number, trial in enumerate(TRL):  # where trials overlap, the later one counts
        ids[inside(rows, trial)] = number
        times[inside(rows, trial)] = (rows[inside(rows, trial), 0] - trial[0] + trial[2]) / 1000
    np.testing.assert_array_equal(spikes.trialid, ids)
    np.testing.assert_allclose(spikes.trialtime, times, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(spikes.sample, rows[:, 0])


def test_new_trials_are_seen(spikes, rows):
    assert len(spikes.trials[0]) == inside(rows, TRL[0]).sum()
    spikes.trialdefinition = [[0, 1000, 0]]
    assert len(spikes.trials) == 1
    np.testing.assert_array_equal(spikes.trials[0], rows)


@pytest.mark.parametrize("dtype", ["i4", "u2", "u8"])
def test_every_integer_type(dtype, spikes):
    other = spy.SpikeData(spike_rows(dtype=dtype), samplerate=1000, trialdefinition=TRL)
    assert other.data.dtype == dtype
    for one, two in zip(other.time, spikes.time, strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(other.trialtime, spikes.trialtime)
    assert other.channel.tolist() == spikes.channel.tolist()


def test_without_sample_rate(rows):
    spikes = spy.SpikeData(rows, trialdefinition=TRL)
    assert spikes.time is None
    assert spikes.trialtime is None
    assert spikes.trialintervals is None
    assert len(spikes.trials[1]) == inside(rows, TRL[1]).sum()
    assert len(spikes.selectdata(trials=[1]).data) == inside(rows, TRL[1]).sum()
    with pytest.raises(spy.SPYValueError, match="samplerate"):
        spikes.selectdata(latency=[0, 0.1])


def test_other_order_of_columns(rows, spikes):
    other = spy.SpikeData(
        rows[:, [2, 0, 1]], samplerate=1000, trialdefinition=TRL, dimord=["unit", "sample", "channel"]
    )
    np.testing.assert_array_equal(other.sample, spikes.sample)
    np.testing.assert_array_equal(other.trials[1], spikes.trials[1][:, [2, 0, 1]])
    assert other.unit.tolist() == spikes.unit.tolist()
    assert other.selectdata(unit="unit10").unit_idx.tolist() == [9]


def test_empty_objects():
    for cls in (spy.SpikeData, spy.EventData):
        empty = cls(samplerate=10)
        for name in ("data", "trials", "time", "sample", "trialid", "trialtime", "trialdefinition", "trialinfo"):
            assert getattr(empty, name) is None, name
        assert "EventData" in repr(empty) or "SpikeData" in repr(empty)
    assert spy.SpikeData().channel is None
    assert spy.SpikeData().unit_idx is None
    assert spy.SpikeData().waveform is None
    assert spy.EventData().eventid is None


def test_trials_of_a_temporary(rows):
    trials = spy.SpikeData(rows, samplerate=1000, trialdefinition=TRL).trials
    gc.collect()
    np.testing.assert_array_equal(trials[0], rows[inside(rows, TRL[0])])


def test_objects_go_without_a_collector(rows):
    spikes = spy.SpikeData(rows, samplerate=1000, trialdefinition=TRL)
    spikes.trials[0], spikes.channel, spikes.time
    gone = weakref.ref(spikes)
    gc.disable()
    try:
        del spikes
        assert gone() is None
    finally:
        gc.enable()


# -- labels ------------------------------------------------------------------------------------------------------


def test_default_labels_say_the_number(spikes):
    assert spikes.channel_idx.tolist() == [0, 3, 4]
    assert spikes.channel.tolist() == ["channel1", "channel4", "channel5"]
    assert spikes.unit_idx.tolist() == [2, 9, 11]
    assert spikes.unit.tolist() == ["unit03", "unit10", "unit12"]


def test_labels_can_be_set(rows):
    spikes = spy.SpikeData(rows, samplerate=1000, channel=["a", "b", "c"], unit=("x", "y", "z"))
    assert spikes.channel.tolist() == ["a", "b", "c"]
    spikes.unit = ["u", "v", "w"]
    assert spikes.unit.tolist() == ["u", "v", "w"]
    spikes.unit = None
    assert spikes.unit.tolist() == ["unit03", "unit10", "unit12"]


@pytest.mark.parametrize("value", [["a", "b"], ["a", "b", "c", "d"]])
def test_one_label_per_distinct_number(spikes, value):
    with pytest.raises(spy.SPYValueError, match="exactly 3 labels"):
        spikes.channel = value


@pytest.mark.parametrize("value", ["abc", [1, 2, 3], 3])
def test_labels_are_texts(spikes, value):
    with pytest.raises(spy.SPYTypeError):
        spikes.unit = value


def test_labels_need_data():
    with pytest.raises(spy.SPYValueError, match="cannot assign `unit` without data"):
        spy.SpikeData(unit=["a"])


# -- input -------------------------------------------------------------------------------------------------------


def test_rows_are_sorted_once_and_stably(rows):
    order = np.random.default_rng(0).permutation(len(rows))
    mixed = spy.SpikeData(rows[order], samplerate=1000, trialdefinition=TRL)
    expected = rows[order][np.argsort(rows[order][:, 0], kind="stable")]
    np.testing.assert_array_equal(mixed.data[()], expected)
    np.testing.assert_array_equal(mixed.trials[1], expected[inside(expected, TRL[1])])


def test_one_trial_holds_all_events(rows):
    spikes = spy.SpikeData(rows + np.array([5, 0, 0]), samplerate=1000)
    assert spikes.trialdefinition.tolist() == [[rows[0, 0] + 5, rows[-1, 0] + 6, 0]]
    assert len(spikes.trials[0]) == len(rows)
    assert (spikes.trialid == 0).all()


def test_trials_one_by_one_with_their_places():
    trl = [[10, 60, -5], [60, 100, -5], [500, 600, 3]]
    trials = [np.array([[49, 0, 1], [0, 1, 0]]), np.empty((0, 3), int), np.array([[99, 2, 2]])]
    expected = [[10, 1, 0], [59, 0, 1], [599, 2, 2]]
    for data in (trials, tuple(trials), iter(trials)):
        spikes = spy.SpikeData(data, samplerate=100, trialdefinition=trl)
        assert spikes.data[()].tolist() == expected
        assert spikes.trialdefinition.tolist() == trl
        assert [time.tolist() for time in spikes.time] == [[-0.05, 0.44], [], [1.02]]


def test_trials_one_by_one_whose_length_nobody_knows():
    trials = [np.array([[3, 1], [9, 2]]), np.array([[4, 1]], dtype="u1")]
    for data in (trials, iter(trials)):
        with pytest.warns(spy.SPYWarning, match="each ends with its last event"):
            events = spy.EventData(data, samplerate=2)
        assert events.data[()].tolist() == [[3, 1], [9, 2], [14, 1]]
        assert events.trialdefinition.tolist() == [[0, 10, -2], [10, 15, -2]]


@pytest.mark.parametrize(
    ("trials", "trl", "text"),
    [
        ([[[3, 0, 0]]], [[0, 3, 0]], "counted from the start of trial 0, 0 to 2"),
        ([[[-1, 0, 0]]], [[0, 3, 0]], "counted from the start"),
        ([[[1, 0, 0]]], [[0, 3, 0], [3, 6, 0]], "2 arrays, one per trial"),
        ([[[1, 0, 0]], [[1, 0, 0]]], [[0, 3, 0]], "more than 1 arrays"),
        ([[[1, 0, 0]], [[1, 0, 0]]], [[0, 3, 0], [2, 6, 0]], "one after the other"),
        ([[[1, 0, 0]], np.empty((0, 3), int)], None, "how long trial 1 is"),
    ],
)
@pytest.mark.parametrize("kind", [list, iter])
def test_trials_one_by_one_that_do_not_fit(trials, trl, text, kind):
    arrays = kind([np.array(trial) for trial in trials])
    spikes = spy.SpikeData(samplerate=10)
    with pytest.raises(spy.SPYValueError, match=text):
        spikes._ingest(arrays, trl)
    assert spikes.data is None
    assert spikes.trialdefinition is None


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (np.ones((3, 3)), TypeError, "integer like"),
        (np.ones((3, 3), bool), TypeError, "integer like"),
        (np.ones((3, 2), int), ValueError, r"3 columns \(sample, channel, unit\)"),
        (np.ones((3, 4), int), ValueError, "3 columns"),  # not the other axis
        (np.ones(3, int), ValueError, "2d-array"),
        (np.ones((3, 3, 1), int), ValueError, "2d-array"),
        (np.empty((0, 3), int), ValueError, "non empty data set"),
        (7, TypeError, "filename"),
        ({"a": 1}, TypeError, "filename"),
        ([np.ones((3, 3), int), 5], TypeError, "2d-array"),
    ],
)
def test_what_is_no_data(data, error, text):
    with pytest.raises(error, match=text):
        spy.SpikeData(data, samplerate=10)


def test_no_spikes_in_known_trials():
    spikes = spy.SpikeData(np.empty((0, 3), int), samplerate=10, trialdefinition=[[0, 10, 0], [10, 20, 0]])
    assert [len(trial) for trial in spikes.trials] == [0, 0]
    assert spikes.channel.tolist() == []
    assert spikes.trialid.tolist() == []
    assert spikes == spikes.copy()
    with pytest.raises(spy.SPYValueError, match="non empty data set"):
        spikes.trialdefinition = None


def test_a_foreign_dataset_is_attached(tmp_path, rows):
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["spikes"] = rows
    for data in (str(tmp_path / "rows.h5"), tmp_path / "rows.h5", h5py.File(tmp_path / "rows.h5", "r")["spikes"]):
        spikes = spy.SpikeData(data, samplerate=1000, trialdefinition=TRL)
        assert spikes.filename == str(tmp_path / "rows.h5")
        np.testing.assert_array_equal(spikes.trials[1], rows[inside(rows, TRL[1])])


def test_a_foreign_dataset_without_order_is_copied(tmp_path, rows):
    mixed = rows[np.random.default_rng(0).permutation(len(rows))]
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file.create_dataset("spikes", data=mixed, chunks=(50, 2))
    with pytest.warns(spy.SPYWarning, match=r"rows.h5 are not in the order"):
        spikes = spy.SpikeData(tmp_path / "rows.h5", samplerate=1000, trialdefinition=TRL)
    np.testing.assert_array_equal(spikes.data[()], mixed[np.argsort(mixed[:, 0], kind="stable")])
    with h5py.File(tmp_path / "rows.h5", "r") as file:
        np.testing.assert_array_equal(file["spikes"], mixed)


@pytest.mark.parametrize("values", [np.ones((4, 3)), np.ones((4, 2), int)])
def test_a_foreign_dataset_that_does_not_fit(tmp_path, values):
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["spikes"] = values
    with pytest.raises(spy.SPYError, match=r"integer like|3 columns"):
        spy.SpikeData(tmp_path / "rows.h5", samplerate=1000)


def test_overwriting_data(spikes, rows):
    spikes.channel, spikes.trials[0]
    other = rows[::-1] // [1, 2, 1]
    spikes.data = other
    expected = other[np.argsort(other[:, 0], kind="stable")]
    np.testing.assert_array_equal(spikes.trials[1], expected[inside(expected, TRL[1])])
    assert spikes.channel_idx.tolist() == [0, 1, 2]
    with pytest.raises(spy.SPYTypeError, match="integer like"):
        spikes.data = rows.astype(float)
    with pytest.raises(spy.SPYValueError, match="shape"):
        spikes.data = rows[:-1]


def test_data_removed_and_given_anew(spikes):
    spikes.channel = ["a", "b", "c"]
    spikes.data = None
    spikes.data = np.array([[1, 0, 0], [2, 6, 0]])
    assert spikes.channel.tolist() == ["channel1", "channel7"]
    assert spikes.trialdefinition.tolist() == [[1, 3, 0]]


def test_trial_definitions_are_checked(spikes):
    before = spikes.trialdefinition
    for wrong in ([[-1, 5, 0]], [[5, 5, 0]], [[0, 1.5, 0]], [[0, 5, np.nan]], [[0, 5, 0.5]], [[0, 5]], "trials"):
        with pytest.raises(spy.SPYError):
            spikes.trialdefinition = wrong
        np.testing.assert_array_equal(spikes.trialdefinition, before)
    spikes.trialdefinition = [[0, 10**9, 0]]  # recordings end later than their last spike


# -- waveforms ---------------------------------------------------------------------------------------------------


def test_waveforms(spikes, rows):
    values = np.random.default_rng(0).normal(size=(len(rows), 8))
    spikes.waveform = values
    np.testing.assert_array_equal(spikes.waveform, values)
    assert "waveform" in repr(spikes)
    spikes.waveform = 2 * values
    np.testing.assert_array_equal(spikes.waveform, 2 * values)
    with pytest.raises(spy.SPYValueError, match="dataset of type"):
        spikes.waveform = values.astype("f4")
    spikes.waveform = None
    assert spikes.waveform is None
    spikes.waveform = values.astype("f4")[:, None, :]
    assert spikes.waveform.shape == (len(rows), 1, 8)
    assert spikes.copy() == spikes


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (np.ones(400), ValueError, "at least 2 dimensions"),
        (np.ones((399, 5)), ValueError, r"wrong size waveform with shape \(399, 5\)"),
        ([[1.0]] * 400, TypeError, "array"),
    ],
)
def test_what_is_no_waveform(spikes, value, error, text):
    with pytest.raises(error, match=text):
        spikes.waveform = value
    assert spikes.waveform is None


def test_waveforms_need_spikes():
    with pytest.raises(spy.SPYValueError, match="assign data first"):
        spy.SpikeData().waveform = np.ones((3, 2))


def test_waveforms_of_rows_that_were_sorted(rows):
    spikes = spy.SpikeData(rows[::-1], samplerate=1000)
    with pytest.raises(spy.SPYValueError, match="sort rows and waveforms beforehand"):
        spikes.waveform = np.ones((len(rows), 4))


# -- events ------------------------------------------------------------------------------------------------------


def test_events():
    events = spy.EventData(np.array([[3, 7], [5, 3], [90, 7]]), samplerate=100)
    assert events.eventid.tolist() == [3, 7]
    assert events.dimord == ["sample", "eventid"]
    np.testing.assert_allclose(events.time[0], [0, 0.02, 0.87])
    with pytest.raises(AttributeError):
        events.eventid = [1]


def test_events_with_further_columns():
    rows = np.array([[1, 3, 7], [2, 5, 3], [3, 90, 7]])
    events = spy.EventData(rows, samplerate=100, dimord=["side", "sample", "eventid"])
    assert events.eventid.tolist() == [3, 7]
    np.testing.assert_array_equal(events.sample, [3, 5, 90])
    assert events.selectdata(eventid=7).data[()].tolist() == [[1, 3, 7], [3, 90, 7]]
    assert events.dimord == ["side", "sample", "eventid"]


@pytest.mark.parametrize(
    ("dimord", "text"),
    [
        (["sample", "code"], "dimensional label 'eventid'"),
        (["eventid"], "dimensional label 'sample'"),
        (["sample", "eventid", "eventid"], "different names"),
        (["sample", "eventid", "side"], "3 columns"),
        ("sample", "list of names"),
    ],
)
def test_columns_that_do_not_fit(dimord, text):
    with pytest.raises(spy.SPYError, match=text):
        spy.EventData(np.ones((5, 2), int), dimord=dimord)


# -- whole objects -----------------------------------------------------------------------------------------------


def test_equality(spikes, rows):
    other = spy.SpikeData(rows, samplerate=1000, trialdefinition=TRL)
    assert other == spikes
    other.unit = ["a", "b", "c"]
    assert other != spikes
    moved = rows.copy()
    moved[inside(rows, TRL[1]).argmax(), 1] += 1
    assert spy.SpikeData(moved, samplerate=1000, trialdefinition=TRL) != spikes
    assert spy.SpikeData(rows[rows[:, 0] > 30], samplerate=1000, trialdefinition=TRL) != spikes


def test_rows_outside_trials_do_not_count_for_equality(spikes, rows):
    fewer = rows[~((rows[:, 0] >= 90) & (rows[:, 0] < 100))]
    assert 0 < len(fewer) < len(rows)
    assert spy.SpikeData(fewer, samplerate=1000, trialdefinition=TRL) == spikes


def test_saved_and_loaded(spikes, rows, tmp_path):
    spikes.waveform = np.arange(3.0 * len(rows)).reshape(-1, 3)
    spikes.unit = ["x", "y", "z"]
    spikes.save(tmp_path / "session")
    loaded = spy.load(tmp_path / "session.spy", checksum=True)
    assert loaded == spikes
    assert loaded.unit.tolist() == ["x", "y", "z"]
    assert type(loaded) is spy.SpikeData


def test_pickled_after_saving(spikes, tmp_path):
    spikes.save(tmp_path / "session")
    spikes.channel, spikes.trials[0]
    twin = pickle.loads(pickle.dumps(spikes))
    assert twin == spikes
    np.testing.assert_array_equal(twin.trials[1], spikes.trials[1])


def test_copies_do_not_share_what_they_look_up(spikes):
    twin = spikes.copy()
    twin.data = np.zeros_like(twin.data)
    assert twin.channel_idx.tolist() == [0]
    assert spikes.channel_idx.tolist() == [0, 3, 4]
    assert len(twin.trials[0]) == 0
    assert len(spikes.trials[0]) > 0


def test_printing_looks_at_no_rows(spikes, monkeypatch):
    text = repr(spikes)
    assert "sample : [400] element <class 'numpy.ndarray'>" in text
    assert "time : 4 element list" in text
    spikes._found.update(dict.fromkeys(("channel", "unit"), np.arange(3)))
    monkeypatch.setattr(RowTable, "blocks", None)
    monkeypatch.setattr(RowTable, "column", None)
    assert repr(spikes) == text


def test_a_file_of_the_reference_without_order(shared, tmp_path):
    """Rows that another program stored out of order are put into it, with their waveforms."""
    shutil.copytree(shared / "spy_files" / "fixture.spy", tmp_path / "fixture.spy")
    path = tmp_path / "fixture.spy" / "fixture_spikes.spike"
    expected = np.load(shared / "spy_files" / "expected.npz")["spikes"]
    with h5py.File(path, "r+") as file:
        file["data"][...] = expected[::-1]
        file["waveform"] = np.arange(len(expected))[::-1, None]
    assert "waveform" in json.loads(path.with_name(f"{path.name}.info").read_text())["_hdfFileDatasetProperties"]
    with pytest.warns(spy.SPYWarning, match="not in the order"):
        spikes = spy.load(path)
    np.testing.assert_array_equal(spikes.sample, expected[:, 0])
    np.testing.assert_array_equal(spikes.data[()][:, 1:], expected[spikes.waveform[:, 0]][:, 1:])


@pytest.mark.parametrize(("tag", "attribute"), [("spikes", "unit_idx"), ("events", "eventid")])
def test_files_of_the_reference(shared, tag, attribute):
    data = spy.load(shared / "spy_files" / "fixture.spy", tag=tag, mode="r")
    expected = np.load(shared / "spy_files" / "expected.npz")
    rows, trl = expected[tag], expected["trialdefinition"]
    np.testing.assert_array_equal(data.data[()], rows)
    np.testing.assert_array_equal(data.trialdefinition, trl)
    np.testing.assert_array_equal(getattr(data, attribute), np.unique(rows[:, -1]))
    for number, trial in enumerate(trl):
        np.testing.assert_array_equal(data.trials[number], rows[inside(rows, trial)])


# -- joining -----------------------------------------------------------------------------------------------------


def test_joining_trials(spikes, rows):
    other = spy.SpikeData(rows[:50], samplerate=1000, trialdefinition=TRL[[3], :3])
    both = spy.SpikeData([spikes, other])
    assert len(both.trials) == 5
    for joined, source in zip(both.trials, [*spikes.trials, *other.trials], strict=True):
        np.testing.assert_array_equal(joined[:, 1:], source[:, 1:])
    for joined, source in zip(both.time, [*spikes.time, *other.time], strict=True):
        np.testing.assert_array_equal(joined, source)
    lengths = [100, 150, 1, 70, 70]
    np.testing.assert_array_equal(np.diff(both.sampleinfo)[:, 0], lengths)
    np.testing.assert_array_equal(both.sampleinfo[:, 1], np.cumsum(lengths))
    np.testing.assert_array_equal(both.trialinfo[:, 0], [7, 8, 9, 10, np.nan])
    assert both.samplerate == 1000
    assert spy.concat(spikes, other, dim="trials") == both


def test_joining_merges_labels():
    trl = [[0, 10, 0]]
    one = spy.SpikeData(np.array([[1, 0, 0], [2, 4, 1]]), samplerate=10, trialdefinition=trl, channel=["a", "e"])
    two = spy.SpikeData(np.array([[1, 2, 0], [2, 4, 1]]), samplerate=10, trialdefinition=trl, channel=["c", "e"])
    both = spy.SpikeData([one, two])
    assert dict(zip(both.channel_idx.tolist(), both.channel.tolist(), strict=True)) == {0: "a", 2: "c", 4: "e"}
    assert both.unit.tolist() == ["unit1", "unit2"]
    two.channel = ["c", "x"]
    with pytest.raises(spy.SPYValueError, match="'e' and 'x' for number 4"):
        spy.SpikeData([one, two])
    assert spy.SpikeData([one, two], channel=["p", "q", "r"]).channel.tolist() == ["p", "q", "r"]


def test_joining_waveforms(spikes, rows):
    spikes.waveform = np.arange(len(rows))[:, None]
    both = spy.SpikeData([spikes, spikes])
    once = np.concatenate([np.flatnonzero(inside(rows, trial)) for trial in TRL])
    np.testing.assert_array_equal(both.waveform[:, 0], np.concatenate([once, once]))
    assert both.copy() == both
    other = spy.SpikeData(rows, samplerate=1000, trialdefinition=TRL)
    with pytest.warns(spy.SPYWarning, match="left out"):
        assert spy.SpikeData([spikes, other]).waveform is None


def test_joining_what_does_not_fit(spikes, rows):
    with pytest.raises(spy.SPYValueError, match="same samplerate"):
        spy.SpikeData([spikes, spy.SpikeData(rows, samplerate=10)])
    with pytest.raises(spy.SPYValueError, match="columns"):
        spy.SpikeData([spikes, spy.SpikeData(rows, samplerate=1000, dimord=["sample", "unit", "channel"])])
    with pytest.raises(spy.SPYTypeError, match="SpikeData objects only"):
        spy.SpikeData([spikes, spy.EventData(rows[:, :2], samplerate=1000)])
