"""Spike trains: random ones, and ones that follow the phase of a field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.cfg import takes_cfg
from syncopy.data.continuous import AnalogData
from syncopy.data.spikes import SpikeData
from syncopy.errors import SPYValueError
from syncopy.kernels import noise
from syncopy.synthdata.collect import Seed, check_count, check_number, check_seed

Array = NDArray[Any]


@takes_cfg
def poisson_noise(
    nTrials: int = 10,
    nSpikes: int = 10000,
    nChannels: int = 3,
    nUnits: int = 10,
    intensity: float = 0.1,
    samplerate: float = 10000,
    seed: Seed = None,
    *,
    legacy: bool = True,
) -> SpikeData:
    """Simulate spikes without any structure, in trials with random gaps and triggers.

    Parameters
    ----------
    nTrials : int
        Number of trials.
    nSpikes : int
        Number of spikes, those in the gaps between trials included.
    nChannels, nUnits : int
        Number of channels and units, some busier than others.
    intensity : float
        Spikes per sample, at most 1; the recording has ``nSpikes / intensity`` samples.
    samplerate : float
        Samples per second.
    seed : int or None
        Of the random numbers; None: another one every time.
    legacy : bool
        Repeat, for equal seeds, the numbers of the toolbox's first generation: the activities of channels and units
        begin with the same random numbers. False: independent activities.

    Returns
    -------
    SpikeData
        Rows `(sample, channel, unit)`.

    Raises
    ------
    SPYTypeError, SPYValueError
        For counts below 1, and more than one spike per sample.

    Examples
    --------
    >>> spikes = spy.poisson_noise(nTrials=10, nSpikes=2000, nChannels=2, nUnits=3, samplerate=1000, seed=1)
    >>> len(spikes.trials), spikes.unit.tolist()
    (10, ['unit1', 'unit2', 'unit3'])
    """
    trials, count = check_count("nTrials", nTrials), check_count("nSpikes", nSpikes)
    if not 0 < check_number("intensity", intensity) <= 1:
        raise SPYValueError("spikes per sample between 0 and 1", "intensity", intensity)
    length = int(nSpikes / intensity)
    if length < 2 * trials:
        raise SPYValueError(f"at most {length // 2} trials in a recording of {length} samples", "nTrials", nTrials)
    rng = np.random.default_rng(check_seed(seed))
    streams = [np.random.default_rng(seed) for _ in range(2)] if legacy else rng.spawn(2)
    channels = _shares(streams[0], check_count("nChannels", nChannels))
    units = _shares(streams[1], check_count("nUnits", nUnits))
    spikes = noise.uniform_spikes(rng, channels, units, count, length)
    definition = noise.jittered_trials(rng, trials, length)
    return SpikeData(spikes, samplerate=samplerate, trialdefinition=definition)


@takes_cfg
def phase_locked_spikes(
    freq: float = 40.0,
    rate: float = 20.0,
    concentration: float = 1.0,
    preferred: float = 0.0,
    *,
    eps: float = 0.1,
    noise_level: float = 1.0,
    nUnits: int = 1,
    nSamples: int = 1000,
    nTrials: int = 100,
    samplerate: float = 1000,
    seed: Seed = None,
) -> tuple[AnalogData, SpikeData]:
    """Simulate a noisy oscillation and units that fire at some of its phases more than at others.

    Parameters
    ----------
    freq : float
        Mean frequency of the oscillation in Hz.
    rate : float
        Mean spikes per second of a unit.
    concentration : float
        Of the von Mises density of spikes over phases, 0 or more. In the long run, the phase-locking value is
        `locking_strength(concentration)` and the PPC its square.
    preferred : float
        Phase, in rad, at which most spikes come; 0 is the peak of the oscillation.
    eps : float
        Diffusion of the oscillation's phase, see `phase_diffusion`.
    noise_level : float
        Standard deviation of the white noise added to the oscillation of unit amplitude.
    nUnits, nSamples, nTrials : int
        Number of units, length and number of trials.
    samplerate : float
        Samples per second.
    seed : int or None
        Of the random numbers; None: another one every time.

    Returns
    -------
    field : AnalogData
        One channel.
    spikes : SpikeData
        Of the same trials; the units are those of one channel and fire independently, given the phase.

    Raises
    ------
    SPYTypeError, SPYValueError
        For numbers that are none or below their bounds, and a rate of no spikes, or of more than one in a sample.

    Examples
    --------
    >>> field, spikes = spy.synthdata.phase_locked_spikes(freq=40, concentration=2, nTrials=20, seed=1)
    >>> len(spikes.trials) == len(field.trials) == 20
    True
    """
    for name, value in (("nUnits", nUnits), ("nSamples", nSamples), ("nTrials", nTrials)):
        check_count(name, value)
    check_number("concentration", concentration, at_least=0)
    for name, number in (("freq", freq), ("rate", rate), ("preferred", preferred), ("noise_level", noise_level)):
        check_number(name, number)
    check_number("eps", eps, at_least=0)
    highest = float(noise.locked_rate(np.zeros(1), rate, concentration)[0])
    if not 0 < highest <= samplerate:
        raise SPYValueError(f"a rate above 0 that peaks at {samplerate:g} spikes/s at most", "rate", f"{highest:g}")
    rows: list[Array] = []

    def trials() -> Iterator[Array]:
        time, initial = np.arange(nSamples) / samplerate, np.float32(2 * np.pi)
        for number, stream in enumerate(np.random.default_rng(check_seed(seed)).spawn(nTrials)):
            start = initial * stream.uniform(size=(1, 1)).astype(np.float32)
            normal = stream.standard_normal((1, nSamples, 1), np.float32)
            phase = noise.diffusing_phase(time, normal, start, freq, eps, samplerate)[0]
            fires = stream.uniform(size=(nSamples, nUnits)) < (
                noise.locked_rate(phase, rate, concentration, preferred) / samplerate
            )
            sample, unit = np.nonzero(fires)
            rows.append(np.column_stack([sample + number * nSamples, np.zeros_like(unit), unit]))
            yield np.cos(phase) + np.float32(noise_level) * stream.standard_normal((nSamples, 1), np.float32)

    field = AnalogData(trials(), samplerate=samplerate)
    return field, SpikeData(np.concatenate(rows), samplerate=samplerate, trialdefinition=field.trialdefinition)


def _shares(rng: np.random.Generator, count: int) -> Array:
    """Draw how the spikes are shared out."""
    activity = rng.uniform(size=count)
    shares: Array = activity / activity.sum()
    return shares
