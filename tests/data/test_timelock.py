"""TimeLockData: trials that agree in time, and datasets over them."""

import numpy as np
import pytest

import syncopy as spy

LENGTH, CHANNELS, TRIALS = 10, 3, 4


@pytest.fixture
def values():
    return np.random.default_rng(2).normal(size=(TRIALS, LENGTH, CHANNELS))


@pytest.fixture
def data(values):
    obj = spy.TimeLockData(list(values), samplerate=10, channel=["a", "b", "c"])
    obj._update_dataset("avg", values.mean(axis=0))
    obj._update_dataset("var", values.var(axis=0))
    return obj


def covariances(values):
    return np.array([np.cov(trial.T) for trial in values])


def test_trials_of_one_length(data, values):
    assert data.is_time_locked
    np.testing.assert_array_equal(data.avg, values.mean(axis=0))
    assert data.cov is None
    np.testing.assert_allclose(data.time[3], np.arange(LENGTH) / 10 - 1)
    assert "avg : [10 x 3] element" in repr(data)


@pytest.mark.parametrize(
    "trl",
    [[[0, 10, 0], [10, 19, 0]], [[0, 10, 0], [10, 20, 1]], [[0, 10, 0], [10, 9, 0]], [[0, 41, 0]]],
    ids=["lengths", "offsets", "order", "too long"],
)
def test_trials_that_differ_are_refused_before_anything_changes(data, trl):
    before = data.trialdefinition
    with pytest.raises(spy.SPYValueError):
        data.trialdefinition = trl
    np.testing.assert_array_equal(data.trialdefinition, before)
    with pytest.raises(spy.SPYValueError):
        spy.definetrial(data, trl)
    np.testing.assert_array_equal(data.trialdefinition, before)


def test_input_that_is_not_time_locked():
    obj = spy.TimeLockData(samplerate=10)
    for arrays in ([np.zeros((5, 2)), np.zeros((4, 2))], (np.zeros((n, 2)) for n in (5, 4))):
        with pytest.raises(spy.SPYValueError, match="not timelock compatible"):
            obj.data = arrays
        assert obj.data is None
    with pytest.raises(spy.SPYValueError, match="not timelock compatible"):
        spy.TimeLockData(np.zeros((9, 2)), samplerate=1, trialdefinition=[[0, 5, 0], [5, 9, 0]])


def test_new_trials_remove_averages_of_others(data, values, tmp_path):
    averaged = spy.timelockanalysis(spy.AnalogData([*values], samplerate=10), latency=None)
    trl = averaged.trialdefinition
    averaged.trialdefinition = np.column_stack([trl, np.arange(len(trl))])  # information on trials changes nothing
    averaged.trialdefinition = trl + np.array([0, 0, 3])
    assert averaged.avg is not None
    averaged.save(filename=tmp_path / "averaged")
    loaded = spy.load(tmp_path / "averaged.timelock", mode="r")
    with pytest.raises(spy.SPYValueError, match="avg, dof, var were made of"):
        loaded.trialdefinition = trl[:1]
    assert len(loaded.trials) == len(trl)
    with pytest.warns(spy.SPYWarning, match="avg, dof, var hold for other trials and are removed"):
        averaged.trialdefinition = trl[:1]
    assert averaged.avg is None
    assert averaged.var is None
    assert len(averaged.trials) == 1


def test_datasets_cannot_be_assigned(data):
    for name in ("avg", "var", "cov"):
        with pytest.raises(AttributeError, match="result of an analysis"):
            setattr(data, name, np.zeros((LENGTH, CHANNELS)))


@pytest.mark.parametrize("dimord", [None, ["channel", "time"]])
def test_a_selection_takes_its_part_of_averages(values, dimord):
    arrays = [trial if dimord is None else trial.T for trial in values]
    obj = spy.TimeLockData(arrays, samplerate=10, dimord=dimord)
    obj._update_dataset("avg", values.mean(axis=0))
    obj._update_dataset("var", values.var(axis=0))
    part = obj.selectdata(channel=[2, 0], latency=[-0.8, -0.5], trials=[3, 1, 0, 2])
    np.testing.assert_array_equal(part.avg, values.mean(axis=0)[2:6][:, [2, 0]])
    np.testing.assert_array_equal(part.var, values.var(axis=0)[2:6][:, [2, 0]])
    trials = np.stack([trial if dimord is None else trial.T for trial in part.trials])
    np.testing.assert_allclose(part.avg, trials.mean(axis=0))


def test_averages_of_other_trials_are_left_out(data):
    for trials in ([0, 1], [0, 1, 2, 3, 3]):
        with pytest.warns(spy.SPYWarning, match="avg, var belong to the original trials"):
            part = data.selectdata(trials=trials)
        assert part.avg is None
        assert part.var is None
    assert data.avg is not None


def test_covariance_of_trials(data, values):
    data._update_dataset("cov", covariances(values))
    with pytest.warns(spy.SPYWarning, match="datasets avg, var belong"):
        part = data.selectdata(trials=[2, 0, 2], channel=[1, 2])
    np.testing.assert_array_equal(part.cov, covariances(values[[2, 0, 2]][:, :, 1:]))
    with pytest.warns(spy.SPYWarning, match="datasets cov belong"):
        part = data.selectdata(latency=[-1, -0.5])
    assert part.cov is None
    assert part.avg is not None


def test_average_covariance(data, values):
    data._update_dataset("cov", covariances(values).mean(axis=0))
    part = data.selectdata(channel=["c", "a"])
    np.testing.assert_array_equal(part.cov, covariances(values).mean(axis=0)[[2, 0]][:, [2, 0]])
    with pytest.warns(spy.SPYWarning, match="avg, cov, var"):
        part = data.selectdata(trials=[1, 2])
    assert part.datasets == {}


def test_covariance_of_one_channel(values):
    """Files of earlier versions have no axes for a single channel."""
    obj = spy.TimeLockData(list(values[:, :, :1]), samplerate=10)
    obj._update_dataset("cov", values[:, :, 0].var(axis=1, ddof=1))
    np.testing.assert_array_equal(obj.selectdata(trials=[3, 0]).cov, values[[3, 0], :, 0].var(axis=1, ddof=1))
    obj._update_dataset("cov", np.array(0.5))  # the average over trials
    assert obj.selectdata(trials=[3, 0, 1, 2]).cov[()] == 0.5


def test_calculating_leaves_averages_out(data, values):
    with pytest.warns(spy.SPYWarning, match="avg, var"):
        doubled = data * 2
    assert type(doubled) is spy.TimeLockData
    np.testing.assert_array_equal(doubled.trials[1], 2 * values[1])
    assert doubled.avg is None


def test_copied_saved_and_loaded(data, tmp_path):
    twin = data.copy()
    assert twin == data
    data.save(tmp_path / "session")
    loaded = spy.load(tmp_path / "session.spy")
    assert type(loaded) is spy.TimeLockData
    assert loaded == twin
    np.testing.assert_array_equal(loaded.avg, twin.avg)
    twin._update_dataset("avg", np.zeros((LENGTH, CHANNELS)))
    assert loaded != twin


def test_joined(data, values):
    both = spy.TimeLockData([data, data])
    np.testing.assert_array_equal(both.trials[5], values[1])
    other = spy.TimeLockData(list(values[:, :5]), samplerate=10, channel=["a", "b", "c"])
    with pytest.raises(spy.SPYValueError, match="same length"):
        spy.TimeLockData([data, other])


def test_files_of_the_reference(shared):
    data = spy.load(shared / "spy_files" / "fixture.spy", tag="timelock", mode="r")
    np.testing.assert_array_equal(data.data[()], np.load(shared / "spy_files" / "expected.npz")["timelock"])
    trials = np.stack(list(data.trials))
    np.testing.assert_allclose(data.avg, trials.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(data.var, trials.var(axis=0), atol=1e-5)
    np.testing.assert_allclose(data.cov, covariances(trials).mean(axis=0), atol=1e-5)
    with pytest.warns(spy.SPYWarning, match="datasets cov belong"):
        part = data.selectdata(channel=[1, 3], latency=[0, 0.1])
    np.testing.assert_array_equal(part.avg, data.avg[50:101][:, [1, 3]])
    assert part.cov is None
