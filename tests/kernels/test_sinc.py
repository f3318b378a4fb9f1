"""Windowed-sinc filters against direct convolution and FieldTrip; their responses, edges and gaps."""

import json

import numpy as np
import pytest

from syncopy.kernels import sinc
from syncopy.kernels.sinc import (
    convolve,
    design_sinc,
    minimum_phase,
    order_from_width,
    sinc_filter,
    sinc_reach,
    transition_width,
)

RATE = 500
FREQS = {"lp": 60.0, "hp": 15.0, "bp": (20.0, 80.0), "bs": (45.0, 55.0)}


@pytest.fixture
def block():
    return np.random.default_rng(1).standard_normal((4, 300, 3)).cumsum(axis=1) + 20


def direct(trial, taps, advance, padding=0):
    """Convolve one signal term by term, NaN and all; `padding` repeats its first and last sample."""
    padded = np.pad(trial, padding, mode="edge")
    full = np.convolve(padded, taps)
    return full[padding + advance : padding + advance + len(trial)]


def directly(block, *args):
    return np.stack([np.stack([direct(channel, *args) for channel in trial.T], axis=-1) for trial in block])


def gain(taps, freqs):
    """Evaluate the response of taps centred on lag zero."""
    lags = np.arange(len(taps)) - len(taps) // 2
    return np.exp(-2j * np.pi * np.outer(np.atleast_1d(freqs), lags) / RATE) @ taps


@pytest.mark.parametrize("order", [0, 2, 40, 299, 300, 700])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_equals_direct_convolution(block, order, dtype):
    given = block.astype(dtype)
    before = given.copy()
    taps = design_sinc(60, "lp", order, RATE)
    assert len(taps) == order + order % 2 + 1
    once = directly(given.astype("f8"), taps, len(taps) // 2)
    for direction, expected in (("onepass", once), ("twopass", directly(once, taps, len(taps) // 2))):
        got = sinc_filter(given, taps, direction)
        assert got.dtype == ("f4" if dtype == "f4" else "f8")
        tolerance = 5e-7 if dtype == "f4" else 1e-13
        np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance * np.abs(expected).max())
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize("advance", [0, 7, 40])
@pytest.mark.parametrize("edges", ["zero", "edge"])
@pytest.mark.parametrize("passes", [1, 2])
def test_segments_join_without_a_seam(block, monkeypatch, advance, edges, passes):
    taps = np.random.default_rng(2).standard_normal(41)
    whole = convolve(block, taps, advance, passes, edges)
    monkeypatch.setattr(sinc, "SEGMENT_LENGTH", 100)
    monkeypatch.setattr(sinc, "KERNELS_PER_SEGMENT", 2)
    np.testing.assert_allclose(convolve(block, taps, advance, passes, edges), whole, rtol=1e-11, atol=1e-11)
    expected = block
    for _ in range(passes):
        expected = directly(expected, taps, advance, 60 if edges == "edge" else 0)
    np.testing.assert_allclose(whole, expected, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("direction", ["onepass", "twopass"])
@pytest.mark.parametrize(("offset", "wave"), [(1e4, 0), (0, 300)])
def test_single_precision_keeps_a_small_rhythm(direction, offset, wave):
    time = np.arange(1000) / RATE
    slow = offset + wave * np.sin(2 * np.pi * 5 * time) * np.hanning(1000)
    single = (slow + 0.1 * np.sin(2 * np.pi * 100 * time)).astype("f4")[None, :, None]
    taps = design_sinc((80, 120), "bp", 400, RATE, "blackman", direction)
    exact = sinc_filter(single.astype("f8"), taps, direction)[:, 400:600]
    got = sinc_filter(single, taps, direction)[:, 400:600]
    np.testing.assert_allclose(got, exact, rtol=0, atol=1e-6 * np.abs(exact).max())


@pytest.mark.parametrize("window", ["hamming", "hann", "blackman"])
@pytest.mark.parametrize("kind", FREQS)
def test_responses(kind, window):
    freqs = np.atleast_1d(FREQS[kind])
    taps = design_sinc(FREQS[kind], kind, 400, RATE, window)
    np.testing.assert_allclose(taps, taps[::-1], atol=1e-16)
    np.testing.assert_allclose(gain(taps, freqs).real, 0.5, atol=0.01)
    pass_freqs = {"lp": [0, 40], "hp": [35, 250], "bp": [40, 50], "bs": [0, 30, 70, 250]}[kind]
    stop_freqs = {"lp": [80, 250], "hp": [0, 5], "bp": [0, 5, 100, 250], "bs": [50]}[kind]
    np.testing.assert_allclose(gain(taps, pass_freqs), 1, atol=0.01)
    np.testing.assert_allclose(gain(taps, stop_freqs), 0, atol=0.02 if kind == "bs" else 0.01)
    np.testing.assert_allclose(gain(taps, 0), kind in ("lp", "bs"), atol=1e-13)


def test_minimum_phase_keeps_the_magnitude_and_is_causal():
    taps = design_sinc(60, "lp", 100, RATE)
    causal = design_sinc(60, "lp", 100, RATE, direction="onepass-minphase")
    np.testing.assert_array_equal(causal, minimum_phase(taps))
    freqs = np.linspace(0, 250, 97)
    np.testing.assert_allclose(np.abs(gain(causal, freqs)), np.abs(gain(taps, freqs)), atol=1e-3)
    assert np.all(np.cumsum(causal**2) >= np.cumsum(taps**2) - 1e-6)
    impulse = np.zeros((1, 300, 1))
    impulse[0, 120] = 1
    response = sinc_filter(impulse, causal, "onepass-minphase")[0, :, 0]
    np.testing.assert_allclose(response[:120], 0, atol=1e-15)
    np.testing.assert_allclose(response[120:221], causal, atol=1e-15)


@pytest.mark.parametrize("direction", ["onepass", "twopass", "onepass-minphase"])
def test_edges_of_a_constant(direction):
    constant = np.full((1, 200, 1), 3.0)
    taps = design_sinc(60, "lp", 50, RATE, direction=direction)
    level = 3 * taps.sum() ** (2 if direction == "twopass" else 1)
    np.testing.assert_allclose(sinc_filter(constant, taps, direction, "edge"), level, rtol=1e-12)
    drooping = sinc_filter(constant, taps, direction)[0, :, 0]
    assert drooping[0] < 0.65 * level
    np.testing.assert_allclose(drooping[100], level, rtol=1e-12)


@pytest.mark.parametrize("gap", [np.nan, np.inf])
@pytest.mark.parametrize("edges", ["zero", "edge"])
@pytest.mark.parametrize(
    ("direction", "past", "future"), [("onepass", 10, 10), ("twopass", 20, 20), ("onepass-minphase", 20, 0)]
)
def test_a_gap_spreads_as_far_as_the_kernel_reaches(block, gap, edges, direction, past, future):
    taps = design_sinc(60, "lp", 20, RATE, direction=direction)
    intact = sinc_filter(block, taps, direction, edges)
    block[1, 150, 2] = gap
    block[3, 0, 0] = gap
    expected = intact.copy()
    expected[1, 150 - future : 150 + past + 1, 2] = np.nan
    expected[3, : past + 1, 0] = np.nan
    np.testing.assert_allclose(sinc_filter(block, taps, direction, edges), expected, atol=1e-11)


def test_a_gap_spreads_like_in_direct_convolution(block):
    block[0, [3, 100, 140, 299], 1] = np.nan
    taps = design_sinc(60, "lp", 30, RATE, "hann")
    expected = directly(directly(block, taps, 15), taps, 15)
    np.testing.assert_allclose(sinc_filter(block, taps, "twopass"), expected, atol=1e-11)


def test_order_gives_the_transition_width():
    for window in ("hamming", "hann", "blackman"):
        order = order_from_width(5, RATE, window)
        assert order % 2 == 0
        taps = design_sinc(60, "lp", order, RATE, window)
        np.testing.assert_allclose(gain(taps, [57.5, 62.5]), [1, 0], atol=0.008)


def test_transition_width_stays_within_the_room():
    assert transition_width(60, 500) == 15
    assert transition_width(4, 500) == 2
    assert transition_width(0.5, 500) == 1
    assert transition_width(240, 500) == 20
    assert transition_width((45, 55), 500) == 10
    assert transition_width((20, 249), 500) == 2


def fieldtrip_cases(shared):
    records = json.loads((shared / "oracle" / "cases.json").read_text())["cases"]
    return [record for record in records if record["group"] == "preproc" and "firws" in record["case"]]


def test_equals_fieldtrip(shared):
    data = np.load(shared / "oracle" / "inputs.npz")["prep"][:3].swapaxes(1, 2)
    results = np.load(shared / "oracle" / "preproc.npz")
    cases = fieldtrip_cases(shared)
    assert len(cases) == 21
    for record in cases:
        kind = record["case"][:2]
        settings = {key.removeprefix(kind): value for key, value in record["cfg"].items()}
        window = settings.get("filtwintype", "hamming")
        direction = settings.get("filtdir", "onepass").removesuffix("-zerophase")
        order = settings.get("filtord", order_from_width(transition_width(settings["freq"], RATE), RATE, window))
        taps = design_sinc(settings["freq"], kind, order, RATE, window, direction)
        expected = results[f"{record['case']}.trial"].swapaxes(1, 2)
        np.testing.assert_allclose(
            sinc_filter(data, taps, direction, "edge"), expected, rtol=1e-7, atol=1e-8 * np.abs(expected).max()
        )


@pytest.mark.parametrize("direction", ["onepass", "twopass", "onepass-minphase"])
def test_reach_is_where_an_impulse_is_seen(direction):
    taps = design_sinc((20, 60), "bp", 40, 1000, direction=direction)
    before, after = sinc_reach(taps, direction)
    block = np.zeros((1, 401, 1))
    block[0, 200] = 1
    seen = np.flatnonzero(np.abs(sinc_filter(block, taps, direction)[0, :, 0]) > 1e-14)
    assert 200 - after <= seen[0] <= 200 - after + 2
    assert 200 + before - 2 <= seen[-1] <= 200 + before
