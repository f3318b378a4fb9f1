"""Hum that is really there goes, everything else stays."""

import numpy as np
import pytest

from syncopy.kernels.linenoise import remove_sines, whole_cycles


def hum(samples, freqs, samplerate):
    time = np.arange(samples) / samplerate
    rng = np.random.default_rng(1)
    parts = [rng.uniform(1, 5, (3, 1, 2)) * np.cos(2 * np.pi * f * time[:, None] + rng.uniform(0, 6)) for f in freqs]
    return np.sum(parts, axis=0)


@pytest.mark.parametrize(
    ("samples", "freq", "samplerate", "expected"),
    [
        (500, 50, 500, 500),
        (505, 50, 500, 500),
        (510, 50, 500, 510),
        (1000, 16.7, 1000, 958),
        (100, 60, 1017.25, 85),
        (15, 33.3, 499.5, 15),
    ],
)
def test_whole_cycles(samples, freq, samplerate, expected):
    assert whole_cycles(samples, freq, samplerate) == expected


@pytest.mark.parametrize("freqs", [[50], [50, 100, 150], [49.3, 61.7], [50, 250]])
@pytest.mark.parametrize("samples", [500, 507, 333])
def test_pure_sines_vanish_and_the_offset_stays(freqs, samples):
    noise = hum(samples, freqs, 500)
    np.testing.assert_allclose(remove_sines(noise + 1e3, freqs, 500), 1e3, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_residual_is_orthogonal_to_the_sines(dtype):
    noise = np.random.default_rng(2).standard_normal((3, 400, 2))
    given = (1000 * noise + 200 * hum(400, [50, 100], 500)).astype(dtype)
    before = given.copy()
    got = remove_sines(given, [50, 100], 500)
    assert got.dtype == ("f4" if dtype == "f4" else "f8")
    waves = np.exp(2j * np.pi * np.outer([50, 100], np.arange(400)) / 500)
    np.testing.assert_allclose(waves @ got, 0, atol=0.5 if dtype == "f4" else 1e-7)
    others = np.exp(2j * np.pi * np.outer([0, 30, 75], np.arange(400)) / 500)
    np.testing.assert_allclose(others @ got, others @ given.astype("f8"), atol=0.5 if dtype == "f4" else 1e-7)
    np.testing.assert_array_equal(given, before)


def test_nan_fills_its_signal():
    block = np.random.default_rng(3).standard_normal((3, 100, 2))
    block[1, 20, 0] = np.nan
    got = remove_sines(block, [50], 500)
    assert np.isnan(got[1, :, 0]).all()
    assert np.isnan(got).sum() == 100


@pytest.mark.parametrize("case", ["dftfilter", "dftfilter_demean"])
def test_equals_fieldtrip(shared, case):
    block = np.load(shared / "oracle" / "inputs.npz")["prep"][:3].swapaxes(1, 2)
    expected = np.load(shared / "oracle" / "preproc.npz")[f"{case}.trial"].swapaxes(1, 2)
    given = block - block.mean(axis=1, keepdims=True) if case.endswith("demean") else block
    got = remove_sines(given, [50, 100], 500)
    np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())
