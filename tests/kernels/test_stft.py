"""Sliding spectra against loops over windows, SciPy's spectrograms, statistics of noise, and FieldTrip."""

import tracemalloc

import numpy as np
import pytest
from scipy import signal

from syncopy.kernels import stft
from syncopy.kernels import tapers as tp
from syncopy.kernels.detrend import detrend

GRID = np.arange(11)
STARTS = {
    "every sample": np.arange(-10, 70),
    "steps": np.arange(-10, 78, 7),
    "irregular": np.array([3, -5, 40, 41, 41, 65, 12]),
    "backwards": np.arange(50, 0, -5),
    "one": np.array([17]),
    "outside": np.array([-60, -20, 80, 200]),
}


def noise(*shape, seed=0, dtype="f8"):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def windows_by_loop(block, tapers, starts, bins, polyremoval):
    """Cut, detrend, taper and sum over samples, window by window, in double precision."""
    window = tapers.shape[1]
    waves = np.exp(-2j * np.pi * np.multiply.outer(bins, np.arange(window)) / window)
    result = np.zeros((len(block), len(starts), len(tapers), len(bins), block.shape[2]), complex)
    for i, trial in enumerate(block.astype("f8")):
        for j, start in enumerate(starts):
            inside = [k for k in range(window) if 0 <= start + k < len(trial)]
            piece = np.zeros((window, block.shape[2]))
            piece[inside] = trial[[start + k for k in inside]]
            if polyremoval is not None:
                piece = signal.detrend(piece, axis=0, type=["constant", "linear"][polyremoval])
            for k, taper in enumerate(tapers):
                result[i, j, k] = waves @ (taper[:, None] * piece)
    return result


@pytest.fixture(params=["matrix", "transform"])
def way(request, monkeypatch):
    """Either way to the coefficients, whatever the number of bins."""
    monkeypatch.setattr(stft, "MATRIX_BINS", {"matrix": 1000, "transform": 0}[request.param])


# --- placement


@pytest.mark.parametrize(("window", "overlap", "step"), [(50, 0, 50), (50, 0.5, 25), (51, 0.5, 26), (50, 1, 1)])
def test_window_step(window, overlap, step):
    assert stft.window_step(window, overlap) == step


def test_window_step_forgives_rounding():
    assert stft.window_step(100, 0.57) == 43  # 0.57 * 100 is 56.99999999999999


@pytest.mark.parametrize(
    ("window", "ft_compat", "start"), [(5, False, 8), (6, False, 7), (5, True, 8), (6, True, 8), (1, False, 10)]
)
def test_window_starts(window, ft_compat, start):
    assert stft.window_starts(np.array([10, 20]), window, ft_compat).tolist() == [start, start + 10]


def test_windows_fit():
    got = stft.windows_fit(np.arange(-2, 8), 5, 10)
    assert got.tolist() == [False] * 2 + [True] * 6 + [False] * 2


@pytest.mark.parametrize(("span", "first", "last"), [(6.0, 2, 15), (6.5, 3, 15), (5.0, 2, 16), (6.0 - 1e-9, 2, 16)])
def test_windows_that_fit_for_fieldtrip(span, first, last):
    got = stft.fieldtrip_windows_fit(np.arange(20), span, 20)
    assert np.flatnonzero(got).tolist() == list(range(first, last + 1))


# --- coefficients


@pytest.mark.parametrize("starts", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("polyremoval", [None, 0, 1])
@pytest.mark.usefixtures("way")
def test_spectra_equal_the_loop(starts, polyremoval):
    block = noise(3, 80, 2) + 5 + np.linspace(0, 7, 80)[:, None]
    before = block.copy()
    tapers = tp.dpss_tapers(20, 2, 3)
    expected = windows_by_loop(block, tapers, starts, GRID, polyremoval)
    got = stft.sliding_spectra(block, tapers, starts, GRID, 1.0, polyremoval=polyremoval)
    np.testing.assert_allclose(got, expected, atol=1e-11)
    power = stft.sliding_power(block, tapers, starts, GRID, 3.0, polyremoval=polyremoval)
    np.testing.assert_allclose(power, 9 * np.mean(np.abs(expected) ** 2, axis=2, keepdims=True), atol=1e-10)
    average = stft.welch_power(block, tapers, starts, GRID, 3.0, polyremoval=polyremoval)
    np.testing.assert_allclose(average, power.mean(axis=1), atol=1e-10)
    np.testing.assert_array_equal(block, before)


@pytest.mark.parametrize("starts", [STARTS["every sample"], STARTS["steps"], STARTS["irregular"]])
@pytest.mark.parametrize("bins", [np.array([2.37]), np.array([9.9, 0, 1.5, 4]), np.arange(0, 10, 0.25)])
def test_frequencies_between_the_bins(starts, bins):
    block, tapers = noise(2, 80, 3), tp.make_taper("hann", 20)
    expected = windows_by_loop(block, tapers, starts, bins, 0)
    np.testing.assert_allclose(
        stft.sliding_spectra(block, tapers, starts, bins, 1.0, polyremoval=0), expected, atol=1e-11
    )


@pytest.mark.parametrize(("dtype", "out"), [("f4", "c8"), ("f8", "c16"), ("i2", "c16")])
@pytest.mark.usefixtures("way")
def test_many_pieces_in_each_precision(dtype, out):
    block = (noise(3, 2500, 5) * 100).astype(dtype)  # more than one slab of windows, of several trials
    tapers, starts, bins = tp.dpss_tapers(200, 2, 2), np.arange(-100, 2400, 3), np.arange(1, 41)
    got = stft.sliding_spectra(block, tapers, starts, bins, 1.0, polyremoval=0)
    assert got.dtype == out
    some = slice(None, None, 131)
    expected = windows_by_loop(block, tapers, starts[some], bins, 0)
    tolerance = (2e-6 if out == "c8" else 1e-13) * np.abs(expected).max()
    np.testing.assert_allclose(got[:, some], expected, atol=tolerance, rtol=0)
    power = stft.sliding_power(block, tapers, starts, bins, 1.0, polyremoval=0)
    assert power.dtype == got.real.dtype
    np.testing.assert_allclose(power[:, :, 0], np.mean(np.abs(got) ** 2, axis=2), rtol=2e-4, atol=tolerance)
    average = stft.welch_power(block, tapers, starts, bins, 1.0, polyremoval=0)
    assert average.dtype == got.real.dtype
    np.testing.assert_allclose(average, power.astype("f8").mean(axis=1), rtol=1e-5)


def test_scale_per_frequency_and_phase_origin():
    t = np.arange(200)
    block = np.cos(2 * np.pi * 0.1 * (t - 83))[None, :, None]
    taper, bins = tp.make_taper("hann", 41), np.array([0, 4.1, 8.2])
    got = stft.sliding_spectra(block, taper, np.array([63]), bins, np.array([1, 2, 3]), phase_origin=20)[0, 0, 0, :, 0]
    plain = stft.sliding_spectra(block, taper, np.array([63]), bins, 1.0)[0, 0, 0, :, 0]
    np.testing.assert_allclose(np.abs(got), np.abs(plain) * [1, 2, 3], atol=1e-12)
    np.testing.assert_allclose(np.angle(got[1]), 0, atol=1e-6)  # the peak of the cosine lies at the window's centre
    np.testing.assert_allclose(np.angle(plain[1]), np.angle(np.exp(-2j * np.pi * 0.1 * 20)), atol=1e-6)


@pytest.mark.usefixtures("way")
def test_windows_that_do_not_count_are_nan():
    block, taper = noise(2, 60, 3), tp.make_taper("hann", 20)
    starts = np.arange(-10, 55)
    valid = stft.windows_fit(starts, 20, 60)
    for function in (stft.sliding_spectra, stft.sliding_power):
        got = function(block, taper, starts, GRID, 1.0, valid=valid)
        for part in (got.real, got.imag) if np.iscomplexobj(got) else (got,):
            np.testing.assert_array_equal(np.isnan(part).all(axis=(0, 2, 3, 4)), ~valid)
        np.testing.assert_allclose(got[:, valid], function(block, taper, starts[valid], GRID, 1.0), atol=1e-13)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("polyremoval", [None, 0, 1])
def test_nan_stays_in_its_windows(polyremoval):
    block, taper, starts = noise(2, 90, 4, dtype="f4"), tp.make_taper("hann", 20), np.arange(-10, 80)
    expected = stft.sliding_power(block, taper, starts, GRID, 1.0, polyremoval=polyremoval)
    block[1, 40, 2] = np.nan
    hit = (starts <= 40) & (starts + 20 > 40)
    expected[1, hit, :, :, 2] = np.nan
    got = stft.sliding_power(block, taper, starts, GRID, 1.0, polyremoval=polyremoval)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    for average in ("mean", "median"):
        got = stft.welch_power(block, taper, starts, GRID, 1.0, polyremoval=polyremoval, average=average)
        clean = stft.welch_power(block[1:], taper, starts[~hit], GRID, 1.0, polyremoval=polyremoval, average=average)
        np.testing.assert_allclose(got[1, :, :, 2], clean[0, :, :, 2], rtol=1e-4, atol=1e-5)
    block[0, :, 1] = np.nan
    for average in ("mean", "median"):
        got = stft.welch_power(block, taper, starts, GRID, 1.0, polyremoval=polyremoval, average=average)
        assert np.isnan(got[0, :, :, 1]).all()
        assert np.isnan(got).sum() == len(GRID)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("polyremoval", [0, 1])
def test_offset_costs_single_precision_nothing(polyremoval):
    block = (1e6 + 50 * noise(2, 400, 3)).astype("f4")
    tapers, starts = tp.dpss_tapers(100, 2, 2), np.arange(0, 301, 10)
    bins = np.arange(51)
    got = stft.sliding_spectra(block, tapers, starts, bins, 1.0, polyremoval=polyremoval)
    expected = windows_by_loop(block, tapers, starts, bins, polyremoval)
    np.testing.assert_allclose(got, expected, atol=2e-6 * np.abs(expected).max(), rtol=0)


@pytest.mark.usefixtures("way")
def test_gaps_between_windows_are_not_held():
    block, taper, starts = noise(1, 200_000, 8, dtype="f4"), tp.make_taper("hann", 50), np.arange(0, 199_000, 4000)
    tracemalloc.start()
    power = stft.sliding_power(block, taper, starts, np.arange(10), 1.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - power.nbytes < stft.sliding_scratch(50, 50, 1, 10, 8, 4) < block.nbytes
    together = np.concatenate([block[:, start : start + 50] for start in starts], axis=1)
    expected = stft.sliding_power(together, taper, np.arange(0, 50 * 50, 50), np.arange(10), 1.0)
    np.testing.assert_allclose(power, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("way")
def test_scratch_stays_bounded():
    block, tapers, starts = noise(9, 2000, 16, dtype="f4"), tp.dpss_tapers(100, 2, 3), np.arange(0, 1901, 5)
    limit = stft.sliding_scratch(9 * 381, 100, 3, 20, 16, 4)
    assert limit == stft.sliding_scratch(10**9, 100, 3, 20, 16, 4)
    for function in (stft.sliding_spectra, stft.sliding_power, stft.welch_power):
        tracemalloc.start()
        result = function(block, tapers, starts, np.arange(20), 1.0, polyremoval=1)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert limit / 16 < peak - result.nbytes < limit


def test_no_windows_and_no_trials():
    taper = tp.make_taper("hann", 20)
    none = np.empty(0, int)
    for average in ("mean", "median"):
        assert np.isnan(stft.welch_power(noise(2, 10, 3), taper, none, GRID, 1.0, average=average)).all()
        empty = stft.welch_power(noise(0, 50, 3), taper, STARTS["steps"], GRID, 1.0, average=average)
        assert empty.shape == (0, 1, 11, 3)
    assert stft.sliding_spectra(noise(2, 10, 3), taper, none, GRID, 1.0).shape == (2, 0, 1, 11, 3)


@pytest.mark.parametrize("limit", [0, 10**9])
def test_long_windows_in_one_product_or_many(limit, monkeypatch):
    monkeypatch.setattr(stft, "CACHE_BYTES", limit)
    block, taper, starts, bins = noise(2, 300, 2), tp.make_taper("hann", 100), np.arange(-50, 250), np.array([3.3])
    expected = windows_by_loop(block, taper, starts[::37], bins, 1)
    got = stft.sliding_spectra(block, taper, starts, bins, 1.0, polyremoval=1)[:, ::37]
    np.testing.assert_allclose(got, expected, atol=1e-11)


# --- normalisation and statistics


def test_noise_and_cosine():
    taper, bins, scale = tp.make_taper("hann", 100), np.arange(51), np.sqrt(2 / 100)
    block = 3 * noise(4, 4000, 6)
    power = stft.welch_power(block, taper, np.arange(0, 3901, 50), bins, scale).mean(axis=(0, 1, 3))
    np.testing.assert_allclose(power[1:-1].mean(), 2 * 9 / 100, rtol=0.02)
    cosine = (2 * np.cos(2 * np.pi * 0.1 * np.arange(1000)))[None, :, None]
    power = stft.sliding_power(cosine, taper, np.arange(0, 901), bins, scale)
    np.testing.assert_allclose(power.sum(axis=3), 2, rtol=1e-3)


@pytest.mark.parametrize("tapers", [tp.make_taper("hann", 64), tp.dpss_tapers(64, 3, 5)])
def test_median_and_mean_estimate_the_same_power(tapers):
    block, starts, bins = noise(600, 64 * 9, 2), np.arange(0, 64 * 9, 64), np.arange(4, 28)
    median = stft.welch_power(block, tapers, starts, bins, 1.0, average="median").mean()
    mean = stft.welch_power(block, tapers, starts, bins, 1.0).mean()
    np.testing.assert_allclose(median, mean, rtol=0.02)


@pytest.mark.parametrize("average", ["mean", "median"])
@pytest.mark.parametrize(("polyremoval", "kind"), [(None, False), (0, "constant"), (1, "linear")])
@pytest.mark.parametrize(("window", "overlap"), [(100, 0.5), (81, 0.3)])
def test_equals_welch_of_scipy(average, polyremoval, kind, window, overlap):
    block, taper = noise(5, 1010, 3) + 1, tp.make_taper("hamming", window)
    step = stft.window_step(window, overlap)
    freqs, density = signal.welch(
        block, 200, taper[0], window, window - step, detrend=kind, axis=1, scaling="density", average=average
    )
    starts, bins = np.arange(0, 1010 - window + 1, step), np.arange(window // 2 + 1)
    got = stft.welch_power(block, taper, starts, bins, np.sqrt(2 / 200), polyremoval=polyremoval, average=average)
    single = np.where((freqs == 0) | (freqs == 100), 2, 1)[:, None]  # SciPy does not double 0 Hz and Nyquist
    np.testing.assert_allclose(got[:, 0], density * single, rtol=1e-9, atol=1e-14)


def test_equals_short_time_fft_of_scipy():
    block, taper = noise(4, 333, 2), tp.make_taper("hann", 60)
    transform = signal.ShortTimeFFT(taper[0], 15, 100.0, fft_mode="onesided", phase_shift=None)
    expected = transform.stft(block, p0=0, p1=20, axis=1)  # (trial, freq, time, channel) after moving the axes
    starts = stft.window_starts(np.arange(0, 300, 15), 60)
    got = stft.sliding_spectra(block, taper, starts, np.arange(31), 1.0)
    assert expected.shape == (4, 31, 2, 20)
    np.testing.assert_allclose(got[:, :, 0], expected.transpose(0, 3, 1, 2), atol=1e-12)


# --- FieldTrip


@pytest.fixture(scope="module")
def oracle(shared):
    return np.load(shared / "oracle" / "tfr.npz"), np.load(shared / "oracle" / "inputs.npz")


FS = 499.99999999999977  # what FieldTrip makes of the time axis
FOI = np.arange(10, 81, 10)


def hanning(window, tapsmofrq):
    return tp.fieldtrip_hanning(window)


def slepian(window, tapsmofrq):
    tapers = tp.dpss_tapers(window, window * tapsmofrq / 500, tp.fieldtrip_taper_count(window, 500, tapsmofrq))
    return tapers[:, ::-1]  # FieldTrip convolves: odd tapers change their sign


def fieldtrip_spectra(trials, times, make, foi=FOI, seconds=5 / FOI, smoothing=(0,) * 8, first=-0.2):
    """One (trial, time, taper, channel) per frequency, from trials (trial, channel, time)."""
    block = detrend(np.ascontiguousarray(np.swapaxes(trials, 1, 2)), 0)
    centres = np.rint((times - first) * 500).astype(int)
    for freq, span, tapsmofrq in zip(foi, np.multiply(seconds, FS), smoothing, strict=True):
        window = int(span + 0.5)
        yield stft.sliding_spectra(
            block,
            make(window, tapsmofrq),
            stft.window_starts(centres, window, ft_compat=True),
            np.array([freq * window / 500]),
            np.sqrt(2 / window),
            valid=stft.fieldtrip_windows_fit(centres, span, block.shape[1]),
            phase_origin=(window - 1) / 2,
        )[:, :, :, 0]


def close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9 * np.nanmax(np.abs(expected)))


@pytest.mark.parametrize(
    ("case", "settings"),
    [
        ("hanning_5cycles", {}),
        ("hanning_5cycles_pad2", {}),
        ("hanning_toi50pct", {"seconds": (0.2,) * 8}),
        ("hanning_alltoi", {"seconds": (0.5, 0.125), "foi": (10, 40), "smoothing": (0, 0)}),
        ("dpss10_fixed", {"make": slepian, "seconds": (0.2,) * 8, "smoothing": (10,) * 8}),
        ("dpss_5cycles", {"make": slepian, "smoothing": tuple(range(4, 33, 4))}),
    ],
)
def test_power_of_fieldtrip(oracle, case, settings):
    numbers, inputs = oracle
    trials = inputs["net"][:3] if case == "hanning_alltoi" else inputs["net"]
    spectra = fieldtrip_spectra(trials, numbers[f"mtmconvol_{case}.time"], **{"make": hanning, **settings})
    power = np.stack([np.mean(np.abs(z) ** 2, axis=(0, 2)) for z in spectra])  # (freq, time, channel)
    close(power.transpose(2, 0, 1), numbers[f"mtmconvol_{case}.powspctrm"])


@pytest.mark.parametrize(
    ("case", "settings"),
    [
        ("hanning_5cycles", {}),
        ("hanning_oddwin", {"seconds": (0.201,) * 8}),
        ("dpss10", {"make": slepian, "seconds": (0.2,) * 8, "smoothing": (10,) * 8}),
    ],
)
def test_coefficients_of_fieldtrip(oracle, case, settings):
    numbers, inputs = oracle
    times, expected = numbers[f"mtmconvol_{case}_fourier.time"], numbers[f"mtmconvol_{case}_fourier.fourierspctrm"]
    spectra = np.stack(list(fieldtrip_spectra(inputs["net"][:3], times, **{"make": hanning, **settings})))
    close(spectra.transpose(1, 3, 4, 0, 2).reshape(expected.shape), expected)


def test_power_of_fieldtrip_in_unequal_trials(oracle):
    numbers, inputs = oracle
    times = numbers["mtmconvol_hanning_unequal.time"]
    power = []
    for start, stop, first in inputs["unequal_trl"].astype(int):
        trial = inputs["unequal_data"][None, :, start:stop]
        spectra = np.stack(list(fieldtrip_spectra(trial, times, hanning, seconds=(0.2,) * 8, first=first / 500)))
        power.append(np.abs(spectra[:, 0, :, 0]) ** 2)
    close(np.nanmean(power, axis=0).transpose(2, 0, 1), numbers["mtmconvol_hanning_unequal.powspctrm"])
