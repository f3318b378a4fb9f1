"""Further datasets of an object, kept in its file beside `data`: averages, variances, waveforms."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from syncopy.data.units import UnitRule, kept, unknown
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.storage.hdf5 import Dataset

if TYPE_CHECKING:
    from syncopy.data.base import BaseData
    from syncopy.storage.store import Store

Array = NDArray[Any]


class ExtraDataset:
    """Attribute for the dataset of its name: an open `h5py.Dataset`, or None. It is filled by analyses, not by hand.

    Parameters
    ----------
    text : str
        What it holds, with its axes and unit: the attribute's documentation.
    optional : bool
        An object without the dataset does not have the attribute either, so that `hasattr` tells.
    aligned : bool
        Whether it has the axes of the data, and a number for each of its numbers.
    rule : callable
        Its unit for that of the data.
    """

    def __init__(self, text: str, optional: bool = False, aligned: bool = False, rule: UnitRule = kept) -> None:
        self.__doc__ = text
        self.optional = optional
        self.aligned = aligned
        self.rule = rule

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, obj: None, owner: type) -> Self: ...
    @overload
    def __get__(self, obj: BaseData, owner: type) -> Dataset | None: ...
    def __get__(self, obj: BaseData | None, owner: type) -> Self | Dataset | None:
        if obj is None:
            return self
        dataset = None if obj._store is None else obj._store.dataset(self.name)
        if dataset is None and self.optional:
            raise AttributeError(f"this {type(obj).__name__} object has no `{self.name}`")
        return dataset

    def __set__(self, obj: BaseData, value: Any) -> None:
        raise AttributeError(f"`{self.name}` is the result of an analysis and cannot be set")


class DatasetOwner:
    """The part of a data object that manages its further datasets; they are saved, loaded and copied with it."""

    _store: Store | None

    @property
    def datasets(self) -> dict[str, Dataset]:
        """All further datasets by name."""
        return {} if self._store is None else {name: self._store.dataset(name) for name in self._store.extras}

    @property
    def _hdfFileDatasetProperties(self) -> tuple[str, ...]:
        """Names of all datasets of the object, as files record them; those a class declares may still be missing."""
        declared = [
            name
            for cls in type(self).__mro__
            for name, member in vars(cls).items()
            if isinstance(member, ExtraDataset) and not member.optional
        ]
        return tuple(dict.fromkeys(["data", *declared, *self.datasets]))

    @property
    def _aligned_datasets(self) -> tuple[str, ...]:
        """Names of those of the further datasets that have the axes of the data."""
        members = ((name, inspect.getattr_static(type(self), name, None)) for name in self.datasets)
        return tuple(name for name, member in members if isinstance(member, ExtraDataset) and member.aligned)

    def _unit_rule(self, name: str) -> UnitRule:
        """Unit of a further dataset for that of the data; one that no class declares has none that is known."""
        member = inspect.getattr_static(type(self), name, None)
        return member.rule if isinstance(member, ExtraDataset) else unknown

    def _register_dataset(self, name: str, inData: Any = None) -> None:
        """Store an array or dataset under a name; values of the same shape and type may be overwritten.

        Raises
        ------
        SPYTypeError, SPYValueError
            For values that are no array, a name that is an attribute of the object already, or a dataset of that name
            with another shape or type; the object then is as it was.
        """
        if inData is None:
            return
        store = self._check_dataset(name, inData)
        present = store.dataset(name)
        if present is not None and present.shape != inData.shape:
            raise SPYValueError(f"dataset with shape {present.shape}", name, inData.shape)
        if present is not None and present.dtype != inData.dtype:
            raise SPYValueError(f"dataset of type {present.dtype}", name, inData.dtype)
        store.replace(name, inData)

    def _update_dataset(self, name: str, inData: Any) -> None:
        """Store an array or dataset under a name, in place of what was there."""
        self._check_dataset(name, inData).replace(name, inData)

    def _unregister_dataset(self, name: str) -> None:
        """Remove a further dataset from the object and its file; a missing one is no error."""
        if self._store is not None and name in self._store.extras:
            self._store.replace(name, None)

    def _check_dataset(self, name: str, values: Any) -> Store:
        if self._store is None:
            raise SPYValueError("an object with data; please assign data first", name)
        if not isinstance(values, np.ndarray | Dataset):
            raise SPYTypeError(values, name, "a NumPy array or an HDF5 dataset")
        if values.dtype.kind not in "iufcb":
            raise SPYTypeError(values, name, f"a numeric array, not one of {values.dtype}")
        taken = inspect.getattr_static(self, name, None)
        reserved = name in ("data", "trialdefinition") or not (taken is None or isinstance(taken, ExtraDataset))
        if not name.isidentifier() or name.startswith("_") or reserved:
            raise SPYValueError("a name that is no attribute of the object yet", "name", repr(name))
        return self._store
