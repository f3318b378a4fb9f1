"""Granger causality against models with known answers, identities and FieldTrip."""

import numpy as np
import pytest
from scipy.signal import windows

from syncopy.kernels.csd import cross_spectra
from syncopy.kernels.factorisation import factorise, repair_dc
from syncopy.kernels.granger import (
    block_granger,
    conditional_granger,
    granger,
    instantaneous_causality,
    pair_granger,
    reconstruct,
    total_interdependence,
)
from syncopy.kernels.jackknife import bias_variance, deviation_sums, leave_one_out

SINGLES = [np.array([channel]) for channel in range(4)]


@pytest.fixture(scope="module")
def fieldtrip(shared):
    with np.load(shared / "oracle" / "granger.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def fieldtrip_csd(fieldtrip):
    csd = fieldtrip["csd_in.crsspctrm"].transpose(2, 0, 1).copy()
    csd[[0, -1]] *= 2
    return csd


def model(coefficients, noise, length=800):
    angle = 2 * np.pi * np.arange(length // 2 + 1) / length
    lags = np.exp(-1j * np.outer(angle, 1 + np.arange(len(coefficients))))
    return np.linalg.inv(np.eye(len(noise)) - np.tensordot(lags, coefficients, 1))


def chain():
    """0 drives 1, 1 drives 2, nothing else; 3 is alone."""
    coefficients = np.array([np.diag([0.5, 0.4, 0.6, 0.3]), np.diag([-0.7, -0.5, -0.6, -0.5])])
    coefficients[0, 1, 0], coefficients[1, 2, 1] = 0.4, 0.3
    noise = np.diag([1.0, 2.0, 1.5, 1.0])
    return model(coefficients, noise), noise


def test_two_channels_in_closed_form():
    """x_t = e_t, y_t = c x_{t-1} + u_t: the causality x -> y is ln(1 + c² / var u) at every frequency."""
    coupling, variance = 0.8, 0.5
    noise = np.diag([1, variance])
    transfer = model(np.array([[[0, 0], [coupling, 0]]]), noise)
    result = granger(transfer, noise)
    np.testing.assert_allclose(result[:, 0, 1], np.log(1 + coupling**2 / variance))
    np.testing.assert_array_equal(result[:, 1, 0], 0)
    np.testing.assert_array_equal(np.einsum("fii->fi", result), 0)


def test_average_over_frequencies_is_the_gain_of_prediction():
    """Geweke: the mean of G over the circle is ln(variance of y from its own past / from both pasts)."""
    transfer, noise = chain()
    transfer, noise = transfer[:, :2, :2], noise[:2, :2]
    csd = reconstruct(transfer, noise)
    alone = factorise(csd[:, 1:, 1:], 800).noise[0, 0]
    result = granger(transfer, noise)[:, 0, 1]
    mean = (result.sum() - (result[0] + result[-1]) / 2) / (len(result) - 1)
    assert mean == pytest.approx(np.log(alone / noise[1, 1]), rel=1e-5)


def test_instantaneous_and_directed_parts_make_up_the_total():
    noise = np.array([[1, 0.4], [0.4, 2]])
    transfer = model(np.array([[[0.5, 0.2], [0.3, 0.4]]]), noise)
    directed, total = granger(transfer, noise), total_interdependence(transfer, noise)
    csd = reconstruct(transfer, noise)
    squared = abs(csd[:, 0, 1]) ** 2 / (csd[:, 0, 0] * csd[:, 1, 1]).real
    np.testing.assert_allclose(total[:, 0, 1], -np.log(1 - squared))
    rest = instantaneous_causality(transfer, noise)
    np.testing.assert_allclose(rest, rest.swapaxes(-1, -2))
    np.testing.assert_allclose((rest + directed + directed.swapaxes(-1, -2))[:, 0, 1], total[:, 0, 1])


def test_independent_noise_without_feedback_has_no_instantaneous_part():
    transfer, noise = chain()
    pair, other = noise[:2, :2], np.array([[1, 0.4], [0.4, 2]])
    np.testing.assert_allclose(instantaneous_causality(transfer[:, :2, :2], pair), 0, atol=1e-12)
    assert instantaneous_causality(transfer[:, :2, :2], other)[:, 0, 1].mean() > 0.05


@pytest.mark.parametrize("scale", [1, 1e-13])
def test_estimated_from_data_it_is_near_the_model_in_any_unit(scale):
    rng = np.random.default_rng(1)
    trials, length = 300, 256
    data = np.zeros((trials, length + 100, 2))
    noise = rng.standard_normal(data.shape)
    for t in range(2, length + 100):
        data[:, t, 0] = 0.55 * data[:, t - 1, 0] - 0.8 * data[:, t - 2, 0] + noise[:, t, 0]
        data[:, t, 1] = 0.55 * data[:, t - 1, 1] - 0.8 * data[:, t - 2, 1] + 0.25 * data[:, t - 1, 0] + noise[:, t, 1]
    windowed = (data[:, 100:] * np.array([1, 20]) * scale) * np.hanning(length)[:, None]
    coefficients = np.fft.rfft(windowed - windowed.mean(axis=1, keepdims=True), axis=1)
    csd = repair_dc(np.einsum("tfi,tfj->fij", coefficients, coefficients.conj()) / trials)
    result = pair_granger(csd, np.array([0]), np.array([1]), length)
    assert result.converged.all()
    model_a = np.array([[[0.55, 0], [0.25, 0.55]], [[-0.8, 0], [0, -0.8]]])
    truth = granger(model(model_a, np.eye(2), length), np.eye(2))
    band = slice(15, 60)  # holds the resonance
    np.testing.assert_allclose(result.granger[0, band, 0].mean(), truth[band, 0, 1].mean(), rtol=0.1)
    assert result.granger[0, :, 1].mean() < 0.02


def test_a_negative_denominator_is_taken_absolute():
    """Of more than two channels, with noise that cancels, the part of one can be more than the whole."""
    transfer = np.eye(3, dtype=complex)[None].copy()
    transfer[0, 0] = 0.1, 1, -1
    noise = np.array([[1, 0, 0], [0, 1, 0.9], [0, 0.9, 1]])
    power = 0.01 + 1 + 1 - 2 * 0.9
    assert granger(transfer, noise)[0, 1, 0] == pytest.approx(np.log(power / abs(power - 1)))
    assert np.isfinite(granger(transfer, noise)).all()


def test_copies_do_not_cause_each_other():
    """Nor does a channel cause itself: there the two channels are the same one."""
    transfer, noise = chain()
    mixing = np.array([[1, 0, 0, 0], [3e-13, 0, 0, 0], [0, 1, 0, 0]])
    csd = mixing @ reconstruct(transfer, noise) @ mixing.T
    result = pair_granger(csd, np.array([0, 1, 2, 0]), np.array([1, 0, 2, 2]), 800)
    np.testing.assert_allclose(result.granger[:3], 0, atol=1e-7)
    assert result.converged.all()
    assert np.all(result.factor[:3] > 0)
    assert result.factor[3] == 0
    np.testing.assert_allclose(result.granger[3, :, 0], granger(transfer, noise)[:, 0, 1], atol=1e-4)


def test_pairs_in_slabs_and_both_directions(monkeypatch):
    transfer, noise = chain()
    csd = reconstruct(transfer, noise)
    senders, receivers = np.triu_indices(4, 1)
    whole = pair_granger(csd, senders, receivers, 800)
    assert whole.granger.shape == (6, 401, 2)
    coherency = np.abs(csd[:, senders, receivers]) ** 2 / (csd[:, senders, senders] * csd[:, receivers, receivers]).real
    np.testing.assert_allclose(whole.total, -np.log(1 - coherency.T), atol=1e-4)
    monkeypatch.setattr("syncopy.kernels.granger.PAIR_BYTES", 1)
    swapped = pair_granger(csd, receivers, senders, 800)
    np.testing.assert_allclose(swapped.granger[..., ::-1], whole.granger, atol=1e-6)


def test_joint_and_pairwise_see_the_indirect_path_and_conditional_does_not():
    transfer, noise = chain()
    csd = reconstruct(transfer, noise)
    joint = granger(transfer, noise)
    conditional, converged, error = conditional_granger(csd, 800, SINGLES)
    assert converged.all()
    assert error.max() < 5e-6
    assert joint[:, 0, 2].max() > 0.05
    np.testing.assert_allclose(conditional[:, 0, 2], 0, atol=1e-3)
    assert conditional[:, 0, 1].max() > 0.1
    assert conditional[:, 1, 2].max() > 0.1
    silent = [(1, 0), (2, 0), (2, 1), (3, 0), (0, 3), (3, 2)]
    for i, j in silent:
        np.testing.assert_allclose(conditional[:, i, j], 0, atol=1e-3)


def test_conditional_of_two_channels_is_unconditional():
    noise = np.array([[1, 0.4], [0.4, 2]])
    transfer = model(np.array([[[0.5, 0.2], [0.3, 0.4]]]), noise)
    conditional = conditional_granger(reconstruct(transfer, noise), 800, SINGLES[:2]).granger
    np.testing.assert_allclose(conditional, granger(transfer, noise), atol=1e-5)


def test_blocks_of_one_channel_are_channels():
    transfer, noise = chain()
    noise = noise + 0.2
    np.testing.assert_allclose(block_granger(transfer, noise, SINGLES), granger(transfer, noise), atol=1e-12)


def test_block_causality_ignores_a_mixture_within_blocks():
    transfer, noise = chain()
    mixing = np.eye(4)
    mixing[0, 3], mixing[1, 2] = 0.7, -2
    blocks = [np.array([0, 3]), np.array([2, 1])]
    plain = block_granger(transfer, noise, blocks)
    mixed = block_granger(mixing @ transfer @ np.linalg.inv(mixing), mixing @ noise @ mixing.T, blocks)
    np.testing.assert_allclose(mixed, plain, atol=1e-10)
    assert plain[:, 0, 1].max() > 0.1
    np.testing.assert_allclose(plain[:, 1, 0], 0, atol=1e-12)
    conditional = conditional_granger(reconstruct(transfer, noise), 800, blocks).granger
    np.testing.assert_allclose(conditional, plain, atol=1e-4)


def test_fieldtrip_formulas_from_its_own_factors(fieldtrip):
    transfer = fieldtrip["transfer_multivariate.transfer"].transpose(2, 0, 1)
    noise = fieldtrip["transfer_multivariate.noisecov"]
    rest = fieldtrip["instantaneous_causality_multivariate.instantspctrm"].transpose(2, 0, 1)
    np.testing.assert_allclose(instantaneous_causality(transfer, noise), rest, atol=1e-10)
    blocks = fieldtrip["granger_block.grangerspctrm"].transpose(2, 0, 1)
    result = block_granger(transfer, noise, [np.array([0, 3]), np.array([1, 2])])
    np.testing.assert_allclose(result, blocks, atol=1e-10)


def test_fieldtrip_pairs(fieldtrip, fieldtrip_csd):
    """FieldTrip keeps the lag of half the length whole, so its bins alternate by some 3 %: compare without that."""
    senders, receivers = np.array([1, 2, 3, 2, 3, 3]), np.array([0, 0, 0, 1, 1, 2])
    result = pair_granger(fieldtrip_csd, senders, receivers, 500).granger
    rows = fieldtrip["granger_bivariate.grangerspctrm"]  # of each pair first the way from the second to the first
    truth = np.stack([rows[1::2], rows[::2]], axis=-1)
    smooth = [array[:, :-2] / 4 + array[:, 1:-1] / 2 + array[:, 2:] / 4 for array in (result, truth)]
    np.testing.assert_allclose(*smooth, rtol=0.02, atol=3e-3)
    bands = [array[:, :250].reshape(6, 25, 10, 2).mean(axis=2) for array in (result, truth)]
    np.testing.assert_allclose(*bands, rtol=2e-3, atol=1e-3)


def test_fieldtrip_conditional(fieldtrip, fieldtrip_csd):
    result = conditional_granger(fieldtrip_csd, 500, SINGLES).granger
    truth = np.zeros_like(result)
    for row, (i, j) in enumerate(
        [(1, 0), (0, 1), (2, 0), (0, 2), (3, 0), (0, 3), (2, 1), (1, 2), (3, 1), (1, 3), (3, 2), (2, 3)]
    ):
        truth[:, i, j] = fieldtrip["granger_conditional.grangerspctrm"][row]
    np.testing.assert_allclose(result, truth, atol=0.02 * truth.max())
    bands = [array[:250].reshape(25, 10, 4, 4).mean(axis=1) for array in (result, truth)]
    np.testing.assert_allclose(*bands, atol=4e-3 * truth.max())


def test_fieldtrip_jackknife(shared, fieldtrip):
    """Replicates start from the factors of the full sample; FieldTrip's estimate is their mean."""
    with np.load(shared / "oracle" / "inputs.npz") as file:
        data = file["net"].swapaxes(1, 2)
    tapers = windows.dpss(500, 4, 7)[:, :, None]
    tapered = (data - data.mean(axis=1, keepdims=True))[:, None, None] * tapers
    cross = cross_spectra(np.fft.rfft(tapered, axis=3))[:, 0]
    n, total = 20, cross.sum(axis=0)
    full = factorise(total / n, 500)
    direct = granger(full.transfer, full.noise)
    replicates = factorise(leave_one_out(total, cross, n), 500, start=full)
    assert replicates.converged.all()
    assert replicates.iterations.max() < full.iterations
    bias, variance = bias_variance(deviation_sums(granger(replicates.transfer, replicates.noise), direct), n)
    mean, error = (
        fieldtrip[f"granger_jackknife_rpt_method.grangerspctrm{key}"].transpose(2, 0, 1) for key in ("", "sem")
    )

    def bands(array):
        return array[:250].reshape(25, 10, 4, 4).mean(axis=1)

    np.testing.assert_allclose(bands(direct + bias / (n - 1)), bands(mean), atol=4e-3)
    np.testing.assert_allclose(bands(np.sqrt(variance / n)), bands(error), rtol=0.1, atol=4e-3)
