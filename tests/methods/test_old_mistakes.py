"""What the old package did wrong and no other test of a method shows to be right now."""

import warnings

import numpy as np
import pytest
from scipy import signal

import syncopy as spy

RNG = np.random.default_rng(17)

CALLS = {
    "mtmfft": lambda data, **kwargs: spy.freqanalysis(data, foilim=[5, 90], **kwargs),
    "mtmconvol": lambda data, **kwargs: spy.freqanalysis(
        data, method="mtmconvol", t_ftimwin=0.1, foi=[20, 40], toi=0.5, polyremoval=1, **kwargs
    ),
    "welch": lambda data, **kwargs: spy.freqanalysis(data, method="welch", t_ftimwin=0.1, toi=0.5, **kwargs),
    "wavelet": lambda data, **kwargs: spy.freqanalysis(data, method="wavelet", foi=[20, 40], **kwargs),
    "superlet": lambda data, **kwargs: spy.freqanalysis(data, method="superlet", foi=[20, 40], order_max=2, **kwargs),
    "hilbert": lambda data, **kwargs: spy.freqanalysis(data, method="hilbert", foi=[20, 40], **kwargs),
    "irasa": lambda data, **kwargs: spy.freqanalysis(data, method="irasa", output="fractal", hset=[1.2, 1.5], **kwargs),
    "butterworth": lambda data, **kwargs: spy.preprocessing(data, freq=[5, 40], filter_type="bp", **kwargs),
    "firws": lambda data, **kwargs: spy.preprocessing(
        data, filter_class="firws", freq=30, order=50, rectify=True, **kwargs
    ),
    "zscore": lambda data, **kwargs: spy.preprocessing(data, filter_class=None, zscore=True, **kwargs),
    "resample": lambda data, **kwargs: spy.resampledata(data, resamplefs=300, order=100, **kwargs),
    "downsample": lambda data, **kwargs: spy.resampledata(data, resamplefs=100, method="downsample", **kwargs),
}


def recording(channels=3, lengths=(300, 300, 250), gap=7):
    """Trials with gaps between them, the first one not at the start of the file."""
    starts = np.cumsum([gap, *(length + gap for length in lengths[:-1])])
    values = RNG.standard_normal((starts[-1] + lengths[-1] + gap, channels))
    rows = [[s, s + n, -100, 40 + k] for k, (s, n) in enumerate(zip(starts, lengths, strict=True))]
    return spy.AnalogData(values, samplerate=500, trialdefinition=np.array(rows))


def turned(data):
    values = np.ascontiguousarray(data.data[()].T)
    return spy.AnalogData(
        values, dimord=["channel", "time"], samplerate=500, trialdefinition=data.trialdefinition, channel=data.channel
    )


@pytest.mark.parametrize("name", CALLS)
def test_any_order_of_axes(name):
    data = recording()
    straight, other = CALLS[name](data), CALLS[name](turned(data))
    assert other.dimord == straight.dimord or other.dimord == ["channel", "time"]
    for number in range(3):
        one, two = straight.trials[number], other.trials[number]
        np.testing.assert_allclose(two if other.dimord == straight.dimord else two.T, one, rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(other.channel, straight.channel)


@pytest.mark.parametrize("name", CALLS)
def test_channels_per_worker_change_nothing(name):
    data = recording(channels=5)
    for parallel in (False, True):
        split = CALLS[name](data, chan_per_worker=2, parallel=parallel)
        np.testing.assert_array_equal(split.data[()], CALLS[name](data).data[()])


@pytest.mark.parametrize("name", CALLS)
def test_one_channel_is_computed_as_one_of_many(name):
    data = recording()
    alone = CALLS[name](spy.selectdata(data, channel=1))
    np.testing.assert_allclose(alone.data[..., 0], CALLS[name](data).data[..., 1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", CALLS)
def test_results_are_packed_and_trials_keep_their_place_in_time(name):
    data = recording()
    result = CALLS[name](data)
    assert result.sampleinfo[0, 0] == 0
    np.testing.assert_array_equal(result.sampleinfo[1:, 0], result.sampleinfo[:-1, 1])
    assert result.sampleinfo[-1, 1] == result.data.shape[0]
    np.testing.assert_array_equal(result.trialinfo, data.trialinfo)
    for number in range(3):
        assert result.time[number][0] == pytest.approx(data.time[number][0], abs=1e-12)
        assert len(result.time[number]) == len(result.trials[number])


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_fails_leaves_no_selection(name):
    data = recording()
    with pytest.raises(spy.SPYValueError):
        CALLS[name](data, select={"channel": "nobody"})
    assert data.selection is None
    data.selectdata(trials=[0, 1], inplace=True)
    first, second = CALLS[name](data), CALLS[name](data)
    np.testing.assert_array_equal(first.data[()], second.data[()])
    np.testing.assert_array_equal(first.sampleinfo, second.sampleinfo)


@pytest.mark.parametrize("seconds", [0.1, 0.102])
def test_single_times_and_times_at_the_ends_of_trials(seconds):
    data = recording(channels=1)
    everywhere = spy.freqanalysis(data, method="mtmconvol", t_ftimwin=seconds, foi=[20, 40], polyremoval=1)
    for toi, sample in (([-0.2], [0]), ([0.298], [249]), ([-0.2, 0.298], [0, 249])):
        some = spy.freqanalysis(data, method="mtmconvol", t_ftimwin=seconds, foi=[20, 40], polyremoval=1, toi=toi)
        for number in range(3):
            np.testing.assert_allclose(some.trials[number], everywhere.trials[number][sample], rtol=1e-4, atol=1e-7)


def test_a_cfg_keeps_fractions():
    data = recording()
    spec = spy.freqanalysis(data, foi=[1.0, 1.7, 2.0], pad=2.5)
    assert spec.cfg.freqanalysis.foi == [1.0, 1.7, 2.0]
    cut = spy.freqanalysis(data, foilim=[2, 10.5], select={"latency": [0, 0.25]})
    assert cut.cfg.freqanalysis.foilim == [2, 10.5]
    assert cut.cfg.freqanalysis.select["latency"] == [0, 0.25]
    again = spy.freqanalysis(data, spec.cfg)
    np.testing.assert_array_equal(again.freq, spec.freq)


@pytest.mark.parametrize(("direction", "gain"), [("onepass", 0.5), ("twopass", 0.25), ("onepass-minphase", 0.5)])
def test_gain_of_firws_at_the_cutoff(direction, gain):
    impulse = np.zeros((2001, 1))
    impulse[1000] = 1
    data = spy.AnalogData(impulse, samplerate=1000)
    response = spy.preprocessing(data, filter_class="firws", freq=100, order=400, direction=direction).data[:, 0]
    spectrum = np.abs(np.fft.rfft(response.astype("f8"), 10000))
    assert spectrum[1000] == pytest.approx(gain, rel=2e-3)
    assert spectrum[0] == pytest.approx(1, rel=1e-3)
    assert spectrum[1500:].max() < 2e-3


def test_all_rates_give_the_length_they_announce():
    """Rates at which the old package disagreed with itself by a sample."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spy.SPYWarning)
        for rate, new, samples in ((200, 7, 3000), (1000, 30, 991), (500, 499.9, 17), (512, 100, 1001), (44.1, 48, 73)):
            result = spy.resampledata(spy.AnalogData(np.ones((samples, 1)), samplerate=rate), resamplefs=new, order=100)
            assert abs(len(result.trials[0]) - samples * new / rate) < 1
            assert result.samplerate == new


def test_a_resampled_trial_does_not_alias_whatever_the_ratio():
    """A long `up` used to make the filter too short: here 7 : 25 and 441 : 1000."""
    for rate, new in ((250, 70), (1000, 441)):
        time = np.arange(4000) / rate
        above = np.cos(2 * np.pi * 0.62 * new * time)
        data = spy.AnalogData(above[:, None], samplerate=rate)
        result = spy.resampledata(data, resamplefs=new, order=1000)
        inside = result.data[len(result.data) // 4 : -len(result.data) // 4, 0]
        assert np.abs(inside).max() < 0.01


def test_welch_of_white_noise_has_no_bias():
    noise = RNG.standard_normal((1200, 40))
    data = spy.AnalogData(noise, samplerate=1000)
    for seconds in (0.5, 0.2):
        spec = spy.freqanalysis(data, method="welch", t_ftimwin=seconds, toi=0.5, polyremoval=None)
        window = round(seconds * 1000)
        expected = signal.welch(
            noise, 1000, "hann", window, window // 2, detrend=False, scaling="density", axis=0
        )[1][5:-5].mean()  # fmt: skip
        assert spec.data[0, 0, 5:-5].mean() == pytest.approx(2 / window, rel=0.05)
        assert spec.data[0, 0, 5:-5].mean() == pytest.approx(expected * 1000 / window, rel=0.01)
