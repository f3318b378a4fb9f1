"""redefinetrial: each way to cut trials anew, with times that stay true."""

import numpy as np
import pytest

import syncopy as spy

TRL = np.array([[0, 100, -100, 1], [100, 220, -90, 2], [220, 300, 0, 3]])
RATE = 100


@pytest.fixture
def data():
    return spy.AnalogData(np.arange(300.0)[:, None] * [1, 1000], samplerate=RATE, trialdefinition=TRL)


@pytest.fixture
def spikes():
    rows = np.column_stack([np.arange(0, 300, 7), np.arange(43) % 3, np.zeros(43, int)])
    return spy.SpikeData(rows, samplerate=RATE, trialdefinition=TRL)


@pytest.fixture(params=["data", "spikes"])
def either(request):
    return request.getfixturevalue(request.param)


def moments(obj):
    """Every event or sample, and its time, trial by trial; the first column tells samples of both classes apart."""
    return [
        (trial[:, 0].tolist(), np.round(time, 9).tolist()) for trial, time in zip(obj.trials, obj.time, strict=True)
    ]


def expected(obj, trials, begin=0, end=10**6):
    """The same of some samples of some trials, by a loop."""
    found = []
    for number in trials:
        start, offset = TRL[number, 0], TRL[number, 2]
        inside = [value for value in obj.trials[number][:, 0].tolist() if begin <= value - start < end]
        found.append((inside, [round((value - start + offset) / RATE, 9) for value in inside]))
    return found


def test_trials(either):
    new = spy.redefinetrial(either, trials=[2, 0])
    assert moments(new) == expected(either, [2, 0])
    np.testing.assert_array_equal(new.trialinfo[:, 0], [3, 1])
    assert spy.redefinetrial(either, trials=1) == spy.redefinetrial(either, trials=[1])
    assert spy.redefinetrial(either, trials="info1 == 2").trialinfo.tolist() == [[2]]


def test_minlength(either):
    assert moments(spy.redefinetrial(either, minlength=1.0)) == expected(either, [0, 1])
    assert moments(spy.redefinetrial(either, minlength=1.001)) == expected(either, [1])
    assert moments(spy.redefinetrial(either, minlength="maxperlen")) == expected(either, [1])
    assert moments(spy.redefinetrial(either, minlength=0, trials=[2, 1])) == expected(either, [2, 1])
    assert moments(spy.redefinetrial(either, minlength=0.9, trials=[2, 1])) == expected(either, [1])


def test_no_trial_is_long_enough(either):
    with pytest.warns(spy.SPYWarning, match="no trial is as long"):
        new = spy.redefinetrial(either, minlength=9)
    assert type(new) is type(either)
    assert new.data is None
    assert new.samplerate == RATE
    assert new.cfg["redefinetrial"]["minlength"] == 9


def test_toilim(either):
    with pytest.warns(spy.SPYWarning, match="discarded 1 of 3"):
        new = spy.redefinetrial(either, toilim=[-0.5, -0.3])
    times = np.concatenate(new.time)
    assert times.min() >= -0.5
    assert times.max() <= -0.3
    np.testing.assert_array_equal(np.diff(new.sampleinfo)[:, 0], [21, 21])
    assert moments(new)[0] == expected(either, [0], 50, 71)[0]
    assert moments(new)[1] == expected(either, [1], 40, 61)[0]


def test_begsample_keeps_the_time_of_every_sample(either):
    new = spy.redefinetrial(either, begsample=10, endsample=50)
    assert moments(new) == expected(either, range(3), 10, 50)
    np.testing.assert_array_equal(new.sampleinfo, TRL[:, [0]] + [10, 50])


def test_begsample_of_every_trial(either):
    new = spy.redefinetrial(either, trials=[0, 2], begsample=np.array([1, 2]), endsample=[100, 80])
    assert moments(new) == expected(either, [0], 1) + expected(either, [2], 2)
    np.testing.assert_array_equal(new.trialinfo[:, 0], [1, 3])


def test_trl(either):
    trl = [[5, 15, -3, 7], [100, 200, 0, 8], [0, 300, 4, 9]]
    new = spy.redefinetrial(either, trl=trl)
    np.testing.assert_array_equal(new.trialdefinition, trl)
    np.testing.assert_array_equal(new.data, either.data)
    for (values, times), (start, stop, offset, _) in zip(moments(new), trl, strict=True):
        assert times == [round((value - start + offset) / RATE, 9) for value in values]
        assert start <= min(values) <= max(values) < stop
    np.testing.assert_array_equal(spy.redefinetrial(either, trl=[5, 15, -3]).trialdefinition, [[5, 15, -3]])


def test_trl_of_chosen_trials(data):
    new = spy.redefinetrial(data, trials=[2, 0], trl=[[70, 90, 0]])
    np.testing.assert_array_equal(new.trials[0][:, 0], [*range(290, 300), *range(10)])


def test_offset_is_absolute(either):
    np.testing.assert_array_equal(spy.redefinetrial(either, offset=5).trialdefinition[:, 2], [5, 5, 5])
    new = spy.redefinetrial(either, offset=[1, 2, 3])
    np.testing.assert_array_equal(new.trialdefinition[:, 2], [1, 2, 3])
    np.testing.assert_array_equal(new.sampleinfo, either.sampleinfo)
    new = spy.redefinetrial(either, begsample=1, endsample=9, offset=np.array(4))
    np.testing.assert_array_equal(new.trialdefinition[:, 2], [4, 4, 4])


def test_shift_is_relative(either):
    new = spy.redefinetrial(either, shift=[10, 0, -10])
    for one, other, seconds in zip(new.time, either.time, (0.1, 0, -0.1), strict=True):
        np.testing.assert_allclose(one, other + seconds, atol=1e-12)
    new = spy.redefinetrial(either, begsample=20, endsample=60, shift=3)
    for (_, one), (_, other) in zip(moments(new), expected(either, range(3), 20, 60), strict=True):
        np.testing.assert_allclose(one, np.array(other) + 0.03, atol=1e-9)


def test_fractional_offsets_stay(data):
    data._trialdefinition = TRL + np.array([0, 0, 0.25, 0])
    new = spy.redefinetrial(data, begsample=1, endsample=5, shift=1)
    np.testing.assert_array_equal(new.trialdefinition[:, 2], TRL[:, 2] + 2.25)
    with pytest.raises(spy.SPYValueError, match="whole numbers"):
        spy.redefinetrial(data, trl=data.trialdefinition)


def test_result_is_independent(either):
    before, rows = either.trialdefinition, either.data[()]
    new = spy.redefinetrial(either, shift=3)
    new.data[...] = 0
    assert new.mode == "r+"
    np.testing.assert_array_equal(either.trialdefinition, before)
    np.testing.assert_array_equal(either.data, rows)


def test_history(either):
    new = spy.redefinetrial(either, trials=[2, 0], begsample=1, endsample=50, shift=np.array([1, 2]))
    assert new.cfg["redefinetrial"]["trials"] == [2, 0]
    assert new.cfg["redefinetrial"]["shift"] == [1, 2]
    assert "redefinetrial" not in either.cfg
    assert "redefinetrial: called with" in new._log
    assert spy.redefinetrial(either, new.cfg) == new
    assert spy.redefinetrial(new.cfg, either) == new
    assert spy.redefinetrial(data_obj=either, shift=1) == spy.redefinetrial(either, shift=1)


def test_in_place_selection_counts(either):
    either.selection = {"trials": [2, 0]}
    assert moments(spy.redefinetrial(either, begsample=1, endsample=50)) == expected(either, [2, 0], 1, 50)
    for kwargs in ({"trials": 1}, {"minlength": 0.1}, {"toilim": [-0.5, -0.3]}):
        with pytest.raises(spy.SPYError, match="in-place selection already"):
            spy.redefinetrial(either, **kwargs)
    assert either.selection.trial_ids == [2, 0]


def test_read_only_objects(data, tmp_path):
    data.save(filename=tmp_path / "raw.analog")
    loaded = spy.load(tmp_path / "raw.analog", mode="r")
    new = spy.redefinetrial(loaded, shift=1)
    assert new.mode == "r+"
    assert new.filename != loaded.filename


def test_averages_go_with_their_trials():
    data = spy.TimeLockData(np.zeros((40, 2)), samplerate=RATE, trialdefinition=[[0, 20, 0], [20, 40, 0]])
    data._update_dataset("avg", np.zeros((20, 2)))
    assert spy.redefinetrial(data, shift=5).avg is not None
    with pytest.warns(spy.SPYWarning, match="datasets avg belong"):
        new = spy.redefinetrial(data, begsample=1, endsample=5)
    assert new.avg is None
    with pytest.raises(spy.SPYValueError, match="timelock compatible"):
        spy.redefinetrial(data, shift=[1, 2])


def test_waveforms_stay_with_their_spikes(spikes):
    spikes.waveform = np.arange(43)[:, None]
    new = spy.redefinetrial(spikes, trials=1, begsample=10, endsample=50)
    np.testing.assert_array_equal(new.waveform[:, 0] * 7, new.sample)
    np.testing.assert_array_equal(spy.redefinetrial(spikes, shift=1).waveform, spikes.waveform)


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        (
            {"minlength": 1, "toilim": [0, 1]},
            spy.SPYError,
            "Incompatible input arguments, one of `minlength`, `toilim`",
        ),
        ({"toilim": [0, 1], "trl": [[0, 1, 0]]}, spy.SPYError, "Incompatible"),
        ({"begsample": 1, "endsample": 2, "trl": [[0, 1, 0]]}, spy.SPYError, "Incompatible"),
        ({"minlength": 1, "begsample": 1, "endsample": 2}, spy.SPYError, "Incompatible"),
        ({"offset": 1, "trl": [[0, 1, 0]]}, spy.SPYError, "Incompatible"),
        ({"shift": 1, "trl": [[0, 1, 0]]}, spy.SPYError, "Incompatible"),
        ({"shift": 1, "offset": 1}, spy.SPYError, "one of `offset`, `shift`"),
        ({"begsample": 1}, ValueError, "both `begsample` and `endsample`"),
        ({"endsample": 1}, ValueError, "both `begsample` and `endsample`"),
        ({"begsample": -1, "endsample": 5}, ValueError, "integers >= 0"),
        ({"begsample": 5, "endsample": 5}, ValueError, "endsample > begsample"),
        ({"begsample": 0, "endsample": 81}, ValueError, "80 for trial 2; got 81"),
        ({"begsample": [1, 2], "endsample": 5}, ValueError, "same sizes"),
        ({"begsample": 0.5, "endsample": 5}, ValueError, "whole numbers"),
        ({"begsample": "a", "endsample": 5}, TypeError, "begsample"),
        ({"offset": [1, 2]}, ValueError, "same sizes"),
        ({"shift": 0.5}, ValueError, "whole numbers"),
        ({"trl": [[0, 10]]}, ValueError, "3+"),
        ({"trl": [[10, 5, 0]]}, ValueError, "start < stop"),
        ({"minlength": -1}, ValueError, ">= 0"),
        ({"minlength": "long"}, TypeError, "maxperlen"),
        ({"trials": 5}, ValueError, "existing indices"),
        ({"lenght": 5}, ValueError, "known parameter"),
    ],
)
def test_calls_that_make_no_sense(either, kwargs, error, text):
    with pytest.raises(error, match=text):
        spy.redefinetrial(either, **kwargs)


def test_borders_beyond_the_data(data):
    with pytest.raises(spy.SPYValueError, match=r"redefinetrial\(\).*at most 300"):
        spy.redefinetrial(data, trl=[[0, 301, 0]])


def test_empty_objects():
    with pytest.raises(spy.SPYValueError, match="non-empty"):
        spy.redefinetrial(spy.AnalogData(samplerate=1), offset=1)
