"""Trends against SciPy, exact lines, and what single precision can hold."""

import numpy as np
import pytest
from scipy import signal

from syncopy.kernels.detrend import detrend, trend_basis


@pytest.fixture
def block():
    rng = np.random.default_rng(1)
    return rng.standard_normal((7, 90, 5)) + np.linspace(-3, 8, 90)[:, None] * rng.standard_normal((7, 1, 5))


@pytest.mark.parametrize("axis", [0, 1, 2, -2])
@pytest.mark.parametrize(("order", "kind"), [(0, "constant"), (1, "linear")])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "i8", "c8", "c16"])
def test_equals_scipy_in_double_precision(block, order, kind, axis, dtype):
    is_complex = dtype in ("c8", "c16")
    given = (block * (10 + 5j if is_complex else 10)).astype(dtype)
    before = given.copy()
    got = detrend(given, order, axis)
    expected = signal.detrend(given.astype("c16" if is_complex else "f8"), axis=axis, type=kind)
    assert got.dtype == {"f4": "f4", "f8": "f8", "i2": "f8", "i8": "f8", "c8": "c8", "c16": "c16"}[dtype]
    tolerance = 1e-6 if dtype in ("f4", "c8") else 1e-12
    np.testing.assert_allclose(got, expected, atol=tolerance * np.abs(expected).max(), rtol=0)
    np.testing.assert_array_equal(given, before)


def test_none_is_the_block_itself(block):
    assert detrend(block, None) is block


@pytest.mark.parametrize("order", [0, 1])
def test_two_dimensions(block, order):
    np.testing.assert_array_equal(detrend(block[0], order, axis=0), detrend(block, order)[0])


def test_line_and_constant_leave_nothing():
    t = np.arange(400)[:, None]
    lines = (np.array([3.0, -1e4]) + np.array([0.2, 7.0]) * t)[None]
    np.testing.assert_allclose(detrend(lines, 1), 0, atol=1e-9)
    np.testing.assert_allclose(detrend(lines, 0)[0, :, 0], 0.2 * (t[:, 0] - 199.5), atol=1e-10)


@pytest.mark.parametrize("order", [0, 1])
def test_offset_costs_single_precision_nothing(order):
    rng = np.random.default_rng(2)
    given = (1e6 + rng.standard_normal((3, 5000, 2)) * 50).astype("f4")
    expected = signal.detrend(given.astype("f8"), axis=1, type=["constant", "linear"][order])
    np.testing.assert_allclose(detrend(given, order), expected, atol=2e-5)


@pytest.mark.parametrize("order", [0, 1])
def test_nan_stays_in_its_channel(block, order):
    expected = detrend(block, order)
    expected[2, :, 3] = np.nan
    block[2, 40, 3] = np.nan
    np.testing.assert_array_equal(detrend(block, order), expected)


@pytest.mark.parametrize("order", [0, 1])
def test_large_block_equals_each_trial_alone(order):
    block = np.random.default_rng(3).standard_normal((9, 3000, 16)).astype("f4")  # several slabs, the last one short
    alone = np.concatenate([detrend(trial[None], order) for trial in block])
    np.testing.assert_array_equal(detrend(block, order), alone)


@pytest.mark.parametrize(("shape", "order"), [((3, 1, 2), 0), ((3, 1, 2), 1), ((0, 8, 2), 1)])
def test_single_sample_and_no_trials(shape, order):
    np.testing.assert_array_equal(detrend(np.full(shape, 5.0), order), np.zeros(shape))


def test_basis_is_orthonormal():
    basis = trend_basis(37, 1)
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-15)
    np.testing.assert_allclose(np.diff(basis, n=2, axis=1), 0, atol=1e-15)
