"""Moments against NumPy, sums written out, and FieldTrip."""

import numpy as np
import pytest

from syncopy.kernels import moments


def make_block(dtype, shape=(7, 5, 3), nan=False):
    rng = np.random.default_rng(11)
    block = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    block = block if np.dtype(dtype).kind == "c" else block.real
    block = (block * 50).astype(dtype)
    if nan:
        block[rng.uniform(size=shape) < 0.3] = np.nan
    return block


def merged(lift, merge, blocks):
    state = lift(blocks[0])
    for block in blocks[1:]:
        state = merge(state, lift(block))
    return state


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16", "i2"])
@pytest.mark.parametrize("ddof", [0, 1])
def test_moments_equal_numpy(dtype, ddof):
    block = make_block(dtype, (20, 300, 60))  # more than one slab
    before = block.copy()
    state = moments.lift_moments(block)
    wide = block.astype(np.result_type(dtype, "f8"))
    assert state.mean.dtype == wide.dtype
    np.testing.assert_allclose(state.mean, wide.mean(0), rtol=1e-13, atol=1e-12)
    np.testing.assert_allclose(moments.variance(state, ddof), wide.var(0, ddof=ddof), rtol=1e-12)
    np.testing.assert_allclose(moments.standard_deviation(state, ddof), wide.std(0, ddof=ddof), rtol=1e-12)
    np.testing.assert_allclose(moments.standard_error(state), wide.std(0, ddof=1) / np.sqrt(20), rtol=1e-12)
    np.testing.assert_allclose(moments.mean(moments.lift_sums(block)), wide.mean(0), rtol=1e-13, atol=1e-12)
    np.testing.assert_array_equal(block, before)


@pytest.mark.parametrize("dtype", ["f4", "c16"])
def test_missing_observations_are_left_out(dtype):
    block = make_block(dtype, nan=True)
    block[:, 0, 0] = np.nan
    block[1:, 1, 1], block[0, 1, 1] = np.nan, 3
    wide = block.astype(np.result_type(dtype, "f8"))
    state = moments.lift_moments(block, ignore_nan=True)
    present = ~np.isnan(wide)
    np.testing.assert_array_equal(state.n, present.sum(0))
    for index in np.ndindex(5, 3):
        values = wide[present[:, *index], *index]
        lone = len(values) < 2
        expected = (np.nan, np.nan) if len(values) == 0 else (values.mean(), np.nan if lone else values.var(ddof=1))
        got = moments.mean(moments.lift_sums(block, ignore_nan=True))[index], moments.variance(state, 1)[index]
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)
    assert moments.variance(state, 0)[1, 1] == 0


def test_nan_spoils_its_element_alone_when_not_ignored():
    block = make_block("f8")
    block[2, 1, 1] = np.nan
    spoilt = np.zeros((5, 3), bool)
    spoilt[1, 1] = True
    np.testing.assert_array_equal(np.isnan(moments.variance(moments.lift_moments(block))), spoilt)
    np.testing.assert_array_equal(np.isnan(moments.mean(moments.lift_sums(block))), spoilt)


@pytest.mark.parametrize("cuts", [[3], [1, 2, 6], [5, 6]])
@pytest.mark.parametrize("ignore_nan", [False, True])
def test_blocks_merge_to_the_whole(cuts, ignore_nan):
    block = make_block("c16", nan=ignore_nan)
    block[:3, 2, 2] = np.nan if ignore_nan else 1
    parts = np.split(block, cuts)
    whole = moments.lift_moments(block, ignore_nan=ignore_nan)
    joined = merged(lambda b: moments.lift_moments(b, ignore_nan=ignore_nan), moments.merge_moments, parts)
    for got, expected in zip(joined, whole, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    sums = merged(lambda b: moments.lift_sums(b, ignore_nan=ignore_nan), moments.merge_sums, parts)
    np.testing.assert_allclose(
        moments.mean(sums), block.mean(0) if not ignore_nan else np.nanmean(block, 0), rtol=1e-12
    )


@pytest.mark.parametrize("scale", [1e-18, 1.0, 1e15])
def test_variance_survives_scale_and_a_large_mean(scale):
    deviations = np.random.default_rng(1).normal(size=(400, 4))
    block = (deviations + 1e6) * scale
    state = merged(moments.lift_moments, moments.merge_moments, np.split(block, 8))
    np.testing.assert_allclose(moments.variance(state), deviations.var(0) * scale**2, rtol=1e-8)


def test_single_precision_data_are_summed_in_double():
    block = np.full((3, 1), 1, "f4")
    block[0] = 2**24  # 2^24 + 1 is not a float32
    assert moments.lift_sums(block).total[0] == 2**24 + 2


# --- inter-trial coherence


def test_itc_is_the_mean_phasor_length_averaged_over_tapers():
    block = make_block("c8", (9, 2, 3, 4, 5))
    phasors = block.astype("c16") / np.abs(block.astype("c16"))
    got = moments.inter_trial_coherence(
        merged(moments.lift_phasors, moments.merge_sums, np.split(block, [2, 3])), taper_axis=1
    )
    assert got.shape == (2, 1, 4, 5)
    np.testing.assert_allclose(got, np.abs(phasors.mean(0)).mean(1, keepdims=True), rtol=1e-12)


def test_itc_does_not_lose_tapers_of_opposite_phase():
    block = np.exp(1j * np.array([0.3, 0.3 + np.pi]))[None, None, :, None, None] * np.ones((6, 1, 2, 1, 1))
    np.testing.assert_allclose(moments.inter_trial_coherence(moments.lift_phasors(block), 1), 1, rtol=1e-14)


def test_itc_of_uniform_phases_is_zero_and_of_a_zero_nan():
    block = np.exp(2j * np.pi * np.arange(8) / 8).reshape(8, 1, 1, 1) * np.array([1, 1e-30])
    state = moments.lift_phasors(block.astype("c8"))
    np.testing.assert_allclose(moments.inter_trial_coherence(state, 1), 0, atol=1e-7)
    block[3, ..., 1] = 0
    np.testing.assert_array_equal(np.isnan(moments.inter_trial_coherence(moments.lift_phasors(block), 1)), [[[0, 1]]])
    kept = moments.lift_phasors(block, ignore_nan=True)
    np.testing.assert_allclose(moments.inter_trial_coherence(kept, 1)[0, 0], [0, 1 / 7], atol=1e-12)


# --- statistics along an axis


def standard_error(block, axis, keepdims):
    present = np.count_nonzero(~np.isnan(block), axis=axis, keepdims=keepdims)
    return np.nanstd(block, axis, ddof=1, keepdims=keepdims) / np.sqrt(present)


@pytest.mark.parametrize("axis", [1, 2, -1, 0])
@pytest.mark.parametrize(("dtype", "nan"), [("f4", True), ("f4", False), ("f8", True), ("c8", True), ("i2", False)])
@pytest.mark.parametrize("name", ["mean", "variance", "standard_deviation", "standard_error", "median"])
def test_along_equals_the_nan_functions(name, dtype, nan, axis):
    block = make_block(dtype, (16, 40, 18), nan)
    if (name, dtype) == ("median", "c8"):
        block = block.real.copy()
    reference = {
        "mean": np.nanmean,
        "variance": np.nanvar,
        "standard_deviation": np.nanstd,
        "standard_error": standard_error,
        "median": np.nanmedian,
    }[name]
    expected = reference(block.astype(np.result_type(block, "f8")), axis, keepdims=True)
    before = block.copy()
    got = getattr(moments, f"{name}_along")(block, axis)
    single = block.dtype.itemsize == (8 if block.dtype.kind == "c" else 4)
    assert got.dtype == (expected.astype("c8" if expected.dtype.kind == "c" else "f4") if single else expected).dtype
    np.testing.assert_allclose(got, expected, rtol=2e-7 if single else 1e-12, atol=1e-12 + 1e-5 * single)
    np.testing.assert_array_equal(block, before)


def test_along_passes_ddof_on():
    block = make_block("f8")
    np.testing.assert_allclose(
        moments.variance_along(block, 1, ddof=1), block.var(1, ddof=1, keepdims=True), rtol=1e-12
    )
    np.testing.assert_allclose(
        moments.standard_deviation_along(block, 1, ddof=2), block.std(1, ddof=2, keepdims=True), rtol=1e-12
    )


@pytest.mark.parametrize("name", ["mean", "variance", "standard_deviation", "standard_error", "median"])
def test_along_nothing_but_nan_is_nan(name):
    assert np.isnan(getattr(moments, f"{name}_along")(np.full((2, 3, 1), np.nan), 1)).all()


# --- covariance


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("ddof", [0, 1, 2])
def test_trial_covariance_equals_numpy(dtype, ddof):
    block = make_block(dtype)
    expected = [np.cov(trial.T.astype("f8"), ddof=ddof) for trial in block]
    np.testing.assert_allclose(moments.trial_covariance(block, ddof=ddof), expected, rtol=1e-12, atol=1e-10)
    np.testing.assert_allclose(
        moments.mean(moments.lift_covariance(block, ddof=ddof)), np.mean(expected, 0), rtol=1e-12, atol=1e-10
    )


def test_pooled_covariance_of_unequal_trials_without_demeaning():
    blocks = [make_block("f8", (2, 8, 3)), make_block("f8", (1, 5, 3))]
    rows = np.concatenate([block.reshape(-1, 3) for block in blocks])
    state = merged(lambda b: moments.lift_covariance(b, ddof=0, demean=False, pooled=True), moments.merge_sums, blocks)
    np.testing.assert_allclose(moments.mean(state), rows.T @ rows / 21, rtol=1e-12)


# --- FieldTrip's time-locked statistics


@pytest.fixture(scope="module")
def oracle(shared):
    return np.load(shared / "oracle" / "timelock.npz"), np.load(shared / "oracle" / "inputs.npz")


def close_to_fieldtrip(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12 * np.nanmax(np.abs(expected)))


@pytest.mark.parametrize(("case", "start", "stop"), [("avg_var", 0, 500), ("latency", 100, 251)])
def test_fieldtrip_average_and_variance(oracle, case, start, stop):
    expected, inputs = oracle
    block = inputs["net"].swapaxes(1, 2)[:, start:stop]
    state = merged(moments.lift_moments, moments.merge_moments, np.split(block, [4, 11]))
    close_to_fieldtrip(state.mean.T, expected[f"{case}.avg"])
    close_to_fieldtrip(moments.variance(state, ddof=1).T, expected[f"{case}.var"])


@pytest.mark.parametrize(("case", "name"), [("cov", "net"), ("cov_prep", "prep")])
def test_fieldtrip_covariance(oracle, case, name):
    expected, inputs = oracle
    state = moments.lift_covariance(inputs[name].swapaxes(1, 2), pooled=True)
    close_to_fieldtrip(moments.mean(state), expected[f"{case}.cov"])


def test_fieldtrip_average_variance_and_covariance_of_unequal_trials(oracle):
    expected, inputs = oracle
    definition = inputs["unequal_trl"].astype(int)
    first = definition[:, 2].min()
    trials = [inputs["unequal_data"].T[None, start:stop] for start, stop, _ in definition]
    length = max(trial.shape[1] + offset - first for trial, offset in zip(trials, definition[:, 2], strict=True))
    placed = np.full((len(trials), length, trials[0].shape[2]), np.nan)
    for row, trial, offset in zip(placed, trials, definition[:, 2], strict=True):
        row[offset - first : offset - first + trial.shape[1]] = trial[0]
    state = moments.lift_moments(placed, ignore_nan=True)
    np.testing.assert_array_equal(state.n.T, expected["unequal_avg_cov.dof"])
    close_to_fieldtrip(state.mean.T, expected["unequal_avg_cov.avg"])
    close_to_fieldtrip(moments.variance(state, ddof=1).T, expected["unequal_avg_cov.var"])
    covariance = merged(lambda b: moments.lift_covariance(b, pooled=True), moments.merge_sums, trials)
    close_to_fieldtrip(moments.mean(covariance), expected["unequal_avg_cov.cov"])


def test_fieldtrip_covariance_of_each_trial(oracle):
    expected, inputs = oracle
    close_to_fieldtrip(moments.trial_covariance(inputs["net"][:3].swapaxes(1, 2)), expected["keeptrials_cov.cov"])
