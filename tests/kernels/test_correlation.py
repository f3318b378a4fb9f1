"""Cross-correlation against the sum over samples, NumPy and FieldTrip."""

import numpy as np
import pytest

from syncopy.kernels import correlation
from syncopy.kernels.correlation import correlation_sum, default_maxlag, lag_axis, normalise, trial_correlations


def random_block(trials=3, length=20, channels=3, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal((trials, length, channels)).astype(dtype)


def written_out(trial, i, j, lag):
    """Average x_i[t + lag] x_j[t] over the samples where both exist."""
    length = len(trial)
    times = [t for t in range(length) if 0 <= t + lag < length]
    return sum(trial[t + lag, i] * trial[t, j] for t in times) / len(times)


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("length", [20, 21])
def test_all_pairs_and_parities_equal_the_definition(length, negative):
    block = random_block(length=length)
    maxlag = default_maxlag(length)
    assert maxlag == -(-length // 2) - 1
    lags = lag_axis(maxlag, negative=negative)
    total = correlation_sum(block, maxlag, negative=negative)
    truth = [
        [[sum(written_out(trial, i, j, lag) for trial in block) for j in range(3)] for i in range(3)] for lag in lags
    ]
    np.testing.assert_allclose(total, truth, atol=1e-12)


def test_every_lag_up_to_the_last():
    block = random_block(trials=1, length=6, channels=2)
    total = correlation_sum(block, 5, negative=True)
    full = np.correlate(block[0, :, 0], block[0, :, 1], "full") / (6 - abs(np.arange(-5, 6)))
    np.testing.assert_allclose(total[:, 0, 1], full, atol=1e-12)
    np.testing.assert_allclose(correlation_sum(block, 0)[0], block[0].T @ block[0] / 6, atol=1e-12)


def test_negative_lags_are_the_swapped_pair():
    total = correlation_sum(random_block(), 7, negative=True)
    np.testing.assert_allclose(total[::-1], total.swapaxes(1, 2), atol=1e-12)


def test_the_leading_channel_is_the_second_index_at_a_positive_peak():
    source = np.random.default_rng(1).standard_normal((4, 210))
    block = np.stack([source[:, :200], source[:, 5:205]], axis=-1)  # channel 1 is 5 samples ahead
    total = correlation_sum(block, 20)
    assert total[:, 0, 1].argmax() == 5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_single_trials_are_divided_by_their_standard_deviations(dtype):
    block = random_block(dtype=dtype) * np.array([1, 1e-13, 50], dtype)
    before = block.copy()
    result = trial_correlations(block, 4)
    assert result.dtype == dtype
    for trial, values in zip(block.astype(float), result, strict=True):
        deviation = trial.std(axis=0)
        truth = [[[written_out(trial, i, j, m) for j in range(3)] for i in range(3)] for m in range(5)]
        np.testing.assert_allclose(
            values, truth / deviation[:, None] / deviation, atol=1e-5 if dtype == np.float32 else 1e-12
        )
    np.testing.assert_array_equal(block, before)


@pytest.mark.parametrize("scale", [1, 1e-13])
@pytest.mark.parametrize("negative", [False, True])
def test_average_is_one_for_a_channel_with_itself(negative, scale):
    block = random_block() * scale + 3 * scale
    result = normalise(correlation_sum(block, 6, negative=negative), negative=negative)
    zero = 6 if negative else 0
    np.testing.assert_allclose(np.diagonal(result[zero]), 1)
    power = np.einsum("tni,tni->i", block, block)
    truth = np.einsum("tni,tnj->ij", block, block) / np.sqrt(power[:, None] * power)
    np.testing.assert_allclose(result[zero], truth, atol=1e-12)


def test_silent_channel_is_nan():
    block = random_block()
    block[..., 1] = 0
    for result in (normalise(correlation_sum(block, 3)), trial_correlations(block, 3)[0]):
        assert np.isnan(result[:, 1]).all()
        assert np.isnan(result[:, :, 1]).all()
        assert np.isfinite(result[:, 0, 2]).all()


def test_blocks_add_up_and_workspace_does_not_matter(monkeypatch):
    block = random_block(trials=5, channels=4)
    whole, single = correlation_sum(block, 6), trial_correlations(block, 6)
    monkeypatch.setattr(correlation, "WORKSPACE_BYTES", 1)
    parts = correlation_sum(block[:2], 6) + correlation_sum(block[2:], 6)
    np.testing.assert_allclose(parts, whole, atol=1e-12)
    np.testing.assert_allclose(trial_correlations(block, 6), single, atol=1e-12)


def test_integers():
    block = np.random.default_rng(2).integers(-1000, 1000, (2, 15, 2)).astype(np.int16)
    np.testing.assert_allclose(correlation_sum(block, 3), correlation_sum(block.astype(float), 3))


def test_fieldtrip(shared):
    with np.load(shared / "oracle" / "inputs.npz") as data, np.load(shared / "oracle" / "conn.npz") as file:
        block, truth = data["net"].swapaxes(1, 2), file["corr_raw.corr"]
    total = correlation_sum(block - block.mean(axis=1, keepdims=True), 0)
    np.testing.assert_allclose(normalise(total)[0], truth, atol=1e-12)
