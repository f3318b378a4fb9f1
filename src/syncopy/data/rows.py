"""The rows of discrete data: one per event, whole numbers in named columns, ascending in the column `sample`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syncopy.storage.arrays import ArraySource

Integers = NDArray[np.integer]

# Bytes of rows that are looked through at a time; what is found out of each takes several times as much.
STEP = 2**22

# Largest range of numbers, in bits, for which a table of all of them is cheaper than sorting.
_TABLE = 2**22


@dataclass(frozen=True)
class RowTable:
    """Where the rows lie; small, and at home in any process. However many there are, few are in memory at a time.

    Attributes
    ----------
    source : ArraySource
        The array on disk, `(row, column)`.
    columns : tuple of str
        Names of the columns.
    """

    source: ArraySource
    columns: tuple[str, ...]

    def __len__(self) -> int:
        return self.source.shape[0]

    def read(self, firsts: NDArray[np.int64], lasts: NDArray[np.int64]) -> Integers:
        """Ranges of rows, one after the other as asked for."""
        return self.source.read_ranges(firsts, lasts, {})

    def blocks(self) -> Iterator[Integers]:
        """All rows, some at a time."""
        step = max(STEP // self.source.row_bytes, 1)
        for start in range(0, len(self), step):
            yield self.source.read_rows(start, min(start + step, len(self)))

    def column(self, name: str) -> Integers:
        """One column."""
        where = self.columns.index(name)
        return self.source.read({1: slice(where, where + 1, 1)})[:, 0]

    def having(self, name: str, numbers: NDArray[np.generic]) -> Integers:
        """Rows that hold one of some numbers in a column."""
        where = self.columns.index(name)
        found = [self.source.read_rows(0, 0)]
        found += [block[np.isin(block[:, where], numbers)] for block in self.blocks()]
        return np.concatenate(found)

    def rows_before(self, samples: Integers) -> NDArray[np.int64]:
        """Count, for each of some samples, the rows that come before it."""
        where = self.columns.index("sample")
        counts = np.zeros(len(samples), np.int64)
        for block in self.blocks():
            counts += np.searchsorted(block[:, where], samples)
        return counts

    def distinct(self, names: Sequence[str]) -> dict[str, NDArray[np.int64]]:
        """Numbers that occur in some columns, ascending, found in one pass."""
        found: dict[str, list[NDArray[np.int64]]] = {name: [np.empty(0, np.int64)] for name in names}
        for block in self.blocks():
            for name, numbers in found.items():
                numbers.append(_distinct(block[:, self.columns.index(name)]))
        return {name: np.unique(np.concatenate(numbers)) for name, numbers in found.items()}

    def is_ascending(self) -> bool:
        """Whether no row has a smaller sample than the one before it."""
        where = self.columns.index("sample")
        last = None
        for block in self.blocks():
            sample = block[:, where]
            if (last is not None and sample[0] < last) or not ascending(sample):
                return False
            last = sample[-1]
        return True


def ascending(values: Integers) -> bool:
    """Whether no value is smaller than the one before it."""
    return bool((values[1:] >= values[:-1]).all())


def _distinct(values: Integers) -> NDArray[np.int64]:
    low, high = int(values.min()), int(values.max())
    if high - low > _TABLE:
        return np.unique(values).astype(np.int64)
    seen = np.zeros(high - low + 1, dtype=bool)
    seen[values - low] = True
    return np.flatnonzero(seen) + low


def spread(firsts: NDArray[np.int64], lasts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Take ranges apart.

    Parameters
    ----------
    firsts, lasts : ndarray of int
        Ranges `first <= row < last`.

    Returns
    -------
    number, row : ndarray of int
        One entry for every row of every range: number of the range, ascending, and the row.
    """
    counts = lasts - firsts
    number = np.repeat(np.arange(len(counts)), counts)
    row = np.arange(len(number)) + np.repeat(firsts - np.cumsum(counts) + counts, counts)
    return number, row
