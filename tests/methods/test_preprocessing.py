"""Preprocessing against SciPy and plain NumPy; every step, their order, mistakes."""

import numpy as np
import pytest
from scipy import signal

import syncopy as spy
from syncopy.engine import execute

RNG = np.random.default_rng(2)
FS = 500.0


@pytest.fixture
def data():
    trials = [(RNG.standard_normal((n, 3)) + 5).astype("f4") for n in (600, 600, 480)]
    return spy.AnalogData(trials, samplerate=FS, channel=["a", "b", "c"])


def check(result, expected, tolerance=2e-6):
    """Trials of a result against arrays; single precision, relative to the largest number."""
    assert result.data.dtype == (np.complex64 if np.iscomplexobj(expected[0]) else np.float32)
    for number, values in enumerate(expected):
        np.testing.assert_allclose(result.trials[number], values, rtol=0, atol=tolerance * np.abs(values).max())


@pytest.mark.parametrize("direction", ["twopass", "onepass"])
@pytest.mark.parametrize(
    ("kind", "freq", "scipy_kind"),
    [("lp", 40, "lowpass"), ("hp", 10.5, "highpass"), ("bp", [10, 45], "bandpass"), ("bs", (48, 52), "bandstop")],
)
@pytest.mark.parametrize("order", [None, 6])
def test_butterworth_is_scipys(data, kind, freq, scipy_kind, direction, order):
    got = spy.preprocessing(data, filter_class="but", filter_type=kind, freq=freq, direction=direction, order=order)
    sos = signal.butter(order or 4, freq, scipy_kind, fs=FS, output="sos")
    run = signal.sosfiltfilt if direction == "twopass" else signal.sosfilt
    check(got, [run(sos, trial.astype("f8"), axis=0) for trial in data.trials])
    np.testing.assert_array_equal(got.trialdefinition, data.trialdefinition)
    assert got.channel.tolist() == ["a", "b", "c"]


def plain_sinc(trial, taps, passes):
    for _ in range(passes):
        trial = np.column_stack([np.convolve(column, taps, "same") for column in trial.T])
    return trial


@pytest.mark.parametrize(("direction", "passes"), [("onepass", 1), ("twopass", 2), (None, 1)])
def test_windowed_sinc_is_a_convolution(data, direction, passes):
    got = spy.preprocessing(data, filter_class="firws", freq=60, order=99, window="hann", direction=direction)
    lags = np.arange(-50, 51)
    taps = np.sinc(2 * 60 / FS * lags) * np.hanning(101)
    check(got, [plain_sinc(trial.astype("f8"), taps / taps.sum(), passes) for trial in data.trials], 1e-5)


def test_default_order_of_firws_is_the_shortest_trial(data):
    a = spy.preprocessing(data, filter_class="firws", freq=60)
    b = spy.preprocessing(data, filter_class="firws", freq=60, order=480)
    np.testing.assert_array_equal(a.data[()], b.data[()])


def test_minimum_phase_is_causal():
    impulse = np.zeros((1000, 1), "f4")
    impulse[400] = 1
    got = spy.preprocessing(
        spy.AnalogData(impulse, samplerate=FS), filter_class="firws", freq=50, order=200, direction="onepass-minphase"
    )
    response = got.data[:, 0]
    assert np.abs(response[:400]).max() < 1e-4 * np.abs(response).max()
    assert 400 <= np.argmax(np.abs(response)) < 420


def test_edges_of_firws():
    constant = spy.AnalogData(np.ones((400, 1), "f4"), samplerate=FS)
    zero, edge = (
        spy.preprocessing(constant, filter_class="firws", freq=20, order=100, padtype=padtype).data[:, 0]
        for padtype in ("zero", "edge")
    )
    assert zero[0] < 0.6
    np.testing.assert_allclose(edge, 1, atol=1e-5)


def test_detrending_and_scores(data):
    trials = [trial.astype("f8") for trial in data.trials]
    check(spy.preprocessing(data, filter_class=None, polyremoval=0), [t - t.mean(axis=0) for t in trials])
    check(spy.preprocessing(data, filter_class=None, polyremoval=1), [signal.detrend(t, axis=0) for t in trials], 1e-5)
    check(spy.preprocessing(data, filter_class=None, zscore=True), [(t - t.mean(0)) / t.std(0) for t in trials], 1e-5)
    filtered = spy.preprocessing(data, freq=40, polyremoval=0)
    sos = signal.butter(4, 40, fs=FS, output="sos")
    check(filtered, [signal.sosfiltfilt(sos, t - t.mean(axis=0), axis=0) for t in trials], 1e-5)


@pytest.mark.parametrize("output", ["abs", "complex", "real", "imag", "absreal", "absimag", "angle"])
def test_hilbert(data, output):
    convert = {
        "abs": np.abs, "complex": np.asarray, "real": np.real, "imag": np.imag, "angle": np.angle,
        "absreal": lambda z: np.abs(z.real), "absimag": lambda z: np.abs(z.imag),
    }  # fmt: skip
    got = spy.preprocessing(data, filter_class=None, hilbert=output)
    check(got, [convert[output](signal.hilbert(trial.astype("f8"), axis=0)) for trial in data.trials], 1e-5)


def test_rectify_after_the_filter(data):
    plain = spy.preprocessing(data, filter_type="hp", freq=20)
    rectified = spy.preprocessing(data, filter_type="hp", freq=20, rectify=True)
    np.testing.assert_array_equal(rectified.data[()], np.abs(plain.data[()]))


def test_steps_together_are_the_steps_one_after_the_other_in_one_file(data, monkeypatch):
    steps = [
        {"filter_class": None, "reref": True, "refmethod": "median"},
        {"freq": [5, 60], "filter_type": "bp", "polyremoval": 1},
        {"filter_class": None, "dftfilter": True},
        {"filter_class": None, "baselinewindow": [-0.9, -0.5]},
        {"filter_class": None, "hilbert": "abs"},
    ]
    single = data
    for step in steps:
        single = spy.preprocessing(single, **step)
    files = []
    make = execute.ScratchFile
    monkeypatch.setattr(execute, "ScratchFile", lambda suffix: files.append(suffix) or make(suffix))
    merged = {name: value for step in steps for name, value in step.items()}
    together = spy.preprocessing(data, **merged | {"filter_class": "but"})
    assert files == [".analog"]
    check(together, [trial[()] for trial in single.trials], 1e-5)
    assert together.samplerate == data.samplerate


def test_references(data):
    trials = [trial.astype("f8") for trial in data.trials]
    average = spy.preprocessing(data, filter_class=None, reref=True)
    check(average, [t - t.mean(axis=1, keepdims=True) for t in trials], 1e-5)
    median = spy.preprocessing(data, filter_class=None, reref="yes", refmethod="median", refchannel=["a", "c", "b"])
    check(median, [t - np.median(t, axis=1, keepdims=True) for t in trials], 1e-5)
    one = spy.preprocessing(data, filter_class=None, reref=True, refchannel="c")
    check(one, [t - t[:, [2]] for t in trials], 1e-5)
    pairs = spy.preprocessing(data, filter_class=None, reref=True, refmethod="bipolar", refchannel=["c", "a", "b"])
    check(pairs, [np.column_stack([t[:, 2] - t[:, 0], t[:, 0] - t[:, 1]]) for t in trials], 1e-5)
    assert pairs.channel.tolist() == ["c-a", "a-b"]


def test_line_noise_goes_and_the_rest_stays():
    time = np.arange(1000) / FS
    brain = RNG.standard_normal((1000, 2))
    hum = 30 * np.cos(2 * np.pi * 50 * time + 1)[:, None] + 8 * np.sin(2 * np.pi * 100 * time)[:, None]
    got = spy.preprocessing(
        spy.AnalogData(brain + hum, samplerate=FS), filter_class=None, dftfilter=True, dftfreq=[50, 100]
    )
    assert np.abs(got.data[()] - brain).max() < 0.4


def test_a_single_frequency_of_line_noise():
    data = spy.AnalogData(RNG.standard_normal((1000, 2)), samplerate=FS)
    one, listed = (spy.preprocessing(data, filter_class=None, dftfilter=True, dftfreq=freq) for freq in (50, [50.0]))
    np.testing.assert_array_equal(one.data[()], listed.data[()])
    assert np.abs(one.data[()] - data.data[()]).max() > 1e-3
    with pytest.raises(spy.SPYTypeError, match="dftfreq"):
        spy.preprocessing(data, filter_class=None, dftfilter=True, dftfreq=True)


def test_baseline_lies_relative_to_zero_time():
    trials = np.array([[0, 200, -50], [200, 400, -80]])
    data = spy.AnalogData(RNG.standard_normal((400, 2)) + 3, samplerate=100, trialdefinition=trials)
    got = spy.preprocessing(data, filter_class=None, baselinewindow=[-0.5, -0.1])
    for number in range(2):
        time, values = data.time[number], data.trials[number]
        window = (time >= -0.5 - 1e-9) & (time <= -0.1 + 1e-9)
        np.testing.assert_allclose(got.trials[number], values - values[window].mean(axis=0), atol=1e-5)


def test_a_band_pass_finds_the_rhythm_it_is_meant_for(shared):
    eeg = spy.load_ft_raw(shared / "recordings" / "eeg_visual_fieldtrip.mat")["data"]
    clean = spy.preprocessing(eeg, filter_class="but", filter_type="bp", freq=[1, 45])
    before, after = (spy.freqanalysis(d, keeptrials=False, taper="hann").data[0, 0] for d in (eeg, clean))
    freqs = np.fft.rfftfreq(384, 1 / 128)
    inside = (freqs > 4) & (freqs < 30)
    np.testing.assert_allclose(after[inside], before[inside], rtol=0.1)
    assert (after[freqs > 62] < 1e-3 * before[freqs > 62].max()).all()


def test_nan_is_told_and_listed(data):
    trials = [np.array(trial) for trial in data.trials]
    trials[1][300, 2] = np.nan
    holed = spy.AnalogData(trials, samplerate=FS)
    with pytest.warns(spy.SPYWarning, match="1 trials hold NaN: 1"):
        got = spy.preprocessing(holed, filter_class="firws", freq=40, order=20, direction="onepass")
    assert got.info["nan_trials"] == [1]
    lost = np.isnan(got.trials[1])
    assert lost[290:311, 2].all()
    assert lost.sum() == 21


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"filter_class": "cheby", "freq": 4}, spy.SPYValueError, "filter_class"),
        ({"filter_type": "lowpass", "freq": 4}, spy.SPYValueError, "filter_type"),
        ({}, spy.SPYTypeError, "freq.*one frequency"),
        ({"freq": [4, 5]}, spy.SPYTypeError, "freq"),
        ({"filter_type": "bp", "freq": 4}, spy.SPYTypeError, r"freq.*\[low, high\]"),
        ({"filter_type": "bp", "freq": [4, 4]}, spy.SPYValueError, "freq.*different"),
        ({"freq": 300}, spy.SPYValueError, "freq.*250"),
        ({"freq": 0}, spy.SPYValueError, "freq"),
        ({"freq": 40, "order": -2}, spy.SPYValueError, "order"),
        ({"freq": 40, "order": 2.5}, spy.SPYValueError, "order"),
        ({"filter_class": None}, spy.SPYValueError, "step"),
        ({"freq": 40, "rectify": True, "hilbert": "abs"}, spy.SPYValueError, "rectify/hilbert"),
        ({"freq": 40, "hilbert": "pow"}, spy.SPYValueError, "hilbert"),
        ({"freq": 40, "rectify": "maybe"}, spy.SPYTypeError, "rectify"),
        ({"freq": 40, "window": "hann"}, spy.SPYValueError, "window"),
        ({"freq": 40, "direction": "onepass-minphase"}, spy.SPYValueError, "direction"),
        ({"filter_class": "firws", "freq": 40, "window": None}, spy.SPYValueError, "window"),
        ({"freq": 40, "select": {"latency": [-1, -0.98]}}, spy.SPYValueError, "longer than"),
        ({"freq": 40, "baselinewindow": [3, 4]}, spy.SPYValueError, "baselinewindow"),
        ({"filter_class": None, "reref": True, "refchannel": "z"}, spy.SPYValueError, "refchannel"),
        ({"freq": 40, "filterclass": "but"}, spy.SPYValueError, "did you mean `filter_class`"),
    ],
)
def test_mistakes(data, kwargs, error, text):
    with pytest.raises(error, match=text) as caught:
        spy.preprocessing(data, **kwargs)
    assert str(caught.value).startswith("preprocessing()")
