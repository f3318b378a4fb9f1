"""Simulated spikes: numbers of the toolbox's first generation, and phase locking against its closed form."""

import numpy as np
import pytest

from syncopy.data.continuous import AnalogData
from syncopy.data.spikes import SpikeData
from syncopy.synthdata import locking_strength, phase_locked_spikes, poisson_noise


def test_poisson_noise_of_the_first_generation():
    kwargs = {"nTrials": 7, "nSpikes": 1000, "nChannels": 4, "nUnits": 3, "intensity": 0.07, "samplerate": 1000}
    data = poisson_noise(**kwargs, seed=2)
    assert isinstance(data, SpikeData)
    assert (data.samplerate, data.data.dtype) == (1000, np.int64)
    np.testing.assert_array_equal(data.data[[0, 1, -1]], [[24, 2, 1], [33, 3, 0], [14260, 2, 1]])
    np.testing.assert_array_equal(data.data[()].sum(0), [7176747, 1538, 1376])
    starts, stops = [0, 2040, 4080, 6120, 8160, 10200, 12240], [1985, 3968, 6031, 8102, 10117, 12164, 14279]
    offsets = [-116, -263, -168, -294, -348, -103, -264]
    np.testing.assert_array_equal(data.trialdefinition, np.column_stack([starts, stops, offsets]))


@pytest.mark.parametrize("legacy", [False, True])
def test_channels_and_units_are_independently_busy_in_new_streams(legacy):
    data = poisson_noise(nTrials=2, nSpikes=50_000, nChannels=3, nUnits=3, seed=5, legacy=legacy)
    shares = [np.bincount(data.data[:, column], minlength=3) / 50_000 for column in (1, 2)]
    assert np.allclose(*shares, atol=0.02) is legacy
    for spikes, start, stop in zip(data.trials, *data.sampleinfo.T, strict=True):
        assert ((spikes[:, 0] >= start) & (spikes[:, 0] < stop)).all()


def test_poisson_noise_of_few_spikes():
    data = poisson_noise(nSpikes=5, seed=1)  # 50 samples for 10 trials
    assert len(data.trials) == 10


@pytest.mark.parametrize(
    "kwargs", [{"nTrials": 0}, {"nSpikes": 0}, {"nUnits": 0}, {"intensity": 1.5}, {"nTrials": 30, "nSpikes": 5}]
)
def test_impossible_spikes_are_refused(kwargs):
    with pytest.raises(ValueError, match=next(iter(kwargs))):
        poisson_noise(**kwargs)


@pytest.mark.parametrize(("concentration", "preferred"), [(0.0, 0.0), (1.5, 2.0)])
def test_locked_spikes_have_their_rate_and_their_locking(concentration, preferred):
    samplerate, seconds = 500, 60 * 1.5
    field, spikes = phase_locked_spikes(
        20,
        30,
        concentration,
        preferred,
        noise_level=0,
        nUnits=2,
        nSamples=750,
        nTrials=60,
        samplerate=samplerate,
        seed=3,
    )
    assert isinstance(field, AnalogData)
    np.testing.assert_array_equal(spikes.trialdefinition, field.trialdefinition)
    rows, wave = spikes.data[()], field.data[:, 0]
    np.testing.assert_allclose(np.bincount(rows[:, 2]) / seconds, 30, rtol=0.08)
    cosine = np.mean(wave[rows[:, 0]])  # of the phase at the spikes
    assert cosine == pytest.approx(locking_strength(concentration) * np.cos(preferred), abs=0.05)


def test_locked_spikes_follow_their_seed():
    kwargs = {"nSamples": 200, "nTrials": 4, "rate": 50}
    (field, spikes), (same_field, same_spikes) = (
        phase_locked_spikes(**kwargs, seed=1),
        phase_locked_spikes(**kwargs, seed=1),
    )
    np.testing.assert_array_equal(field.data[()], same_field.data[()])
    np.testing.assert_array_equal(spikes.data[()], same_spikes.data[()])
    assert not np.array_equal(field.data[()], phase_locked_spikes(**kwargs, seed=2)[0].data[()])
    assert np.std(field.data[()]) == pytest.approx(np.sqrt(1.5), rel=0.1)  # oscillation and noise


@pytest.mark.parametrize(
    "kwargs", [{"rate": 2000}, {"rate": 0}, {"rate": 500, "concentration": 5}, {"concentration": -1}, {"nUnits": 0}]
)
def test_impossible_locking_is_refused(kwargs):
    with pytest.raises(ValueError, match=next(iter(kwargs))):
        phase_locked_spikes(**kwargs)
