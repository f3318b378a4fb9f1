"""Simulated signals against their laws, and numbers of the toolbox's first generation."""

import numpy as np
import pytest
from scipy import special

from syncopy.kernels import noise


def test_harmonic():
    wave = noise.harmonic(23.7, 500, 1000)
    assert wave.dtype == np.float32
    np.testing.assert_allclose(wave[[0, 1, 500, 999]], [1, 0.95597756, -0.30901012, -0.6009113], rtol=1e-6)
    np.testing.assert_allclose(wave, np.cos(2 * np.pi * 23.7 * np.arange(1000) / 500), atol=3e-5)


def test_diffusing_phase_of_the_first_generation():
    normal = np.random.default_rng(5).normal(size=(1, 1000, 3)).astype("f4")
    initial = np.float32(2 * np.pi) * np.random.default_rng(5).uniform(size=(1, 3)).astype("f4")
    time = np.linspace(0, 5, 1000)
    phase = noise.diffusing_phase(time, normal, initial, 40, 0.3, 200)
    assert phase.dtype == np.float32
    expected = [[4.5656004, 4.2632904, 3.085393], [636.99207, 633.8457, 647.8262], [1270.9906, 1286.0171, 1269.7677]]
    np.testing.assert_allclose(phase[0, [0, 500, 999]], expected, rtol=1e-6)
    resting = noise.diffusing_phase(time, normal, 0 * initial, 40, 0.3, 200)
    np.testing.assert_allclose(
        np.cos(resting[0, [0, 999]]),
        [[0.88120896, 0.6872127, 0.98839545], [-0.99166244, 0.6755184, -0.89249676]],
        rtol=1e-5,
    )


def test_phase_diffuses_by_the_stated_variance():
    normal = np.random.default_rng(0).normal(size=(20_000, 50, 1)).astype("f4")
    phase = noise.diffusing_phase(np.arange(50) / 100, normal, np.ones((20_000, 1), "f4"), 7, 0.2, 100)
    np.testing.assert_allclose(phase.mean(0)[:, 0], 1 + 2 * np.pi * 7 * np.arange(50) / 100, atol=0.05)
    np.testing.assert_allclose(phase.var(0)[:, 0], 2 * np.pi * 7 * 0.2 / 100 * np.arange(1, 51), rtol=0.05)


@pytest.mark.parametrize("samples", [100, 101])
@pytest.mark.parametrize("exponent", [0, 1, 2.5])
def test_power_law(samples, exponent):
    impulse = np.zeros((1, samples, 1))
    impulse[0, 3] = np.sqrt(samples)  # its periodogram is that of white noise on average
    before = impulse.copy()
    coloured = noise.power_law_noise(impulse, exponent)
    power = np.abs(np.fft.rfft(coloured[0, :, 0])) ** 2
    lines = np.arange(1, samples // 2 + 1)
    np.testing.assert_allclose(power[1:] / power[1], lines ** -float(exponent), rtol=1e-9)
    assert power[0] < 1e-20
    assert coloured.var() == pytest.approx(1, rel=1e-12)
    np.testing.assert_array_equal(impulse, before)


@pytest.mark.parametrize("concentration", [0.0, 0.5, 3.0, 200.0])
def test_locked_rate_has_its_mean_and_its_locking(concentration):
    phase = 2 * np.pi * np.arange(4096) / 4096
    rate = noise.locked_rate(phase, 20, concentration, preferred=1.0)
    assert rate.mean() == pytest.approx(20, rel=1e-12)
    phasor = np.mean(rate / 20 * np.exp(1j * (phase - 1)))
    assert phasor == pytest.approx(noise.locking_strength(concentration), abs=1e-12)


def test_locking_strength():
    assert noise.locking_strength(2.0) == pytest.approx(special.iv(1, 2) / special.iv(0, 2), rel=1e-12)
    assert noise.locking_strength(0.0) == 0


# rows 0, 1, -1 and the sums of the columns
@pytest.mark.parametrize(
    ("seed", "channels", "units", "count", "length", "rows", "sums"),
    [
        (2, 4, 3, 1000, 14285, [[24, 2, 1], [33, 3, 0], [14260, 2, 1]], [7176747, 1538, 1376]),
        (3, 2, 1, 200, 2000, [[2, 1, 0], [8, 1, 0], [1998, 1, 0]], [200999, 147, 0]),
    ],
)
def test_uniform_spikes_of_the_first_generation(seed, channels, units, count, length, rows, sums):
    def weights(size):
        uniform = np.random.default_rng(seed).uniform(size=size)
        return uniform / uniform.sum()

    rng = np.random.default_rng(seed)
    spikes = noise.uniform_spikes(rng, weights(channels), weights(units), count, length)
    assert spikes.dtype == np.int64
    np.testing.assert_array_equal(spikes[[0, 1, -1]], rows)
    np.testing.assert_array_equal(spikes.sum(0), sums)
    assert len(np.unique(spikes[:, 0])) == count
    if seed == 3:
        expected = [[0, 625, -70], [666, 1321, -124], [1332, 1997, -92]]
        np.testing.assert_array_equal(noise.jittered_trials(rng, 3, length), expected)


@pytest.mark.parametrize(("count", "length"), [(30, 100), (50, 100), (7, 7000), (1, 50)])
def test_jittered_trials_lie_in_the_recording(count, length):
    trials = noise.jittered_trials(np.random.default_rng(1), count, length)
    assert trials.shape == (count, 3)
    starts, stops, offsets = trials.T
    assert (starts[0], (stops > starts).all(), (stops[:-1] <= starts[1:]).all(), stops[-1] <= length) == (
        0,
        True,
        True,
        True,
    )
    assert ((offsets <= 0) & (-offsets < stops - starts)).all()
