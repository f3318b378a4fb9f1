"""The unit of every result follows from that of the data: of all numbers, or channel by channel."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.api.parameters import load_methods
from syncopy.engine.method import Method

load_methods()

LABELS = ["Fz", "O1", "EMG"]
UNITS = {"Fz": "µV", "O1": "µV", "EMG": "mV"}
SQUARES = {"Fz": "µV²", "O1": "µV²", "EMG": "mV²"}
# other tests register methods of their own
OURS = [
    (verb, str(method))
    for verb, methods in sorted(Method.registry.items())
    for method, cls in methods.items()
    if cls.__module__.startswith("syncopy.")
]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(8)
    data = spy.AnalogData([rng.standard_normal((200, 3)) for _ in range(5)], samplerate=200, channel=LABELS)
    data.info["channel_unit"] = UNITS
    return data


@pytest.fixture(scope="module")
def spikes():
    return spy.synthdata.poisson_noise(nTrials=3, nSpikes=300, seed=1)


def spectra(method, **keywords):
    usual = {
        "mtmfft": {},
        "mtmconvol": {"t_ftimwin": 0.25, "toi": [-0.5], "foi": [20]},
        "welch": {"t_ftimwin": 0.25, "toi": 0.5},
        "irasa": {},
        "superlet": {"foi": [20], "order_max": 2},
    }
    keywords = usual.get(method, {"foi": [20]}) | keywords
    return lambda data: spy.freqanalysis(data, method=method, **keywords)


def measure(method):
    groups = {"tapsmofrq": 5, "groups": {"left": ["Fz"], "right": ["O1", "EMG"]}}
    keywords = groups if method in ("mim", "mic", "cancoh") else {}
    return lambda data: spy.connectivityanalysis(data, method=method, **keywords)


def of_spectra(function):
    return lambda data: function(spy.freqanalysis(data, output="fourier", keeptapers=True))


AMPLITUDES = ["abs", "fourier", "complex", "real", "imag", "absreal", "absimag"]
KEEP = {
    **{f"mtmfft {output}": spectra("mtmfft", output=output) for output in AMPLITUDES},
    "mtmconvol": spectra("mtmconvol", output="fourier"),
    "wavelet": spectra("wavelet", output="abs"),
    "superlet": spectra("superlet", output="real"),
    "hilbert": spectra("hilbert", output="abs"),
    "preprocessing": lambda data: spy.preprocessing(data, freq=30),
    "envelope": lambda data: spy.preprocessing(data, freq=30, hilbert="abs"),
    "resampledata resample": lambda data: spy.resampledata(data, resamplefs=100, order=100),
    "resampledata downsample": lambda data: spy.resampledata(data, resamplefs=100, method="downsample"),
    "timelockanalysis": lambda data: spy.timelockanalysis(data, covariance=True),
    **{
        name: lambda data, name=name: getattr(spy, name)(data, dim="trials")
        for name in ("mean", "median", "std", "sem")
    },
    "selectdata": lambda data: spy.selectdata(data, trials=[0, 2]),
    "redefinetrial": lambda data: spy.redefinetrial(data, offset=3),
    "concat": lambda data: spy.concat(data, data.copy(), dim="trials"),
    "sum": lambda data: data + data,
    "offset": lambda data: 1 - data,
    "magnitude": lambda data: abs(-data),
    "root of a square": lambda data: spy.arithmetic("sqrt", data**2),
    "root of a power": lambda data: spy.freqanalysis(data) ** 0.5,
}
SQUARE = {
    **{method: spectra(method) for method in ("mtmfft", "mtmconvol", "welch", "wavelet", "superlet", "hilbert")},
    "irasa": spectra("irasa", output="fractal"),
    "mean of powers": lambda data: spy.mean(spy.freqanalysis(data), dim="trials"),
    "csd": measure("csd"),
    "csd of spectra": of_spectra(lambda spectra: spy.connectivityanalysis(spectra, method="csd")),
    "var": lambda data: spy.var(data, dim="trials"),
    "product": lambda data: data * data,
    "square": lambda data: spy.arithmetic("square", data),
    "second power": lambda data: data**2,
}
NONE = {
    **{method: measure(method) for verb, method in OURS if verb == "connectivityanalysis" and method != "csd"},
    "itc": of_spectra(spy.itc),
    "z-score": lambda data: spy.preprocessing(data, filter_class=None, zscore=True),
    "difference of coherences": lambda data: measure("coh")(data) - measure("coh")(data),
}
ANGLE = {
    "angle": spectra("mtmfft", output="angle"),
    "angle in time": spectra("hilbert", output="angle"),
    "phase": lambda data: spy.preprocessing(data, freq=30, hilbert="angle"),
    "phase of coherence": lambda data: spy.connectivityanalysis(data, method="coh", output="angle"),
}
UNKNOWN = {
    "scaled": lambda data: 1e6 * data,
    "inverse": lambda data: 1 / (data + 10),
    "logarithm": lambda data: spy.arithmetic("log10", abs(data) + 1),
    "cube": lambda data: data**3,
    "third root": lambda data: abs(data) ** np.array([1 / 3]),
    "mean of different units": lambda data: spy.mean(data, dim="channel"),
}


def units_of(result):
    return {name: result.info[name] for name in ("unit", "channel_unit") if name in result.info}


CASES = [
    *((f"{name} keeps", call, {"channel_unit": UNITS}, "pA") for name, call in KEEP.items()),
    *((f"{name} squares", call, {"channel_unit": SQUARES}, "pA²") for name, call in SQUARE.items()),
    *((f"{name} has none", call, {"unit": ""}, "") for name, call in NONE.items()),
    *((f"{name} is in rad", call, {"unit": "rad"}, "rad") for name, call in ANGLE.items()),
    *((f"{name} is not known", call, {}, None) for name, call in UNKNOWN.items() if "mean" not in name),
]


@pytest.mark.parametrize(
    ("call", "of_channels", "of_all"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_units_of_results(data, call, of_channels, of_all):
    assert units_of(call(data)) == of_channels
    # a unit that the user gives the object counts instead
    told = data.copy()
    told.info["unit"] = "pA"
    assert call(told).info.get("unit") == of_all


@pytest.mark.parametrize(("output", "unit"), [("rate", "1/s"), ("spikecount", ""), ("proportion", "")])
def test_units_of_histograms(spikes, output, unit):
    found = spy.spike_psth(spikes, output=output, binsize=0.02, latency="minperiod")
    assert units_of(found) == {"unit": unit}
    assert units_of(spy.var(found, dim="trials")) == {"unit": "(1/s)²" if unit else ""}


def test_every_method_is_in_the_tables():
    tried = {name for table in (KEEP, SQUARE, NONE) for name in table} | {"spike_psth"}
    for verb, method in OURS:
        assert {verb, method, f"{verb} {method}"} & tried, f"{verb}({method})"


@pytest.mark.parametrize("output", ["fooof", "fooof_aperiodic", "fooof_peaks"])
def test_models_of_power_are_powers(data, output):
    pytest.importorskip("specparam")
    found = spy.freqanalysis(data, output=output, foilim=[2, 60], keeptrials=False)
    assert units_of(found) == {"channel_unit": SQUARES}


def test_channels_made_of_others(data):
    both = data.selectdata(channel=["Fz", "O1"])
    assert units_of(spy.mean(both, dim="channel")) == {"channel_unit": {"mean": "µV"}}
    assert units_of(spy.var(both, dim="channel")) == {"channel_unit": {"var": "µV²"}}
    assert not units_of(spy.mean(data, dim="channel"))
    bipolar = spy.preprocessing(both, filter_class=None, reref=True, refmethod="bipolar")
    assert [*bipolar.info["channel_unit"].values()] == ["µV"]


def test_a_ratio_of_the_same_unit_has_none(data):
    assert units_of(data / data) == {"channel_unit": dict.fromkeys(LABELS, "")}
    other = data.copy()
    other.info["channel_unit"] = UNITS | {"EMG": "V"}
    assert units_of(data / other) == {"channel_unit": {"Fz": "", "O1": ""}}


def test_users_units_and_those_of_files_together(data):
    told, other = data.copy(), data.copy()
    told.info["unit"] = "µV"
    both = spy.concat(told, other, dim="trials")
    assert units_of(both) == {"channel_unit": {"Fz": "µV", "O1": "µV"}}
    assert spy.concat(told, other).info["channel_unit"]["EMG"] == "µV"
    assert spy.concat(told, other).info["channel_unit"]["EMG_2"] == "mV"


def test_what_is_no_text_is_no_unit(data):
    odd = data.copy()
    odd.info["unit"] = 3
    odd.info["channel_unit"] = "V"
    assert not units_of(spy.freqanalysis(odd))


def test_labels_of_plots(data):
    one = data.selectdata(channel=["Fz", "O1"])
    power = spy.freqanalysis(data, keeptrials=False)
    both = ["Fz", "O1"]
    csd = abs(spy.connectivityanalysis(data, method="csd"))
    labels = [
        ("power (dB re 1 µV²)", power, {"channel": both}),
        ("power (µV²)", power, {"channel": both, "scale": "log"}),
        ("power (mV²)", power, {"channel": "EMG", "scale": "linear"}),
        ("power (a.u.)", power, {"scale": "linear"}),
        ("power (dB)", power, {}),
        ("abs (µV)", spy.freqanalysis(one, output="abs", keeptrials=False), {}),
        ("signal (µV)", spy.preprocessing(one, freq=30), {"trials": 0, "shifted": False}),
        ("signal", spy.preprocessing(one, filter_class=None, zscore=True), {"trials": 0, "shifted": False}),
        ("signal (rad)", spy.preprocessing(one, freq=30, hilbert="angle"), {"trials": 0, "shifted": False}),
        ("standard deviation of signal (µV)", spy.std(one, dim="trials"), {"shifted": False}),
        ("variance of signal (µV²)", spy.var(one, dim="trials"), {"shifted": False}),
        ("variance of power (µV⁴)", spy.var(spy.freqanalysis(one), dim="trials"), {}),
        ("value (µV²)", csd, {"channel_i": "Fz", "channel_j": "O1"}),
        ("value (a.u.)", csd, {"channel_i": "Fz", "channel_j": "EMG"}),
        ("abs coherence", spy.connectivityanalysis(data), {"channel_i": "Fz", "channel_j": "EMG"}),
        ("Granger causality", measure("granger")(data), {"channel_i": "Fz", "channel_j": "EMG"}),
    ]
    for label, result, selectors in labels:
        _, ax = result.singlepanelplot(**selectors)
        assert ax.get_ylabel() == label


def test_bars_of_colours_tell_units(data):
    power = spy.freqanalysis(data, method="hilbert", foi=[10, 20], keeptrials=False)
    figure, _ = power.singlepanelplot(channel="Fz")
    assert figure.axes[1].get_ylabel() == "power (µV²)"
    csd = abs(spy.connectivityanalysis(data.selectdata(channel=["Fz", "O1"]), method="csd"))
    figure, _ = csd.singlepanelplot(frequency=20)
    assert figure.axes[1].get_ylabel() == "value (µV²)"


def test_arrays_of_xarray_tell_units(data):
    pytest.importorskip("xarray")
    one = data.selectdata(channel=["Fz", "O1"])
    average = spy.timelockanalysis(one, covariance=True).to_xarray()
    units = {name: average[name].attrs["units"] for name in ("data", "avg", "var", "cov", "dof")}
    assert units == {"data": "µV", "avg": "µV", "var": "µV²", "cov": "µV²", "dof": ""}
    coh = spy.connectivityanalysis(one, jackknife=True).to_xarray()
    assert {coh[name].attrs["units"] for name in ("data", "jack_var", "jack_bias")} == {""}
    assert spy.connectivityanalysis(one, method="csd").to_xarray().attrs["units"] == "µV²"
    assert "units" not in spy.freqanalysis(data).to_xarray().attrs
