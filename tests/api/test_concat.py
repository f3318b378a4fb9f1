"""`spy.concat`: channels side by side, trials one after the other."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.errors import SPYTypeError, SPYValueError, SPYWarning
from tests.data.objects import analog, cross, ramp, spectral


def test_channels_side_by_side():
    left, right = analog(channel=["Fz", "Cz", "Oz"]), analog(n_channels=2, channel=["E1", "E2"])
    left.cfg = {"preprocessing": {"order": 4}}
    joined = spy.concat(left, right)
    assert joined.channel.tolist() == ["Fz", "Cz", "Oz", "E1", "E2"]
    np.testing.assert_array_equal(joined.trialdefinition, left.trialdefinition)
    assert joined.samplerate == 10
    for number, trial in enumerate(joined.trials):
        np.testing.assert_array_equal(trial, np.hstack([left.trials[number], right.trials[number]]))
    assert joined.cfg.preprocessing == {"order": 4}
    assert joined.cfg.concat.objects == [left.filename, right.filename]
    assert "concat: called with settings\n\tdim = channel" in joined._log


def test_labels_that_come_again_get_a_number():
    left, right = analog(channel=["a", "a", "b"]), analog(channel=["b", "c", "a"])
    assert spy.concat(left, right).channel.tolist() == ["a", "a_2", "b", "b_2", "c", "a_3"]


def test_default_labels_count_on():
    assert spy.concat(analog(), analog()).channel.tolist() == [f"channel{number}" for number in range(1, 7)]
    assert spy.concat(analog(channel=["x", "y", "z"]), analog()).channel[-1] == "channel3"


def test_spectra_and_a_list_of_objects():
    one, other = spectral(), spectral(channel=["x", "y", "z"])
    joined = spy.concat([one, other, one])
    np.testing.assert_array_equal(joined.data[()], np.concatenate([one.data[()]] * 3, axis=-1))
    assert (joined.freq.tolist(), joined.taper.tolist()) == (one.freq.tolist(), one.taper.tolist())


def test_types_orders_of_axes_and_selections():
    turned = {"dimord": ["channel", "time"], "samplerate": 10}
    joined = spy.concat(spy.AnalogData(ramp(3, 5, dtype="f4"), **turned), spy.AnalogData(ramp(2, 5), **turned))
    assert joined.data.dtype == np.float64
    np.testing.assert_array_equal(joined.data[()], np.vstack([ramp(3, 5), ramp(2, 5)]))
    left, right = analog(), analog(n_channels=4, channel=["a", "b", "c", "d"])
    left.selection, right.selection = {"trials": [2, 0], "channel": 1}, {"trials": [2, 0], "channel": ["d", "a"]}
    chosen = spy.concat(left, right)
    np.testing.assert_array_equal(chosen.trials[0], np.hstack([left.trials[2][:, [1]], right.trials[2][:, [3, 0]]]))
    assert chosen.channel.tolist() == ["channel2", "d", "a"]
    assert left.selection.trial_ids == [2, 0]


def test_trials_one_after_the_other():
    one, other = analog(), analog(trialdefinition=[[2, 4, 7, 1]])
    joined = spy.concat(one, other, dim="trials")
    assert joined == spy.AnalogData([one, other])
    assert joined.trialdefinition[-1].tolist() == [15, 17, 7, 1]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((analog, lambda: analog(lengths=(6, 4))), SPYValueError, "matching shapes"),
        ((analog, lambda: analog(lengths=(6, 5, 4))), SPYValueError, "matching shapes"),
        ((analog, lambda: analog(samplerate=11)), SPYValueError, "samplerate"),
        ((analog, spectral), SPYValueError, "equal dimensional layout"),
        ((spectral, lambda: spectral(freq=(0, 10, 20, 31))), SPYValueError, "same `freq`"),
        ((spectral, lambda: spectral(taper=["a", "b"])), SPYValueError, "same `taper`"),
        ((cross, cross), SPYValueError, "`channel` dimension"),
        ((analog, lambda: analog().data), SPYTypeError, "Syncopy data object; got Dataset"),
        ((analog, lambda: spy.AnalogData(samplerate=10)), SPYValueError, "non-empty"),
        ((list,), SPYValueError, "at least one object"),
    ],
)
def test_objects_that_do_not_fit(arguments, error, text):
    with pytest.raises(error, match=text) as raised:
        spy.concat(*(make() for make in arguments))
    assert str(raised.value).startswith("concat(dim='channel')")


def test_other_dimensions():
    with pytest.raises(SPYValueError, match="which have a `depth` dimension"):
        spy.concat(analog(), analog(), dim="depth")
    with pytest.raises(NotImplementedError, match="'freq'"):
        spy.concat(spectral(), spectral(), dim="freq")


def test_trials_elsewhere_in_time_are_told():
    with pytest.warns(SPYWarning, match="lie differently in time"):
        joined = spy.concat(analog(), analog(offset=0))
    assert joined.trialdefinition[0, 2] == -2


def test_long_trials_and_memory():
    values = np.random.default_rng(0).standard_normal((30_000, 4)).astype("f4")
    data = spy.AnalogData(values, samplerate=1000)
    with spy.options(memory="200kB", workers=1):
        joined = spy.concat(data, data)
    np.testing.assert_array_equal(joined.data[()], np.hstack([values, values]))
