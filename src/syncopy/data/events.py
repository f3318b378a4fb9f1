"""Events of an experiment: rows of a sample, a code, and what else was written down."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.discrete import DiscreteData
from syncopy.data.keywords import checked_call
from syncopy.errors import SPYTypeError, SPYValueError


class EventData(DiscreteData):
    """Events of an experiment: triggers, stimuli, responses.

    Parameters
    ----------
    data : ndarray, list of ndarray, generator of ndarray, h5py.Dataset, str or Path, optional
        Rows `(sample, eventid)` of whole numbers, or with the columns that `dimord` names; otherwise as for
        `SpikeData`.
    filename, trialdefinition, samplerate, overwrite
        As for `SpikeData`.
    dimord : sequence of str, optional
        Names of the columns, `sample` and `eventid` among them.

    Raises
    ------
    SPYTypeError, SPYValueError
        If arrays, trials or labels do not fit each other; the text says which rule is broken.
    SPYIOError
        If a file cannot be read or written, or exists already.

    Examples
    --------
    >>> import numpy as np
    >>> import syncopy as spy
    >>> events = spy.EventData(np.array([[100, 3], [180, 7], [300, 3]]), samplerate=1000)
    >>> spy.definetrial(events, pre=0.05, post=0.1, trigger=3)
    >>> events.trialdefinition.tolist()
    [[50.0, 200.0, -50.0], [250.0, 400.0, -50.0]]
    """

    _default_dimord = ("sample", "eventid")

    @checked_call
    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        trialdefinition: Any = None,
        samplerate: float | None = None,
        dimord: Any = None,
        overwrite: bool = False,
    ) -> None:
        super().__init__(data, filename, trialdefinition, samplerate, dimord, overwrite)

    def _check_dimord(self, value: Any) -> tuple[str, ...]:
        if value is None:
            return self._default_dimord
        if not isinstance(value, list | tuple | np.ndarray) or (isinstance(value, np.ndarray) and not value.ndim):
            raise SPYTypeError(value, "dimord", "a list of names of columns")
        names = tuple(str(name) for name in value)
        for name in self._default_dimord:
            if name not in names:
                raise SPYValueError(f"dimensional label '{name}'", "dimord", list(names))
        if len(set(names)) < len(names):
            raise SPYValueError("different names of columns", "dimord", list(names))
        return names

    @property
    def eventid(self) -> NDArray[np.int64] | None:
        """Codes that occur, ascending."""
        return None if self.data is None else self._numbers("eventid")
