"""`spy.show`: numbers of a part of an object, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.base import BaseData
from syncopy.data.keywords import checked_call
from syncopy.errors import SPYError, SPYTypeError

Array = NDArray[Any]


@checked_call
def show(data: BaseData, squeeze: bool = True, **selectors: Any) -> Array | list[Array] | None:
    """Load part of an object into memory.

    Parameters
    ----------
    data : Syncopy data object
    squeeze : bool
        Remove axes of length one; False keeps the axes of `data` as they are.
    **selectors
        Part to load, as for `spy.selectdata`, in any order; none: the in-place selection, or everything.

    Returns
    -------
    ndarray, list of ndarray or None
        One array, or one per trial if there are several; None of an object without data.

    Raises
    ------
    SPYValueError, SPYTypeError
        For a selector that `data` does not know, or that does not fit it.

    Examples
    --------
    >>> import numpy as np
    >>> import syncopy as spy
    >>> data = spy.AnalogData(np.eye(3), samplerate=1)
    >>> spy.show(data, channel="channel2")
    array([0., 1., 0.])
    """
    if not isinstance(squeeze, bool):
        raise SPYTypeError(squeeze, "squeeze", "True or False")
    if not isinstance(data, BaseData):
        raise SPYTypeError(data, "data", "a Syncopy data object")
    if data.data is None:
        return None
    request = {name: value for name, value in selectors.items() if value is not None}
    try:
        selection = data.resolve(request) if request or data.selection is None else data.selection
    except SPYError as error:
        error.context = error.context or "show()"
        raise
    found = [np.squeeze(trial) if squeeze else trial for trial in selection.load()]
    return found[0] if len(found) == 1 else found
