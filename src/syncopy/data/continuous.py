"""Data sampled on a time axis: signals, spectra and cross-spectra."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import FrequencyAxis, LabelAxis, positions
from syncopy.data.base import BaseData
from syncopy.data.datasets import ExtraDataset
from syncopy.data.joining import join
from syncopy.data.selection import Selection, resolve
from syncopy.data.trials import TrialIndexer
from syncopy.data.view import Reader, View, samplewise
from syncopy.storage.arrays import ArraySource

Array = NDArray[Any]


class ContinuousData(BaseData):
    """Base of the classes whose trials are segments of a time axis."""

    _stack = "time"

    @property
    def time(self) -> TrialIndexer[Array] | None:
        """Time axis of each trial in seconds: `(arange(n) + offset) / samplerate`."""
        if self._trialdefinition is None or self._samplerate is None:
            return None
        return TrialIndexer(len(self._trialdefinition), self._trial_time)

    def _trial_time(self, number: int) -> Array:
        assert self._trialdefinition is not None
        start, stop, offset = self._trialdefinition[number, :3]
        return (np.arange(int(stop - start)) + offset) / self.samplerate  # type: ignore[no-any-return]

    @property
    def is_time_locked(self) -> bool:
        """Whether all trials have the same length and the same offset."""
        trl = self._trialdefinition
        if trl is None:
            return False
        return len(np.unique(trl[:, 1] - trl[:, 0])) == 1 and len(np.unique(trl[:, 2])) == 1

    def _trial_reader(self) -> Callable[[int], Array]:
        axis, borders, store = self._dimord.index(self._stack), self.sampleinfo, self._store
        source, writable = ArraySource.of(self.data), self.mode != "r"
        assert borders is not None
        assert store is not None  # the reader keeps the store, and with it a scratch file

        def read(number: int) -> Array:
            if writable:  # what was assigned to `data` since the last look may not have left HDF5 yet
                store.file.flush()
            start, stop = borders[number].astype(int)
            return source.read({axis: slice(start, stop, 1)})

        return read

    def _pieces(self, rows: int) -> Iterator[Array]:
        (pieces,) = samplewise([self.view(resolve(self, {}))], rows)
        return (pieces.read(number, number + 1)[0] for number in range(len(pieces)))

    @property
    def _trial_dims(self) -> tuple[str, ...]:
        return (self._stack, *(dim for dim in self._default_dimord if dim != self._stack))

    @property
    def _order(self) -> tuple[int, ...] | None:
        dims = self._trial_dims
        return None if self._dimord == dims else tuple(self._dimord.index(dim) for dim in dims)

    def _join(self, objects: list[Any], trialdefinition: Any, own: Collection[str]) -> None:
        join(self, objects, own)
        if trialdefinition is not None:
            self.trialdefinition = trialdefinition

    def resolve(self, request: Mapping[str, Any] | str | None) -> Selection:
        """Resolve selectors against this object (None: everything) without changing it."""
        self._require_data()
        return resolve(self, {} if request is None else request)

    def datasets_of(self, selection: Selection) -> dict[str, Array]:
        """Part of the further datasets that holds for a selection."""
        return {}

    def view(self, selection: Selection | None = None) -> View:
        """Return trials and axes of a selection, by default of the in-place one, as an analysis reads them."""
        chosen = selection or self._selection or self.resolve(None)
        dims = self._trial_dims
        order = self._order or tuple(range(len(dims)))
        coords = {}
        for dim, pick in chosen.picks.items():
            coords[dim] = getattr(self, dim)[positions(pick, self._axis_size(dim) or 0)]
        reader = Reader(ArraySource.of(self.data), order, {dims.index(dim): pick for dim, pick in chosen.picks.items()})
        return View(
            self, reader, dims, chosen.ids, chosen.starts, chosen.stops, chosen.offsets, chosen.trialinfo, coords
        )


class AnalogData(ContinuousData):
    """Recorded signals: LFP, EEG, MEG, ECoG, broadband.

    Parameters
    ----------
    data : ndarray, list of ndarray, generator of ndarray, h5py.Dataset, str or Path, optional
        Array `(time, channel)`: one trial over everything. List or generator: one array per trial, streamed to disk.
        Dataset, or the name of an HDF5 file: attached without copying.
    filename : str or Path, optional
        File for the data; by default one in scratch space that goes with the object.
    trialdefinition : array-like, shape (n_trials, 3 + k), optional
        Rows `[start, stop, offset, info ...]` in samples.
    samplerate : float, optional
        Samples per second. Trials of lists and generators start at t = -1 s.
    channel : sequence of str, optional
        Labels.
    dimord : sequence of str, optional
        Order of the axes, `["time", "channel"]` or `["channel", "time"]`.
    overwrite : bool
        Whether an existing `filename` is replaced.

    Examples
    --------
    >>> import numpy as np
    >>> import syncopy as spy
    >>> data = spy.AnalogData([np.zeros((500, 3)) for _ in range(4)], samplerate=1000)
    >>> len(data.trials), data.channel.tolist()
    (4, ['channel1', 'channel2', 'channel3'])
    """

    _default_dimord = ("time", "channel")
    channel = LabelAxis()

    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        trialdefinition: Any = None,
        samplerate: float | None = None,
        channel: Any = None,
        dimord: Any = None,
        overwrite: bool = False,
    ) -> None:
        super().__init__(data, filename, trialdefinition, samplerate, dimord, overwrite, channel=channel)


class SpectralData(ContinuousData):
    """Spectra and time-frequency representations, real or complex.

    Parameters
    ----------
    data : ndarray, list of ndarray, generator of ndarray, h5py.Dataset, str or Path, optional
        Array `(time, taper, freq, channel)`; otherwise as for `AnalogData`. Without a time axis of their own, trials
        have one sample each.
    filename, trialdefinition, samplerate, channel, dimord, overwrite
        As for `AnalogData`.
    taper : sequence of str, optional
        Labels.
    freq : sequence of float, optional
        Frequencies in Hz.
    """

    _default_dimord = ("time", "taper", "freq", "channel")
    jack_var = ExtraDataset(optional=True)
    jack_bias = ExtraDataset(optional=True)
    taper = LabelAxis()
    freq = FrequencyAxis()
    channel = LabelAxis()

    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        trialdefinition: Any = None,
        samplerate: float | None = None,
        channel: Any = None,
        taper: Any = None,
        freq: Any = None,
        dimord: Any = None,
        overwrite: bool = False,
    ) -> None:
        super().__init__(
            data, filename, trialdefinition, samplerate, dimord, overwrite, channel=channel, taper=taper, freq=freq
        )


class CrossSpectralData(ContinuousData):
    """Quantities of channel pairs: cross-spectra, coherence, Granger causality, cross-correlation.

    Parameters
    ----------
    data : ndarray, list of ndarray, generator of ndarray, h5py.Dataset, str or Path, optional
        Array `(time, freq, channel_i, channel_j)`; otherwise as for `AnalogData`.
    filename, trialdefinition, samplerate, dimord, overwrite
        As for `AnalogData`.
    channel_i, channel_j : sequence of str, optional
        Labels of the two channel axes.
    freq : sequence of float, optional
        Frequencies in Hz.
    """

    _default_dimord = ("time", "freq", "channel_i", "channel_j")
    _hidden_in_text = frozenset({"channel"})
    jack_var = ExtraDataset(optional=True)
    jack_bias = ExtraDataset(optional=True)
    freq = FrequencyAxis()
    channel_i = LabelAxis()
    channel_j = LabelAxis()

    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        channel_i: Any = None,
        channel_j: Any = None,
        samplerate: float | None = None,
        freq: Any = None,
        dimord: Any = None,
        trialdefinition: Any = None,
        overwrite: bool = False,
    ) -> None:
        super().__init__(
            data,
            filename,
            trialdefinition,
            samplerate,
            dimord,
            overwrite,
            channel_i=channel_i,
            channel_j=channel_j,
            freq=freq,
        )

    @property
    def jack_sem(self) -> Array:
        """Standard error of every number, of results with a jackknife: `sqrt(jack_var / number of trials)`."""
        variance: Array = np.asarray(self.jack_var)
        error: Array = np.sqrt(variance / self.info["jack_trials"])
        return error

    @property
    def channel(self) -> str:
        """Where the channel labels of this class are."""
        return "see channel_i and channel_j"

    @channel.setter
    def channel(self, value: Any) -> None:
        raise NotImplementedError("CrossSpectralData has no `channel`: set `channel_i` and `channel_j`")
