"""Resampling against SciPy: numbers, lengths, time axes, aliases, mistakes."""

import warnings

import numpy as np
import pytest
from scipy import signal

import syncopy as spy

RNG = np.random.default_rng(4)


def recording(lengths, fs=1000.0, dtype="f4", channels=3):
    definition, start = [], 0
    for number, n in enumerate(lengths):
        definition.append([start, start + n, -101 - number, number])
        start += n
    return spy.AnalogData(
        (10 * RNG.standard_normal((start, channels))).astype(dtype), samplerate=fs, trialdefinition=definition
    )


def windowed_sinc(order, cutoff):
    lags = np.arange(-order // 2, order // 2 + 1)
    taps = np.sinc(2 * cutoff * lags) * np.hamming(order + 1)
    return taps / taps.sum()


@pytest.mark.parametrize(("new", "up", "down"), [(400, 2, 5), (250, 1, 4), (300, 3, 10), (1500, 3, 2), (2000, 2, 1)])
def test_resample_is_scipys_polyphase_filter(new, up, down):
    data = recording([999, 999, 870])
    got = spy.resampledata(data, resamplefs=new, method="resample")
    taps = windowed_sinc(870, 0.5 / max(up, down))
    for number, trial in enumerate(data.trials):
        expected = signal.resample_poly(trial.astype("f8"), up, down, axis=0, window=taps)
        assert got.trials[number].shape == expected.shape
        np.testing.assert_allclose(got.trials[number], expected, atol=1e-5 * np.abs(expected).max())
    assert got.samplerate == new


@pytest.mark.parametrize("kwargs", [{"method": "downsample", "resamplefs": 250}, {"resamplefs": 300}])
def test_trials_start_where_they_did_and_keep_their_info(kwargs):
    data = recording([991] * 60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spy.SPYWarning)
        got = spy.resampledata(data, **kwargs)
    np.testing.assert_array_equal(got.trialinfo, data.trialinfo)
    for number in (0, 1, 59):
        np.testing.assert_allclose(got.time[number][0], data.time[number][0], atol=1e-12)
        np.testing.assert_allclose(np.diff(got.time[number]), 1 / kwargs["resamplefs"])


def test_downsample():
    data = recording([1000, 997], dtype="i2")
    plain = spy.resampledata(data, resamplefs=250, method="downsample")
    assert plain.data.dtype == np.int16
    np.testing.assert_array_equal(plain.trials[1], data.trials[1][::4])
    low = spy.resampledata(data, resamplefs=250, method="downsample", lpfreq=100, order=200)
    taps = windowed_sinc(200, 100 / 1000)
    for column in range(3):
        twice = np.convolve(np.convolve(data.trials[0][:, column], taps, "same"), taps, "same")
        np.testing.assert_allclose(low.trials[0][:, column], twice[::4], atol=1e-5 * np.abs(twice).max())


def test_a_slow_wave_survives_and_a_fast_one_does_not_alias():
    time = np.arange(4000) / 1000
    slow, fast = np.cos(2 * np.pi * 7 * time), np.cos(2 * np.pi * 230 * time)
    got = spy.resampledata(spy.AnalogData((slow + fast)[:, None], samplerate=1000), resamplefs=200)
    inside = slice(120, -120)
    np.testing.assert_allclose(got.data[inside, 0], np.cos(2 * np.pi * 7 * got.time[0][inside]), atol=0.01)


@pytest.mark.parametrize(("samplerate", "new", "n"), [(200.0, 7.0, 3000), (0.1, 0.3, 10), (24414.0625, 1000.0, 5000)])
def test_lengths_are_exact(samplerate, new, n):
    from fractions import Fraction

    data = spy.AnalogData(np.ones((n, 1)), samplerate=samplerate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spy.SPYWarning)
        got = spy.resampledata(data, resamplefs=new)
    ratio = Fraction(str(new)) / Fraction(str(samplerate))
    assert got.data.shape[0] == -(-n * ratio.numerator // ratio.denominator)


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({}, spy.SPYTypeError, "resamplefs"),
        ({"resamplefs": 0}, spy.SPYValueError, "resamplefs.*> 0 Hz"),
        ({"resamplefs": "400"}, spy.SPYTypeError, "resamplefs"),
        ({"resamplefs": 300, "method": "downsample"}, spy.SPYValueError, "integer division"),
        ({"resamplefs": 300, "method": "decimate"}, spy.SPYValueError, "method"),
        ({"resamplefs": 250, "lpfreq": 200}, spy.SPYValueError, "lpfreq.*125"),
        ({"resamplefs": 250, "order": -1}, spy.SPYValueError, "order"),
    ],
)
def test_mistakes(kwargs, error, text):
    with pytest.raises(error, match=text):
        spy.resampledata(recording([500]), **kwargs)


def test_a_short_filter_is_told():
    with pytest.warns(spy.SPYWarning, match="order 50"):
        spy.resampledata(recording([500]), resamplefs=400, order=50)
