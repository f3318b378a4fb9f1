"""Cross-spectra against sums written out, and against FieldTrip."""

import numpy as np
import pytest

from syncopy.kernels import csd


@pytest.fixture(scope="module")
def fieldtrip(shared):
    with np.load(shared / "oracle" / "conn.npz") as file:
        return dict(file)


def random_spectra(trials=5, times=2, tapers=3, freqs=7, channels=4, dtype=np.complex64, seed=0):
    rng = np.random.default_rng(seed)
    shape = (trials, times, tapers, freqs, channels)
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype)


def written_out(spectra):
    return np.einsum("tskfi,tskfj->tsfij", spectra, spectra.conj(), dtype=complex) / spectra.shape[2]


@pytest.mark.parametrize(("dtype", "rtol"), [(np.complex64, 1e-6), (np.complex128, 1e-14)])
@pytest.mark.parametrize("tapers", [1, 3])
def test_sum_and_trials_equal_the_definition(dtype, rtol, tapers):
    spectra = random_spectra(tapers=tapers, dtype=dtype)
    before = spectra.copy()
    truth = written_out(spectra)
    trials = csd.cross_spectra(spectra)
    assert trials.dtype == dtype
    np.testing.assert_allclose(trials, truth, rtol=0, atol=rtol * abs(truth).max())
    total = csd.cross_spectral_sum(spectra)
    assert total.dtype == np.complex128
    np.testing.assert_allclose(total, truth.sum(axis=0), rtol=0, atol=rtol * abs(truth).sum(axis=0).max())
    np.testing.assert_allclose(csd.auto_spectral_sum(spectra), np.einsum("sfii->sfi", total).real, rtol=rtol)
    np.testing.assert_array_equal(spectra, before)


def test_senders_and_receivers_are_a_rectangle_of_the_full_matrix():
    spectra = random_spectra()
    senders, receivers = np.array([3, 0]), np.array([1, 2, 3])
    full, rectangle = csd.cross_spectral_sum(spectra), csd.cross_spectral_sum(spectra, senders, receivers)
    np.testing.assert_allclose(rectangle, full[..., senders[:, None], receivers], rtol=1e-5, atol=1e-5)
    one_sided = csd.cross_spectral_sum(spectra, receivers=receivers)
    np.testing.assert_allclose(one_sided, full[..., receivers], rtol=1e-5, atol=1e-5)
    trials = csd.cross_spectra(spectra)[..., senders[:, None], receivers]
    np.testing.assert_allclose(csd.cross_spectra(spectra, senders, receivers), trials, rtol=1e-5, atol=1e-6)


def test_sum_is_hermitian_with_a_real_positive_diagonal():
    total = csd.cross_spectral_sum(random_spectra())
    np.testing.assert_array_equal(total, total.conj().swapaxes(-1, -2))
    assert np.all(np.einsum("sfii->sfi", total).real > 0)


@pytest.mark.parametrize("exponent", [-140, -44, 60])
def test_scale_changes_the_exponent_and_no_digit(exponent):
    """Two channels in the range of microvolts, two in that of Tesla and far beyond."""
    spectra = random_spectra()
    factors = np.ldexp(1.0, np.array([0, exponent, 0, exponent]))
    scaled = (spectra * factors).astype(np.complex64)
    kept = (scaled / factors).astype(np.complex64)  # below 2**-126 the input itself loses digits
    expected = csd.cross_spectral_sum(kept) * factors[:, None] * factors
    np.testing.assert_array_equal(csd.cross_spectral_sum(scaled), expected)


def test_silent_and_missing_channels_harm_no_other():
    spectra = random_spectra()
    spoilt = spectra.copy()
    spoilt[..., 1] = 0
    spoilt[0, 0, 0, 0, 2] = np.nan
    total = csd.cross_spectral_sum(spoilt)
    np.testing.assert_allclose(total[..., 0, 0], csd.cross_spectral_sum(spectra)[..., 0, 0], rtol=1e-6)
    np.testing.assert_array_equal(total[..., [0, 1], 1], 0)
    assert np.isnan(total[0, 0, 2, 2])
    assert np.isfinite(total[1, :, 2, 2]).all()


@pytest.mark.parametrize("budget", [1, 700, 3000])
def test_working_in_pieces_does_not_change_the_sums(monkeypatch, budget):
    spectra = random_spectra(times=5, freqs=11)
    cross = csd.cross_spectra(spectra.astype(complex))
    power = cross.real**2 + cross.imag**2
    monkeypatch.setattr(csd, "CHUNK_BYTES", budget)
    np.testing.assert_allclose(csd.cross_spectral_sum(spectra), cross.sum(axis=0), rtol=0, atol=1e-5)
    np.testing.assert_allclose(csd.auto_spectral_sum(spectra), np.einsum("tsfii->sfi", cross).real, rtol=1e-12)
    lifted = csd.trial_sum(spectra, lambda part: np.stack([part.sum(axis=0).real, np.sum(abs(part) ** 2, axis=0)]))
    np.testing.assert_allclose(lifted, [cross.sum(axis=0).real, power.sum(axis=0)], rtol=1e-12, atol=1e-12)


def test_fields_are_cut_like_the_block(monkeypatch):
    spectra = random_spectra(times=3, freqs=4)
    monkeypatch.setattr(csd, "CHUNK_BYTES", 700)
    senders, receivers = np.array([1, 3]), np.array([0, 1, 2])
    cross = csd.cross_spectra(spectra.astype(complex), senders, receivers)
    mean = cross.mean(axis=0)
    spread = csd.trial_sum(
        spectra, lambda part, centre: np.sum(abs(part - centre), axis=0), mean, senders=senders, receivers=receivers
    )
    np.testing.assert_allclose(spread, np.sum(abs(cross - mean), axis=0), rtol=1e-12)


def test_sign_sender_that_leads_has_a_positive_phase():
    rate, freq, delay = 1000, 20, 5e-3
    time = np.arange(1000) / rate
    leading, following = np.cos(2 * np.pi * freq * time), np.cos(2 * np.pi * freq * (time - delay))
    spectra = np.fft.rfft(np.stack([leading, following], axis=-1), axis=0)[None, None, None]
    phase = np.angle(csd.cross_spectral_sum(spectra)[0, freq, 0, 1])
    assert phase == pytest.approx(2 * np.pi * freq * delay)


def test_fieldtrip(fieldtrip):
    spectra = fieldtrip["input_fourier_5_100.fourierspctrm"].reshape(20, 1, 7, 4, 96).swapaxes(-1, -2)
    truth = fieldtrip["csd_complex.crsspctrm"].transpose(2, 0, 1)
    np.testing.assert_allclose(
        csd.cross_spectral_sum(spectra)[0] / 20, truth, rtol=1e-12, atol=1e-14 * abs(truth).max()
    )
