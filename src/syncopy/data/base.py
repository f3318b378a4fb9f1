"""What all data classes have in common: a file, axes, trials, history."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import replace
from types import MethodType
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import FrequencyAxis, LabelAxis, frozen
from syncopy.data.comparison import equal
from syncopy.data.datasets import DatasetOwner
from syncopy.data.files import FileOwner, set_aside
from syncopy.data.history import HistoryOwner
from syncopy.data.intake import ingest
from syncopy.data.keywords import checked_call
from syncopy.data.operators import Operators
from syncopy.data.text import describe, describe_html
from syncopy.data.trials import TrialOwner
from syncopy.data.trialtable import TrialTable
from syncopy.errors import SPYError, SPYTypeError, SPYValueError
from syncopy.storage.hdf5 import Dataset
from syncopy.storage.store import Store

Array = NDArray[Any]


class PublicFunction:
    """A method that is the package's public function of that name, called with the object as first argument.

    The functions live in layers above this one; they are looked up when they are called.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, obj: Any, owner: type) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(importlib.import_module("syncopy"), self.name)
        return function if obj is None else MethodType(function, obj)


class BaseData(Operators, FileOwner, DatasetOwner, TrialOwner, TrialTable, HistoryOwner):
    """Base of all data classes; see `AnalogData` and its siblings for use.

    A class says what it is by four declarations: `_default_dimord`, `_stack`, its axes, and the selectors it knows.
    """

    _default_dimord: ClassVar[tuple[str, ...]]
    _stack: ClassVar[str]
    _axis_selectors: ClassVar[dict[str, str]] = {}
    _selectors: ClassVar[tuple[str, ...]] = ("trials", "latency")
    _hidden_in_text: ClassVar[frozenset[str]] = frozenset()
    __hash__ = None  # type: ignore[assignment]
    # NumPy must leave `array * obj` to this package
    __array_ufunc__ = None

    selectdata = PublicFunction()
    show = PublicFunction()
    definetrial = PublicFunction()
    copy = PublicFunction()
    save = PublicFunction()
    save_nwb = PublicFunction()
    save_ft = PublicFunction()
    to_xarray = PublicFunction()
    singlepanelplot = PublicFunction()
    multipanelplot = PublicFunction()
    topoplot = PublicFunction()

    def __init_subclass__(cls) -> None:
        """Collect the selectors from the declared axes."""
        cls._axis_selectors = {
            name: "frequency" if isinstance(axis, FrequencyAxis) else name
            for name in getattr(cls, "_default_dimord", ())
            if isinstance(axis := inspect.getattr_static(cls, name, None), LabelAxis | FrequencyAxis)
        }
        cls._selectors = ("trials", "latency", *cls._axis_selectors.values())

    @checked_call
    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        trialdefinition: Any = None,
        samplerate: float | None = None,
        dimord: Any = None,
        overwrite: bool = False,
        **coords: Any,
    ) -> None:
        self._reset()
        self._dimord = self._check_dimord(dimord)
        if samplerate is not None:
            self.samplerate = samplerate
        self._filename = None if filename is None else self._check_filename(filename, overwrite)
        given = {name: value for name, value in coords.items() if value is not None}
        with set_aside(self._filename):
            if data is not None:
                self._ingest(data, trialdefinition, list(given))
            elif trialdefinition is not None:
                legal = "an object with data; cannot assign `trialdefinition` without data"
                raise SPYValueError(legal, "trialdefinition")
            for name, value in given.items():
                setattr(self, name, value)
        self._record("__init__", f"created {type(self).__name__} object")

    def _reset(self) -> None:
        self._store: Store | None = None
        self._filename = None
        self._coords: dict[str, Array] = {}
        self._samplerate: float | None = None
        self._trialdefinition: Array | None = None
        self._selection: Any = None
        self._begin_history()
        self._dimord = self._default_dimord

    @classmethod
    def adopt(
        cls,
        store: Store,
        trialdefinition: Array,
        samplerate: float | None,
        coords: Mapping[str, Array],
        dimord: tuple[str, ...] | None = None,
    ) -> Self:
        """Make an object of a file that is known to fit, without checks."""
        obj = cls.__new__(cls)
        obj._reset()
        obj._store = store
        obj._dimord = obj._default_dimord if dimord is None else dimord
        obj._samplerate = None if samplerate is None else float(samplerate)
        obj._coords = {name: frozen(np.array(values)) for name, values in coords.items()}
        obj._trialdefinition = frozen(np.array(trialdefinition, dtype=np.float64))
        return obj

    # -- data ----------------------------------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The numbers: an open `h5py.Dataset`, or None."""
        return None if self._store is None else self._store.dataset("data")

    @data.setter
    def data(self, value: Any) -> None:
        if value is None:
            self._store, self._trialdefinition, self._selection = None, None, None
            self._coords = {}
        elif self._store is not None:
            self._overwrite(value)
        else:
            self._ingest(value, None)

    def _overwrite(self, value: Any) -> None:
        if not isinstance(value, np.ndarray):
            raise SPYTypeError(value, "data", "an array for an object that has data already")
        if self.mode == "r":
            raise SPYValueError("dataset with write access; set `mode` to 'r+'", "data", "mode 'r'")
        if value.shape != self.data.shape:
            raise SPYValueError(f"dataset with shape {self.data.shape}", "data", value.shape)
        if value.dtype != self.data.dtype:
            raise SPYValueError(f"dataset of type {self.data.dtype}", "data", value.dtype)
        self.data[...] = value

    def _ingest(self, value: Any, trialdefinition: Any, own: Collection[str] = ()) -> None:
        """Take in data of any accepted kind; the object stays empty if anything is wrong.

        `own` names the axes whose labels the object gets from its maker.
        """
        if isinstance(value, list | tuple) and any(isinstance(item, BaseData) for item in value):
            self._join(list(value), trialdefinition, own)
        else:
            ingest(self, value, trialdefinition)

    def _join(self, objects: list[Any], trialdefinition: Any, own: Collection[str]) -> None:
        """Take in the trials of other objects, one after the other."""
        raise SPYTypeError(objects[0], "data", f"an array; objects of class {type(self).__name__} cannot be joined")

    @property
    def _order(self) -> tuple[int, ...] | None:
        """Axis of `data` for each axis of a trial, whose stacking axis comes first; None: the same."""
        return None

    @property
    def _ndim(self) -> int:
        return len(self._default_dimord)

    def _check_array(self, value: Any) -> Array:
        ndim = self._ndim
        if not isinstance(value, np.ndarray):
            raise SPYTypeError(value, "data", f"{ndim}d-array")
        if value.ndim != ndim:
            raise SPYValueError(f"{ndim}d-array ({' x '.join(self._dimord)})", "data", f"{value.ndim}d-array")
        if value.dtype.kind not in "iufcb":
            raise SPYTypeError(value, "data", f"a numeric array, not one of {value.dtype}")
        return value if self._order is None else value.transpose(self._order)

    def _attach(self, dataset: Dataset) -> Store:
        if not dataset:
            raise SPYValueError("open HDF5 file", "data", "a dataset of a closed file")
        ndim = self._ndim
        if dataset.ndim != ndim:
            raise SPYValueError(f"{ndim}d-dataset ({' x '.join(self._dimord)})", "data", f"{dataset.ndim}d-dataset")
        if dataset.dtype.kind not in "iufcb":
            raise SPYTypeError(dataset, "data", f"a numeric dataset, not one of {dataset.dtype}")
        return Store.wrap(dataset)

    def _check_content(self) -> None:
        """Whether the stored numbers suit the class (a hook of the classes that care)."""

    # -- attributes ----------------------------------------------------------------------------------------------

    @property
    def dimord(self) -> list[str]:
        """Names of the axes of `data`."""
        return list(self._dimord)

    @dimord.setter
    def dimord(self, value: Any) -> None:
        raise SPYError("cannot change `dimord` of an existing object; give it to the constructor")

    def _check_dimord(self, value: Any) -> tuple[str, ...]:
        if value is None:
            return self._default_dimord
        if not isinstance(value, list | tuple | np.ndarray) or (isinstance(value, np.ndarray) and not value.ndim):
            raise SPYTypeError(value, "dimord", "a list of axis names")
        if sorted(map(str, value)) != sorted(self._default_dimord):
            raise SPYValueError(f"the labels {', '.join(self._default_dimord)} in any order", "dimord", list(value))
        return tuple(str(name) for name in value)

    @property
    def samplerate(self) -> Any:
        """Samples per second."""
        return self._samplerate

    @samplerate.setter
    def samplerate(self, value: float | None) -> None:
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
                raise SPYTypeError(value, "samplerate", "a number of samples per second")
            if isinstance(value, np.generic):
                value = value.item()
            if not 0 < value <= sys.float_info.max:
                raise SPYValueError("a finite number > 0 (samples per second)", "samplerate", value)
            value = float(value)
        self._samplerate = value
        self._selection = None

    def _axis_size(self, name: str) -> int | None:
        data = self.data
        return None if data is None else int(data.shape[self._dimord.index(name)])

    def _axis_numbers(self, name: str) -> Sequence[int] | Array | None:
        """What the positions on an axis are counted by."""
        size = self._axis_size(name)
        return None if size is None else range(size)

    def _set_coord(self, name: str, values: Array | None) -> None:
        if values is None:
            self._coords.pop(name, None)
        else:
            self._coords[name] = values
        self._selection = None

    @property
    def selection(self) -> Any:
        """The in-place selection, set by the user alone; None: everything."""
        return self._selection

    @selection.setter
    def selection(self, request: Mapping[str, Any] | str | None) -> None:
        self._selection = None if request is None else self.resolve(request)

    def resolve(self, request: Mapping[str, Any] | str | None) -> Any:
        """Resolve selectors against this object (None: everything) without changing it."""
        raise NotImplementedError

    def extract(self, selection: Any) -> Self:
        """Return a new object that holds a selection of this one; only of classes the engine does not copy."""
        raise NotImplementedError

    def _require_data(self) -> None:
        """Raise for an object that nothing can be computed from."""
        if self.data is None or self._trialdefinition is None:
            raise SPYValueError("non-empty Syncopy data object with data", type(self).__name__, "empty object")
        if self._samplerate is None:
            legal = "a number of samples per second; set it, as in `data.samplerate = 1000`"
            raise SPYValueError(legal, "samplerate", "None")

    # -- copies --------------------------------------------------------------------------------------------------

    def _bind(self, store: Store) -> None:
        """Continue with the same numbers in another file."""
        self._store = store
        if self._selection is not None:  # what a selection remembers of the old file must go
            self._selection = replace(self._selection, data=self)

    def _twin(self, store: Store) -> Self:
        """Return an independent object with the same metadata and its data in another file."""
        twin = type(self).__new__(type(self))
        state = {name: copy(value) if isinstance(value, dict) else value for name, value in vars(self).items()}
        deep = {"_cfg": self._cfg.copy(), "_info": deepcopy(self._info)}
        vars(twin).update(state | deep, _filename=None)
        twin._bind(store)
        return twin

    def __eq__(self, other: object) -> bool:
        return equal(self, other)

    def __copy__(self) -> Self:
        return self.copy()  # type: ignore[no-any-return]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.copy()  # type: ignore[no-any-return]

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        for values in (*self._coords.values(), self._trialdefinition):
            if values is not None:  # pickling forgets what is read-only
                frozen(values)

    def _texts(self) -> dict[str, str]:
        """What to show of attributes that cost too much to look at."""
        return {}

    def __repr__(self) -> str:
        return describe(self)

    def _repr_html_(self) -> str:
        return describe_html(self)
