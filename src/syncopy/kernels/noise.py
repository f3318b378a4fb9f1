"""Random and periodic signals for simulations, from numbers that the caller draws."""

import numpy as np
from scipy import fft, special

from syncopy.kernels.arrays import Array


def harmonic(freq: float, samplerate: float, samples: int) -> Array:
    """Cosine of unit amplitude that starts at its peak.

    The phase is rounded to single precision before the cosine, as the first generation of this toolbox did.

    Parameters
    ----------
    freq, samplerate : float
        In Hz.
    samples : int
        Length.

    Returns
    -------
    Array
        Shape (time,), float32.
    """
    phase = 2 * np.pi * freq * np.arange(samples) / samplerate
    wave: Array = np.cos(phase.astype(np.float32))
    return wave


def diffusing_phase(time: Array, noise: Array, initial: Array, freq: float, eps: float, samplerate: float) -> Array:
    """Phase of an oscillator whose frequency is jittered by white noise: a random walk around a straight line.

    Parameters
    ----------
    time : Array
        Shape (time,), in seconds.
    noise : Array
        Standard normal numbers (trial, time, channel), float32.
    initial : Array
        Phase at time 0, (trial, channel), float32, in rad.
    freq : float
        Mean frequency in Hz.
    eps : float
        Strength of the diffusion relative to the frequency: the variance of the phase grows by
        ``2 pi freq eps / samplerate`` per sample.
    samplerate : float
        In Hz.

    Returns
    -------
    Array
        Shape (trial, time, channel), float32, unwrapped, in rad.

    Notes
    -----
    Everything is added up in single precision, as the first generation of this toolbox did, so that equal random
    numbers give equal phases, bit by bit.
    """
    omega = 2 * np.pi * freq
    line = np.float32(omega) * time.astype(np.float32)
    walk = np.cumsum(np.float32(np.sqrt(omega * eps / samplerate)) * noise, axis=1)
    phase: Array = (line[:, None] + initial[:, None, :]) + walk
    return phase


def power_law_noise(noise: Array, exponent: float) -> Array:
    """Colour white noise so that its power falls with frequency as ``1 / freq**exponent``.

    Timmer & König 1995, Astron Astrophys 300:707.

    Parameters
    ----------
    noise : Array
        Standard normal numbers (trial, time, channel).
    exponent : float
        0 is white, 1 pink, 2 brown.

    Returns
    -------
    Array
        Shape (trial, time, channel), float64, of unit variance on average over realisations; no mean, and periodic in
        its length.
    """
    samples = noise.shape[1]
    gain = np.arange(samples // 2 + 1, dtype=np.float64)
    gain[1:] **= -exponent / 2
    # Every line but the mean and, in an even length, the last one stands for two.
    lines = np.full(len(gain), 2.0)
    lines[-1] = 1 + samples % 2
    gain /= np.sqrt(np.sum(lines[1:] * gain[1:] ** 2) / samples)
    coloured: Array = fft.irfft(fft.rfft(noise.astype(np.float64), axis=1) * gain[:, None], samples, axis=1)
    return coloured


def locked_rate(phase: Array, rate: float, concentration: float, preferred: float = 0.0) -> Array:
    """Let a firing rate follow the phase of an oscillation along a von Mises density.

    Parameters
    ----------
    phase : Array
        Any shape, in rad.
    rate : float
        Mean over phases, in spikes per second.
    concentration : float
        0 is unlocked; spikes gather more and more closely around the preferred phase as it grows. The length of their
        mean phasor is ``locking_strength(concentration)``.
    preferred : float
        Phase of the highest rate, in rad.

    Returns
    -------
    Array
        As `phase`, float64, in spikes per second.
    """
    shape: Array = np.exp(concentration * (np.cos(np.asarray(phase, np.float64) - preferred) - 1))
    return rate * shape / special.i0e(concentration)


def locking_strength(concentration: float) -> float:
    """Length I1/I0 of the mean phasor of phases with a von Mises density, the phase-locking value in the long run.

    Parameters
    ----------
    concentration : float
        Of the density, 0 or more.

    Returns
    -------
    float
        From 0, for phases that are all as likely, to 1.

    Examples
    --------
    >>> from syncopy.synthdata import locking_strength
    >>> [round(locking_strength(concentration), 3) for concentration in (0, 1, 10)]
    [0.0, 0.446, 0.949]
    """
    return float(special.i1e(concentration) / special.i0e(concentration))


def uniform_spikes(
    rng: np.random.Generator, channel_weights: Array, unit_weights: Array, count: int, length: int
) -> Array:
    """Spread spikes evenly over a recording, with at most one per sample.

    Parameters
    ----------
    rng : Generator
        Source of the random numbers.
    channel_weights, unit_weights : Array
        Probability of each channel and each unit.
    count : int
        Number of spikes.
    length : int
        Samples of the recording, at least `count`.

    Returns
    -------
    Array
        Rows (sample, channel, unit), int64, ascending samples.
    """
    sample = np.sort(rng.choice(length, count, replace=False))
    channel = rng.choice(len(channel_weights), count, p=channel_weights)
    unit = rng.choice(len(unit_weights), count, p=unit_weights)
    return np.column_stack([sample, channel, unit])


def jittered_trials(rng: np.random.Generator, count: int, length: int) -> Array:
    """Cut a recording into trials with random gaps of up to a tenth, and triggers in the first tenths of each.

    Parameters
    ----------
    rng : Generator
        Source of the random numbers.
    count : int
        Number of trials.
    length : int
        Samples of the recording, at least ``2 * count``.

    Returns
    -------
    Array
        Rows (start, stop, offset), int64.
    """
    step = length // count
    starts = step * np.arange(count)
    gaps = np.append(rng.integers(max(step // 10, 1), size=count - 1), 0)
    stops = starts + step - 1 - gaps
    shortest = int(np.min(stops - starts))
    offsets = -rng.choice(np.arange(0.05 * shortest, 0.2 * shortest, dtype=np.int64), size=count)
    return np.column_stack([starts, stops, offsets])
