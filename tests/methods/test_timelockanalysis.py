"""Averages of time-locked trials: NumPy, and FieldTrip's ft_timelockanalysis."""

import numpy as np
import pytest

import syncopy as spy

RATE = 200.0
RNG = np.random.default_rng(3)
LABELS = ["left", "middle", "right"]


def recording(lengths, offsets, dtype="f4"):
    """Trials of noise with given lengths and offsets, and trialinfo."""
    lengths, offsets = np.asarray(lengths), np.asarray(offsets)
    stops = lengths.cumsum()
    definition = np.column_stack([stops - lengths, stops, offsets, 10 + np.arange(len(lengths))])
    values = (100 * RNG.standard_normal((stops[-1], 3))).astype(dtype)
    return spy.AnalogData(values, samplerate=RATE, trialdefinition=definition, channel=LABELS)


@pytest.fixture(scope="module")
def equal():
    return recording([60] * 7, [-20] * 7)


@pytest.fixture(scope="module")
def unequal():
    """Only trial 1 covers the longest window; trial 3 is the shortest."""
    return recording([60, 80, 70, 30], [-20, -25, -25, -10])


def stack(data):
    return np.array(list(data.trials), dtype="f8")


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_average_and_variance(dtype):
    data = recording([40] * 5, [-10] * 5, dtype)
    got = spy.timelockanalysis(data)
    trials = stack(data)
    exact = np.float32 if dtype == "f4" else np.float64
    assert type(got) is spy.TimeLockData
    assert got.data.dtype == dtype
    assert got.avg.dtype == got.var.dtype == exact
    np.testing.assert_array_equal(got.data[()], data.data[()])
    np.testing.assert_array_equal(got.trialdefinition, data.trialdefinition)
    np.testing.assert_allclose(got.avg, trials.mean(axis=0), rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(got.var, trials.var(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(got.dof, 5)
    assert got.cov is None
    assert got.samplerate == RATE


def test_labels_of_a_selection(equal):
    got = spy.timelockanalysis(equal, select={"channel": ["right", "left"], "trials": [5, 0]}, covariance=True)
    trials = stack(equal)[[5, 0]][:, :, [2, 0]]
    assert got.channel.tolist() == ["right", "left"]
    assert got.trialinfo[:, 0].tolist() == [15, 10]
    np.testing.assert_allclose(got.avg, trials.mean(axis=0), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(got.cov, np.mean([np.cov(trial.T) for trial in trials], axis=0), rtol=1e-5)


@pytest.mark.parametrize("ddof", [None, 0, 1, 3])
@pytest.mark.parametrize("keeptrials", [True, False])
def test_covariance(equal, ddof, keeptrials):
    got = spy.timelockanalysis(equal, latency=[0, 0.1], covariance=True, ddof=ddof, keeptrials=keeptrials)
    expected = np.array([np.cov(trial[20:41].T, ddof=ddof) for trial in stack(equal)])
    np.testing.assert_allclose(got.cov, expected if keeptrials else expected.mean(axis=0), rtol=1e-5)
    assert len(got.trials) == 7
    assert got.avg.shape == (21, 3)


def test_single_channel_covariance_keeps_its_axes(equal):
    got = spy.timelockanalysis(equal, covariance=True, select={"channel": "middle"})
    assert got.cov.shape == (1, 1)
    np.testing.assert_allclose(got.cov[0, 0], stack(equal)[:, :, 1].var(axis=1, ddof=1).mean(), rtol=1e-5)


@pytest.mark.parametrize(
    ("latency", "kept", "window"),
    [
        ("maxperiod", [1], (-25, 54)),
        ("minperiod", [0, 1, 2, 3], (-10, 19)),
        ("prestim", [1, 2], (-25, 0)),
        ("poststim", [1], (0, 54)),
        ([-0.1, 0.1], [0, 1, 2], (-20, 20)),
        ((-0.101, 0.1), [1, 2], (-20, 20)),
    ],
)
def test_latency(unequal, latency, kept, window):
    if len(kept) < 4:
        with pytest.warns(spy.SPYWarning, match=f"discarded {4 - len(kept)} of 4 trials"):
            got = spy.timelockanalysis(unequal, latency=latency)
    else:
        got = spy.timelockanalysis(unequal, latency=latency)
    first, last = window
    np.testing.assert_allclose(got.time[0], np.arange(first, last + 1) / RATE, atol=1e-12)
    assert (got.trialinfo[:, 0] - 10).tolist() == kept
    for trial, number in zip(got.trials, kept, strict=True):
        start = first - int(unequal.trialdefinition[number, 2])
        np.testing.assert_array_equal(trial, unequal.trials[number][start : start + last - first + 1])


def test_default_is_maxperiod(unequal):
    with pytest.warns(spy.SPYWarning, match="discarded 3 of 4"):
        got = spy.timelockanalysis(unequal)
    assert len(got.trials) == 1


def test_window_from_select(equal):
    got = spy.timelockanalysis(equal, select={"latency": [0, 0.05], "trials": [1, 2]})
    np.testing.assert_allclose(got.time[0], np.arange(11) / RATE)
    np.testing.assert_array_equal(got.trials[1], equal.trials[2][20:31])
    again = spy.timelockanalysis(equal, got.cfg)
    np.testing.assert_array_equal(again.avg, got.avg)


def test_in_place_selection_and_latency_together(equal):
    data = equal.selectdata(trials="all")
    data.selectdata(trials=[3, 4], inplace=True)
    got = spy.timelockanalysis(data, latency=[0, 0.05])
    np.testing.assert_array_equal(got.trials[0], equal.trials[3][20:31])
    assert len(got.trials) == 2
    assert data.selection.trial_ids == [3, 4]


@pytest.mark.parametrize("trials", [2, [4, 0], np.array([4, 0]), "trial > 4"])
def test_trials(equal, trials):
    got = spy.timelockanalysis(equal, trials=trials)
    wanted = [5, 6] if isinstance(trials, str) else np.atleast_1d(trials).tolist()
    assert (got.trialinfo[:, 0] - 10).tolist() == wanted
    np.testing.assert_allclose(got.avg, stack(equal)[wanted].mean(axis=0), rtol=1e-5, atol=1e-4)


def test_unequal_trials_padded(unequal):
    got = spy.timelockanalysis(unequal, vartrllength=2, covariance=True, var_ddof=1)
    union = np.full((4, 80, 3), np.nan)
    for number, trial in enumerate(unequal.trials):
        start = int(unequal.trialdefinition[number, 2]) + 25
        union[number, start : start + len(trial)] = trial
    dof = (~np.isnan(union)).sum(axis=0)
    with np.errstate(all="ignore"):
        spread = (union - np.nansum(union, axis=0) / dof) ** 2
        expected = np.where(dof > 1, np.nansum(spread, axis=0) / (dof - 1), np.nan)
    np.testing.assert_array_equal(np.array(list(got.trials)), union.astype("f4"))
    np.testing.assert_array_equal(got.dof, dof)
    np.testing.assert_allclose(got.avg, np.nansum(union, axis=0) / dof, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(got.var, expected, rtol=1e-5)
    np.testing.assert_allclose(got.time[0], (np.arange(80) - 25) / RATE)
    centred = [trial - trial.mean(axis=0) for trial in map(np.float64, unequal.trials)]
    pooled = sum(trial.T @ trial for trial in centred) / sum(len(trial) - 1 for trial in centred)
    np.testing.assert_allclose(got.cov, pooled, rtol=1e-5)
    kept = spy.timelockanalysis(unequal, vartrllength=2, covariance=True, keeptrials=True)
    np.testing.assert_allclose(kept.cov, [np.cov(trial.T) for trial in unequal.trials], rtol=1e-5)


def test_padding_of_a_window_that_trials_miss(unequal):
    got = spy.timelockanalysis(unequal, latency=[0.15, 0.3], vartrllength=2, covariance=True)
    assert got.avg.shape == (31, 3)
    assert [int((~np.isnan(trial[:, 0])).sum()) for trial in got.trials] == [10, 25, 15, 0]
    np.testing.assert_array_equal(got.dof[:, 0], [3] * 10 + [2] * 5 + [1] * 10 + [0] * 6)
    assert np.isnan(got.avg[25:]).all()


def test_strict_mode(equal, unequal):
    got = spy.timelockanalysis(equal, vartrllength=0, latency=[0, 0.1])
    np.testing.assert_array_equal(got.avg, spy.timelockanalysis(equal, latency=[0, 0.1]).avg)
    with pytest.raises(spy.SPYValueError, match="3 of 4"):
        spy.timelockanalysis(unequal, vartrllength=0)


def test_nan_is_left_out():
    trials = RNG.standard_normal((4, 10, 2)).astype("f4")
    trials[1, 3, 0] = np.nan
    trials[:, 7, 1] = np.nan
    data = spy.AnalogData(list(trials), samplerate=RATE)
    with pytest.warns(spy.SPYWarning, match="4 trials hold NaN"):
        got = spy.timelockanalysis(data)
    assert got.dof[3, 0] == 3
    assert got.dof[7, 1] == 0
    assert np.isnan(got.avg[7, 1])
    np.testing.assert_allclose(got.avg[3, 0], np.nanmean(trials[:, 3, 0]), rtol=1e-6)
    np.testing.assert_allclose(got.var[3, 0], np.nanvar(trials[:, 3, 0]), rtol=1e-5)
    np.testing.assert_allclose(got.avg[4], trials[:, 4].mean(axis=0), rtol=1e-5)


def test_data_in_any_unit():
    """Values of 1e-13 or far from zero lose nothing."""
    trials = RNG.standard_normal((6, 8, 2))
    tiny = spy.timelockanalysis(spy.AnalogData(list((trials * 1e-13).astype("f4")), samplerate=1))
    np.testing.assert_allclose(np.asarray(tiny.var, "f8") * 1e26, trials.var(axis=0), rtol=1e-5)
    far = spy.timelockanalysis(spy.AnalogData(list(trials + 1e6), samplerate=1))
    np.testing.assert_allclose(far.var, trials.var(axis=0), rtol=1e-6)


def test_other_order_of_axes():
    values = RNG.standard_normal((3, 40))
    definition = [[0, 20, 0], [20, 40, 0]]
    turned = spy.AnalogData(values, samplerate=1, trialdefinition=definition, dimord=["channel", "time"])
    got = spy.timelockanalysis(turned, covariance=True)
    expected = np.mean([np.cov(values[:, :20]), np.cov(values[:, 20:])], axis=0)
    np.testing.assert_allclose(got.cov, expected, rtol=1e-12)
    np.testing.assert_allclose(got.avg, (values[:, :20] + values[:, 20:]).T / 2)


def test_conditions_of_fieldtrip(shared):
    """FieldTrip: unbiased variance, covariance of demeaned trials pooled over them, unequal trials on the union."""
    inputs, oracle = np.load(shared / "oracle" / "inputs.npz"), np.load(shared / "oracle" / "timelock.npz")
    rate = float(inputs["fsample"])

    def check(got, case, *names):
        for name in names:
            expected = oracle[f"{case}.{name}"]
            expected = expected.T if name != "cov" else expected
            np.testing.assert_allclose(getattr(got, name)[()], expected, rtol=1e-9, atol=1e-12 * np.nanmax(expected))

    offset = round(inputs["time"][0] * rate)
    starts = np.arange(20) * 500
    definition = np.column_stack([starts, starts + 500, np.full(20, offset)])
    for source in ("net", "prep"):
        values = inputs[source].transpose(0, 2, 1).reshape(-1, 4)
        data = spy.AnalogData(values, samplerate=rate, trialdefinition=definition)
        got = spy.timelockanalysis(data, covariance=True, var_ddof=1)
        if source == "net":
            check(got, "avg_var", "avg", "var", "dof")
            check(got, "cov", "cov")
            check(spy.timelockanalysis(data, latency=[0, 0.3], var_ddof=1), "latency", "avg", "var", "dof")
            kept = spy.timelockanalysis(data, covariance=True, keeptrials=True, trials=[0, 1, 2])
            np.testing.assert_allclose(kept.cov, oracle["keeptrials_cov.cov"], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(np.array(list(kept.trials)).swapaxes(1, 2), oracle["keeptrials_cov.trial"])
        else:
            check(got, "cov_prep", "cov", "avg", "var")
    data = spy.AnalogData(inputs["unequal_data"].T, samplerate=rate, trialdefinition=inputs["unequal_trl"])
    got = spy.timelockanalysis(data, vartrllength=2, covariance=True, var_ddof=1)
    check(got, "unequal_avg_cov", "avg", "var", "dof", "cov")
    np.testing.assert_allclose(got.time[0], oracle["unequal_avg_cov.time"], atol=1e-12)
    kept = spy.timelockanalysis(data, vartrllength=2, trials=[0, 1, 2, 3])
    np.testing.assert_allclose(np.array(list(kept.trials)).swapaxes(1, 2), oracle["unequal_keeptrials.trial"])


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ({"ddof": -1}, spy.SPYValueError, "ddof"),
        ({"ddof": 1.5}, spy.SPYValueError, "ddof"),
        ({"ddof": 60, "covariance": True}, spy.SPYValueError, "less than the 60 samples"),
        ({"covariance": "maybe"}, spy.SPYTypeError, "True or False"),
        ({"keeptrials": 2}, spy.SPYTypeError, "keeptrials"),
        ({"vartrllength": 3}, spy.SPYValueError, "vartrllength"),
        ({"latency": "later"}, spy.SPYValueError, "one of"),
        ({"latency": [0.2, 0.1]}, spy.SPYValueError, "start <= end"),
        ({"latency": [7, 8]}, spy.SPYValueError, "start of latency window"),
        ({"latency": [-0.2, 0.1]}, spy.SPYValueError, "at least one trial"),
        ({"latency": [0, 0.1], "select": {"latency": [0, 0.1]}}, spy.SPYValueError, "either `latency` or a selection"),
        ({"trials": [1], "select": {"trials": [1]}}, spy.SPYValueError, "either `trials` or a selection"),
        ({"trials": [7]}, spy.SPYValueError, "trials"),
        ({"latncy": [0, 1]}, spy.SPYValueError, "did you mean `latency`"),
    ],
)
def test_mistakes(equal, parameters, error, text):
    with pytest.raises(error, match=text):
        spy.timelockanalysis(equal, **parameters)
    assert equal.selection is None


def test_unequal_trials_as_they_are(unequal):
    with pytest.raises(spy.SPYValueError, match="same length and offset"):
        spy.timelockanalysis(unequal, latency=None)


def test_complex_data():
    trials = RNG.standard_normal((5, 6, 2)) + 1j * RNG.standard_normal((5, 6, 2))
    data = spy.AnalogData(list(trials.astype("c8")), samplerate=1)
    got = spy.timelockanalysis(data)
    assert (got.avg.dtype, got.var.dtype) == (np.complex64, np.float32)
    np.testing.assert_allclose(got.avg, trials.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(got.var, trials.var(axis=0), rtol=1e-5)
    with pytest.raises(spy.SPYValueError, match="real data"):
        spy.timelockanalysis(data, covariance=True)


def test_saved_and_loaded(equal, tmp_path):
    got = spy.timelockanalysis(equal, covariance=True)
    got.save(tmp_path / "average")
    loaded = spy.load(tmp_path / "average.spy")
    for name in ("data", "avg", "var", "dof", "cov"):
        np.testing.assert_array_equal(getattr(loaded, name)[()], getattr(got, name)[()])
    assert loaded.channel.tolist() == LABELS


def test_other_classes_are_refused():
    with pytest.raises(spy.SPYTypeError, match="AnalogData"):
        spy.timelockanalysis(spy.SpectralData(np.ones((2, 1, 3, 1)), samplerate=1))
