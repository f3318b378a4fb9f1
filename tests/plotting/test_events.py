"""Rasters of spikes and events."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

import syncopy as spy
from syncopy.data.events import EventData
from syncopy.data.spikes import SpikeData
from syncopy.plotting.events import thin_events
from syncopy.plotting.rasters import Raster


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
    (ticks,) = ax.collections
    times, rows = np.asarray(ticks.get_offsets()).T
    count = round(ax.spines["left"].get_bounds()[1] + 0.4) if ax.child_axes else round(ax.get_ylim()[1] + 0.4)
    assert set(rows) <= set(range(count))
    return [times[rows == row] for row in range(count)]


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
    times, rows = np.sort(rng.uniform(-1, 1, 10_050)), rng.permutation(np.repeat([2, 0, 3], [5000, 5000, 50]))
    kept, whose = thin_events(times, rows, (-1.0, 1.0), 100)
    columns = np.floor((times + 1) * 50)
    for row in (0, 2):
        first = [times[(rows == row) & (columns == column)].min() for column in range(100)]
        np.testing.assert_array_equal(kept[whose == row], first)
    np.testing.assert_array_equal(kept[whose == 3], times[rows == 3])
    assert len(kept) == 250


def test_ticks_stand_where_the_events_are() -> None:
    """Rows are 0.8 high; of more rows than pixels, every tick can still be seen."""
    for n_trials in (5, 4000):
        chosen = np.array([1, n_trials - 2])
        rows = np.column_stack([chosen * 10 + 5, [0, 0], [0, 0]])
        borders = [[number * 10, number * 10 + 10, 0] for number in range(n_trials)]
        fig, ax = SpikeData(rows, samplerate=10.0, trialdefinition=borders).singlepanelplot(on_yaxis="trials")
        ax.set_axis_off()
        ax.set_title("")
        fig.canvas.draw()
        dark = np.asarray(fig.canvas.buffer_rgba())[..., 0] < 200
        columns = np.flatnonzero(dark.any(axis=0))
        assert np.ptp(columns) <= 2
        top = fig.bbox.height
        for trial in chosen:
            x, low = ax.transData.transform((0.5, trial - 0.4))
            high = ax.transData.transform((0.5, trial + 0.4))[1]
            found = np.flatnonzero(dark[:, columns].any(axis=1)[int(top - high) - 2 : int(top - low) + 3])
            assert max(1, high - low - 2) <= len(found) <= high - low + 3
            assert abs(columns.mean() - x) <= 2


def test_ticks_that_fall_on_each_other_are_paler(rng: np.random.Generator) -> None:
    """A raster of more events than pixels still shows where there are more of them."""
    late, all_over = rng.uniform(0.5, 1, 600_000), rng.uniform(0, 1, 600_000)
    rows = rng.integers(0, 30_000, 1_200_000)
    fig, ax = plt.subplots()
    Raster(np.append(late, all_over), rows, ("",) * 30_000, (0, 1), "", "trials").draw(ax)
    ax.set_axis_off()
    fig.canvas.draw()
    shade = np.asarray(fig.canvas.buffer_rgba())[..., 0]
    (_, bottom), (right, top) = ax.transData.transform([(0, 0), (1, 29_999)]).astype(int)
    middle = int(ax.transData.transform((0.5, 0))[0])
    height = int(fig.bbox.height)
    inside = slice(height - top + 5, height - bottom - 5)
    few, many = shade[inside, middle - 100 : middle - 5].mean(), shade[inside, middle + 5 : right - 5].mean()
    assert 60 < many < few - 30 < 220


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


@pytest.mark.parametrize("names", [None, ["A", "B", "unit3"]])
def test_histograms_of_panels_have_the_same_limits(spikes: SpikeData, names: list[str] | None) -> None:
    spikes.unit = names
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
