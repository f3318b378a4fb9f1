"""Data sampled on a time axis: signals, spectra and cross-spectra."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import FrequencyAxis, LabelAxis, positions
from syncopy.data.base import BaseData
from syncopy.data.datasets import ExtraDataset
from syncopy.data.joining import join
from syncopy.data.keywords import checked_call
from syncopy.data.selection import Selection, resolve
from syncopy.data.timeaxis import TIMES, has_listed_times, times_of_trial
from syncopy.data.trials import TrialIndexer
from syncopy.data.units import squared
from syncopy.data.view import Reader, View, samplewise
from syncopy.errors import SPYValueError
from syncopy.storage.arrays import ArraySource

Array = NDArray[Any]

_JACK_VAR = (
    "Jackknife variance, shape and axes of the data, in its squared unit; only of results with `jackknife=True`."
)
_JACK_BIAS = "Jackknife estimate of the bias, shape, axes and unit of the data; only of results with `jackknife=True`."


class ContinuousData(BaseData):
    """Base of the classes whose trials are segments of a time axis."""

    _stack = "time"
    boot_low = ExtraDataset(
        "Lower limit of the bootstrap's confidence interval, shape, axes and unit of the data, where it was asked for.",
        optional=True,
        aligned=True,
    )
    boot_high = ExtraDataset(
        "Upper limit of the bootstrap's confidence interval, shape, axes and unit of the data, where it was asked for.",
        optional=True,
        aligned=True,
    )
    boot_sem = ExtraDataset(
        "Bootstrap estimate of the standard error, shape, axes and unit of the data, where it was asked for.",
        optional=True,
        aligned=True,
    )

    @property
    def time(self) -> TrialIndexer[Array] | None:
        """Time axis of each trial in seconds: `(arange(n) + offset) / samplerate`, or the times listed in `info`."""
        if self._trialdefinition is None or self._samplerate is None:
            return None
        return TrialIndexer(len(self._trialdefinition), partial(times_of_trial, self))

    @property
    def trialintervals(self) -> Array | None:
        """Seconds of the first and last sample of every trial, relative to its t = 0."""
        if not has_listed_times(self):
            return super().trialintervals
        return self.view(self.resolve(None)).intervals

    def _check_trials(self, value: Any, whole_offsets: bool = True) -> Array:
        trl = super()._check_trials(value, whole_offsets)
        if has_listed_times(self) and not np.array_equal(trl[:, :3], self._trialdefinition[:, :3]):  # type: ignore[index]
            legal = f"the borders and offsets of before, to which the irregular times in info['{TIMES}'] belong"
            raise SPYValueError(legal, "trialdefinition", "others")
        return trl

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
        """Part of those further datasets that holds for a selection and has other axes than the data."""
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
    >>> data = spy.AnalogData([np.zeros((500, 3)) for _ in range(4)], samplerate=1000)
    >>> len(data.trials), data.channel.tolist()
    (4, ['channel1', 'channel2', 'channel3'])
    """

    _default_dimord = ("time", "channel")
    channel = LabelAxis()

    @checked_call
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

    Raises
    ------
    SPYTypeError, SPYValueError
        If arrays, trials or labels do not fit each other; the text says which rule is broken.
    SPYIOError
        If a file cannot be read or written, or exists already.

    Examples
    --------
    >>> power = np.ones((1, 1, 3, 2))  # one trial: (time, taper, freq, channel)
    >>> spectra = spy.SpectralData(power, samplerate=1000, freq=[10, 20, 30], channel=["Fz", "Oz"])
    >>> spectra.show(channel="Oz", frequency=20)
    array(1.)
    """

    _default_dimord = ("time", "taper", "freq", "channel")
    jack_var = ExtraDataset(_JACK_VAR, optional=True, aligned=True, rule=squared)
    jack_bias = ExtraDataset(_JACK_BIAS, optional=True, aligned=True)
    taper = LabelAxis()
    freq = FrequencyAxis()
    channel = LabelAxis()

    @checked_call
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

    Raises
    ------
    SPYTypeError, SPYValueError
        If arrays, trials or labels do not fit each other; the text says which rule is broken.
    SPYIOError
        If a file cannot be read or written, or exists already.

    Examples
    --------
    >>> names = ["V1", "V4"]
    >>> values = np.full((1, 3, 2, 2), 0.5)  # one trial: (time, freq, channel_i, channel_j)
    >>> coherence = spy.CrossSpectralData(
    ...     values, samplerate=1000, freq=[10, 20, 30], channel_i=names, channel_j=names
    ... )
    >>> coherence.show(channel_i="V1", channel_j="V4")
    array([0.5, 0.5, 0.5])
    """

    _default_dimord = ("time", "freq", "channel_i", "channel_j")
    _hidden_in_text = frozenset({"channel"})
    jack_var = ExtraDataset(_JACK_VAR, optional=True, aligned=True, rule=squared)
    jack_bias = ExtraDataset(_JACK_BIAS, optional=True, aligned=True)
    freq = FrequencyAxis()
    channel_i = LabelAxis(prefix="channel")
    channel_j = LabelAxis(prefix="channel")

    @checked_call
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

    def _texts(self) -> dict[str, str]:
        variance = self.datasets.get("jack_var")
        error = {} if variance is None else {"jack_sem": f"[{' x '.join(map(str, variance.shape))}] from jack_var"}
        return super()._texts() | error

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
