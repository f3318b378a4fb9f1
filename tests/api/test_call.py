"""Call conventions of all verbs: cfg, data, `select`, `parallel`, names, and what a cfg records."""

import inspect
import json

import numpy as np
import pytest

import syncopy as spy
from syncopy.api.parameters import methods_of
from syncopy.data.history import steps
from syncopy.data.selection import SELECTORS
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from tests.data.objects import analog

VERBS = ["freqanalysis", "preprocessing", "connectivityanalysis", "mean"]


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    return spy.AnalogData([rng.standard_normal((200, 3)) for _ in range(4)], samplerate=200)


# -- ways to pass parameters ---------------------------------------------------------------------------------------


def ways(data):
    cfg = spy.StructDict(method="mtmfft", foilim=[10, 40])
    full = spy.StructDict(cfg, data=data)
    yield lambda: spy.freqanalysis(data, method="mtmfft", foilim=[10, 40])
    yield lambda: spy.freqanalysis(data, "mtmfft", foilim=np.array([10, 40]))
    yield lambda: spy.freqanalysis(data, cfg)
    yield lambda: spy.freqanalysis(cfg, data)
    yield lambda: spy.freqanalysis(data, cfg=dict(cfg))
    yield lambda: spy.freqanalysis(cfg, data=data)
    yield lambda: spy.freqanalysis(cfg, dataset=data)
    yield lambda: spy.freqanalysis(full)
    yield lambda: spy.freqanalysis(cfg=full)
    yield lambda: spy.freqanalysis(spy.StructDict(cfg, dataset=data))
    yield lambda: spy.freqanalysis(data, spy.StructDict(method="mtmfft"), foilim=(10, 40))
    yield lambda: spy.freqanalysis(data, {}, method="mtmfft", foilim=[10, 40], cfg=None)
    yield lambda: spy.freqanalysis(data, {"freqanalysis": cfg, "preprocessing": {"order": 3}})
    yield lambda: spy.freqanalysis(data, foilim=[10, 40], parallel=True)


def test_every_way_to_pass_parameters_gives_the_same(data):
    first, *others = (call() for call in ways(data))
    assert len(others) == 13
    for other in others:
        assert other == first


# What scripts may pass by position, from the documentation of esi-syncopy 2023.9; new parameters come after these.
BY_POSITION = {
    "freqanalysis": "data method output keeptrials foi foilim pad polyremoval taper demean_taper taper_opt tapsmofrq "
    "nTaper keeptapers toi t_ftimwin wavelet width order order_max order_min c_1 adaptive out fooof_opt ft_compat",
    "connectivityanalysis": "data method keeptrials output foi foilim pad channelcmb polyremoval tapsmofrq "
    "nTaper taper taper_opt jackknife",
    "preprocessing": "data filter_class filter_type freq order direction window polyremoval zscore rectify hilbert",
    "resampledata": "data resamplefs method lpfreq order",
    "timelockanalysis": "data latency covariance ddof trials keeptrials",
    "spike_psth": "data binsize output latency vartriallen keeptrials",
    **dict.fromkeys(("mean", "std", "var", "median"), "data dim keeptrials"),
    "selectdata": "data trials channel channel_i channel_j latency frequency taper unit eventid inplace clear parallel",
    "redefinetrial": "data_obj trials minlength offset toilim begsample endsample trl",
    "definetrial": "obj trialdefinition pre post start trigger stop clip_edges",
    "show": "data squeeze",
    "save": "out container tag filename overwrite",
    "load": "filename tag dataclass checksum mode out",
}


@pytest.mark.parametrize("name", BY_POSITION)
def test_positions_of_parameters_are_the_old_ones(name):
    old = BY_POSITION[name].split()
    parameters = list(inspect.signature(getattr(spy, name)).parameters.values())[: len(old)]
    assert [parameter.name for parameter in parameters] == old
    assert all(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in parameters)


def test_positional_parameters_mean_what_they_did(data):
    mean = spy.mean(data, "channel", False)
    np.testing.assert_allclose(mean.data[()], np.mean([t.mean(axis=1, keepdims=True) for t in data.trials], axis=0))
    detrended = spy.preprocessing(data, None, "lp", None, None, "twopass", "hamming", 0, False, True)
    np.testing.assert_allclose(detrended.trials[1], np.abs(data.trials[1] - data.trials[1].mean(axis=0)), atol=1e-6)


def test_old_names_of_the_data_object(data):
    assert spy.mean(spy_data=data, dim="time") == spy.mean(data, dim="time")
    with pytest.raises(SPYValueError, match="once only"):
        spy.mean(data, spy_data=data, dim="time")


@pytest.mark.parametrize("order", [0.0, 1.0])
def test_whole_numbers_may_be_floats(data, order):
    for name, method in [("preprocessing", {"freq": 10}), ("freqanalysis", {}), ("connectivityanalysis", {})]:
        results = [getattr(spy, name)(data, polyremoval=number, **method) for number in (order, int(order))]
        assert results[0] == results[1]
        assert results[0].cfg[name]["polyremoval"] == order


def test_what_was_passed_is_never_changed(data):
    cfg = spy.StructDict(foilim=[10, 40], keeptrials="no", select={"trials": [0, 1]}, taper_opt=None)
    before = cfg.copy()
    spy.freqanalysis(data, cfg)
    assert cfg == before
    assert data.cfg == {}
    assert data.selection is None


@pytest.mark.parametrize("no", [False, "no", np.bool_(False)])
def test_yes_and_no(data, no):
    assert spy.freqanalysis(data, keeptrials=no).cfg.freqanalysis.keeptrials is False
    assert spy.freqanalysis(data, {"keeptrials": no}).cfg.freqanalysis.keeptrials is False


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda d: spy.freqanalysis(d, {"pad": 1}, {"foi": 1}), SPYValueError, "2 `cfg` objects in input arguments"),
        (
            lambda d: spy.freqanalysis(d, {"pad": 1}, cfg={"pad": 1}),
            SPYValueError,
            "positional or keyword argument, not both",
        ),
        (lambda d: spy.freqanalysis(d, cfg=3), SPYTypeError, "expected dictionary-like"),
        (lambda d: spy.freqanalysis(d, {"pad": 2}, pad=2), SPYValueError, "in both `cfg` and via explicit keyword"),
        (lambda d: spy.freqanalysis(d, "mtmfft", method="mtmfft"), SPYValueError, "by position and by name"),
        (lambda d: spy.freqanalysis(d, data=d), SPYValueError, "once only"),
        (lambda d: spy.freqanalysis(data=d, dataset=d), SPYValueError, "once only"),
        (lambda d: spy.freqanalysis(d, {"data": d}), SPYValueError, "once only"),
        (lambda d: spy.freqanalysis({"data": d}, data=d), SPYValueError, "in both `cfg` and via explicit keyword"),
        (lambda d: spy.freqanalysis(d, d), SPYValueError, "one Syncopy data object; got 2 objects"),
        (lambda d: spy.freqanalysis(np.zeros((3, 3))), SPYTypeError, r"data object \(`spy.AnalogData` .* got ndarray"),
        (lambda d: spy.freqanalysis(data=3), SPYTypeError, "Syncopy data object; got int"),
        (lambda d: spy.freqanalysis(), SPYTypeError, "missing argument"),
        (lambda d: spy.freqanalysis(foilim=[1, 2]), SPYTypeError, "missing argument"),
        (lambda d: spy.freqanalysis(d, method="mtmftt"), SPYValueError, "did you mean 'mtmfft'"),
        (lambda d: spy.freqanalysis(d, tapsmofrg=3), SPYValueError, "did you mean `tapsmofrq`"),
        (lambda d: spy.freqanalysis(d, {"tapsmofrg": 3}), SPYValueError, "did you mean `tapsmofrq`"),
        (
            lambda d: spy.freqanalysis(d, tapsmofrq=-1),
            SPYValueError,
            r"freqanalysis\(method='mtmfft'\): .*`tapsmofrq`.*>= 0.* Hz; got -1",
        ),
        (lambda d: spy.freqanalysis(d, tapsmofrq="x"), SPYTypeError, "tapsmofrq"),
        (lambda d: spy.freqanalysis(d, tapsmofrq=print), SPYError, "tapsmofrq"),
        (lambda d: spy.freqanalysis(d, parallel="a"), SPYTypeError, "parallel"),
        (lambda d: spy.freqanalysis(spy.AnalogData(samplerate=1)), SPYValueError, "non-empty"),
        (lambda d: spy.freqanalysis(spy.AnalogData(np.zeros((9, 2)))), SPYValueError, "samplerate"),
        (lambda d: spy.freqanalysis(spy.freqanalysis(d)), SPYTypeError, "AnalogData; got SpectralData"),
        (lambda d: spy.mean(d), SPYTypeError, "dim"),
    ],
)
def test_calls_that_are_wrong(data, call, error, text):
    with pytest.raises(error, match=text):
        call(data)
    assert data.cfg == {}
    assert data.selection is None


def test_a_parameter_of_another_method_is_told(data):
    foreign = next(
        (method, name)
        for method, cls in methods_of("freqanalysis").items()
        for name in cls.model_fields
        if method != "mtmfft" and name not in methods_of("freqanalysis")["mtmfft"].model_fields
    )
    with pytest.warns(SPYWarning, match=f"`{foreign[1]}` has no effect for method 'mtmfft'"):
        spy.freqanalysis(data, method="mtmfft", **{foreign[1]: 3})


# -- select --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("everything", ["all", {}, {"trials": "all"}])
def test_select_all(data, everything):
    assert spy.freqanalysis(data, select=everything) == spy.freqanalysis(data)


def test_select_is_selectdata_for_one_call(data):
    request = {"trials": [2, 0], "channel": ["channel3", "channel1"], "latency": [-0.8, -0.2]}
    fly = spy.freqanalysis(data, select=request)
    copied = spy.freqanalysis(data.selectdata(**request))
    data.selection = request
    in_place = spy.freqanalysis(data)
    np.testing.assert_array_equal(fly.data[()], copied.data[()])
    assert fly == in_place
    assert fly.cfg.freqanalysis.select == request
    assert in_place.cfg.freqanalysis.select == request
    assert spy.freqanalysis(data, in_place.cfg) == fly
    with pytest.raises(SPYError, match="in-place selection already"):
        spy.freqanalysis(data, select={"trials": 1})
    assert data.selection.trial_ids == [2, 0]


@pytest.mark.parametrize("request_", [{"frequency": 3}, {"chanel": 1}, {"trials": 9}, 3, "some"])
def test_a_wrong_selection_leaves_nothing(data, request_):
    with pytest.raises(SPYError, match=r"freqanalysis\(method='mtmfft'\)"):
        spy.freqanalysis(data, select=request_)
    assert data.selection is None


# -- cfg -----------------------------------------------------------------------------------------------------------


def chain(data):
    smooth = spy.preprocessing(data, filter_type="lp", freq=40)
    part = smooth.selectdata(trials=slice(0, 3), channel=[True, False, True])
    sharp = spy.preprocessing(part, filter_type="hp", freq=5, order=2)
    return spy.freqanalysis(sharp * 2, foilim=[5, 40], select={"channel": slice(0, 2)})


def test_a_result_repeats_its_call(data):
    first = spy.freqanalysis(data, tapsmofrq=3, foilim=[5.5, 40], select={"trials": slice(1, 4, 2)}, keeptrials=False)
    assert spy.freqanalysis(data, first.cfg) == first
    stored = json.loads(json.dumps(first.cfg))
    again = spy.freqanalysis(data, stored)
    assert again == first
    assert again.cfg == first.cfg == stored


def test_cfg_holds_every_parameter(data):
    cfg = spy.freqanalysis(data, tapsmofrq=3, parallel=False).cfg.freqanalysis
    defaults = spy.get_defaults(spy.freqanalysis)
    assert set(defaults) - {"select"} == set(cfg)
    assert (cfg.tapsmofrq, cfg.method, cfg.parallel, cfg.output) == (3, "mtmfft", False, "pow")


def test_repeated_steps_are_kept_in_their_order(data):
    result = chain(data)
    names = ["preprocessing", "selectdata", "preprocessing", "arithmetic", "freqanalysis"]
    assert [next(iter(step)) for step in steps(result.cfg)] == names
    assert steps(result.cfg)[0]["preprocessing"]["freq"] == 40
    assert result.cfg.preprocessing.freq == 5  # the last one
    assert result.cfg.steps == steps(json.loads(json.dumps(result.cfg)))


def test_the_final_cfg_serves_every_step(data):
    smooth = spy.preprocessing(data, freq=40)
    spectrum = spy.freqanalysis(smooth, foilim=[5, 40])
    assert list(spectrum.cfg) == ["preprocessing", "freqanalysis"]  # no step came twice
    assert steps(spectrum.cfg) == [{name: spectrum.cfg[name]} for name in spectrum.cfg]
    cfg = spectrum.cfg
    assert spy.freqanalysis(spy.preprocessing(data, cfg), cfg) == spectrum
    final = chain(data).cfg
    assert spy.freqanalysis(data, final).cfg.freqanalysis == final.freqanalysis
    with pytest.raises(SPYValueError, match="the cfg of a result that mean had a part in"):
        spy.mean(data, final, dim="channel")


def test_results_share_nothing_with_their_input(data):
    smooth = spy.preprocessing(data, freq=40)
    spectrum = spy.freqanalysis(smooth)
    spectrum.cfg.preprocessing.freq = 1
    assert smooth.cfg.preprocessing.freq == 40


def test_the_log_goes_on(data):
    data.log = "before"
    text = spy.freqanalysis(data, tapsmofrq=3)._log
    assert text.startswith(data._log)
    assert "freqanalysis: computed mtmfft with settings\n\tmethod = mtmfft" in text
    assert "\ttapsmofrq = 3" in text
    assert text.endswith("used_parallel = False")


# -- defaults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VERBS)
def test_defaults_are_those_of_the_signature_and_can_be_passed_back(name, data):
    function = getattr(spy, name)
    defaults = spy.get_defaults(function)
    assert type(defaults) is spy.StructDict
    assert {"parallel", "select"} <= set(defaults)
    assert "cfg" not in defaults
    for key, value in defaults.items():
        assert inspect.signature(function).parameters[key].default == value
        assert f"\n{key} : " in function.__doc__
    needed = {"preprocessing": {"freq": 30}, "mean": {"dim": "trials"}}.get(name, {})
    assert function(data, defaults | needed) == function(data, **needed)


def test_defaults_of_selectdata():
    defaults = spy.get_defaults(spy.selectdata)
    assert (defaults.pop("inplace"), defaults.pop("clear"), defaults.pop("parallel")) == (False, False, None)
    assert defaults == dict.fromkeys(SELECTORS)
    assert list(spy.get_defaults(analog().selectdata)) == list(spy.get_defaults(spy.selectdata))


@pytest.mark.parametrize("wrong", [3, "freqanalysis", None])
def test_only_functions_have_defaults(wrong):
    with pytest.raises(SPYTypeError, match="a function"):
        spy.get_defaults(wrong)
