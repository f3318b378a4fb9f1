"""Trials too long for the memory, in pieces: the numbers, the NaN and the trials of the whole, from one pass."""

import warnings

import numpy as np
import pytest

import syncopy as spy
from syncopy.engine.choice import choose_plan
from syncopy.engine.pieces import Pieces
from syncopy.errors import SPYWarning
from syncopy.methods.preproc.preprocessing import Preprocessing
from syncopy.methods.preproc.steps import SignalStep

STEPS = [
    {"filter_type": "bp", "freq": [20, 60]},
    {"filter_type": "hp", "freq": 10, "direction": "onepass"},
    {"filter_class": "firws", "filter_type": "bp", "freq": [20, 60], "order": 300},
    {"filter_class": "firws", "freq": 40, "order": 151, "padtype": "edge", "direction": "onepass"},
    {"filter_class": "firws", "filter_type": "hp", "freq": 10, "order": 200, "direction": "onepass-minphase"},
    {"filter_class": None, "reref": True, "refmethod": "median", "rectify": True},
    {"filter_class": None, "reref": True, "refmethod": "bipolar"},
    {"freq": 100, "reref": True, "rectify": True},
]
LENGTHS = (60_001, 41, 30_000)
LIMIT = "9MB"


@pytest.fixture(scope="module")
def signals():
    rng = np.random.default_rng(3)
    time = np.arange(sum(LENGTHS))[:, None]
    return (50 * rng.standard_normal((len(time), 6)) + 3000 + 100 * np.sin(time / 3000)).astype("f4")


def recording(signals):
    stops = np.cumsum(LENGTHS)
    trl = np.column_stack([stops - LENGTHS, stops, [-500, 0, 7], [3, 1, 2]])
    return spy.AnalogData(signals, samplerate=1000, trialdefinition=trl)


def run(data, parameters, memory, parallel=False, **controls):
    with warnings.catch_warnings(), spy.options(memory=memory, workers=2):
        warnings.simplefilter("ignore", SPYWarning)  # of trials that hold NaN
        return spy.preprocessing(data, **parameters, parallel=parallel, **controls)


@pytest.mark.parametrize("parameters", STEPS, ids=str)
@pytest.mark.parametrize("gaps", [[], [(123, 2), (70_000, 4), (70_001, 4)]], ids=["complete", "with gaps"])
def test_pieces_make_the_whole(signals, parameters, gaps):
    signals = signals.copy()
    for gap in gaps:
        signals[gap] = np.nan
    data = recording(signals)
    plan = run(data, parameters, LIMIT, dry_run=True)
    assert plan["passes"] == 1
    assert plan["blocks"] > 3
    assert plan["memory"] <= 9e6
    whole = run(data, parameters, "2GB")
    cut, both = run(data, parameters, LIMIT), run(data, parameters, LIMIT, parallel=True)
    np.testing.assert_allclose(cut.data[()], whole.data[()], atol=1e-6 * np.nanmax(np.abs(whole.data[()])), rtol=0)
    np.testing.assert_array_equal(both.data[()], cut.data[()])
    np.testing.assert_array_equal(cut.trialdefinition, whole.trialdefinition)
    np.testing.assert_array_equal(cut.channel, whole.channel)
    assert cut.info["nan_trials"] == whole.info["nan_trials"] == ([0, 2] if gaps else [])


def test_of_a_selection(signals):
    data = recording(signals)
    select = {"trials": [2, 0], "channel": [5, 1], "latency": [1.5, 28]}
    parameters = STEPS[2] | {"select": select}
    whole, cut = run(data, parameters, "2GB"), run(data, parameters, "1MB")
    assert run(data, parameters, "1MB", dry_run=True)["blocks"] > 2
    np.testing.assert_allclose(cut.data[()], whole.data[()], atol=1e-4)
    np.testing.assert_array_equal(cut.trialdefinition, whole.trialdefinition)


def test_one_channel_larger_than_the_memory():
    signal = np.random.default_rng(0).standard_normal((2_000_000, 1), dtype="f4")
    data = spy.AnalogData(signal, samplerate=1000)
    for parameters in STEPS[0], STEPS[2]:
        whole, cut = run(data, parameters, "2GB"), run(data, parameters, LIMIT)
        np.testing.assert_allclose(cut.data[()], whole.data[()], atol=1e-5)


@pytest.mark.parametrize(
    "parameters",
    [
        {"resamplefs": 400},
        {"resamplefs": 1500, "order": 200},
        {"resamplefs": 320},
        {"resamplefs": 250, "lpfreq": 100, "method": "downsample"},
        {"resamplefs": 200, "method": "downsample"},
    ],
    ids=str,
)
def test_other_rates(signals, parameters):
    signals = signals.copy()
    signals[70_000, 4] = np.nan
    data = recording(signals)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SPYWarning)  # of the trial that holds NaN
        whole = spy.resampledata(data, **parameters)
        with spy.options(memory="2500kB", workers=2):
            plan = spy.resampledata(data, **parameters, dry_run=True)
            cut = spy.resampledata(data, **parameters)
    assert (plan["passes"], plan["blocks"] > 3) == (1, True)
    assert cut.samplerate == whole.samplerate
    np.testing.assert_array_equal(cut.trialdefinition, whole.trialdefinition)
    np.testing.assert_allclose(cut.data[()], whole.data[()], atol=1e-3)


@pytest.mark.parametrize("parameters", STEPS, ids=str)
def test_little_is_read_twice(signals, parameters):
    view = recording(signals).view()
    pipeline = Preprocessing(**parameters).bind(view)
    choice = choose_plan(pipeline, [view], 200_000_000, 1)
    assert choice.views[0] is view
    choice = choose_plan(pipeline, [view], 9_000_000, 1)
    assert isinstance(choice.views[0], Pieces)
    assert choice.rows_read < 1.5 * sum(LENGTHS)


def test_what_needs_the_whole_trial_is_cut_by_channels(signals):
    view = recording(signals).view()
    choice = choose_plan(Preprocessing(freq=30, polyremoval=1).bind(view), [view], 6_000_000, 1)
    assert choice.views[0] is view
    assert choice.plan.tiles > 1


def test_memory_too_small_for_the_reach_of_a_filter(signals):
    with pytest.raises(spy.SPYError, match=r"one trial needs .* of memory at least"):
        run(recording(signals), {"filter_type": "hp", "freq": 0.05}, "200kB")


def test_channels_are_cut_too_where_the_reach_is_long(signals):
    data, parameters = recording(signals), {"filter_type": "hp", "freq": 1.0}
    assert run(data, parameters, "2500kB", dry_run=True)["passes"] > 1
    whole, cut = run(data, parameters, "2GB"), run(data, parameters, "2500kB")
    np.testing.assert_allclose(cut.data[()], whole.data[()], atol=1e-3)


@pytest.fixture
def breaks(monkeypatch):
    """Steps raise at a mark; returns a function that sets the error, or None for none."""
    usual, errors = SignalStep.apply, []

    def apply(self, trial, *blocks):
        if errors and (blocks[0] == 1e6).any():
            raise errors[-1]
        return usual(self, trial, *blocks)

    monkeypatch.setattr(SignalStep, "apply", apply)
    return errors


def test_a_trial_that_fails(signals, breaks):
    signals = signals.copy()
    signals[80_000, 1] = 1e6  # in a piece of the last trial
    data = recording(signals)
    breaks.append(ValueError("broken"))
    with pytest.raises(ValueError, match="broken") as raised, spy.options(memory=LIMIT, workers=2):
        spy.preprocessing(data, **STEPS[0])
    assert any("trial 2 of" in note for note in raised.value.__notes__)
    skipped = run(data, STEPS[0], LIMIT, on_error="skip")
    assert [entry["trial"] for entry in skipped.info["skipped_trials"]] == [2]
    breaks.clear()
    others = run(data, STEPS[0] | {"select": {"trials": [0, 1]}}, LIMIT)
    np.testing.assert_array_equal(skipped.data[()], others.data[()])
    np.testing.assert_array_equal(skipped.trialdefinition, others.trialdefinition)


def test_go_on_after_an_interruption(signals, breaks, tmp_path, monkeypatch):
    signals = signals.copy()
    signals[80_000, 1] = 1e6
    recording(signals).save(filename=str(tmp_path / "recording.analog"))
    data = spy.load(str(tmp_path / "recording.analog"), mode="r")
    whole = run(data, STEPS[2], LIMIT)
    breaks.append(OSError("no more"))
    with pytest.raises(OSError, match="no more") as raised:
        run(data, STEPS[2], LIMIT, resume=True)
    assert any("the same call goes on from there" in note for note in raised.value.__notes__)
    breaks.clear()
    rest = run(data, STEPS[2], LIMIT, resume=True)
    np.testing.assert_array_equal(rest.data[()], whole.data[()])
    np.testing.assert_array_equal(rest.trialdefinition, whole.trialdefinition)
