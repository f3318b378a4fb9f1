"""Sliding windows against a loop over windows in double precision, SciPy, closed forms, and FieldTrip."""

import numpy as np
import pytest
from scipy import signal
from scipy.signal import windows

import syncopy as spy
from tests.methods.fieldtrip import FS, assert_power, oracle, recording

RNG = np.random.default_rng(5)


def signals(lengths=(300, 300, 300), channels=2, fs=500.0, offset=-100, dtype="f4"):
    """Trials with gaps between them, trialinfo, and an offset."""
    starts = np.cumsum([17, *(n + 11 for n in lengths[:-1])])
    values = RNG.standard_normal((starts[-1] + lengths[-1] + 5, channels)).astype(dtype)
    rows = [[start, start + n, offset, 7 + k] for k, (start, n) in enumerate(zip(starts, lengths, strict=True))]
    return spy.AnalogData(values, samplerate=fs, trialdefinition=rows)


def plain(trial, centres, window, tapers, freqs, fs, polyremoval=0):
    """Coefficients (time, taper, freq, channel) of windows around samples, zeros outside the trial, in a loop."""
    waves = np.exp(-2j * np.pi * np.multiply.outer(freqs, np.arange(window)) / fs)
    result = np.empty((len(centres), len(tapers), len(freqs), trial.shape[1]), complex)
    padded = np.pad(trial.astype("f8"), ((window, window), (0, 0)))
    for j, centre in enumerate(centres):
        start = centre - window // 2 + window
        piece = padded[start : start + window]
        if polyremoval is not None:
            piece = signal.detrend(piece, axis=0, type=["constant", "linear"][polyremoval])
        for k, taper in enumerate(tapers):
            w = taper / np.linalg.norm(taper)
            result[j, k] = np.sqrt(2 / window) * waves @ (w[:, None] * piece)
    return result


def close(got, expected, tolerance=1e-5):
    assert got.dtype in ("f4", "c8")
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.nanmax(np.abs(expected)))


def analyse(data, **kwargs):
    return spy.freqanalysis(data, method="mtmconvol", **kwargs)


# -- windows, times


@pytest.mark.parametrize("seconds", [0.1, 0.102])  # 50 and 51 samples
@pytest.mark.parametrize("polyremoval", [None, 0, 1])
def test_all_samples(seconds, polyremoval):
    data, window = signals(), round(seconds * 500)
    spec = analyse(data, t_ftimwin=seconds, output="fourier", polyremoval=polyremoval)
    freqs = np.fft.rfftfreq(window, 1 / 500)
    np.testing.assert_allclose(spec.freq, freqs)
    assert spec.taper.tolist() == ["hann"]
    for number, trial in enumerate(data.trials):
        expected = plain(trial, np.arange(300), window, [windows.hann(window)], freqs, 500, polyremoval)
        close(spec.trials[number], expected)
        np.testing.assert_allclose(spec.time[number], data.time[number])
    assert spec.samplerate == 500
    np.testing.assert_array_equal(spec.trialinfo, data.trialinfo)
    np.testing.assert_array_equal(spec.sampleinfo[:, 0], [0, 300, 600])


@pytest.mark.parametrize(("toi", "step"), [(0, 67), (0.5, 34), (0.8, 14), (1, 1), ("50%", 34)])
def test_overlap_has_exact_times_whatever_the_lengths_of_trials(toi, step):
    data = signals((300, 411, 268, 300))
    spec = analyse(data, t_ftimwin=0.134, toi=toi, foilim=[20, 90])
    assert spec.samplerate == 500 / step
    for number, trial in enumerate(data.trials):
        centres = np.arange(0, len(trial), step)
        power = np.abs(plain(trial, centres, 67, [windows.hann(67)], spec.freq, 500)) ** 2
        close(spec.trials[number], power)
        np.testing.assert_allclose(spec.time[number], data.time[number][::step], atol=1e-12)
    np.testing.assert_array_equal(spec.trialinfo, data.trialinfo)


@pytest.mark.parametrize(
    "toi",
    [
        [0.0, 0.1, 0.2],
        np.arange(-0.1, 0.3, 0.03),  # 0.3 * 500 is 149.99999999999997
        [-0.2, 0.0, 0.2],  # windows leave the trial
        np.arange(0, 100) / 500,
        (0.1, 0.3),
        [0.25],
    ],
    ids=str,
)
def test_equidistant_times(toi):
    data = signals()
    spec = analyse(data, t_ftimwin=0.1, toi=toi, foi=[20, 40])
    centres = np.round(np.array(toi) * 500).astype(int) + 100
    for number, trial in enumerate(data.trials):
        np.testing.assert_allclose(spec.time[number], toi, atol=1e-9)
        power = np.abs(plain(trial, centres, 50, [windows.hann(50)], spec.freq, 500)) ** 2
        close(spec.trials[number], power)
    assert "toi" not in spec.info


def test_times_between_samples_are_told_as_what_they_are():
    data = signals()
    shifted = analyse(data, t_ftimwin=0.1, toi=[0.1007, 0.1207, 0.1407])
    np.testing.assert_allclose(shifted.time[0], [0.1, 0.12, 0.14])
    dense = analyse(data, t_ftimwin=0.1, toi=np.linspace(0, 0.1, 21))  # every 2.5 samples
    nearest = dense.time[0]
    np.testing.assert_allclose(nearest * 500, np.rint(nearest * 500))
    assert 0.0005 < np.abs(nearest - np.linspace(0, 0.1, 21)).max() <= 0.001 + 1e-9
    np.testing.assert_array_equal(dense.info["toi"], nearest)
    twice = analyse(data, t_ftimwin=0.1, toi=[0.1, 0.1001, 0.1002])  # one sample, whatever was asked for
    np.testing.assert_allclose(twice.time[0], [0.1, 0.1, 0.1])


def test_irregular_times_are_computed_and_told():
    data, toi = signals(), [-0.1, 0.0, 0.02, 0.3]
    with pytest.warns(spy.SPYWarning, match="not equidistant.*info"):
        spec = analyse(data, t_ftimwin=0.1, toi=toi, foi=[20, 40])
    np.testing.assert_allclose(spec.info["toi"], toi)
    np.testing.assert_allclose(spec.time[0], toi)
    np.testing.assert_allclose(spec.trialintervals, [[-0.1, 0.3]] * len(data.trials))
    assert spec.samplerate == pytest.approx(3 / 0.4)
    centres = np.round(np.array(toi) * 500).astype(int) + 100
    close(spec.trials[1], np.abs(plain(data.trials[1], centres, 50, [windows.hann(50)], spec.freq, 500)) ** 2)


def test_trials_of_different_onset_are_read_at_the_same_times():
    data = signals((300, 300, 260))
    definition = data.trialdefinition
    definition[:, 2] = [-100, -80, -131]
    data.trialdefinition = definition
    spec = analyse(data, t_ftimwin=0.1, toi=[0.0, 0.05], foi=[20, 40], output="abs")
    for number, trial in enumerate(data.trials):
        centres = np.array([0, 25]) - int(definition[number, 2])
        close(spec.trials[number], np.abs(plain(trial, centres, 50, [windows.hann(50)], spec.freq, 500)))
        np.testing.assert_allclose(spec.time[number], [0, 0.05])


# -- frequencies, tapers


def test_frequencies_of_one_window_are_its_bins():
    data = signals()
    assert analyse(data, t_ftimwin=0.2, toi=0, foi=[11, 20.2, 11, 7]).freq.tolist() == [10, 20, 5]
    assert analyse(data, t_ftimwin=0.2, toi=0, foilim=[9, 21]).freq.tolist() == [10, 15, 20]


def test_slepian_tapers_suit_the_window_not_the_trial():
    data = signals((1000, 1000))
    spec = analyse(data, t_ftimwin=0.5, tapsmofrq=4, toi=0.5, foilim=[4, 60], keeptapers=True, output="fourier")
    tapers = windows.dpss(250, 2, Kmax=3)
    assert spec.taper.tolist() == ["dpss0", "dpss1", "dpss2"]
    expected = plain(data.trials[1], np.arange(0, 1000, 125), 250, tapers, spec.freq, 500)
    close(spec.trials[1], expected)
    power = analyse(data, t_ftimwin=0.5, tapsmofrq=4, toi=0.5, foilim=[4, 60])
    close(power.trials[1], np.mean(np.abs(expected) ** 2, axis=1, keepdims=True))
    assert power.taper.tolist() == ["dpss0"]
    single = analyse(data, t_ftimwin=0.5, tapsmofrq=4, toi=0.5, foilim=[4, 60], keeptapers=True)
    close(single.trials[1], np.abs(expected) ** 2)


def test_windows_and_smoothing_per_frequency():
    data, foi, seconds, smoothing = signals(), [12.3, 31, 50.5, 70], [0.3, 0.2, 0.2, 0.1], [8, 10, 15, 20]
    spec = analyse(data, foi=foi, t_ftimwin=seconds, tapsmofrq=smoothing, toi=[0.0, 0.1, 0.2])
    np.testing.assert_array_equal(spec.freq, foi)
    for column, (freq, span, half) in enumerate(zip(foi, seconds, smoothing, strict=True)):
        window = round(span * 500)
        tapers = windows.dpss(window, half * span, Kmax=int(2 * half * span - 1 + 1e-9))
        for number, trial in enumerate(data.trials):
            power = np.abs(plain(trial, [100, 150, 200], window, tapers, [freq], 500)) ** 2
            close(spec.trials[number][:, :, [column]], power.mean(axis=1, keepdims=True))


def test_exact_frequency_finds_the_amplitude_between_the_bins():
    time = np.arange(1000) / 500
    wave = 3 * np.cos(2 * np.pi * 12.3 * time + 0.4)
    data = spy.AnalogData(wave[:, None], samplerate=500)
    spec = analyse(data, foi=[12.3, 40], t_ftimwin=[0.8, 0.1], toi=[1.0], polyremoval=None)
    w = windows.hann(400)
    assert spec.data[0, 0, 0, 0] == pytest.approx(9 / 2 * w.sum() ** 2 / np.sum(w**2) / 400, rel=1e-3)


def test_one_taper_count_for_all_frequencies_can_be_kept():
    data = signals()
    kwargs = {"foi": [20, 40], "t_ftimwin": [0.2, 0.1], "tapsmofrq": [10, 20], "toi": 0.5, "keeptapers": True}
    assert analyse(data, **kwargs).data.shape[1] == 3
    with pytest.raises(spy.SPYValueError, match=r"keeptapers.*different numbers.*\[3, 5\]"):
        analyse(data, **(kwargs | {"tapsmofrq": [10, 30]}))
    with pytest.warns(spy.SPYWarning, match="nTaper"):
        assert analyse(data, **(kwargs | {"tapsmofrq": [10, 30], "nTaper": 3})).data.shape[1] == 3


OUTPUTS = {
    "pow": lambda z: np.abs(z) ** 2,
    "abs": np.abs,
    "real": np.real,
    "imag": np.imag,
    "absreal": lambda z: np.abs(z.real),
    "absimag": lambda z: np.abs(z.imag),
    "angle": np.angle,
    "complex": lambda z: z,
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs(output):
    data = signals((120, 120))
    fourier = analyse(data, t_ftimwin=0.1, toi=0.5, output="fourier", polyremoval=None, foilim=[20, 90]).data[()]
    spec = analyse(data, t_ftimwin=0.1, toi=0.5, output=output, polyremoval=None, foilim=[20, 90])
    close(spec.data[()], OUTPUTS[output](fourier))


def test_mean_angle_is_circular():
    time = np.arange(400)[:, None] / 500
    phases = np.array([np.pi - 0.2, -np.pi + 0.1])  # their arithmetic mean points the other way
    trials = [np.cos(2 * np.pi * 50 * time + phase) for phase in phases]
    data = spy.AnalogData(trials, samplerate=500)
    kwargs = {"foi": [50], "output": "angle", "taper": None, "keeptrials": False}
    for method in ({"method": "mtmfft"}, {"method": "mtmconvol", "t_ftimwin": 0.1, "toi": [-0.95]}):
        mean = spy.freqanalysis(data, **method, **kwargs).data[0, 0, 0, 0]
        assert np.cos(mean - (np.pi - 0.05)) == pytest.approx(1, abs=1e-5)


# -- edges, gaps, averages


def test_edges_as_nan_and_averages_over_what_is_there():
    data = signals((300, 300, 300))
    definition = data.trialdefinition
    definition[:, 2] = [-100, -100, -290]
    data.trialdefinition = definition
    toi = np.arange(-0.14, 0.34, 0.02)  # at each of them there is a window that fits
    kwargs = {"t_ftimwin": 0.1, "toi": toi, "foi": [20, 40]}
    zero, nan = analyse(data, **kwargs), analyse(data, **kwargs, edges="nan")
    for number in range(3):
        centres = np.rint(toi * 500).astype(int) - int(definition[number, 2])
        fits = (centres >= 25) & (centres + 25 <= 300)
        inside = (centres >= 0) & (centres < 300)
        np.testing.assert_array_equal(np.isnan(nan.trials[number]).all(axis=(1, 2, 3)), ~fits)
        np.testing.assert_array_equal(np.isnan(zero.trials[number]).any(axis=(1, 2, 3)), ~inside)
        np.testing.assert_array_equal(nan.trials[number][fits], zero.trials[number][fits])
    for kept, edges in ((zero, "zero"), (nan, "nan")):
        mean = analyse(data, **kwargs, edges=edges, keeptrials=False)
        assert mean.data.shape == (len(toi), 1, 2, 2)
        np.testing.assert_allclose(mean.time[0], toi, atol=1e-9)
        close(mean.data[()], np.nanmean([kept.trials[k] for k in range(3)], axis=0))
    with spy.options(memory="2.5MB", workers=1):
        np.testing.assert_allclose(
            analyse(data, **kwargs, edges="nan", keeptrials=False).data[()], mean.data[()], rtol=1e-5
        )


@pytest.mark.parametrize("output", ["pow", "fourier", "angle"])
def test_nowhere_a_number_means_nan(output):
    data = signals((100, 100))
    spec = analyse(data, t_ftimwin=0.1, edges="nan", keeptrials=False, output=output)
    assert np.isnan(spec.data[:25]).all()
    assert np.isfinite(spec.data[25:76]).all()


def test_white_noise_power_halves_at_zero_edges():
    data = signals((200,) * 100, channels=4)
    power = (
        analyse(data, t_ftimwin=0.1, foilim=[30, 200], keeptrials=False, polyremoval=None).data[()].mean(axis=(1, 2, 3))
    )
    assert power[50:150].mean() == pytest.approx(2 / 50, rel=0.05)
    assert power[[0, -1]].mean() == pytest.approx(1 / 50, rel=0.1)


def test_averages_need_equal_lengths_unless_times_are_given():
    data = signals((300, 250))
    with pytest.raises(spy.SPYValueError, match=r"keeptrials.*equal length"):
        analyse(data, t_ftimwin=0.1, keeptrials=False)
    kwargs = {"t_ftimwin": 0.1, "toi": [0.0, 0.1], "foi": [20]}
    mean, kept = analyse(data, keeptrials=False, **kwargs), analyse(data, **kwargs)
    close(mean.data[()], np.mean([kept.trials[0], kept.trials[1]], axis=0))


def test_offset_of_an_average_is_the_mean_offset():
    data = signals((300, 300))
    definition = data.trialdefinition
    definition[:, 2] = [-100, -50]
    data.trialdefinition = definition
    spec = analyse(data, t_ftimwin=0.1, toi=0.5, keeptrials=False)
    assert spec.time[0][0] == pytest.approx(-75 / 500)


def test_nan_spoils_only_its_windows():
    data = signals((300, 300))
    data.data[17 + 311 + 150, 1] = np.nan
    with pytest.warns(spy.SPYWarning, match="1 trials hold NaN: 1"):
        spec = analyse(data, t_ftimwin=0.1)
    bad = np.isnan(spec.trials[1])
    assert spec.info["nan_trials"] == [1]
    hit = np.abs(np.arange(300) - 150 - 0.5) < 25
    np.testing.assert_array_equal(bad[:, 0, 0, 1], hit)
    assert bad.sum() == hit.sum() * len(spec.freq)
    assert np.isfinite(spec.trials[0]).all()
    with pytest.warns(spy.SPYWarning, match="NaN"):
        mean = analyse(data, t_ftimwin=0.1, keeptrials=False)
    np.testing.assert_array_equal(np.isnan(mean.data[:, 0, 0, 1]), hit)


def test_selections_and_repeated_calls():
    data = signals((300,) * 4, channels=3)
    whole = analyse(data, t_ftimwin=0.1, toi=0.5)
    select = {"trials": [3, 1], "channel": [2, 0]}
    part = analyse(data, t_ftimwin=0.1, toi=0.5, select=select)
    np.testing.assert_array_equal(part.trials[0], whole.trials[3][..., [2, 0]])
    assert part.channel.tolist() == ["channel3", "channel1"]
    data.selectdata(latency=[0, 0.2], inplace=True)
    first, second = (analyse(data, t_ftimwin=0.1, toi=0.5) for _ in range(2))
    np.testing.assert_array_equal(first.data[()], second.data[()])
    np.testing.assert_allclose(first.time[0], np.arange(0, 0.201, 0.05))


# -- mistakes


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"t_ftimwin": None}, spy.SPYTypeError, "t_ftimwin"),
        ({"t_ftimwin": "0.1"}, spy.SPYTypeError, "t_ftimwin"),
        ({"t_ftimwin": 0.001}, spy.SPYValueError, r"t_ftimwin.*0\.002 s"),
        ({"t_ftimwin": 0.7}, spy.SPYValueError, r"t_ftimwin.*0\.6 s, the shortest trial"),
        ({"t_ftimwin": [0.1, 0.2]}, spy.SPYValueError, "foi"),
        ({"t_ftimwin": [0.1, 0.2], "foi": [10]}, spy.SPYValueError, "t_ftimwin.*1 freq.*2 values"),
        ({"t_ftimwin": [0.1, -0.2], "foi": [10, 20]}, spy.SPYValueError, r"t_ftimwin.*> 0"),
        ({"tapsmofrq": [10, 20], "foi": [10]}, spy.SPYValueError, "tapsmofrq"),
        ({"tapsmofrq": -4}, spy.SPYValueError, "tapsmofrq.*>= 0 Hz"),
        ({"tapsmofrq": 10, "output": "fourier"}, spy.SPYValueError, "keeptapers"),
        ({"tapsmofrq": 10, "taper": "hamming"}, spy.SPYValueError, "taper"),
        ({"taper": "dpss"}, spy.SPYValueError, "tapsmofrq"),
        ({"toi": None}, spy.SPYTypeError, "toi"),
        ({"toi": True}, spy.SPYTypeError, "toi"),
        ({"toi": "some"}, spy.SPYValueError, "toi"),
        ({"toi": []}, spy.SPYValueError, "toi"),
        ({"toi": 1.1}, spy.SPYValueError, "toi.*0 to 1"),
        ({"toi": -0.1}, spy.SPYValueError, "toi.*0 to 1"),
        ({"toi": "150%"}, spy.SPYValueError, "toi.*0 to 1"),
        ({"toi": [0.0, 0.9]}, spy.SPYValueError, r"toi.*-0\.2 to 0\.398 s"),
        ({"toi": [0.1, 0.0]}, spy.SPYValueError, "toi.*ascending"),
        ({"toi": [0.0, float("nan")]}, spy.SPYValueError, "toi.*finite"),
        ({"foilim": [1.2, 1.4]}, spy.SPYValueError, "foi/foilim"),
        ({"foi": [300]}, spy.SPYValueError, "foi"),
        ({"edges": "reflect"}, spy.SPYValueError, "edges"),
        ({"output": "fooof"}, spy.SPYValueError, "output"),
        ({"keeptapers": 1}, spy.SPYTypeError, "keeptapers"),
        ({"polyremoval": 2}, spy.SPYValueError, "polyremoval"),
        ({"pad": 0.1, "ft_compat": True}, spy.SPYValueError, "pad"),
    ],
    ids=str,
)
def test_mistakes_are_explained_before_any_work(kwargs, error, text):
    data = signals()
    with pytest.raises(error, match=text) as caught:
        analyse(data, **({"t_ftimwin": 0.1} | kwargs))
    assert str(caught.value).startswith("freqanalysis(method='mtmconvol')")
    assert data.selection is None


@pytest.mark.parametrize("kwargs", [{"pad": "nextpow2"}, {"demean_taper": True}, {"width": 7.0}, {"order_max": 3}])
def test_parameters_without_effect_are_told(kwargs):
    with pytest.warns(spy.SPYWarning, match=f"{next(iter(kwargs))}.*no effect"):
        analyse(signals(), t_ftimwin=0.1, toi=0.5, **kwargs)


def test_complex_signals_are_refused():
    data = spy.AnalogData(RNG.standard_normal((100, 2)) + 1j, samplerate=500)
    with pytest.raises(spy.SPYTypeError, match="real-valued"):
        analyse(data, t_ftimwin=0.1)


# -- FieldTrip


def settings(cfg):
    kwargs = {key: cfg[key] for key in ("foi", "t_ftimwin", "tapsmofrq") if key in cfg}
    return kwargs | ({"taper": cfg["taper"]} if cfg["taper"] != "dpss" else {})


@pytest.mark.parametrize(
    "case",
    [
        "hanning_5cycles",
        "hanning_5cycles_pad2",
        "hanning_5cycles_nextpow2",
        "hanning_alltoi",
        "dpss10_fixed",
        "dpss_5cycles",
        "hanning_unequal",
    ],
)
def test_power_of_fieldtrip(shared, case):
    cfg, expected = oracle(shared, f"tfr/mtmconvol_{case}")
    name = "unequal" if case.endswith("unequal") else "net"
    data = recording(shared, name, 3 if case == "hanning_alltoi" else 20, FS)
    pad = {"pad": cfg["pad"]} if "pad" in cfg else {}
    spec = analyse(data, ft_compat=True, keeptrials=False, toi=cfg["toi"], **settings(cfg), **pad)
    np.testing.assert_allclose(spec.freq, expected["freq"])
    np.testing.assert_allclose(spec.time[0], expected["time"], atol=1e-9)
    assert_power(spec, expected["powspctrm"])


def test_half_overlapping_windows_of_fieldtrip(shared):
    cfg, expected = oracle(shared, "tfr/mtmconvol_hanning_toi50pct")
    with pytest.warns(spy.SPYWarning, match="not equidistant"):  # it centres half of them a sample early
        spec = analyse(
            recording(shared, n_trials=20, fs=FS),
            ft_compat=True,
            keeptrials=False,
            toi=expected["time"],
            **settings(cfg),
        )
    assert_power(spec, expected["powspctrm"])


def test_kept_trials_of_fieldtrip(shared):
    cfg, expected = oracle(shared, "tfr/mtmconvol_hanning_5cycles_keeptrials")
    spec = analyse(recording(shared, fs=FS), ft_compat=True, toi=cfg["toi"], **settings(cfg))
    for number, power in enumerate(expected["powspctrm"]):
        got = spec.trials[number][:, 0].transpose(2, 1, 0)
        np.testing.assert_allclose(got, power, rtol=2e-6, atol=3e-7 * np.nanmax(power))


@pytest.mark.parametrize("case", ["hanning_5cycles", "hanning_oddwin", "dpss10"])
def test_coefficients_of_fieldtrip(shared, case):
    cfg, expected = oracle(shared, f"tfr/mtmconvol_{case}_fourier")
    spec = analyse(
        recording(shared, fs=FS), ft_compat=True, toi=cfg["toi"], output="fourier", keeptapers=True, **settings(cfg)
    )
    got = np.stack([spec.trials[k] for k in range(3)])  # (trial, time, taper, freq, channel)
    got = got.transpose(0, 2, 4, 3, 1).reshape(expected["fourierspctrm"].shape)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected["fourierspctrm"]))
    scale = np.nanmax(np.abs(expected["fourierspctrm"]))
    np.testing.assert_allclose(got, expected["fourierspctrm"], rtol=0, atol=1e-6 * scale)
