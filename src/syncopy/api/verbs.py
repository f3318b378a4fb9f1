"""The verbs: what users call to analyse data. Their methods, one file each, live in `syncopy.methods`."""

from __future__ import annotations

from typing import Any

from syncopy.api.call import verb
from syncopy.data.continuous import AnalogData, CrossSpectralData, SpectralData
from syncopy.data.timelock import TimeLockData


@verb(
    "mtmfft",
    order="method output keeptrials foi foilim pad polyremoval taper demean_taper taper_opt tapsmofrq nTaper "
    "keeptapers toi t_ftimwin wavelet width order order_max order_min c_1 adaptive out fooof_opt ft_compat",
)
def freqanalysis(*args: Any, **kwargs: Any) -> SpectralData:  # type: ignore[empty-body]
    """Estimate spectra, or time-frequency representations, of signals.

    Returns a SpectralData object `(time, taper, freq, channel)`, float32 or complex64.
    """


@verb()
def preprocessing(*args: Any, **kwargs: Any) -> AnalogData:  # type: ignore[empty-body]
    """Filter, detrend and transform signals, all steps in one pass over the data.

    Returns an AnalogData object of the same trials, float32 (complex64 for complex Hilbert output).
    """


@verb("resample")
def resampledata(*args: Any, **kwargs: Any) -> AnalogData:  # type: ignore[empty-body]
    """Change the sample rate.

    Returns an AnalogData object of the same trials, their time axes starting where they did.
    """


@verb(
    "coh",
    order="method keeptrials output foi foilim pad channelcmb polyremoval tapsmofrq nTaper taper taper_opt jackknife",
)
def connectivityanalysis(*args: Any, **kwargs: Any) -> CrossSpectralData:  # type: ignore[empty-body]
    """Estimate how channels are related, for all pairs or the combinations asked for.

    Returns a CrossSpectralData object `(time, freq, channel_i, channel_j)`.
    """


@verb()
def mean(*args: Any, **kwargs: Any) -> Any:
    """Average over an axis of the data, or over trials.

    Returns an object of the class of the input.
    """


@verb()
def var(*args: Any, **kwargs: Any) -> Any:
    """Variance over an axis of the data, or over trials.

    Returns a real object of the class of the input.
    """


@verb()
def std(*args: Any, **kwargs: Any) -> Any:
    """Return the standard deviation over an axis of the data, or over trials.

    Returns a real object of the class of the input.
    """


@verb()
def sem(*args: Any, **kwargs: Any) -> Any:
    """Return the standard error of the mean over an axis of the data, or over trials.

    Returns a real object of the class of the input.
    """


@verb()
def median(*args: Any, **kwargs: Any) -> Any:
    """Median over an axis of the data, or over trials.

    Returns an object of the class of the input.
    """


@verb()
def itc(*args: Any, **kwargs: Any) -> SpectralData:  # type: ignore[empty-body]
    """Inter-trial coherence: how alike the phases of complex spectra are over trials.

    Returns a SpectralData object `(time, taper, freq, channel)` of one trial and one taper, float32.
    """


@verb()
def timelockanalysis(*args: Any, **kwargs: Any) -> TimeLockData:  # type: ignore[empty-body]
    """Cut trials to a common window, average them, and tell how they vary.

    Returns a TimeLockData object `(time, channel)` with the cut trials and the datasets `avg`, `var`, `dof` (number of
    trials at each sample) and, on request, `cov`.
    """


@verb()
def spike_psth(*args: Any, **kwargs: Any) -> TimeLockData:  # type: ignore[empty-body]
    """Count the spikes of every unit in bins of time: peri-stimulus time histograms.

    Returns a TimeLockData object `(bin, unit)`, float32, with a channel "channel{c}_unit{u}" for every unit that has a
    spike, times at the centres of the bins, and the datasets `avg`, `var` and `dof` (number of trials at each bin).
    Bins that a trial does not cover completely are NaN there, and left out of the averages.
    """
