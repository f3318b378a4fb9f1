"""Coherence against closed forms and FieldTrip."""

import numpy as np
import pytest

from syncopy.kernels.coherence import coherence, coherency, full_partial_coherency, partial_csd, phase_slope
from syncopy.kernels.csd import auto_spectral_sum, cross_spectral_sum


@pytest.fixture(scope="module")
def fieldtrip(shared):
    with np.load(shared / "oracle" / "conn.npz") as file:
        return dict(file)


def test_known_mixture():
    """y = a x + noise has |C|² = a² / (a² + s²)."""
    rng = np.random.default_rng(1)
    shape, gain, noise = (4000, 1, 5, 3), 0.8, 1.5
    x, e = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape) for _ in range(2))
    spectra = np.stack([x, gain * np.exp(-0.7j) * x + noise * e], axis=-1)
    csd = cross_spectral_sum(spectra)
    theory = gain**2 / (gain**2 + noise**2)
    np.testing.assert_allclose(coherence(csd, "pow")[..., 0, 1], theory, atol=0.03)
    np.testing.assert_allclose(coherence(csd, "angle")[..., 0, 1], 0.7, atol=0.05)
    np.testing.assert_allclose(np.einsum("tfii->tfi", coherence(csd)), 1, rtol=1e-6)


def test_conversions_are_readings_of_one_complex_number():
    rng = np.random.default_rng(2)
    a = rng.standard_normal((3, 4, 4)) + 1j * rng.standard_normal((3, 4, 4))
    csd = a @ a.conj().swapaxes(-1, -2)
    c = coherency(csd)
    truths = {"abs": abs(c), "pow": abs(c) ** 2, "angle": np.angle(c), "real": c.real, "imag": c.imag}
    for output, truth in (truths | {"complex": c, "fourier": c}).items():
        result = coherence(csd, output)
        assert result.dtype == (np.complex64 if output in ("complex", "fourier") else np.float32)
        np.testing.assert_allclose(result, truth, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("scale", [1e-13, 1e-20, 1e6])
def test_coherence_has_no_unit(scale):
    rng = np.random.default_rng(3)
    spectra = (rng.standard_normal((6, 1, 2, 9, 3)) + 1j * rng.standard_normal((6, 1, 2, 9, 3))).astype(np.complex64)
    unscaled = coherence(cross_spectral_sum(spectra), "complex")
    mixed = (spectra * np.array([1, scale, scale])).astype(np.complex64)
    np.testing.assert_allclose(coherence(cross_spectral_sum(mixed), "complex"), unscaled, atol=2e-6)


def test_rectangle_with_given_power_is_a_part_of_the_square():
    rng = np.random.default_rng(4)
    spectra = rng.standard_normal((6, 1, 2, 9, 5)) + 1j * rng.standard_normal((6, 1, 2, 9, 5))
    senders, receivers = np.array([4, 0]), np.array([1, 2, 4])
    power = auto_spectral_sum(spectra)
    part = coherency(cross_spectral_sum(spectra, senders, receivers), power[..., senders], power[..., receivers])
    full = coherency(cross_spectral_sum(spectra))
    np.testing.assert_allclose(part, full[..., senders[:, None], receivers], rtol=1e-12)


def test_silent_channel_is_nan():
    csd = np.array([[2.0, 0.0], [0.0, 0.0]]) + 0j
    result = coherence(csd)
    assert result[0, 0] == 1
    assert np.isnan(result[[0, 1, 1], [1, 0, 1]]).all()


def test_partial_coherence_removes_a_common_source():
    """x and y share z only: given z they have nothing in common."""
    rng = np.random.default_rng(5)
    z, x, y = rng.standard_normal((3, 2000, 1, 1, 4)) + 1j * rng.standard_normal((3, 2000, 1, 1, 4))
    spectra = np.stack([z, x + 2 * z, y - 1j * z], axis=-1)
    csd = cross_spectral_sum(spectra)
    assert np.all(coherence(csd)[..., 1, 2] > 0.5)
    assert np.all(abs(coherency(partial_csd(csd, np.array([0]))))[..., 0, 1] < 0.08)


def test_partial_csd_is_the_csd_of_regression_residuals():
    rng = np.random.default_rng(6)
    spectra = rng.standard_normal((30, 1, 1, 1, 5)) + 1j * rng.standard_normal((30, 1, 1, 1, 5))
    rows = spectra[:, 0, 0, 0]
    removed, kept = np.array([3, 1]), np.array([0, 2, 4])
    residual = rows[:, kept] - rows[:, removed] @ np.linalg.lstsq(rows[:, removed], rows[:, kept])[0]
    truth = residual.T @ residual.conj()
    np.testing.assert_allclose(partial_csd(cross_spectral_sum(spectra), removed)[0, 0], truth, rtol=1e-10)


def test_partial_coherency_given_all_others():
    rng = np.random.default_rng(7)
    a = rng.standard_normal((3, 4, 9)) + 1j * rng.standard_normal((3, 4, 9))
    csd = a @ a.conj().swapaxes(-1, -2)
    full = full_partial_coherency(csd)
    for i, j in ((0, 1), (0, 3), (2, 1)):
        given = np.setdiff1d(np.arange(4), [i, j])
        pair = coherency(partial_csd(csd, given))
        np.testing.assert_allclose(full[:, i, j], pair[:, 0, 1] if i < j else pair[:, 1, 0], rtol=1e-10)
    np.testing.assert_allclose(np.einsum("fii->fi", full), 1)


def test_phase_slope_of_a_delay():
    """C = exp(2 pi i f d) has the slope sin(2 pi d df) at every one of the bins."""
    freqs, delay, halfwidth = np.arange(40.0), 3e-3, 4
    phasor = np.exp(2j * np.pi * freqs * delay)
    one = np.ones_like(phasor)
    csd = np.array([[one, phasor], [phasor.conj(), one]]).transpose(2, 0, 1)
    slope = phase_slope(coherency(csd), halfwidth)
    step = np.sin(2 * np.pi * delay)
    np.testing.assert_allclose(slope[halfwidth : -halfwidth - 1, 0, 1], 9 * step)
    np.testing.assert_allclose(slope[:, 1, 0], -slope[:, 0, 1])
    np.testing.assert_allclose(slope[[0, -1], 0, 1], [5 * step, 4 * step])
    np.testing.assert_allclose(slope[:, 0, 0], 0, atol=1e-15)


def test_phase_slope_fieldtrip(fieldtrip):
    csd = fieldtrip["csd_complex.crsspctrm"].transpose(2, 0, 1)
    truth = fieldtrip["psi_bw5.psispctrm"].transpose(2, 0, 1)
    inside = slice(None, -6)  # FieldTrip leaves an unmultiplied coherency in its last term
    np.testing.assert_allclose(phase_slope(coherency(csd), 5)[inside], truth[inside], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("output", ["abs", "complex", "angle", "imag"])
def test_fieldtrip(fieldtrip, output):
    csd = fieldtrip["csd_complex.crsspctrm"].transpose(2, 0, 1)
    truth = fieldtrip[f"coh_{output}.cohspctrm"].transpose(2, 0, 1)
    np.testing.assert_allclose(coherence(csd, output), truth, atol=3e-7)
