"""The jackknife of every measure: explicit leave-one-out, closed forms, files, FieldTrip's numbers."""

import numpy as np
import pytest

import syncopy as spy
from tests.methods.test_mtmfft import close, oracle_cases, oracle_input

RNG = np.random.default_rng(81)
TRIALS = 7


@pytest.fixture(scope="module")
def data():
    trials = []
    for _ in range(TRIALS):
        x = RNG.standard_normal((120, 3))
        x[1:, 1] += x[:-1, 0]
        trials.append(x)
    return spy.AnalogData(trials, samplerate=120, channel=["a", "b", "c"])


METHODS = {
    "coh": {"tapsmofrq": 4},
    "coh complex": {"output": "complex", "foilim": [10, 40]},
    "coh imag": {"output": "imag", "channelcmb": [["c"], ["a", "b"]]},
    "coh partial": {"tapsmofrq": 4, "partchannel": ["c"]},
    "csd": {"foilim": [10, 40]},
    "ppc": {"tapsmofrq": 4},
    "plv": {},
    "wpli": {"tapsmofrq": 4, "foilim": [10, 40]},
    "wpli_debiased": {"tapsmofrq": 4, "foilim": [10, 40]},
    "psi": {"tapsmofrq": 4},
    "powcorr": {},
    "powcorr_ortho": {"foilim": [10, 40]},
    "mic": {"tapsmofrq": 4, "groups": {"one": ["a", "b"], "two": ["c"]}, "foilim": [10, 40]},
    "granger": {"tapsmofrq": 8, "pad": 2.0},
    "granger pairs": {"tapsmofrq": 8, "pad": 2.0, "channelcmb": [["a"], ["b", "c"]]},
    "pdc": {"tapsmofrq": 8, "pad": 2.0},
    "corr": {"maxlag": 0.2},
}


@pytest.mark.parametrize("case", METHODS)
def test_explicit_leave_one_out(data, case):
    method, kwargs = case.partition(" ")[0], METHODS[case]
    got = spy.connectivityanalysis(data, method=method, jackknife=True, **kwargs)
    direct = spy.connectivityanalysis(data, method=method, **kwargs)
    np.testing.assert_array_equal(got.data[()], direct.data[()])
    replicates = np.array(
        [
            spy.connectivityanalysis(
                data,
                method=method,
                select={"trials": [other for other in range(TRIALS) if other != left_out]},
                **kwargs,
            ).data[()]
            for left_out in range(TRIALS)
        ]
    ).astype("c16" if direct.data.dtype.kind == "c" else "f8")
    mean = replicates.mean(axis=0)
    variance = (TRIALS - 1) * (np.abs(replicates - mean) ** 2).sum(axis=0)
    bias = (TRIALS - 1) * (mean - direct.data[()])
    assert got.jack_var.dtype == (np.float64 if method == "csd" else np.float32)
    assert got.jack_bias.dtype == got.data.dtype
    # replicates of a factorisation start from that of all trials, and stop elsewhere
    tolerance = 0.05 if method in ("granger", "pdc") else 1e-4
    close(got.jack_var[()], variance, tolerance)
    size = np.nanmax(np.abs(direct.data[()]))
    np.testing.assert_allclose(got.jack_bias[()], bias, atol=tolerance * size)
    np.testing.assert_allclose(got.jack_sem, np.sqrt(got.jack_var[()] / TRIALS))


def test_cross_spectra_of_data_in_tesla(data):
    scale = 2.0**-43
    small = spy.AnalogData([np.asarray(trial) * scale for trial in data.trials], samplerate=data.samplerate)
    got, expected = (spy.connectivityanalysis(one, method="csd", jackknife=True) for one in (small, data))
    np.testing.assert_allclose(got.jack_var[()] / scale**4, expected.jack_var[()], rtol=1e-6)
    np.testing.assert_allclose(got.jack_sem / scale**2, expected.jack_sem, rtol=1e-6)


def test_of_a_mean_it_is_the_variance_of_the_trials(data):
    got = spy.connectivityanalysis(data, method="csd", jackknife=True)
    trials = spy.connectivityanalysis(data, method="csd", keeptrials=True).data[()]
    close(got.jack_var[0], trials.var(axis=0, ddof=1))
    np.testing.assert_allclose(got.jack_bias[()], 0, atol=1e-5 * np.abs(got.data[()]).max())


def test_ppc_has_no_bias_and_coherence_of_noise_is_biased_upwards(data):
    ppc, coh = (spy.connectivityanalysis(data, method=method, jackknife=True) for method in ("ppc", "coh"))
    np.testing.assert_allclose(ppc.jack_bias[()], 0, atol=1e-6)
    corrected = coh.data[0, :, 0, 2] - coh.jack_bias[0, :, 0, 2]
    assert corrected[1:-1].mean() < coh.data[0, 1:-1, 0, 2].mean()


def test_angles_are_treated_as_angles():
    """Phases around pi: without that, replicates on either side of the cut would be far apart."""
    trials = []
    for _ in range(30):
        x = RNG.standard_normal(100)
        trials.append(np.column_stack([x, -x]) + 0.3 * RNG.standard_normal((100, 2)))
    data = spy.AnalogData(trials, samplerate=100)
    got = spy.connectivityanalysis(data, method="coh", output="angle", tapsmofrq=5, jackknife=True, foilim=[5, 45])
    angle = np.abs(got.data[0, :, 0, 1])
    assert angle.min() > 3
    assert (angle < np.pi - 1e-3).any()
    assert got.jack_sem[0, :, 0, 1].max() < 0.05
    assert np.abs(got.jack_bias[0, :, 0, 1]).max() < 0.05


def test_without_jackknife_there_are_no_such_attributes(data):
    got = spy.connectivityanalysis(data, method="coh")
    assert not any(hasattr(got, name) for name in ("jack_var", "jack_bias", "jack_sem"))


def test_files_keep_it(data, tmp_path):
    got = spy.connectivityanalysis(data, method="coh", output="complex", jackknife=True)
    got.save(filename=tmp_path / "result.crossspectral")
    back = spy.load(tmp_path / "result.crossspectral")
    for name in ("jack_var", "jack_bias"):
        np.testing.assert_array_equal(getattr(back, name)[()], getattr(got, name)[()])
    np.testing.assert_array_equal(back.jack_sem, got.jack_sem)
    assert sorted(back.datasets) == ["jack_bias", "jack_var"]
    copied = back.copy()
    np.testing.assert_array_equal(copied.jack_var[()], got.jack_var[()])


def test_tiles_and_threads_change_nothing(data):
    kwargs = {"method": "coh", "tapsmofrq": 4, "jackknife": True}
    whole = spy.connectivityanalysis(data, **kwargs)
    with spy.options(memory="150kB", workers=2):
        parts = [spy.connectivityanalysis(data, parallel=parallel, **kwargs) for parallel in (False, True)]
    for part in parts:
        for name in ("data", "jack_var", "jack_bias"):
            close(getattr(part, name)[()], getattr(whole, name)[()])
    np.testing.assert_array_equal(parts[0].jack_var[()], parts[1].jack_var[()])


def test_single_trials_have_no_jackknife(data):
    with pytest.warns(spy.SPYWarning, match="`jackknife` has no effect with keeptrials=True"):
        got = spy.connectivityanalysis(data, method="coh", tapsmofrq=4, keeptrials=True, jackknife=True)
    assert not hasattr(got, "jack_var")
    for method in ("csd", "corr"):
        with pytest.warns(spy.SPYWarning, match="`jackknife` has no effect"):
            spy.connectivityanalysis(data, method=method, keeptrials=True, jackknife=True)


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"method": "coh", "jackknife": 1}, spy.SPYTypeError, "jackknife.*True or False"),
        ({"method": "ppc", "select": {"trials": [0, 1]}}, spy.SPYValueError, "multi-trial input data, 3 trials"),
    ],
)
def test_mistakes(data, kwargs, error, text):
    with pytest.raises(error, match=text):
        spy.connectivityanalysis(data, **{"jackknife": True, **kwargs})


def test_fieldtrip_numbers(shared):
    """FieldTrip's estimate is the mean of the leave-one-out values, its error that of the mean."""
    data = oracle_input(shared, "net")
    spectra = spy.freqanalysis(data, tapsmofrq=4, output="fourier", keeptapers=True, foilim=[5, 100], ft_compat=True)
    checked = 0
    for case in oracle_cases(shared, "conn"):
        cfg = dict(case["cfg"])
        errors = [name for name in case["arrays"] if name.endswith("sem")]
        if not cfg.pop("jackknife", False) or not errors:
            continue
        got = spy.connectivityanalysis(spectra, jackknife=True, **cfg)
        with np.load(shared / "oracle" / "conn.npz") as file:
            error, estimate = (file[case["arrays"][name]["key"]] for name in (errors[0], errors[0].removesuffix("sem")))
        mean = got.data[0] + got.jack_bias[0] / 19
        values = [array.transpose(1, 2, 0) for array in (got.jack_sem[0], mean)]
        if "labelcmb" in case["meta"]:
            pairs = [[int(label[-1]) - 1 for label in pair] for pair in case["meta"]["labelcmb"]]
            values = [array[*np.transpose(pairs)] for array in values]
        used = np.s_[..., :-6] if cfg["method"] == "psi" else np.s_[...]  # FieldTrip leaves garbage in the last bins
        close(values[0][used], error[used], 1e-5)
        if cfg["method"] in ("coh", "psi"):  # of the others it returns the estimate of all trials
            close(values[1][used], estimate[used], 1e-5)
        checked += 1
    assert checked == 4
