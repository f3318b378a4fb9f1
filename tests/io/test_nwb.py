"""NWB read: files made by pynwb itself, and the real recording."""

import sys
from datetime import UTC, datetime

import h5py
import numpy as np
import pytest

import syncopy as spy

pynwb = pytest.importorskip("pynwb")

RNG = np.random.default_rng(8)
LABELS = ["CA1-a", "CA1-b", "CA3"]


def new_file():
    return pynwb.NWBFile(session_description="test", identifier="1", session_start_time=datetime.now(UTC))


def region_of(file, **columns):
    """Electrodes with some columns of the table."""
    device = file.create_device(name="probe")
    group = file.create_electrode_group(name="shank", description="", location="hc", device=device)
    locations = columns.pop("location", ["hc"] * 3)
    for name in columns:
        file.add_electrode_column(name=name, description=name)
    for number, location in enumerate(locations):
        file.add_electrode(location=location, group=group, **{name: values[number] for name, values in columns.items()})
    return file.create_electrode_table_region(region=[0, 1, 2], description="all")


def series(region, values, name="ElectricalSeries", **more):
    timing = {} if "timestamps" in more else {"rate": 500.0, "starting_time": 0.0}
    return pynwb.ecephys.ElectricalSeries(name=name, data=values, electrodes=region, **(timing | more))


def written(path, file):
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(file)
    return path


def only(objects):
    (obj,) = objects.values()
    return obj


# -- signals -----------------------------------------------------------------------------------------------------


def test_gains_offset_and_start(tmp_path):
    file = new_file()
    numbers = RNG.integers(-30000, 30000, (1000, 3), "i2")
    gains = np.array([1.0, 0.5, 2.0])
    more = {"conversion": 1e-6, "channel_conversion": gains, "offset": 1e-3, "starting_time": 12.5}
    file.add_acquisition(series(region_of(file, label=LABELS), numbers, **more))
    file.add_trial(start_time=13.0, stop_time=13.5)
    file.add_trial(start_time=13.7013, stop_time=14.0987)
    data = only(spy.load_nwb(written(tmp_path / "a.nwb", file)))
    np.testing.assert_allclose(data.data[()], numbers * 1e-6 * gains + 1e-3, rtol=2e-7)
    assert data.data.dtype == "f4"
    assert data.channel.tolist() == LABELS
    assert data.info["starting_time"] == 12.5
    # to the nearest sample: (13.7013 - 12.5) * 500 = 600.65, (14.0987 - 12.5) * 500 = 799.35
    assert data.trialdefinition.tolist() == [[250, 500, 0], [601, 799, 0]]


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ({"location": ["a", "b", "c"], "label": ["x", "y", "z"]}, ["a", "b", "c"]),
        ({"location": ["a", "b", "c"], "channel_name": ["x", "y", "z"]}, ["x", "y", "z"]),
        ({"location": ["a", "a", "c"], "label": ["x", "y", "z"]}, ["x", "y", "z"]),
    ],
)
def test_channel_names(tmp_path, columns, names):
    file = new_file()
    file.add_acquisition(series(region_of(file, **columns), np.zeros((10, 3))))
    assert only(spy.load_nwb(written(tmp_path / "a.nwb", file))).channel.tolist() == names


def test_electrodes_without_names(tmp_path):
    file = new_file()
    file.add_acquisition(series(region_of(file), np.zeros((10, 3))))
    path = written(tmp_path / "a.nwb", file)
    with pytest.warns(spy.SPYWarning, match="they are numbered"):
        data = only(spy.load_nwb(path))
    assert data.channel.tolist() == ["channel1", "channel2", "channel3"]


def test_time_stamps_without_gaps(tmp_path):
    file = new_file()
    times = 3.0 + np.arange(5000) / 1000 + RNG.uniform(-1e-5, 1e-5, 5000)
    file.add_acquisition(series(region_of(file, label=LABELS), np.zeros((5000, 3)), timestamps=times))
    file.add_epoch(start_time=4.0, stop_time=5.0, tags="sleep")
    data = only(spy.load_nwb(written(tmp_path / "a.nwb", file)))
    assert data.samplerate == pytest.approx(1000, rel=1e-5)
    assert data.trialdefinition.tolist() == [[1000, 2000, 0]]


def test_gaps_between_time_stamps_part_trials(tmp_path):
    file = new_file()
    times = np.concatenate([2.0 + np.arange(1000) / 200, 10.0 + np.arange(500) / 200])
    signals = RNG.standard_normal((1500, 3))
    file.add_acquisition(series(region_of(file, label=LABELS), signals, timestamps=times))
    path = written(tmp_path / "a.nwb", file)
    data = only(spy.load_nwb(path))
    assert data.samplerate == 200
    assert data.trialdefinition.tolist() == [[0, 1000, 0], [1000, 1500, 1600]]
    for number, part in enumerate([times[:1000], times[1000:]]):
        np.testing.assert_allclose(data.time[number] + 2.0, part)
    for begin, end in [(2.5, 3.5), (6.5, 10.5), (11.0, 12.0)]:  # the second one lies across the gap
        file.add_trial(start_time=begin, stop_time=end)
    path = written(tmp_path / "b.nwb", _again(file))
    with pytest.warns(spy.SPYWarning, match="of 3 trials 1 were left out and 0 cut"):
        data = only(spy.load_nwb(path))
    assert data.sampleinfo.tolist() == [[100, 300], [1200, 1400]]


def _again(file):
    """The same content in a file object that was never written."""
    copy = new_file()
    old = file.acquisition["ElectricalSeries"]
    copy.add_acquisition(series(region_of(copy, label=LABELS), old.data, timestamps=old.timestamps))
    for begin, end in zip(file.trials["start_time"][:], file.trials["stop_time"][:], strict=True):
        copy.add_trial(start_time=begin, stop_time=end)
    return copy


def test_trials_beyond_the_recording(tmp_path):
    file = new_file()
    file.add_acquisition(series(region_of(file, label=LABELS), np.zeros((500, 3))))
    for begin, end in [(-0.1, 0.3), (0.5, 0.9), (0.8, 1.5), (2.0, 3.0)]:
        file.add_trial(start_time=begin, stop_time=end)
    path = written(tmp_path / "a.nwb", file)
    with pytest.warns(spy.SPYWarning, match="of 4 trials 1 were left out and 2 cut"):
        data = only(spy.load_nwb(path))
    # the first one begins 50 samples after its t = 0
    assert data.trialdefinition.tolist() == [[0, 150, 50], [250, 450, 0], [400, 500, 0]]


def test_columns_of_the_trial_table(tmp_path):
    file = new_file()
    file.add_acquisition(series(region_of(file, label=LABELS), np.zeros((500, 3))))
    for name in ("offset", "condition", "correct", "stimulus"):
        file.add_trial_column(name=name, description=name)
    file.add_trial(start_time=0.0, stop_time=0.4, offset=-0.1, condition=3, correct=True, stimulus="face")
    file.add_trial(start_time=0.4, stop_time=0.8, offset=-0.2, condition=5, correct=False, stimulus="house")
    data = only(spy.load_nwb(written(tmp_path / "a.nwb", file)))
    assert data.trialdefinition.tolist() == [[0, 200, -50, 3, 1], [200, 400, -100, 5, 0]]
    assert data.info["trialinfo_columns"] == ["condition", "correct"]
    assert len(data.selectdata(trials="condition == 5").trials) == 1


def test_several_series_and_what_is_none(tmp_path):
    file = new_file()
    region = region_of(file, label=LABELS)
    raw, lfp = RNG.standard_normal((1000, 3)), RNG.standard_normal((100, 3))
    file.add_acquisition(series(region, raw, rate=5000.0))
    file.add_acquisition(pynwb.TimeSeries(name="running", data=np.zeros(10), unit="m/s", rate=1.0))
    module = file.create_processing_module(name="ecephys", description="LFP")
    module.add(pynwb.ecephys.LFP(electrical_series=series(region, lfp)))
    path = written(tmp_path / "a.nwb", file)
    with pytest.warns(spy.SPYWarning, match="left out: running"):
        loaded = spy.load_nwb(path)
    assert list(loaded) == ["a_ElectricalSeries.analog", "a_acquisition_ElectricalSeries.analog"]
    for obj, values, rate in zip(loaded.values(), (lfp, raw), (500, 5000), strict=True):
        np.testing.assert_array_equal(obj.data[()], values)
        assert obj.samplerate == rate


def test_few_rows_are_in_memory(tmp_path, monkeypatch):
    file = new_file()
    signals = RNG.standard_normal((200_000, 3)).astype("f4")
    file.add_acquisition(series(region_of(file, label=LABELS), signals))
    path = written(tmp_path / "a.nwb", file)
    sizes = []
    read = h5py.Dataset.__getitem__

    def spying(self, index, *more):
        out = read(self, index, *more)
        if self.shape == signals.shape:
            sizes.append(len(out))
        return out

    monkeypatch.setattr(h5py.Dataset, "__getitem__", spying)
    data = only(spy.load_nwb(path, memuse=1))
    assert max(sizes) == 10**6 // (8 * 3)
    monkeypatch.undo()
    np.testing.assert_array_equal(data.data[()], signals)


def test_container(tmp_path):
    file = new_file()
    file.add_acquisition(series(region_of(file, label=LABELS), np.ones((10, 3))))
    path = written(tmp_path / "a.nwb", file)
    loaded = spy.load_nwb(path, container=tmp_path / "session", validate=True)
    assert list(loaded) == ["session_ElectricalSeries.analog"]
    assert (tmp_path / "session.spy" / "session_ElectricalSeries.analog.info").exists()
    assert spy.load(tmp_path / "session", tag="ElectricalSeries").data[0, 0] == 1


# -- spikes and events -------------------------------------------------------------------------------------------


def test_real_spikes_are_not_scrambled(shared):
    path = shared / "recordings" / "spikes_head_direction.nwb"
    spikes = only(spy.load_nwb(path))
    with h5py.File(path) as file:
        ids, times = file["units/id"][()], file["units/spike_times"][()]
        parts = np.split(times, file["units/spike_times_index"][()][:-1])
        epoch = file["intervals/epochs/start_time"][0], file["intervals/epochs/stop_time"][0]
    assert spikes.samplerate == 30000  # the grid on which all times lie, but for their rounding to microseconds
    assert spikes.unit_idx.tolist() == ids.tolist()
    assert spikes.unit.tolist() == [f"unit{number}" for number in ids]
    for number, part in zip(ids, parts, strict=True):
        own = spikes.sample[spikes.data[:, 2] == number]
        np.testing.assert_allclose(own / 30000, part, atol=1e-6)
    np.testing.assert_allclose(spikes.sampleinfo[0] / 30000, epoch, atol=0.5 / 30000)
    coarse = only(spy.load_nwb(path, default_spike_data_samplerate=1000))
    assert coarse.samplerate == 1000
    np.testing.assert_array_equal(coarse.sample, np.sort(np.round(times * 1000)))
    assert spy.load(path) == spikes


def test_spikes_beside_signals(tmp_path):
    file = new_file()
    file.add_acquisition(series(region_of(file, label=LABELS), np.zeros((1000, 3)), starting_time=5.0))
    file.add_unit(spike_times=[5.1, 5.2, 6.0], electrodes=[2], id=7)
    file.add_unit(spike_times=[5.15, 5.9], electrodes=[0], id=3)
    file.add_trial(start_time=5.0, stop_time=5.5)
    file.add_trial(start_time=5.5, stop_time=6.5)
    loaded = spy.load_nwb(written(tmp_path / "a.nwb", file))
    spikes = loaded["a_nwbspike.spike"]
    assert spikes.samplerate == 500
    assert spikes.data[()].tolist() == [[50, 2, 7], [75, 0, 3], [100, 2, 7], [450, 0, 3], [500, 2, 7]]
    assert spikes.channel.tolist() == ["CA1-a", "CA3"]
    np.testing.assert_array_equal(spikes.trialdefinition, loaded["a_ElectricalSeries.analog"].trialdefinition)
    np.testing.assert_allclose(spikes.time[1], [0.4, 0.5])


@pytest.mark.parametrize("resolution", [None, 1 / 32000])
def test_sample_rate_of_spikes(tmp_path, resolution):
    file = new_file()
    if resolution is None:
        file.add_unit_column(name="samplerate", description="samples per second")
    file.add_unit(spike_times=[0.1, 0.2], **({"samplerate": 32000.0} if resolution is None else {}))
    if resolution is not None:
        file.units.resolution = resolution
    spikes = only(spy.load_nwb(written(tmp_path / "a.nwb", file)))
    assert spikes.samplerate == pytest.approx(32000)
    assert spikes.channel.tolist() == ["channel0"]


def test_ttl_events(tmp_path):
    file = new_file()
    times, codes, lines = np.array([1.0, 1.5, 2.25]), np.array([1, 2, 1]), np.array([4, 4, 5])
    for name, values in (("TTL_PulseValues", codes), ("TTL_ChannelStates", codes), ("TTL_Channels", lines)):
        more = {"unit": "", "timestamps": times, "resolution": 1 / 30000}
        file.add_acquisition(pynwb.TimeSeries(name=name, data=values, **more))
    events = spy.load_nwb(written(tmp_path / "a.nwb", file))["a.event"]
    assert events.dimord == ["sample", "eventid", "chans"]
    assert events.samplerate == pytest.approx(30000)
    np.testing.assert_array_equal(events.data[()], np.column_stack([times * 30000, codes, lines]))


def test_wrong_arguments(tmp_path, monkeypatch):
    with pytest.raises(spy.SPYIOError, match="does not exist"):
        spy.load_nwb(tmp_path / "nothing.nwb")
    (tmp_path / "text.nwb").write_text("hello")
    with pytest.raises(spy.SPYIOError, match="pynwb gave up"):
        spy.load_nwb(tmp_path / "text.nwb")
    with pytest.raises(spy.SPYTypeError, match="memuse"):
        spy.load_nwb(tmp_path / "text.nwb", memuse="3000")
    with pytest.raises(spy.SPYValueError, match="1 MB or more"):
        spy.load_nwb(tmp_path / "text.nwb", memuse=0.5)
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(spy.SPYError, match=r'pip install "syncopy\[nwb\]"'):
        spy.load_nwb(tmp_path / "text.nwb")


def test_validation(tmp_path):
    file = new_file()
    file.add_acquisition(series(region_of(file, label=LABELS), np.ones((10, 3))))
    path = written(tmp_path / "a.nwb", file)
    assert len(spy.load_nwb(path, validate=True)) == 1
    with h5py.File(path, "r+") as content:
        del content["acquisition/ElectricalSeries/starting_time"].attrs["rate"]
        content["acquisition/ElectricalSeries/starting_time"].attrs["rate"] = "fast"
    with pytest.raises(spy.SPYValueError, match=r"a valid NWB file.*rate"):
        spy.load_nwb(path, validate=True)
