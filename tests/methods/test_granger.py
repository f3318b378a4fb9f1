"""Granger causality and its kin: networks with known answers, identities, quirks of the past, FieldTrip's numbers."""

import warnings

import numpy as np
import pytest

import syncopy as spy
from syncopy.synthdata import ar_granger, ar_network
from tests.methods.test_mtmfft import close, oracle_cases, oracle_input

RNG = np.random.default_rng(41)
# channel 1 drives 2, 2 drives 3, 4 is alone; all resonate near 40 Hz
COEFFICIENTS = np.array([0.5 * np.eye(4), -0.7 * np.eye(4)])
COEFFICIENTS[0, 1, 0], COEFFICIENTS[0, 2, 1] = 0.3, 0.3
PAIR = COEFFICIENTS[:, :2, :2]
BAND = slice(60, 180)  # 24 to 72 Hz


@pytest.fixture(scope="module")
def chain():
    return ar_network(COEFFICIENTS, nSamples=500, seed=1, nTrials=100, samplerate=200)


@pytest.fixture(scope="module")
def pair():
    return ar_network(PAIR, nSamples=500, seed=2, nTrials=100, samplerate=200)


def granger(data, **kwargs):
    return spy.connectivityanalysis(data, method="granger", **{"tapsmofrq": 1.5, **kwargs})


def means(values):
    """Averages over 25 bins: what single bins scatter is not the matter."""
    return values[:250].reshape(10, 25, *values.shape[1:]).mean(axis=1)


@pytest.mark.parametrize("sfmethod", ["multivariate", "bivariate"])
def test_two_channels_are_near_the_truth(pair, sfmethod):
    got = granger(pair, sfmethod=sfmethod)
    truth = ar_granger(PAIR, None, got.freq, 200)
    np.testing.assert_allclose(means(got.data[0]), means(truth), atol=0.03 * truth.max() + 0.01)
    assert got.data[0, BAND, 0, 1].max() > 0.3
    np.testing.assert_array_equal(np.einsum("fii->fi", got.data[0]), 0)
    assert got.data.dtype == np.float32
    np.testing.assert_array_equal(got.trialdefinition[:, :3], [[0, 1, 0]])


def test_every_pair_by_itself_is_near_the_truth(chain):
    got = granger(chain, sfmethod="bivariate")
    truth = ar_granger(COEFFICIENTS, None, got.freq, 200)
    assert truth[BAND, 0, 2].max() > 0.05  # by way of channel 2
    np.testing.assert_allclose(means(got.data[0]), means(truth), atol=0.05 * truth.max() + 0.015)


def test_conditional_granger_sees_no_way_through_another_channel(chain):
    got = granger(chain, conditional=True).data[0]
    through = got[BAND, 0, 2].mean()
    assert through < 0.02 < granger(chain, sfmethod="bivariate").data[0, BAND, 0, 2].mean()
    assert got[BAND, 0, 1].mean() > 0.1
    assert got[BAND, 1, 2].mean() > 0.1


def test_groups(chain):
    groups = {"early": ["channel1", "channel4"], "late": ["channel2", "channel3"]}
    got = granger(chain, groups=groups)
    assert got.channel_i.tolist() == got.channel_j.tolist() == ["early", "late"]
    assert got.data[0, BAND, 0, 1].mean() > 0.1
    assert got.data[0, BAND, 1, 0].mean() < 0.03
    np.testing.assert_array_equal(np.einsum("fii->fi", got.data[0]), 0)
    single = granger(chain, groups={name: [name] for name in chain.channel})
    close(single.data[()], granger(chain).data[()], 1e-4)
    given = granger(chain, groups=groups, conditional=True)
    close(given.data[()], got.data[()], 0.05)  # no channel is left to be given


def test_directed_instantaneous_and_total_belong_together(chain):
    coherence = spy.connectivityanalysis(chain, method="coh", tapsmofrq=1.5, output="pow").data[0, 5:-5]
    for sfmethod in ("multivariate", "bivariate"):
        directed, instantaneous, total = (
            spy.connectivityanalysis(chain, method=method, tapsmofrq=1.5, sfmethod=sfmethod).data[0]
            for method in ("granger", "instantaneous_causality", "total_interdependence")
        )
        close(directed + directed.transpose(0, 2, 1) + instantaneous, total, 1e-5)
        between = ~np.eye(4, dtype=bool)
        np.testing.assert_allclose(total[5:-5][:, between], -np.log(1 - coherence[:, between]), atol=2e-3)
    assert abs(instantaneous[BAND, 0, 1].mean()) < 0.01  # independent noise


def test_common_noise_is_instantaneous():
    apart = PAIR * np.eye(2)
    data = ar_network(apart, [[1, 0.5], [0.5, 1]], 500, seed=3, nTrials=100, samplerate=200)
    got = spy.connectivityanalysis(data, method="instantaneous_causality", tapsmofrq=1.5)
    assert got.data[0, :, 0, 1].mean() == pytest.approx(-np.log(1 - 0.25), rel=0.05)  # a coherence of 0.5
    assert granger(data).data[()].mean() < 0.01


def test_transfer_functions_and_partial_directed_coherence(chain):
    found = spy.connectivityanalysis(chain, method=["dtf", "ddtf", "pdc", "gpdc"], tapsmofrq=1.5)
    np.testing.assert_allclose((found.dtf.data[0] ** 2).sum(axis=1), 1, atol=1e-5)  # all that arrives at a receiver
    np.testing.assert_allclose((found.pdc.data[0] ** 2).sum(axis=2), 1, atol=1e-5)  # all that leaves a sender
    np.testing.assert_allclose((found.gpdc.data[0] ** 2).sum(axis=2), 1, atol=1e-5)
    lags = np.exp(-2j * np.pi * np.outer(found.pdc.freq / 200, [1, 2]))
    inverse = np.eye(4) - np.tensordot(lags, COEFFICIENTS, 1)
    away = np.abs(inverse).transpose(0, 2, 1) / np.sqrt((np.abs(inverse) ** 2).sum(axis=1))[:, :, None]
    np.testing.assert_allclose(means(found.pdc.data[0]), means(away), atol=0.08)
    arriving = np.abs(np.linalg.inv(inverse)).transpose(0, 2, 1)
    arriving /= np.sqrt((arriving**2).sum(axis=1))[:, None]
    np.testing.assert_allclose(means(found.dtf.data[0]), means(arriving), atol=0.08)
    assert found.pdc.data[0, BAND, 0, 2].mean() < 0.1 < found.dtf.data[0, BAND, 0, 2].mean()
    assert found.ddtf.data[0, BAND, 0, 2].mean() < 0.3 * found.ddtf.data[0, BAND, 0, 1].mean()
    part = spy.connectivityanalysis(
        chain, method="pdc", tapsmofrq=1.5, channelcmb=[["channel3"], ["channel1", "channel2"]]
    )
    np.testing.assert_array_equal(part.data[()], found.pdc.data[()][:, :, [2]][..., [0, 1]])


@pytest.mark.parametrize("samples", [500, 501])
def test_odd_lengths_of_the_transform(samples):
    """The last bin of an odd length is not Nyquist."""
    data = ar_network(PAIR, nSamples=samples, seed=4, nTrials=100, samplerate=200)
    got = granger(data)
    assert got.info["converged"] is True
    assert got.info["max rel. err"] < 5e-6
    truth = ar_granger(PAIR, None, got.freq, 200)
    np.testing.assert_allclose(means(got.data[0]), means(truth), atol=0.04 * truth.max() + 0.01)
    spectra = spy.freqanalysis(data, output="fourier", keeptapers=True, tapsmofrq=1.5, demean_taper=True)
    from_spectra = granger(spectra, tapsmofrq=None)
    close(from_spectra.data[()], got.data[()], 1e-4)
    assert from_spectra.info["converged"] is True


def test_an_empty_bin_at_zero_does_no_harm(pair):
    """Spectra demeaned after tapering hold rounding errors at 0 Hz, which must not decide on anything."""
    got = granger(pair)
    assert got.info["initial cond. num"] < 100
    assert np.isfinite(got.data[()]).all()
    spectra = spy.freqanalysis(pair, output="fourier", keeptapers=True, tapsmofrq=1.5, demean_taper=True)
    emptied = spectra.data[()]
    emptied[:, :, 0] = 0
    empty = spy.SpectralData(emptied, samplerate=200, freq=spectra.freq, trialdefinition=spectra.trialdefinition)
    close(granger(empty, tapsmofrq=None).data[()], got.data[()], 1e-3)


@pytest.mark.parametrize("sfmethod", ["multivariate", "bivariate"])
@pytest.mark.parametrize("scale", [1e-13, 1e6])
def test_the_unit_does_not_matter(pair, sfmethod, scale):
    values = np.concatenate(list(pair.trials)).astype("f8") * [scale, 3 * scale]
    scaled = spy.AnalogData(values, samplerate=200, trialdefinition=pair.trialdefinition)
    close(granger(scaled, sfmethod=sfmethod).data[()], granger(pair, sfmethod=sfmethod).data[()], 1e-4)


def test_a_scaled_copy_of_few_trials_is_regularised_alike(chain):
    few = spy.selectdata(chain, trials=[0, 1])
    with pytest.warns(spy.SPYWarning, match="ill-conditioned"):
        plain = granger(few, tapsmofrq=None)
    values = np.concatenate(list(few.trials)).astype("f8") * 1e-6
    tiny = spy.AnalogData(values, samplerate=200, trialdefinition=few.trialdefinition)
    with pytest.warns(spy.SPYWarning, match="ill-conditioned"):
        scaled = granger(tiny, tapsmofrq=None)
    assert 0 < plain.info["reg. factor"] == pytest.approx(scaled.info["reg. factor"], rel=1e-3)
    np.testing.assert_allclose(scaled.data[0].mean(axis=0), plain.data[0].mean(axis=0), rtol=0.05)


def test_pairs_are_factorised_one_by_one(chain):
    pairs = [["channel1", "channel2"], ["channel3", "channel2"], ["channel4", "channel1"]]
    got = granger(chain, channelcmb=pairs)
    whole = granger(chain, sfmethod="bivariate")
    np.testing.assert_array_equal(got.freq, whole.freq)
    for sender, receiver in pairs:
        i, j = got.channel_i.tolist().index(sender), got.channel_j.tolist().index(receiver)
        a, b = chain.channel.tolist().index(sender), chain.channel.tolist().index(receiver)
        close(got.data[0, :, i, j], whole.data[0, :, a, b], 1e-4)
    assert np.isnan(got.data[0, :, 0, got.channel_j.tolist().index("channel1")]).all()
    assert got.info["pairs"] == [["channel1", "channel2"], ["channel1", "channel4"], ["channel2", "channel3"]]
    for key in ("converged", "max rel. err", "reg. factor", "initial cond. num"):
        assert len(got.info[key]) == 3
    assert got.info["converged"] == [True] * 3
    both = granger(chain, channelcmb=[["channel1", "channel2"], ["channel2", "channel1"]])
    assert both.info["pairs"] == [["channel1", "channel2"]]
    np.testing.assert_array_equal(both.data[0, :, 0, 1], both.data[0, :, 1, 0] * 0)
    close(both.data[0, :, 0, 0], whole.data[0, :, 0, 1], 1e-4)
    close(both.data[0, :, 1, 1], whole.data[0, :, 1, 0], 1e-4)


def test_a_channel_with_itself_is_zero(chain):
    got = granger(chain, channelcmb=[["channel2"], ["channel2"]])
    np.testing.assert_array_equal(got.data[()], 0)
    assert got.info["pairs"] == []


def test_copies_of_a_channel_do_not_cause_each_other(pair):
    values = np.concatenate(list(pair.trials))
    data = spy.AnalogData(values[:, [0, 0, 1]], samplerate=200, trialdefinition=pair.trialdefinition)
    with pytest.warns(spy.SPYWarning, match=r"ill-conditioned.*channel1-channel2 \(1 of 3 pairs\)"):
        got = granger(data, sfmethod="bivariate").data[0]
    np.testing.assert_allclose(got[:, :2, :2], 0, atol=1e-6)
    np.testing.assert_allclose(got[:, 0, 2], got[:, 1, 2], atol=1e-5)


def test_a_band_of_the_result_is_the_band_of_the_whole(pair):
    whole = granger(pair)
    band = spy.selectdata(whole, frequency=[20, 60])
    np.testing.assert_array_equal(band.data[()], whole.data[:, (whole.freq >= 20) & (whole.freq <= 60)])
    for kwargs in ({"foi": [10.0, 20.0]}, {"foilim": [20, 60]}):
        with pytest.raises(spy.SPYValueError, match="no foi specification"):
            granger(pair, **kwargs)
    np.testing.assert_array_equal(granger(pair, foilim="all").data[()], whole.data[()])


def test_spectra_must_have_all_frequencies_of_a_transform(pair):
    spectra = spy.freqanalysis(pair, output="fourier", keeptapers=True, tapsmofrq=1.5)
    for select in ({"frequency": [10, 100]}, {"frequency": [0, 60]}):
        with pytest.raises(spy.SPYValueError, match="all frequencies of a Fourier transform"):
            granger(spectra, tapsmofrq=None, select=select)
    gaps = spy.freqanalysis(pair, output="fourier", keeptapers=True, tapsmofrq=1.5, foi=[0.0, 10.0, 40.0, 100.0])
    with pytest.raises(spy.SPYValueError, match="evenly spaced"):
        granger(gaps, tapsmofrq=None)


@pytest.fixture(scope="module")
def over_time(pair):
    """Spectra of windows of 1 s, every 0.5 s."""
    window = {"t_ftimwin": 1.0, "tapsmofrq": 4, "toi": [-0.5, 0.0, 0.5, 1.0]}
    return spy.freqanalysis(pair, method="mtmconvol", output="fourier", keeptapers=True, **window)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"sfmethod": "bivariate"}, {"conditional": True}, {"method": "pdc"}, {"method": "total_interdependence"}],
)
def test_over_time_each_window_is_what_its_samples_alone_give(pair, over_time, parameters):
    got = spy.connectivityanalysis(over_time, **{"method": "granger", **parameters})
    assert got.data.shape == (4, 101, 2, 2)
    np.testing.assert_allclose(got.time[0], [-0.5, 0, 0.5, 1])
    assert np.ravel(got.info["converged"]).tolist() == [True] * 4
    for number in (0, 2):
        start = number * 0.5 - 1
        alone = spy.selectdata(pair, latency=[start, start + 0.995])
        expected = spy.connectivityanalysis(alone, **{"method": "granger", "tapsmofrq": 4, **parameters})
        close(got.data[number, 2:], expected.data[0, 2:], 2e-3)  # these are demeaned after tapering: it shows at 0 Hz


def test_over_time_with_jackknife(over_time):
    got = granger(over_time, tapsmofrq=None, jackknife=True, select={"trials": range(12), "latency": [0, 0.5]})
    alone = granger(over_time, tapsmofrq=None, jackknife=True, select={"trials": range(12), "latency": [0.5, 0.5]})
    close(got.jack_var[1], alone.jack_var[0], 5e-2)


def test_over_time_all_frequencies_are_needed(pair, over_time):
    with pytest.raises(spy.SPYValueError, match=r"half the sample rate.*50 Hz, where spectra are not real"):
        granger(over_time, tapsmofrq=None, select={"frequency": [0, 50]})
    with pytest.raises(spy.SPYValueError, match="evenly spaced"):
        granger(over_time, tapsmofrq=None, select={"frequency": [10, 100]})


def test_missing_times_are_nan_and_told():
    values = RNG.standard_normal((20, 4, 3, 11, 2)) + 1j * RNG.standard_normal((20, 4, 3, 11, 2))
    values[..., [0, -1], :] = values[..., [0, -1], :].real
    values[:, 2] = np.nan
    spectra = spy.SpectralData([*values], samplerate=20, freq=np.arange(11))
    with pytest.warns(spy.SPYWarning) as told:
        got = granger(spectra, tapsmofrq=None)
    assert np.isnan(got.data[2]).all()
    assert np.isfinite(got.data[[0, 1, 3]]).all()
    assert any("1 of 4 factorisations" in str(each.message) for each in told)


def test_trials_of_one_sample_are_refused():
    data = spy.AnalogData([RNG.standard_normal((1, 2)) for _ in range(4)], samplerate=10)
    with pytest.raises(spy.SPYValueError, match="two samples or more"):
        granger(data, tapsmofrq=None)


def test_too_few_iterations_are_told(pair, monkeypatch):
    from syncopy.kernels import factorisation

    monkeypatch.setattr(factorisation.factorise, "__defaults__", (5e-6, 2, None))
    with pytest.warns(spy.SPYWarning, match=r"granger.*did not converge \(max rel. err"):
        got = granger(pair)
    assert got.info["converged"] is False
    assert got.info["max rel. err"] > 5e-6


def test_well_conditioned_data_raise_no_warning(chain):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = granger(chain)
    assert got.info["reg. factor"] == 0
    assert 1 < got.info["initial cond. num"] < 1e4


def test_silent_channels_and_missing_numbers(pair):
    values = np.concatenate(list(pair.trials))
    silent = spy.AnalogData(values * [1, 0], samplerate=200, trialdefinition=pair.trialdefinition)
    with pytest.raises(spy.SPYValueError, match=r"power in every channel.*channel2"):
        granger(silent)
    three = np.column_stack([values, RNG.standard_normal(len(values))])
    three[100, 2] = np.nan
    broken = spy.AnalogData(three, samplerate=200, trialdefinition=pair.trialdefinition)
    with pytest.warns(spy.SPYWarning, match="hold NaN"):
        got = granger(broken, sfmethod="bivariate")
    assert np.isfinite(got.data[0, :, :2, :2]).all()
    assert np.isnan(got.data[0, :, 2]).all()
    with pytest.warns(spy.SPYWarning) as told:
        assert np.isnan(granger(broken).data[()]).all()
    assert any("did not converge" in str(each.message) for each in told)


def test_single_trials_over_tapers():
    data = ar_network(PAIR, nSamples=1000, seed=5, nTrials=3, samplerate=200)
    kept = granger(data, keeptrials=True, tapsmofrq=5, pad="nextpow2")
    assert len(kept.trials) == len(kept.info["converged"]) == 3
    alone = spy.selectdata(data, trials=[1, 1])  # twice the same trial is that trial
    close(kept.trials[1], granger(alone, tapsmofrq=5, pad="nextpow2").data[()], 1e-3)


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"sfmethod": "pairwise"}, spy.SPYValueError, "sfmethod"),
        ({"sfmethod": "bivariate", "conditional": True}, spy.SPYValueError, "sfmethod.*conditional"),
        ({"groups": {"a": ["channel1"]}}, spy.SPYValueError, "two or more groups"),
        ({"groups": {"a": ["channel1"], "b": ["channel1"]}}, spy.SPYValueError, "share no channel"),
        ({"groups": {"a": [0], "b": [1]}, "channelcmb": [[0], [1]]}, spy.SPYValueError, "groups.*channelcmb"),
        ({"select": {"trials": [0]}}, spy.SPYValueError, "multi-trial"),
        ({"jackknife": "yess"}, spy.SPYTypeError, "jackknife"),
    ],
)
def test_mistakes(pair, kwargs, error, text):
    with pytest.raises(error, match=text):
        granger(pair, **kwargs)


def bins_of_ten(values):
    return values[:250].reshape(25, 10, *values.shape[1:]).mean(axis=1)


def test_fieldtrip_numbers(shared):
    """Single bins of FieldTrip's factorisation alternate by a few percent: bands are compared."""
    data = oracle_input(shared, "net")
    spectra = spy.freqanalysis(data, tapsmofrq=4, output="fourier", keeptapers=True, ft_compat=True)
    checked = 0
    for case in oracle_cases(shared, "granger"):
        cfg = case["cfg"]
        own = cfg.get("granger", {})
        if cfg["method"] in ("csd", "transfer") or own.get("stabilityfix") or "channelcmb" in (cfg | own):
            continue
        kwargs = {name: own[name] for name in ("sfmethod",) if name in own}
        kwargs |= {"conditional": True} if own.get("conditional") else {}
        kwargs |= {"groups": {group["name"]: group["label"] for group in own["block"]}} if "block" in own else {}
        got = spy.connectivityanalysis(spectra, method=cfg["method"], **kwargs).data[0]
        name = next(name for name in case["arrays"] if name.endswith("spctrm"))
        with np.load(shared / "oracle" / "granger.npz") as file:
            expected = file[case["arrays"][name]["key"]]
        if expected.ndim == 2:
            named = [[int(label.partition("[")[0][-1]) - 1 for label in pair] for pair in case["meta"]["labelcmb"]]
            got, expected = got[:, *np.transpose(named)], expected.T
        else:
            expected = expected.transpose(2, 0, 1)
        close(bins_of_ten(got), bins_of_ten(expected), 0.012)
        checked += 1
    assert checked >= 10
    direct = granger(data, tapsmofrq=4, ft_compat=True)
    close(direct.data[0, 2:], granger(spectra, tapsmofrq=None).data[0, 2:], 0.03)
