"""Superlets against products of brute-force convolutions, closed forms, and FieldTrip."""

import tracemalloc

import numpy as np
import pytest

from syncopy.kernels import filterbank, superlets, wavelets
from syncopy.kernels.filterbank import filter_scratch
from syncopy.kernels.superlets import FieldTripSuperlets, Superlets, wavelet_weights

OUTPUTS = ("pow", "abs", "fourier", "real", "imag", "absreal", "absimag", "angle")


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def published_wavelet(freq, cycles, samplerate):
    """Moca et al. (2021), k_sd = 5, with the weights of implementations that are not amplitude-true."""
    scale = 1 / (2 * np.pi * freq)
    half_width = int(5 * scale * cycles * samplerate)
    time = np.arange(-half_width, half_width + 1) / samplerate
    gaussian = np.exp(-0.5 * (5 * time / (2 * np.pi * cycles * scale)) ** 2)
    wave = 5 / (scale * cycles * (2 * np.pi) ** 1.5) * np.exp(1j * time / scale) * gaussian
    return np.sqrt(1 / samplerate) / (4 * np.pi) * wave


def brute_force(block, freqs, samplerate, exponents):
    """(trial, time, freq, channel): products of complex powers; `exponents`: {cycles: exponent} for each frequency."""
    result = np.ones((len(block), block.shape[1], len(freqs), block.shape[2]), complex)
    for index, freq in enumerate(freqs):
        for cycles, exponent in exponents[index].items():
            kernel = published_wavelet(freq, cycles, samplerate)
            centre = len(kernel) // 2
            time = np.arange(-centre, centre + 1) / samplerate
            kernel *= np.sqrt(2) / abs(np.sum(kernel * np.exp(-2j * np.pi * freq * time)))
            for trial, channel in np.ndindex(len(block), block.shape[2]):
                full = np.convolve(block[trial, :, channel], kernel)
                result[trial, :, index, channel] *= full[centre : centre + block.shape[1]] ** exponent
    return result


@pytest.mark.parametrize(
    ("order", "order_min", "orders", "weights"),
    [
        (1, 1, (1,), (1,)),
        (3, 1, (1, 2, 3), (1 / 3, 1 / 3, 1 / 3)),
        (4, 3, (3, 4), (0.5, 0.5)),
        (2.5, 1, (1, 2, 3), (0.4, 0.4, 0.2)),
        (3.25, 2, (2, 3, 4), (1 / 2.25, 1 / 2.25, 0.25 / 2.25)),
        (3 - 1e-12, 1, (1, 2, 3), (1 / 3, 1 / 3, 1 / 3)),
    ],
)
def test_weights(order, order_min, orders, weights):
    got_orders, got_weights = wavelet_weights(order, order_min)
    assert got_orders == orders
    np.testing.assert_allclose(got_weights, weights)


def test_adaptive_orders_rise_linearly():
    np.testing.assert_allclose(superlets.adaptive_orders([10, 50, 20], 1, 5), [1, 5, 2])


@pytest.mark.parametrize("sample_count", [200, 801])
@pytest.mark.parametrize("output", ["fourier", "pow"])
def test_multiplicative_superlets(sample_count, output):
    freqs, samplerate, block = (30.0, 8.0, 61.7), 200.0, noise(2, sample_count, 2)
    expected = brute_force(block, freqs, samplerate, [{2 * order: 1 / 3 for order in (2, 3, 4)}] * 3)
    got = superlets.transform(block, Superlets(freqs, (4, 4, 4), samplerate, cycles=2, order_min=2), output)
    np.testing.assert_allclose(got, abs(expected) ** 2 if output == "pow" else expected, rtol=0, atol=1e-12)


def test_fractional_superlets_use_every_integer_order():
    """With two frequencies, of orders 1 and 4.5, all of 1 .. 5 take part in the second."""
    freqs, samplerate, block = (10.0, 30.0), 200.0, noise(2, 300, 2)
    shares = {3 * order: 1 / 4.5 for order in (1, 2, 3, 4)} | {15: 0.5 / 4.5}
    expected = brute_force(block, freqs, samplerate, [{3: 1}, shares])
    got = superlets.transform(block, Superlets(freqs, (1, 4.5), samplerate), "fourier")
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("samplerate", [250.0, 2000.0])
def test_documented_factor_to_other_weights(samplerate):
    kernels = Superlets((20.0,), (3,), samplerate, cycles=3.0)
    for ours, cycles in zip(kernels.kernels(0), (3, 6, 9), strict=True):
        theirs = published_wavelet(20.0, cycles, samplerate)
        np.testing.assert_allclose(theirs, np.sqrt(2 * samplerate) / (8 * np.pi) * ours, rtol=3e-4)


@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs_and_precision(output):
    block, kernels = noise(2, 200, 3), Superlets((8.0, 20.0), (3, 2.5), 100.0)
    z = superlets.transform(block, kernels, "fourier")
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
    np.testing.assert_allclose(superlets.transform(block, kernels, output), expected, rtol=1e-9, atol=1e-12)
    single = superlets.transform(block.astype(np.float32), kernels, output)
    assert single.dtype == (np.complex64 if output == "fourier" else np.float32)
    if output in ("pow", "abs"):
        np.testing.assert_allclose(single, expected, rtol=0, atol=3e-6 * expected.max())


@pytest.mark.parametrize("scale", [1e-13, 1e6])
def test_scale_of_the_data_does_not_matter(scale):
    block, kernels = noise(2, 300, 3).astype(np.float32), Superlets((8.0, 20.0), (8, 8), 100.0)
    expected = superlets.transform(block, kernels, "abs")
    got = superlets.transform(np.float32(scale) * block, kernels, "abs")
    np.testing.assert_allclose(got / scale, expected, rtol=0, atol=3e-6 * expected.max())


@pytest.mark.parametrize("samplerate", [100.0, 437.3, 1000.0, 20000.0])
@pytest.mark.parametrize("order", [1, 4, 3.5])
def test_cosine_of_amplitude_a_has_power_half_a_squared(samplerate, order):
    freq, amplitude = 10.0, 3.0
    time = np.arange(int(4 * samplerate)) / samplerate
    cosine = amplitude * np.cos(2 * np.pi * freq * time + 0.3)
    inner = np.flatnonzero((time >= 1.5) & (time < 2.5))
    power = superlets.transform(cosine[None, :, None], Superlets((freq,), (order,), samplerate), "pow", inner)
    np.testing.assert_allclose(power, amplitude**2 / 2, rtol=2e-3)


def test_one_wavelet_has_gaussian_resolution():
    """Order 1: the response falls as a Gaussian of standard deviation 5 f / (2 pi c) Hz."""
    samplerate, freq = 1000.0, 40.0
    time = np.arange(2000) / samplerate
    offset = np.array([0.0, 5.0, 10.0])
    block = np.cos(2 * np.pi * (freq + offset) * time[:, None])[None]
    power = superlets.transform(block, Superlets((freq,), (1,), samplerate, cycles=5.0), "pow", np.array([1000]))
    deviation = 5 * freq / (2 * np.pi * 5.0)
    np.testing.assert_allclose(power.ravel(), 0.5 * np.exp(-((offset / deviation) ** 2)), rtol=0, atol=1e-3)


def test_higher_orders_resolve_neighbouring_frequencies():
    samplerate = 1000.0
    time = np.arange(3000) / samplerate
    pair = np.cos(2 * np.pi * 40 * time) + np.cos(2 * np.pi * 46 * time)
    power = {
        order: superlets.transform(pair[None, :, None], Superlets((40.0, 43.0, 46.0), (order,) * 3, samplerate))
        for order in (1, 12)
    }
    middle = {order: value[0, 1000:2000, :, 0].mean(axis=0) for order, value in power.items()}
    assert middle[1][1] > 0.9 * middle[1].max()
    assert middle[12][1] < 0.2 * middle[12][[0, 2]].min()


def test_an_impulse_stays_where_it_is():
    block = np.zeros((1, 401, 1))
    block[0, 200] = 1
    power = superlets.transform(block, Superlets((9.0, 13.3, 31.0), (3, 2.5, 1), 200.0))[0, :, :, 0]
    np.testing.assert_array_equal(power.argmax(axis=0), 200)
    np.testing.assert_allclose(power, power[::-1], rtol=0, atol=1e-12 * power.max())


def test_silence_has_no_power():
    block = noise(1, 200, 2)
    block[..., 1] = 0
    for output in ("pow", "fourier"):
        got = superlets.transform(block, Superlets((8.0, 20.0), (3, 2.5), 100.0), output)
        assert not got[..., 1].any()
        assert np.all(abs(got[..., 0]) > 0)


def test_samples_are_picked_from_the_whole_transform():
    block, kernels, samples = noise(2, 300, 2), Superlets((8.0, 20.0), (3, 2.5), 100.0), np.array([0, 7, 299])
    whole = superlets.transform(block, kernels)
    np.testing.assert_array_equal(superlets.transform(block, kernels, samples=samples), whole[:, samples])


def test_edge_time_is_that_of_the_longest_wavelet():
    """sqrt(2) standard deviations, c q / (5 f) each: the power of an impulse has fallen by exp(-2) there."""
    kernels = Superlets((10.0, 20.0), (3, 2.5), 1000.0, cycles=3.0)
    times = superlets.superlet_edge_time(kernels)
    np.testing.assert_allclose(times, np.sqrt(2) * np.array([9 / 50, 9 / 100]))
    longest = list(kernels.kernels(0))[-1]
    at_edge = len(longest) // 2 + round(times[0] * 1000)
    assert abs(longest[at_edge] / longest[len(longest) // 2]) ** 2 == pytest.approx(np.exp(-2), rel=0.02)


@pytest.mark.parametrize("output", ["pow", "fourier"])
def test_scratch_bounds_the_memory(output):
    block, kernels = noise(6, 1000, 20).astype(np.float32), Superlets((10.0, 30.0, 60.0), (4,) * 3, 500.0)
    superlets.transform(block[:1], kernels, output)
    filterbank._kept_banks.cache_clear()
    tracemalloc.start()
    result = superlets.transform(block, kernels, output)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - result.nbytes < filter_scratch(kernels, 6, 1000, 20, 4)


@pytest.mark.parametrize(
    ("case", "orders", "combine"),
    [
        ("superlet_mult_w3_o3", [3.0] * 8, "multiplicative"),
        ("superlet_mult_w3_o3_keeptrials", [3.0] * 8, "multiplicative"),
        ("superlet_add_w3_o3", [3.0] * 8, "additive"),
        ("superlet_add_w3_o1to8", [1.0, 2, 3, 4, 5, 6, 7, 8], "additive"),
        ("superlet_add_w3_frac", [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5], "additive"),
        ("superlet_add_w3_frac_keeptrials", [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5], "additive"),
    ],
)
def test_fieldtrip_power(shared, case, orders, combine):
    inputs, oracle = np.load(shared / "oracle" / "inputs.npz"), np.load(shared / "oracle" / "tfr.npz")
    block = inputs["net"][:3].transpose(0, 2, 1)
    block = block - block.mean(axis=1, keepdims=True)
    kernels = FieldTripSuperlets(tuple(oracle[f"{case}.freq"]), tuple(orders), 500.0, combine=combine)
    samples = np.round((oracle[f"{case}.time"] - inputs["time"][0]) * 500).astype(int)
    power = superlets.transform(block, kernels, "pow", samples)
    lengths = [kernels.longest(index) for index in range(len(orders))]
    power[:, wavelets.fieldtrip_edges(lengths, block.shape[1])[samples], :] = np.nan
    power, expected = power.transpose(0, 3, 2, 1), oracle[f"{case}.powspctrm"]
    if not case.endswith("keeptrials"):  # FieldTrip's averages hold 0 where there are no data
        power = np.nan_to_num(power.mean(axis=0))
    np.testing.assert_allclose(power, expected, rtol=1e-10, atol=1e-13 * np.nanmax(expected))
