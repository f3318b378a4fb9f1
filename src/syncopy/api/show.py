"""`spy.show`: numbers of a part of an object, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.base import BaseData
from syncopy.errors import SPYTypeError

Array = NDArray[Any]


def show(data: BaseData, squeeze: bool = True, **selectors: Any) -> Array | list[Array]:
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
    ndarray or list of ndarray
        One array, or one per trial if there are several.

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
    request = {name: value for name, value in selectors.items() if value is not None}
    selection = data.resolve(request) if request or data.selection is None else data.selection
    found = [np.squeeze(trial) if squeeze else trial for trial in selection.trials]
    return found[0] if len(found) == 1 else found
