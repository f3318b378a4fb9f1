"""Spike counts: which spikes lie in which trial and bin, and what a peri-stimulus time histogram makes of them.

Times relative to the trigger are counted in whole samples, so that no spike changes its bin by a rounding error.
"""

from typing import Literal

import numpy as np

from syncopy.kernels.arrays import Array, cache_slabs

Output = Literal["rate", "spikecount", "proportion"]

TOLERANCE = 1e-6  # of a sample or a bin: what a time in seconds may miss a whole number by
SLAB_BYTES = 2 * 1024 * 1024  # of the table that spikes are counted into at random places


def distinct_pairs(channel: Array, unit: Array) -> Array:
    """List the (channel, unit) pairs that occur, in ascending order.

    Parameters
    ----------
    channel, unit : Array
        Whole numbers from 0 to 2**31 - 1, one of each per spike.

    Returns
    -------
    Array
        Shape (pair, 2).
    """
    codes = np.unique(_pair_code(channel, unit))
    return np.column_stack([codes >> 32, codes & 0xFFFFFFFF])


def pair_numbers(channel: Array, unit: Array, pairs: Array) -> Array:
    """Return the row of `pairs` each spike belongs to; `pairs` comes from `distinct_pairs` and holds them all."""
    return np.searchsorted(_pair_code(pairs[:, 0], pairs[:, 1]), _pair_code(channel, unit))


def bins_of_width(start: float, stop: float, width: float) -> Array:
    """Edges, in seconds, of as many bins of one width as fit between `start` and `stop`."""
    count = int((stop - start) / width + TOLERANCE)
    return start + width * np.arange(count + 1)


def bins_by_rule(start: float, stop: float, samples: float, rule: Literal["rice", "sqrt"]) -> Array:
    """Edges of bins whose number follows from the length of the trials.

    The number of *edges* is the integer part of 2 L^(1/3) ('rice') or the square root of L rounded up ('sqrt'),
    with the mean trial length L in samples. These are the rules of the toolbox's first generation; `scott_width`
    and `square_root_width` choose by the spikes.

    Parameters
    ----------
    start, stop : float
        First and last edge in seconds.
    samples : float
        Mean trial length.
    rule : {'rice', 'sqrt'}
        Which rule.
    """
    count = int(2 * samples ** (1 / 3)) if rule == "rice" else int(np.ceil(np.sqrt(samples)))
    return np.linspace(start, stop, count)


def scott_width(time: Array, pair: Array) -> float:
    """Bin width 3.49 s n^(-1/3) for n spikes of standard deviation s, averaged over units.

    Scott 1979, Biometrika 66:605, doi:10.1093/biomet/66.3.605.

    Parameters
    ----------
    time : Array
        Time of each spike relative to its trial's trigger.
    pair : Array
        Number of its unit; every unit up to the largest number has at least two spikes.

    Returns
    -------
    float
        In the unit of `time`.
    """
    n = np.bincount(pair)
    centred = time - (np.bincount(pair, time) / n)[pair]
    deviation = np.sqrt(np.bincount(pair, centred**2) / (n - 1))
    return float(np.mean(3.49 * deviation * n ** (-1 / 3)))


def square_root_width(pair: Array, duration: float) -> float:
    """Bin width that cuts `duration` into the square root of the number of spikes, averaged over units.

    Parameters
    ----------
    pair : Array
        Number of each spike's unit; every unit up to the largest number has spikes.
    duration : float
        Length of the window.

    Returns
    -------
    float
        In the unit of `duration`.
    """
    return float(np.mean(duration / np.ceil(np.sqrt(np.bincount(pair)))))


def sample_borders(edges: Array, samplerate: float, last: float) -> Array:
    """Translate bin edges to samples.

    A bin holds the samples from its left edge on and before its right edge. The last bin holds the one on its right
    edge too if nothing comes after it in the window.

    Parameters
    ----------
    edges : Array
        Ascending edges in seconds relative to the trigger.
    samplerate : float
        Samples per second.
    last : float
        Time of the last sample of the window.

    Returns
    -------
    Array
        Bin k holds the samples ``borders[k] <= sample < borders[k + 1]`` relative to the trigger.
    """
    borders = np.ceil(edges * samplerate - TOLERANCE).astype(np.int64)
    borders[-1] += borders[-1] == np.floor(last * samplerate + TOLERANCE)
    return borders


def covered_bins(borders: Array, offsets: Array, lengths: Array) -> Array:
    """Tell which bins lie completely within each trial.

    Parameters
    ----------
    borders : Array
        From `sample_borders`.
    offsets, lengths : Array
        First sample of each trial relative to the trigger, and number of its samples.

    Returns
    -------
    Array
        Boolean, shape (trial, bin).
    """
    begins, ends = np.asarray(offsets)[:, None], np.asarray(offsets)[:, None] + np.asarray(lengths)[:, None]
    covered: Array = (begins <= borders[:-1]) & (borders[1:] <= ends)
    return covered


def count_spikes(trial: Array, sample: Array, pair: Array, borders: Array, shape: tuple[int, int]) -> Array:
    """Count spikes per trial, bin and unit.

    Parameters
    ----------
    trial : Array
        Number of each spike's trial, ascending.
    sample : Array
        Its sample relative to the trigger.
    pair : Array
        Number of its (channel, unit) pair.
    borders : Array
        From `sample_borders`.
    shape : (int, int)
        Number of trials and pairs.

    Returns
    -------
    Array
        Shape (trial, bin, pair), float32 (exact up to 2**24 spikes).
    """
    trials, pairs = shape
    bins = len(borders) - 1
    where = np.searchsorted(borders, sample, side="right") - 1
    inside = (where >= 0) & (where < bins)
    trial = trial[inside]
    cell = (trial * bins + where[inside]) * pairs + pair[inside]
    counts = np.empty((trials, bins, pairs), np.float32)
    for slab in cache_slabs(trials, bins * pairs * 8, SLAB_BYTES):
        spikes = slice(*np.searchsorted(trial, [slab.start, slab.stop]))
        table = np.bincount(cell[spikes] - slab.start * bins * pairs, minlength=counts[slab].size)
        counts[slab] = table.reshape(counts[slab].shape)
    return counts


def scale_counts(counts: Array, covered: Array, edges: Array, output: Output) -> Array:
    """Turn counts into a peri-stimulus time histogram.

    Parameters
    ----------
    counts : Array
        Shape (trial, bin, pair).
    covered : Array
        Shape (trial, bin), from `covered_bins`.
    edges : Array
        Edges of the bins in seconds.
    output : {'rate', 'spikecount', 'proportion'}
        Spikes per second, spikes, or the part of all spikes of that unit in that trial; the parts sum to 1, or are 0
        where a trial has no spike.

    Returns
    -------
    Array
        As `counts`, NaN in bins that the trial does not cover completely.
    """
    scaled = np.where(covered[:, :, None], counts, np.float32(np.nan))
    if output == "rate":
        scaled /= np.diff(edges)[:, None]
    elif output == "proportion":
        spikes = np.nansum(scaled, axis=1, keepdims=True)
        scaled /= np.maximum(spikes, 1)
    return scaled


def _pair_code(channel: Array, unit: Array) -> Array:
    return (np.asarray(channel, np.int64) << 32) + unit
