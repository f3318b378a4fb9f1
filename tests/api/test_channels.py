"""What is known of channels, their types and units, goes along where it holds for the result."""

import numpy as np
import pytest

import syncopy as spy

LABELS = ["Fz", "O1", "EOG"]
TYPES = {"Fz": "eeg", "O1": "eeg", "EOG": "eog"}
UNITS = {"Fz": "uV", "O1": "uV", "EOG": "mV"}


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    data = spy.AnalogData([rng.standard_normal((200, 3)) for _ in range(3)], samplerate=200, channel=LABELS)
    data.info.update(channel_type=TYPES, channel_unit=UNITS)
    return data


KEEPS = {
    "filter": lambda data: spy.preprocessing(data, freq=30),
    "amplitude": lambda data: spy.preprocessing(data, freq=30, hilbert="abs"),
    "resample": lambda data: spy.resampledata(data, resamplefs=100, order=100),
    "downsample": lambda data: spy.resampledata(data, resamplefs=100, method="downsample"),
    "redefinetrial": lambda data: spy.redefinetrial(data, toilim=[-0.8, -0.5]),
    "shift": lambda data: spy.redefinetrial(data, offset=3),
    "no trial": lambda data: spy.redefinetrial(data, minlength=0.5, trials=[0, 2]),
    "definetrial": lambda data: spy.definetrial(data, [[0, 100, 0]]) or data,
    "copy": lambda data: spy.copy(data),
    "trials": lambda data: spy.concat(data, data.copy(), dim="trials"),
    "timelock": lambda data: spy.timelockanalysis(data),
    "mean": lambda data: spy.mean(data, dim="trials"),
    "median": lambda data: spy.median(data, dim="time"),
    "std": lambda data: spy.std(data, dim="trials"),
    "sem": lambda data: spy.sem(data, dim="trials"),
    "fourier": lambda data: spy.freqanalysis(data, output="fourier"),
    "modulus": lambda data: spy.freqanalysis(data, method="hilbert", foi=20, output="abs"),
    "sum": lambda data: data + data,
    "offset": lambda data: 1 - data,
}
CHANGES = {
    "z-score": lambda data: spy.preprocessing(data, filter_class=None, zscore=True),
    "phase": lambda data: spy.preprocessing(data, freq=30, hilbert="angle"),
    "variance": lambda data: spy.var(data, dim="trials"),
    "power": lambda data: spy.freqanalysis(data),
    "power in time": lambda data: spy.freqanalysis(data, method="hilbert", foi=20),
    "power of windows": lambda data: spy.freqanalysis(data, method="welch", t_ftimwin=0.5, toi=0.5),
    "angle": lambda data: spy.freqanalysis(data, output="angle"),
    "coherence": lambda data: spy.connectivityanalysis(data, method="coh"),
    "itc": lambda data: spy.itc(spy.freqanalysis(data, output="fourier")),
    "product": lambda data: data * data,
    "scaled": lambda data: 1e6 * data,
    "root": lambda data: spy.arithmetic("sqrt", abs(data)),
}


@pytest.mark.parametrize("name", KEEPS)
def test_types_and_units_go_along(data, name):
    result = KEEPS[name](data)
    assert result.info["channel_type"] == TYPES
    assert result.info["channel_unit"] == UNITS


@pytest.mark.parametrize("name", CHANGES)
def test_a_unit_that_no_longer_holds_does_not(data, name):
    result = CHANGES[name](data)
    assert result.info["channel_type"] == TYPES
    assert result.info.get("channel_unit") != UNITS


def test_only_of_channels_that_are_there(data):
    pairs = spy.connectivityanalysis(data, method="coh", channelcmb=[["Fz"], ["O1"]])
    assert pairs.info["channel_type"] == {"Fz": "eeg", "O1": "eeg"}
    assert pairs.selectdata(channel_i="Fz", channel_j="O1").info["channel_type"] == {"Fz": "eeg", "O1": "eeg"}
    mean = spy.mean(data, dim="channel")
    assert "channel_type" not in mean.info
    bipolar = spy.preprocessing(data, filter_class=None, reref=True, refmethod="bipolar")
    assert "channel_unit" not in bipolar.info


def test_sources_that_differ(data):
    other = data.copy()
    other.info["channel_unit"] = {"Fz": "V", "O1": "uV"}
    for result in (data + other, spy.concat(data, other, dim="trials")):
        assert result.info["channel_unit"] == {"O1": "uV"}
        assert result.info["channel_type"] == TYPES
    other.info.clear()
    assert "channel_unit" not in (data - other).info


def test_channels_side_by_side(data):
    other = spy.AnalogData(np.zeros((600, 1)), trialdefinition=data.trialdefinition, samplerate=200, channel=["Fz"])
    other.info["channel_unit"] = {"Fz": "V"}
    joined = spy.concat(data, other)
    assert joined.info["channel_unit"] == {**UNITS, "Fz_2": "V"}
    assert joined.info["channel_type"] == TYPES
    unnamed = spy.AnalogData(np.zeros((10, 2)), samplerate=1)
    unnamed.info["channel_unit"] = {"channel1": "V", "channel2": "T"}
    assert [*spy.concat(unnamed, unnamed.copy()).info["channel_unit"].values()] == ["V", "T", "V", "T"]
    assert [*spy.concat(unnamed, unnamed.copy()).info["channel_unit"]] == [f"channel{number}" for number in range(1, 5)]
