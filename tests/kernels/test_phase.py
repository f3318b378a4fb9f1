"""Phase measures against loops over trials, closed forms and FieldTrip."""

from itertools import combinations

import numpy as np
import pytest

from syncopy.kernels import phase
from syncopy.kernels.csd import cross_spectra, trial_sum


@pytest.fixture(scope="module")
def fieldtrip(shared):
    with np.load(shared / "oracle" / "conn.npz") as file:
        return dict(file)


def random_spectra(trials=7, tapers=1, freqs=3, channels=3, dtype=np.complex64, seed=0):
    rng = np.random.default_rng(seed)
    shape = (trials, 1, tapers, freqs, channels)
    common = rng.standard_normal((trials, 1, tapers, freqs, 1)) * np.exp(1j * np.arange(channels))
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape) + common).astype(dtype)


def off_diagonal(array):
    """Pairs i < j, where every measure is defined."""
    rows, columns = np.triu_indices(array.shape[-1], 1)
    return array[..., rows, columns]


def loops(trials):
    """Write every measure out for cross-spectra C_1 ... C_n of one pair."""
    n = len(trials)
    u = [c / abs(c) for c in trials]
    pairs = list(combinations(range(n), 2))
    mean = sum(u) / n
    imag = [c.imag for c in trials]
    sign = [np.sign(x) for x in imag]
    return {
        "plv": abs(mean),
        "ciplv": abs(mean.imag) / np.sqrt(1 - mean.real**2),
        "ppc": np.mean([np.cos(np.angle(trials[s]) - np.angle(trials[t])) for s, t in pairs]),
        "pli": abs(np.mean(sign)),
        "pli_unbiased": np.mean([sign[s] * sign[t] for s, t in pairs]),
        "dpli": np.mean([x > 0 for x in imag]),
        "wpli": sum(imag) / sum(map(abs, imag)),
        "wpli_debiased": sum(imag[s] * imag[t] for s, t in pairs) / sum(abs(imag[s] * imag[t]) for s, t in pairs),
        "wppc": sum((trials[s] * trials[t].conj()).real for s, t in pairs)
        / sum(abs(trials[s] * trials[t]) for s, t in pairs),
    }


def measures(spectra):
    n = len(spectra)
    phasors = phase.spectral_phase_sum(spectra)
    signs = trial_sum(spectra, phase.sign_sum)
    imaginary = trial_sum(spectra, phase.imaginary_moments)
    weighted = trial_sum(spectra, phase.weighted_moments)
    return {
        "plv": phase.plv(phasors, n),
        "ciplv": phase.ciplv(phasors, n),
        "ppc": phase.ppc(phasors, n),
        "pli": phase.pli(signs, n),
        "pli_unbiased": phase.pli_unbiased(signs, n),
        "dpli": phase.dpli(signs, n),
        "wpli": phase.wpli(imaginary),
        "wpli_debiased": phase.wpli_debiased(imaginary),
        "wppc": phase.wppc(weighted),
    }


@pytest.mark.parametrize("scale", [1, 1e-13])
@pytest.mark.parametrize("tapers", [1, 4])
def test_measures_equal_loops_over_trials_in_any_unit(tapers, scale):
    spectra = random_spectra(tapers=tapers) * np.float32(scale)
    trials = cross_spectra(spectra.astype(complex))
    results = measures(spectra)
    for freq in range(3):
        for i, j in combinations(range(3), 2):
            for name, truth in loops(trials[:, 0, freq, i, j]).items():
                assert results[name][0, freq, i, j] == pytest.approx(truth, abs=2e-6), name


def test_reversing_a_pair_reverses_the_direction():
    results = measures(random_spectra())
    for name in ("plv", "ciplv", "ppc", "pli", "pli_unbiased", "wpli_debiased", "wppc"):
        forward, backward = off_diagonal(results[name]), off_diagonal(results[name].swapaxes(-1, -2))
        np.testing.assert_allclose(forward, backward, rtol=1e-6, atol=1e-7, err_msg=name)
    np.testing.assert_allclose(off_diagonal(results["wpli"]), -off_diagonal(results["wpli"].swapaxes(-1, -2)))
    np.testing.assert_allclose(off_diagonal(results["dpli"]), 1 - off_diagonal(results["dpli"].swapaxes(-1, -2)))


def test_diagonal():
    results = {name: np.einsum("tfii->tfi", values) for name, values in measures(random_spectra(tapers=2)).items()}
    expected = {"plv": 1, "ciplv": 0, "ppc": 1, "pli": 0, "pli_unbiased": -1 / 6, "dpli": 0.5, "wppc": 1}
    for name, value in (expected | {"wpli": np.nan, "wpli_debiased": np.nan}).items():
        np.testing.assert_allclose(results[name], value, rtol=1e-6, atol=1e-12, err_msg=name)


def test_silent_channel_has_no_phase():
    spectra = random_spectra()
    spectra[..., 1] = 0
    for name, values in measures(spectra).items():
        assert np.isnan(values[..., 1, :]).all(), name
        assert np.isfinite(values[..., 0, 2]).all(), name


@pytest.mark.parametrize("dtype", ["c8", "c16"])
@pytest.mark.parametrize("tapers", [1, 3])
def test_scaled_copies_have_no_lag_but_that_of_rounding(tapers, dtype):
    spectra = random_spectra(tapers=tapers).astype(dtype)
    spectra[..., 1] = np.array(-0.3, dtype) * spectra[..., 0]
    results = {name: values[..., 0, 1] for name, values in measures(spectra).items()}
    none = {"plv": 1, "ppc": 1, "wppc": 1, "ciplv": 0, "pli": 0, "dpli": 0.5, "wpli": np.nan, "wpli_debiased": np.nan}
    for name, value in none.items():
        np.testing.assert_allclose(results[name], value, atol=2e-6, err_msg=name)


def test_ciplv_is_at_most_one():
    """One lag in all trials: the corrected value is 1, however small the lag."""
    total = 40 * np.exp(1j * np.array([[[[0.5, 1e-2, 2e-5, -1.0]]]])) * (1 + 1e-7)
    values = phase.ciplv(total, 40)
    assert (values <= 1).all()
    np.testing.assert_allclose(values[0, 0, 0, [0, 1, 3]], 1, atol=1e-2)


def test_blocks_add_up():
    spectra = random_spectra(trials=9, tapers=2)
    whole = measures(spectra)
    for lift, close in (
        (phase.imaginary_moments, phase.wpli_debiased),
        (phase.weighted_moments, phase.wppc),
        (phase.phase_sum, lambda total: phase.ppc(total, 9)),
        (phase.sign_sum, lambda total: phase.pli_unbiased(total, 9)),
    ):
        total = sum(trial_sum(block, lift) for block in (spectra[:2], spectra[2:3], spectra[3:]))
        name = (
            close.__name__ if close.__name__ != "<lambda>" else {"phase_sum": "ppc"}.get(lift.__name__, "pli_unbiased")
        )
        np.testing.assert_allclose(close(total), whole[name], rtol=1e-9, atol=1e-12)


def test_ppc_and_unbiased_pli_expect_zero_without_a_relation():
    rng = np.random.default_rng(3)
    spectra = (rng.standard_normal((6, 1, 1, 4000, 2)) + 1j * rng.standard_normal((6, 1, 1, 4000, 2))).astype(
        np.complex64
    )
    results = measures(spectra)
    for name in ("ppc", "pli_unbiased", "wpli_debiased", "wppc"):
        assert abs(results[name][..., 0, 1].mean()) < 0.02, name
    assert results["plv"][..., 0, 1].mean() > 0.3


def test_rectangle():
    spectra = random_spectra(tapers=1)
    senders, receivers = np.array([2]), np.array([0, 1])
    full = phase.spectral_phase_sum(spectra)
    np.testing.assert_allclose(phase.spectral_phase_sum(spectra, senders, receivers), full[..., 2:, :2], rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "taper"),
    [("plv", "dpss"), ("plv", "hanning"), ("ppc", "dpss"), ("ppc", "hanning"), ("wppc", "dpss"), ("wppc", "hanning"),
     ("wpli", "dpss"), ("wpli_debiased", "dpss")],
)  # fmt: skip
def test_fieldtrip(fieldtrip, name, taper):
    source = {"dpss": "input_fourier_5_100", "hanning": "input_fourier_hanning_5_100"}[taper]
    spectra = fieldtrip[f"{source}.fourierspctrm"].reshape(20, 1, -1, 4, 96).swapaxes(-1, -2)
    truth = fieldtrip[f"{name}_fourier_{taper}.{name}spctrm"].transpose(2, 0, 1)
    result = measures(spectra)[name][0]
    different = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(result[:, different], truth[:, different], rtol=1e-7, atol=1e-9)
