"""Small objects of every continuous class, made of numbers that tell where they come from."""

import numpy as np

import syncopy as spy


def ramp(*shape, dtype="f8"):
    """Every number differs from every other."""
    return np.arange(np.prod(shape), dtype=dtype).reshape(shape)


def analog(lengths=(6, 4, 5), n_channels=3, samplerate=10, offset=-2, **more):
    """Trials of the given lengths; trial k starts at sample `offset`, its info column is k."""
    stops = np.cumsum(lengths)
    trl = np.column_stack([stops - lengths, stops, np.full(len(lengths), offset), np.arange(len(lengths))])
    return spy.AnalogData(ramp(int(stops[-1]), n_channels), samplerate=samplerate, **({"trialdefinition": trl} | more))


def spectral(n_trials=3, freq=(0, 10, 20, 30), **more):
    """Trials of one sample, two tapers, three channels."""
    data = ramp(n_trials, 2, len(freq), 3)
    trl = np.column_stack([np.arange(n_trials), np.arange(1, n_trials + 1), np.zeros(n_trials)])
    return spy.SpectralData(data, samplerate=100, freq=list(freq), **({"trialdefinition": trl} | more))


def cross(n_trials=2, **more):
    """Trials of one sample, four frequencies, three by two channels."""
    data = ramp(n_trials, 4, 3, 2) * (1 + 1j)
    trl = np.column_stack([np.arange(n_trials), np.arange(1, n_trials + 1), np.zeros(n_trials)])
    return spy.CrossSpectralData(data, samplerate=1, **({"trialdefinition": trl} | more))
