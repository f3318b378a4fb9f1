"""`spy.copy`."""

from __future__ import annotations

from typing import TypeVar

from syncopy.data.base import BaseData
from syncopy.data.keywords import checked_call
from syncopy.errors import SPYTypeError
from syncopy.storage.scratch import ScratchFile
from syncopy.storage.store import Store
from syncopy.storage.transfer import copy_datasets

DataT = TypeVar("DataT", bound=BaseData)


@checked_call
def copy(data: DataT) -> DataT:
    """Copy an object with its data into a new scratch file; the two have nothing in common afterwards.

    Parameters
    ----------
    data : Syncopy data object
        What to copy.

    Returns
    -------
    Syncopy data object
        With the same numbers, further datasets, trials, labels, `cfg`, `info`, log, mode and in-place selection.

    Raises
    ------
    SPYTypeError, SPYValueError
        If `data` is no data object, or an empty one.
    SPYIOError
        If the scratch space cannot take the data.

    Examples
    --------
    >>> twin = spy.copy(data)
    >>> twin.data[0] = 0  # `data` keeps its numbers
    """
    if not isinstance(data, BaseData):
        raise SPYTypeError(data, "data", "Syncopy data object")
    data._require_data()
    assert data._store is not None
    scratch = ScratchFile(data._suffix)
    try:
        copy_datasets({"data": data.data, **data.datasets}, scratch.path)
    except BaseException:
        scratch.remove()
        raise
    return data._twin(Store(scratch.path, data.mode, scratch, extras=data._store.extras))
