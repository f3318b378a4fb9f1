"""The analytic signal against SciPy, closed forms and FieldTrip."""

import numpy as np
import pytest
from scipy import signal

from syncopy.kernels.hilbert import analytic_signal, hilbert


@pytest.mark.parametrize("samples", [1, 2, 3, 250, 251])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_equals_scipy(samples, dtype):
    given = (np.random.default_rng(1).standard_normal((70, samples, 6)) * 100 + 1000).astype(dtype)
    before = given.copy()
    got = analytic_signal(given)
    expected = signal.hilbert(given.astype("f8"), axis=1)
    assert got.dtype == ("c8" if dtype == "f4" else "c16")
    np.testing.assert_array_equal(got.real, given)
    tolerance = 1e-6 if dtype == "f4" else 1e-12
    np.testing.assert_allclose(got.imag, expected.imag, rtol=0, atol=tolerance * max(1, np.abs(expected.imag).max()))
    np.testing.assert_array_equal(given, before)


def test_a_cosine_turns_in_the_plane():
    phase = 2 * np.pi * 5 * np.arange(400) / 400 + 0.7
    wave = 3 * np.cos(phase)[None, :, None]
    expected = {
        "abs": np.full(400, 3),
        "complex": 3 * np.exp(1j * phase),
        "real": 3 * np.cos(phase),
        "imag": 3 * np.sin(phase),
        "absreal": 3 * np.abs(np.cos(phase)),
        "absimag": 3 * np.abs(np.sin(phase)),
        "angle": np.angle(np.exp(1j * phase)),
    }
    for output, value in expected.items():
        got = hilbert(wave, output)
        np.testing.assert_allclose(got[0, :, 0], value, atol=1e-12)
        assert np.iscomplexobj(got) == (output == "complex")
        assert hilbert(wave.astype("f4"), output).dtype == ("c8" if output == "complex" else "f4")


def test_nan_stays_in_its_signal():
    block = np.random.default_rng(2).standard_normal((3, 50, 4))
    intact = analytic_signal(block)
    block[1, 7, 2] = np.nan
    got = analytic_signal(block)
    assert np.isnan(got.imag[1, :, 2]).all()
    assert np.isnan(got.real).sum() == 1
    got[1, :, 2] = intact[1, :, 2]
    np.testing.assert_allclose(got, intact, rtol=1e-13)


def test_equals_fieldtrip(shared):
    results = np.load(shared / "oracle" / "preproc.npz")
    filtered = results["hilbert_real.trial"].swapaxes(1, 2)
    for case, output in (("hilbert_yes", "abs"), ("hilbert_imag", "imag"), ("hilbert_absreal", "absreal")):
        expected = results[f"{case}.trial"].swapaxes(1, 2)
        got = hilbert(filtered, output)
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-8 * np.abs(expected).max())
