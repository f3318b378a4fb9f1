"""Samples that are not numbers: filters work around them and tell where they had an effect."""

import numpy as np

from syncopy.kernels.arrays import Array


def fill_gaps(block: Array, length: int | None = None) -> tuple[Array, Array]:
    """Return `block` in double precision with zeros for all that is not finite, and where that was.

    Zeros follow the samples of a trial up to `length`, if that is given.
    """
    samples, gaps = block.shape[1], ~np.isfinite(block)
    values = np.empty((len(block), length or samples, *block.shape[2:]))
    values[:, :samples] = block
    values[:, samples:] = 0
    if gaps.any():
        values[:, :samples][gaps] = 0
    return values, gaps


def any_between(marks: Array, first: Array, last: Array) -> Array:
    """Tell whether any mark lies from sample `first` to sample `last`.

    Parameters
    ----------
    marks : Array
        bool, (trial, time, channel).
    first, last : Array
        Indices into time, both inclusive, (interval,); what lies outside the trial has no marks.

    Returns
    -------
    Array
        bool, (trial, interval, channel).
    """
    count = np.cumsum(np.pad(marks, ((0, 0), (1, 0), (0, 0))), axis=1)
    before, through = (np.clip(index, 0, marks.shape[1]) for index in (first, last + 1))
    marked: Array = count[:, through] > count[:, before]
    return marked
