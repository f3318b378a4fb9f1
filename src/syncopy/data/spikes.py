"""Spikes of sorted or unsorted units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import LabelAxis
from syncopy.data.datasets import ExtraDataset
from syncopy.data.discrete import DiscreteData
from syncopy.data.keywords import checked_call
from syncopy.errors import SPYValueError


class Waveform(ExtraDataset):
    """The dataset with the waveform of every spike, which users assign."""

    def __set__(self, obj: Any, value: Any) -> None:
        if value is None:
            obj._unregister_dataset(self.name)
            return
        obj._check_dataset(self.name, value)
        if obj._was_sorted:
            legal = "rows that came in the order of their samples; sort rows and waveforms beforehand"
            raise SPYValueError(legal, self.name, "rows which were sorted when they came in")
        if value.ndim < 2:
            raise SPYValueError("waveform data with at least 2 dimensions", self.name, f"{value.ndim} dimensions")
        if len(value) != len(obj.data):
            legal = f"one waveform for each of {len(obj.data)} spikes"
            raise SPYValueError(legal, self.name, f"wrong size waveform with shape {value.shape}")
        obj._register_dataset(self.name, value)


class SpikeData(DiscreteData):
    """Spikes of sorted or unsorted units.

    Parameters
    ----------
    data : ndarray, list of ndarray, generator of ndarray, h5py.Dataset, str or Path, optional
        Rows `(sample, channel, unit)` of whole numbers, channels and units counted from 0. Rows need no order; they are
        kept in the order of their samples. List or generator: one array per trial, with samples counted from the start
        of the trial; `trialdefinition` says where each trial starts and ends.
    filename, samplerate, overwrite
        As for `AnalogData`.
    trialdefinition : array-like, shape (n_trials, 3 + k), optional
        Rows `[start, stop, offset, info ...]` in samples; by default one trial from the first to the last spike.
    channel, unit : sequence of str, optional
        Labels of the distinct numbers in these columns, in ascending order of the numbers.
    dimord : sequence of str, optional
        Order of the columns.

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
    >>> rows = np.array([[12, 0, 4], [30, 2, 1], [55, 0, 1]])
    >>> spikes = spy.SpikeData(rows, samplerate=1000, trialdefinition=[[0, 50, -10], [50, 100, -10]])
    >>> spikes.channel.tolist(), spikes.unit.tolist()
    (['channel1', 'channel3'], ['unit2', 'unit5'])
    >>> [time.tolist() for time in spikes.time]
    [[0.002, 0.02], [-0.005]]
    """

    _default_dimord = ("sample", "channel", "unit")
    _by_row = ("waveform",)
    # as in files and scripts of the package's first implementation
    channel = LabelAxis(from_zero=True)
    unit = LabelAxis(from_zero=True)
    waveform = Waveform("Waveform of every spike, `(spike, time)` or `(spike, time, ...)`, or None; assign an array.")

    @checked_call
    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        trialdefinition: Any = None,
        samplerate: float | None = None,
        channel: Any = None,
        unit: Any = None,
        dimord: Any = None,
        overwrite: bool = False,
    ) -> None:
        super().__init__(data, filename, trialdefinition, samplerate, dimord, overwrite, channel=channel, unit=unit)

    @property
    def channel_idx(self) -> NDArray[np.int64] | None:
        """Numbers of the channels, one for each label."""
        return None if self.data is None else self._numbers("channel")

    @property
    def unit_idx(self) -> NDArray[np.int64] | None:
        """Numbers of the units, one for each label."""
        return None if self.data is None else self._numbers("unit")
