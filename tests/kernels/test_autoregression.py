"""Networks against loops, SciPy, identities of spectral theory, and numbers of the toolbox's first generation."""

import numpy as np
import pytest
from scipy import signal

from syncopy.kernels import autoregression as ar

# 0 -> 1 -> 2, with a common innovation of 0 and 2
COEFFICIENTS = np.array(
    [
        [[0.55, 0, 0], [0.4, 0.5, 0], [0, 0, 0.3]],
        [[-0.8, 0, 0], [0, -0.7, 0], [0, 0.35, -0.4]],
        [[0, 0, 0], [0, 0, 0], [0, 0.1, 0]],
    ]
)
NOISE = np.array([[1.0, 0, 0.3], [0, 2.0, 0], [0.3, 0, 0.5]])
FREQS = np.arange(0, 0.5, 1 / 512)
CIRCLE = np.arange(512) / 512  # a mean over it is the integral over all frequencies


def gram(response, noise):
    return response @ noise @ response.conj().swapaxes(1, 2)


# --- AR(2) networks


@pytest.mark.parametrize("channels", [2, 3, 10])
def test_ar2_trials_equal_each_trial_alone(channels):
    rng = np.random.default_rng(channels)
    noise, coupling = rng.normal(size=(4, 400, channels)), rng.uniform(size=(channels, channels)) * 0.3 / channels
    before = noise.copy()
    matrix = 0.55 * np.eye(channels) + coupling.T.astype("f4")
    expected = noise.astype("f4")
    for trial, innovations in zip(expected, noise, strict=True):
        for t in range(2, 400):
            trial[t] = matrix @ trial[t - 1] + np.float32(-0.8) * trial[t - 2]
            trial[t] += innovations[t]
    got = ar.simulate_ar2(noise, coupling, (0.55, -0.8))
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(noise, before)


@pytest.mark.parametrize(
    ("seed", "coupling", "alphas", "samples", "expected"),
    [
        (3, [[0, 0], [0.25, 0]], (0.55, -0.8), 1000, {3: [-3.0738547, 1.0564471], 999: [2.1778836, -3.1993096]}),
        (
            4,
            [[0, 0.2, 0.1], [0, 0, 0.15], [0.05, 0, 0]],
            (0.5, -0.7),
            2000,
            {2: [0.16210379, -0.41793543, -2.9556909], 1999: [-0.34503016, -2.2253454, -0.84909517]},
        ),
        (
            2,
            np.zeros((3, 3)),
            (0.9, 0),
            1000,
            {0: [0.18905339, -0.5227485, -0.41306356], 999: [3.9576101, -3.1932998, 3.2702167]},
        ),
    ],
)
def test_ar2_of_the_first_generation(seed, coupling, alphas, samples, expected):
    noise = np.random.default_rng(seed).normal(size=(1, samples, len(coupling)))
    got = ar.simulate_ar2(noise, np.array(coupling), alphas)[0]
    np.testing.assert_allclose(got[list(expected)], list(expected.values()), rtol=1e-6)


def test_ar2_follows_the_general_network():
    noise = np.random.default_rng(0).normal(size=(1, 3000, 2))
    coupling = np.array([[0, 0.25], [0, 0]])
    got = ar.simulate_ar2(noise, coupling, (0.55, -0.8))
    general = ar.simulate_ar(np.array([0.55 * np.eye(2) + coupling.T, -0.8 * np.eye(2)]), np.eye(2), noise)
    np.testing.assert_allclose(got[:, -2000:], general[:, -2000:], atol=1e-4)  # they differ by their first state alone


def test_random_coupling():
    uniform = np.random.default_rng(1).uniform(size=(5, 5))
    expected = [
        [0, 0, 0.3, 0, 0.075],
        [0, 0, 0, 0, 0.075],
        [0, 0, 0, 0, 0.075],
        [0, 0.15, 0, 0, 0.075],
        [0, 0.15, 0, 0, 0],
    ]
    np.testing.assert_allclose(ar.random_coupling(uniform, 0.4, 0.3), expected, rtol=1e-14)


# --- networks of any order


def test_simulation_equals_the_recursion():
    noise = np.random.default_rng(5).normal(size=(2, 3 + 200, 3))
    data = ar.simulate_ar(COEFFICIENTS, NOISE, noise)
    assert data.shape == (2, 200, 3)
    prediction = sum(data[:, 2 - lag : 199 - lag] @ COEFFICIENTS[lag].T for lag in range(3))
    residual = data[:, 3:] - prediction
    root = np.linalg.lstsq(noise[:, 6:].reshape(-1, 3), residual.reshape(-1, 3), rcond=None)[0]
    np.testing.assert_allclose(noise[:, 6:] @ root, residual, atol=1e-12)
    np.testing.assert_allclose(root.T @ root, NOISE, atol=1e-12)


def test_simulation_of_one_channel_equals_lfilter():
    noise = np.random.default_rng(6).normal(size=(1, 500, 1))
    data = ar.simulate_ar(np.array([[[0.9]], [[-0.5]]]), np.array([[4.0]]), noise)[0, :, 0]
    driven = 2 * np.abs(noise[0, 4:, 0]) * np.sign(noise[0, 4:, 0])
    for sign in (1, -1):  # the sign of a root is free
        expected = signal.lfilter(
            [1], [1, -0.9, 0.5], sign * driven, zi=signal.lfiltic([1], [1, -0.9, 0.5], data[1::-1])
        )[0]
        if np.allclose(expected, data[2:], atol=1e-12):
            return
    pytest.fail("neither sign of the root fits")


def test_simulation_is_stationary_from_the_first_sample():
    noise = np.random.default_rng(7).normal(size=(40_000, 3 + 4, 3))
    data = ar.simulate_ar(COEFFICIENTS, NOISE, noise)
    expected = ar.stationary_covariance(COEFFICIENTS, NOISE)
    for start in (0, 1):
        state = data[:, start : start + 3][:, ::-1].reshape(-1, 9)
        np.testing.assert_allclose(state.T @ state / 40_000, expected, atol=0.03 * expected.max())


def test_singular_noise_is_allowed():
    noise = np.random.default_rng(8).normal(size=(1, 50, 2))
    data = ar.simulate_ar(np.array([0.5 * np.eye(2)]), np.ones((2, 2)), noise)
    np.testing.assert_allclose(data[..., 0], data[..., 1], atol=1e-7)


def test_spectral_radius_of_one_channel_is_its_largest_root():
    assert ar.spectral_radius(np.array([[[0.55]], [[-0.8]]])) == pytest.approx(np.sqrt(0.8), rel=1e-12)
    assert ar.spectral_radius(np.array([[[1.1]]])) == pytest.approx(1.1)


# --- spectra


def test_spectrum_of_one_channel_equals_freqz():
    response = signal.freqz([1], [1, -0.55, 0.8], worN=2 * np.pi * FREQS)[1]
    coefficients = np.array([[[0.55]], [[-0.8]]])
    np.testing.assert_allclose(ar.transfer_function(coefficients, FREQS)[:, 0, 0], response, rtol=1e-12)
    density = ar.cross_spectral_density(coefficients, np.array([[3.0]]), FREQS)
    np.testing.assert_allclose(density[:, 0, 0], 3 * np.abs(response) ** 2, rtol=1e-12)


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_spectrum_is_the_transform_of_the_covariance(lag):
    density = ar.cross_spectral_density(COEFFICIENTS, NOISE, CIRCLE)
    covariance = np.mean(density * np.exp(2j * np.pi * CIRCLE * lag)[:, None, None], axis=0)
    expected = ar.stationary_covariance(COEFFICIENTS, NOISE)[:3, 3 * lag : 3 * lag + 3]  # E x[t] x[t-lag]^T
    np.testing.assert_allclose(covariance, expected, atol=1e-10)


def test_a_positive_phase_means_that_the_row_leads():
    delay = np.array([[[0, 0], [0.9, 0]]])  # channel 1 repeats channel 0
    density = ar.cross_spectral_density(delay, np.diag([1, 1e-3]), np.array([0.1]))
    assert np.angle(density[0, 0, 1]) == pytest.approx(2 * np.pi * 0.1)


# --- Granger causality


@pytest.mark.parametrize("channels", [[0, 1], [2, 0], [1, 2], [2]])
def test_marginal_model_is_the_minimum_phase_factor(channels):
    channels = np.array(channels)
    response, noise = ar.marginal_model(COEFFICIENTS, NOISE, channels, CIRCLE)
    density = ar.cross_spectral_density(COEFFICIENTS, NOISE, CIRCLE)[:, channels[:, None], channels]
    np.testing.assert_allclose(gram(response, noise), density, atol=1e-10)
    np.testing.assert_allclose(response.mean(axis=0), np.eye(len(channels)), atol=1e-10)
    # Kolmogorov and Szegö: only a minimum-phase factor has this determinant
    log_determinants = np.log(np.linalg.det(density).real)
    assert np.log(np.linalg.det(noise)) == pytest.approx(log_determinants.mean(), rel=1e-9)


def test_granger_of_two_channels_is_the_formula_on_the_network_itself():
    coefficients = np.array([[[0.5, 0.2], [0.3, 0.4]], [[-0.6, 0], [0.1, -0.5]]])
    noise = np.array([[1, 0.4], [0.4, 2]])
    response = ar.transfer_function(coefficients, FREQS)
    power = np.einsum("fii->fi", gram(response, noise)).real
    own = noise[0, 0] - noise[0, 1] ** 2 / noise[1, 1], noise[1, 1] - noise[0, 1] ** 2 / noise[0, 0]
    granger = ar.pairwise_granger(coefficients, noise, FREQS)
    np.testing.assert_allclose(
        granger[:, 0, 1], -np.log(1 - own[0] * np.abs(response[:, 1, 0]) ** 2 / power[:, 1]), rtol=1e-8
    )
    np.testing.assert_allclose(
        granger[:, 1, 0], -np.log(1 - own[1] * np.abs(response[:, 0, 1]) ** 2 / power[:, 0]), rtol=1e-8
    )
    assert not granger[:, [0, 1], [0, 1]].any()


def test_granger_averages_to_the_gain_in_prediction():
    """Geweke's identity, with prediction errors from long regressions on the covariance."""
    order = 80
    density = ar.cross_spectral_density(COEFFICIENTS, NOISE, CIRCLE)
    covariance = np.fft.ifft(density, axis=0).real  # [lag, i, j] = E x_i[t] x_j[t - lag]

    def error(target, others):
        """Variance of channel `target` that the past of `others` leaves."""
        lags = np.arange(order)
        past = covariance[lags[None, :] - lags[:, None]][..., others, :][..., others]  # (from lag, lag, i, j)
        past = past.transpose(0, 2, 1, 3).reshape(order * len(others), -1)
        cross = covariance[1 : order + 1, target][:, others].ravel()
        return covariance[0, target, target] - cross @ np.linalg.solve(past, cross)

    means = ar.pairwise_granger(COEFFICIENTS, NOISE, CIRCLE).mean(axis=0)
    gains = {(a, b): np.log(error(b, [b]) / error(b, [a, b])) for a in range(3) for b in range(3) if a != b}
    limit = gains.pop((1, 2))  # not reached: what channel 2 makes of its own innovations is not minimum phase
    assert 0.9 * limit < means[1, 2] < limit
    for pair, gain in gains.items():
        assert means[pair] == pytest.approx(gain, rel=1e-6, abs=1e-9)
    assert means[0, 1] > 0.05


def test_granger_of_unconnected_channels_is_zero():
    coefficients = np.array([0.5 * np.eye(3), -0.6 * np.eye(3)])
    coefficients[0, 1, 0] = 0.4
    granger = ar.pairwise_granger(coefficients, np.eye(3), FREQS)
    connected = granger[:, 0, 1].copy()
    granger[:, 0, 1] = 0
    np.testing.assert_allclose(granger, 0, atol=1e-9)
    assert connected.max() > 0.1
