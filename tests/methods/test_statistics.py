"""Variance, standard deviation and error, median, inter-trial coherence: NumPy on the trials, NaN, types, FieldTrip."""

import warnings

import numpy as np
import pytest

import syncopy as spy
from tests.methods.test_mtmfft import oracle_cases, oracle_input

RNG = np.random.default_rng(101)


def sem(values, axis, ddof=1, keepdims=False):
    count = np.sum(~np.isnan(values), axis=axis, keepdims=keepdims)
    return np.nanstd(values, axis=axis, ddof=ddof, keepdims=keepdims) / np.sqrt(count)


NUMPY = {"mean": np.nanmean, "var": np.nanvar, "std": np.nanstd, "sem": sem, "median": np.nanmedian}
SPREADS = ["var", "std", "sem"]


@pytest.fixture(scope="module")
def spectra():
    trials = [RNG.standard_normal((5, 2, 6, 3)).astype("f4") for _ in range(7)]
    return spy.SpectralData(trials, samplerate=50, freq=np.arange(6) * 2.5, channel=["a", "b", "c"])


@pytest.fixture(scope="module")
def complex_spectra():
    shape = (8, 3, 2, 4, 3)
    values = RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape) + 0.7
    return spy.SpectralData([*values], samplerate=50, freq=np.arange(4), channel=["a", "b", "c"])


@pytest.mark.parametrize("name", NUMPY)
@pytest.mark.parametrize("dim", ["time", "taper", "freq", "channel"])
@pytest.mark.parametrize("keeptrials", [True, False])
def test_any_axis(spectra, name, dim, keeptrials):
    axis = spectra.dimord.index(dim)
    expected = np.array([NUMPY[name](trial, axis=axis, keepdims=True) for trial in spectra.trials])
    if not keeptrials:
        expected = expected.mean(axis=0, keepdims=True)
    got = getattr(spy, name)(spectra, dim=dim, keeptrials=keeptrials)
    assert isinstance(got, spy.SpectralData)
    assert got.data.dtype == np.float32
    assert len(got.trials) == len(expected)
    for number, values in enumerate(expected):
        np.testing.assert_allclose(got.trials[number], values, rtol=1e-5, atol=1e-6)
    if dim in ("taper", "channel"):
        assert getattr(got, dim).tolist() == [name]


@pytest.mark.parametrize("name", NUMPY)
def test_trials(spectra, name):
    got = getattr(spy, name)(spectra, "trials")
    np.testing.assert_allclose(got.trials[0], NUMPY[name](list(spectra.trials), axis=0), rtol=1e-5, atol=1e-6)
    assert len(got.trials) == 1
    assert got.data.dtype == np.float32
    np.testing.assert_array_equal(got.freq, spectra.freq)
    np.testing.assert_allclose(got.time[0], spectra.time[0])
    assert got.channel.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("name", SPREADS)
def test_degrees_of_freedom(spectra, name):
    for ddof in (0, 1, 3):
        got = getattr(spy, name)(spectra, "trials", ddof=ddof)
        expected = NUMPY[name](np.array(list(spectra.trials), "f8"), axis=0, ddof=ddof)
        np.testing.assert_allclose(got.data[()], expected, rtol=1e-5)
        along = getattr(spy, name)(spectra, "freq", ddof=ddof)
        expected = NUMPY[name](spectra.trials[2].astype("f8"), axis=2, ddof=ddof, keepdims=True)
        np.testing.assert_allclose(along.trials[2], expected, rtol=1e-5)
    with pytest.warns(spy.SPYWarning, match="`ddof` 7 leaves nothing of 7 values"):
        few = getattr(spy, name)(spectra, "trials", ddof=7)
    assert np.isnan(few.data[()]).all()
    default = getattr(spy, name)(spectra, "trials", ddof=1 if name == "sem" else 0)
    np.testing.assert_array_equal(getattr(spy, name)(spectra, "trials").data[()], default.data[()])


@pytest.mark.parametrize("name", SPREADS)
@pytest.mark.parametrize("dim", ["trials", "freq"])
def test_complex_numbers_have_real_spread(complex_spectra, name, dim):
    got = getattr(spy, name)(complex_spectra, dim)
    assert got.data.dtype == np.float64
    values = np.array(list(complex_spectra.trials))
    variance = values.var(axis=0 if dim == "trials" else 3, keepdims=dim != "trials", ddof=int(name == "sem"))
    count = len(values) if dim == "trials" else 4
    expected = {"var": variance, "std": np.sqrt(variance), "sem": np.sqrt(variance / count)}[name]
    np.testing.assert_allclose(got.data[()].reshape(expected.shape), expected, rtol=1e-6)


def test_complex_numbers_have_a_mean_but_no_median(complex_spectra):
    got = spy.mean(complex_spectra, "trials")
    np.testing.assert_allclose(got.data[()], np.mean(list(complex_spectra.trials), axis=0), rtol=1e-6)
    for dim in ("trials", "freq"):
        with pytest.raises(spy.SPYTypeError, match="real numbers"):
            spy.median(complex_spectra, dim)


@pytest.mark.parametrize("name", NUMPY)
def test_integers_are_promoted(name):
    trials = [RNG.integers(-5, 6, (4, 3)).astype("i2") for _ in range(5)]
    data = spy.AnalogData(trials, samplerate=10)
    for dim in ("trials", "time", "channel"):
        got = getattr(spy, name)(data, dim)
        assert got.data.dtype == np.float64
        if dim == "trials":
            np.testing.assert_allclose(got.data[()], NUMPY[name](np.array(trials, "f8"), axis=0))
        else:
            expected = NUMPY[name](trials[3].astype("f8"), axis=data.dimord.index(dim), keepdims=True)
            np.testing.assert_allclose(got.trials[3], expected)


@pytest.mark.parametrize("name", NUMPY)
def test_missing_numbers(name):
    trials = RNG.standard_normal((6, 4, 3))
    trials[1, 2, 0] = trials[3, 2, 0] = trials[4, 0, 1] = np.nan
    data = spy.AnalogData([*trials], samplerate=10)
    compute = getattr(spy, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spy.SPYWarning)
        expected = NUMPY[name](trials, axis=0)
        skipped = compute(data, "trials", skipnan=True).data[()]
        np.testing.assert_allclose(skipped, expected, rtol=1e-6)
        gaps = np.isnan(trials).any(axis=0)
        for passed in (compute(data, "trials").data[()], compute(data, "trials", skipnan=False).data[()]):
            np.testing.assert_array_equal(np.isnan(passed), gaps)
            np.testing.assert_allclose(passed[~gaps], expected[~gaps], rtol=1e-6)
        expected = NUMPY[name](trials[1], axis=0, keepdims=True)
        for skipped in (compute(data, "time"), compute(data, "time", skipnan=True)):
            np.testing.assert_allclose(skipped.trials[1], expected, rtol=1e-6)
        passed = compute(data, "time", skipnan=False)
        np.testing.assert_array_equal(np.isnan(passed.trials[1]), [[True, False, False]])
        averaged = compute(data, "time", skipnan=False, keeptrials=False)
        np.testing.assert_array_equal(np.isnan(averaged.data[()]), [[True, True, False]])


@pytest.mark.parametrize("name", NUMPY)
def test_repeated_trials_count_as_often_as_they_are_selected(spectra, name):
    got = getattr(spy, name)(spectra, "trials", select={"trials": [4, 0, 0]})
    trials = [spectra.trials[number] for number in (4, 0, 0)]
    np.testing.assert_allclose(got.data[()], NUMPY[name](trials, axis=0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NUMPY)
def test_channels_and_frequencies_can_be_selected(spectra, name):
    got = getattr(spy, name)(spectra, "trials", select={"channel": ["c", "a"], "frequency": [2.5, 7.5]})
    assert got.channel.tolist() == ["c", "a"]
    assert got.freq.tolist() == [2.5, 5, 7.5]
    trials = [trial[:, :, 1:4][..., [2, 0]] for trial in spectra.trials]
    np.testing.assert_allclose(got.data[()], NUMPY[name](trials, axis=0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", SPREADS)
def test_a_large_offset_costs_no_digits(name):
    """Sums of squares would have lost them."""
    noise = RNG.standard_normal((50, 20, 2))
    data = spy.AnalogData([*(noise + 1e8)], samplerate=10)
    got = getattr(spy, name)(data, "trials").data[()]
    np.testing.assert_allclose(got, NUMPY[name](noise, axis=0), rtol=1e-5)


def test_other_classes():
    values = RNG.standard_normal((6, 3, 4, 4))
    pairs = spy.CrossSpectralData(values, samplerate=1, trialdefinition=[[0, 2, 0], [2, 4, 0], [4, 6, 0]])
    got = spy.std(pairs, "channel_j")
    assert isinstance(got, spy.CrossSpectralData)
    assert got.channel_j.tolist() == ["std"]
    np.testing.assert_allclose(got.data[()], values.std(axis=3, keepdims=True))
    got = spy.median(pairs, "trials")
    np.testing.assert_allclose(got.data[()], np.median(values.reshape(3, 2, 3, 4, 4), axis=0))


def test_medians_of_trials_that_do_not_fit_together_are_taken_channel_by_channel():
    trials = [RNG.standard_normal((500, 16)).astype("f4") for _ in range(30)]
    data = spy.AnalogData(trials, samplerate=100)
    expected = np.median(trials, axis=0)
    for memory in ("2MB", "600kB"):
        with spy.options(memory=memory, workers=2):
            for parallel in (False, True):
                np.testing.assert_array_equal(spy.median(data, "trials", parallel=parallel).data[()], expected)
    with (
        spy.options(memory="50kB"),
        pytest.raises(spy.SPYError, match=r"all trials at once need .* of memory at least"),
    ):
        spy.median(data, "trials")


@pytest.mark.parametrize("name", NUMPY)
def test_mistakes(spectra, name):
    unequal = spy.AnalogData([np.ones((3, 1)), np.ones((4, 1))], samplerate=1)
    with pytest.raises(spy.SPYValueError, match="equal length"):
        getattr(spy, name)(unequal, "trials")
    with pytest.raises(spy.SPYValueError, match=r"dim.*'trials'"):
        getattr(spy, name)(spectra, "channel_i")
    with pytest.raises(spy.SPYTypeError, match="dim"):
        getattr(spy, name)(spectra)
    if name in SPREADS:
        with pytest.raises(spy.SPYValueError, match=r"ddof.*>= 0"):
            getattr(spy, name)(spectra, "trials", ddof=-1)


# -- inter-trial coherence ---------------------------------------------------------------------------------------


def test_itc_is_the_length_of_the_mean_phasor_averaged_over_tapers(complex_spectra):
    values = np.array(list(complex_spectra.trials))
    expected = np.abs((values / np.abs(values)).mean(axis=0)).mean(axis=1, keepdims=True)
    got = spy.itc(complex_spectra)
    assert got.data.dtype == np.float32
    np.testing.assert_allclose(got.data[()], expected, atol=1e-6)
    np.testing.assert_allclose(got.time[0], complex_spectra.time[0])
    np.testing.assert_array_equal(got.freq, complex_spectra.freq)
    assert len(got.taper) == 1
    assert "itc" in got.cfg
    part = spy.itc(complex_spectra, select={"trials": [1, 5], "channel": "b"})
    phasors = values[[1, 5], ..., [1]] / np.abs(values[[1, 5], ..., [1]])
    np.testing.assert_allclose(part.data[..., 0], np.abs(phasors.mean(axis=0)).mean(axis=1, keepdims=True), atol=1e-6)


def test_itc_of_phase_locked_and_of_free_signals():
    response = np.exp(-(((np.arange(200) - 60) / 4) ** 2))
    trials = [np.column_stack([response, 0 * response]) + 0.02 * RNG.standard_normal((200, 2)) for _ in range(100)]
    data = spy.AnalogData(trials, samplerate=200)
    for tapers in ({}, {"tapsmofrq": 4}):  # orthogonal tapers see a locked signal under different phases
        spectra = spy.freqanalysis(data, output="fourier", keeptapers=True, **tapers)
        locked, free = spy.itc(spectra).data[0, 0, 3:15].T
        assert locked.min() > 0.95
        assert free.max() < 0.3


def test_itc_of_one_trial_is_one_and_of_nothing_nan():
    values = np.ones((2, 1, 2, 1), "c8") * 1j
    values[0, 0, 1] = 0
    data = spy.SpectralData(values, samplerate=1, freq=[1, 2], trialdefinition=[[0, 1, 0], [1, 2, 0]])
    assert spy.itc(data, select={"trials": [1]}).data[()].ravel().tolist() == [1, 1]
    np.testing.assert_array_equal(spy.itc(data).data[()].ravel(), [1, np.nan])
    np.testing.assert_array_equal(spy.itc(data, skipnan=True).data[()].ravel(), [1, 1])


def test_itc_can_be_plotted(complex_spectra):
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot

    _, axes = spy.itc(complex_spectra).singlepanelplot(channel="a")
    assert axes is not None
    pyplot.close("all")


def test_itc_needs_complex_spectra(spectra):
    with pytest.raises(spy.SPYValueError, match=r"complex valued spectra.*fourier"):
        spy.itc(spectra)
    with pytest.raises(spy.SPYTypeError, match="SpectralData"):
        spy.itc(spy.AnalogData(np.ones((10, 1)), samplerate=1))


def test_fieldtrip_numbers(shared):
    """FieldTrip's error of a mean power by the jackknife is the standard error over trials."""
    (case,) = [each for each in oracle_cases(shared, "freqstat") if each["case"] == "descriptives_pow_jackknife"]
    with np.load(shared / "oracle" / "freqstat.npz") as file:
        power, error = (file[case["arrays"][name]["key"]].T for name in ("powspctrm", "powspctrmsem"))
    data = oracle_input(shared, "net")
    spectra = spy.freqanalysis(data, tapsmofrq=4, foilim=[5, 60], ft_compat=True)
    np.testing.assert_allclose(spy.mean(spectra, "trials").data[0, 0], power, rtol=1e-5)
    np.testing.assert_allclose(spy.sem(spectra, "trials").data[0, 0], error, rtol=1e-5)
