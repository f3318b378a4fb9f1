"""Reading no more than a panel can show: long axes are reduced to a few thousand columns while they are read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.view import View
from syncopy.settings import options

Array = NDArray[Any]
Read = Callable[[int, int], Array]

# More columns than a page printed at 300 dpi has pixels.
COLUMNS = 4000
_BLOCK_BYTES = 32 * 2**20


@dataclass(frozen=True, eq=False)
class LongAxis:
    """An axis of the first trial of a view, read in parts.

    Attributes
    ----------
    view : View
        Its first trial is read.
    dim : str
        The axis.
    last : str, optional
        An axis that comes last in what is read.
    """

    view: View
    dim: str
    last: str | None = None

    @property
    def values(self) -> Array:
        """Seconds or Hz along the axis."""
        if self.dim == "time":
            return self.view.times(0)
        return np.asarray(self.view.coords[self.dim])

    @property
    def step(self) -> int:
        """Positions per block: what reading touches on disk stays small beside the memory limit."""
        source, order = self.view.reader.source, self.view.reader.order
        along = {self.dim, "time"}
        others = [source.shape[on_disk] for dim, on_disk in zip(self.view.dims, order, strict=True) if dim not in along]
        width = int(np.prod(others, dtype=np.int64)) * source.dtype.itemsize
        return max(1, min(_BLOCK_BYTES, options.memory // 8) // max(width, 1))

    def read(self, start: int, stop: int) -> Array:
        """Positions `start:stop` as an array `(position, other axes ..., last)`."""
        view = self.view
        if self.dim == "time":
            block = view.reader.read(view.starts[:1] + start, view.starts[:1] + stop)[0]
        else:
            part = (view.dims.index(self.dim), slice(start, stop))
            block = view.reader.read(view.starts[:1], view.stops[:1], part)[0]
        others = [dim for dim in view.dims if dim not in (self.dim, self.last)]
        ordered = [self.dim, *others, *([self.last] if self.last else [])]
        return np.transpose(block, [view.dims.index(dim) for dim in ordered])

    def extremes(self) -> tuple[Array, Array]:
        """Curves along the axis; see `thin_extremes`."""
        return thin_extremes(self.values, self.read, self.step)

    def means(self) -> tuple[Array, Array]:
        """Columns of an image along the axis; see `thin_means`."""
        return thin_means(self.values, self.read, self.step)


def thin_extremes(values: Array, read: Read, step: int, columns: int = COLUMNS) -> tuple[Array, Array]:
    """Read curves, the long ones as the smallest and the largest value of every column.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Positions along the axis.
    read : callable
        `read(start, stop) -> ndarray, shape (stop - start, ...)`.
    step : int
        Positions to read at once.
    columns : int
        Most columns; up to twice as many points are returned as they are.

    Returns
    -------
    x : ndarray, shape (points,)
    y : ndarray, shape (points, ...)
        Of a long axis, the minimum and maximum of each column at its middle: no spike is lost. NaN shows where a
        column holds nothing else.
    """
    if len(values) <= 2 * columns:
        return values, read(0, len(values))
    pairs, x = [], []
    for block, middles in _columns(values, read, step, columns):
        pairs.append(np.stack([_reduce(np.fmin, block), _reduce(np.fmax, block)], axis=1))
        x.append(middles)
    y = np.concatenate(pairs)
    return np.repeat(np.concatenate(x), 2), y.reshape(-1, *y.shape[2:])


def thin_means(values: Array, read: Read, step: int, columns: int = COLUMNS) -> tuple[Array, Array]:
    """Read the columns of an image, those of a long axis as means without NaN.

    Parameters and results are those of `thin_extremes`, with one column per `x`.
    """
    if len(values) <= columns:
        return values, read(0, len(values))
    means, x = [], []
    for block, middles in _columns(values, read, step, columns):
        missing = np.isnan(block)
        total = np.where(missing, 0, block).sum(axis=1, dtype=np.float64)
        count = block.shape[1] - missing.sum(axis=1)
        means.append(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))
        x.append(middles)
    return np.concatenate(x), np.concatenate(means)


def column_width(length: int, columns: int) -> int:
    """Positions of a column: a multiple of 16 of wide ones, which are reduced many times faster then."""
    width = -(-length // columns)
    return width if width < 256 else -(-width // 16) * 16


def _columns(values: Array, read: Read, step: int, columns: int) -> Iterator[tuple[Array, Array]]:
    """Blocks `(column, position, ...)`, and the middle of each column along the axis; the last one may be narrower."""
    width, length = column_width(len(values), columns), len(values)
    rest = length - length % width
    starts = [*range(0, rest, max(1, step // width) * width), *([rest] if rest < length else [])]
    for start, stop in pairwise([*starts, length]):
        wide = min(width, stop - start)
        edges = values[start:stop].reshape(-1, wide)
        block = read(start, stop)
        yield block.reshape(-1, wide, *block.shape[1:]), (edges[:, 0] + edges[:, -1]) / 2


def _reduce(function: np.ufunc, block: Array) -> Array:
    """Reduce axis 1 in two steps, the first along rows that are long enough for the processor's wide registers."""
    count, width, *others = block.shape
    fold = math.gcd(width, 16)
    folded = function.reduce(block.reshape(count, width // fold, -1), axis=1)
    reduced: Array = function.reduce(folded.reshape(count, fold, *others), axis=1)
    return reduced
