"""Time-locked signals: averages with their variance."""

from itertools import pairwise

import numpy as np
import pytest

import syncopy as spy
from syncopy.data.timelock import TimeLockData


@pytest.fixture
def locked(rng: np.random.Generator) -> TimeLockData:
    """Three trials of four channels from -1 s on at 50 Hz, with average and variance over trials."""
    trials = rng.standard_normal((3, 100, 4))
    data = TimeLockData(list(trials), samplerate=50.0, channel=["Fz", "Cz", "Pz", "Oz"])
    data._update_dataset("avg", trials.mean(axis=0))
    data._update_dataset("var", trials.var(axis=0))
    return data


def borders(collection) -> tuple[float, float]:
    vertices = collection.get_paths()[0].vertices[:, 1]
    return vertices.min(), vertices.max()


def test_average_with_its_standard_deviation(locked: TimeLockData) -> None:
    _, ax = locked.singlepanelplot(channel=["Pz", "Fz"], shifted=False)
    average, spread = locked.avg[()], np.sqrt(locked.var[()])
    for line, band, channel in zip(ax.lines, ax.collections, (2, 0), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), average[:, channel])
        np.testing.assert_allclose(line.get_xdata(), locked.time[0])
        low, high = average[:, channel] - spread[:, channel], average[:, channel] + spread[:, channel]
        np.testing.assert_allclose(borders(band), (low.min(), high.max()))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "signal (a.u.)")


def test_the_band_can_be_left_out(locked: TimeLockData) -> None:
    _, ax = locked.singlepanelplot(channel="Pz", band=False)
    assert not ax.collections
    with pytest.raises(spy.SPYTypeError, match="band"):
        locked.singlepanelplot(band="std")


def test_latency_cuts_the_average(locked: TimeLockData) -> None:
    _, ax = locked.singlepanelplot(channel=1, latency=[-0.5, 0.5])
    inside = (locked.time[0] >= -0.5) & (locked.time[0] <= 0.5)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), locked.avg[inside, 1])
    np.testing.assert_allclose(ax.lines[0].get_xdata(), locked.time[0][inside])


def test_shifted_averages_keep_their_bands_apart(locked: TimeLockData) -> None:
    _, ax = locked.singlepanelplot()
    bands = [borders(band) for band in ax.collections]
    assert len(bands) == 4
    assert all(below[1] < above[0] for above, below in pairwise(bands))


def test_panels(locked: TimeLockData) -> None:
    _, axs = locked.multipanelplot()
    for channel, ax in enumerate(axs.flat):
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), locked.avg[:, channel])
        assert len(ax.collections) == 1


def test_a_trial_is_drawn_if_it_is_asked_for(locked: TimeLockData) -> None:
    _, ax = locked.singlepanelplot(trials=1, channel=0)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), locked.trials[1][:, 0])
    assert not ax.collections


def test_trials_without_average(rng: np.random.Generator) -> None:
    data = TimeLockData(list(rng.standard_normal((2, 20, 1))), samplerate=10.0)
    with pytest.raises(spy.SPYValueError, match="a single trial"):
        data.singlepanelplot()


def test_conditions_have_bands_in_their_colours(locked: TimeLockData) -> None:
    _, ax = spy.plot([locked, locked], labels=["a", "b"], channel=0)
    assert [line.get_label() for line in ax.lines] == ["a", "b"]
    assert len(ax.collections) == 2


def test_rates_of_spikes_have_their_unit(locked: TimeLockData) -> None:
    locked.cfg["spike_psth"] = {"output": "rate"}
    _, ax = locked.singlepanelplot(channel=0)
    assert ax.get_ylabel() == "rate (1/s)"
