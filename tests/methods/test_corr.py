"""Cross-correlation: the formula in plain loops, signs of lags, normalisation, FieldTrip's numbers."""

import numpy as np
import pytest

import syncopy as spy
from tests.methods.test_mtmfft import oracle_cases, oracle_input

RNG = np.random.default_rng(51)


def signals(length, trials=4, channels=3):
    values = [RNG.standard_normal((length, channels)).cumsum(axis=0) for _ in range(trials)]
    return spy.AnalogData(values, samplerate=50, channel=["a", "b", "c"][:channels])


def plain(trial, lags):
    """Mean over t of x_i[t + m] x_j[t], the divisor being the number of terms."""
    x = trial - trial.mean(axis=0)
    length = len(x)
    result = np.empty((len(lags), x.shape[1], x.shape[1]))
    for row, m in enumerate(lags):
        later, earlier = x[max(m, 0) : length + min(m, 0)], x[max(-m, 0) : length - max(m, 0)]
        result[row] = later.T @ earlier / len(later)
    return result


@pytest.mark.parametrize("length", [40, 41])
def test_mean_over_trials_for_all_pairs(length):
    """Also above the diagonal of trials of even length, where lags were once shifted by one."""
    data = signals(length)
    lags = np.arange((length + 1) // 2)
    mean = np.mean([plain(trial, lags) for trial in data.trials], axis=0)
    power = np.sqrt(np.diag(mean[0]))
    got = spy.connectivityanalysis(data, method="corr")
    np.testing.assert_allclose(got.data[:, 0], mean / power[:, None] / power, atol=1e-5)
    np.testing.assert_allclose(got.time[0], lags / 50)
    assert got.freq.tolist() == [0]
    assert got.channel_i.tolist() == got.channel_j.tolist() == ["a", "b", "c"]
    assert got.data.dtype == np.float32
    np.testing.assert_allclose(got.data[0, 0], got.data[0, 0].T, atol=1e-6)


@pytest.mark.parametrize("length", [40, 41])
def test_single_trials(length):
    data = signals(length)
    lags = np.arange((length + 1) // 2)
    got = spy.connectivityanalysis(data, method="corr", keeptrials=True)
    assert len(got.trials) == 4
    for number, trial in enumerate(data.trials):
        deviation = trial.std(axis=0)
        expected = plain(trial, lags) / deviation[:, None] / deviation
        np.testing.assert_allclose(got.trials[number][:, 0], expected, atol=1e-5)
        np.testing.assert_allclose(got.time[number], lags / 50)


def test_negative_lags_and_a_largest_lag():
    data = signals(40)
    whole = spy.connectivityanalysis(data, method="corr", negativelags=True)
    np.testing.assert_allclose(whole.time[0], np.arange(-19, 20) / 50)
    forward = spy.connectivityanalysis(data, method="corr")
    np.testing.assert_allclose(whole.data[19:], forward.data[()], atol=1e-6)
    np.testing.assert_allclose(whole.data[()][19::-1], forward.data[()].transpose(0, 1, 3, 2), atol=1e-6)
    few = spy.connectivityanalysis(data, method="corr", maxlag=0.1, negativelags=True)
    np.testing.assert_allclose(few.time[0], np.arange(-5, 6) / 50)
    np.testing.assert_allclose(few.data[()], whole.data[14:25], atol=1e-6)
    kept = spy.connectivityanalysis(data, method="corr", maxlag=0.78, keeptrials=True)
    assert kept.trials[0].shape == (40, 1, 3, 3)
    zero = spy.connectivityanalysis(data, method="corr", maxlag=0)
    np.testing.assert_allclose(zero.data[0], forward.data[0], atol=1e-6)


def test_a_peak_at_a_positive_lag_means_that_channel_j_leads():
    trials = []
    for _ in range(20):
        x = RNG.standard_normal(107)
        trials.append(np.column_stack([x[7:], x[:-7]]))  # the first channel leads by 7
    got = spy.connectivityanalysis(spy.AnalogData(trials, samplerate=100), method="corr", negativelags=True)
    assert got.time[0][np.argmax(got.data[:, 0, 1, 0])] == pytest.approx(0.07)
    assert got.time[0][np.argmax(got.data[:, 0, 0, 1])] == pytest.approx(-0.07)
    assert got.data[:, 0, 1, 0].max() > 0.9


def test_detrending_also_of_integers():
    ramp = np.arange(100)[:, None] * np.array([3, -2])
    noise = RNG.integers(-5, 6, (3, 100, 2))
    for dtype in ("i4", "f8"):
        data = spy.AnalogData([(ramp + each).astype(dtype) for each in noise], samplerate=100)
        got = spy.connectivityanalysis(data, method="corr", polyremoval=1)
        assert abs(got.data[5, 0]).max() < 0.4
        assert spy.connectivityanalysis(data, method="corr").data[5, 0, 0, 1] < -0.7
        raw = spy.connectivityanalysis(data, method="corr", polyremoval=None)
        assert raw.data[5, 0, 0, 0] > 0.9


def test_unequal_lengths_can_be_kept_only():
    data = spy.AnalogData([RNG.standard_normal((length, 2)) for length in (30, 41)], samplerate=10)
    kept = spy.connectivityanalysis(data, method="corr", keeptrials=True)
    assert [len(trial) for trial in kept.trials] == [15, 21]
    np.testing.assert_allclose(kept.time[1], np.arange(21) / 10)
    with pytest.raises(spy.SPYValueError, match="equal length"):
        spy.connectivityanalysis(data, method="corr")


def test_one_trial_and_pairs():
    data = signals(40, trials=1)
    got = spy.connectivityanalysis(data, method="corr")
    np.testing.assert_allclose(np.diagonal(got.data[0, 0]), 1, atol=1e-6)
    for keeptrials in (True, False):
        whole = spy.connectivityanalysis(data, method="corr", keeptrials=keeptrials).data[()]
        part = spy.connectivityanalysis(data, method="corr", keeptrials=keeptrials, channelcmb=[["c"], ["b", "a"]])
        np.testing.assert_allclose(part.data[()], whole[:, :, [2]][..., [1, 0]], atol=1e-6)
        assert part.channel_j.tolist() == ["b", "a"]


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"pad": 2.0}, spy.SPYValueError, "pad.*maxperlen"),
        ({"maxlag": 0.8}, spy.SPYValueError, "maxlag.*shortest trial"),
        ({"maxlag": -1.0}, spy.SPYValueError, "maxlag"),
        ({"polyremoval": 2}, spy.SPYValueError, "polyremoval"),
    ],
)
def test_mistakes(kwargs, error, text):
    with pytest.raises(error, match=text):
        spy.connectivityanalysis(signals(40), method="corr", **kwargs)


def test_spectra_are_refused_and_frequencies_have_no_effect():
    data = signals(40)
    spectra = spy.freqanalysis(data, output="fourier")
    with pytest.raises(spy.SPYValueError, match="AnalogData"):
        spy.connectivityanalysis(spectra, method="corr")
    with pytest.warns(spy.SPYWarning, match="`foi` has no effect"):
        spy.connectivityanalysis(data, method="corr", foi=[10.0])


def test_fieldtrip_numbers(shared):
    """FieldTrip correlates all samples at once: lag 0 of trials of equal length."""
    (case,) = [case for case in oracle_cases(shared, "conn") if case["case"] == "corr_raw"]
    with np.load(shared / "oracle" / "conn.npz") as file:
        expected = file[case["arrays"]["corr"]["key"]]
    got = spy.connectivityanalysis(oracle_input(shared, "net"), method="corr", maxlag=0)
    np.testing.assert_allclose(got.data[0, 0], expected, atol=1e-6)
