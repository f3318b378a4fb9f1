"""`spy.show`: arrays of a part of an object."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from tests.data.objects import analog, cross, spectral


def test_one_trial_is_an_array_several_are_a_list():
    data = analog()
    np.testing.assert_array_equal(spy.show(data, trials=1), data.trials[1])
    shown = data.show()
    assert isinstance(shown, list)
    assert [trial.shape for trial in shown] == [(6, 3), (4, 3), (5, 3)]
    np.testing.assert_array_equal(spectral(n_trials=1).show(), spectral().data[0])


def test_length_one_axes_go_unless_they_shall_stay():
    spec = spectral()
    values = spec.data[()]
    np.testing.assert_array_equal(spec.show(trials=2, taper=1, channel=0), values[2, 1, :, 0])
    assert spec.show(trials=2, taper=1, channel=0, squeeze=False).shape == (1, 1, 4, 1)
    single = spec.show(trials=0, taper=0, frequency=10, channel=2)
    assert single.shape == ()
    assert single == values[0, 0, 1, 2]
    assert [trial.shape for trial in spec.show(frequency=[10, 20])] == [(2, 2, 3)] * 3


def test_any_order_and_repetitions():
    data = analog(channel=["a", "b", "c"])
    shown = data.show(trials=[2, 0, 2], channel=["c", "a", "c"])
    for found, number in zip(shown, [2, 0, 2], strict=True):
        np.testing.assert_array_equal(found, data.trials[number][:, [2, 0, 2]])


def test_pairs_of_channels():
    pairs = cross()
    shown = pairs.show(channel_i=2, channel_j="channel1", squeeze=False)
    np.testing.assert_array_equal(shown[1], pairs.data[()][[1]][..., [2], :][..., [0]])


def test_axes_are_those_of_the_object():
    data = spy.AnalogData(np.arange(12).reshape(3, 4), samplerate=1, dimord=["channel", "time"])
    np.testing.assert_array_equal(data.show(channel=[2, 0]), data.data[()][[2, 0]])


def test_the_in_place_selection_is_shown_and_stays():
    data = analog()
    data.selection = {"trials": 2, "channel": 1}
    before = data.selection
    np.testing.assert_array_equal(data.show(), data.trials[2][:, 1])
    np.testing.assert_array_equal(data.show(trials=0), data.trials[0])
    with pytest.raises(SPYValueError, match="existing"):
        data.show(channel="x")
    assert data.selection is before
    assert data.cfg == {}


def test_trials_outside_the_window_are_told():
    with pytest.warns(SPYWarning, match="discarded 2 of 3 trials"):
        assert analog().show(latency=[0, 0.3]).shape == (4, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"squeeze": 1}, SPYTypeError, "squeeze"),
        ({"frequency": 1}, SPYValueError, "no `frequency` selection"),
        ({"chan": 1}, SPYValueError, "did you mean `channel`"),
    ],
)
def test_wrong_arguments(arguments, error, text):
    with pytest.raises(error, match=text):
        spy.show(analog(), **arguments)


def test_objects_that_hold_nothing():
    assert spy.show(spy.AnalogData(samplerate=1)) is None
    with pytest.raises(SPYValueError, match="samplerate"):
        spy.show(spy.AnalogData(np.zeros((3, 2))))
    with pytest.raises(SPYTypeError, match="Syncopy data object"):
        spy.show(np.zeros((3, 2)))
