"""Data made of single moments, one row of whole numbers each: the base of spikes and events."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import frozen, pick_positions
from syncopy.data.base import BaseData
from syncopy.data.discrete_joining import join_rows
from syncopy.data.discrete_selection import DiscreteSelection, pick_codes, resolve_rows
from syncopy.data.rows import Integers, RowTable, ascending, spread
from syncopy.data.trials import check_trialdefinition, consecutive
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from syncopy.storage.arrays import ArraySource
from syncopy.storage.hdf5 import Dataset
from syncopy.storage.scratch import ScratchFile
from syncopy.storage.store import Store
from syncopy.storage.transfer import copy_rows

Array = NDArray[Any]


class DiscreteData(BaseData):
    """Base of the classes whose trials are the rows with a sample from `start` to before `stop`."""

    _stack = "sample"
    _column_selectors: ClassVar[tuple[str, ...]] = ()
    # further datasets with an entry for every row
    _by_row: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Collect the selectors: all columns but `sample`."""
        super().__init_subclass__()
        cls._column_selectors = tuple(name for name in cls._default_dimord if name != "sample")
        cls._selectors = ("trials", "latency", *cls._column_selectors)

    def _reset(self) -> None:
        super()._reset()
        self._was_sorted = False
        self._found: dict[str, Any] = {}

    # -- taking in -----------------------------------------------------------------------------------------------

    def _ingest(self, value: Any, trialdefinition: Any, own: Collection[str] = ()) -> None:
        self._found = {}
        if isinstance(value, list | tuple | Iterator) and not _has_objects(value):
            trl = None if trialdefinition is None else self._check_trials(trialdefinition)
            placed = self._place(value, trl)
            value = placed if isinstance(value, Iterator) else list(placed)
        super()._ingest(value, trialdefinition, own)

    def _place(self, trials: Iterable[Any], trl: Array | None) -> Iterator[Integers]:
        """Give trials that come one by one, their samples counted from the start of the trial, a place in the whole.

        Where no definition says how long they are, each ends with its last event.
        """
        if trl is not None and (trl[1:, 0] < trl[:-1, 1]).any():
            raise SPYValueError("trials one after the other, if their rows come one by one", "trialdefinition")
        column = self._dimord.index("sample")
        start, number = 0, -1
        for number, trial in enumerate(trials):
            rows = self._check_array(trial).astype(np.int64)
            if trl is None:
                length = _last_sample(rows[:, column], number) + 1
            elif number < len(trl):
                start, length = int(trl[number, 0]), int(trl[number, 1] - trl[number, 0])
            else:
                raise SPYValueError(f"{len(trl)} arrays, one per trial", "data", f"more than {len(trl)} arrays")
            if len(rows) and not 0 <= rows[0, column] <= rows[-1, column] < length:
                legal = f"samples counted from the start of trial {number}, 0 to {length - 1}"
                raise SPYValueError(legal, "data", f"{rows[0, column]} to {rows[-1, column]}")
            rows[:, column] += start
            start += length
            yield rows
        if trl is not None and number + 1 != len(trl):
            raise SPYValueError(f"{len(trl)} arrays, one per trial", "data", f"{number + 1} arrays")

    @property
    def _ndim(self) -> int:
        return 2

    def _check_array(self, value: Any) -> Array:
        rows = super()._check_array(value)
        self._check_columns(rows)
        sample = rows[:, self._dimord.index("sample")]
        if ascending(sample):
            return rows
        self._was_sorted = True
        return rows[np.argsort(sample, kind="stable")]

    def _check_columns(self, rows: Array | Dataset) -> None:
        if rows.dtype.kind not in "iu":
            raise SPYTypeError(rows, "data", f"integer like rows, not {rows.dtype}")
        if rows.shape[1] != len(self._dimord):
            columns = ", ".join(self._dimord)
            raise SPYValueError(f"{len(self._dimord)} columns ({columns})", "data", f"{rows.shape[1]} columns")

    def _attach(self, dataset: Dataset) -> Store:
        store = super()._attach(dataset)
        self._check_columns(dataset)
        return store

    def _check_content(self) -> None:
        """Rows in a file that is not ours may have any order; a sorted copy then takes its place."""
        assert self._store is not None
        if self._table.is_ascending():
            return
        text = f"the rows of {self._store.path} are not in the order of their samples: a sorted copy is used"
        warnings.warn(text, SPYWarning, stacklevel=5)
        order = np.argsort(self._table.column("sample"), kind="stable")
        self._store = self._copy_rows(lambda: [order], self._store.extras)

    def _copy_rows(self, rows: Callable[[], Iterable[NDArray[np.int64]]], extras: Collection[str]) -> Store:
        """Return a new file with some rows of the data and of further datasets."""
        scratch = ScratchFile(self._suffix)
        try:
            copy_rows({"data": self.data, **{name: self.datasets[name] for name in extras}}, rows, scratch.path)
        except BaseException:
            scratch.remove()
            raise
        return Store(scratch.path, "r+", scratch, extras=extras)

    def _overwrite(self, value: Any) -> None:
        super()._overwrite(self._check_array(value))
        self._found, self._selection = {}, None

    def _join(self, objects: list[Any], trialdefinition: Any, own: Collection[str]) -> None:
        join_rows(self, objects, own)
        if trialdefinition is not None:
            self.trialdefinition = trialdefinition

    # -- rows ----------------------------------------------------------------------------------------------------

    @property
    def _table(self) -> RowTable:
        return RowTable(ArraySource.of(self.data), self._dimord)

    @property
    def _n_samples(self) -> int:
        return len(self.data)

    def _axis_size(self, name: str) -> int | None:
        return None if self.data is None else len(self._numbers(name))

    def _axis_numbers(self, name: str) -> NDArray[np.int64] | None:
        return None if self.data is None else self._numbers(name)

    def _numbers(self, name: str) -> NDArray[np.int64]:
        """Numbers that occur in a column, ascending; they are looked up once."""
        if name not in self._found:
            self._found |= {key: frozen(found) for key, found in self._table.distinct(self._column_selectors).items()}
        numbers: NDArray[np.int64] = self._found[name]
        return numbers

    def _ranges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First row of every trial, and the one behind its last."""
        known = self._found.get("ranges")
        if known is None or known[0] is not self._trialdefinition:
            selection = self.resolve(None)
            known = self._found["ranges"] = (self._trialdefinition, *selection._ranges)
        return known[1], known[2]

    @property
    def sample(self) -> Integers | None:
        """Sample of every row."""
        return None if self.data is None else self._table.column("sample")

    @property
    def trialid(self) -> NDArray[np.int64] | None:
        """Number of every row's trial, -1 outside of trials; of several trials, the last one."""
        if self.data is None or self._trialdefinition is None:
            return None
        trial, row = spread(*self._ranges())
        ids = np.full(len(self.data), -1)
        ids[row] = trial
        return ids

    @property
    def trialtime(self) -> NDArray[np.float64] | None:
        """Seconds from t = 0 of its trial to every row's event; NaN outside of trials."""
        ids, trl = self.trialid, self._trialdefinition
        if ids is None or trl is None or self._samplerate is None:
            return None
        relative = self.sample + (trl[:, 2] - trl[:, 0])[ids]
        return np.where(ids < 0, np.nan, relative / self._samplerate)

    @property
    def time(self) -> list[NDArray[np.float64]] | None:
        """Seconds from t = 0 to every event of each trial."""
        trl = self._trialdefinition
        if self.data is None or trl is None or self._samplerate is None:
            return None
        firsts, lasts = self._ranges()
        trial, row = spread(firsts, lasts)
        time = (self._table.column("sample")[row] + (trl[:, 2] - trl[:, 0])[trial]) / self._samplerate
        return np.split(time, np.cumsum(lasts - firsts)[:-1])

    def _texts(self) -> dict[str, str]:
        if self.data is None or self._trialdefinition is None or self._samplerate is None:
            return {}
        column = f"[{len(self.data)}] element {np.ndarray}"
        lists = {"time": f"{len(self._trialdefinition)} element list"}
        return {"sample": column, "trialid": column, "trialtime": column, **lists}

    def _trial_reader(self) -> Callable[[int], Integers]:
        data, source, writable = self.data, self._table.source, self.mode != "r"

        def read(number: int) -> Integers:
            if writable:  # what was assigned to `data` since the last look may not have left HDF5 yet
                data.flush()
            firsts, lasts = self._ranges()
            return source.read_rows(int(firsts[number]), int(lasts[number]))

        return read

    def _pieces(self, rows: int) -> Iterator[Array]:
        firsts, lasts = self._ranges()
        yield lasts - firsts  # objects whose trials hold different numbers of rows differ at once
        # what is found out of a row takes several times its bytes
        for block in self.view(self.resolve(None)).blocks(max(rows // 8, 1)):
            yield block.table

    # -- trials --------------------------------------------------------------------------------------------------

    def _check_trials(self, value: Any, whole_offsets: bool = True) -> Array:
        return check_trialdefinition(value, None, whole_offsets)

    def _default_trials(self, lengths: list[int] | None) -> Array:
        """One trial from the first to the last event, or the trials that came one by one, each to its last event."""
        if not len(self.data):
            raise SPYValueError("non empty data set, or a `trialdefinition`", "data", "no rows")
        ends = np.array([0, len(self.data) - 1]) if lengths is None else np.cumsum(lengths) - 1
        sample = self._table.source.read({0: ends})[:, self._dimord.index("sample")]
        if lengths is None:
            return self._check_trials([[max(int(sample[0]), 0), int(sample[-1]) + 1, 0]])
        text = "the lengths of the trials are not known, each ends with its last event; give a `trialdefinition`"
        warnings.warn(text, SPYWarning, stacklevel=5)
        return self._check_trials(consecutive(np.diff(sample + 1, prepend=0), -round(self._samplerate or 0)))

    def _require_data(self) -> None:
        """Raise for an object that nothing can be computed from; times need a sample rate, rows do not."""
        if self.data is None:
            raise SPYValueError("non-empty Syncopy data object with data", type(self).__name__, "empty object")

    # -- selections ----------------------------------------------------------------------------------------------

    def _pick_numbers(self, name: str, wanted: Any) -> NDArray[np.int64]:
        """Numbers in a column that a selector means: positions and labels where there are labels, else codes."""
        numbers = self._numbers(name)
        if name not in self._axis_selectors:
            return pick_codes(name, numbers, wanted)
        return np.unique(numbers[pick_positions(name, len(numbers), wanted, getattr(self, name))])

    def resolve(self, request: Mapping[str, Any] | str | None) -> DiscreteSelection:
        """Resolve selectors against this object (None: everything) without changing it."""
        self._require_data()
        return resolve_rows(self, {} if request is None else request)

    def view(self, selection: DiscreteSelection | None = None) -> DiscreteSelection:
        """Return a selection, by default the in-place one or everything: what an analysis reads rows from."""
        return selection or self._selection or self.resolve(None)

    def extract(self, selection: DiscreteSelection) -> Self:
        """Return a new object that holds a selection of this one; rows keep their samples, numbers their labels."""
        extras = [name for name in self._by_row if name in self.datasets]
        store = self._copy_rows(selection.rows, extras)
        result = self.adopt(store, selection.trialdefinition, self._samplerate, {}, self._dimord)
        for name in self._axis_selectors:
            left = np.searchsorted(self._numbers(name), result._numbers(name))
            result._coords[name] = frozen(getattr(self, name)[left])
        return result


def _has_objects(value: Any) -> bool:
    return not isinstance(value, Iterator) and any(isinstance(item, BaseData) for item in value)


def _last_sample(sample: Integers, number: int) -> int:
    if not len(sample):
        legal = f"a `trialdefinition` that says how long trial {number} is, which has no rows"
        raise SPYValueError(legal, "trialdefinition", "None")
    return int(sample[-1])
