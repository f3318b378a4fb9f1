"""Filter and Hilbert transform against SciPy's filters, closed forms, and FieldTrip."""

import numpy as np
import pytest
from scipy import signal

import syncopy as spy
from tests.methods.fieldtrip import assert_power, oracle, recording

RNG = np.random.default_rng(4)


def signals(lengths=(400, 400, 400), channels=2, fs=500.0, offset=-100, dtype="f4"):
    stops = np.cumsum(lengths)
    values = RNG.standard_normal((stops[-1], channels)).astype(dtype)
    rows = [[stop - n, stop, offset, 7 + k] for k, (stop, n) in enumerate(zip(stops, lengths, strict=True))]
    return spy.AnalogData(values, samplerate=fs, trialdefinition=rows)


def analyse(data, **kwargs):
    return spy.freqanalysis(data, method="hilbert", **kwargs)


def plain(trial, freq, width=6.0, order=4, fs=500.0):
    """Analytic signal / sqrt(2) of SciPy's two-pass Butterworth filter, (time, channel)."""
    sos = signal.butter(order, (freq - width, freq + width), "bandpass", fs=fs, output="sos")
    x = trial.astype("f8") - trial.mean(axis=0, dtype="f8")
    return signal.hilbert(signal.sosfiltfilt(sos, x, axis=0), axis=0) / np.sqrt(2)


def close(got, expected, tolerance=1e-5):
    assert got.dtype in ("f4", "c8")
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.nanmax(np.abs(expected)))


@pytest.mark.parametrize(("width", "widths"), [(6.0, [6, 6, 6]), ([4, 8, 10.5], [4, 8, 10.5])])
def test_butterworth_bands(width, widths):
    data, freqs = signals((400, 300)), [20, 40, 81.5]
    spec = analyse(data, foi=freqs, width=width, output="fourier")
    np.testing.assert_array_equal(spec.freq, freqs)
    for number, trial in enumerate(data.trials):
        for column, (freq, half) in enumerate(zip(freqs, widths, strict=True)):
            close(spec.trials[number][:, 0, column], plain(trial, freq, half))
        np.testing.assert_allclose(spec.time[number], data.time[number])
    np.testing.assert_array_equal(spec.trialinfo, data.trialinfo)


def test_orders_and_directions():
    data = signals((400,))
    x = data.trials[0] - data.trials[0].mean(axis=0)
    sos = signal.butter(2, (24, 36), "bandpass", fs=500, output="sos")
    expected = np.abs(signal.hilbert(signal.sosfilt(sos, x, axis=0), axis=0)) ** 2 / 2
    close(analyse(data, foi=[30], bpfiltord=2, bpfiltdir="onepass").data[:, 0, 0], expected)


@pytest.mark.parametrize(("direction", "passes"), [(None, 1), ("onepass-zerophase", 1), ("twopass", 2)])
def test_windowed_sinc_bands(direction, passes):
    data = signals((600,))
    x = np.pad(data.trials[0] - data.trials[0].mean(axis=0, dtype="f8"), ((80, 80), (0, 0)), mode="edge")
    lags = np.arange(-40, 41)
    low, high = (2 * f / 500 * np.sinc(2 * f / 500 * lags) * np.hamming(81) for f in (24, 36))
    taps = high / high.sum() - low / low.sum()
    band = signal.lfilter(taps, 1, x, axis=0)[80:-80] if passes == 1 else None
    spec = analyse(data, foi=[30], bpfilttype="firws", bpfiltord=80, bpfiltdir=direction, output="abs")
    if passes == 1:  # the causal filter is 40 samples late
        band = signal.lfilter(taps, 1, np.pad(x[40:-40], ((0, 40), (0, 0)), mode="edge"), axis=0)[80:][:600]
        close(spec.data[:, 0, 0], np.abs(signal.hilbert(band, axis=0)) / np.sqrt(2))
    else:
        once = analyse(data, foi=[30], bpfilttype="firws", bpfiltord=80, output="abs").data[()]
        assert spec.data[100:500].mean() < once[100:500].mean()


def test_transition_width_sets_the_order():
    data = signals((600,))
    by_width = analyse(data, foi=[30], bpfilttype="firws", bpfiltdf=10)  # 3.3 * 500 / 10 = 165 taps
    by_order = analyse(data, foi=[30], bpfilttype="firws", bpfiltord=166)
    np.testing.assert_array_equal(by_width.data[()], by_order.data[()])


@pytest.mark.parametrize("kwargs", [{}, {"bpfilttype": "firws", "bpfiltdf": 10}])
@pytest.mark.parametrize("fs", [300.0, 1000.0])
def test_cosine_in_the_band_has_half_its_squared_amplitude(kwargs, fs):
    time = np.arange(int(2 * fs)) / fs
    data = spy.AnalogData((3 * np.cos(2 * np.pi * 30 * time + 0.3))[:, None], samplerate=fs)
    spec = analyse(data, foi=[30, 60], **kwargs)
    middle = slice(int(0.8 * fs), int(1.2 * fs))
    np.testing.assert_allclose(spec.data[middle, 0, 0], 4.5, rtol=0.02)
    assert spec.data[middle, 0, 1].max() < 1e-3


def test_phase_is_that_of_the_signal():
    time = np.arange(1000) / 500
    data = spy.AnalogData(np.cos(2 * np.pi * 30 * time + 0.3)[:, None], samplerate=500)
    spec = analyse(data, foi=[30], output="angle", toi=[1.0])
    assert spec.data[0, 0, 0, 0] == pytest.approx(0.3, abs=1e-3)


def test_times_frequencies_and_averages():
    data = signals((400, 300))
    whole = analyse(data, foilim=[20, 22.5])
    assert whole.freq.tolist() == [20, 21, 22]
    some = analyse(data, foilim=[20, 22.5], toi=np.arange(0, 0.41, 0.1))
    for number, missing in enumerate([0, 1]):
        wanted = np.arange(100, 301, 50)[: 5 - missing]
        close(some.trials[number][: 5 - missing], whole.trials[number][wanted], 1e-6)
        assert np.isnan(some.trials[number][5 - missing :]).all()
        np.testing.assert_allclose(some.time[number], np.arange(0, 0.41, 0.1), atol=1e-12)
    mean = analyse(data, foilim=[20, 22.5], toi=np.arange(0, 0.41, 0.1), keeptrials=False)
    close(mean.data[4], some.trials[0][4])
    close(mean.data[:4], (some.trials[0][:4] + some.trials[1][:4]) / 2)


def test_edges_are_felt_as_long_as_the_filter_rings():
    data = signals((2000,))
    spec = analyse(data, foi=[30, 80], width=[3, 12], edges="nan")
    times = np.array(spec.info["cone_of_influence"])
    assert times[0] == pytest.approx(4 * times[1], rel=0.1)  # reciprocal to the bandwidth
    impulse = np.zeros((2001, 1))
    impulse[1000] = 1
    power = np.abs(plain(impulse, 30, 3)[:, 0]) ** 2
    ringing = np.flatnonzero(power > np.exp(-2) * power.max())
    assert times[0] * 500 == pytest.approx(1000 - ringing[0], abs=1)
    distance = np.minimum(np.arange(2000), np.arange(2000)[::-1]) / 500
    np.testing.assert_array_equal(np.isnan(spec.data[:, 0, :, 0]), distance[:, None] < times)


def test_little_memory_gives_the_same_numbers():
    data = signals((20_000,), channels=6)
    whole = analyse(data, foi=np.arange(10, 60, 5), width=4)
    with spy.options(memory="20MB", workers=1):  # the recording alone has 0.5 MB, the result 5 MB
        close(analyse(data, foi=np.arange(10, 60, 5), width=4).data[()], whole.data[()])


def test_nan_spoils_its_channel_and_trial():
    data = signals()
    data.data[500, 1] = np.nan
    with pytest.warns(spy.SPYWarning, match="NaN: 1"):
        spec = analyse(data, foi=[20, 40], output="fourier")
    assert np.isnan(spec.trials[1][..., 1]).all()
    assert np.isnan(spec.data[()]).sum() == spec.trials[1][..., 1].size


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"foi": None}, spy.SPYValueError, "foi/foilim"),
        ({"foi": [5]}, spy.SPYValueError, "foi/width.*above 0"),
        ({"foi": [246]}, spy.SPYValueError, "foi/width.*below 250"),
        ({"foi": [260]}, spy.SPYValueError, "foi"),
        ({"width": 0}, spy.SPYValueError, "width.*> 0"),
        ({"width": [3, 4, 5]}, spy.SPYValueError, "width.*2: one per frequency"),
        ({"width": [3, 0]}, spy.SPYValueError, "width.*> 0"),
        ({"bpfilttype": "fir"}, spy.SPYValueError, "bpfilttype.*'firws'"),
        ({"bpfiltdir": "onepass-minphase"}, spy.SPYValueError, "bpfiltdir.*but"),
        ({"bpfiltdir": "onepass", "bpfilttype": "firws"}, spy.SPYValueError, "bpfiltdir.*firws"),
        ({"bpfiltdf": 5}, spy.SPYValueError, "bpfiltdf"),
        ({"bpfilttype": "firws", "bpfiltdf": 5, "bpfiltord": 10}, spy.SPYValueError, "bpfiltord/bpfiltdf"),
        ({"bpfiltord": 40}, spy.SPYValueError, "data.*trials longer than"),
        ({"toi": 0.5}, spy.SPYValueError, "toi"),
        ({"toi": [0, 9.0]}, spy.SPYValueError, "toi"),
    ],
    ids=str,
)
def test_mistakes_are_explained_before_any_work(kwargs, error, text):
    data = signals((160, 200) if "bpfiltord" in kwargs else (400,))
    with pytest.raises(error, match=text):
        analyse(data, **({"foi": [20, 40]} | kwargs))


def settings(cfg):
    return {key: cfg[key] for key in cfg if key not in ("method", "toi", "output")}


@pytest.mark.parametrize("case", ["hilbert_but3_w5", "hilbert_firws_w5", "hilbert_but3_w5_pad2001"])
def test_power_of_fieldtrip(shared, case):
    cfg, expected = oracle(shared, f"tfr/{case}")
    # without padding its values are one sample early
    toi = expected["time"] if "pad" in cfg else expected["time"] - 1 / 500
    spec = analyse(recording(shared), ft_compat=True, keeptrials=False, toi=toi, **settings(cfg))
    assert_power(spec, expected["powspctrm"])


def test_coefficients_of_fieldtrip(shared):
    cfg, expected = oracle(shared, "tfr/hilbert_but3_w5_pad2001_fourier")
    spec = analyse(recording(shared), ft_compat=True, toi=expected["time"], output="fourier", **settings(cfg))
    got = np.stack([spec.trials[k][:, 0] for k in range(3)]).transpose(0, 3, 2, 1)
    scale = np.abs(expected["fourierspctrm"]).max()
    np.testing.assert_allclose(got, expected["fourierspctrm"], rtol=0, atol=1e-6 * scale)
