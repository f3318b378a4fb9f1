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

    Returns
    -------
    SpectralData
        `(time, taper, freq, channel)`: spectra of whole trials have one time each. float32; complex64 for the outputs
        "fourier" and "complex". Power is in squared units of the data, per frequency bin.

    Examples
    --------
    A cosine of amplitude 1 at 40 Hz has a power of 1/2, over the bins that the taper spreads it to:

    >>> data = spy.harmonic(freq=40, nTrials=3, nChannels=1, samplerate=500)
    >>> spec = spy.freqanalysis(data, method="mtmfft", tapsmofrq=2, foilim=[30, 50], keeptrials=False)
    >>> power = spec.show()
    >>> round(float(power.sum()), 3)
    0.5
    >>> band = spec.freq[power > 0.5 * power.max()]
    >>> float(band[0]), float(band[-1])
    (38.5, 41.5)
    """


@verb(
    order="filter_class filter_type freq order direction window polyremoval zscore rectify hilbert",
)
def preprocessing(*args: Any, **kwargs: Any) -> AnalogData:  # type: ignore[empty-body]
    """Filter, detrend and transform signals, all steps in one pass over the data.

    Returns
    -------
    AnalogData
        `(time, channel)`, the same trials and labels, in units of the data (z-scores and phases in rad apart);
        float32, or complex64 for the complex Hilbert transform.

    Examples
    --------
    >>> data = spy.white_noise(nTrials=5, samplerate=500, seed=1)
    >>> clean = spy.preprocessing(data, filter_class="but", filter_type="bp", freq=[8, 12])
    >>> amplitude = spy.preprocessing(data, filter_type="bp", freq=[8, 12], hilbert="abs")
    >>> bool((amplitude.trials[0] >= abs(clean.trials[0]) - 1e-6).all())
    True
    """


@verb("resample")
def resampledata(*args: Any, **kwargs: Any) -> AnalogData:  # type: ignore[empty-body]
    """Change the sample rate.

    Returns
    -------
    AnalogData
        `(time, channel)`, the same trials, float32; the first sample of each trial stays where it is in time.

    Examples
    --------
    >>> data = spy.white_noise(nTrials=5, samplerate=1000, seed=1)
    >>> slow = spy.resampledata(data, resamplefs=250)
    >>> slow.samplerate, slow.trials[0].shape
    (250.0, (250, 2))
    """


@verb(
    "coh",
    order="method keeptrials output foi foilim pad channelcmb polyremoval tapsmofrq nTaper taper taper_opt jackknife",
)
def connectivityanalysis(*args: Any, **kwargs: Any) -> CrossSpectralData:  # type: ignore[empty-body]
    """Estimate how channels are related, for all pairs or the combinations asked for.

    A list of methods gives all of them in one pass over the data: a dict of results by the methods' names.

    Returns
    -------
    CrossSpectralData
        `(time, freq, channel_i, channel_j)`, channel_i the sender and channel_j the receiver; of cross-correlations
        the time axis are the lags. float32, or complex64.

    Examples
    --------
    The second channel of this network drives the first:

    >>> data = spy.ar2_network(AdjMat=[[0, 0], [0.3, 0]], nTrials=50, samplerate=500, seed=1)
    >>> causality = spy.connectivityanalysis(data, method="granger", tapsmofrq=5)
    >>> there = causality.show(channel_i="channel2", channel_j="channel1").mean()
    >>> back = causality.show(channel_i="channel1", channel_j="channel2").mean()
    >>> bool(there > 5 * back)
    True
    """


@verb(order="dim keeptrials")
def mean(*args: Any, **kwargs: Any) -> Any:
    """Average over an axis of the data, or over trials.

    Returns
    -------
    object of the class of `data`
        With the same axes, the one averaged over of length 1, or one trial.

    Examples
    --------
    >>> data = spy.harmonic(freq=10, nTrials=20)
    >>> spy.mean(data, dim="trials").trials[0].shape
    (1000, 2)
    """


@verb(order="dim keeptrials")
def var(*args: Any, **kwargs: Any) -> Any:
    """Variance over an axis of the data, or over trials.

    Returns
    -------
    object of the class of `data`
        With the same axes, the one reduced of length 1, or one trial; real, in squared units of the data.

    Examples
    --------
    >>> data = spy.white_noise(nTrials=20, seed=1)
    >>> spy.var(data, dim="time", keeptrials=False).show().round(1)
    array([1., 1.], dtype=float32)
    """


@verb(order="dim keeptrials")
def std(*args: Any, **kwargs: Any) -> Any:
    """Return the standard deviation over an axis of the data, or over trials.

    Returns
    -------
    object of the class of `data`
        With the same axes, the one reduced of length 1, or one trial; real, in units of the data.

    Examples
    --------
    A cosine of amplitude 1:

    >>> data = spy.harmonic(freq=10, nTrials=2)
    >>> spy.std(data, dim="time", select={"trials": 0}).show().round(3)
    array([0.707, 0.707], dtype=float32)
    """


@verb(order="dim keeptrials")
def sem(*args: Any, **kwargs: Any) -> Any:
    """Return the standard error of the mean over an axis of the data, or over trials.

    Returns
    -------
    object of the class of `data`
        With the same axes, the one reduced of length 1, or one trial; real, in units of the data.

    Examples
    --------
    >>> data = spy.white_noise(nTrials=100, seed=1)
    >>> error = spy.sem(data, dim="trials")
    >>> error.trials[0].shape, round(float(error.trials[0].mean()), 1)
    ((1000, 2), 0.1)
    """


@verb(order="dim keeptrials")
def median(*args: Any, **kwargs: Any) -> Any:
    """Median over an axis of the data, or over trials.

    Returns
    -------
    object of the class of `data`
        With the same axes, the one reduced of length 1, or one trial.

    Examples
    --------
    >>> data = spy.linear_trend(y_max=4, nTrials=5)
    >>> spy.median(data, dim="time").trials[0]
    array([[2., 2.]], dtype=float32)
    """


@verb()
def itc(*args: Any, **kwargs: Any) -> SpectralData:  # type: ignore[empty-body]
    """Inter-trial coherence: how alike the phases of complex spectra are over trials.

    Returns
    -------
    SpectralData
        `(time, taper, freq, channel)` of one trial and one taper, float32, between 0 and 1.

    Examples
    --------
    >>> data = spy.harmonic(freq=40, nTrials=20) + spy.white_noise(nTrials=20, seed=1)
    >>> spectra = spy.freqanalysis(data, output="fourier", foi=[40, 60])
    >>> at_40, at_60 = spy.itc(spectra).show(channel="channel1")
    >>> bool(at_40 > 0.95), bool(at_60 < 0.5)
    (True, True)
    """


@verb(order="latency covariance ddof trials keeptrials vartrllength var_ddof")
def timelockanalysis(*args: Any, **kwargs: Any) -> TimeLockData:  # type: ignore[empty-body]
    """Cut trials to a common window, average them, and tell how they vary.

    Returns
    -------
    TimeLockData
        `(time, channel)`: the cut trials, with the datasets `avg`, `var` and `dof` (number of trials at each sample),
        all `(time, channel)`; on request `cov`, `(channel, channel)` or `(trial, channel, channel)`, and the confidence
        interval of the average, `boot_low`, `boot_high` and `boot_sem`, `(time, channel)`.

    Examples
    --------
    >>> data = spy.white_noise(nTrials=20, samplerate=500, seed=1)
    >>> average = spy.timelockanalysis(data, latency=[-0.5, 0], covariance=True)
    >>> average.avg.shape, average.cov.shape
    ((251, 2), (2, 2))
    """


@verb()
def spike_psth(*args: Any, **kwargs: Any) -> TimeLockData:  # type: ignore[empty-body]
    """Count the spikes of every unit in bins of time: peri-stimulus time histograms.

    Bins that a trial does not cover completely are NaN there, and left out of the averages.

    Returns
    -------
    TimeLockData
        `(bin, unit)`, float32, with a channel "channel{c}_unit{u}" for every unit that has a spike (of units that were
        given names these: "channel0_A", or "Fz_A"), times at the centres of the bins, and the datasets `avg`, `var`
        and `dof` (number of trials at each bin).

    Examples
    --------
    >>> spikes = spy.poisson_noise(nTrials=20, nUnits=2, nChannels=1, seed=1)
    >>> rates = spy.spike_psth(spikes, binsize=0.05, latency="minperiod")
    >>> rates.channel.tolist()
    ['channel0_unit0', 'channel0_unit1']
    """
