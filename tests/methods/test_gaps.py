"""Samples that are missing: one rule for NaN and infinity, in every method that computes with neighbours."""

import warnings

import numpy as np
import pytest

import syncopy as spy

CALLS = {
    "mtmfft": lambda data: spy.freqanalysis(data, tapsmofrq=8),
    "mtmfft_line": lambda data: spy.freqanalysis(data, polyremoval=1, output="angle"),
    "mtmfft_fieldtrip": lambda data: spy.freqanalysis(data, ft_compat=True, output="fourier"),
    "mtmconvol": lambda data: spy.freqanalysis(data, method="mtmconvol", t_ftimwin=0.1, foi=[20, 40]),
    "mtmconvol_all": lambda data: spy.freqanalysis(data, method="mtmconvol", t_ftimwin=0.2, toi=0.5, polyremoval=1),
    "welch": lambda data: spy.freqanalysis(data, method="welch", t_ftimwin=0.1, toi=0.5),
    "welch_median": lambda data: spy.freqanalysis(data, method="welch", t_ftimwin=0.1, toi=0.5, average="median"),
    "wavelet": lambda data: spy.freqanalysis(data, method="wavelet", foi=[20, 40]),
    "superlet": lambda data: spy.freqanalysis(data, method="superlet", foi=[20, 40], order_max=3),
    "hilbert": lambda data: spy.freqanalysis(data, method="hilbert", foi=[20, 40]),
    "irasa": lambda data: spy.freqanalysis(data, method="irasa", output="fractal"),
    "average": lambda data: spy.freqanalysis(data, keeptrials=False),
    "coherence": lambda data: spy.connectivityanalysis(data, method="coh", polyremoval=None),
    "cross-spectra": lambda data: spy.connectivityanalysis(data, method="csd", keeptrials=True),
    "correlation": lambda data: spy.connectivityanalysis(data, method="corr", polyremoval=None),
    "correlation_trials": lambda data: spy.connectivityanalysis(data, method="corr", keeptrials=True),
    "granger": lambda data: spy.connectivityanalysis(data, method="granger", tapsmofrq=20),
    "timelock": lambda data: spy.timelockanalysis(data, latency="maxperiod", covariance=True),
    "butterworth": lambda data: spy.preprocessing(data, freq=40, polyremoval=0),
    "butterworth_once": lambda data: spy.preprocessing(data, freq=40, direction="onepass"),
    "firws": lambda data: spy.preprocessing(data, filter_class="firws", freq=40, order=40, padtype="edge"),
    "firws_causal": lambda data: spy.preprocessing(
        data, filter_class="firws", freq=40, order=40, direction="onepass-minphase"
    ),
    "zscore": lambda data: spy.preprocessing(data, filter_class=None, zscore=True, rectify=True),
    "analytic": lambda data: spy.preprocessing(data, filter_class=None, polyremoval=1, hilbert="complex"),
    "line_noise": lambda data: spy.preprocessing(data, filter_class=None, dftfilter=True),
    "reference": lambda data: spy.preprocessing(data, filter_class=None, reref=True, refchannel="channel1"),
    "baseline": lambda data: spy.preprocessing(data, filter_class=None, baselinewindow=[-0.9, -0.8]),
    "resample": lambda data: spy.resampledata(data, resamplefs=300, order=100),
    "downsample": lambda data: spy.resampledata(data, resamplefs=250, method="downsample", lpfreq=100, order=100),
}


def recording(value, dtype=np.float64):
    rng = np.random.default_rng(5)
    trials = [rng.standard_normal((400, 3)).astype(dtype) for _ in range(4)]
    trials[1][[200, 207], 0] = value
    trials[2][13, 2] = value
    return spy.AnalogData(trials, samplerate=500)


def run(call, data):
    """The result, and what the warnings of it say; NumPy has nothing to warn of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call(data)
    assert all(issubclass(warning.category, spy.SPYWarning) for warning in caught), [str(w.message) for w in caught]
    return result, "; ".join(str(warning.message) for warning in caught)


@pytest.mark.parametrize("name", CALLS)
def test_infinity_counts_as_nan(name):
    expected, text = run(CALLS[name], recording(np.nan))
    assert "2 trials hold NaN: 1, 2" in text
    assert np.isnan(expected.data[()]).any() != name.startswith("welch")  # which leaves such windows out
    for value in (np.inf, -np.inf):
        result, told = run(CALLS[name], recording(value))
        np.testing.assert_array_equal(result.data[()], expected.data[()])
        assert told == text
        assert result.info["nan_trials"] == [1, 2]


@pytest.mark.parametrize("name", ["mtmfft", "mtmconvol", "wavelet", "butterworth", "firws", "resample"])
def test_other_channels_and_trials_do_not_notice(name):
    clean, _ = run(CALLS[name], recording(0.5))
    spoilt, _ = run(CALLS[name], recording(np.inf))
    for number in range(4):
        one, other = clean.trials[number], spoilt.trials[number]
        untouched = [channel for channel in range(3) if (number, channel) not in {(1, 0), (2, 2)}]
        np.testing.assert_allclose(other[..., untouched], one[..., untouched], rtol=1e-5, atol=1e-6)


def test_infinity_in_parts_of_a_recording_that_are_computed_apart():
    data = recording(np.inf)
    whole, _ = run(CALLS["butterworth"], data)
    limit = spy.options.memory
    try:
        spy.options.memory = 80_000
        part, text = run(CALLS["butterworth"], data)
    finally:
        spy.options.memory = limit
    np.testing.assert_array_equal(part.data[()], whole.data[()])
    assert "2 trials hold NaN: 1, 2" in text


def test_every_second_sample_is_only_picked():
    result, _ = run(lambda data: spy.resampledata(data, resamplefs=250, method="downsample"), recording(np.inf))
    assert np.isinf(result.trials[1][100, 0])
