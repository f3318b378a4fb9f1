"""IRASA against FieldTrip, a plain loop, and power laws."""

import tracemalloc

import numpy as np
import pytest
from scipy import fft, signal

from syncopy.kernels import irasa
from syncopy.kernels.irasa import FACTORS, irasa_padding, irasa_power, irasa_starts, irasa_window


def power_law(exponent, *shape, seed=0):
    """Gaussian noise with power f^-exponent, time along axis 1."""
    rng = np.random.default_rng(seed)
    freqs = fft.rfftfreq(shape[1])
    freqs[0] = freqs[1]
    spectrum = fft.rfft(rng.standard_normal(shape), axis=1) * freqs[:, None] ** (-exponent / 2)
    return fft.irfft(spectrum, shape[1], axis=1)


@pytest.mark.parametrize(
    ("case", "window", "window_count", "padded", "factors"),
    [
        ("default", 256, 10, 512, FACTORS),
        ("hset_win", 250, 5, 512, FACTORS[::2]),
        ("all_pad4", 500, 1, 2000, FACTORS),
    ],
)
def test_fieldtrip(shared, case, window, window_count, padded, factors):
    inputs, oracle = np.load(shared / "oracle" / "inputs.npz"), np.load(shared / "oracle" / "irasa.npz")
    block = inputs["net"][:3].transpose(0, 2, 1)
    bins = np.round(oracle[f"fractal_{case}.freq"] * padded / 500).astype(int)
    options = {"window_count": window_count, "factors": factors, "polyremoval": 0, "ft_compat": True}
    power, fractal = irasa_power(block, window, padded, bins, **options)
    np.testing.assert_allclose(fractal.mean(axis=0).T, oracle[f"fractal_{case}.powspctrm"], rtol=1e-11)
    if case == "default":
        assert irasa_window(500) == window
        np.testing.assert_allclose(power.mean(axis=0).T, oracle["original_default.powspctrm"], rtol=1e-11)


def test_equals_a_plain_loop():
    block, window, padded, bins = power_law(1, 2, 300, 2), 128, 256, np.array([0, 3, 4, 20, 128])
    factors = (1.2, 1.5)

    def spectrum(piece):
        taper = np.sin(np.pi * np.arange(1, len(piece) + 1) / (len(piece) + 1)) ** 2
        coefficients = fft.rfft(piece * taper / np.linalg.norm(taper), padded)
        return 2 / window * abs(coefficients[bins]) ** 2

    def resampled(piece, up, down):
        half = 10 * max(up, down)
        lags = np.arange(-half, half + 1)
        taps = np.sinc(lags / max(up, down)) * np.kaiser(2 * half + 1, 5)
        return signal.resample_poly(piece, up, down, window=taps / taps.sum())

    power, fractal = irasa_power(block, window, padded, bins, window_count=4, factors=factors)
    for trial, channel in np.ndindex(2, 2):
        pieces = [block[trial, start : start + window, channel] for start in (0, 57, 114, 171)]
        np.testing.assert_allclose(power[trial, :, channel], np.mean([spectrum(p) for p in pieces], axis=0), rtol=1e-10)
        ratios = []
        for up, down in ((6, 5), (3, 2)):
            stretched = np.mean([spectrum(resampled(p, up, down)) for p in pieces], axis=0)
            squeezed = np.mean([spectrum(resampled(p, down, up)) for p in pieces], axis=0)
            ratios.append(np.sqrt(stretched * squeezed))
        np.testing.assert_allclose(fractal[trial, :, channel], np.median(ratios, axis=0), rtol=1e-9)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_a_power_law_is_all_fractal_and_an_oscillation_is_not(exponent):
    samplerate, sample_count = 500.0, 2000
    block = power_law(exponent, 6, sample_count, 4)
    time = np.arange(sample_count)[:, None] / samplerate
    block = block / block.std() + np.cos(2 * np.pi * 30 * time)
    window = irasa_window(sample_count)
    padded = fft.next_fast_len(irasa_padding(window))
    freqs = fft.rfftfreq(padded, 1 / samplerate)
    bins = np.flatnonzero((freqs >= 5) & (freqs <= 100))
    power, fractal = irasa_power(block, window, padded, bins, polyremoval=0)
    power, fractal = power.mean(axis=(0, 2)), fractal.mean(axis=(0, 2))
    slope = np.polyfit(np.log(freqs[bins]), np.log(fractal), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.1)
    peak = np.argmin(abs(freqs[bins] - 30))
    assert power[peak] > 20 * fractal[peak]
    away = (freqs[bins] < 12) | (freqs[bins] > 60)
    assert 1 < np.mean(power[away] / fractal[away]) < 1.2  # a geometric mean of noisy spectra is less than their mean


def test_precision_and_scale():
    block = power_law(1, 3, 400, 2)
    bins = np.arange(1, 60)
    expected = irasa_power(block, 256, 512, bins)
    tesla = irasa_power((1e-13 * block).astype(np.float32), 256, 512, bins)
    for got, reference in zip(tesla, expected, strict=True):
        assert got.dtype == np.float32
        assert reference.dtype == np.float64
        np.testing.assert_allclose(got * 1e26, reference, rtol=1e-3, atol=1e-6 * reference.max())


@pytest.mark.parametrize(
    ("sample_count", "window"),
    [(500, 256), (568, 256), (569, 512), (1000, 512), (1137, 512), (1138, 1024), (2000, 1024)],
)
def test_window_is_the_power_of_two_within_nine_tenths(sample_count, window):
    assert irasa_window(sample_count) == window == 2 ** int(np.log2(0.9 * sample_count))


def test_windows_lie_inside_the_trial():
    for window_count in (1, 2, 7, 10):
        starts = irasa_starts(500, 256, window_count)
        assert len(starts) == window_count
        assert starts[0] == 0
        assert starts[-1] + 256 <= 500
    assert irasa_padding(256) == 487


def test_slabs_change_nothing_and_bound_the_memory(monkeypatch):
    block, bins = power_law(1, 12, 600, 3).astype(np.float32), np.arange(1, 60)
    whole = irasa_power(block, 512, 1024, bins)
    monkeypatch.setattr(irasa, "SLAB_BYTES", 200_000)
    tracemalloc.start()
    slabs = irasa_power(block, 512, 1024, bins)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for got, expected in zip(slabs, whole, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert peak - 2 * slabs[0].nbytes < irasa.irasa_scratch(12, 600, 512, 1024, len(bins), 3, 4)
