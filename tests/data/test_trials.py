"""Trial definitions, access by trial number, and latency windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import syncopy as spy
from syncopy.data.trials import TrialIndexer, check_trialdefinition, consecutive, latency_window
from syncopy.errors import SPYError, SPYTypeError, SPYValueError
from tests.data.objects import analog, ramp

INTERVALS = np.array([[-1.0, 2.0], [-0.5, 3.0], [-0.8, 1.0]])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([[0, 5]], r"shape \(no. of trials, 3\+\)"),
        ([0, 5, 0], r"shape \(no. of trials, 3\+\)"),
        (np.zeros((0, 3)), r"shape \(no. of trials, 3\+\)"),
        ([[0, 5.5, 0]], "whole numbers"),
        ([[0, 5, 0.5]], "whole numbers"),
        ([[0, np.nan, 0]], "whole numbers"),
        ([[0, np.inf, 0]], "whole numbers"),
        ([[-1, 5, 0]], "at least 0 and at most 10"),
        ([[0, 11, 0]], "at least 0 and at most 10"),
        ([[0, 5, 0], [5, 5, 0]], "start < stop"),
    ],
)
def test_what_is_no_trial_definition(value, text):
    with pytest.raises(SPYValueError, match=text):
        check_trialdefinition(value, 10)


def test_a_trial_definition_is_numeric():
    with pytest.raises(SPYTypeError, match="trialdefinition"):
        check_trialdefinition("all", 10)


def test_trials_may_overlap_leave_gaps_and_be_unordered():
    trl = [[5, 10, 0, np.nan], [0, 7, -3, 1], [0, 7, 2, 1]]
    data = analog(trialdefinition=trl)
    np.testing.assert_array_equal(data.trials[0], data.data[5:10])
    np.testing.assert_array_equal(data.trials[2], data.data[:7])
    np.testing.assert_array_equal(data.trialinfo, [[np.nan], [1], [1]])


def test_a_rejected_trial_definition_leaves_the_old_one():
    data = analog()
    before = data.trialdefinition
    with pytest.raises(SPYValueError, match="start < stop"):
        data.trialdefinition = [[4, 4, 0]]
    np.testing.assert_array_equal(data.trialdefinition, before)


def test_none_makes_one_trial_of_everything():
    data = analog()
    data.trialdefinition = None
    assert data.trialdefinition.tolist() == [[0, 15, 0]]


@pytest.mark.parametrize("name", ["sampleinfo", "trialinfo"])
def test_parts_of_the_trial_definition_are_read_only(name):
    data = analog()
    with pytest.raises(SPYError, match="use `trialdefinition`"):
        setattr(data, name, np.zeros((3, 2)))
    with pytest.raises(ValueError, match="read-only"):
        getattr(data, name)[0, 0] = 5
    data.trialdefinition[0, 0] = 5  # a copy
    assert data.sampleinfo[0].tolist() == [0, 6]


def test_times_follow_from_offset_and_sample_rate():
    data = analog(lengths=(6, 4), offset=-2, samplerate=10)
    np.testing.assert_allclose(data.time[0], [-0.2, -0.1, 0, 0.1, 0.2, 0.3])
    np.testing.assert_allclose(data.trialintervals, [[-0.2, 0.3], [-0.2, 0.1]])
    assert data.trial_ids.tolist() == [0, 1]
    assert [len(time) for time in data.time] == [6, 4]


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=8),
    st.integers(-50, 50),
    st.integers(0, 3),
)
def test_consecutive_trials_tile_the_samples(lengths, offset, columns):
    info = np.ones((len(lengths), columns))
    trl = check_trialdefinition(consecutive(lengths, offset, info), sum(lengths))
    np.testing.assert_array_equal(trl[1:, 0], trl[:-1, 1])
    np.testing.assert_array_equal(trl[:, 1] - trl[:, 0], lengths)
    assert trl[0, 0] == 0
    assert trl.shape[1] == 3 + columns
    assert (trl[:, 2] == offset).all()


# -- access by number ----------------------------------------------------------------------------------------------


def test_trials_are_taken_by_number_and_from_the_end():
    data = analog()
    assert len(data.trials) == 3
    assert repr(data.trials) == "3 element iterable"
    np.testing.assert_array_equal(data.trials[np.int64(1)], ramp(15, 3)[6:10])
    np.testing.assert_array_equal(data.trials[-1], ramp(15, 3)[10:15])
    assert [trial.shape for trial in data.trials] == [(6, 3), (4, 3), (5, 3)]


@pytest.mark.parametrize("index", [slice(0, 2), [0], range(1), 1.0, True, "0"])
def test_a_trial_number_is_one_whole_number(index):
    with pytest.raises(SPYTypeError, match="trial index"):
        analog().trials[index]


@pytest.mark.parametrize("index", [3, -4])
def test_a_trial_number_exists(index):
    with pytest.raises(SPYValueError, match="index of existing trials"):
        analog().trials[index]


def test_an_indexer_with_numbers_of_its_own():
    indexer = TrialIndexer(3, "abc".__getitem__, np.array([11, 4, 11]))
    assert (indexer[11], indexer[4], indexer[-1], list(indexer)) == ("a", "b", "c", ["a", "b", "c"])
    with pytest.raises(SPYValueError, match=r"existing trials \(11, 4, 11\); got 0"):
        indexer[0]


def test_what_is_written_to_the_data_is_seen_by_trials():
    data = analog()
    trials = data.trials
    data.data[7, 1] = -1
    assert trials[1][1, 1] == -1


def test_an_object_without_data_has_no_trials():
    empty = spy.AnalogData(samplerate=1)
    assert (empty.trials, empty.time, empty.trialdefinition, empty.sampleinfo, empty.is_time_locked) == (
        None,
        None,
        None,
        None,
        False,
    )


# -- latency -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latency", "window"),
    [
        ("minperiod", (-0.5, 1)),
        ("maxperiod", (-1, 3)),
        ("prestim", (-1, 0)),
        ("poststim", (0, 3)),
        ([0, 1], (0, 1)),
        ((-np.inf, 1), (-1, 1)),
        (np.array([0, np.inf]), (0, 3)),
        (0.5, (0.5, 0.5)),
        ([0.5, 0.5], (0.5, 0.5)),
    ],
)
def test_windows(latency, window):
    assert latency_window(INTERVALS, latency) == window


@pytest.mark.parametrize(
    ("latency", "error", "text"),
    [
        ("period", SPYValueError, "'maxperiod'"),
        ([1, 0], SPYValueError, "start <= end"),
        ([4, 5], SPYValueError, "<= 3 s"),
        ([-5, -4], SPYValueError, ">= -1 s"),
        ([0, 1, 2], SPYValueError, r"\[start, end\]"),
        ([0, np.nan], SPYValueError, r"\[start, end\]"),
        (["a", "b"], SPYValueError, r"\[start, end\]"),
        ({0: 1}, SPYTypeError, "latency"),
        (True, SPYTypeError, "latency"),
    ],
)
def test_what_is_no_window(latency, error, text):
    with pytest.raises(error, match=text):
        latency_window(INTERVALS, latency)


@pytest.mark.parametrize(
    ("intervals", "latency", "text"),
    [
        ([[0, 1], [2, 3]], "minperiod", "overlapping trials"),
        ([[1, 2]], "prestim", "start before t = 0"),
        ([[-2, -1]], "poststim", "end after t = 0"),
    ],
)
def test_named_windows_that_do_not_exist(intervals, latency, text):
    with pytest.raises(SPYValueError, match=text):
        latency_window(np.array(intervals, dtype=float), latency)
