"""Spectra of whole trials: real EEG against a plain loop, closed forms, FieldTrip's numbers, conventions."""

import json
import re

import numpy as np
import pytest
from scipy.signal import windows

import syncopy as spy

RNG = np.random.default_rng(11)


def signals(trials, samples, channels, fs=500.0, dtype="f4"):
    return spy.AnalogData(
        [RNG.standard_normal((samples, channels)).astype(dtype) for _ in range(trials)], samplerate=fs
    )


def plain_spectra(trial, tapers, padded=None):
    """One trial (time, channel), tapers of any scale: coefficients (taper, freq, channel) of unit-energy tapers."""
    x = trial.astype("f8") - trial.mean(axis=0, dtype="f8")
    rows = []
    for taper in tapers:
        w = taper / np.sqrt(np.sum(taper**2))
        rows.append(np.fft.rfft(w[:, None] * x, n=padded, axis=0) * np.sqrt(2 / len(x)))
    return np.array(rows)


def close(a, b, tolerance=1e-5):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * np.nanmax(np.abs(b)))


@pytest.fixture(scope="module")
def eeg(shared):
    return spy.load_ft_raw(shared / "recordings" / "eeg_visual_fieldtrip.mat")["data"]


def test_multitaper_power_of_real_eeg_equals_a_plain_loop(eeg):
    spec = spy.freqanalysis(eeg, method="mtmfft", tapsmofrq=2, keeptrials=False)
    length, fs = 384, 128.0
    nw = 2 * length / fs
    tapers = windows.dpss(length, nw, Kmax=int(2 * nw - 1))
    power = np.mean([np.mean(np.abs(plain_spectra(trial, tapers)) ** 2, axis=0) for trial in eeg.trials], axis=0)
    np.testing.assert_allclose(spec.freq, np.fft.rfftfreq(length, 1 / fs))
    close(spec.data[0, 0], power)
    np.testing.assert_array_equal(spec.channel, eeg.channel)


def test_occipital_alpha_peak_is_found(eeg):
    spec = spy.freqanalysis(eeg, method="mtmfft", tapsmofrq=1, foilim=[5, 30], keeptrials=False)
    occipital = spec.show(channel=["O1", "Oz", "O2"]).mean(axis=-1)
    assert 8 <= spec.freq[np.argmax(occipital)] <= 12
    alpha = spec.show(channel="Oz", frequency=[8, 12])
    assert isinstance(alpha, np.ndarray)
    assert alpha.shape == (np.sum((spec.freq >= 8) & (spec.freq <= 12)),)


@pytest.mark.parametrize("kwargs", [{"taper": "hann"}, {"taper": None}, {"taper": "flattop"}, {"tapsmofrq": 4}])
def test_sine_sums_to_half_its_squared_amplitude(kwargs):
    time = np.arange(1000) / 500
    wave = 3.0 * np.cos(2 * np.pi * 50 * time + 0.3)
    data = spy.AnalogData(wave[:, None].astype("f4"), samplerate=500)
    spec = spy.freqanalysis(data, method="mtmfft", **kwargs)
    assert spec.data[()].sum() == pytest.approx(4.5, rel=1e-4)


@pytest.mark.parametrize(
    "kwargs", [{"taper": "hann"}, {"taper": "tukey", "taper_opt": {"alpha": 0.3}}, {"tapsmofrq": 8}]
)
def test_white_noise_is_flat_and_sums_to_its_variance(kwargs):
    data = spy.AnalogData([2 * RNG.standard_normal((500, 8)) for _ in range(100)], samplerate=500)
    spec = spy.freqanalysis(data, method="mtmfft", keeptrials=False, polyremoval=None, **kwargs)
    power = spec.data[0, 0].mean(axis=-1)
    assert power[1:-1].sum() == pytest.approx(4, rel=0.03)
    flat = power[20:-20]
    assert flat.std() / flat.mean() < 0.1


@pytest.mark.parametrize("taper", ["hann", "boxcar", "hamming", "blackman", "bartlett", "cosine", None])
@pytest.mark.parametrize("pad", ["maxperlen", "nextpow2", 1.2])
def test_single_tapers_equal_scipy_windows(taper, pad):
    data = signals(3, 301, 4)
    padded = {"maxperlen": 301, "nextpow2": 512, 1.2: 600}[pad]
    spec = spy.freqanalysis(data, method="mtmfft", taper=taper, output="fourier", pad=pad)
    window = getattr(windows, taper or "boxcar")(301, sym=True)
    for number, trial in enumerate(data.trials):
        close(spec.data[number], plain_spectra(trial, [window], padded))
    assert spec.taper.tolist() == [str(taper)]


def test_trials_of_unequal_length_share_the_frequencies():
    trials = [RNG.standard_normal((n, 2)) for n in (300, 411, 300, 300, 277)]
    data = spy.AnalogData(trials, samplerate=500)
    spec = spy.freqanalysis(data, method="mtmfft", output="fourier", tapsmofrq=5, keeptapers=True)
    assert spec.data.shape[0] == 5
    count = spec.data.shape[1]
    mean_length = np.mean([len(t) for t in trials])
    assert count == int(2 * 5 * mean_length / 500 - 1)
    for number, trial in enumerate(trials):
        tapers = windows.dpss(len(trial), 5 * len(trial) / 500, Kmax=count)
        close(spec.data[number, :], plain_spectra(trial, tapers, 411))
    np.testing.assert_allclose([spec.time[k][0] for k in range(5)], -1)


CONVERSIONS = {
    "pow": lambda z: np.abs(z) ** 2,
    "abs": np.abs,
    "real": np.real,
    "imag": np.imag,
    "absreal": lambda z: np.abs(z.real),
    "absimag": lambda z: np.abs(z.imag),
    "complex": lambda z: z,
}


@pytest.mark.parametrize("output", CONVERSIONS)
@pytest.mark.parametrize("keeptapers", [True, False])
def test_outputs(output, keeptapers):
    data = signals(2, 200, 3)
    kwargs = {"tapsmofrq": 10} if keeptapers or output == "pow" else {}
    fourier = spy.freqanalysis(
        data, method="mtmfft", output="fourier", **kwargs, **({"keeptapers": True} if kwargs else {})
    )
    spec = spy.freqanalysis(data, method="mtmfft", output=output, keeptapers=keeptapers and bool(kwargs), **kwargs)
    expected = CONVERSIONS[output](fourier.data[()])
    if not keeptapers:
        expected = expected.mean(axis=1, keepdims=True)
    assert spec.data.dtype == ("c8" if output == "complex" else "f4")
    close(spec.data[()], expected)


def test_angle_is_the_phase_of_the_first_sample():
    time = np.arange(500) / 500
    data = spy.AnalogData(np.cos(2 * np.pi * 20 * time + 0.7)[:, None], samplerate=500)
    spec = spy.freqanalysis(data, method="mtmfft", taper=None, output="angle", foi=[20])
    assert spec.data[0, 0, 0, 0] == pytest.approx(0.7, abs=1e-5)


def test_foi_takes_the_nearest_bins_in_the_order_asked_for():
    data = signals(2, 100, 1, fs=500)
    assert spy.freqanalysis(data, method="mtmfft", foi=[11, 20.2, 11, 7]).freq.tolist() == [10, 20, 5]
    assert spy.freqanalysis(data, method="mtmfft", foi=(7.5,)).freq.tolist() == [10]  # a tie goes up
    assert spy.freqanalysis(data, method="mtmfft", foi=30).freq.tolist() == [30]
    with pytest.raises(spy.SPYValueError, match="`foi`: expected a number or a list"):
        spy.freqanalysis(data, method="mtmfft", foi=True)
    assert spy.freqanalysis(data, method="mtmfft", foilim=[9, 21]).freq.tolist() == [10, 15, 20]
    assert spy.freqanalysis(data, method="mtmfft", foilim=range(9, 22, 12)).freq.tolist() == [10, 15, 20]
    everything = spy.freqanalysis(data, method="mtmfft", foi="all")
    assert everything.freq[[0, -1]].tolist() == [0, 250]


def test_polyremoval_and_demean_taper():
    time = np.arange(400)[:, None]
    data = spy.AnalogData((5 + 0.1 * time + RNG.standard_normal((400, 2))).astype("f8"), samplerate=400)
    raw, mean, line = (spy.freqanalysis(data, method="mtmfft", polyremoval=order).data[0, 0] for order in (None, 0, 1))
    assert raw[0].min() > 100 * line[0].max()
    assert mean[1].min() > 10 * line[1].max()
    demeaned = spy.freqanalysis(data, method="mtmfft", demean_taper=True).data[0, 0]
    assert demeaned[0].max() < 1e-20


def test_integers_and_doubles():
    integers = spy.AnalogData(RNG.integers(-999, 999, (300, 2)).astype("i2"), samplerate=300)
    doubles = spy.AnalogData(integers.data[()].astype("f8"), samplerate=300)
    a, b = (spy.freqanalysis(d, method="mtmfft").data[()] for d in (integers, doubles))
    assert a.dtype == np.float32
    close(a, b)


def test_any_order_of_axes():
    data = signals(1, 200, 3)
    turned = spy.AnalogData(data.data[()].T.copy(), dimord=["channel", "time"], samplerate=500)
    a, b = (spy.freqanalysis(d, method="mtmfft", tapsmofrq=9).data[()] for d in (data, turned))
    np.testing.assert_array_equal(a, b)


def test_nan_stays_in_its_channel_and_trial_and_is_told():
    trials = [RNG.standard_normal((100, 3)) for _ in range(4)]
    trials[2][50, 1] = np.nan
    data = spy.AnalogData(trials, samplerate=100)
    with pytest.warns(spy.SPYWarning, match="1 trials hold NaN: 2"):
        spec = spy.freqanalysis(data, method="mtmfft", polyremoval=1)
    assert spec.info["nan_trials"] == [2]
    bad = np.isnan(spec.data[()])
    assert bad[2, :, :, 1].all()
    assert bad.sum() == bad[2, :, :, 1].size


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"tapsmofrq": -1.0}, spy.SPYValueError, r"tapsmofrq.*>= 0 Hz.*-1\.0"),
        ({"tapsmofrq": "4"}, spy.SPYTypeError, "tapsmofrq.*number.*str"),
        ({"taper": "hann-window"}, spy.SPYValueError, "taper.*hann"),
        ({"taper": "dpss"}, spy.SPYValueError, "tapsmofrq"),
        ({"taper": "hamming", "tapsmofrq": 3}, spy.SPYValueError, "taper"),
        ({"taper": "kaiser"}, spy.SPYValueError, "taper_opt.*beta"),
        ({"taper": "hann", "taper_opt": {}}, spy.SPYValueError, "taper_opt"),
        ({"foi": [10], "foilim": [5, 10]}, spy.SPYValueError, "foi/foilim"),
        ({"foilim": [5]}, spy.SPYValueError, "foilim"),
        ({"foilim": [1.2, 1.4]}, spy.SPYValueError, "foi/foilim.*holds one"),
        ({"foi": [300]}, spy.SPYValueError, "foi.*250"),
        ({"foi": "alpha"}, spy.SPYValueError, "foi"),
        ({"pad": 0.1}, spy.SPYValueError, "pad.*longest trial"),
        ({"pad": True}, spy.SPYValueError, "pad"),
        ({"polyremoval": 2}, spy.SPYValueError, "polyremoval"),
        ({"output": "power"}, spy.SPYValueError, "output.*'pow'"),
        ({"output": "fourier", "tapsmofrq": 5}, spy.SPYValueError, "keeptapers"),
        ({"keeptrials": 1}, spy.SPYTypeError, "keeptrials"),
        ({"tapsmofreq": 4}, spy.SPYValueError, "did you mean `tapsmofrq`"),
        ({"method": "mtmftt"}, spy.SPYValueError, "did you mean 'mtmfft'"),
        ({"select": {"latency": [7, 9]}}, spy.SPYValueError, "latency"),
        ({"select": {"channel": []}}, spy.SPYValueError, "channel.*empty"),
        ({"nTaper": 0, "tapsmofrq": 5}, spy.SPYValueError, "nTaper"),
        ({"nTaper": 501, "tapsmofrq": 5}, spy.SPYValueError, "nTaper.*no more than 500"),
    ],
)
def test_mistakes_are_explained_before_any_work(kwargs, error, text):
    data = signals(2, 500, 2)
    with pytest.raises(error, match=text) as caught:
        spy.freqanalysis(data, **kwargs)
    assert str(caught.value).startswith("freqanalysis(")
    assert data.selection is None


@pytest.mark.parametrize("taper", ["hann", "blackman", "bartlett"])
def test_two_samples_cannot_be_tapered_to_zero_at_both_ends(taper):
    data = spy.AnalogData([np.ones((2, 1)), np.ones((9, 1))], samplerate=10)
    with pytest.raises(spy.SPYValueError, match=r"taper.*zero end points"):
        spy.freqanalysis(data, taper=taper)
    assert np.isfinite(spy.freqanalysis(data, taper="hamming").data[()]).all()


def test_the_shortest_trial_limits_the_number_of_tapers():
    data = spy.AnalogData([np.zeros((1000, 1)), np.zeros((8, 1))], samplerate=500)
    with pytest.raises(spy.SPYValueError, match=r"tapsmofrq.*no more than 8 tapers.*9 tapers"):
        spy.freqanalysis(data, tapsmofrq=5)
    for ft_compat in (False, True):
        few = spy.freqanalysis(data, tapsmofrq=4, ft_compat=ft_compat)
        assert few.data.shape[0] == 2


def test_one_sample_has_power_at_zero_only():
    data = spy.AnalogData([np.full((1, 1), 3.0)], samplerate=500)
    spec = spy.freqanalysis(data, polyremoval=None)
    assert spec.freq.tolist() == [0]
    assert spec.data[0, 0, 0, 0] == pytest.approx(2 * 9)  # 0 Hz carries the factor 2 as well


def test_no_smoothing_is_the_least_there_is():
    data = signals(2, 500, 2)
    with pytest.warns(spy.SPYWarning, match="0 Hz becomes 1 Hz"):
        least = spy.freqanalysis(data, tapsmofrq=0)
    np.testing.assert_array_equal(least.data[()], spy.freqanalysis(data, tapsmofrq=1).data[()])


def test_a_parameter_without_effect_is_told():
    with pytest.warns(spy.SPYWarning, match="nTaper.*no effect"):
        spy.freqanalysis(signals(1, 100, 1), nTaper=3)


# -- FieldTrip's own numbers


def oracle_cases(shared, group):
    cases = json.loads((shared / "oracle" / "cases.json").read_text())["cases"]
    return [case for case in cases if case["group"] == group]


def oracle_input(shared, name, n_trials=None):
    with np.load(shared / "oracle" / "inputs.npz") as inputs:
        fs = float(inputs["fsample"])
        if name == "unequal":
            definition, values = inputs["unequal_trl"], inputs["unequal_data"].T
        else:
            trials = inputs[name]
            values = trials.transpose(0, 2, 1).reshape(-1, trials.shape[1])
            starts = 500.0 * np.arange(len(trials))
            definition = np.column_stack([starts, starts + 500, np.full(len(trials), -100)])
        channel = inputs["channel"].tolist()
    data = spy.AnalogData(np.ascontiguousarray(values), samplerate=fs, channel=channel)
    data.trialdefinition = definition[:n_trials]
    return data


def test_fieldtrip_numbers(shared):
    checked = 0
    for case in oracle_cases(shared, "mtmfft"):
        cfg = dict(case["cfg"])
        if "mtmadapt" in cfg or cfg["output"] == "powandcsd" or case["id"] == "mtmfft/fourier_dpss4_unequal":
            continue  # adaptive weights are not offered; the csd is a connectivity method; tapers differ in number
        taper = cfg.pop("taper")
        if taper != "dpss":
            cfg["taper"] = taper
        if cfg.get("polyremoval") == -1:
            cfg["polyremoval"] = None
        cfg.setdefault("keeptrials", "yes" if cfg["output"] == "fourier" else "no")
        cfg["keeptapers"] = cfg["output"] == "fourier"
        with np.load(shared / "oracle" / case["file"]) as file:
            wanted = {name: file[entry["key"]] for name, entry in case["arrays"].items()}
        few = re.fullmatch(r"input trials ([\d,]+)", case.get("note") or "")
        data = oracle_input(shared, case["input"], len(few[1].split(",")) if few else None)
        spec = spy.freqanalysis(spy.StructDict(cfg), data, ft_compat=True)
        np.testing.assert_allclose(spec.freq, wanted["freq"], atol=1e-9, err_msg=case["id"])
        if cfg["output"] == "fourier":
            got = spec.data[()].reshape(-1, len(spec.freq), 4).transpose(0, 2, 1)
            expected = wanted["fourierspctrm"]
        else:
            got = spec.data[:, 0].transpose(0, 2, 1).reshape(wanted["powspctrm"].shape)
            expected = wanted["powspctrm"]
        # results are stored in single precision
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=3e-7 * np.abs(expected).max(), err_msg=case["id"])
        checked += 1
    assert checked == 19
