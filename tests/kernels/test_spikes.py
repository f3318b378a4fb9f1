"""Spike counts against counting one by one, NumPy's histogram, and FieldTrip."""

from itertools import pairwise

import numpy as np
import pytest

from syncopy.kernels import spikes


def make_spikes(n=3000, length=10_000, seed=3):
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(length, n, replace=False)), rng.choice([0, 2, 7], n), rng.choice([1, 5], n)


# overlapping, empty, unordered and gappy trials
STARTS = np.array([4000, 0, 900, 9_990, 5000])
STOPS = np.array([5000, 1000, 2000, 10_000, 5000])
OFFSETS = np.array([-300, -100, -350, 0, 0])


def test_pairs_of_any_numbers():
    channel, unit = np.array([7, 0, 7, 2**31 - 1]), np.array([2**31 - 1, 3, 0, 0])
    pairs = spikes.distinct_pairs(channel, unit)
    np.testing.assert_array_equal(pairs, [[0, 3], [7, 0], [7, 2**31 - 1], [2**31 - 1, 0]])
    np.testing.assert_array_equal(spikes.pair_numbers(channel, unit, pairs), [2, 0, 1, 3])


@pytest.mark.parametrize(
    "edges", [np.arange(-0.3537, 0.6, 0.0713), np.arange(-7, 12) / 20, np.linspace(-0.35, 0.549, 20)]
)
def test_counts_equal_numpy_histograms(edges):
    samplerate = 1000.0
    sample, channel, unit = make_spikes()
    pairs = spikes.distinct_pairs(channel, unit)
    inside = [np.flatnonzero((sample >= start) & (sample < stop)) for start, stop in zip(STARTS, STOPS, strict=True)]
    spike, trial = np.concatenate(inside), np.repeat(np.arange(5), [len(each) for each in inside])
    relative = sample[spike] - STARTS[trial] + OFFSETS[trial]
    numbers = spikes.pair_numbers(channel, unit, pairs)[spike]
    borders = spikes.sample_borders(edges, samplerate, edges[-1])
    counts = spikes.count_spikes(trial, relative, numbers, borders, (5, len(pairs)))
    assert counts.dtype == np.float32
    assert counts.sum() > 500
    on_grid = np.round(edges * samplerate, 6)  # exact numbers, for NumPy compares without tolerance
    for k in range(5):
        for column, (c, u) in enumerate(pairs):
            rows = (trial == k) & (channel[spike] == c) & (unit[spike] == u)
            np.testing.assert_array_equal(counts[k, :, column], np.histogram(relative[rows], on_grid)[0])


def test_many_trials_are_counted_slab_by_slab():
    rng = np.random.default_rng(0)
    trial = np.sort(rng.integers(0, 400, 5000))
    sample, pair = rng.integers(-10, 130, 5000), rng.integers(0, 50, 5000)
    borders = np.arange(0, 121, 5)
    counts = spikes.count_spikes(trial, sample, pair, borders, (400, 50))
    assert counts.nbytes > spikes.SLAB_BYTES / 2
    expected = np.zeros((400, 24, 50))
    inside = (sample >= 0) & (sample < 120)
    np.add.at(expected, (trial[inside], sample[inside] // 5, pair[inside]), 1)
    np.testing.assert_array_equal(counts, expected)


@pytest.mark.parametrize("samplerate", [10.0, 1000.0, 24414.0625])
def test_a_spike_on_an_edge_belongs_to_the_bin_it_opens(samplerate):
    width = 3 / samplerate
    edges = spikes.bins_of_width(-6 / samplerate, 300 / samplerate, width)
    assert len(edges) == 103
    borders = spikes.sample_borders(edges, samplerate, 1)
    np.testing.assert_array_equal(borders, np.arange(-6, 301, 3))


def test_the_last_sample_of_the_window_belongs_to_a_bin_that_ends_there():
    edges = spikes.bins_of_width(0, 1.001, 0.5)
    np.testing.assert_array_equal(spikes.sample_borders(edges, 1000, last=1.0), [0, 500, 1001])
    np.testing.assert_array_equal(spikes.sample_borders(edges, 1000, last=0.999), [0, 500, 1000])
    np.testing.assert_array_equal(spikes.sample_borders(edges, 1000, last=1.2), [0, 500, 1000])


@pytest.mark.parametrize(
    ("start", "stop", "width", "count"), [(0, 0.3, 0.1, 3), (-0.2, 0.798, 0.02, 49), (0, 1, 1, 1), (0, 1, 0.7, 1)]
)
def test_no_bin_beyond_the_window(start, stop, width, count):
    edges = spikes.bins_of_width(start, stop, width)
    np.testing.assert_allclose(edges, start + width * np.arange(count + 1), rtol=1e-12, atol=1e-15)
    assert edges[-1] <= stop + 1e-9


def test_bins_by_rule():
    assert len(spikes.bins_by_rule(-1, 1, 1001.0, "rice")) == 20
    assert len(spikes.bins_by_rule(-1, 1, 1000.0, "sqrt")) == 32
    np.testing.assert_allclose(spikes.bins_by_rule(0, 3, 9.0, "sqrt"), [0, 1.5, 3])


def test_covered_bins_are_those_of_which_the_trial_has_all_samples():
    borders, offsets, lengths = np.arange(-20, 21, 5), np.array([-20, -19, -15, 3, 30]), np.array([40, 39, 30, 9, 3])
    covered = spikes.covered_bins(borders, offsets, lengths)
    for k in range(5):
        has = set(range(offsets[k], offsets[k] + lengths[k]))
        expected = [set(range(a, b)) <= has for a, b in pairwise(borders)]
        np.testing.assert_array_equal(covered[k], expected)
    assert covered.sum(1).tolist() == [8, 7, 6, 1, 0]


@pytest.mark.parametrize("output", ["rate", "spikecount", "proportion"])
def test_scaled_counts(output):
    counts = np.array([[[2, 0], [3, 0], [1, 5]], [[4, 0], [0, 0], [0, 0]]], np.float32)
    before = counts.copy()
    covered = np.array([[True, True, False], [True, True, True]])
    nan = np.nan
    expected = {
        "rate": [[[20, 0], [30, 0], [nan, nan]], [[40, 0], [0, 0], [0, 0]]],
        "spikecount": [[[2, 0], [3, 0], [nan, nan]], [[4, 0], [0, 0], [0, 0]]],
        "proportion": [[[0.4, 0], [0.6, 0], [nan, nan]], [[1, 0], [0, 0], [0, 0]]],
    }[output]
    scaled = spikes.scale_counts(counts, covered, np.array([0, 0.1, 0.2, 0.3]), output)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, expected, rtol=1e-6)
    np.testing.assert_array_equal(counts, before)


# --- FieldTrip


@pytest.fixture(scope="module")
def oracle(shared):
    inputs = np.load(shared / "oracle" / "inputs.npz")
    samplerate = float(inputs["spike_rate"])
    trial, unit = inputs["spike_trial"].astype(int), inputs["spike_unit"].astype(int)
    sample = np.rint(inputs["spike_time"] * samplerate).astype(int)
    return np.load(shared / "oracle" / "spike.npz"), trial, sample, unit, samplerate


@pytest.mark.parametrize(
    ("case", "latency", "output"),
    [
        ("psth_20ms", (-0.2, 0.798), "rate"),
        ("psth_50ms_count_keeptrials", (-0.2, 0.798), "spikecount"),
        ("psth_scott", (-0.2, 0.798), "rate"),
        ("psth_sqrt_latency", (0, 0.6), "rate"),
    ],
)
def test_fieldtrip_histogram(oracle, case, latency, output):
    expected, trial, sample, unit, samplerate = oracle
    time = sample / samplerate
    inside = (time >= latency[0]) & (time <= latency[1])
    widths = {
        "psth_20ms": lambda: 0.02,
        "psth_50ms_count_keeptrials": lambda: 0.05,
        "psth_scott": lambda: spikes.scott_width(time[inside], unit[inside]),
        "psth_sqrt_latency": lambda: spikes.square_root_width(unit[inside], latency[1] - latency[0]),
    }
    edges = spikes.bins_of_width(*latency, widths[case]())
    borders = spikes.sample_borders(edges, samplerate, latency[1])
    counts = spikes.count_spikes(trial, sample, unit, borders, (20, 3))
    covered = spikes.covered_bins(borders, np.full(20, -0.2 * samplerate), np.full(20, 0.998 * samplerate + 1))
    histogram = spikes.scale_counts(counts, covered, edges, output)
    np.testing.assert_allclose((edges[1:] + edges[:-1]) / 2, expected[f"{case}.time"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(histogram.mean(0).T, expected[f"{case}.avg"], rtol=1e-6)
    np.testing.assert_allclose(histogram.var(0, ddof=1).T, expected[f"{case}.var"], rtol=1e-5)
    if output == "spikecount":
        np.testing.assert_array_equal(histogram.transpose(0, 2, 1), expected[f"{case}.trial"])
