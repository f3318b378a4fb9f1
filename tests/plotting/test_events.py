"""Rasters of spikes and events."""

from itertools import pairwise

import numpy as np
import pytest

import syncopy as spy
from syncopy.data.discrete import EventData, SpikeData
from syncopy.plotting.rasters import thin_events


@pytest.fixture
def spikes(rng: np.random.Generator) -> SpikeData:
    """Three units on two channels, four trials of 1 s from -0.25 s on, at 1000 Hz."""
    unit = rng.integers(0, 3, 600)
    rows = np.column_stack([np.sort(rng.integers(0, 4000, 600)), unit // 2, unit])
    return SpikeData(rows, samplerate=1000.0, trialdefinition=[[k * 1000, (k + 1) * 1000, -250] for k in range(4)])


def expected(spikes: SpikeData, trial: int, column: int, number: int) -> np.ndarray:
    rows = spikes.trials[trial]
    rows = rows[rows[:, column] == number]
    return (rows[:, 0] - trial * 1000 - 250) / 1000


def drawn(ax) -> list[np.ndarray]:
    return [collection.get_positions() for collection in ax.collections]


def test_trials_of_a_unit(spikes: SpikeData) -> None:
    _, ax = spikes.singlepanelplot(unit="unit2")
    for trial, times in enumerate(drawn(ax)):
        np.testing.assert_allclose(times, expected(spikes, trial, 2, 1))
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("unit2", "time (s)", "")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["trial0", "trial1", "trial2", "trial3"]
    assert ax.get_xlim() == (-0.25, 0.75)
    (zero,) = ax.lines
    assert zero.get_xdata() == [0, 0]


@pytest.mark.parametrize(("on_yaxis", "column", "count"), [("unit", 2, 3), ("channel", 1, 2)])
def test_units_or_channels_of_a_trial(spikes: SpikeData, on_yaxis: str, column: int, count: int) -> None:
    _, ax = spikes.singlepanelplot(trials=2, on_yaxis=on_yaxis, latency=[0.0, 0.5])
    rows = drawn(ax)
    assert len(rows) == count
    for number, times in enumerate(rows):
        everything = expected(spikes, 2, column, number)
        np.testing.assert_allclose(times, everything[(everything >= 0) & (everything <= 0.5)])
    assert ax.get_title() == "trial2"
    assert not ax.lines


def test_panels_of_units_and_of_trials(spikes: SpikeData) -> None:
    _, axs = spikes.multipanelplot()
    assert [ax.get_title() for ax in axs.flat] == ["unit1", "unit2", "unit3"]
    np.testing.assert_allclose(drawn(axs[0, 2])[1], expected(spikes, 1, 2, 2))
    _, axs = spikes.multipanelplot(on_yaxis="unit", trials=[3, 1])
    assert [ax.get_title() for ax in axs.flat] == ["trial3", "trial1"]
    np.testing.assert_allclose(drawn(axs[0, 1])[2], expected(spikes, 1, 2, 2))


def test_many_rows_are_named_in_part() -> None:
    rows = np.column_stack([np.arange(60), np.zeros(60, int), np.arange(60)])
    data = SpikeData(rows, samplerate=10.0)
    _, ax = data.singlepanelplot(on_yaxis="unit")
    assert ax.get_ylabel() == "unit"
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names[:2] == ["unit01", "unit04"]
    assert [data.unit[place] for place in ax.get_yticks()] == names


def test_events_have_rows_by_their_code() -> None:
    rows = np.array([[10, 7], [30, 3], [50, 7], [120, 9]])
    data = EventData(rows, samplerate=100.0, trialdefinition=[[0, 100, 0], [100, 200, 0]])
    _, ax = data.singlepanelplot(trials=0, on_yaxis="eventid")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["eventid 3", "eventid 7", "eventid 9"]
    assert [list(times) for times in drawn(ax)] == [[0.3], [0.1, 0.5], []]
    _, ax = data.singlepanelplot(eventid=7)
    assert [list(times) for times in drawn(ax)] == [[0.1, 0.5], []]
    assert ax.get_title() == "eventid 7"


def test_what_one_panel_cannot_show(spikes: SpikeData) -> None:
    with pytest.raises(spy.SPYValueError, match=r"a single unit; .*multipanelplot.*; got 3"):
        spikes.singlepanelplot()
    with pytest.raises(spy.SPYValueError, match=r"a single trial; .*multipanelplot.*; got 4"):
        spikes.singlepanelplot(on_yaxis="unit")
    with pytest.raises(spy.SPYValueError, match="'trials', 'channel', 'unit'"):
        spikes.singlepanelplot(on_yaxis="units")
    many = SpikeData(np.column_stack([np.arange(30), np.arange(30), np.arange(30)]), samplerate=10.0)
    with pytest.raises(spy.SPYValueError, match="25 panels"):
        many.multipanelplot()


def test_conditions_stand_beside_each_other(spikes: SpikeData) -> None:
    _, axs = spy.plot([spikes, spikes], labels=["a", "b"], unit=[0, 1])
    assert [ax.get_title() for ax in axs.flat] == ["a: unit1", "b: unit1", "a: unit2", "b: unit2"]


def test_dense_rows_keep_an_event_per_column(rng: np.random.Generator) -> None:
    times = np.sort(rng.uniform(-1, 1, 5000))
    kept = thin_events(times, (-1.0, 1.0), 100)
    columns = np.floor((times + 1) * 50)
    np.testing.assert_array_equal(kept, [times[columns == column].min() for column in range(100)])
    np.testing.assert_array_equal(thin_events(times[:100], (-1.0, 1.0), 100), times[:100])


def test_histograms_above_rasters(spikes: SpikeData) -> None:
    _, ax = spikes.singlepanelplot(unit="unit2", psth=0.1)
    (above,) = ax.child_axes
    (steps,) = above.patches
    values, edges, _ = steps.get_data()
    times = np.concatenate([expected(spikes, trial, 2, 1) for trial in range(4)])
    counts = [np.sum((times >= low) & (times < high)) for low, high in pairwise(edges)]
    np.testing.assert_allclose(values, np.array(counts) / 4 / 0.1, rtol=1e-5)
    assert above.get_ylabel() == "rate (1/s)"
    assert above.get_xlim() == ax.get_xlim() == (-0.25, 0.75)
    for trial, ticks in enumerate(drawn(ax)):
        np.testing.assert_allclose(ticks, expected(spikes, trial, 2, 1))
    # rows end below the histogram
    assert ax.get_ylim()[1] > 4.5


def test_histograms_of_panels_have_the_same_limits(spikes: SpikeData) -> None:
    counts = spy.spike_psth(spikes, binsize=0.25, output="spikecount")
    fig, axs = spikes.multipanelplot(psth=counts)
    above = [ax.child_axes[0] for ax in axs.flat]
    for panel, label in zip(above, counts.channel, strict=True):
        values, _, _ = panel.patches[0].get_data()
        np.testing.assert_allclose(values, counts.avg[:, counts.channel.tolist().index(label)])
        assert panel.get_ylabel() == "spike count"
    assert len({panel.get_ylim() for panel in above}) == 1
    fig.canvas.draw()


def test_where_there_is_no_histogram(spikes: SpikeData) -> None:
    with pytest.raises(spy.SPYValueError, match="rows are trials of spikes"):
        spikes.singlepanelplot(trials=0, on_yaxis="unit", psth=0.1)
    events = EventData(np.array([[10, 7], [30, 3]]), samplerate=100.0)
    with pytest.raises(spy.SPYValueError, match="rows are trials of spikes"):
        events.singlepanelplot(eventid=7, psth=0.1)
    with pytest.raises(spy.SPYError, match="binsize"):
        spikes.singlepanelplot(unit=0, psth=-1)
