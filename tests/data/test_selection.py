"""Selections against NumPy's indexing of every trial."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import syncopy as spy
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from tests.data.objects import analog, cross, ramp, spectral

LENGTHS = (6, 4, 5)


def test_attributes_of_a_selection():
    data = analog()
    data.selection = {"trials": [2, 0], "channel": [2, 0], "latency": [-0.1, 0.1]}
    chosen = data.selection
    assert chosen.trial_ids == [2, 0]
    assert chosen.channel == [2, 0]
    assert chosen.time[0] == slice(1, 4, 1)
    assert chosen.select == {"trials": [2, 0], "channel": [2, 0], "latency": [-0.1, 0.1]}
    np.testing.assert_array_equal(chosen.trialdefinition, [[0, 3, -1, 2], [3, 6, -1, 0]])
    np.testing.assert_array_equal(chosen.sampleinfo, [[0, 3], [3, 6]])
    np.testing.assert_allclose(chosen.trialintervals, [[-0.1, 0.1]] * 2)
    np.testing.assert_array_equal(chosen.trials[0], ramp(15, 3)[1:4, [2, 0]])
    assert str(chosen) == "Syncopy AnalogData selector with 2 channels, 3 times, 2 trials"
    with pytest.raises(AttributeError, match="no `freq` in this selection"):
        _ = chosen.freq
    with pytest.raises(SPYValueError, match=r"existing trials \(2, 0\)"):
        chosen.trials[1]


def test_ranges_and_whole_axes_are_slices():
    spec = spectral()
    spec.selection = {"frequency": [10, 20], "taper": 1}
    assert (spec.selection.channel, spec.selection.freq) == (slice(None, None, 1), slice(1, 3, 1))
    assert str(spec.selection) == (
        "Syncopy SpectralData selector with all channels, 2 freqs, 1 tapers, all times, 3 trials"
    )
    pairs = cross()
    pairs.selection = {"channel_i": [2, 0], "channel_j": "channel2"}
    np.testing.assert_array_equal(pairs.selection.trials[1], pairs.trials[1][..., [2, 0], :][..., [1]])


@pytest.mark.parametrize(
    "everything", ["all", {}, {"channel": None}, {"channel": "all", "trials": "all", "latency": "all"}]
)
def test_all_is_everything(everything):
    data = analog()
    data.selection = everything
    assert data.selection.trial_ids == [0, 1, 2]
    for number, trial in enumerate(data.selection.trials):
        np.testing.assert_array_equal(trial, data.trials[number])
    data.selection = None
    assert data.selection is None


@pytest.mark.parametrize(
    ("request_", "error", "text"),
    [
        ({"frequency": 3}, SPYValueError, "no `frequency` selection available for AnalogData"),
        ({"chanel": 3}, SPYValueError, "did you mean `channel`"),
        ("some", SPYValueError, "'all' or a dict"),
        (3, SPYTypeError, "a dict of selectors"),
        ({"trials": 3}, SPYValueError, "0 to 2"),
        ({"trials": ["a"]}, SPYTypeError, "whole numbers"),
        ({"trials": []}, SPYValueError, "at least one entry"),
        ({"latency": [0.01, 0.02]}, SPYValueError, "window that holds a sample"),
        ({"latency": [-0.5, 0.1]}, SPYValueError, "at least one trial covering"),
    ],
)
def test_a_request_that_does_not_fit_leaves_the_object_alone(request_, error, text):
    data = analog()
    data.selection = {"channel": 1}
    before = data.selection
    with pytest.raises(error, match=text):
        data.selection = request_
    assert data.selection is before


@pytest.mark.parametrize("cls", [spy.AnalogData, spy.SpectralData, spy.CrossSpectralData])
def test_nothing_can_be_selected_from_an_empty_object(cls):
    with pytest.raises(SPYValueError, match="non-empty"):
        cls(samplerate=1).selection = "all"
    with pytest.raises(SPYValueError, match="samplerate"):
        spy.AnalogData(ramp(4, 2)).selection = "all"


def test_the_request_is_copied():
    request = {"channel": [0, 1], "latency": "all"}
    data = analog()
    data.selection = request
    request["channel"].append(2)
    assert data.selection.select["channel"] == [0, 1]
    assert request == {"channel": [0, 1, 2], "latency": "all"}


def test_a_request_written_to_json_says_the_same():
    data = analog()
    data.selection = {"channel": slice(0, 3, 2)}
    again = data.resolve(data.selection.select)
    np.testing.assert_array_equal(again.trials[0], data.trials[0][:, ::2])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: setattr(data, "trialdefinition", [[0, 3, 0]]),
        lambda data: setattr(data, "samplerate", 5),
        lambda data: setattr(data, "channel", ["a", "b", "c"]),
    ],
)
def test_a_changed_object_has_no_selection_any_more(change):
    data = analog()
    data.selection = {"channel": 1}
    change(data)
    assert data.selection is None


def test_dropped_trials_are_told():
    data = analog()  # they end at 0.3, 0.1 and 0.2 s
    with pytest.warns(SPYWarning, match=r"discarded 1 of 3 trials .*\[-0.2, 0.2\] s: 1"):
        data.selection = {"latency": [-0.2, 0.2]}
    assert data.selection.trial_ids == [0, 2]


@pytest.mark.parametrize(
    ("latency", "kept", "samples"),
    [
        ("minperiod", [0, 1, 2], [-2, -1, 0, 1]),
        ("maxperiod", [0], [-2, -1, 0, 1, 2, 3]),
        ("prestim", [0, 1, 2], [-2, -1, 0]),
        ("poststim", [0], [0, 1, 2, 3]),
        (0.1, [0, 1, 2], [1]),
        (0.14, [0, 2], [1]),
        ([0.1, 0.1], [0, 1, 2], [1]),
        ([-np.inf, 0], [0, 1, 2], [-2, -1, 0]),
    ],
)
@pytest.mark.filterwarnings("ignore:discarded")
def test_samples_of_a_window(latency, kept, samples):
    data = analog()
    data.selection = {"latency": latency}
    assert data.selection.trial_ids == kept
    for number in kept:
        expected = data.trials[number][np.array(samples) + 2]
        np.testing.assert_array_equal(data.selection.trials[number], expected)
        np.testing.assert_allclose(data.selection.trialintervals[kept.index(number)], np.array(samples)[[0, -1]] / 10)


def test_windows_hold_their_last_sample_at_any_sample_rate():
    for rate in (30, 250, 1000 / 3, 1017.25, 24414.0625):
        data = spy.AnalogData(ramp(200, 1), samplerate=rate, trialdefinition=[[0, 200, -77]])
        for first, last in [(0, 199), (13, 13), (77, 144), (150, 198)]:
            data.selection = {"latency": data.time[0][[first, last]]}
            assert data.selection.time[0] == slice(first, last + 1, 1)


# -- every way to select, against NumPy -----------------------------------------------------------------------------


@st.composite
def objects_and_requests(draw):
    """An object of any order of axes, a request for it, and what each chosen trial must hold."""
    count = draw(st.integers(1, 5))
    starts = draw(st.lists(st.integers(0, 20), min_size=count, max_size=count))
    lengths = draw(st.lists(st.integers(4, 10), min_size=count, max_size=count))
    trl = [[s, s + n, -2, 0] for s, n in zip(starts, lengths, strict=True)]
    dimord = draw(st.permutations(["time", "taper", "freq", "channel"]))
    values = ramp(30, 2, 3, 4).transpose([["time", "taper", "freq", "channel"].index(dim) for dim in dimord])
    spec = spy.SpectralData(values, samplerate=1, trialdefinition=trl, dimord=dimord)
    trials = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=6))
    channel = draw(st.lists(st.integers(0, 3), min_size=1, max_size=5))
    taper = draw(st.lists(st.integers(0, 1), min_size=1, max_size=3))
    low, high = sorted(draw(st.tuples(st.integers(0, 2), st.integers(0, 2))))
    window = sorted(draw(st.tuples(st.integers(-2, 1), st.integers(-2, 1))))
    request = {"trials": trials, "channel": channel, "taper": taper, "frequency": [low, high], "latency": window}
    request = {key: value for key, value in request.items() if draw(st.booleans())}
    picks = {"channel": request.get("channel"), "taper": request.get("taper")}
    if "frequency" in request:
        picks["freq"] = list(range(low, high + 1))
    if "latency" in request:
        picks["time"] = list(range(window[0] + 2, window[1] + 3))
    expected = []
    for number in request.get("trials", range(count)):
        trial = spec.trials[number]
        for dim, pick in picks.items():
            trial = trial if pick is None else np.take(trial, pick, dimord.index(dim))
        expected.append(trial)
    return spec, request, expected


@settings(max_examples=60, deadline=None)
@given(objects_and_requests())
def test_selected_shown_and_copied_trials_are_those_of_numpy(case):
    spec, request, expected = case
    shown = spy.show(spec, squeeze=False, **request)
    copied = spy.selectdata(spec, **request)
    assert copied.dimord == spec.dimord
    assert len(copied.trials) == len(expected)
    for number, trial in enumerate(expected):
        np.testing.assert_array_equal(copied.trials[number], trial)
        np.testing.assert_array_equal(shown if len(expected) == 1 else shown[number], trial)


@settings(max_examples=30, deadline=None)
@given(objects_and_requests(), st.integers(1, 9))
def test_blocks_of_a_view_are_its_trials(case, rows):
    spec, request, expected = case
    view = spec.view(spec.resolve(request))
    for number, trial in enumerate(expected):
        block = view.read(number, number + 1)[0]
        np.testing.assert_array_equal(block, trial.transpose(view.reader.order))
        assert view.spec(number).shape == block.shape
    first = len(expected) if len(set(view.lengths.tolist())) == 1 else 1
    np.testing.assert_array_equal(
        view.read(0, first), np.stack([trial.transpose(view.reader.order) for trial in expected[:first]])
    )


def test_selecting_never_changes_the_object():
    data = analog()
    before = data.trialdefinition
    data.selection = {"trials": 1, "channel": 2, "latency": [0, 0.1]}
    np.testing.assert_array_equal(data.trialdefinition, before)
    assert (len(data.trials), len(data.channel), data.trials[0].shape) == (3, 3, (6, 3))


def test_an_object_with_a_selection_is_not_compared():
    data = analog()
    data.selection = "all"
    with pytest.raises(SPYError, match="in-place selection"):
        assert data == analog()
