"""References, sample by sample."""

import numpy as np
import pytest

from syncopy.kernels.reference import bipolar, rereference


@pytest.fixture
def block():
    return np.random.default_rng(1).standard_normal((3, 40, 6)) + 50


@pytest.mark.parametrize(("method", "middle"), [("average", np.mean), ("median", np.median)])
@pytest.mark.parametrize("channels", [[0, 1, 2, 3, 4, 5], [4, 1], [2], range(3)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_rereferenced_sample_by_sample(block, method, middle, channels, dtype):
    given = (100 * block).astype(dtype)
    before = given.copy()
    got = rereference(given, channels, method)
    assert got.dtype == ("f4" if dtype == "f4" else "f8")
    for trial, time in np.ndindex(3, 40):
        sample = given[trial, time].astype("f8")
        np.testing.assert_allclose(
            got[trial, time], sample - middle([sample[channel] for channel in channels]), rtol=1e-6, atol=1e-9
        )
    np.testing.assert_array_equal(given, before)


def test_common_signal_vanishes(block):
    common = 1e3 * np.random.default_rng(2).standard_normal((3, 40, 1))
    np.testing.assert_allclose(rereference(block + common, range(6)), rereference(block, range(6)), atol=1e-11)
    np.testing.assert_allclose(bipolar(block + common, [(0, 5)]), bipolar(block, [(0, 5)]), atol=1e-11)


@pytest.mark.parametrize("method", ["average", "median"])
def test_nan_in_the_reference_reaches_all_channels(block, method):
    block[1, 7, 2] = np.nan
    spoilt = np.isnan(rereference(block, [1, 2], method))
    assert spoilt[1, 7].all()
    assert spoilt.sum() == 6
    assert np.isnan(rereference(block, [0, 1], method)).sum() == 1


@pytest.mark.parametrize("dtype", ["f4", "f8", "u2"])
def test_bipolar_differences(block, dtype):
    given = (100 * block).astype(dtype)
    got = bipolar(given, [(0, 1), (3, 2), (5, 0)])
    assert got.dtype == ("f4" if dtype == "f4" else "f8")
    wide = given.astype("f8")
    expected = np.stack([wide[..., 0] - wide[..., 1], wide[..., 3] - wide[..., 2], wide[..., 5] - wide[..., 0]], axis=2)
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_equals_fieldtrip(shared):
    block = np.load(shared / "oracle" / "inputs.npz")["prep"][:3].swapaxes(1, 2)
    results = np.load(shared / "oracle" / "preproc.npz")
    for case, got in (
        ("reref_avg", rereference(block, range(4))),
        ("reref_ch2", rereference(block, [1])),
        ("reref_bipolar", bipolar(block, [(0, 1), (1, 2), (2, 3)])),
    ):
        expected = results[f"{case}.trial"].swapaxes(1, 2)
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())
