"""Simulated signals: numbers of the toolbox's first generation, and closed forms."""

import numpy as np
import pytest

from syncopy import synthdata


def test_white_noise_of_the_first_generation():
    data = synthdata.white_noise(nTrials=4, nSamples=5, seed=7, samplerate=10)
    expected = [[-0.3831223, -1.0334305], [0.17365173, -0.10930204], [0.8409506, -1.0059992], [-1.5604417, -0.20180976]]
    np.testing.assert_array_equal(data.data[::5], np.array(expected, np.float32))
    alone = synthdata.white_noise(6, 2, 1, nTrials=None)
    np.testing.assert_array_equal(alone, np.random.default_rng(1).normal(size=(6, 2)).astype(np.float32))


def test_linear_trend():
    line = synthdata.linear_trend(3.3, nSamples=11, nChannels=3, nTrials=None)
    np.testing.assert_allclose(line, 0.33 * np.arange(11)[:, None] * np.ones(3), rtol=1e-6)


def test_harmonic():
    wave = synthdata.harmonic(10, samplerate=200, nSamples=50, nChannels=2, nTrials=2)
    expected = np.cos(2 * np.pi * 10 * np.arange(50) / 200)[:, None] * np.ones(2)
    for trial in wave.trials:
        np.testing.assert_allclose(trial, expected, atol=1e-5)


def test_phase_diffusion_of_the_first_generation():
    kwargs = {"freq": 40, "eps": 0.3, "samplerate": 200, "nChannels": 3, "seed": 5, "nTrials": None}
    phase = synthdata.phase_diffusion(**kwargs, rand_ini=True, return_phase=True)
    expected = [[4.5656004, 4.2632904, 3.085393], [1270.9906, 1286.0171, 1269.7677]]
    np.testing.assert_allclose(phase[[0, 999]], expected, rtol=1e-6)
    wave = synthdata.phase_diffusion(**kwargs)
    np.testing.assert_allclose(wave[999], [-0.99166244, 0.6755184, -0.89249676], rtol=1e-5)


@pytest.mark.parametrize("legacy", [False, True])
def test_phase_without_diffusion_is_a_line(legacy):
    phase = synthdata.phase_diffusion(
        12, eps=0, samplerate=500, nSamples=101, return_phase=True, nTrials=None, legacy=legacy
    )
    slope = 2 * np.pi * 12 / 500 * (101 / 100 if legacy else 1)
    np.testing.assert_allclose(phase[:, 0], slope * np.arange(101), rtol=1e-5, atol=1e-6)


def test_new_phase_diffusion_starts_at_phases_independent_of_the_noise():
    kwargs = {"freq": 12, "nSamples": 2, "nChannels": 500, "return_phase": True, "nTrials": None, "seed": 4}
    start = synthdata.phase_diffusion(**kwargs, rand_ini=True, legacy=False)
    from_zero = synthdata.phase_diffusion(**kwargs, legacy=False)
    initial = (start - from_zero)[0]
    assert initial.min() > -1e-4
    assert initial.max() < 2 * np.pi + 1e-4
    assert abs(np.corrcoef(initial, from_zero[0])[0, 1]) < 0.15
    np.testing.assert_allclose((start - from_zero)[1], initial, atol=1e-5)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_pink_noise_has_its_slope(exponent):
    data = synthdata.pink_noise(exponent, nSamples=256, nChannels=4, nTrials=100, seed=1)
    trials = np.array(list(data.trials))
    power = (np.abs(np.fft.rfft(trials, axis=1)) ** 2).mean((0, 2))[1:-1]
    slope = np.polyfit(np.log(np.arange(1, 128)), np.log(power), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.05)
    assert trials.var() == pytest.approx(1, rel=0.1)
