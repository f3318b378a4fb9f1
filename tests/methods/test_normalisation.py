"""Every row of docs/normalisation.md: what the numbers are for white noise and for a cosine."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

import syncopy as spy

FS, N = 500.0, 500
TIME = np.arange(N) / FS
VARIANCE, AMPLITUDE, FREQ, PHASE = 4.0, 3.0, 50.0, 0.7
RNG = np.random.default_rng(12)
HALF = AMPLITUDE**2 / 2

CHECKS = {}


def row(method, quantity):
    """Register the check of a row of the table."""

    def register(check):
        CHECKS[method, quantity] = check
        return check

    return register


def rows_of_the_table():
    page, *_ = (Path(__file__).parents[2] / "docs" / "normalisation.md").read_text().split("\n## ")
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")
    ]
    return [tuple(line[:2]) for line in cells if not re.fullmatch(r"-+", line[0]) and line[0] != "method"]


@pytest.fixture(scope="module")
def noise():
    """One hundred trials of eight channels."""
    trials = [2 * RNG.standard_normal((N, 8)).astype("f4") for _ in range(100)]
    return spy.AnalogData(trials, samplerate=FS)


@pytest.fixture(scope="module")
def cosine():
    """From t = 0 on, three seconds."""
    time = np.arange(3 * N) / FS
    return spy.AnalogData((AMPLITUDE * np.cos(2 * np.pi * FREQ * time + PHASE))[:, None], samplerate=FS)


def mean(data, **kwargs):
    """Average over trials and channels: (time, freq)."""
    spec = spy.freqanalysis(data, keeptrials=False, polyremoval=None, **kwargs)
    return spec.data[:, 0].mean(axis=-1, dtype=np.result_type(spec.data.dtype, "f8"))


def at(data, **kwargs):
    """The only number: of the cosine's frequency, in the middle of the recording."""
    return spy.freqanalysis(data, polyremoval=None, **kwargs).data[()].item()


def angle_between(a, b):
    return abs(np.angle(np.exp(1j * (a - b))))


@pytest.mark.parametrize("key", rows_of_the_table(), ids=" ".join)
def test_row(key, noise, cosine):
    CHECKS[key](noise, cosine)


def test_every_check_has_a_row():
    assert set(CHECKS) == set(rows_of_the_table())


# -- Fourier transforms of trials


@row("mtmfft", "pow")
def mtmfft_power(noise, cosine):
    for kwargs in ({"taper": "hann"}, {"taper": "flattop"}, {"tapsmofrq": 5}):
        power = mean(noise, **kwargs)[0]
        np.testing.assert_allclose(power[5:-5].mean(), 2 * VARIANCE / N, rtol=0.02)
        assert mean(cosine, **kwargs).sum() == pytest.approx(HALF, rel=1e-4)
    short, long = (mean(cosine, pad=pad, foilim=[40, 60]) for pad in ("maxperlen", 12.0))
    assert short.max() == pytest.approx(long.max(), rel=1e-5)


@row("mtmfft", "fourier")
def mtmfft_fourier(noise, cosine):
    power, spectrum = (mean(cosine, output=output, foi=[FREQ]).item() for output in ("pow", "fourier"))
    assert abs(spectrum) ** 2 == pytest.approx(power, rel=1e-5)
    assert angle_between(np.angle(spectrum), PHASE) < 1e-3


@row("mtmfft, ft_compat", "pow")
def mtmfft_power_of_fieldtrip(noise, cosine):
    power = mean(noise, ft_compat=True, pad=2.0, taper="hanning")[0]
    np.testing.assert_allclose(power[9:-9].mean(), 2 * VARIANCE / 1000, rtol=0.02)
    assert power[0] == pytest.approx(VARIANCE / 1000, rel=0.15)
    assert power[-1] == pytest.approx(VARIANCE / 1000, rel=0.15)
    for pad in ("maxperlen", 12.0):
        assert mean(cosine, ft_compat=True, pad=pad, taper="hanning").sum() == pytest.approx(HALF, rel=1e-3)


@row("mtmfft, ft_compat", "fourier")
def mtmfft_fourier_of_fieldtrip(noise, cosine):
    later = spy.AnalogData(cosine.data[()], samplerate=FS, trialdefinition=[[0, 3 * N, 103]])  # starts at 0.206 s
    spectrum = mean(later, output="fourier", foi=[FREQ], ft_compat=True).item()
    assert angle_between(np.angle(spectrum), PHASE - 2 * np.pi * FREQ * 0.206) < 1e-3


def fitted(data, output):
    spec = spy.freqanalysis(data, output=output, foilim=[5, 100], keeptrials=False, fooof_opt={"max_n_peaks": 1})
    return spec, spec.data[0, 0].mean(axis=-1)


@row("mtmfft", "fooof")
def model(noise, cosine):
    assert fitted(noise, "fooof")[1].mean() == pytest.approx(2 * VARIANCE / N, rel=0.03)


@row("mtmfft", "fooof_aperiodic")
def background(noise, cosine):
    spec, power = fitted(noise, "fooof_aperiodic")
    offset, exponent = np.array(spec.info["aperiodic_params"][0]).T
    np.testing.assert_allclose(spec.data[0, 0], 10**offset / spec.freq[:, None] ** exponent, rtol=1e-4)
    assert power.mean() == pytest.approx(2 * VARIANCE / N, rel=0.03)


@row("mtmfft", "fooof_peaks")
def peaks(noise, cosine):
    whole, background, difference = (fitted(noise, f"fooof{part}")[1] for part in ("", "_aperiodic", "_peaks"))
    np.testing.assert_allclose(difference, whole - background, rtol=0, atol=1e-8)


# -- windows


@row("mtmconvol", "pow")
def window_power(noise, cosine, **kwargs):
    for window in ({"t_ftimwin": 0.2}, {"t_ftimwin": 0.4, "tapsmofrq": 10}):
        power = mean(noise, method="mtmconvol", toi=[-0.5], foilim=[20, 230], **window, **kwargs)
        assert power.mean() == pytest.approx(2 * VARIANCE / (window["t_ftimwin"] * FS), rel=0.03)
    assert mean(cosine, method="mtmconvol", t_ftimwin=0.4, toi=[1.5]).sum() == pytest.approx(HALF, rel=1e-3)


@row("mtmconvol", "fourier")
def window_fourier(noise, cosine):
    spectrum = at(cosine, method="mtmconvol", t_ftimwin=0.402, toi=[1.5], foi=[FREQ], output="fourier")
    power = at(cosine, method="mtmconvol", t_ftimwin=0.402, toi=[1.5], foi=[FREQ])
    assert abs(spectrum) ** 2 == pytest.approx(power, rel=1e-5)
    exact = at(cosine, method="mtmconvol", t_ftimwin=[0.402], toi=[1.5], foi=[FREQ], output="fourier")
    assert angle_between(np.angle(exact), PHASE + 2 * np.pi * FREQ * (1.5 - 0.2)) < 1e-3


@row("mtmconvol, ft_compat", "pow")
def window_power_of_fieldtrip(noise, cosine):
    window_power(noise, cosine, ft_compat=True)


@row("mtmconvol, ft_compat", "fourier")
def window_fourier_of_fieldtrip(noise, cosine):
    kwargs = {"method": "mtmconvol", "t_ftimwin": 0.402, "toi": [1.5], "foi": [FREQ], "ft_compat": True}
    spectrum = at(cosine, output="fourier", **kwargs)
    assert abs(spectrum) ** 2 == pytest.approx(at(cosine, **kwargs), rel=1e-5)
    assert angle_between(np.angle(spectrum), PHASE + 2 * np.pi * FREQ * 1.5) < 1e-3


@row("welch", "pow, mean")
def welch_power(noise, cosine, average="mean"):
    kwargs = {"method": "welch", "t_ftimwin": 0.2, "toi": 0.5, "average": average}
    assert mean(noise, foilim=[20, 230], **kwargs).mean() == pytest.approx(2 * VARIANCE / 100, rel=0.02)
    single = {"t_ftimwin": 0.2, "method": "mtmconvol", "toi": [1.5]}
    factor = 1 if average == "mean" else mean(cosine, **kwargs).sum() / mean(cosine, **single).sum()
    assert mean(cosine, **kwargs).sum() == pytest.approx(HALF * factor, rel=1e-3)


@row("welch", "pow, median")
def welch_median(noise, cosine):
    kwargs = {"method": "welch", "t_ftimwin": 0.2, "toi": 0.5, "average": "median"}
    assert mean(noise, foilim=[20, 230], **kwargs).mean() == pytest.approx(2 * VARIANCE / 100, rel=0.02)


# -- filters


def in_the_middle(noise, **kwargs):
    """Noise power at the frequencies, away from the edges."""
    return mean(noise, toi=np.arange(-0.6, -0.4, 0.02), **kwargs).mean(axis=0)


@row("wavelet Morlet", "pow")
def morlet(noise, cosine):
    freqs = np.array([40.0, 80.0])
    for width in (6.0, 9.0):
        centre = (width + np.sqrt(2 + width**2)) / 2
        scale = centre / (2 * np.pi * freqs)
        expected = VARIANCE * np.exp((centre - width) ** 2) / (np.sqrt(np.pi) * scale * FS)
        np.testing.assert_allclose(in_the_middle(noise, method="wavelet", foi=freqs, width=width), expected, rtol=0.05)
        assert at(cosine, method="wavelet", foi=[FREQ], toi=[1.5], width=width) == pytest.approx(HALF, rel=1e-3)


@row("wavelet Paul", "pow")
def paul(noise, cosine):
    assert at(cosine, method="wavelet", wavelet="Paul", order=4, foi=[FREQ], toi=[1.5]) == pytest.approx(HALF, rel=5e-3)
    low, high = in_the_middle(noise, method="wavelet", wavelet="Paul", order=4, foi=[20, 60])
    assert high == pytest.approx(3 * low, rel=0.15)


@row("wavelet DOG", "pow")
def dog(noise, cosine):
    period = np.arange(1.5, 1.5 + 0.0199, 0.002)  # ten samples
    for kwargs in ({"wavelet": "DOG", "order": 4}, {"wavelet": "Ricker"}):
        power = mean(cosine, method="wavelet", foi=[FREQ], toi=period, **kwargs)
        assert power.mean() == pytest.approx(HALF, rel=5e-3)
        low, high = in_the_middle(noise, method="wavelet", foi=[15, 45], **kwargs)
        assert high == pytest.approx(3 * low, rel=0.15)


@row("wavelet", "fourier")
def wavelet_fourier(noise, cosine, method="wavelet"):
    spectrum = at(cosine, method=method, foi=[FREQ], toi=[1.5], output="fourier")
    assert abs(spectrum) ** 2 == pytest.approx(at(cosine, method=method, foi=[FREQ], toi=[1.5]), rel=1e-5)
    assert angle_between(np.angle(spectrum), PHASE + 2 * np.pi * FREQ * 1.5) < 1e-3


@row("wavelet, ft_compat", "pow")
def wavelet_of_fieldtrip(noise, cosine):
    power = in_the_middle(noise, method="wavelet", foi=[30, 60, 120], width=7, ft_compat=True)
    np.testing.assert_allclose(power, 2 * VARIANCE, rtol=0.05)
    deviation = 7 / (2 * np.pi * FREQ)
    expected = AMPLITUDE**2 * np.sqrt(np.pi) * deviation * FS
    got = at(cosine, method="wavelet", foi=[FREQ], toi=[1.5], width=7, ft_compat=True)
    assert got == pytest.approx(expected, rel=0.01)


@row("superlet", "pow")
def superlets(noise, cosine):
    for kwargs in ({"order_max": 1}, {"order_max": 6}, {"order": 2.5}):
        assert at(cosine, method="superlet", foi=[FREQ], toi=[1.5], **kwargs) == pytest.approx(HALF, rel=1e-3)
        low, high = in_the_middle(noise, method="superlet", foi=[30, 60], **kwargs)
        assert high == pytest.approx(2 * low, rel=0.15)


@row("superlet, ft_compat", "pow")
def superlets_of_fieldtrip(noise, cosine):
    kwargs = {"method": "superlet", "foi": [FREQ], "ft_compat": True}
    single, triple = (in_the_middle(noise, order=order, **kwargs).item() for order in (1, 3))
    assert single == pytest.approx(2 * VARIANCE, rel=0.05)
    assert triple < single
    deviations = 3 * np.array([1, 2, 3]) / (2 * np.pi * FREQ)
    expected = AMPLITUDE**2 * np.sqrt(np.pi) * np.exp(np.log(deviations).mean()) * FS
    assert at(cosine, order=3, toi=[1.5], **kwargs) == pytest.approx(expected, rel=0.01)


def band_variance():
    """Of the noise, behind SciPy's filter of order 4 in two passes."""
    sos = signal.butter(4, (FREQ - 6, FREQ + 6), "bandpass", fs=FS, output="sos")
    return VARIANCE * np.mean(np.abs(signal.sosfreqz(sos, 20_000, whole=True)[1]) ** 4)


@row("hilbert", "pow")
def band_power(noise, cosine, factor=1, **kwargs):
    power = in_the_middle(noise, method="hilbert", foi=[FREQ], **kwargs)
    assert power.item() == pytest.approx(factor * band_variance(), rel=0.1)
    assert at(cosine, method="hilbert", foi=[FREQ], toi=[1.5], **kwargs) == pytest.approx(factor * HALF, rel=0.01)


@row("hilbert", "fourier")
def band_fourier(noise, cosine):
    wavelet_fourier(noise, cosine, method="hilbert")


@row("hilbert, ft_compat", "pow")
def band_power_of_fieldtrip(noise, cosine):
    band_power(noise, cosine, factor=2, ft_compat=True)


# -- IRASA, cross-spectra

FEW = {"method": "irasa", "hset": [1.2, 1.5, 1.8], "select": {"trials": np.arange(25)}}


@row("irasa", "original")
def irasa_original(noise, cosine):
    assert mean(noise, output="original", **FEW).mean() == pytest.approx(2 * VARIANCE / 256, rel=0.03)
    kwargs = {"method": "irasa", "output": "original", "hset": [1.5], "windowlength": 0.5, "pad": 3.0}
    spread = mean(cosine, foilim=[20, 80], **kwargs).sum() * 250 / 1500  # bins six times as dense as the window's
    assert spread == pytest.approx(HALF, rel=0.01)


@row("irasa", "fractal")
def irasa_fractal(noise, cosine):
    power = mean(noise, output="fractal", foilim=[10, 120], **FEW)
    assert 0.85 < power.mean() / (2 * VARIANCE / 256) < 1
    both = spy.AnalogData(RNG.standard_normal((3 * N, 1)) + cosine.data[()], samplerate=FS)
    fractal, original = (mean(both, method="irasa", output=part, foi=[FREQ]).item() for part in ("fractal", "original"))
    assert fractal < original / 50


@row("irasa", "oscillatory")
def irasa_oscillatory(noise, cosine):
    original, fractal, rest = (
        mean(noise, output=part, foilim=[10, 120], **FEW) for part in ("original", "fractal", "oscillatory")
    )
    np.testing.assert_allclose(rest, original - fractal, atol=1e-6)
    assert abs(rest.mean()) < 0.15 * original.mean()


@row("irasa, ft_compat", "original")
def irasa_of_fieldtrip(noise, cosine):
    power = mean(noise, output="original", ft_compat=True, pad=2.0, foilim=[0, 250], **FEW)[0]
    assert power[10:-10].mean() == pytest.approx(2 * VARIANCE / 1000, rel=0.03)
    assert power[0] == pytest.approx(VARIANCE / 1000, rel=0.2)
    assert power[-1] == pytest.approx(VARIANCE / 1000, rel=0.2)


@row("csd", "pow")
def cross_spectra(noise, cosine):
    csd = spy.connectivityanalysis(noise, method="csd", tapsmofrq=5, keeptrials=False, polyremoval=None)
    power = spy.freqanalysis(noise, tapsmofrq=5, keeptrials=False, polyremoval=None)
    diagonal = np.diagonal(np.abs(csd.data[0]), axis1=1, axis2=2)
    np.testing.assert_allclose(diagonal, power.data[0, 0], rtol=1e-4)
