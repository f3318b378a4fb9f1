"""Resampling against SciPy, closed forms and FieldTrip; lengths, aliases, gaps."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import signal

from syncopy.kernels import polyphase
from syncopy.kernels.polyphase import (
    design_antialias,
    downsample,
    rate_ratio,
    resample,
    resampled_length,
    resampling_order,
)
from syncopy.kernels.sinc import design_sinc, sinc_filter


@pytest.mark.parametrize(
    ("new", "old", "ratio"),
    [
        (400, 1000, (2, 5)),
        (7, 200, (7, 200)),
        (1000, 24414.0625, (128, 3125)),
        (250, 499.99999999999977, (1, 2)),
        (1000 / 3, 1000, (1, 3)),
        (0.3, 0.1, (3, 1)),
        (np.float32(500), 500, (1, 1)),
    ],
)
def test_ratio_of_rates(new, old, ratio):
    assert rate_ratio(new, old) == ratio


def test_ratio_is_the_nearest_within_the_bound():
    up, down = rate_ratio(314.159265358979, 100, max_denominator=1000)
    assert (up, down) == (355, 113)


def test_lengths_are_exact():
    for up, down in ((7, 200), (2, 5), (999, 1000), (128, 3125), (3, 1), (1, 1)):
        for samples in (1, 2, 113, 3000, 2_999_999, 3_000_000):
            exact = Fraction(samples * up, down)
            assert exact <= resampled_length(samples, up, down) < exact + 1
            assert resampled_length(samples, up, down) == -(-exact.numerator // exact.denominator)


RATIOS = [
    (2, 5, 1000, 700),
    (2, 5, 100, 64),
    (1, 1, 40, 90),
    (25, 128, 2560, 600),
    (999, 1000, 20000, 500),
    (1, 30, 600, 1500),
    (4, 1, 80, 150),
    (7, 3, 2, 3),
    (1, 2, 20, 1),
    (10007, 20011, 400220, 300),
]


@pytest.mark.parametrize(("up", "down", "order", "samples"), RATIOS)
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_equals_scipy(up, down, order, samples, dtype):
    block = (10 * np.random.default_rng(1).standard_normal((3, samples, 2)).cumsum(axis=1) + 50).astype(dtype)
    before = block.copy()
    taps = design_antialias(up, down, order)
    got = resample(block, up, down, taps)
    expected = signal.resample_poly(block.astype("f8"), up, down, axis=1, window=taps)
    assert got.dtype == ("f4" if dtype == "f4" else "f8")
    assert got.shape == expected.shape == (3, resampled_length(samples, up, down), 2)
    tolerance = 1e-7 if dtype == "f4" else 1e-13
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.abs(expected).max())
    np.testing.assert_array_equal(block, before)


def test_slabs_equal_one_trial_at_a_time(monkeypatch):
    monkeypatch.setattr(polyphase, "SLAB_BYTES", 5000)
    block = np.random.default_rng(2).standard_normal((9, 120, 3)) + 5
    block[4, 30, 1] = np.nan
    taps = design_antialias(3, 4, 80)
    got = resample(block, 3, 4, taps, demean=True)
    one_by_one = np.concatenate([resample(trial[None], 3, 4, taps, demean=True) for trial in block])
    np.testing.assert_allclose(got, one_by_one, rtol=1e-13)
    assert np.isnan(got).sum() == np.isnan(got[4, :, 1]).sum() > 0


@pytest.mark.parametrize(("new", "old"), [(400, 1000), (1000, 400), (100, 512), (999, 1000), (250, 500), (700, 300)])
def test_a_sine_stays_a_sine_and_an_alias_does_not_arise(new, old):
    up, down = rate_ratio(new, old)
    taps = design_antialias(up, down, resampling_order(0, up, down))
    time = np.arange(4 * old) / old
    lowest = min(new, old) / 2
    tones = np.stack([np.cos(2 * np.pi * freq * time + 0.3) for freq in (0.3 * lowest, 0.8 * lowest)], axis=-1)
    later = np.arange(4 * new) / new
    middle = slice(new, 3 * new)
    expected = np.stack([np.cos(2 * np.pi * freq * later + 0.3) for freq in (0.3 * lowest, 0.8 * lowest)], axis=-1)
    np.testing.assert_allclose(resample(tones[None], up, down, taps)[0, middle], expected[middle], atol=0.01)
    if 1.2 * lowest < old / 2:
        beyond = np.cos(2 * np.pi * np.linspace(1.2 * lowest, old / 2, 5) * time[:, None])
        np.testing.assert_allclose(resample(beyond[None], up, down, taps)[0, middle], 0, atol=0.005)


def test_order_is_raised_only_where_it_is_too_short():
    assert resampling_order(1000, 2, 5) == 1000
    assert resampling_order(601, 3, 5) == 602
    assert resampling_order(1000, 25, 128) == 2560
    assert resampling_order(50, 3, 1) == 60


def test_cutoff_can_be_lowered():
    time = np.arange(2000) / 1000
    tones = np.cos(2 * np.pi * np.array([30, 90]) * time[:, None])[None]
    got = resample(tones, 2, 5, design_antialias(2, 5, 1000, freq=60 / 1000))[0, 300:500]
    np.testing.assert_allclose(got[:, 0], np.cos(2 * np.pi * 30 * np.arange(300, 500) / 400), atol=0.005)
    np.testing.assert_allclose(got[:, 1], 0, atol=0.005)


def test_demeaning_keeps_a_constant():
    constant = np.full((1, 100, 2), 7.0)
    taps = design_antialias(2, 5, 100)
    np.testing.assert_allclose(resample(constant, 2, 5, taps, demean=True), 7, rtol=1e-14)
    assert resample(constant, 2, 5, taps)[0, 0, 0] < 5


@pytest.mark.parametrize("gap", [np.nan, np.inf])
@pytest.mark.parametrize("demean", [False, True])
@pytest.mark.parametrize(("up", "down", "order"), [(2, 5, 100), (5, 2, 100), (1, 3, 60), (25, 128, 2560)])
def test_a_gap_spreads_as_far_as_the_kernel_reaches(up, down, order, demean, gap):
    block = np.random.default_rng(3).standard_normal((2, 400, 2))
    taps = design_antialias(up, down, order)
    block[1, 200, 0] = 0
    intact = resample(block, up, down, taps)
    block[1, 200, 0] = gap
    got = resample(block, up, down, taps, demean)
    output = np.arange(got.shape[1])
    expected = np.zeros(got.shape, bool)
    expected[1, np.abs(output * down - 200 * up) <= order // 2, 0] = True
    np.testing.assert_array_equal(np.isnan(got), expected)
    if not demean:
        np.testing.assert_allclose(got[~expected], intact[~expected], atol=1e-13)


@pytest.mark.parametrize("samples", [1, 99, 100, 101])
def test_downsampling_picks_samples(samples):
    block = np.random.default_rng(4).standard_normal((3, samples, 2)).astype("f4")
    got = downsample(block, 4)
    assert got.dtype == np.float32
    assert got.shape[1] == resampled_length(samples, 1, 4)
    np.testing.assert_array_equal(got, block[:, [*range(0, samples, 4)]])


def test_downsampling_after_a_filter():
    block = np.random.default_rng(5).standard_normal((3, 100, 2))
    taps = design_sinc(40, "lp", 60, 500)
    np.testing.assert_array_equal(downsample(block, 3, taps), sinc_filter(block, taps, "twopass")[:, ::3])


@pytest.mark.parametrize(
    ("case", "new", "data"), [("resample_500_250", 250, "net"), ("resample_500_300_demean", 300, "prep")]
)
def test_equals_fieldtrip_with_its_kernel(shared, case, new, data):
    block = np.load(shared / "oracle" / "inputs.npz")[data][:3].swapaxes(1, 2)
    expected = np.load(shared / "oracle" / "resample.npz")[f"{case}.trial"].swapaxes(1, 2)
    up, down = rate_ratio(new, 500)
    longest = max(up, down)
    kernel = np.sinc(np.arange(-10 * longest, 10 * longest + 1) / longest) / longest * np.kaiser(20 * longest + 1, 5)
    restored = case == "resample_500_250"  # asked to demean, FieldTrip leaves the mean out
    given = block if restored else block - block.mean(axis=1, keepdims=True)
    got = resample(given, up, down, kernel, demean=restored)
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max())


def test_equals_fieldtrip_downsample(shared):
    block = np.load(shared / "oracle" / "inputs.npz")["net"][:3].swapaxes(1, 2)
    expected = np.load(shared / "oracle" / "resample.npz")["downsample_500_250.trial"].swapaxes(1, 2)
    np.testing.assert_allclose(downsample(block, 2), expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max())
