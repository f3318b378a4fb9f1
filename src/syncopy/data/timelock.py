"""Signals in trials that all have the same time axis, and what was estimated over these trials."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import LabelAxis, positions
from syncopy.data.continuous import ContinuousData
from syncopy.data.datasets import ExtraDataset
from syncopy.data.keywords import checked_call
from syncopy.data.selection import Selection
from syncopy.data.units import pure_number, squared
from syncopy.errors import SPYValueError, SPYWarning

Array = NDArray[Any]

BOOTSTRAP = ("boot_low", "boot_high", "boot_sem")


class TimeLockData(ContinuousData):
    """Time-locked signals: event-related potentials, peri-stimulus time histograms.

    All trials have the same length and the same offset. Analyses add datasets: `avg` and `var`, the average and the
    variance over trials `(time, channel)`, `dof`, the number of trials they are made of, sample by sample, `cov`,
    the covariance of channels over time `(channel, channel)` or `(trial, channel, channel)`, and `boot_low`,
    `boot_high`, `boot_sem`, the average's confidence interval and standard error.

    Parameters
    ----------
    data : ndarray, list of ndarray, generator of ndarray, h5py.Dataset, str or Path, optional
        Array `(time, channel)`; otherwise as for `AnalogData`.
    filename, trialdefinition, samplerate, channel, dimord, overwrite
        As for `AnalogData`.

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
    >>> data = spy.TimeLockData([np.zeros((5, 2)), np.ones((5, 2))], samplerate=5)
    >>> data.is_time_locked, data.avg is None
    (True, True)
    """

    _default_dimord = ("time", "channel")
    avg = ExtraDataset("Average over trials, `(time, channel)`, in units of the data, or None.")
    var = ExtraDataset("Variance over trials, `(time, channel)`, in squared units of the data, or None.", rule=squared)
    dof = ExtraDataset(
        "Number of trials at each sample, `(time, channel)`, where it was counted.", optional=True, rule=pure_number
    )
    cov = ExtraDataset(
        "Covariance of channels over time, `(channel, channel)` or `(trial, channel, channel)`; or None.",
        rule=squared,
    )
    # of the average, whether trials are kept or not
    boot_low = ExtraDataset("Lower limit of the average's confidence interval, where it was asked for.", optional=True)
    boot_high = ExtraDataset("Upper limit of the average's confidence interval, where it was asked for.", optional=True)
    boot_sem = ExtraDataset("Bootstrap estimate of the average's standard error, like them.", optional=True)
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

    @property
    def trialdefinition(self) -> Array | None:
        """Rows `[start, stop, offset, info ...]` in samples, one per trial; a copy.

        Averages of other samples do not hold for new trials: they are removed, with a warning.
        """
        return super().trialdefinition

    @trialdefinition.setter
    def trialdefinition(self, value: Any) -> None:
        before, names = self._trialdefinition, sorted(self.datasets)
        super(TimeLockData, type(self)).trialdefinition.fset(self, value)  # type: ignore[attr-defined]
        after = self._trialdefinition
        if not names or before is None or after is None or np.array_equal(before[:, :2], after[:, :2]):
            return
        if self.mode == "r":
            self._trialdefinition = before
            legal = f"the trials that {', '.join(names)} were made of, or a file that may be written (mode 'r+')"
            raise SPYValueError(legal, "trialdefinition", "other trials")
        for name in names:
            self._unregister_dataset(name)
        text = f"{', '.join(names)} hold for other trials and are removed"
        warnings.warn(text, SPYWarning, stacklevel=2)

    def _check_trials(self, value: Any, whole_offsets: bool = True) -> Array:
        trl = super()._check_trials(value, whole_offsets)
        for name, values in (("length", trl[:, 1] - trl[:, 0]), ("offset", trl[:, 2])):
            if (values != values[0]).any():
                legal = f"trials of the same {name}; this is not timelock compatible trialdefinition"
                raise SPYValueError(
                    legal, "trialdefinition", f"{name}s from {values.min():g} to {values.max():g} samples"
                )
        return trl

    def datasets_of(self, selection: Selection) -> dict[str, Array]:
        """Part of the further datasets that holds for a selection.

        Averages, their variances and intervals hold for any samples and channels, but for all trials only; covariances
        of single trials for any trials and channels, but for all samples only; averages of these need all of both.
        """
        trl, ids = self._trialdefinition, selection.ids
        assert trl is not None
        first, length = int(selection.starts[0] - trl[ids[0], 0]), int(selection.stops[0] - selection.starts[0])
        channels = positions(selection.picks["channel"], len(self.channel))
        all_trials = np.array_equal(np.sort(ids), np.arange(len(trl)))
        all_samples = length == trl[0, 1] - trl[0, 0]
        found: dict[str, Array] = {}
        for name in ("avg", "var", "dof", *BOOTSTRAP):
            if all_trials and name in self.datasets:
                found[name] = self.datasets[name][first : first + length][:, channels]
        cov = self.cov
        # of a single channel, the two axes of channels may be missing
        if cov is not None and all_samples and (all_trials or cov.ndim % 2):
            values = np.asarray(cov)[ids] if cov.ndim % 2 else np.asarray(cov)
            found["cov"] = values[..., channels, :][..., channels] if cov.ndim > 1 else values
        return found
