"""Axes with labels or frequencies, and what selectors take from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import syncopy as spy
from syncopy.data.axes import compact, numbered, pick_frequencies, pick_positions, positions
from syncopy.errors import SPYTypeError, SPYValueError
from tests.data.objects import analog, cross, spectral

LABELS = np.array(["Fz", "Cz", "O1", "Oz", "O2", "EOG", "Cz"])
FREQS = np.array([0.0, 10.0, 20.0, 40.0])


@pytest.mark.parametrize(
    ("count", "first", "last"),
    [(2, "channel1", "channel2"), (10, "channel01", "channel10"), (100, "channel001", "channel100")],
)
def test_default_labels_count_from_one_with_equal_width(count, first, last):
    labels = spy.AnalogData(np.zeros((2, count))).channel
    assert (labels[0], labels[-1], len(labels)) == (first, last, count)
    assert numbered("unit", [0, 2, 5]).tolist() == ["unit1", "unit3", "unit6"]


@pytest.mark.parametrize(
    ("last", "labels"),
    [(8, ["unit1", "unit9"]), (9, ["unit1", "unit10"]), (10, ["unit01", "unit11"]), (99, ["unit01", "unit100"])],
)
def test_default_labels_of_spikes_have_the_width_of_numbers_from_zero(last, labels):
    spikes = spy.SpikeData(np.array([[1, 0, 0], [2, 0, last]]), samplerate=10)
    assert spikes.unit.tolist() == labels


def test_default_labels_of_pairs_are_those_of_channels():
    pairs = spy.CrossSpectralData(np.zeros((1, 2, 3, 10)), samplerate=10)
    assert pairs.channel_i.tolist() == ["channel1", "channel2", "channel3"]
    assert pairs.channel_j[[0, -1]].tolist() == ["channel01", "channel10"]


def test_labels_given_to_the_constructor_are_kept():
    spec = spectral(taper=["a", "b"], channel=("x", "y", "z"), freq=[1, 2.5, 3, 9])
    assert (spec.taper.tolist(), spec.channel.tolist(), spec.freq.tolist()) == (["a", "b"], [*"xyz"], [1, 2.5, 3, 9])
    pairs = cross(channel_i=["a", "b", "c"], channel_j=["d", "e"], freq=[1, 2, 3, 4])
    assert (pairs.channel_i.tolist(), pairs.channel_j.tolist(), pairs.freq.tolist()) == (
        [*"abc"],
        [*"de"],
        [1, 2, 3, 4],
    )


def test_none_brings_the_default_labels_back():
    data = analog(channel=["a", "a", "b"])
    data.channel = None
    assert data.channel.tolist() == ["channel1", "channel2", "channel3"]
    spec = spectral()
    spec.freq = None
    assert spec.freq.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ("abc", SPYTypeError, "a list or array of texts"),
        ([1, 2, 3], SPYTypeError, "a list of texts"),
        (["a", "b"], SPYValueError, "exactly 3 labels; got 2"),
        ([["a", "b", "c"]], SPYTypeError, "a list of texts"),
        (5, SPYTypeError, "a list or array of texts"),
    ],
)
def test_wrong_labels_are_refused_and_change_nothing(value, error, text):
    data = analog()
    with pytest.raises(error, match=text):
        data.channel = value
    assert data.channel[0] == "channel1"


@pytest.mark.parametrize(
    ("value", "error"),
    [([1, 2], SPYValueError), ("1234", SPYTypeError), (["1"] * 4, SPYTypeError), ([1, 2, 3, np.nan], SPYValueError)],
)
def test_wrong_frequencies_are_refused(value, error):
    with pytest.raises(error, match="freq"):
        spectral().freq = value


@pytest.mark.parametrize(
    ("cls", "name"), [(spy.AnalogData, "channel"), (spy.SpectralData, "freq"), (spy.SpectralData, "taper")]
)
def test_labels_need_data(cls, name):
    empty = cls(samplerate=1)
    assert getattr(empty, name) is None
    with pytest.raises(SPYValueError, match="without data"):
        setattr(empty, name, ["a"] if name != "freq" else [1.0])


def test_the_labels_of_an_object_cannot_be_edited_in_place():
    data = analog(channel=["a", "b", "c"])
    with pytest.raises(ValueError, match="read-only"):
        data.channel[0] = "x"


def test_cross_spectra_have_two_channel_axes():
    pairs = cross()
    assert pairs.channel == "see channel_i and channel_j"
    with pytest.raises(NotImplementedError, match="channel_i"):
        pairs.channel = ["a"]


# -- positions -----------------------------------------------------------------------------------------------------


@given(st.data(), st.integers(1, 12))
def test_positions_are_those_of_numpy(data, size):
    index = st.integers(-size, size - 1)
    wanted = data.draw(
        st.one_of(
            st.lists(index, min_size=1),
            index,
            st.lists(st.booleans(), min_size=size, max_size=size).filter(any),
            st.slices(size).filter(lambda s: len(range(*s.indices(size))) and (s.step or 1) > 0),
            st.none(),
        )
    )
    everything = np.arange(size)
    expected = everything if wanted is None else np.atleast_1d(everything[wanted])
    for form in (wanted, np.array(wanted) if isinstance(wanted, list) else wanted):
        np.testing.assert_array_equal(positions(pick_positions("channel", size, form), size), expected)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("Oz", [3]),
        (["Oz", "Fz", "Oz"], [3, 0, 3]),
        ("Cz", [1, 6]),
        ("O*", [2, 3, 4]),
        (["all", "-EOG"], [0, 1, 2, 3, 4, 6]),
        (["O?", "-Oz", "Fz"], [2, 4, 0]),
        (np.array(["O2", "O1"]), [4, 2]),
        (("Fz",), [0]),
        (range(2, 4), [2, 3]),
        ("all", [0, 1, 2, 3, 4, 5, 6]),
        (2.0, [2]),
        ([np.int8(1), 5], [1, 5]),
    ],
)
def test_names_patterns_and_numbers(wanted, expected):
    assert positions(pick_positions("channel", 7, wanted, LABELS), 7).tolist() == expected


@pytest.mark.parametrize(
    ("wanted", "error", "text"),
    [
        ("Pz", SPYValueError, r"existing names or indices \(Fz, Cz"),
        (7, SPYValueError, r"0 to 6"),
        (-8, SPYValueError, r"0 to 6"),
        ([], SPYValueError, "at least one entry"),
        (["Fz", 1], SPYTypeError, "not mixed"),
        (1.5, SPYTypeError, "indices or names"),
        ([True, False], SPYValueError, "mask of 7 values"),
        ([False] * 7, SPYValueError, "one of them True"),
        (True, SPYValueError, "mask of 7 values"),
        (slice(5, 2), SPYValueError, "holds some"),
        (slice(5, 2, -1), SPYValueError, "positive step"),
        ({"a": 1}, SPYTypeError, "a sequence"),
        (["all", "-*"], SPYValueError, "leaves none"),
    ],
)
def test_what_is_no_position(wanted, error, text):
    with pytest.raises(error, match=text):
        pick_positions("channel", 7, wanted, LABELS)


def test_consecutive_positions_become_a_slice():
    assert compact(np.array([2, 3, 4])) == slice(2, 5, 1)
    assert compact(np.array([2, 4])).tolist() == [2, 4]
    assert compact(np.array([3, 2])).tolist() == [3, 2]


# -- frequencies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (12, [10]),
        (15, [20]),  # a tie goes up
        (30, [40]),
        ([10, 20], [10, 20]),
        ((5, 25), [10, 20]),
        (np.array([0, 40]), [0, 10, 20, 40]),
        ([20, np.inf], [20, 40]),
        ([-np.inf, np.inf], [0, 10, 20, 40]),
        ([20, 20], [20]),
        ("all", [0, 10, 20, 40]),
        (None, [0, 10, 20, 40]),
        (np.float32(40), [40]),
    ],
)
def test_nearest_frequency_and_closed_interval(wanted, expected):
    assert FREQS[pick_frequencies("frequency", FREQS, wanted)].tolist() == expected


def test_frequencies_off_by_rounding_are_found():
    freqs = np.arange(0, 50, 0.1)
    chosen = freqs[pick_frequencies("frequency", freqs, [0.3, 0.7])]
    np.testing.assert_allclose(chosen, [0.3, 0.4, 0.5, 0.6, 0.7])


@pytest.mark.parametrize(
    ("wanted", "error", "text"),
    [
        (41, SPYValueError, "between 0 and 40 Hz"),
        ([10, 50], SPYValueError, "between 0 and 40 Hz"),
        ([20, 10], SPYValueError, "low <= high"),
        ([11, 12], SPYValueError, "holds one of the 4 frequencies"),
        ([1, 2, 3], SPYValueError, "an interval"),
        ([np.nan, 2], SPYValueError, "an interval"),
        (np.inf, SPYValueError, "between 0 and 40 Hz"),
        ("10", SPYTypeError, "a frequency"),
        (range(3), SPYTypeError, "a frequency"),
        (True, SPYTypeError, "a frequency"),
    ],
)
def test_what_is_no_frequency(wanted, error, text):
    with pytest.raises(error, match=text):
        pick_frequencies("frequency", FREQS, wanted)
