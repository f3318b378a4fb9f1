"""Baselines and z-scores."""

import numpy as np
import pytest
from scipy import stats

from syncopy.kernels.standardize import rectify, remove_baseline, zscore


@pytest.fixture
def block():
    return np.random.default_rng(1).standard_normal((60, 200, 11)) * 3 + 100


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_zscore_equals_scipy(block, ddof, dtype):
    given = (10 * block).astype(dtype)
    before = given.copy()
    got = zscore(given, ddof)
    assert got.dtype == ("f4" if dtype == "f4" else "f8")
    tolerance = 1e-6 if dtype == "f4" else 1e-11
    np.testing.assert_allclose(got, stats.zscore(given.astype("f8"), axis=1, ddof=ddof), rtol=0, atol=tolerance)
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize("level", [0, 0.1, -1e9, 1 / 3])
def test_constant_signal_has_no_score(block, level):
    block[2, :, 3] = level
    got = zscore(block)
    assert np.isnan(got[2, :, 3]).all()
    assert np.isnan(got).sum() == 200


def test_nan_fills_its_signal(block):
    block[2, 5, 3] = np.nan
    got = zscore(block)
    assert np.isnan(got[2, :, 3]).all()
    assert np.isnan(got).sum() == 200


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_baseline_mean_becomes_zero(block, dtype):
    given = block.astype(dtype)
    before = given.copy()
    got = remove_baseline(given, 20, 70)
    assert got.dtype == ("f4" if dtype == "f4" else "f8")
    np.testing.assert_allclose(got[:, 20:70].mean(axis=1, dtype="f8"), 0, atol=1e-5 if dtype == "f4" else 1e-12)
    np.testing.assert_allclose(
        got - got[:, :1], given.astype("f8") - given[:, :1], atol=1e-4 if dtype == "f4" else 1e-12
    )
    np.testing.assert_array_equal(given, before)


def test_rectified_signal(block):
    np.testing.assert_array_equal(rectify(block - 100), np.where(block < 100, 100 - block, block - 100))


@pytest.mark.parametrize("dtype", ["i2", "i4", "u1", "f4", "f8"])
def test_rectified_extremes(dtype):
    limits = np.iinfo(dtype) if dtype[0] in "iu" else np.finfo(dtype)
    block = np.array([limits.min, limits.max], dtype).reshape(1, 2, 1)
    got = rectify(block)
    assert got.dtype == ("f4" if dtype == "f4" else "f8")
    np.testing.assert_array_equal(got.ravel(), [abs(float(limits.min)), float(limits.max)])


def test_equals_fieldtrip(shared):
    data = np.load(shared / "oracle" / "inputs.npz")
    block = data["prep"][:3].swapaxes(1, 2)
    results = np.load(shared / "oracle" / "preproc.npz")
    stop = np.count_nonzero(data["time"] <= 1e-9)
    for case, got in (
        ("standardize", zscore(block, ddof=1)),
        ("rectify", rectify(block)),
        ("demean_baseline", remove_baseline(block, 0, stop)),
    ):
        expected = results[f"{case}.trial"].swapaxes(1, 2)
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())
