"""Welch's method against SciPy, a loop over windows, and statistics of noise."""

import numpy as np
import pytest
from scipy import signal
from scipy.signal import windows

import syncopy as spy

RNG = np.random.default_rng(3)


def signals(lengths=(1000, 1000, 1000), channels=3, fs=200.0, dtype="f4"):
    values = RNG.standard_normal((sum(lengths), channels)).astype(dtype) + 1
    stops = np.cumsum(lengths)
    rows = [[stop - n, stop, -40 - k, 7 + k] for k, (stop, n) in enumerate(zip(stops, lengths, strict=True))]
    return spy.AnalogData(values, samplerate=fs, trialdefinition=rows)


def analyse(data, **kwargs):
    return spy.freqanalysis(data, method="welch", **{"t_ftimwin": 0.5, "toi": 0.5} | kwargs)


def close(got, expected, tolerance=1e-5):
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.nanmax(np.abs(expected)))


@pytest.mark.parametrize("average", ["mean", "median"])
@pytest.mark.parametrize(("polyremoval", "kind"), [(None, False), (0, "constant"), (1, "linear")])
@pytest.mark.parametrize(("seconds", "overlap"), [(0.5, 0.5), (0.405, 0.3), (0.5, 0)])
def test_equals_scipy(average, polyremoval, kind, seconds, overlap):
    data, window = signals((1000, 870, 1033)), round(seconds * 200)
    spec = analyse(data, t_ftimwin=seconds, toi=overlap, polyremoval=polyremoval, average=average)
    for number, trial in enumerate(data.trials):
        freqs, density = signal.welch(
            trial.astype("f8"),
            200,
            windows.hann(window),
            window,
            int(overlap * window + 1e-9),
            detrend=kind,
            axis=0,
            average=average,
        )
        doubled = np.where((freqs == 0) | (freqs == 100), 2, 1)[:, None]  # SciPy leaves these two bins single
        close(spec.trials[number][0, 0], density * doubled * 200 / window)
        np.testing.assert_allclose(spec.freq, freqs)


def test_slepian_tapers_suit_the_window():
    data = signals()
    spec = analyse(data, tapsmofrq=6, foilim=[5, 80])
    tapers = windows.dpss(100, 3, Kmax=5)
    pieces = np.stack([data.trials[1][start : start + 100] for start in range(0, 901, 50)]).astype("f8")
    pieces -= pieces.mean(axis=1, keepdims=True)
    spectra = np.fft.rfft(pieces[:, None] * tapers[:, :, None], axis=2)[:, :, 3:41]
    np.testing.assert_allclose(spec.freq, np.arange(3, 41) * 2)
    close(spec.trials[1][0, 0], 2 / 100 * np.mean(np.abs(spectra) ** 2, axis=(0, 1)))
    assert spec.taper.tolist() == ["dpss0"]


def test_only_full_windows_count():
    """With zeros at the edges taken for data, the level would be a few percent low."""
    data = signals((250,) * 400, channels=4)
    power = analyse(data, keeptrials=False, foilim=[10, 90]).data[0, 0]
    assert power.mean() == pytest.approx(2 / 100, rel=0.01)


def test_median_ignores_artefacts():
    data = signals((4000,))
    clean = analyse(data, average="median", foilim=[10, 90]).data[0, 0].mean()
    data.data[2000:2100] += 1e3 * RNG.standard_normal((100, 3)).astype("f4")
    assert analyse(data, average="median", foilim=[10, 90]).data[0, 0].mean() == pytest.approx(clean, rel=0.1)
    assert analyse(data, foilim=[10, 90]).data[0, 0].mean() > 1000 * clean


def test_trials_keep_their_place_and_information():
    data = signals((1000, 800, 700))
    spec = analyse(data)
    assert spec.data.shape == (3, 1, 51, 3)
    np.testing.assert_array_equal(spec.trialdefinition[:, :2], [[0, 1], [1, 2], [2, 3]])
    np.testing.assert_array_equal(spec.trialinfo, data.trialinfo)
    np.testing.assert_allclose([spec.time[k][0] for k in range(3)], [data.time[k][0] for k in range(3)])
    mean = analyse(data, keeptrials=False)
    close(mean.data[0], np.mean([spec.trials[k][0] for k in range(3)], axis=0))
    np.testing.assert_array_equal(mean.trialdefinition, [[0, 1, 0]])


@pytest.mark.parametrize("average", ["mean", "median"])
def test_windows_with_nan_are_left_out(average):
    data = signals((1000, 1000))
    expected = analyse(data, average=average)
    data.data[1510, 1] = np.nan
    with pytest.warns(spy.SPYWarning, match="NaN: 1"):
        spec = analyse(data, average=average)
    assert np.isfinite(spec.data[()]).all()
    np.testing.assert_allclose(spec.data[:, :, :, [0, 2]], expected.data[:, :, :, [0, 2]], rtol=1e-5)
    assert np.abs(spec.data[1, 0, :, 1] - expected.data[1, 0, :, 1]).max() > 0
    data.data[1000:, 1] = np.nan
    with pytest.warns(spy.SPYWarning, match="NaN: 1"):
        assert np.isnan(analyse(data, average=average).trials[1][..., 1]).all()


@pytest.mark.parametrize("average", ["mean", "median"])
def test_one_long_trial_in_little_memory(average):
    data = signals((200_000,), channels=8)
    expected = analyse(data, average=average)
    with spy.options(memory="16MB", workers=1):
        close(analyse(data, average=average).data[()], expected.data[()])


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"toi": "all"}, spy.SPYValueError, "toi.*overlap"),
        ({"toi": [0.1, 0.2]}, spy.SPYValueError, "toi.*overlap"),
        ({"toi": 1.5}, spy.SPYValueError, "toi.*0 to 1"),
        ({"toi": None}, spy.SPYTypeError, "toi"),
        ({"t_ftimwin": None}, spy.SPYTypeError, "t_ftimwin"),
        ({"t_ftimwin": [0.5, 0.4]}, spy.SPYTypeError, "t_ftimwin"),
        ({"t_ftimwin": 6.0}, spy.SPYValueError, "t_ftimwin.*5 s"),
        ({"keeptapers": True}, spy.SPYValueError, "keeptapers"),
        ({"output": "fourier"}, spy.SPYValueError, "output.*'pow'"),
        ({"average": "mode"}, spy.SPYValueError, "average.*'median'"),
        ({"foilim": [10.3, 11.2]}, spy.SPYValueError, "foi/foilim"),
        ({"polyremoval": 3}, spy.SPYValueError, "polyremoval"),
    ],
    ids=str,
)
def test_mistakes_are_explained_before_any_work(kwargs, error, text):
    with pytest.raises(error, match=text) as caught:
        analyse(signals(), **kwargs)
    assert str(caught.value).startswith("freqanalysis(method='welch')")


@pytest.mark.parametrize("kwargs", [{"pad": "nextpow2"}, {"ft_compat": True}, {"edges": "nan"}])
def test_parameters_without_effect_are_told(kwargs):
    with pytest.warns(spy.SPYWarning, match=f"{next(iter(kwargs))}.*no effect"):
        analyse(signals(), **kwargs)
