"""The jackknife against closed forms, a loop over trials and FieldTrip."""

import numpy as np
import pytest

from syncopy.kernels.coherence import coherency
from syncopy.kernels.csd import cross_spectra, cross_spectral_sum, trial_sum
from syncopy.kernels.jackknife import bias_variance, deviation_sums, leave_one_out


def jackknife(trials, function, **options):
    """Run the jackknife in two blocks."""
    n, total = len(trials), trials.sum(axis=0)
    direct = function(total / n)
    blocks = trials[:3], trials[3:]
    sums = sum(deviation_sums(function(leave_one_out(total, block, n)), direct, **options) for block in blocks)
    return bias_variance(sums, n)


def test_mean_has_no_bias_and_the_variance_of_its_trials():
    trials = np.random.default_rng(1).standard_normal((8, 3, 2)) * 1e-13 + 5e-13
    bias, variance = jackknife(trials, lambda mean: mean)
    np.testing.assert_allclose(bias, 0, atol=1e-25)
    np.testing.assert_allclose(variance, trials.var(axis=0, ddof=1), rtol=1e-10)


def test_squared_mean_in_closed_form():
    """The jackknife removes the bias of the square of a mean, s² / n, exactly."""
    trials = np.random.default_rng(2).standard_normal((9, 4))
    bias, _ = jackknife(trials, np.square)
    np.testing.assert_allclose(bias, trials.var(axis=0, ddof=1) / 9, rtol=1e-12)


def test_loop_over_trials_with_complex_values():
    rng = np.random.default_rng(3)
    trials = rng.standard_normal((7, 5)) + 1j * rng.standard_normal((7, 5))
    bias, variance = jackknife(trials, np.exp)
    replicates = np.array([np.exp(np.delete(trials, k, axis=0).mean(axis=0)) for k in range(7)])
    mean = replicates.mean(axis=0)
    np.testing.assert_allclose(bias, 6 * (mean - np.exp(trials.mean(axis=0))), rtol=1e-9)
    np.testing.assert_allclose(variance, 6 * (abs(replicates - mean) ** 2).sum(axis=0), rtol=1e-9)
    assert variance.dtype == np.float64


def test_angles_are_compared_on_the_circle():
    """Turning all data by an angle changes neither bias nor variance of their angle, also across +-pi."""
    rng = np.random.default_rng(4)
    trials = 1 + 0.3 * (rng.standard_normal((6, 2)) + 1j * rng.standard_normal((6, 2)))
    plain = jackknife(trials, np.angle, circular=True)
    np.testing.assert_allclose(plain, jackknife(trials, np.angle), rtol=1e-9)
    np.testing.assert_allclose(jackknife(-trials, np.angle, circular=True), plain, rtol=1e-9, atol=1e-14)
    assert np.any(jackknife(-trials, np.angle)[1] > 10 * plain[1])


def test_single_precision_trials_do_not_spoil_the_total():
    trials = (1 + 1e-3 * np.random.default_rng(5).standard_normal((50, 4))).astype(np.float32)
    means = leave_one_out(trials.sum(axis=0, dtype=float), trials, 50)
    assert means.dtype == np.float64
    truth = np.delete(trials.astype(float), 7, axis=0).mean(axis=0)
    np.testing.assert_allclose(means[7], truth, rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_fieldtrip_coherence(shared, dtype):
    """One pass over the spectra with nothing kept; FieldTrip's estimate is the mean of the replicates."""
    with np.load(shared / "oracle" / "conn.npz") as file:
        fourier = file["input_fourier_5_100.fourierspctrm"].astype(dtype)
        mean, error = (file[f"coh_jackknife_fourier.cohspctrm{key}"].transpose(2, 0, 1) for key in ("", "sem"))
    spectra, n = fourier.reshape(20, 1, 7, 4, 96).swapaxes(-1, -2), 20
    total = cross_spectral_sum(spectra)
    direct = abs(coherency(total))

    def lift(cross, total, direct):
        return deviation_sums(abs(coherency(leave_one_out(total, cross, n))), direct)

    bias, variance = bias_variance(trial_sum(spectra, lift, total, direct), n)
    np.testing.assert_allclose((direct + bias / (n - 1))[0], mean, atol=1e-6)
    np.testing.assert_allclose(np.sqrt(variance / n)[0], error, atol=1e-6)
    assert cross_spectra(spectra).dtype == dtype
