"""References of multichannel recordings."""

from collections.abc import Sequence

import numpy as np

from syncopy.kernels.arrays import Array, cache_slabs, real_dtype


def rereference(block: Array, channels: Sequence[int], method: str = "average") -> Array:
    """Subtract from all channels, sample by sample, the average or the median of some.

    Parameters
    ----------
    block : Array
        (trial, time, channel); left untouched.
    channels : sequence of int
        The channels that make the reference; a single one is a common physical reference.
    method : {'average', 'median'}
        How they make it.

    Returns
    -------
    Array
        Shape of `block`; float32 for float32 input, else float64. A NaN in one of `channels` makes NaN of that sample
        in all channels.
    """
    members = list(channels)
    middle = np.median if method == "median" else np.mean
    referenced = np.empty(block.shape, real_dtype(block))
    for slab in cache_slabs(len(block), 8 * block[:1].size):
        values = block[slab].astype(np.float64)
        referenced[slab] = values - middle(values.take(members, axis=2), axis=2, keepdims=True)
    return referenced


def bipolar(block: Array, pairs: Sequence[tuple[int, int]]) -> Array:
    """Return differences of channels.

    Parameters
    ----------
    block : Array
        (trial, time, channel).
    pairs : sequence of (int, int)
        For each difference the channel that counts positive and the one that is subtracted.

    Returns
    -------
    Array
        (trial, time, pair); float32 for float32 input, else float64.
    """
    positive, negative = np.array(pairs).T
    differences = np.empty((*block.shape[:2], len(pairs)), real_dtype(block))
    for slab in cache_slabs(len(block), 8 * block[:1].size):
        values = block[slab].astype(np.float64)
        differences[slab] = values.take(positive, axis=2) - values.take(negative, axis=2)
    return differences
