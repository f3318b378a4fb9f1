"""Bootstrap: SciPy's intervals, equivariance, missing values."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from syncopy.kernels.bootstrap import bootstrap_interval, draw_trials

RNG = np.random.default_rng(3)


def test_sets_of_trials():
    draws = draw_trials(7, 500, 1)
    assert draws.shape == (500, 7)
    np.testing.assert_array_equal(draws, draw_trials(7, 500, 1))
    assert not np.array_equal(draws, draw_trials(7, 500, 2))
    counts = np.bincount(draws.ravel(), minlength=7)
    assert len(counts) == 7
    assert (abs(counts - 500) < 4 * np.sqrt(500)).all()


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_symmetric_replicates_give_the_percentile_interval_of_scipy(confidence):
    sample = RNG.standard_normal(200)
    theirs = bootstrap(
        (sample,),
        np.mean,
        n_resamples=20000,
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    replicates = sample[draw_trials(200, 20000, 2)].mean(axis=1)
    low, high = bootstrap_interval(replicates[:, None], sample.mean(keepdims=True), confidence)
    np.testing.assert_allclose([low[0], high[0]], theirs.confidence_interval, atol=0.06 * theirs.standard_error)


def test_levels_are_shifted_by_the_bias():
    """Replicates that are too large by a constant of their spread: the interval of the bias-corrected ones."""
    replicates = RNG.standard_normal((200000, 1)) + 0.5
    low, high = bootstrap_interval(replicates, np.zeros(1), 0.95)
    # share below 0 is ndtr(-0.5), so levels are ndtr(-1 -+ 1.96)
    np.testing.assert_allclose([low[0], high[0]], [0.5 - 1 - 1.96, 0.5 - 1 + 1.96], atol=0.06)


def test_a_monotonic_transform_transforms_the_interval():
    replicates = RNG.uniform(size=(999, 4)).astype("f4")
    direct = np.array([0.3, 0.5, 0.6, 0.9], "f4")
    plain = bootstrap_interval(replicates, direct, 0.9)
    cubed = bootstrap_interval(replicates**3, direct**3, 0.9)
    np.testing.assert_allclose(cubed, np.array(plain) ** 3, atol=2e-3)


def test_missing_and_constant_values():
    replicates = RNG.standard_normal((50, 4))
    replicates[:, 1] = 2
    replicates[::2, 2] = np.nan
    replicates[:, 3] = np.nan
    low, high = bootstrap_interval(replicates, np.array([0.0, 2, 0, 0]), 0.8)
    alone = bootstrap_interval(replicates[1::2, 2:3], np.zeros(1), 0.8)
    assert (low[1], high[1]) == (2, 2)
    assert (low[2], high[2]) == (alone[0][0], alone[1][0])
    assert np.isnan([low[3], high[3]]).all()
    assert np.isnan(bootstrap_interval(replicates, np.full(4, np.nan), 0.8)).all()


def test_a_value_beyond_all_replicates_has_their_edge():
    replicates = np.arange(100.0)[:, None]
    low, high = bootstrap_interval(replicates, np.array([1e3]), 0.95)
    assert 90 < low[0] <= high[0] == 99
