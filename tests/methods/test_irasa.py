"""IRASA of objects: against its kernel and FieldTrip, slopes of power laws, real recordings."""

import numpy as np
import pytest
from scipy import fft

import syncopy as spy
from syncopy.kernels.irasa import irasa_power
from tests.methods.fieldtrip import oracle, recording

RNG = np.random.default_rng(2)


def power_law(exponent, lengths=(600, 600, 600), channels=2, fs=200.0, freq=None):
    """Trials of noise with power f^-exponent, and an oscillation on top."""
    trials = []
    for length in lengths:
        freqs = fft.rfftfreq(length)
        freqs[0] = freqs[1]
        noise = fft.irfft(
            fft.rfft(RNG.standard_normal((length, channels)), axis=0) * freqs[:, None] ** (-exponent / 2),
            length,
            axis=0,
        )
        wave = 0 if freq is None else np.cos(2 * np.pi * freq * np.arange(length) / fs)[:, None]
        trials.append((noise / noise.std() + wave).astype("f4"))
    return spy.AnalogData(trials, samplerate=fs)


def analyse(data, **kwargs):
    return spy.freqanalysis(data, method="irasa", **kwargs)


def test_parts_equal_the_kernel():
    data = power_law(1, (600, 500))
    kwargs = {"hset": [1.2, 1.5], "nwindow": 4, "windowlength": 1.0, "pad": 3.0, "foilim": [2, 50]}
    parts = {part: analyse(data, output=part, **kwargs) for part in ("original", "fractal", "oscillatory")}
    assert parts["fractal"].taper.tolist() == ["hanning"]
    for number, trial in enumerate(data.trials):
        block, bins = trial[None].astype("f8"), np.arange(6, 151)
        power, fractal = irasa_power(block, 200, 600, bins, window_count=4, factors=(1.2, 1.5), polyremoval=0)
        expected = {"original": power[0], "fractal": fractal[0], "oscillatory": (power - fractal)[0]}
        for part, spec in parts.items():
            np.testing.assert_allclose(spec.freq, bins / 3)
            assert spec.data.dtype == np.float32
            np.testing.assert_allclose(spec.trials[number][0, 0], expected[part], rtol=0, atol=1e-5 * power.max())
            np.testing.assert_allclose(spec.time[number], [-1])


@pytest.mark.parametrize("exponent", [0.5, 1.5])
def test_the_slope_is_found_beside_an_oscillation(exponent):
    data = power_law(exponent, (2000,) * 5, freq=20)
    kwargs = {"keeptrials": False, "hset": [1.15, 1.35, 1.55, 1.75, 1.9]}
    fractal, original = (analyse(data, output=part, **kwargs) for part in ("fractal", "original"))
    assert fractal.freq[0] > 0
    assert fractal.freq[-1] <= 200 / 2 / 1.9
    use = (fractal.freq > 3) & (fractal.freq < 45)
    power = fractal.data[0, 0].mean(axis=-1)
    slope = np.polyfit(np.log(fractal.freq[use]), np.log(power[use]), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.15)
    peak = np.argmin(np.abs(fractal.freq - 20))
    assert original.data[0, 0, peak].mean() > 10 * power[peak]


def test_theta_of_a_rat_stands_out(shared):
    lfp = np.load(shared / "recordings" / "lfp_rat_hippocampus_1000hz.npy")[:20_000, None].astype("f4")
    data = spy.AnalogData([lfp[start : start + 4000] for start in range(0, 20_000, 4000)], samplerate=1000)
    spec = analyse(data, output="oscillatory", foilim=[3, 30], keeptrials=False)
    assert 6 < spec.freq[spec.data[0, 0, :, 0].argmax()] < 9


def test_trials_averages_and_memory():
    data = power_law(1, (600, 500, 700))
    kept, mean = analyse(data, output="fractal"), analyse(data, output="fractal", keeptrials=False)
    assert kept.data.shape == (3, 1, len(kept.freq), 2)
    np.testing.assert_allclose(mean.data[0], np.mean(kept.data[()], axis=0), rtol=1e-5)
    np.testing.assert_array_equal(mean.trialdefinition, [[0, 1, 0]])
    data = power_law(1, (20_000,), channels=6)
    whole = analyse(data, output="fractal", hset=[1.3, 1.7], nwindow=3).data[()]
    with spy.options(memory="40MB", workers=1):
        cut = analyse(data, output="fractal", hset=[1.3, 1.7], nwindow=3).data[()]
    np.testing.assert_allclose(cut, whole, rtol=1e-5)


def test_one_trial_larger_than_the_memory():
    generator = np.random.default_rng(0)
    data = spy.AnalogData(generator.standard_normal((200_000, 64), dtype="f4"), samplerate=500)
    how = {"output": "fractal", "hset": [1.5], "nwindow": 2, "foilim": [1, 40]}
    expected = analyse(data.selectdata(channel=[5, 41]), **how)
    with spy.options(memory=int(0.8 * data.data.nbytes), workers=1):
        assert analyse(data, **how, dry_run=True).passes > 1
        spec = analyse(data, **how)
    np.testing.assert_array_equal(spec.data[..., [5, 41]], expected.data[()])


def test_windows_are_padded_as_far_as_resampling_needs():
    data = power_law(1, (570,))  # a window of 512 samples, 973 when resampled by 1.9
    assert analyse(data, output="original", foilim=[1, 5]).freq[0] == pytest.approx(1, abs=0.2)
    assert len(analyse(data, output="original", foi="all").freq) > 100


def test_nan_spoils_its_channel_and_trial():
    data = power_law(1)
    data.data[700, 1] = np.nan
    with pytest.warns(spy.SPYWarning, match="NaN: 1"):
        spec = analyse(data, output="fractal", hset=[1.5])
    np.testing.assert_array_equal(np.isnan(spec.data[:, 0, 0]), [[False, False], [False, True], [False, False]])


@pytest.mark.parametrize("samples", [1, 2])
def test_trials_too_short_to_resample(samples):
    data = spy.AnalogData([np.zeros((samples, 1))], samplerate=500)
    with pytest.raises(spy.SPYValueError, match="3 samples at least"):
        spy.freqanalysis(data, method="irasa", output="fractal")


def test_frequencies_beyond_the_fractal_range_are_told():
    with pytest.warns(spy.SPYWarning, match=r"too small above 52\.6"):
        analyse(power_law(1), output="fractal", foilim=[2, 80])
    analyse(power_law(1), output="original", foilim=[2, 80])


@pytest.mark.parametrize(
    ("kwargs", "error", "text"),
    [
        ({}, spy.SPYValueError, "output.*'fractal'"),
        ({"output": "pow"}, spy.SPYValueError, "output.*'fractal'"),
        ({"output": "aperiodic"}, spy.SPYValueError, "output.*'fractal'"),
        ({"hset": [0.9]}, spy.SPYValueError, "hset.*> 1"),
        ({"hset": []}, spy.SPYValueError, "hset"),
        ({"nwindow": 0}, spy.SPYValueError, "nwindow"),
        ({"windowlength": 4.0}, spy.SPYValueError, "windowlength.*3 s"),
        ({"windowlength": "long"}, spy.SPYValueError, "windowlength"),
        ({"pad": 1.0}, spy.SPYValueError, "pad"),
        ({"foi": [120]}, spy.SPYValueError, "foi"),
    ],
    ids=str,
)
def test_mistakes_are_explained_before_any_work(kwargs, error, text):
    with pytest.raises(error, match=text):
        analyse(power_law(1), **({"output": "fractal"} | kwargs if kwargs else {}))


@pytest.mark.parametrize(
    ("case", "kwargs"),
    [
        ("fractal_default", {"output": "fractal"}),
        ("original_default", {"output": "original"}),
        ("fractal_hset_win", {"output": "fractal", "nwindow": 5, "windowlength": 0.5}),
        ("fractal_all_pad4", {"output": "fractal", "windowlength": "all"}),
    ],
)
def test_power_of_fieldtrip(shared, case, kwargs):
    cfg, expected = oracle(shared, f"irasa/{case}")
    hset = {"hset": cfg["hset"]} if "hset" in cfg else {}
    spec = analyse(
        recording(shared), ft_compat=True, keeptrials=False, foilim=cfg["foilim"], pad=cfg["pad"], **kwargs, **hset
    )
    np.testing.assert_allclose(spec.freq, expected["freq"])
    np.testing.assert_allclose(spec.data[0, 0].T, expected["powspctrm"], rtol=2e-6)
