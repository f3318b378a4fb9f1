"""Gaps and their reach."""

import numpy as np
import pytest

from syncopy.kernels.gaps import any_between, fill_gaps


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_gaps_become_zeros(dtype):
    block = np.array([[[1, np.nan], [np.inf, 2], [-np.inf, 3]]], dtype)
    before = block.copy()
    values, gaps = fill_gaps(block)
    assert values.dtype == np.float64
    np.testing.assert_array_equal(values, [[[1, 0], [0, 2], [0, 3]]])
    np.testing.assert_array_equal(gaps, [[[False, True], [True, False], [True, False]]])
    np.testing.assert_array_equal(block, before)


def test_intervals_against_a_loop():
    rng = np.random.default_rng(1)
    marks = rng.random((3, 30, 2)) < 0.1
    first = rng.integers(-10, 35, 50)
    last = first + rng.integers(0, 12, 50)
    got = any_between(marks, first, last)
    for (trial, interval, channel), value in np.ndenumerate(got):
        inside = [marks[trial, t, channel] for t in range(30) if first[interval] <= t <= last[interval]]
        assert value == any(inside)
    assert 0 < got.mean() < 1
