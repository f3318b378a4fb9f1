"""Wilson's factorisation against autoregressive models, whose factors are known, and FieldTrip."""

import numpy as np
import pytest

from syncopy.kernels.factorisation import factorise, regularise, repair_dc

COEFFICIENTS = np.array([[[0.55, 0, 0], [0.3, 0.5, 0], [0, 0.2, 0.6]], [[-0.7, 0, 0], [0, -0.6, 0], [0.2, 0, -0.5]]])
NOISE = np.array([[1.0, 0.3, 0.0], [0.3, 2.0, 0.1], [0.0, 0.1, 0.5]])


def network(length, coefficients=COEFFICIENTS, noise=NOISE):
    """Return transfer function and cross-spectra of x_t = sum_l A_l x_{t-l} + e."""
    angle = 2 * np.pi * np.arange(length // 2 + 1) / length
    lags = np.exp(-1j * np.outer(angle, 1 + np.arange(len(coefficients))))
    transfer = np.linalg.inv(np.eye(len(noise)) - np.tensordot(lags, coefficients, 1))
    return transfer, transfer @ noise @ transfer.conj().swapaxes(-1, -2)


def product(factors):
    noise = factors.noise[..., None, :, :]
    return factors.transfer @ noise @ factors.transfer.conj().swapaxes(-1, -2)


@pytest.mark.parametrize("channels", [[0, 1, 2], [0, 1]])
@pytest.mark.parametrize("length", [600, 601])
def test_factors_of_a_network_with_even_and_odd_length(length, channels):
    transfer, csd = network(length, COEFFICIENTS[:, channels][:, :, channels], NOISE[channels][:, channels])
    before = csd.copy()
    factors = factorise(csd, length)
    assert factors.converged
    assert factors.iterations <= 12
    np.testing.assert_allclose(factors.transfer, transfer, atol=1e-4)
    np.testing.assert_allclose(factors.noise, NOISE[channels][:, channels], atol=1e-4)
    np.testing.assert_allclose(product(factors), csd, atol=1e-5 * abs(csd).max())
    np.testing.assert_array_equal(csd, before)


def test_parity_matters():
    """The last bin of an odd length is not Nyquist: read as an even length the same spectra cannot be factorised."""
    transfer, csd = network(201)
    right, wrong = factorise(csd, 201), factorise(csd, 200)
    assert right.converged
    assert not wrong.converged
    assert abs(right.transfer - transfer).max() < 0.1 * abs(wrong.transfer - transfer).max()


@pytest.mark.parametrize("scale", [1e-26, 1e12])
def test_units_do_not_matter(scale):
    _, csd = network(200)
    plain = factorise(csd, 200)
    scaled = factorise(csd * scale, 200)
    np.testing.assert_allclose(scaled.transfer, plain.transfer, atol=1e-9)
    np.testing.assert_allclose(scaled.noise / scale, plain.noise, atol=1e-9)
    units = np.sqrt(np.array([1, scale, 1 / scale]))
    mixed = factorise(csd * units[:, None] * units, 200)
    assert mixed.iterations == plain.iterations
    np.testing.assert_allclose(mixed.transfer / units[:, None] * units, plain.transfer, atol=1e-9)


def test_leading_axes_converge_by_themselves():
    white = np.tile(np.eye(3) + 0j, (101, 1, 1))
    _, coloured = network(200)
    csd = np.stack([[white, coloured], [coloured, 4 * white]])
    both = factorise(csd, 200)
    assert both.transfer.shape == csd.shape
    assert both.noise.shape == (2, 2, 3, 3)
    assert both.iterations[0, 0] < both.iterations[0, 1]
    alone = factorise(coloured, 200)
    np.testing.assert_array_equal(both.transfer[0, 1], alone.transfer)
    assert both.iterations[1, 0] == alone.iterations
    np.testing.assert_allclose(both.noise[1, 1], 4 * np.eye(3))


def test_start_from_similar_spectra():
    _, csd = network(200)
    full = factorise(csd, 200)
    _, other = network(200, COEFFICIENTS * 0.98)
    cold, warm = factorise(other, 200), factorise(other, 200, start=full)
    assert warm.converged
    assert warm.iterations < cold.iterations - 2
    np.testing.assert_allclose(warm.transfer, cold.transfer, atol=1e-3)
    np.testing.assert_allclose(warm.noise, cold.noise, atol=1e-3)
    assert factorise(csd, 200, start=full).iterations == 1


def test_limit_and_failure_are_reported():
    _, csd = network(200)
    factors = factorise(csd, 200, limit=3)
    assert not factors.converged
    assert factors.iterations == 3
    assert factors.error > 5e-6


def test_repair_touches_only_an_empty_dc_bin():
    _, csd = network(200)
    np.testing.assert_array_equal(repair_dc(csd), csd)
    empty = csd.copy()
    empty[0] = 1e-30
    repaired = repair_dc(np.stack([empty, csd]))
    np.testing.assert_array_equal(repaired[0, 0], csd[1].real)
    np.testing.assert_array_equal(repaired[:, 1:], [csd[1:], csd[1:]])
    np.testing.assert_array_equal(repaired[1, 0], csd[0])
    assert factorise(repaired, 200).iterations.max() <= 12


def test_good_spectra_are_not_regularised():
    _, csd = network(200)
    result = regularise(csd)
    np.testing.assert_array_equal(result.csd, csd)
    assert result.factor == 0
    amplitude = np.sqrt(np.einsum("fii->fi", csd).real)
    truth = np.linalg.cond(csd / amplitude[:, :, None] / amplitude[:, None, :]).max()
    assert result.condition == pytest.approx(truth)


@pytest.mark.parametrize("scale", [1, 1e-26])
def test_regularisation_reaches_the_limit_exactly_in_any_unit(scale):
    mixing = np.array([[1, 0], [0, 1], [1, 1], [2, -1]])
    _, csd = network(200, COEFFICIENTS[:, :2, :2], NOISE[:2, :2])
    singular = mixing @ csd @ mixing.T * scale
    result = regularise(np.stack([singular, np.tile(np.eye(4), (101, 1, 1))]))
    assert result.condition[0] > 1e10
    assert result.factor[1] == 0
    assert regularise(result.csd[0]).condition == pytest.approx(1e4, rel=1e-6)
    np.testing.assert_allclose(result.csd[0], singular, rtol=0, atol=5e-4 * abs(singular).max())
    assert factorise(result.csd[0], 200).converged


def test_fieldtrip(shared):
    """FieldTrip stops at a residual of some 1e-4, and noisy spectra determine their factor to some 1e-2."""
    with np.load(shared / "oracle" / "granger.npz") as file:
        csd, transfer = (file[key].transpose(2, 0, 1) for key in ("csd_in.crsspctrm", "transfer_multivariate.transfer"))
        noise = file["transfer_multivariate.noisecov"]
    csd = csd.copy()
    csd[[0, -1]] *= 2
    factors = factorise(csd, 500)
    assert factors.converged
    np.testing.assert_allclose(factors.noise, noise, atol=1e-3 * noise.max())
    np.testing.assert_allclose(factors.transfer, transfer, atol=1e-2 * abs(transfer).max())
    np.testing.assert_allclose(product(factors), csd, atol=1e-5 * abs(csd).max())
