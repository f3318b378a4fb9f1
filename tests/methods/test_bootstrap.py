"""Bootstrap of statistics and of connectivity: explicit resampling, known truth, memory, files."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.kernels.bootstrap import bootstrap_interval, draw_trials
from syncopy.synthdata import ar_coherence, ar_network

RNG = np.random.default_rng(77)
PAIR = np.array([[[0.5, 0], [0.4, 0.3]], [[-0.7, 0], [0, -0.5]]])
NAMES = ("boot_low", "boot_high", "boot_sem")


@pytest.fixture(scope="module")
def data():
    """Three channels, 12 trials."""
    trials = [RNG.standard_normal((50, 3)) + np.arange(3) for _ in range(12)]
    trials = [np.column_stack([each, each[:, 0] + RNG.standard_normal(50)]) for each in trials]
    return spy.AnalogData(trials, samplerate=100)


def resampled(call, data, seed=0, count=25):
    """What a call gives for every draw of trials, selected one by one, and for all trials."""
    draws = draw_trials(len(data.trials), count, seed)
    return np.array([call(data, select={"trials": draw.tolist()}).data[()] for draw in draws]), call(data).data[()]


def check(got, replicates, direct, confidence=0.95, atol=1e-5):
    low, high = bootstrap_interval(replicates, direct, confidence)
    for name, expected in zip(NAMES, (low, high, replicates.std(axis=0, ddof=1)), strict=True):
        np.testing.assert_allclose(getattr(got, name)[()], expected, atol=atol, err_msg=name)


@pytest.mark.parametrize(
    ("verb", "parameters"),
    [
        (spy.mean, {"dim": "trials"}),
        (spy.var, {"dim": "trials", "ddof": 1}),
        (spy.std, {"dim": "trials"}),
        (spy.sem, {"dim": "trials"}),
        (spy.median, {"dim": "trials"}),
        (spy.mean, {"dim": "time", "keeptrials": False}),
        (spy.median, {"dim": "channel", "keeptrials": False}),
    ],
)
def test_statistics(data, verb, parameters):
    got = verb(data, **parameters, bootstrap=25)
    replicates, direct = resampled(lambda each, **select: verb(each, **parameters, **select), data)
    np.testing.assert_allclose(got.data[()], direct, rtol=1e-12)
    check(got, replicates, direct, atol=1e-9)
    assert got.info["boot_resamples"] == 25


@pytest.mark.parametrize(
    "parameters",
    [
        {"method": "coh", "output": "pow"},
        {"method": "coh", "channelcmb": [[2], [0, 3]]},
        {"method": "coh", "channelcmb": [[0, 1], [2, 1], [3, 0]]},
        {"method": "ppc"},
        {"method": "wpli_debiased"},
        {"method": "psi"},
        {"method": "powcorr"},
        {"method": "mim"},
        {"method": "granger", "sfmethod": "bivariate"},
        {"method": "corr", "maxlag": 0.05, "negativelags": True},
    ],
    ids=lambda parameters: "-".join(map(str, parameters.values())),
)
@pytest.mark.filterwarnings("ignore::syncopy.errors.SPYWarning")  # few trials, drawn repeatedly, converge badly
def test_measures(data, parameters):
    spectra = {} if parameters["method"] == "corr" else {"tapsmofrq": 6, "pad": "nextpow2"}

    def call(each, **more):
        return spy.connectivityanalysis(each, **parameters, **spectra, **more)

    got = call(data, bootstrap=25, confidence=0.8, seed=5)
    replicates, direct = resampled(call, data, seed=5)
    np.testing.assert_allclose(got.data[()], direct, atol=1e-6)
    check(got, replicates, direct, 0.8, atol=2e-3 if parameters["method"] == "granger" else 2e-5)


def test_inter_trial_coherence(data):
    spectra = spy.freqanalysis(data, output="fourier", tapsmofrq=6, keeptapers=True)
    got = spy.itc(spectra, bootstrap=25)
    check(got, *resampled(spy.itc, spectra))


def averages(data, **keywords):
    """Averages of trials as data."""
    return spy.timelockanalysis(data, keeptrials=False, **keywords).avg[()]


def test_averages_beside_kept_trials(data):
    got = spy.timelockanalysis(data, bootstrap=25, covariance=True)
    draws = draw_trials(12, 25, 0)
    check(got, np.array([averages(data, trials=draw.tolist()) for draw in draws]), averages(data), atol=1e-9)
    np.testing.assert_array_equal(got.avg, averages(data))
    assert (len(got.trials), got.cov.shape, got.info["boot_confidence"]) == (12, (4, 4), 0.95)
    before = spy.options.memory
    spy.options.memory = "100kB"
    try:
        few_channels = spy.timelockanalysis(data, bootstrap=25)
    finally:
        spy.options.memory = before
    for name in NAMES:
        np.testing.assert_allclose(getattr(few_channels, name)[()], getattr(got, name)[()], atol=1e-12)


def test_averages_of_whole_numbers_and_of_trials_that_miss_samples():
    whole = spy.AnalogData([RNG.integers(-9, 9, (20, 2)) for _ in range(6)], samplerate=10)
    mean = spy.mean(whole, dim="trials", bootstrap=20)
    got = spy.timelockanalysis(whole, bootstrap=20)
    # one of the trials ends earlier
    definition = whole.trialdefinition
    definition[2, 1] -= 5
    whole.trialdefinition = definition
    padded = spy.timelockanalysis(whole, vartrllength=2, bootstrap=20)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(got, name), getattr(mean, name))
        np.testing.assert_array_equal(padded.datasets[name][:15], got.datasets[name][:15])
    sample = np.array([trial[17] for trial in padded.trials])
    replicates = np.array([np.nanmean(sample[draw], axis=0) for draw in draw_trials(6, 20, 0)])
    np.testing.assert_allclose(padded.boot_sem[17], replicates.std(axis=0, ddof=1))


def test_angles_are_treated_as_angles():
    """Phases near the cut at pi have a narrow interval."""
    trials = []
    for _ in range(30):
        x = RNG.standard_normal(200)
        trials.append(np.column_stack([x, -x + 0.3 * RNG.standard_normal(200)]))
    got = spy.connectivityanalysis(
        spy.AnalogData(trials, samplerate=200), method="coh", output="angle", foilim=[20, 80], bootstrap=50
    )
    width = got.boot_high[0, :, 0, 1] - got.boot_low[0, :, 0, 1]
    assert (width > 0).all()
    assert (width < 1).all()
    assert (got.boot_sem[0, :, 0, 1] < 0.3).all()


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Coherence of a known network: the plain percentile interval would be too high."""
    inside, freqs = [], None
    for seed in range(12):
        known = ar_network(PAIR, nSamples=200, seed=seed, nTrials=40, samplerate=200)
        got = spy.connectivityanalysis(known, method="coh", tapsmofrq=3, bootstrap=200, confidence=0.9)
        freqs = got.freq if freqs is None else freqs
        truth = np.abs(ar_coherence(PAIR, None, freqs, 200))[5:-5, 0, 1]
        inside.append((got.boot_low[0, 5:-5, 0, 1] <= truth) & (truth <= got.boot_high[0, 5:-5, 0, 1]))
    assert 0.84 < np.mean(inside) < 0.95
    np.testing.assert_allclose(np.einsum("fii->fi", got.boot_low[0]), 1, atol=1e-6)


def test_standard_errors_agree_with_jackknife_and_formula():
    known = ar_network(PAIR, nSamples=200, seed=1, nTrials=60, samplerate=200)
    boot, jack = (
        spy.connectivityanalysis(known, method="coh", tapsmofrq=3, **way)
        for way in ({"bootstrap": 200}, {"jackknife": True})
    )
    ratio = boot.boot_sem[0, 5:-5, 0, 1] / jack.jack_sem[0, 5:-5, 0, 1]
    assert ratio.mean() == pytest.approx(1, abs=0.1)
    ratio = spy.mean(known, dim="trials", bootstrap=200).boot_sem[()] / spy.sem(known, dim="trials").data[()]
    assert ratio.mean() == pytest.approx(1, abs=0.03)


def test_neither_memory_nor_executor_change_anything(data):
    parameters = {"method": "coh", "tapsmofrq": 6, "bootstrap": 30}
    whole = spy.connectivityanalysis(data, **parameters)
    import syncopy.methods.stats.bootstrap as module

    old, module._REPLICATE_BYTES = module._REPLICATE_BYTES, 2000
    try:
        row_by_row = spy.connectivityanalysis(data, parallel=True, **parameters)
    finally:
        module._REPLICATE_BYTES = old
    many = spy.AnalogData([RNG.standard_normal((400, 16)) for _ in range(10)], samplerate=100)
    large = spy.connectivityanalysis(many, method="ppc", bootstrap=30)
    before = spy.options.memory
    spy.options.memory = "12MB"
    try:
        tiles = spy.connectivityanalysis(many, method="ppc", bootstrap=30)
    finally:
        spy.options.memory = before
    for name in NAMES:
        np.testing.assert_allclose(getattr(row_by_row, name)[()], getattr(whole, name)[()], atol=1e-6)
        np.testing.assert_allclose(getattr(tiles, name)[()], getattr(large, name)[()], atol=1e-6)


def test_several_measures_at_once(data):
    both = spy.connectivityanalysis(data, method=["coh", "ppc"], tapsmofrq=6, bootstrap=20)
    for method in ("coh", "ppc"):
        alone = spy.connectivityanalysis(data, method=method, tapsmofrq=6, bootstrap=20)
        np.testing.assert_array_equal(both[method].boot_low[()], alone.boot_low[()])


def test_seeds_history_and_files(data, tmp_path):
    got = spy.connectivityanalysis(data, method="plv", bootstrap=20, seed=None)
    other = spy.connectivityanalysis(data, method="plv", bootstrap=20, seed=None)
    assert not np.array_equal(got.boot_low[()], other.boot_low[()])
    fixed = spy.connectivityanalysis(data, method="plv", bootstrap=20)
    again = spy.connectivityanalysis(data, fixed.cfg)
    np.testing.assert_array_equal(again.boot_high[()], fixed.boot_high[()])
    fixed.save(filename=tmp_path / "plv")
    loaded = spy.load(tmp_path / "plv.crossspectral")
    for name in NAMES:
        np.testing.assert_array_equal(getattr(loaded, name)[()], getattr(fixed, name)[()])
    assert not hasattr(spy.connectivityanalysis(data, method="plv"), "boot_low")


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ({"method": "coh", "bootstrap": 20, "jackknife": True}, spy.SPYValueError, "either `jackknife` or `bootstrap`"),
        ({"method": "coh", "bootstrap": 1}, spy.SPYValueError, "2 and more"),
        ({"method": "coh", "bootstrap": -3}, spy.SPYValueError, "bootstrap"),
        ({"method": "coh", "bootstrap": 20, "confidence": 95}, spy.SPYValueError, "confidence"),
        ({"method": "csd", "bootstrap": 20}, spy.SPYValueError, "bootstrap.*a real quantity.*complex64"),
        ({"method": "coh", "output": "complex", "bootstrap": 20}, spy.SPYValueError, "a real quantity"),
        ({"method": "corr", "bootstrap": 20, "select": {"trials": [0]}}, spy.SPYValueError, "two trials"),
    ],
)
def test_mistakes(data, parameters, error, text):
    with pytest.raises(error, match=text):
        spy.connectivityanalysis(data, **parameters)


def test_without_effect(data):
    with pytest.warns(spy.SPYWarning, match="`bootstrap` has no effect with keeptrials=True"):
        spy.connectivityanalysis(data, method="coh", tapsmofrq=6, keeptrials=True, bootstrap=20)
    with pytest.warns(spy.SPYWarning, match="`bootstrap` has no effect"):
        spy.mean(data, dim="channel", bootstrap=20)
