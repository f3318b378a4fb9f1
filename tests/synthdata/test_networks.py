"""Simulated networks: numbers of the toolbox's first generation, and estimates against their ground truth."""

import numpy as np
import pytest

from syncopy import synthdata

COEFFICIENTS = np.array([[[0.55, 0, 0], [0.3, 0.4, 0], [0, 0, 0.5]], [[-0.8, 0, 0], [0, -0.6, 0], [0, 0.3, -0.5]]])
COVARIANCE = np.array([[1.0, 0, 0.3], [0, 2.0, 0], [0.3, 0, 0.5]])


def estimate(data):
    """One-sided cross-spectral density from windowed trials."""
    trials = np.array(list(data.trials), np.float64)
    window = np.hanning(trials.shape[1])
    spectra = np.fft.rfft(trials * window[:, None], axis=1)
    density = np.einsum("tfi,tfj->fij", spectra, spectra.conj()) / len(trials)
    return density * 2 / (data.samplerate * np.sum(window**2)), np.fft.rfftfreq(trials.shape[1], 1 / data.samplerate)


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({"seed": 3}, {3: [-3.0738547, 1.0564471], 999: [2.1778836, -3.1993096]}),
        (
            {"AdjMat": [[0, 0.2, 0.1], [0, 0, 0.15], [0.05, 0, 0]], "alphas": (0.5, -0.7), "nSamples": 2000, "seed": 4},
            {2: [0.16210379, -0.41793543, -2.9556909], 1999: [-0.34503016, -2.2253454, -0.84909517]},
        ),
    ],
)
def test_ar2_network_of_the_first_generation(kwargs, expected):
    data = synthdata.ar2_network(**kwargs, nTrials=None)
    np.testing.assert_allclose(data[list(expected)], list(expected.values()), rtol=1e-6)


def test_red_noise_of_the_first_generation():
    data = synthdata.red_noise(0.9, 1000, 3, 2, nTrials=None)
    np.testing.assert_allclose(data[999], [3.9576101, -3.1932998, 3.2702167], rtol=1e-6)


def test_a_vector_couples_a_channel_to_all():
    vector = synthdata.ar2_network([0.1, 0.2], seed=9, nTrials=None)
    np.testing.assert_array_equal(vector, synthdata.ar2_network([[0.1, 0.1], [0.2, 0.2]], seed=9, nTrials=None))


def test_ar2_network_has_the_spectrum_of_its_coefficients():
    coupling = [[0, 0.3], [0, 0]]
    data = synthdata.ar2_network(coupling, nSamples=500, nTrials=400, samplerate=200, seed=1)
    density, freqs = estimate(data)
    truth = synthdata.ar_spectrum(synthdata.ar2_coefficients(coupling), None, freqs, 200)
    inner = slice(5, -5)
    np.testing.assert_allclose(density[inner], truth[inner], atol=0.1 * abs(truth).max())
    power = np.einsum("fii->fi", density).real[inner] / np.einsum("fii->fi", truth).real[inner]
    assert power.mean() == pytest.approx(1, abs=0.02)
    assert freqs[np.argmax(truth[:, 0, 0].real)] == pytest.approx(synthdata.ar2_peak_freq(0.55, -0.8, 200), abs=0.4)


def test_ar_network_has_its_spectrum_and_coherence():
    data = synthdata.ar_network(COEFFICIENTS, COVARIANCE, nSamples=200, nTrials=800, samplerate=200, seed=2)
    density, freqs = estimate(data)
    inner = slice(5, -5)
    truth = synthdata.ar_spectrum(COEFFICIENTS, COVARIANCE, freqs, 200)
    power = np.einsum("fii->fi", density).real[inner] / np.einsum("fii->fi", truth).real[inner]
    np.testing.assert_allclose(power.mean(0), 1, atol=0.02)
    scale = np.sqrt(np.einsum("fii,fjj->fij", density, density).real)
    coherence = synthdata.ar_coherence(COEFFICIENTS, COVARIANCE, freqs, 200)
    assert abs(coherence[:, 0, 1]).max() > 0.3
    np.testing.assert_allclose((density / scale)[inner], coherence[inner], atol=0.17)


def test_ar_granger_follows_the_coupling():
    granger = synthdata.ar_granger(COEFFICIENTS, COVARIANCE, np.arange(0, 100), 200)
    assert granger.shape == (100, 3, 3)
    assert granger[:, 0, 1].max() > 0.1
    assert granger[:, 1, 2].max() > 0.1
    np.testing.assert_allclose(granger[:, 1, 0], 0, atol=1e-8)
    same = synthdata.ar_granger(COEFFICIENTS, COVARIANCE, np.arange(0, 100) * 5, 1000)
    np.testing.assert_allclose(granger, same, atol=1e-10)


def test_ar2_peak_freq():
    assert synthdata.ar2_peak_freq(0.55, -0.8, 200) == pytest.approx(39.98801714721042, rel=1e-12)
    freqs = np.linspace(0, 0.5, 100_001)
    truth = synthdata.ar_spectrum(synthdata.ar2_coefficients([[0]], (0.5, -0.9)), None, freqs, 1)[:, 0, 0].real
    assert synthdata.ar2_peak_freq(0.5, -0.9) == pytest.approx(freqs[np.argmax(truth)], abs=1e-5)


@pytest.mark.parametrize(
    ("coefficients", "text"), [((0.9, 0.5), "complex roots"), ((0, 0), "complex"), ((0.6, -0.1), "peak")]
)
def test_no_peak_without_an_oscillation(coefficients, text):
    with pytest.raises(ValueError, match=text):
        synthdata.ar2_peak_freq(*coefficients)


def test_random_coupling_of_the_first_generation():
    expected = [
        [0, 0, 0.3, 0, 0.075],
        [0, 0, 0, 0, 0.075],
        [0, 0, 0, 0, 0.075],
        [0, 0.15, 0, 0, 0.075],
        [0, 0.15, 0, 0, 0],
    ]
    np.testing.assert_allclose(synthdata.mk_RandomAdjMat(5, 0.4, 0.3, seed=1), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: synthdata.ar2_network(np.zeros((2, 3))), "AdjMat"),
        (lambda: synthdata.ar2_network(alphas=(1, 2, 3)), "alphas"),
        (lambda: synthdata.ar_network(np.zeros((2, 2, 3))), "coefficients"),
        (lambda: synthdata.ar_network(1.01 * np.eye(2)), "stable"),
        (lambda: synthdata.ar_network(COEFFICIENTS, np.eye(2)), "noise_covariance"),
        (lambda: synthdata.ar_network(np.zeros((2, 2)), [[1, 2], [2, 1]]), "noise_covariance"),
        (lambda: synthdata.mk_RandomAdjMat(0), "nChannels"),
    ],
)
def test_impossible_networks_are_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()
