"""Objects as xarray's arrays: every number beside its right labels."""

import sys

import numpy as np
import pytest

import syncopy as spy
from tests.data.objects import analog, cross, spectral

xarray = pytest.importorskip("xarray")

RNG = np.random.default_rng(3)


def test_time_locked_signals():
    data = analog(lengths=(4, 4, 4))
    data.channel = ["a", "b", "c"]
    data.trialtable = {"condition": [7, 8, 7]}
    array = data.to_xarray()
    assert array.dims == ("trial", "time", "channel")
    assert array.time.attrs == {"units": "s"}
    assert array.attrs == {"dataclass": "AnalogData", "samplerate": 10.0, "samplerate_units": "Hz"}
    assert array.condition.values.tolist() == [7, 8, 7]
    for trial in range(3):
        np.testing.assert_array_equal(array.sel(trial=trial), data.trials[trial])
        np.testing.assert_array_equal(array.time, data.time[trial])
    assert array.sel(channel="b", trial=1, time=0.1) == data.trials[1][3, 1]
    np.testing.assert_array_equal(
        array.groupby("condition").mean().sel(condition=7)[:, 0], (array[0] + array[2])[:, 0] / 2
    )


def test_trials_of_unequal_length():
    data = analog()
    array = data.to_xarray()
    assert array.dims == ("sample", "channel")
    for trial in range(3):
        part = array[array.trial.values == trial]
        np.testing.assert_array_equal(part, data.trials[trial])
        np.testing.assert_allclose(part.time, data.time[trial], atol=1e-12)
        assert set(part.info1.values) == {trial}


def test_equal_lengths_at_unequal_times():
    data = analog(lengths=(4, 4))
    data.trialdefinition = [[0, 4, -2], [4, 8, 3]]
    array = data.to_xarray()
    np.testing.assert_allclose(array.time, np.concatenate(list(data.time)), atol=1e-12)


def test_units_of_channels():
    data = analog(lengths=(4,))
    data.channel = ["a", "b", "c"]
    data.info["channel_unit"] = {"a": "V", "b": "V", "c": "V"}
    assert data.to_xarray().attrs["units"] == "V"
    data.info["channel_unit"] = {"a": "V", "b": "T"}
    assert data.to_xarray().channel_unit.values.tolist() == ["V", "T", ""]


@pytest.mark.parametrize("make", [spectral, cross])
def test_spectra(make):
    data = make()
    array = data.to_xarray()
    assert array.dims == ("trial", *data.dimord)
    assert array.freq.attrs == {"units": "Hz"}
    for dim in data.dimord[1:]:
        assert array[dim].values.tolist() == getattr(data, dim).tolist()
    for trial, values in enumerate(data.trials):
        np.testing.assert_array_equal(array[trial], values)


def test_other_order_of_axes():
    values = RNG.standard_normal((3, 20))
    data = spy.AnalogData(values, samplerate=10, dimord=["channel", "time"])
    np.testing.assert_array_equal(data.to_xarray()[0], values.T)


def test_selection_in_place():
    data = analog(lengths=(4, 4, 4))
    data.selectdata(trials=[2, 0], channel=[1], inplace=True)
    array = data.to_xarray()
    assert array.trial.values.tolist() == [2, 0]
    assert array.channel.values.tolist() == ["channel2"]
    np.testing.assert_array_equal(array[0, :, 0], data.trials[2][:, 1])


def test_further_datasets():
    data = spy.TimeLockData([RNG.standard_normal((5, 2)) for _ in range(3)], samplerate=5, channel=["a", "b"])
    trials = np.stack(list(data.trials))
    data._update_dataset("avg", trials.mean(axis=0))
    data._update_dataset("cov", np.cov(trials.reshape(-1, 2).T))
    found = data.to_xarray()
    assert isinstance(found, xarray.Dataset)
    np.testing.assert_allclose(found["data"].mean("trial"), found["avg"])
    np.testing.assert_array_equal(found["avg"].time, data.time[0])
    assert found["cov"].sel(channel_i="a", channel_j="b") == data.cov[0, 1]


def test_errors_of_what_is_selected():
    data = cross(n_trials=1)
    data._update_dataset("jack_var", RNG.standard_normal(data.data.shape))
    data.selectdata(channel_i=[2, 0], frequency=[1, 2], inplace=True)
    found = data.to_xarray()
    for name in ("data", "jack_var"):
        assert found[name].dims == ("trial", "time", "freq", "channel_i", "channel_j")
        expected = getattr(data, name)[()][:, 1:3][:, :, [2, 0]]
        np.testing.assert_array_equal(found[name][0], expected)


def test_spikes():
    rows = np.array([[12, 0, 4], [30, 2, 1], [55, 0, 1], [200, 2, 4]])
    trl = [[0, 50, -10, 3], [40, 100, -10, 4]]
    spikes = spy.SpikeData(rows, samplerate=100, trialdefinition=trl, channel=["p", "q"], unit=["u", "v"])
    spikes.waveform = RNG.standard_normal((4, 7))
    found = spikes.to_xarray()
    assert found.unit.values.tolist() == ["v", "u", "u"]  # the last spike is in no trial
    assert found.channel.values.tolist() == ["p", "q", "p"]
    assert found.trial.values.tolist() == [0, 0, 1]
    assert found.info1.values.tolist() == [3, 3, 4]
    np.testing.assert_allclose(found.time, np.concatenate(spikes.time))
    np.testing.assert_array_equal(found.waveform, spikes.waveform[:3])
    assert found.time.attrs == {"units": "s"}


def test_events():
    events = spy.EventData(np.array([[10, 3, 5], [20, 4, 6]]), samplerate=10, dimord=["sample", "eventid", "value"])
    found = events.to_xarray()
    assert found.sizes == {"event": 2}
    assert found.eventid.values.tolist() == [3, 4]
    assert found.value.values.tolist() == [5, 6]


def test_what_is_wrong(monkeypatch):
    with pytest.raises(spy.SPYTypeError, match="data object"):
        spy.to_xarray(np.zeros(3))
    with pytest.raises(spy.SPYValueError, match="non-empty"):
        spy.AnalogData().to_xarray()
    with pytest.raises(spy.SPYValueError, match="samplerate"):
        spy.EventData(np.array([[1, 2]])).to_xarray()
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(spy.SPYImportError, match=r'pip install "syncopy\[tables\]"'):
        analog().to_xarray()
