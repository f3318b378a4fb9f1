"""Signals of independent channels: noise, trends and oscillations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.cfg import takes_cfg
from syncopy.data.continuous import AnalogData
from syncopy.kernels import noise
from syncopy.synthdata.collect import Seed, check_number, collect, draw_normal

Array = NDArray[Any]


@takes_cfg
def white_noise(
    nSamples: int = 1000,
    nChannels: int = 2,
    seed: Seed = None,
    *,
    nTrials: int | None = 100,
    samplerate: float = 1000,
    seed_per_trial: bool = True,
) -> AnalogData | Array:
    """Simulate Gaussian white noise of unit variance.

    Parameters
    ----------
    nSamples, nChannels : int
        Shape of a trial.
    seed : int or None
        Of the random numbers; None: another one every time.
    nTrials : int or None
        Number of trials; None: one, as an array.
    samplerate : float
        Samples per second.
    seed_per_trial : bool
        Whether every trial gets a seed of its own, drawn with `seed`; else all trials are the same.

    Returns
    -------
    AnalogData or ndarray
        Trials `(time, channel)` in single precision that start at t = -1 s.

    Raises
    ------
    SPYTypeError, SPYValueError
        For counts below 1, and values that are no numbers of their kind.

    Examples
    --------
    >>> data = spy.white_noise(nSamples=500, nChannels=3, nTrials=20, samplerate=500, seed=1)
    >>> len(data.trials), data.trials[0].shape, data.time[0][[0, -1]].tolist()
    (20, (500, 3), [-1.0, -0.002])
    """
    return collect(
        lambda seeds: draw_normal(seeds, nSamples, nChannels).astype(np.float32),
        (nSamples, nChannels),
        seed=seed,
        nTrials=nTrials,
        samplerate=samplerate,
        seed_per_trial=seed_per_trial,
    )


@takes_cfg
def pink_noise(
    exponent: float = 1.0,
    nSamples: int = 1000,
    nChannels: int = 2,
    seed: Seed = None,
    *,
    nTrials: int | None = 100,
    samplerate: float = 1000,
    seed_per_trial: bool = True,
) -> AnalogData | Array:
    """Simulate noise of unit variance whose power falls with frequency as ``1 / freq**exponent``.

    Parameters
    ----------
    exponent : float
        0 is white, 1 pink, 2 brown.
    nSamples, nChannels, seed, nTrials, samplerate, seed_per_trial
        As for `white_noise`.

    Returns
    -------
    AnalogData or ndarray
        As `white_noise`. A trial has no mean and is periodic in its length.

    Raises
    ------
    SPYTypeError, SPYValueError
        As `white_noise`.

    Examples
    --------
    >>> data = spy.synthdata.pink_noise(exponent=1, nTrials=20, seed=1)
    >>> spec = spy.freqanalysis(data, foi=[10, 100], keeptrials=False)
    >>> at_10, at_100 = spec.show(channel=0)
    >>> bool(5 < at_10 / at_100 < 20)
    True
    """
    check_number("exponent", exponent)
    return collect(
        lambda seeds: noise.power_law_noise(draw_normal(seeds, nSamples, nChannels), exponent).astype(np.float32),
        (nSamples, nChannels),
        seed=seed,
        nTrials=nTrials,
        samplerate=samplerate,
        seed_per_trial=seed_per_trial,
    )


@takes_cfg
def linear_trend(
    y_max: float,
    nSamples: int = 1000,
    nChannels: int = 2,
    seed: Seed = None,
    *,
    nTrials: int | None = 100,
    samplerate: float = 1000,
    seed_per_trial: bool = True,
) -> AnalogData | Array:
    """Simulate a straight line from 0 to `y_max` in all channels.

    Parameters
    ----------
    y_max : float
        Value of the last sample.
    nSamples, nChannels, nTrials, samplerate
        As for `white_noise`.
    seed, seed_per_trial
        Nothing is random here; one set of parameters can serve several generators.

    Returns
    -------
    AnalogData or ndarray
        As `white_noise`.

    Raises
    ------
    SPYTypeError, SPYValueError
        As `white_noise`.

    Examples
    --------
    >>> spy.linear_trend(y_max=4, nSamples=5, nTrials=1, nChannels=1).show()
    array([0., 1., 2., 3., 4.], dtype=float32)
    """
    check_number("y_max", y_max)

    def make_trials(seeds: list[Seed]) -> Iterable[Array]:
        return _same_everywhere(np.linspace(0, y_max, nSamples, dtype=np.float32), nChannels, len(seeds))

    return collect(
        make_trials,
        (nSamples, nChannels),
        seed=seed,
        nTrials=nTrials,
        samplerate=samplerate,
        seed_per_trial=seed_per_trial,
    )


@takes_cfg
def harmonic(
    freq: float,
    samplerate: float = 1000,
    nSamples: int = 1000,
    nChannels: int = 2,
    seed: Seed = None,
    *,
    nTrials: int | None = 100,
    seed_per_trial: bool = True,
) -> AnalogData | Array:
    """Simulate a cosine of unit amplitude in all channels, at its peak in the first sample.

    Parameters
    ----------
    freq : float
        In Hz.
    samplerate, nSamples, nChannels, nTrials
        As for `white_noise`.
    seed, seed_per_trial
        Nothing is random here; one set of parameters can serve several generators.

    Returns
    -------
    AnalogData or ndarray
        As `white_noise`.

    Raises
    ------
    SPYTypeError, SPYValueError
        As `white_noise`.

    Examples
    --------
    >>> data = spy.harmonic(freq=40, samplerate=1000, nTrials=5)
    >>> float(data.trials[0][0, 0])
    1.0
    """
    check_number("freq", freq)

    def make_trials(seeds: list[Seed]) -> Iterable[Array]:
        return _same_everywhere(noise.harmonic(freq, samplerate, nSamples), nChannels, len(seeds))

    return collect(
        make_trials,
        (nSamples, nChannels),
        seed=seed,
        nTrials=nTrials,
        samplerate=samplerate,
        seed_per_trial=seed_per_trial,
    )


@takes_cfg
def phase_diffusion(
    freq: float,
    eps: float = 0.1,
    samplerate: float = 1000,
    nChannels: int = 2,
    nSamples: int = 1000,
    rand_ini: bool = False,
    return_phase: bool = False,
    seed: Seed = None,
    *,
    nTrials: int | None = 100,
    seed_per_trial: bool = True,
    legacy: bool = True,
) -> AnalogData | Array:
    """Simulate oscillations of unit amplitude whose phases diffuse independently.

    Parameters
    ----------
    freq : float
        Mean frequency in Hz.
    eps : float
        Strength of the diffusion relative to the frequency: the variance of the phase grows by ``2 pi freq eps`` per
        second.
    samplerate, nChannels, nSamples
        As for `white_noise`.
    rand_ini : bool
        Start at random phases, not at 0.
    return_phase : bool
        Return the unwrapped phase in rad, not its cosine.
    seed, nTrials, seed_per_trial
        As for `white_noise`.
    legacy : bool
        Repeat, for equal seeds, the numbers of the toolbox's first generation: the mean frequency is
        ``freq * nSamples / (nSamples - 1)``, and initial phases and diffusion use the same random stream. False: the
        exact frequency, and independent streams.

    Returns
    -------
    AnalogData or ndarray
        As `white_noise`.

    Raises
    ------
    SPYTypeError, SPYValueError
        As `white_noise`; for a negative `eps`.

    Notes
    -----
    The phase of a channel is ``2 pi freq t`` plus a Wiener process (Pikovsky, Rosenblum & Kurths 2001, Synchronization,
    doi:10.1017/CBO9780511755743): the larger `eps`, the wider the peak of the spectrum.

    Examples
    --------
    >>> data = spy.phase_diffusion(freq=40, eps=0.01, nTrials=20, seed=1)
    >>> spec = spy.freqanalysis(data, foilim=[20, 60], keeptrials=False)
    >>> peak = spec.freq[spec.show(channel=0).argmax()]
    >>> bool(abs(peak - 40) <= 1)
    True
    """
    check_number("freq", freq)
    check_number("eps", eps, at_least=0)

    def make_trials(seeds: list[Seed]) -> Iterable[Array]:
        time = np.linspace(0, nSamples / samplerate, nSamples, endpoint=legacy)
        streams = [(seed, seed) if legacy else np.random.SeedSequence(seed).spawn(2) for seed in seeds]
        initial = np.zeros((len(seeds), nChannels), np.float32)
        if rand_ini:
            uniform = [np.random.default_rng(first).uniform(size=nChannels) for first, _ in streams]
            initial = np.float32(2 * np.pi) * np.array(uniform, np.float32)
        normal = draw_normal([second for _, second in streams], nSamples, nChannels).astype(np.float32)
        phase = noise.diffusing_phase(time, normal, initial, freq, eps, samplerate)
        return phase if return_phase else np.cos(phase)

    return collect(
        make_trials,
        (nSamples, nChannels),
        seed=seed,
        nTrials=nTrials,
        samplerate=samplerate,
        seed_per_trial=seed_per_trial,
    )


def _same_everywhere(signal: Array, channels: int, trials: int) -> Iterable[Array]:
    """Repeat one signal in all channels of all trials."""
    return [np.repeat(signal[:, None], channels, axis=1)] * trials
