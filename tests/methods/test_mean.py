"""Means over axes and over trials, against NumPy."""

import numpy as np
import pytest

import syncopy as spy

RNG = np.random.default_rng(8)


@pytest.fixture(scope="module")
def spectra():
    trials = [RNG.standard_normal((5, 2, 6, 3)).astype("f4") for _ in range(4)]
    return spy.SpectralData(trials, samplerate=50, freq=np.arange(6) * 2.5, channel=["a", "b", "c"])


@pytest.mark.parametrize("dim", ["time", "taper", "freq", "channel"])
@pytest.mark.parametrize("keeptrials", [True, False])
def test_any_axis(spectra, dim, keeptrials):
    axis = spectra.dimord.index(dim)
    expected = np.array([trial.mean(axis=axis, keepdims=True) for trial in spectra.trials])
    if not keeptrials:
        expected = expected.mean(axis=0, keepdims=True)
    got = spy.mean(spectra, dim=dim, keeptrials=keeptrials)
    assert len(got.trials) == len(expected)
    for number, values in enumerate(expected):
        np.testing.assert_allclose(got.trials[number], values, rtol=1e-5, atol=1e-6)
    if dim in ("taper", "channel"):
        assert getattr(got, dim).tolist() == ["mean"]
    if dim == "freq":
        assert got.freq.tolist() == [0]
    assert got.time[0][0] == (0 if dim == "time" else -1)


def test_trials(spectra):
    got = spy.mean(spectra, "trials")
    np.testing.assert_allclose(got.trials[0], np.mean(list(spectra.trials), axis=0), rtol=1e-5, atol=1e-6)
    assert len(got.trials) == 1
    np.testing.assert_array_equal(got.freq, spectra.freq)
    np.testing.assert_allclose(got.time[0], spectra.time[0])


def test_repeated_trials_count_as_often_as_they_are_selected(spectra):
    got = spy.mean(spectra, "trials", select={"trials": [0, 0, 1]})
    first, second = spectra.trials[0], spectra.trials[1]
    np.testing.assert_allclose(got.trials[0], (2 * first + second) / 3, rtol=1e-5, atol=1e-6)


def test_nan_is_left_out_along_an_axis_and_passed_on_over_trials():
    values = np.ones((6, 2))
    values[1, 0] = np.nan
    data = spy.AnalogData(values, samplerate=1, trialdefinition=[[0, 3, 0], [3, 6, 0]])
    with pytest.warns(spy.SPYWarning, match="NaN"):
        assert spy.mean(data, "time").data[()].tolist() == [[1, 1], [1, 1]]
    with pytest.warns(spy.SPYWarning, match="NaN"):
        assert np.isnan(spy.mean(data, "trials").data[1, 0])


def test_integers_are_not_truncated():
    data = spy.AnalogData(np.array([[1, 2], [2, 2]], dtype="i2"), samplerate=1)
    assert spy.mean(data, "time").data[()].tolist() == [[1.5, 2]]
    assert spy.mean(data, "channel").data[()].tolist() == [[1.5], [2]]
    trials = spy.AnalogData([np.array([[1]]), np.array([[2]])], samplerate=1)
    assert spy.mean(trials, "trials").data[()].tolist() == [[1.5]]


def test_sums_are_double():
    # single precision sums of this many ones stop at 2**24
    data = spy.AnalogData(np.full((2**24 + 2**20, 1), 1, "f4"), samplerate=1)
    assert spy.mean(data, "time").data[0, 0] == 1


def test_power_kept_and_averaged_later_is_power_averaged_on_the_way():
    data = spy.AnalogData([RNG.standard_normal((200, 3)) for _ in range(9)], samplerate=200)
    later = spy.mean(spy.freqanalysis(data, tapsmofrq=4), "trials")
    at_once = spy.freqanalysis(data, tapsmofrq=4, keeptrials=False)
    np.testing.assert_allclose(later.data[()], at_once.data[()], rtol=1e-5)


@pytest.mark.parametrize(
    ("args", "error", "text"),
    [
        ((), spy.SPYTypeError, "dim"),
        (("trial",), spy.SPYValueError, "dim.*'trials'"),
        ((3,), spy.SPYTypeError, "dim.*text"),
    ],
)
def test_mistakes(spectra, args, error, text):
    with pytest.raises(error, match=text):
        spy.mean(spectra, *args)


def test_trials_of_different_length_have_no_mean():
    data = spy.AnalogData([np.ones((3, 1)), np.ones((4, 1))], samplerate=1)
    with pytest.raises(spy.SPYValueError, match="equal length"):
        spy.mean(data, "trials")
