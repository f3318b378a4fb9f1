"""definetrial: every source of trials, and what happens to objects."""

import numpy as np
import pytest

import syncopy as spy

ROWS = np.array([[10, 1], [30, 2], [50, 3], [110, 1], [130, 2], [150, 3], [210, 1], [230, 2], [250, 3]])


@pytest.fixture
def data():
    return spy.AnalogData(np.arange(2000.0).reshape(1000, 2), samplerate=100)


@pytest.fixture
def events():
    return spy.EventData(ROWS, samplerate=100)


# -- matrices ----------------------------------------------------------------------------------------------------


def test_matrix(data):
    trl = [[0, 100, -50, 1], [50, 300, 0, 2]]
    assert spy.definetrial(data, trl) is None
    assert data.trialdefinition.tolist() == trl
    assert data.trialdefinition.dtype == float
    assert "definetrial: updated trial-definition with [2 x 4] element array" in data._log
    assert data.cfg == {}
    data.definetrial(np.array(trl)[:1])
    assert len(data.trials) == 1


def test_everything_as_one_trial(data, events):
    data.definetrial([[0, 10, 0]])
    data.definetrial()
    assert data.trialdefinition.tolist() == [[0, 1000, 0]]
    events.definetrial([[0, 10, 0]])
    events.definetrial()
    assert events.trialdefinition.tolist() == [[10, 251, 0]]


@pytest.mark.parametrize(
    ("trl", "error"),
    [
        ([[0, 10]], ValueError),
        ([0, 10, 0], ValueError),
        ([[0, 1001, 0]], ValueError),
        ([[-1, 10, 0]], ValueError),
        ([[10, 10, 0]], ValueError),
        ([[0, 10.5, 0]], ValueError),
        ([[0, 10, 0.5]], ValueError),
        ([[0, np.nan, 0]], ValueError),
        ("all", TypeError),
        (7, ValueError),
    ],
)
def test_what_is_no_definition(data, trl, error):
    data.selection = {"trials": 0}
    with pytest.raises(error, match=r"definetrial\(\)"):
        spy.definetrial(data, trl)
    assert data.trialdefinition.tolist() == [[0, 1000, 0]]
    assert data.selection.trial_ids == [0]
    assert "updated" not in data._log


def test_the_selection_is_cleared(data):
    data.selection = {"trials": 0}
    data.definetrial([[0, 10, 0]])
    assert data.selection is None


@pytest.mark.parametrize(
    ("obj", "kwargs", "error", "text"),
    [
        (None, {}, TypeError, "Syncopy data object"),
        (spy.AnalogData(samplerate=1), {}, ValueError, "non-empty Syncopy data object"),
        ("data", {"clip_edges": 1}, TypeError, "clip_edges"),
        ("data", {"pre": 1, "post": 1, "trigger": 2}, ValueError, "AnalogData with associated EventData object"),
        ("data", {"trialdefinition": [[0, 1, 0]], "pre": 1}, ValueError, "associated EventData"),
    ],
)
def test_calls_that_make_no_sense(data, obj, kwargs, error, text):
    with pytest.raises(error, match=text):
        spy.definetrial(data if obj == "data" else obj, **kwargs)


# -- other objects -----------------------------------------------------------------------------------------------


def test_trials_of_another_object(data):
    fast = spy.SpikeData(np.array([[1, 0, 0], [900, 0, 0]]), samplerate=1000)
    fast.trialdefinition = [[100, 205, -55, 0.26], [1000, 3000, 10, 2]]
    fast.info["trialinfo_columns"] = ["reaction"]
    data.definetrial(fast)
    # samples are scaled, what follows them is not
    assert data.trialdefinition.tolist() == [[10, 20, -6, 0.26], [100, 300, 1, 2]]
    assert data.resolve({"trials": "reaction > 1"}).trial_ids == [1]
    assert data.cfg["definetrial"]["object"] == "SpikeData"
    assert "defined the trials of" in fast._log


def test_trials_at_the_same_rate_are_taken_over_exactly(data):
    other = spy.AnalogData(np.zeros((1000, 1)), samplerate=100)
    other._trialdefinition = np.array([[0.0, 10, -0.5]])
    data.definetrial(other)
    assert data.trialdefinition.tolist() == [[0, 10, -0.5]]


def test_rates_must_be_known(data, events):
    events.samplerate = None
    for kwargs in ({}, {"pre": 0.1, "post": 0.1, "trigger": 2}):
        with pytest.raises(spy.SPYValueError, match="make sure `samplerate` is set"):
            data.definetrial(events, **kwargs)


def test_events_as_they_are_trials(data, events):
    data.definetrial(events)
    assert data.trialdefinition.tolist() == [[10, 251, 0]]


# -- around events -----------------------------------------------------------------------------------------------


def test_around_triggers(data, events):
    data.definetrial(events, pre=0.05, post=0.1, trigger=2)
    np.testing.assert_array_equal(data.trialdefinition, [[25, 40, -5], [125, 140, -5], [225, 240, -5]])
    for time, trial, trigger in zip(data.time, data.trials, (30, 130, 230), strict=True):
        np.testing.assert_allclose(time[0], -0.05)
        assert trial[np.argmin(np.abs(time)), 0] == 2 * trigger  # t = 0 is the sample of the event


def test_from_start_to_stop(data, events):
    data.definetrial(events, start=1, stop=3)
    np.testing.assert_array_equal(data.trialdefinition, [[10, 50, 0], [110, 150, 0], [210, 250, 0]])
    data.definetrial(events, start=1, stop=3, trigger=2, pre=0.05, post=0.1)
    np.testing.assert_array_equal(data.trialdefinition, [[5, 60, -25], [105, 160, -25], [205, 260, -25]])
    assert data.cfg["definetrial"]["trigger"] == 2
    assert len(data.cfg["steps"]) == 2


def test_on_events_themselves(events):
    events.definetrial(pre=0.05, post=0.25, trigger=2)
    np.testing.assert_array_equal(events.trialdefinition, [[25, 55, -5], [125, 155, -5], [225, 255, -5]])
    assert [trial[:, 1].tolist() for trial in events.trials] == [[2, 3]] * 3
    np.testing.assert_allclose(events.time[0], [0, 0.2])


def test_spikes_around_events(events):
    spikes = spy.SpikeData(np.array([[290, 0, 0], [310, 1, 0], [1290, 0, 0]]), samplerate=1000)
    spikes.definetrial(events, pre=0.05, post=0.05, trigger=2)
    assert [time.tolist() for time in spikes.time] == [[-0.01, 0.01], [-0.01], []]


@pytest.mark.parametrize("rate", [1000, 30000, 128.25])
def test_other_sample_rates(data, rate):
    fine = ROWS * [rate / 100, 1]
    events = spy.EventData(np.round(fine).astype(int), samplerate=rate)
    data.definetrial(events, pre=0.05, post=0.1, trigger=2)
    np.testing.assert_array_equal(data.trialdefinition, [[25, 40, -5], [125, 140, -5], [225, 240, -5]])


def test_edges(data, events):
    with pytest.raises(spy.SPYValueError, match="sampleinfo"):
        data.definetrial(events, pre=0.2, post=8, trigger=1)
    data.definetrial(events, pre=0.2, post=8, trigger=1, clip_edges=True)
    np.testing.assert_array_equal(data.trialdefinition, [[0, 810, -10], [90, 910, -20], [190, 1000, -20]])
    assert data.trials[0][np.argmin(np.abs(data.time[0])), 0] == 20  # still the sample of the event
    data.definetrial([[-10, 20, -15]], clip_edges=True)
    assert data.trialdefinition.tolist() == [[0, 20, -5]]
    with pytest.raises(spy.SPYValueError, match="start < stop"):
        data.definetrial([[-10, -5, 0]], clip_edges=True)


def test_many_trials_are_found_fast():
    rows = np.column_stack([np.arange(60_000) * 100, np.tile([1, 2, 3], 20_000)])
    events = spy.EventData(rows, samplerate=1000)
    events.definetrial(start=1, trigger=2, stop=3)
    np.testing.assert_array_equal(events.trialdefinition[:, 0], rows[::3, 0])
    assert (events.trialdefinition[:, 2] == -100).all()
