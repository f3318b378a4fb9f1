"""MNE's objects and back: numbers, time axes with their sign, channel types, events."""

import sys

import numpy as np
import pytest

import syncopy as spy
from syncopy.io.signals import in_blocks

mne = pytest.importorskip("mne")

RNG = np.random.default_rng(11)
NAMES, TYPES = ["Fz", "Oz", "MEG1", "STI"], ["eeg", "eeg", "mag", "stim"]


def mne_info(samplerate=250.0):
    return mne.create_info(NAMES, samplerate, TYPES, verbose="error")


def raw_array(n_samples=2000, first_samp=0, values=None):
    signals = RNG.standard_normal((4, n_samples)) * 1e-5
    signals[3] = 0 if values is None else values
    return mne.io.RawArray(signals, mne_info(), first_samp=first_samp, verbose="error")


def epochs(tmin=-0.5, n_epochs=5, n_samples=200):
    events = np.column_stack([np.arange(n_epochs) * 300, np.zeros(n_epochs), [1, 2, 1, 3, 2][:n_epochs]]).astype(int)
    signals = RNG.standard_normal((n_epochs, 4, n_samples)) * 1e-5
    return mne.EpochsArray(signals, mne_info(), events, tmin, {"face": 1, "house": 2, "tool": 3}, verbose="error")


@pytest.mark.parametrize("first_samp", [0, 40, -125])
def test_raw_there_and_back(first_samp):
    raw = raw_array(first_samp=first_samp)
    raw.info["bads"] = ["Oz"]
    data = spy.raw_mne_to_adata(raw)
    np.testing.assert_array_equal(data.data[()], raw.get_data().T)
    assert data.samplerate == 250
    assert data.time[0][0] == first_samp / 250
    assert data.info["channel_type"] == dict(zip(NAMES, TYPES, strict=True))
    assert data.info["channel_unit"] == {"Fz": "V", "Oz": "V", "MEG1": "T", "STI": "V"}
    back = spy.raw_adata_to_mne_raw(data)
    np.testing.assert_array_equal(back.get_data(), raw.get_data())
    assert back.first_samp == first_samp
    assert back.ch_names == NAMES
    assert back.get_channel_types() == TYPES
    assert back.info["bads"] == ["Oz"]


def test_a_selection_goes_to_mne():
    data = spy.raw_mne_to_adata(raw_array())
    data.selectdata(channel=["MEG1", "Fz"], latency=[1.0, 2.0], inplace=True)
    back = spy.raw_adata_to_mne_raw(data)
    assert back.ch_names == ["MEG1", "Fz"]
    assert back.get_channel_types() == ["mag", "eeg"]
    assert (back.first_samp, back.n_times) == (250, 251)
    np.testing.assert_array_equal(back.get_data(), data.data[250:501][:, [2, 0]].T)


def test_channels_without_a_type_are_misc():
    data = spy.AnalogData(RNG.standard_normal((100, 2)), samplerate=10)
    assert spy.raw_adata_to_mne_raw(data).get_channel_types() == ["misc", "misc"]


@pytest.mark.parametrize("tmin", [-0.5, 0.0, 0.3])
def test_epochs_keep_the_sign_of_time(tmin):
    source = epochs(tmin)
    data = spy.mne_epochs_to_tldata(source)
    assert isinstance(data, spy.AnalogData)
    assert data.is_time_locked
    for number in range(5):
        np.testing.assert_allclose(data.time[number], source.times, atol=1e-12)
        np.testing.assert_array_equal(data.trials[number], source.get_data(copy=False)[number].T)
    assert data.trialtable["event"].tolist() == [1, 2, 1, 3, 2]
    back = spy.tldata_to_mne_epochs(data)
    np.testing.assert_allclose(back.times, source.times, atol=1e-12)
    np.testing.assert_array_equal(back.get_data(copy=False), source.get_data(copy=False))
    np.testing.assert_array_equal(back.events[:, 2], source.events[:, 2])
    assert back.event_id == source.event_id
    np.testing.assert_array_equal(back["house"].get_data(copy=False), source["house"].get_data(copy=False))


def test_peak_stays_where_it_is():
    signals = np.zeros((2, 4, 100))
    signals[:, 0, 75] = 1.0
    source = mne.EpochsArray(signals, mne_info(100.0), tmin=-0.5, verbose="error")
    data = spy.mne_epochs_to_tldata(source)
    assert data.time[0][np.argmax(data.trials[0][:, 0])] == 0.25
    assert spy.tldata_to_mne_epochs(data).average().get_peak(ch_type="eeg")[1] == 0.25


def test_time_axis_between_two_samples():
    source = epochs(tmin=-0.5).decimate(3, verbose="error")
    data = spy.mne_epochs_to_tldata(source)
    np.testing.assert_allclose(data.time[0], source.times, atol=1e-9)


def test_timelock_data_to_mne():
    data = spy.TimeLockData([RNG.standard_normal((50, 2)) for _ in range(3)], samplerate=100)
    back = spy.tldata_to_mne_epochs(data)
    assert back.times[0] == -1.0
    assert back.events[:, 2].tolist() == [1, 1, 1]
    np.testing.assert_array_equal(back.get_data(copy=False)[2], data.trials[2].T)


def test_overlapping_trials_to_mne():
    data = spy.AnalogData(RNG.standard_normal((100, 2)), samplerate=100)
    data.trialdefinition = [[0, 50, -20, 7], [0, 50, -20, 8], [40, 90, -20, 7]]
    back = spy.tldata_to_mne_epochs(data)
    assert back.events[:, 2].tolist() == [7, 8, 7]
    np.testing.assert_array_equal(back.get_data(copy=False)[1], data.trials[1].T)


def test_epochs_from_a_file_are_read_a_few_at_a_time(tmp_path, monkeypatch):
    source = epochs()
    source.drop([1], verbose="error")
    path = tmp_path / "some-epo.fif"
    source.save(path, fmt="double", verbose="error")
    lazy = mne.read_epochs(path, preload=False, verbose="error")
    sizes = []
    read = type(lazy).get_data
    monkeypatch.setattr(type(lazy), "get_data", lambda self, **kw: (out := read(self, **kw), sizes.append(len(out)))[0])
    monkeypatch.setattr("syncopy.io.mne_conv.in_blocks", lambda *args: in_blocks(*args, 8 * 200 * 4 * 2))
    data = spy.mne_epochs_to_tldata(lazy)
    assert sizes == [2, 2]
    np.testing.assert_array_equal(data.data[()].reshape(4, 200, 4), source.get_data(copy=False).transpose(0, 2, 1))


# -- events ------------------------------------------------------------------------------------------------------


def steps(n_samples=2000):
    """A trigger channel with pulses, a rise on top of a pulse, and one that is on at the start."""
    values = np.zeros(n_samples)
    for start, stop, code in [
        (0, 20, 9),
        (100, 110, 4),
        (500, 540, 1),
        (520, 560, 3),
        (900, 905, 255),
        (1998, 2000, 2),
    ]:
        values[start:stop] = code
    return values


@pytest.mark.parametrize("block", [2**25, 8 * 4 * 1, 8 * 4 * 7])
def test_trigger_channel_as_mne_finds_them(monkeypatch, block):
    monkeypatch.setattr("syncopy.io.mne_conv.BLOCK", block)
    raw = raw_array(first_samp=60, values=steps())
    events = spy.raw_mne_to_events(raw)
    expected = mne.find_events(raw, "STI", consecutive="increasing", verbose="error")
    np.testing.assert_array_equal(events.data[:, 0], expected[:, 0] - 60)
    np.testing.assert_array_equal(events.data[:, 1], expected[:, 2])
    assert events.sample.tolist() == [100, 500, 520, 900, 1998]


@pytest.mark.parametrize("first_samp", [0, 250])
def test_annotations_are_events(first_samp):
    raw = raw_array(first_samp=first_samp)
    raw.set_annotations(mne.Annotations([0.4, 2.0, 5.0], [0.0, 0.5, 0.1], ["go", "BAD blink", "go"]))
    events = spy.raw_mne_to_events(raw)
    codes = events.info["event_id"]
    assert events.dimord == ["sample", "eventid", "duration"]
    assert events.data[()].tolist() == [[100, codes["go"], 0], [500, codes["BAD blink"], 125], [1250, codes["go"], 25]]
    back = spy.raw_adata_to_mne_raw(spy.raw_mne_to_adata(raw), events)
    np.testing.assert_allclose(back.annotations.onset, raw.annotations.onset)
    np.testing.assert_allclose(back.annotations.duration, raw.annotations.duration)
    assert back.annotations.description.tolist() == raw.annotations.description.tolist()


def test_annotations_get_codes_of_their_own():
    raw = raw_array(values=steps())
    raw.set_annotations(mne.Annotations([1.0, 2.0], 0, ["a", "b"]))
    events = spy.raw_mne_to_events(raw)
    assert events.info["event_id"] == {"a": 256, "b": 257}
    assert sorted(events.eventid.tolist()) == [1, 2, 3, 4, 255, 256, 257]


def test_annotations_become_trials():
    raw = raw_array(first_samp=100)
    raw.set_annotations(mne.Annotations([2.0, 4.0], 0, ["go", "go"]))
    data, events = spy.raw_mne_to_adata(raw), spy.raw_mne_to_events(raw)
    spy.definetrial(data, events, trigger=events.info["event_id"]["go"], pre=0.2, post=0.4)
    assert data.sampleinfo.tolist() == [[450, 600], [950, 1100]]
    np.testing.assert_allclose(data.time[0][[0, 50]], [-0.2, 0.0], atol=1e-12)


def test_recording_without_events():
    events = spy.raw_mne_to_events(raw_array())
    assert len(events.data) == 0
    assert events.sampleinfo.tolist() == [[0, 2000]]


# -- errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "wrong", "rule"),
    [
        (spy.raw_mne_to_adata, np.zeros((2, 3)), "BaseRaw"),
        (spy.raw_mne_to_events, "raw.fif", "BaseRaw"),
        (spy.mne_epochs_to_tldata, raw_array(), "BaseEpochs"),
        (spy.raw_adata_to_mne_raw, raw_array(), "AnalogData"),
        (spy.tldata_to_mne_epochs, 3, "TimeLockData or AnalogData"),
    ],
)
def test_wrong_types(function, wrong, rule):
    with pytest.raises(spy.SPYTypeError, match=rule):
        function(wrong)


def test_trials_that_do_not_fit():
    data = spy.AnalogData(RNG.standard_normal((100, 2)), samplerate=100, trialdefinition=[[0, 50, 0], [50, 90, 0]])
    with pytest.raises(spy.SPYValueError, match="single trial"):
        spy.raw_adata_to_mne_raw(data)
    with pytest.raises(spy.SPYValueError, match="same length and offset"):
        spy.tldata_to_mne_epochs(data)


def test_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "mne", None)
    with pytest.raises(spy.SPYImportError, match=r'pip install "syncopy\[mne\]"'):
        spy.raw_mne_to_adata(None)
    with pytest.raises(ImportError):
        spy.mne_conv.tldata_to_mne_epochs(None)
