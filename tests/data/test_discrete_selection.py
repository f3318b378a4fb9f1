"""Selections of discrete data against loops over rows."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.storage import transfer

RATE = 100
# starts, stops, offsets and one info column; trials 1 and 2 overlap, 3 comes before them
TRL = np.array([[100, 200, -30, 0], [150, 300, -50, 1], [290, 390, -50, 2], [10, 90, -20, 3]])


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(5)
    return np.column_stack(
        [np.sort(rng.integers(0, 420, 600)), rng.choice([0, 3, 4], 600), rng.choice([2, 9, 11], 600)]
    )


@pytest.fixture
def spikes(rows):
    data = spy.SpikeData(rows, samplerate=RATE, trialdefinition=TRL, channel=["a", "b", "c"])
    data.waveform = np.arange(len(rows))[:, None]
    return data


def wanted_rows(rows, trial, channels=(0, 3, 4), units=(2, 9, 11), window=(-np.inf, np.inf)):
    """Rows of a trial, one by one."""
    found = []
    for number, (sample, channel, unit) in enumerate(rows):
        time = (sample - trial[0] + trial[2]) / RATE
        inside = trial[0] <= sample < trial[1] and window[0] - 1e-9 <= time <= window[1] + 1e-9
        if inside and channel in channels and unit in units:
            found.append(number)
    return found


SELECTIONS = [
    ({}, [0, 1, 2, 3], {}),
    ({"trials": [2, 0]}, [2, 0], {}),
    ({"trials": [3, 3, 1]}, [3, 3, 1], {}),
    ({"trials": -1}, [3], {}),
    ({"trials": "info1 > 1"}, [2, 3], {}),
    ({"channel": "b"}, [0, 1, 2, 3], {"channels": [3]}),
    ({"channel": [2, 0]}, [0, 1, 2, 3], {"channels": [0, 4]}),
    ({"channel": ["all", "-b"]}, [0, 1, 2, 3], {"channels": [0, 4]}),
    ({"unit": 1}, [0, 1, 2, 3], {"units": [9]}),
    ({"unit": ["unit12", "unit03"]}, [0, 1, 2, 3], {"units": [2, 11]}),
    ({"unit": slice(1, None)}, [0, 1, 2, 3], {"units": [9, 11]}),
    ({"unit": [True, False, True]}, [0, 1, 2, 3], {"units": [2, 11]}),
    ({"latency": [-0.2, 0.29]}, [0, 1, 2, 3], {"window": (-0.2, 0.29)}),
    ({"latency": "minperiod"}, [0, 1, 2, 3], {"window": (-0.2, 0.49)}),
    ({"latency": 0.1}, [0, 1, 2, 3], {"window": (0.1, 0.1)}),
    (
        {"trials": [1, 0, 1], "channel": [0, 1], "unit": 2, "latency": [0, 0.35]},
        [1, 0, 1],
        {"channels": [0, 3], "units": [11], "window": (0, 0.35)},
    ),
]


@pytest.mark.parametrize(("request_", "trials", "limits"), SELECTIONS, ids=lambda value: str(value)[:40])
def test_selected_rows(spikes, rows, request_, trials, limits):
    expected = [wanted_rows(rows, TRL[number], **limits) for number in trials]
    selection = spikes.resolve(request_)
    assert selection.trial_ids == trials
    assert selection.time == expected
    for number, found in zip(trials, expected, strict=True):
        np.testing.assert_array_equal(selection.trials[number], rows[found])

    copied = spikes.selectdata(**request_)
    for number, trial, found in zip(trials, copied.trials, expected, strict=True):
        np.testing.assert_array_equal(trial, rows[found], err_msg=str(number))
    for number, time, found in zip(trials, copied.time, expected, strict=True):
        np.testing.assert_allclose(time, (rows[found, 0] - TRL[number, 0] + TRL[number, 2]) / RATE, atol=1e-12)
    once = sorted({number for found in expected for number in found})
    np.testing.assert_array_equal(copied.data[()], rows[once])
    np.testing.assert_array_equal(copied.waveform[:, 0], once)
    np.testing.assert_array_equal(copied.trialinfo, TRL[trials, 3:])
    np.testing.assert_array_equal(selection.trialdefinition, copied.trialdefinition)
    np.testing.assert_array_equal(selection.sampleinfo, copied.sampleinfo)
    np.testing.assert_allclose(selection.trialintervals, copied.trialintervals)


def test_numbers_keep_their_labels(spikes):
    part = spikes.selectdata(channel=["c", "a"], unit=[1, 2])
    assert dict(zip(part.channel_idx.tolist(), part.channel.tolist(), strict=True)) == {0: "a", 4: "c"}
    assert dict(zip(part.unit_idx.tolist(), part.unit.tolist(), strict=True)) == {9: "unit10", 11: "unit12"}
    again = part.selectdata(channel="c").selectdata(unit="unit12")
    assert again.channel.tolist() == ["c"]
    assert (again.data[()][:, 1:] == [4, 11]).all()
    loaded_labels = spikes.selectdata(unit=[0]).unit.tolist()
    assert loaded_labels == ["unit03"]


def test_borders_shrink_to_the_window(spikes):
    part = spikes.selectdata(latency=[-0.2, 0.29])
    np.testing.assert_allclose(part.trialintervals, [[-0.2, 0.29]] * 4)
    np.testing.assert_array_equal(part.trialdefinition[0], [110, 160, -20, 0])


def test_trials_that_do_not_cover_the_window_are_dropped(spikes):
    with pytest.warns(spy.SPYWarning, match="discarded 2 of 4 trials .*: 0, 3"):
        part = spikes.selectdata(latency=[-0.45, 0.2])
    np.testing.assert_array_equal(part.trialinfo[:, 0], [1, 2])
    with pytest.raises(spy.SPYValueError, match="covering the latency window"):
        spikes.selectdata(trials=[0, 3], latency=[-0.5, 0.3])


def test_a_selection_without_spikes(spikes, tmp_path):
    rows = np.array([[5, 0, 1], [15, 2, 3]])
    data = spy.SpikeData(rows, samplerate=10, trialdefinition=[[0, 10, 0], [10, 20, 0]])
    empty = data.selectdata(trials=0, unit="unit4")
    assert empty.data.shape == (0, 3)
    assert [trial.shape for trial in empty.trials] == [(0, 3)]
    assert empty.channel.tolist() == []
    assert [time.tolist() for time in empty.time] == [[]]
    assert empty.trialdefinition.tolist() == [[0, 10, 0]]
    assert "0 x 3" in repr(empty)
    assert empty == empty.copy()
    empty.save(tmp_path / "nothing")
    assert spy.load(tmp_path / "nothing.spy") == empty
    assert empty.selectdata(trials=[0, 0]).data.shape == (0, 3)
    assert spy.show(empty).shape == (0, 3)
    assert [len(trial) for trial in spy.SpikeData([empty, data]).trials] == [0, 1, 1]
    (block,) = empty.view().blocks()
    assert len(block.trial) == len(block.time) == 0


@pytest.mark.parametrize("most", [1, 50, 10**6])
def test_blocks(spikes, rows, most):
    selection = spikes.resolve({"trials": [1, 3, 1, 0], "unit": [0, 2]})
    blocks = list(selection.blocks(most))
    trial, row = (np.concatenate([getattr(block, name) for block in blocks]) for name in ("trial", "row"))
    expected = [wanted_rows(rows, TRL[number], units=[2, 11]) for number in (1, 3, 1, 0)]
    np.testing.assert_array_equal(trial, np.repeat(np.arange(4), [len(found) for found in expected]))
    np.testing.assert_array_equal(row, np.concatenate(expected))
    for name, column in (("sample", 0), ("channel", 1), ("unit", 2)):
        np.testing.assert_array_equal(np.concatenate([block.column(name) for block in blocks]), rows[row, column])
    trl = TRL[[1, 3, 1, 0]][trial]
    relative = np.concatenate([block.relative for block in blocks])
    np.testing.assert_array_equal(relative, rows[row, 0] - trl[:, 0] + trl[:, 2])
    np.testing.assert_array_equal(np.concatenate([block.time for block in blocks]), relative / RATE)
    assert len(blocks) == (1 if most == 10**6 else 4)


@pytest.mark.parametrize("step", [10, 1000])  # bytes; a row has 24, a waveform 8
def test_rows_are_copied_in_pieces(spikes, rows, step, monkeypatch):
    monkeypatch.setattr(transfer, "STEP", step)
    part = spikes.selectdata(trials=[2, 3], unit=1)
    expected = np.sort(wanted_rows(rows, TRL[2], units=[9]) + wanted_rows(rows, TRL[3], units=[9]))
    np.testing.assert_array_equal(part.data, rows[expected])
    np.testing.assert_array_equal(part.waveform[:, 0], expected)


def test_codes():
    codes = np.array([7, 3, 4, 3, 7, 100, -5])
    events = spy.EventData(np.column_stack([np.arange(7), codes]), samplerate=10)
    for wanted in (3, [3], np.int32(3), np.array([3]), range(3, 4)):
        np.testing.assert_array_equal(events.selectdata(eventid=wanted).sample, [1, 3])
    np.testing.assert_array_equal(events.selectdata(eventid=[100, 7, 7]).sample, [0, 4, 5])
    np.testing.assert_array_equal(events.selectdata(eventid=slice(0, 2)).sample, [1, 3, 6])
    np.testing.assert_array_equal(events.selectdata(eventid=[False, False, True, False, False]).sample, [2])
    assert events.selectdata(eventid="all") == events
    assert events.selectdata(eventid=[7, 3]).eventid.tolist() == [3, 7]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (1, ValueError),
        ([3, 5], ValueError),
        ([], TypeError),
        ("3", TypeError),
        ([3.0], TypeError),
        ({"a": 1}, TypeError),
    ],
)
def test_codes_that_do_not_occur(wanted, error):
    events = spy.EventData(np.array([[1, 3], [2, 4], [3, 7]]), samplerate=10)
    with pytest.raises(error):
        events.selectdata(eventid=wanted)


@pytest.mark.parametrize(
    ("selectors", "text"),
    [
        ({"frequency": 3}, "no `frequency` selection available for SpikeData"),
        ({"eventid": 3}, "no `eventid` selection available for SpikeData"),
        ({"unit": 3}, "existing names or indices"),
        ({"unit": "unit1"}, "existing names or indices"),
        ({"channel": 4}, "existing names or indices"),
        ({"trials": 4}, "existing indices"),
    ],
)
def test_selectors_that_do_not_fit(spikes, selectors, text):
    with pytest.raises(spy.SPYValueError, match=text):
        spikes.selectdata(**selectors)
    assert spikes.selection is None


def test_in_place_selection(spikes, rows):
    spikes.selectdata(trials=[2, 1], channel="b", inplace=True)
    expected = wanted_rows(rows, TRL[2], channels=[3])
    np.testing.assert_array_equal(spikes.selection.trials[2], rows[expected])
    np.testing.assert_array_equal(spy.show(spikes)[0], rows[expected])
    np.testing.assert_array_equal(spikes.selectdata().trials[0], rows[expected])
    np.testing.assert_array_equal(next(spikes.view().blocks(1)).row, expected)
    assert len(spikes.trials) == 4
    assert spikes.copy().selection.trial_ids == [2, 1]
    spikes.trialdefinition = TRL
    assert spikes.selection is None


def test_what_a_selection_says(spikes):
    selection = spikes.resolve({"trials": [1, 0], "unit": [0, 1], "latency": [0, 0.1]})
    assert selection.channel == [0, 3, 4]
    assert selection.unit == selection.time
    assert str(selection) == "Syncopy SpikeData selector with all channels, 2 units, 11 times, 2 trials"
    assert "Selection of SpikeData" in selection._repr_html_()
    with pytest.raises(AttributeError, match="no `freq`"):
        _ = selection.freq
    assert spikes.resolve("all").trial_ids == [0, 1, 2, 3]


def test_history(spikes):
    part = spikes.selectdata(trials=[1], unit="unit10")
    assert part.cfg["selectdata"]["unit"] == "unit10"
    assert "selectdata" not in spikes.cfg
    repeated = spy.selectdata(spikes, part.cfg)
    assert repeated == part


def test_fractional_offsets(spikes):
    trl = TRL.astype(float)
    trl[:, 2] += 0.25
    spikes._trialdefinition = trl
    part = spikes.selectdata(latency=[0, 0.2])
    times = np.concatenate(part.time)
    assert times.min() >= 0
    assert times.max() <= 0.2
    np.testing.assert_allclose(np.mod(times * RATE, 1), 0.25, atol=1e-9)
