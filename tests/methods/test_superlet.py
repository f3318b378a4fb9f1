"""Superlets of objects: geometric means of plain convolutions, orders, memory, FieldTrip."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.kernels.superlets import Superlets
from tests.methods.fieldtrip import oracle, power_of, recording

RNG = np.random.default_rng(9)


def signals(lengths=(300, 300, 300), channels=2, fs=500.0, offset=-100, dtype="f4"):
    stops = np.cumsum(lengths)
    values = RNG.standard_normal((stops[-1], channels)).astype(dtype)
    rows = [[stop - n, stop, offset, 7 + k] for k, (stop, n) in enumerate(zip(stops, lengths, strict=True))]
    return spy.AnalogData(values, samplerate=fs, trialdefinition=rows)


def analyse(data, **kwargs):
    return spy.freqanalysis(data, method="superlet", **kwargs)


def plain(trial, freq, order, cycles=3.0, order_min=1, fs=500.0):
    """Power (time, channel): geometric mean over single wavelets, which are superlets of one order each."""
    x = trial.astype("f8") - trial.mean(axis=0, dtype="f8")
    whole = int(order + 1e-9)
    shares = dict.fromkeys(range(order_min, whole + 1), 1.0)
    if order > whole + 1e-9:
        shares[whole + 1] = order - whole
    log = np.zeros(x.shape)
    for one, share in shares.items():
        (kernel,) = Superlets((freq,), (one,), fs, cycles, one).kernels(0)
        responses = [np.convolve(x[:, c], kernel)[len(kernel) // 2 :][: len(x)] for c in range(x.shape[1])]
        log += share / sum(shares.values()) * np.log(np.abs(np.transpose(responses)) ** 2)
    return np.exp(log)


def close(got, expected, tolerance=1e-5):
    assert got.dtype in ("f4", "c8")
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.nanmax(np.abs(expected)))


@pytest.mark.parametrize(
    ("kwargs", "orders"),
    [
        ({"order_max": 4}, (4, 4, 4)),
        ({"order_max": 4, "order_min": 2, "c_1": 2}, (4, 4, 4)),
        ({"order_max": 5, "adaptive": True}, (1, 2.6, 5)),
        ({"order": 2.5}, (2.5, 2.5, 2.5)),
        ({"order": [1, 3.2, 2]}, (1, 3.2, 2)),
    ],
)
def test_geometric_means(kwargs, orders):
    data, freqs = signals((300, 250)), [10, 30, 60]
    spec = analyse(data, foi=freqs, **kwargs)
    for number, trial in enumerate(data.trials):
        for column, (freq, order) in enumerate(zip(freqs, orders, strict=True)):
            expected = plain(trial, freq, order, kwargs.get("c_1", 3), kwargs.get("order_min", 1))
            close(spec.trials[number][:, 0, column], expected)
    np.testing.assert_array_equal(spec.trialinfo, data.trialinfo)
    np.testing.assert_allclose(spec.time[1], data.time[1])


def test_adaptive_orders_do_not_depend_on_how_the_work_is_cut():
    data = signals((6000,), channels=3)
    kwargs = {"foi": np.arange(10, 50, 2), "order_max": 6, "adaptive": True}
    whole = analyse(data, **kwargs)
    with spy.options(memory="5.5MB", workers=1):  # channels and frequencies one after the other
        close(analyse(data, **kwargs).data[()], whole.data[()])


def test_adaptive_frequencies_are_sorted_others_are_not():
    data = signals()
    with pytest.warns(spy.SPYWarning, match="sorted"):
        spec = analyse(data, foi=[40, 10, 20], order_max=3, adaptive=True, toi=[0.0])
    assert spec.freq.tolist() == [10, 20, 40]
    assert analyse(data, foi=[40, 10, 20], order_max=3, toi=[0.0]).freq.tolist() == [40, 10, 20]


def test_automatic_frequencies():
    freqs = analyse(signals(), order_max=2, toi=[0.0]).freq
    np.testing.assert_allclose(freqs[1:] / freqs[:-1], 2**0.25)
    assert freqs[-1] == 250


@pytest.mark.parametrize("fs", [250.0, 1000.0])
@pytest.mark.parametrize("kwargs", [{"order_max": 5}, {"order": 2.5}])
def test_amplitude_does_not_depend_on_the_sample_rate(fs, kwargs):
    time = np.arange(int(3 * fs)) / fs
    data = spy.AnalogData((3 * np.cos(2 * np.pi * 30 * time))[:, None], samplerate=fs)
    spec = analyse(data, foi=[30], edges="nan", **kwargs)
    inside = np.isfinite(spec.data[()])
    assert 0.3 < inside.mean() < 1
    np.testing.assert_allclose(spec.data[()][inside], 4.5, rtol=0.06)  # at the border of the cone
    assert np.median(spec.data[()][inside]) == pytest.approx(4.5, rel=1e-4)


def test_outputs_times_and_averages():
    data = signals((300, 300))
    power = analyse(data, foi=[20, 40], order_max=3)
    fourier = analyse(data, foi=[20, 40], order_max=3, output="fourier")
    assert fourier.data.dtype == np.complex64
    close(np.abs(fourier.data[()]) ** 2, power.data[()])
    some = analyse(data, foi=[20, 40], order_max=3, toi=[0.0, 0.1, 0.2])
    close(some.trials[1], power.trials[1][[100, 150, 200]], 1e-6)
    np.testing.assert_allclose(some.time[1], [0, 0.1, 0.2], atol=1e-12)
    mean = analyse(data, foi=[20, 40], order_max=3, keeptrials=False)
    close(mean.data[()], (power.trials[0] + power.trials[1]) / 2)


def test_cone_of_influence_is_that_of_the_longest_wavelet():
    spec = analyse(signals(), foi=[20, 40], order=[2, 2.5], edges="nan")
    np.testing.assert_allclose(spec.info["cone_of_influence"], np.sqrt(2) * np.array([6 / 100, 9 / 200]))
    bad = np.isnan(spec.trials[0][:, 0, :, 0])
    assert bad.sum(axis=0).tolist() == [2 * int(np.ceil(t * 500)) for t in spec.info["cone_of_influence"]]


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({}, spy.SPYValueError, "order_max"),
        ({"order_max": 0}, spy.SPYValueError, "order_max.*>= 1"),
        ({"order_max": 2.5}, spy.SPYValueError, "order_max.*whole"),
        ({"order_max": 3, "order_min": 0}, spy.SPYValueError, "order_min"),
        ({"order_max": 3, "order_min": 4}, spy.SPYValueError, r"order_min.*order_max \(3\)"),
        ({"order_max": 3, "c_1": 0.5}, spy.SPYValueError, "c_1.*>= 1"),
        ({"order_max": 3, "order": 2}, spy.SPYValueError, "order.*not both"),
        ({"order": 0.5}, spy.SPYValueError, "order.*order_min"),
        ({"order": [1, 2, 3]}, spy.SPYValueError, "order.*2: one per frequency"),
        ({"order_max": 3, "adaptive": True, "foi": [10]}, spy.SPYValueError, "foi.*two different"),
        ({"order_max": 3, "combine": "additive"}, spy.SPYValueError, "combine.*ft_compat"),
        ({"order_max": 3, "order_min": 2, "ft_compat": True}, spy.SPYValueError, "order_min"),
        ({"order_max": 3, "toi": 0.5}, spy.SPYValueError, "toi"),
        ({"order_max": 3, "toi": [0, 0.1, 0.3]}, spy.SPYValueError, "toi.*equidistant"),
        ({"order_max": 3, "adaptive": 1}, spy.SPYTypeError, "adaptive"),
    ],
    ids=str,
)
def test_mistakes_are_explained_before_any_work(kwargs, error, text):
    with pytest.raises(error, match=text):
        analyse(signals(), **({"foi": [10, 20]} | kwargs))


def test_parameters_without_effect_are_told():
    with pytest.warns(spy.SPYWarning, match="gwidth.*no effect"):
        analyse(signals(), foi=[20], toi=[0.0], order_max=2, gwidth=4)


@pytest.mark.parametrize(
    "case",
    ["mult_w3_o3", "mult_w3_o3_keeptrials", "add_w3_o3", "add_w3_o1to8", "add_w3_frac", "add_w3_frac_keeptrials"],
)
def test_power_of_fieldtrip(shared, case):
    cfg, expected = oracle(shared, f"tfr/superlet_{case}")
    kwargs = {
        "toi": cfg["toi"],
        "foi": cfg["foi"],
        "order": cfg["order"],
        "combine": cfg["combine"],
        "c_1": cfg["width"],
    }
    kept = case.endswith("keeptrials")
    spec = analyse(recording(shared), ft_compat=True, keeptrials=kept, **kwargs)
    if kept:
        got = np.stack([spec.trials[k][:, 0].transpose(2, 1, 0) for k in range(3)])
        np.testing.assert_array_equal(np.isnan(got), np.isnan(expected["powspctrm"]))
    else:  # FieldTrip's averages hold 0 where there are no data
        got = power_of(spec)
        np.testing.assert_array_equal(np.isnan(got), expected["powspctrm"] == 0)
        got = np.nan_to_num(got)
    np.testing.assert_allclose(got, expected["powspctrm"], rtol=2e-6, atol=3e-7 * np.nanmax(expected["powspctrm"]))
