"""Wavelet transforms against convolution by brute force, closed forms, and FieldTrip."""

import math
import tracemalloc

import numpy as np
import pytest
from scipy.special import eval_hermitenorm

from syncopy.kernels import filterbank, wavelets
from syncopy.kernels.filterbank import filter_scratch, trial_capacity
from syncopy.kernels.wavelets import DOG, FieldTripWavelets, Morlet, Paul, WaveletKernels

FAMILIES = (Morlet(6.0), Morlet(3.5), Paul(4), Paul(5), DOG(2), DOG(3))
OUTPUTS = ("pow", "abs", "fourier", "real", "imag", "absreal", "absimag", "angle")


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def brute_force(block, kernel_set):
    """(trial, time, freq, channel) by numpy.convolve, one signal at a time."""
    result = np.empty((len(block), block.shape[1], len(kernel_set.frequencies), block.shape[2]), complex)
    for index in range(len(kernel_set.frequencies)):
        (kernel,) = kernel_set.kernels(index)
        centre = len(kernel) // 2
        for trial, channel in np.ndindex(len(block), block.shape[2]):
            full = np.convolve(block[trial, :, channel], kernel)
            result[trial, :, index, channel] = full[centre : centre + block.shape[1]]
    return result


def published(wavelet, x):
    """psi(x) of Torrence & Compo (1998), table 1, with their factors; the sign of odd DOGs is the opposite."""
    if isinstance(wavelet, Morlet):
        return np.pi**-0.25 * (np.exp(1j * wavelet.width * x) - np.exp(-(wavelet.width**2) / 2)) * np.exp(-(x**2) / 2)
    m = wavelet.order
    if isinstance(wavelet, Paul):
        norm = 2**m * 1j**m * math.factorial(m) / math.sqrt(np.pi * math.factorial(2 * m))
        return norm * (1 - 1j * x) ** -(m + 1.0)
    return (-1) ** (m + 1) / math.sqrt(math.gamma(m + 0.5)) * eval_hermitenorm(m, x) * np.exp(-(x**2) / 2)


def published_period(wavelet, scale):
    if isinstance(wavelet, Morlet):
        return 4 * np.pi * scale / (wavelet.width + np.sqrt(2 + wavelet.width**2))
    if isinstance(wavelet, Paul):
        return 4 * np.pi * scale / (2 * wavelet.order + 1)
    return 2 * np.pi * scale / np.sqrt(wavelet.order + 0.5)


@pytest.mark.parametrize("wavelet", FAMILIES, ids=repr)
def test_scale_and_period_follow_the_table(wavelet):
    freqs = np.array([0.3, 4.0, 77.0])
    np.testing.assert_allclose(1 / published_period(wavelet, wavelets.scale_of(freqs, wavelet.centre)), freqs)


@pytest.mark.parametrize("wavelet", FAMILIES, ids=repr)
def test_kernel_is_the_published_one_times_the_documented_factor(wavelet):
    samplerate, half_width = 500.0, 60
    scale = (half_width + 0.5) / 5 / samplerate  # 121 samples within +-5 scales, symmetric in either sampling
    freq = 1 / published_period(wavelet, scale)
    (kernel,) = WaveletKernels(wavelet, (freq,), samplerate).kernels(0)
    time = np.arange(-half_width, half_width + 1) / samplerate
    legacy = np.sqrt(1 / samplerate) / (8 * np.pi * scale) * published(wavelet, time / scale)
    x = np.linspace(-5, 5, 100_001)
    spectrum = abs(np.trapezoid(published(wavelet, x) * np.exp(-1j * wavelet.centre * x), x))
    factor = np.sqrt(samplerate) / (8 * np.pi) * spectrum / (np.sqrt(2) if wavelet.analytic else 1)
    np.testing.assert_allclose(kernel * factor, legacy, rtol=1e-5, atol=1e-7 * abs(legacy).max())
    if wavelet == Morlet(6.0):
        assert factor == pytest.approx(0.0528 * np.sqrt(samplerate), rel=1e-3)


@pytest.mark.parametrize("wavelet", FAMILIES, ids=repr)
@pytest.mark.parametrize("sample_count", [1, 2, 99, 250])
def test_equals_convolution(wavelet, sample_count):
    block = noise(2, sample_count, 3)
    kernel_set = WaveletKernels(
        wavelet, (90.0, 1.0, 4.0, 17.3, 100.0), 200.0
    )  # the kernels of 1 Hz are longer than the trial
    got = wavelets.transform(block, kernel_set, "fourier")
    assert got.dtype == np.complex128
    np.testing.assert_allclose(got, brute_force(block, kernel_set), rtol=0, atol=1e-13)


@pytest.mark.parametrize("wavelet", [Morlet(6.0), DOG(2)], ids=repr)
def test_long_trials_are_cut_without_seams(wavelet, monkeypatch):
    monkeypatch.setattr(filterbank, "LONG_TRIAL", 256)
    monkeypatch.setattr(filterbank, "SHORT_PIECE", 128)
    block = noise(2, 1501, 2)
    kernel_set = WaveletKernels(wavelet, (11.0, 22.0, 60.0), 200.0)
    frames = {filterbank.make_frame(1501, kernel_set.half_widths(index)[0]) for index in range(3)}
    assert all(frame.step < 1501 for frame in frames)
    assert len(frames) > 1
    filterbank._kept_banks.cache_clear()
    expected = brute_force(block, kernel_set)
    np.testing.assert_allclose(wavelets.transform(block, kernel_set, "fourier"), expected, rtol=0, atol=1e-13)
    samples = np.array([0, 3, 700, 701, 1500])
    picked = wavelets.transform(block, kernel_set, "fourier", samples)
    np.testing.assert_allclose(picked, expected[:, samples], rtol=0, atol=1e-13)
    block[1, 900, 0] = np.nan
    spoilt = np.isnan(wavelets.transform(block, kernel_set)).all(axis=(1, 2))
    np.testing.assert_array_equal(spoilt, [[False, False], [True, False]])
    filterbank._kept_banks.cache_clear()


def test_large_banks_are_used_without_keeping_them(monkeypatch):
    block, kernel_set = noise(1, 300, 2), WaveletKernels(Morlet(6.0), (5.0, 20.0), 100.0)
    expected = wavelets.transform(block, kernel_set)
    monkeypatch.setattr(filterbank, "KEPT_BYTES", 0)
    before = filterbank._kept_banks.cache_info()
    np.testing.assert_array_equal(wavelets.transform(block, kernel_set), expected)
    assert filterbank._kept_banks.cache_info() == before


def test_single_precision_rounds_relative_to_the_result():
    drift = 1000 * np.hanning(400)[:, None]
    block = (noise(3, 400, 20) + drift).astype(np.float32)
    kernel_set = WaveletKernels(Morlet(6.0), (30.0, 40.0, 49.0), 200.0)
    samples = np.arange(3, 390, 2)
    expected = brute_force(block.astype(float), kernel_set)[:, samples]
    assert abs(expected).max() < 2
    got = wavelets.transform(block, kernel_set, "fourier", samples)
    assert got.dtype == np.complex64
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6 * abs(expected).max())
    power = wavelets.transform(block, kernel_set, "pow", samples)
    assert power.dtype == np.float32
    np.testing.assert_allclose(power, abs(expected) ** 2, rtol=0, atol=2e-6 * abs(expected).max() ** 2)


@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs(output):
    block, kernel_set = noise(2, 120, 2), WaveletKernels(Morlet(6.0), (8.0, 20.0), 100.0)
    z = brute_force(block, kernel_set)
    expected = {
        "pow": abs(z) ** 2,
        "abs": abs(z),
        "fourier": z,
        "real": z.real,
        "imag": z.imag,
        "absreal": abs(z.real),
        "absimag": abs(z.imag),
        "angle": np.angle(z),
    }[output]
    np.testing.assert_allclose(wavelets.transform(block, kernel_set, output), expected, rtol=1e-9, atol=1e-12)


def test_real_wavelets_give_exactly_real_coefficients():
    block, kernel_set = noise(1, 200, 2), WaveletKernels(DOG(2), (8.0, 20.0), 100.0)
    assert not wavelets.transform(block, kernel_set, "imag").any()
    np.testing.assert_array_equal(np.unique(wavelets.transform(block, kernel_set, "angle")), [0, np.pi])
    assert wavelets.transform(block.astype(np.float32), kernel_set, "fourier").dtype == np.complex64


def test_input_stays_and_integers_are_promoted():
    block = np.random.default_rng(1).integers(-1000, 1000, (2, 150, 3)).astype(np.int16)
    kernel_set, copy = WaveletKernels(Paul(4), (8.0, 20.0), 100.0), block.copy()
    got = wavelets.transform(block, kernel_set)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(block, copy)
    np.testing.assert_allclose(got, abs(brute_force(block.astype(float), kernel_set)) ** 2, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_stays_in_its_channel_and_trial(bad):
    block, kernel_set = noise(2, 300, 5), WaveletKernels(Morlet(6.0), (8.0, 20.0), 100.0)
    clean = wavelets.transform(block, kernel_set)
    block[1, 17, 2] = bad
    got = wavelets.transform(block, kernel_set)
    assert np.isnan(got[1, :, :, 2]).all()
    got[1, :, :, 2] = clean[1, :, :, 2]
    np.testing.assert_array_equal(got, clean)


@pytest.mark.parametrize("samplerate", [100.0, 437.3, 1000.0, 20000.0])
@pytest.mark.parametrize("wavelet", FAMILIES, ids=repr)
def test_cosine_of_amplitude_a_has_power_half_a_squared(wavelet, samplerate):
    freq, amplitude = 8.0, 3.0
    time = np.arange(int(4 * samplerate)) / samplerate
    cosine = amplitude * np.cos(2 * np.pi * freq * time + 0.3)
    inner = np.flatnonzero((time >= 1.5) & (time < 2.5))  # eight periods
    power = wavelets.transform(cosine[None, :, None], WaveletKernels(wavelet, (freq,), samplerate), "pow", inner)
    assert power.mean() == pytest.approx(amplitude**2 / 2, rel=2e-3)
    if wavelet.analytic:
        np.testing.assert_allclose(power, amplitude**2 / 2, rtol=5e-3)


@pytest.mark.parametrize("width", [4.0, 6.0, 12.0])
def test_width_sets_the_frequency_resolution(width):
    """Around its centre the response of a Morlet wavelet is a Gaussian of standard deviation f / centre."""
    samplerate, freq = 1000.0, 40.0
    time = np.arange(2000) / samplerate
    matched = wavelets.transform(
        np.cos(2 * np.pi * freq * time)[None, :, None],
        WaveletKernels(Morlet(width), (freq,), samplerate),
        "pow",
        np.array([1000]),
    )
    offset = freq * (1 + 1.5 / width)
    shifted = wavelets.transform(
        np.cos(2 * np.pi * offset * time)[None, :, None],
        WaveletKernels(Morlet(width), (freq,), samplerate),
        "pow",
        np.array([1000]),
    )
    centre = Morlet(width).centre
    expected = np.exp(-((centre * offset / freq - width) ** 2) + (centre - width) ** 2)
    assert shifted.item() / matched.item() == pytest.approx(expected, rel=1e-3)


def test_white_noise_has_the_power_of_the_kernel():
    """Power v / (sqrt(pi) s fs) for variance v, up to the factor exp((centre - width)²) of the normalisation."""
    samplerate, variance = 250.0, 4.0
    block = np.sqrt(variance) * noise(40, 1000, 10, seed=3)
    kernel_set = WaveletKernels(Morlet(6.0), (20.0, 40.0, 80.0), samplerate)
    power = wavelets.transform(block, kernel_set, "pow", np.arange(200, 800)).mean(axis=(0, 1, 3))
    scales = wavelets.scale_of((20, 40, 80), Morlet(6.0).centre) * samplerate
    expected = variance / (np.sqrt(np.pi) * scales) * np.exp((Morlet(6.0).centre - 6) ** 2)
    np.testing.assert_allclose(power, expected, rtol=0.02)


def test_ridge_of_a_chirp_follows_its_frequency():
    """Its power is A² / 2 / sqrt(1 + (2 pi c s²)²) for a rise of c Hz per s (Gaussian integral)."""
    samplerate = 500.0
    time = np.arange(2000) / samplerate
    chirp = np.cos(2 * np.pi * (20 * time + 5 * time**2))  # 20 .. 60 Hz, 10 Hz per s
    freqs = np.arange(15.0, 65.0, 0.5)
    power = wavelets.transform(chirp[None, :, None], WaveletKernels(Morlet(10.0), tuple(freqs), samplerate))[0, :, :, 0]
    inner = slice(300, 1700)
    ridge = freqs[power[inner].argmax(axis=1)]
    truth = 20 + 10 * time[inner]
    assert abs(ridge - truth).max() < 1
    scales = wavelets.scale_of(truth, 10)
    np.testing.assert_allclose(power[inner].max(axis=1), 0.5 / np.sqrt(1 + (20 * np.pi * scales**2) ** 2), rtol=1e-2)


@pytest.mark.parametrize("wavelet", FAMILIES, ids=repr)
@pytest.mark.parametrize(("sample_count", "position"), [(300, 150), (301, 150), (300, 97)])
def test_an_impulse_stays_where_it_is(wavelet, sample_count, position):
    block = np.zeros((1, sample_count, 1))
    block[0, position] = 1
    freqs = tuple(np.linspace(9, 40, 23))  # even and odd numbers of samples per 10 scales
    power = wavelets.transform(block, WaveletKernels(wavelet, freqs, 200.0))[0, :, :, 0]
    reach = min(position, sample_count - 1 - position)
    mirrored = power[position - reach : position + reach + 1]
    np.testing.assert_allclose(mirrored, mirrored[::-1], rtol=0, atol=1e-15 * power.max())
    if wavelet != DOG(3):  # which is zero in its centre
        np.testing.assert_array_equal(power.argmax(axis=0), position)


def test_edge_times_and_cone():
    freqs, samplerate = np.array([5.0, 10.0, 40.0]), 100.0
    scales = wavelets.scale_of(freqs, Morlet(6.0).centre)
    times = wavelets.edge_time(Morlet(6.0), freqs)
    np.testing.assert_allclose(times, np.sqrt(2) * 6.082207 / (2 * np.pi * freqs), rtol=1e-6)
    # By definition the power of an impulse has fallen by exp(-2) at that distance.
    envelope = np.abs(Morlet(60.0)(np.array([0, np.sqrt(2)]))) ** 2
    assert envelope[1] / envelope[0] == pytest.approx(np.exp(-2))
    np.testing.assert_allclose(wavelets.edge_time(Paul(4), freqs), 4.5 / (2 * np.pi * freqs * np.sqrt(2)))
    np.testing.assert_allclose(wavelets.edge_time(DOG(2), freqs), np.sqrt(5) / (2 * np.pi * freqs))
    cone = wavelets.cone_of_influence(times, 101, samplerate)
    assert cone.shape == (101, 3)
    np.testing.assert_array_equal(cone, cone[::-1])
    clear = [np.flatnonzero(~column)[0] for column in cone.T]
    np.testing.assert_array_equal(clear, np.ceil(np.sqrt(2) * scales * samplerate))


def test_automatic_frequencies():
    """s0 = scale(2 dt), int(4 log2(L dt / s0)) quarter octaves, ending at the Nyquist frequency."""
    freqs = wavelets.automatic_frequencies(700, 500.0, Morlet(6.0).centre)
    assert len(freqs) == 34
    np.testing.assert_allclose(freqs, 250 * 2.0 ** (-np.arange(33, -1, -1) / 4))
    np.testing.assert_allclose(freqs[:3], [0.82118791, 0.9765625, 1.16133507])
    assert len(wavelets.automatic_frequencies(700, 500.0, 1.0)) == 45


@pytest.mark.parametrize(
    ("limits", "expected"), [((2, 5), [2, 3, 4, 5]), ((1, 3.5), [1, 2, 3]), ((0, 2), [1, 2]), ((0.5, 0.9), [0.5])]
)
def test_stepped_frequencies_stay_within_the_limits(limits, expected):
    np.testing.assert_allclose(wavelets.stepped_frequencies(*limits), expected)


def test_wavelets_by_name():
    assert wavelets.make_wavelet("Morlet", width=8) == Morlet(8)
    assert wavelets.make_wavelet("Paul", order=6) == Paul(6)
    assert wavelets.make_wavelet("DOG", order=6) == DOG(6)
    assert {wavelets.make_wavelet(name, order=6) for name in wavelets.WAVELETS[3:]} == {DOG(2)}


@pytest.mark.parametrize("sample_count", [1, 7, 16, 17, 500, 999, 1000, 1025, 4000, 100_000])
def test_capacity_is_a_little_more_than_the_trial(sample_count):
    assert sample_count <= trial_capacity(sample_count) < sample_count * 1.125 + 1


@pytest.mark.parametrize("channel_count", [3, 40])
def test_scratch_bounds_the_memory(channel_count):
    block = noise(12, 2000, channel_count).astype(np.float32)
    kernel_set = WaveletKernels(Morlet(6.0), tuple(np.linspace(5, 90, 20)), 500.0)
    wavelets.transform(block[:1], kernel_set)
    filterbank._kept_banks.cache_clear()
    tracemalloc.start()
    result = wavelets.transform(block, kernel_set)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - result.nbytes < filter_scratch(kernel_set, 12, 2000, channel_count, 4)


# FieldTrip's numbers


@pytest.fixture(scope="module")
def recording(shared):
    """The trials (trial, time, channel) without their means, and the time axis, of FieldTrip's runs."""
    inputs = np.load(shared / "oracle" / "inputs.npz")
    block = inputs["net"].transpose(0, 2, 1)
    return block - block.mean(axis=1, keepdims=True), inputs["time"]


@pytest.fixture(scope="module")
def oracle(shared):
    return np.load(shared / "oracle" / "tfr.npz")


def fieldtrip(block, time, oracle, case, output, **options):
    """Our version of a case, (trial, channel, freq, time), NaN where FieldTrip's wavelets leave the trial."""
    freqs = tuple(oracle[f"{case}.freq"])
    samples = np.round((oracle[f"{case}.time"] - time[0]) * 500).astype(int)
    kernel_set = FieldTripWavelets(freqs, 500.0, **options)
    result = wavelets.transform(block, kernel_set, output, samples)
    lengths = [kernel_set.longest(index) for index in range(len(freqs))]
    result[:, wavelets.fieldtrip_edges(lengths, block.shape[1])[samples], :] = np.nan
    return result.transpose(0, 3, 2, 1)


@pytest.mark.parametrize(("case", "options"), [("wavelet7", {}), ("wavelet5_gwidth4", {"width": 5.0, "gwidth": 4.0})])
def test_fieldtrip_power(recording, oracle, case, options):
    expected = oracle[f"{case}.powspctrm"]
    got = fieldtrip(*recording, oracle, case, "pow", **options).mean(axis=0)
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12 * np.nanmax(expected))


@pytest.mark.parametrize("case", ["wavelet7_fourier_alltoi", "wavelet7_fourier_pad2"])
def test_fieldtrip_coefficients(recording, oracle, case):
    block, time = recording
    expected = oracle[f"{case}.fourierspctrm"].copy()
    got = fieldtrip(block[:3], time, oracle, case, "fourier")
    if (
        case == "wavelet7_fourier_alltoi"
    ):  # unpadded, its first sample with even wavelets wraps around to the trial's last
        assert not np.isnan(got[:, :, 0, 83]).any()
        got[:, :, 0, 83] = expected[:, :, 0, 83]
    assert np.isnan(expected).any()
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12 * np.nanmax(abs(expected)))
