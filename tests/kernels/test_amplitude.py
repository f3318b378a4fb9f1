"""Amplitude and power correlation against NumPy and FieldTrip."""

import numpy as np
import pytest

from syncopy.kernels.amplitude import (
    correlation,
    orthogonal_correlation,
    orthogonal_moments,
    product_sums,
    taper_power,
)


@pytest.fixture(scope="module")
def fieldtrip(shared):
    with np.load(shared / "oracle" / "conn.npz") as file:
        return dict(file)


def random_spectra(trials=12, tapers=2, seed=0):
    rng = np.random.default_rng(seed)
    shape = (trials, 2, tapers, 3, 4)
    common = rng.standard_normal((trials, 1, 1, 1, 1)) ** 2
    return (common + rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)


@pytest.mark.parametrize("scale", [1, 1e-13])
@pytest.mark.parametrize("root", [False, True])
def test_pearson_over_trials_in_any_unit(root, scale):
    spectra = random_spectra() * np.float32(scale)
    values = np.mean(abs(spectra.astype(complex)) ** 2, axis=2)
    np.testing.assert_allclose(taper_power(spectra), values, rtol=1e-12)
    values = np.sqrt(values) if root else values
    result = correlation(product_sums(values[:5]) + product_sums(values[5:]))
    for time, freq in np.ndindex(2, 3):
        np.testing.assert_allclose(result[time, freq], np.corrcoef(values[:, time, freq].T), atol=1e-10)


def test_without_removal_of_the_mean():
    values = taper_power(random_spectra())
    result = correlation(product_sums(values), centred=False)
    size = np.linalg.norm(values[:, 0, 0], axis=0)
    np.testing.assert_allclose(result[0, 0], values[:, 0, 0].T @ values[:, 0, 0] / size[:, None] / size)


def test_constant_power_has_no_correlation():
    values = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0]])[:, None, None]
    result = correlation(product_sums(values))[0, 0]
    assert np.isnan(result[[0, 0, 1], [0, 1, 0]]).all()
    assert result[1, 1] == pytest.approx(1)


@pytest.mark.parametrize("scale", [1e-26, 1, 1e12])
def test_what_varies_by_rounding_only_has_no_correlation(scale):
    rng = np.random.default_rng(2)
    values = np.column_stack([0.1 * (1 + 1e-15 * rng.standard_normal(50)), rng.uniform(size=50)])[:, None, None] * scale
    result = correlation(product_sums(values))[0, 0]
    assert np.isnan(result[0]).all()
    assert result[1, 1] == pytest.approx(1)
    assert np.isfinite(correlation(product_sums(values), centred=False)).all()


def test_orthogonal_part_written_out():
    spectra = random_spectra(trials=15)
    result = orthogonal_correlation(orthogonal_moments(spectra[:4]) + orthogonal_moments(spectra[4:]), 15)
    x = spectra[:, 1, :, 2].astype(complex)
    for i, j in ((0, 1), (3, 2)):
        values = []
        for taper in range(2):
            for a, b in ((x[:, taper, i], x[:, taper, j]), (x[:, taper, j], x[:, taper, i])):
                orthogonal = (b * a.conj() / abs(a)).imag
                values.append(np.corrcoef(np.log(abs(a) ** 2), np.log(orthogonal**2))[0, 1])
        assert result[1, 2, i, j] == pytest.approx(np.mean(values), abs=1e-10)
    np.testing.assert_allclose(result, result.swapaxes(-1, -2))
    np.testing.assert_array_equal(np.einsum("tfii->tfi", result), 0)


def test_instantaneous_mixing_is_no_orthogonal_correlation():
    """Two sensors of one source with independent noise: power correlates, the orthogonal part hardly."""
    rng = np.random.default_rng(1)
    source, *noise = rng.standard_normal((3, 4000)) + 1j * rng.standard_normal((3, 4000))
    source *= np.exp(0.7 * rng.standard_normal(4000))
    spectra = np.stack([source + noise[0], source + noise[1]], axis=-1)[:, None, None, None]
    assert correlation(product_sums(taper_power(spectra)))[0, 0, 0, 1] > 0.8
    assert orthogonal_correlation(orthogonal_moments(spectra), 4000)[0, 0, 0, 1] < 0.4


def test_copies_and_real_spectra_have_no_orthogonal_part():
    spectra = random_spectra()
    spectra[..., 3] = spectra[..., 0]
    spectra[:, :, :, 0] = spectra[:, :, :, 0].real
    result = orthogonal_correlation(orthogonal_moments(spectra), len(spectra))
    different = ~np.eye(4, dtype=bool)
    assert np.isnan(result[:, 0][:, different]).all()
    assert np.isnan(result[:, 1:, 0, 3]).all()
    assert np.isfinite(result[:, 1:, 0, 1]).all()


@pytest.mark.parametrize("dtype", ["c8", "c16"])
def test_scaled_copies_have_no_orthogonal_part_but_rounding(dtype):
    spectra = random_spectra().astype(dtype)
    spectra[..., 3] = np.array(0.3, dtype) * spectra[..., 0]
    result = orthogonal_correlation(orthogonal_moments(spectra), len(spectra))
    assert np.isnan(result[..., 0, 3]).all()
    assert np.isfinite(result[..., 0, 1]).all()


def test_fieldtrip(fieldtrip):
    for source, name, root in (
        ("input_fourier_hanning_5_100", "amplcorr_fourier.amplcorrspctrm", True),
        ("input_fourier_5_100", "amplcorr_pow.amplcorrspctrm", True),
        ("input_fourier_5_100", "powcorr_pow.powcorrspctrm", False),
    ):
        power = taper_power(fieldtrip[f"{source}.fourierspctrm"].reshape(20, 1, -1, 4, 96).swapaxes(-1, -2))
        result = correlation(product_sums(np.sqrt(power) if root else power))
        np.testing.assert_allclose(result[0], fieldtrip[name].transpose(2, 0, 1), atol=1e-9, err_msg=name)


def test_fieldtrip_without_removal_of_the_mean(fieldtrip):
    power = taper_power(fieldtrip["input_fourier_5_100.fourierspctrm"].reshape(20, 1, -1, 4, 96).swapaxes(-1, -2))
    truth = fieldtrip["powcorr_pow_keepmean.powcorrspctrm"].transpose(2, 0, 1)
    np.testing.assert_allclose(correlation(product_sums(power), centred=False)[0], truth, atol=1e-9)


def test_fieldtrip_orthogonal(fieldtrip):
    spectra = fieldtrip["input_fourier_5_100.fourierspctrm"].reshape(20, 1, -1, 4, 96).swapaxes(-1, -2)
    truth = fieldtrip["powcorr_ortho_dpss.powcorrspctrm"].transpose(2, 0, 1)
    np.testing.assert_allclose(orthogonal_correlation(orthogonal_moments(spectra), 20)[0], truth, atol=1e-9)
