"""Spectra of MNE-Python where its conventions can be matched; its functions are built independently of ours."""

import numpy as np
import pytest
from scipy.signal import windows

import syncopy as spy

mne_tf = pytest.importorskip("mne.time_frequency")

FS = 500.0


@pytest.fixture(scope="module")
def signals():
    """Three trials of two channels: 1/f noise, a rhythm, a chirp."""
    rng, time = np.random.default_rng(11), np.arange(600) / FS
    values = np.cumsum(rng.standard_normal((3, 600, 2)), axis=1) / 5 + rng.standard_normal((3, 600, 2))
    values[..., 0] += 2 * np.cos(2 * np.pi * 31 * time)
    values[..., 1] += np.cos(2 * np.pi * (10 + 25 * time) * time)
    return values


@pytest.fixture(scope="module")
def data(signals):
    return spy.AnalogData(list(signals), samplerate=FS)


def trials(result):
    return np.stack([result.trials[number] for number in range(len(result.trials))])


def one_sided(psd):
    """Densities in squared units per Hz with the factor 2 at 0 Hz and Nyquist, too, as our bins have it."""
    doubled = psd.copy()
    doubled[..., [0, -1]] *= 2
    return doubled


@pytest.mark.parametrize("half_bandwidth", [2.5, 5, 12.5])
def test_multitaper(signals, half_bandwidth):
    centred = signals - signals.mean(axis=1, keepdims=True)
    options = {"low_bias": False, "adaptive": False, "normalization": "full", "verbose": "error"}
    psd, freqs = mne_tf.psd_array_multitaper(centred.transpose(0, 2, 1), FS, bandwidth=2 * half_bandwidth, **options)
    # MNE's tapers are periodic: symmetric ones for one sample more, which is zero here; and it takes 2 NW of them,
    # weighted by their concentration
    data = spy.AnalogData(list(np.pad(centred, ((0, 0), (0, 1), (0, 0)))), samplerate=FS)
    bandwidth_time, count = half_bandwidth * 1.2, int(2 * half_bandwidth * 1.2 + 1e-6)
    smoothing = {"tapsmofrq": bandwidth_time * FS / 601, "nTaper": count, "keeptapers": True}
    with pytest.warns(spy.SPYWarning, match="nTaper"):
        spec = spy.freqanalysis(data, pad=2.4, polyremoval=None, **smoothing)
    np.testing.assert_allclose(spec.freq[::2], freqs)
    _, concentration = windows.dpss(601, bandwidth_time, Kmax=count, return_ratios=True)
    weighted = np.average(trials(spec)[:, 0, :, ::2], axis=1, weights=concentration).transpose(0, 2, 1)
    expected = one_sided(psd) * FS / 601
    np.testing.assert_allclose(weighted, expected, rtol=2e-4, atol=1e-4 * expected.max())


@pytest.mark.parametrize("average", ["mean", "median"])
def test_welch(signals, data, average):
    psd, freqs = mne_tf.psd_array_welch(
        signals.transpose(0, 2, 1), FS, n_fft=100, n_overlap=50, window="boxcar", average=average, verbose="error"
    )
    spec = spy.freqanalysis(data, method="welch", t_ftimwin=0.2, toi=0.5, taper=None, average=average)
    np.testing.assert_allclose(spec.freq, freqs)
    ours = trials(spec)[:, 0, 0].transpose(0, 2, 1)
    np.testing.assert_allclose(ours, one_sided(psd) * FS / 100, rtol=2e-5, atol=1e-8)


def morlets(signals, freqs, cycles):
    """MNE's coefficients (trial, time, freq, channel) for complex wavelets whose moduli sum to sqrt(2)."""
    unit = mne_tf.tfr_array_morlet(
        signals.transpose(0, 2, 1), FS, freqs, n_cycles=cycles, zero_mean=False, output="complex", verbose="error"
    )
    sums = [np.abs(wave).sum() for wave in mne_tf.morlet(FS, freqs, cycles, zero_mean=False)]
    return (unit * np.sqrt(2) / np.array(sums)[:, None]).transpose(0, 3, 2, 1)


@pytest.mark.parametrize("width", [6, 9])
def test_morlet_wavelets(signals, data, width):
    freqs = np.array([15.0, 31.0, 60.0])
    # the wave of a Morlet wavelet is a little slower than the oscillation it responds to most (Torrence & Compo 1998)
    centre = (width + np.sqrt(2 + width**2)) / 2
    expected = morlets(signals - signals.mean(axis=1, keepdims=True), freqs * width / centre, width)
    spec = spy.freqanalysis(data, method="wavelet", foi=freqs, width=width, output="fourier")
    ours = trials(spec)[:, :, 0]
    peak = np.exp((centre - width) ** 2 / 2)  # the response at `foi` rather than at the wave's own frequency
    np.testing.assert_allclose(ours, expected * peak, rtol=0, atol=1e-4 * np.abs(ours).max())


def test_superlets(signals, data):
    freqs, cycles = np.array([20.0, 31.0, 60.0]), 3
    waves = [
        np.abs(morlets(signals - signals.mean(axis=1, keepdims=True), freqs, 2 * np.pi * cycles * order / 5))
        for order in (1, 2, 3)
    ]
    expected = np.exp(np.mean(np.log(waves), axis=0)) ** 2
    spec = spy.freqanalysis(data, method="superlet", foi=freqs, order_max=3, c_1=cycles)
    ours = trials(spec)[:, :, 0]
    np.testing.assert_allclose(ours, expected, rtol=0, atol=3e-4 * ours.max())
