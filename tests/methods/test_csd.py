"""Cross-spectra: plain loops, single trials, pairs of channels, selections, FieldTrip's numbers."""

import numpy as np
import pytest
from scipy.signal import windows

import syncopy as spy
from tests.methods.test_mtmfft import close, oracle_cases, oracle_input, plain_spectra

RNG = np.random.default_rng(21)
CHANNELS = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def data():
    trials = [RNG.standard_normal((150, 4)) + 3 for _ in range(7)]
    signals = spy.AnalogData(trials, samplerate=300, channel=CHANNELS)
    definition = np.column_stack([signals.trialdefinition, np.arange(7) * 10])
    definition[:, 2] = -30 - np.arange(7)
    signals.trialdefinition = definition
    return signals


def plain_csd(trial, tapers):
    z = plain_spectra(trial, tapers)
    return np.einsum("kfi,kfj->fij", z, z.conj()) / len(z)


HANN = windows.hann(150)[None]
DPSS = windows.dpss(150, 3, 5)


@pytest.mark.parametrize(("kwargs", "tapers"), [({}, HANN), ({"tapsmofrq": 6}, DPSS)])
def test_single_trials_and_their_mean_equal_plain_loops(data, kwargs, tapers):
    expected = np.array([plain_csd(trial, tapers) for trial in data.trials])
    kept = spy.connectivityanalysis(data, method="csd", keeptrials=True, **kwargs)
    assert kept.data.dtype == np.complex64
    close(kept.data[()], expected)
    mean = spy.connectivityanalysis(data, method="csd", **kwargs)
    close(mean.data[0], expected.mean(axis=0))
    np.testing.assert_allclose(mean.freq, np.fft.rfftfreq(150, 1 / 300))
    np.testing.assert_array_equal(mean.data[0], mean.data[0].conj().transpose(0, 2, 1))


def test_results_lie_at_zero_and_keep_trial_information(data):
    kept = spy.connectivityanalysis(data, method="csd", keeptrials=True)
    np.testing.assert_array_equal(kept.trialdefinition[:, 2], 0)
    np.testing.assert_array_equal(kept.trialinfo, data.trialinfo)
    for method in ("csd", "coh", "ppc"):
        result = spy.connectivityanalysis(data, method=method)
        np.testing.assert_array_equal(result.trialdefinition[:, :3], [[0, 1, 0]])
        assert result.time[0].tolist() == [0]
        assert result.samplerate == 300


def test_one_trial_can_be_kept_but_not_averaged(data):
    one = spy.connectivityanalysis(data, method="csd", keeptrials=True, select={"trials": 3})
    close(one.data[0], plain_csd(data.trials[3], HANN))
    with pytest.raises(spy.SPYValueError, match=r"multi-trial input data.*one trial|multi-trial.*1 trial"):
        spy.connectivityanalysis(data, method="csd", select={"trials": 3})


def test_senders_and_receivers(data):
    whole = spy.connectivityanalysis(data, method="csd").data[()]
    for senders, receivers in ((["c", "a"], ["b"]), (("c", "a"), ("b",)), (np.array([2, 0]), np.int64(1))):
        part = spy.connectivityanalysis(data, method="csd", channelcmb=[senders, receivers])
        assert part.channel_i.tolist() == ["c", "a"]
        assert part.channel_j.tolist() == ["b"]
        close(part.data[()], whole[:, :, [2, 0]][..., [1]])


def test_a_list_of_pairs(data):
    whole = spy.connectivityanalysis(data, method="csd").data[()]
    pairs = [("d", "a"), ("b", "c"), ("d", "c")]
    for keeptrials in (False, True):
        part = spy.connectivityanalysis(data, method="csd", channelcmb=pairs, keeptrials=keeptrials)
        assert part.channel_i.tolist() == ["d", "b"]
        assert part.channel_j.tolist() == ["a", "c"]
        assert np.isnan(part.data[:, :, 1, 0]).all()
    part = spy.connectivityanalysis(data, method="csd", channelcmb=np.array([[3, 0], [1, 2], [3, 2]]))
    for sender, receiver in pairs:
        i, j = part.channel_i.tolist().index(sender), part.channel_j.tolist().index(receiver)
        close(part.data[0, :, i, j], whole[0, :, CHANNELS.index(sender), CHANNELS.index(receiver)])
    single = spy.connectivityanalysis(data, method="csd", channelcmb=[["d", "a"]])
    assert single.data.shape[2:] == (1, 1)
    two = spy.connectivityanalysis(data, method="csd", channelcmb=[["d", "a"], ["b", "c"], ["b", "c"]])
    assert np.isnan(two.data[0, 3]).tolist() == [[False, True], [True, False]]


def test_selections_of_channels_and_frequencies(data):
    whole = spy.connectivityanalysis(data, method="csd")
    part = spy.connectivityanalysis(data, method="csd", select={"channel": ["d", "b"], "trials": [0, 2, 4]})
    assert part.channel_i.tolist() == ["d", "b"]
    assert part.channel_j.tolist() == ["d", "b"]
    expected = np.mean([plain_csd(data.trials[number], HANN) for number in (0, 2, 4)], axis=0)
    close(part.data[0], expected[:, [3, 1]][..., [3, 1]])
    spectra = spy.freqanalysis(data, output="fourier", keeptapers=True)
    band = spy.connectivityanalysis(spectra, method="csd", select={"frequency": [20, 60]})
    np.testing.assert_allclose(band.freq, whole.freq[10:31])
    close(band.data[()], whole.data[:, 10:31])
    named = spy.connectivityanalysis(data, method="csd", foilim=[20, 60])
    np.testing.assert_allclose(named.freq, band.freq)
    close(named.data[()], band.data[()])


def test_axes_in_the_other_order(data):
    turned = spy.AnalogData(np.concatenate(list(data.trials)).T.copy(), samplerate=300, dimord=["channel", "time"])
    turned.trialdefinition = data.trialdefinition
    got = spy.connectivityanalysis(turned, method="csd")
    close(got.data[()], spy.connectivityanalysis(data, method="csd").data[()])


def test_parameters_of_spectra_have_no_effect_on_spectra(data):
    spectra = spy.freqanalysis(data, output="fourier", keeptapers=True)
    for name, value in {"pad": "nextpow2", "foi": [20.0], "tapsmofrq": 5.0, "polyremoval": 1}.items():
        with pytest.warns(spy.SPYWarning, match=f"`{name}` has no effect on SpectralData"):
            spy.connectivityanalysis(spectra, method="csd", **{name: value})


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({"channelcmb": []}, spy.SPYValueError, "channelcmb"),
        ({"channelcmb": [["a", "b"], ["c", "d"], ["a"]]}, spy.SPYValueError, "pairs"),
        ({"channelcmb": [["a", "b"], ["c", "e"], ["a", "d"]]}, spy.SPYValueError, "channelcmb.*existing"),
        ({"channelcmb": [["*", "b"], ["c", "d"], ["a", "b"]]}, spy.SPYValueError, "single channels"),
        ({"channelcmb": [{"a": 1}, ["b"]]}, spy.SPYTypeError, "channelcmb"),
        ({"pad": 0.1}, spy.SPYValueError, "pad.*longest trial"),
        ({"foi": [1.0], "foilim": [1.0, 2.0]}, spy.SPYValueError, "not both"),
    ],
)
def test_mistakes(data, kwargs, error, text):
    with pytest.raises(error, match=text):
        spy.connectivityanalysis(data, method="csd", **kwargs)


def test_fieldtrip_numbers(shared):
    data = oracle_input(shared, "net")
    spectra = spy.freqanalysis(data, tapsmofrq=4, output="fourier", keeptapers=True, foilim=[5, 100], ft_compat=True)
    cases = {case["case"]: case for case in oracle_cases(shared, "conn")}
    with np.load(shared / "oracle" / "conn.npz") as file:
        key = cases["csd_complex"]["arrays"]["crsspctrm"]["key"]
        expected = file[key].transpose(2, 0, 1)
    close(spy.connectivityanalysis(spectra, method="csd").data[0], expected, 1e-6)
    direct = spy.connectivityanalysis(data, method="csd", tapsmofrq=4, foilim=[5, 100], ft_compat=True)
    close(direct.data[0], expected, 1e-6)
