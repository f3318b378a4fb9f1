"""One object from the trials of several: `Class([one, other])`."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from tests.data.objects import analog, cross, ramp, spectral


@pytest.mark.parametrize("make", [analog, spectral, cross])
def test_trials_follow_each_other_with_all_their_metadata(make):
    one, other = make(), make()
    one.cfg, one.log = {"preprocessing": {"order": 4}}, "before"
    joined = type(one)([one, other, one])
    assert type(joined) is type(one)
    trials = [*one.trials, *other.trials, *one.trials]
    assert len(joined.trials) == len(trials)
    for found, expected in zip(joined.trials, trials, strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(joined.trialdefinition[:, 2:], np.vstack([one.trialdefinition[:, 2:]] * 3))
    for axis in one._axis_selectors:
        np.testing.assert_array_equal(getattr(joined, axis), getattr(one, axis))
    assert joined.samplerate == one.samplerate
    assert joined.cfg.preprocessing == {"order": 4}
    assert joined.cfg.concat == {"dim": "trials", "objects": [one.filename, other.filename, one.filename]}
    assert "before" in joined._log
    assert "joined the trials of 3 objects" in joined._log


def test_only_trials_are_joined_and_missing_information_is_nan():
    one = analog(trialdefinition=[[8, 12, 3], [0, 2, -1]])
    other = analog(trialdefinition=[[1, 5, 0, 7, 8]])
    joined = spy.AnalogData([one, other])
    expected = [[0, 4, 3, np.nan, np.nan], [4, 6, -1, np.nan, np.nan], [6, 10, 0, 7, 8]]
    np.testing.assert_array_equal(joined.trialdefinition, expected)
    np.testing.assert_array_equal(joined.data[()], ramp(15, 3)[[8, 9, 10, 11, 0, 1, 1, 2, 3, 4]])


def test_given_labels_and_sample_rate_win():
    one, other = analog(channel=["a", "b", "c"]), analog(samplerate=20)
    joined = spy.AnalogData((one, other), channel=["x", "y", "z"], samplerate=5)
    assert (joined.channel.tolist(), joined.samplerate) == (["x", "y", "z"], 5)
    own = spy.AnalogData([one, one], trialdefinition=[[0, 30, 0]])
    assert own.trialdefinition.tolist() == [[0, 30, 0]]


def test_types_are_promoted():
    small = spy.AnalogData(ramp(4, 3, dtype="i2"), samplerate=10)
    assert spy.AnalogData([small, analog()]).data.dtype == np.float64


def test_objects_turned_around():
    turned = {"dimord": ["channel", "time"]}
    one = spy.AnalogData(ramp(3, 5), samplerate=10, **turned)
    joined = spy.AnalogData([one, one], **turned)
    np.testing.assert_array_equal(joined.data[()], np.hstack([ramp(3, 5)] * 2))
    plain = spy.AnalogData([one, analog()])
    np.testing.assert_array_equal(plain.trials[0], ramp(3, 5).T)


def test_skipped_objects_and_ignored_selections_are_told():
    chosen = analog()
    chosen.selection = {"trials": 0}
    with pytest.warns(SPYWarning, match="object 0 of the list has no data"):
        assert len(spy.AnalogData([spy.AnalogData(), analog()]).trials) == 3
    with pytest.warns(SPYWarning, match="selection of object 1 of the list is ignored"):
        assert len(spy.AnalogData([analog(), chosen]).trials) == 6


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: [analog(), analog(samplerate=11)], SPYValueError, "different attribute values for samplerate"),
        (lambda: [analog(), analog(channel=["a", "b", "c"])], SPYValueError, "different attribute values for channel"),
        (lambda: [analog(), analog(n_channels=2)], SPYValueError, "mismatching shapes"),
        (lambda: [analog(), spectral()], SPYTypeError, "a list of AnalogData objects only; got SpectralData"),
        (lambda: [analog(), ramp(3, 3)], SPYTypeError, "got ndarray"),
        (lambda: [ramp(3, 3), analog()], SPYTypeError, "got ndarray"),
    ],
)
def test_objects_that_do_not_fit(make, error, text):
    with pytest.raises(error, match=text):
        spy.AnalogData(make())


@pytest.mark.filterwarnings("ignore:object")
def test_nothing_to_join():
    with pytest.raises(SPYValueError, match="one object that has data"):
        spy.AnalogData([spy.AnalogData(), spy.AnalogData()])
