"""Connectivity of channels that are silent, copies, or in strange units: a rule for each, never a wrong number."""

import warnings

import numpy as np
import pytest

import syncopy as spy
from syncopy.api.parameters import methods_of

RNG = np.random.default_rng(99)
METHODS = [str(name) for name in methods_of("connectivityanalysis")]
FACTORS = ["granger", "dtf", "ddtf", "pdc", "gpdc", "instantaneous_causality", "total_interdependence"]
# dtf, ddtf and pdc compare powers of different channels, csd is power itself
WITH_UNITS = {"csd", "dtf", "ddtf", "pdc"}


@pytest.fixture(scope="module")
def trials():
    """Four channels, of which 1 follows 0 and 2 mixes in 1."""
    values = RNG.standard_normal((16, 100, 4))
    values[..., 1] += np.roll(values[..., 0], 2, axis=1)
    values[..., 2] += 0.5 * values[..., 1]
    return values


def connectivity(values, method, **parameters):
    """Result without its first and last frequencies, `(freq or lag, i, j)`; warnings of NumPy are errors."""
    spectra = {} if method == "corr" else {"tapsmofrq": 4}
    data = spy.AnalogData([*values], samplerate=200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spy.SPYWarning)
        result = spy.connectivityanalysis(data, method=method, **{**spectra, **parameters}).data[()]
    return result[:, 0] if method == "corr" else result[0, 5:-5]


OTHERS = np.array([0, 1, 2])


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_channel_is_nan_and_harms_no_other(trials, method):
    silent = trials.copy()
    silent[..., 3] = 7.3  # whose mean is not exact in binary
    if method in FACTORS:
        with pytest.raises(spy.SPYValueError, match=r"power in every channel.*channel4"):
            connectivity(silent, method)
        return
    got = connectivity(silent, method)
    expected = connectivity(trials, method)
    np.testing.assert_array_equal(got[:, OTHERS[:, None], OTHERS], expected[:, OTHERS[:, None], OTHERS])
    empty = got[:, 3, OTHERS]
    assert (empty == 0).all() if method == "csd" else np.isnan(empty).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_trial_with_nan_spoils_its_channel_alone(trials, method):
    broken = trials.copy()
    broken[3, 5, 3] = np.nan
    if method in FACTORS:
        assert np.isnan(connectivity(broken, method)).all()
        return
    got, expected = connectivity(broken, method), connectivity(trials, method)
    np.testing.assert_allclose(got[:, OTHERS[:, None], OTHERS], expected[:, OTHERS[:, None], OTHERS], atol=1e-6)
    assert np.isnan(got[:, 3, OTHERS]).all()


@pytest.mark.parametrize("method", sorted(set(METHODS) - WITH_UNITS))
def test_units_offsets_and_precision_do_not_matter(trials, method):
    expected = connectivity(trials, method)
    for values in (
        trials * [1, 1e-9, 1e6, 1e3],
        (trials * 1e-13).astype("f4"),
        trials + np.array([0, 1e6, -1e6, 3e5]),
    ):
        np.testing.assert_allclose(connectivity(values, method), expected, atol=5e-5)
    coarse = (trials * 3000).round().astype("i2")
    np.testing.assert_allclose(connectivity(coarse, method), expected, atol=2e-2)


# signs count alike however small a coefficient is, so that rounding of the smallest ones shows
ROUNDS = ("pli", "dpli")


@pytest.mark.parametrize("scale", [1, -0.3])
def test_copies(trials, scale):
    """Of copies the phase is 0 or pi, and nothing has a lag."""
    copied = trials.copy()
    copied[..., 3] = scale * copied[..., 0]
    expected = {
        **dict.fromkeys(("coh", "plv", "ppc", "wppc", "cancoh", "powcorr", "amplcorr"), 1),
        **dict.fromkeys(("ciplv", "pli", "psi", "mim", "mic", "granger"), 0),
        "dpli": 0.5,
        **dict.fromkeys(("wpli", "wpli_debiased", "powcorr_ortho"), np.nan),
    }
    for method, value in expected.items():
        for values, parameters in ((copied, {}), (copied.astype("f4"), {"tapsmofrq": None})):
            got = connectivity(values, method, **parameters)[:, 0, 3]
            np.testing.assert_allclose(got, value, atol=0.15 if method in ROUNDS else 2e-5, err_msg=method)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"corr", *FACTORS[2:]}))
def test_orders_of_channels(trials, method):
    """Results of reordered channels are the reordered results."""
    order = np.array([2, 0, 3, 1])
    got, expected = connectivity(trials[..., order], method), connectivity(trials, method)
    np.testing.assert_allclose(got, expected[:, order[:, None], order], atol=2e-2 if method in FACTORS else 2e-5)


@pytest.mark.parametrize("samples", [3, 4])
@pytest.mark.parametrize("method", METHODS)
def test_trials_of_few_samples_are_right_or_refused(method, samples):
    values = RNG.standard_normal((30, samples, 2))
    parameters = {} if method == "corr" else {"tapsmofrq": None}
    if method == "psi" and samples == 3:
        with pytest.raises(spy.SPYValueError, match="three or more evenly spaced"):
            connectivity(values, method, **parameters)
    else:
        assert not np.isinf(connectivity(values, method, **parameters)).any()


def test_odd_and_even_lengths_have_their_last_bins():
    """At 0 Hz, and at Nyquist of even lengths, spectra are real."""
    for samples, real_bins in ((100, [0, -1]), (101, [0])):
        values = RNG.standard_normal((20, samples, 2))
        data = spy.AnalogData([*values], samplerate=100)
        got = spy.connectivityanalysis(data, method="coh", output="imag").data[0, :, 0, 1]
        np.testing.assert_allclose(got[real_bins], 0, atol=1e-6)
        assert (abs(np.delete(got, real_bins)) > 1e-6).all()
        assert spy.connectivityanalysis(data, method="wpli").data.shape[1] == samples // 2 + 1


def test_signals_and_their_spectra_give_the_same(trials):
    data = spy.AnalogData([*trials], samplerate=200)
    spectra = spy.freqanalysis(data, output="fourier", keeptapers=True, tapsmofrq=4)
    for method in sorted(set(METHODS) - {"corr", *FACTORS}):
        direct = spy.connectivityanalysis(data, method=method, tapsmofrq=4)
        second = spy.connectivityanalysis(spectra, method=method)
        np.testing.assert_array_equal(direct.data[()], second.data[()], err_msg=method)


def test_nothing_selected_is_an_error(trials):
    data = spy.AnalogData([*trials], samplerate=200)
    for select in ({"channel": []}, {"trials": []}):
        with pytest.raises(spy.SPYError):
            spy.connectivityanalysis(data, method="coh", select=select)
    for channelcmb in ([[], ["channel1"]], []):
        with pytest.raises(spy.SPYError):
            spy.connectivityanalysis(data, method="coh", channelcmb=channelcmb)


@pytest.mark.parametrize("polyremoval", [0, 1])
def test_trends_are_removed(trials, polyremoval):
    trend = np.linspace(0, 50, 100)[:, None] * np.array([1, -2, 0.5, 3]) if polyremoval else 1e3
    for method in ("coh", "wpli", "corr"):
        got = connectivity(trials + trend, method, polyremoval=polyremoval)
        np.testing.assert_allclose(got, connectivity(trials, method, polyremoval=polyremoval), atol=2e-5)
