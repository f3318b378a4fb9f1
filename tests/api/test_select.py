"""`spy.selectdata`: copies, in-place selections, and what they leave behind."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.errors import SPYError, SPYTypeError, SPYValueError, SPYWarning
from tests.data.objects import analog, cross, ramp, spectral


@pytest.fixture
def data():
    return analog(channel=["Fz", "O1", "O2"])


def test_a_copy_has_class_labels_trials_and_history(data):
    data.log = "before"
    part = spy.selectdata(data, trials=[2, 0, 2], channel=["O2", "Fz"], latency=[-0.1, 0.1])
    assert type(part) is spy.AnalogData
    assert part.channel.tolist() == ["O2", "Fz"]
    assert part.samplerate == 10
    np.testing.assert_array_equal(part.trialdefinition, [[0, 3, -1, 2], [3, 6, -1, 0], [6, 9, -1, 2]])
    for number, original in enumerate([2, 0, 2]):
        np.testing.assert_array_equal(part.trials[number], data.trials[original][1:4, [2, 0]])
    np.testing.assert_allclose(part.time[1], [-0.1, 0, 0.1])
    assert part.cfg.selectdata.trials == [2, 0, 2]
    assert part.cfg.selectdata.latency == [-0.1, 0.1]
    assert part.cfg.selectdata.inplace is False
    assert "before" in part._log
    assert "selectdata: called with settings" in part._log
    assert "selectdata" not in data.cfg


def test_types_and_units_of_channels_go_along(data):
    data.info["channel_type"] = {"Fz": "eeg", "O1": "eeg", "O2": "misc"}
    data.info["channel_unit"] = {"Fz": "V", "O1": "V", "O2": "m"}
    part = spy.selectdata(data, channel=["O2", "Fz"])
    assert part.info["channel_type"] == {"O2": "misc", "Fz": "eeg"}
    assert part.info["channel_unit"] == {"O2": "m", "Fz": "V"}


def test_a_copy_is_independent(data):
    part = data.selectdata()
    part.data[...] = 0
    part.channel = ["a", "b", "c"]
    np.testing.assert_array_equal(data.data[()], ramp(15, 3))
    assert data.channel[0] == "Fz"


def test_positional_selectors(data):
    part = spy.selectdata(data, 1, "O1")
    np.testing.assert_array_equal(part.trials[0], data.trials[1][:, [1]])


@pytest.mark.parametrize("make", [analog, spectral, cross])
@pytest.mark.parametrize("parallel", [None, True, False])
def test_everything_of_every_class(make, parallel):
    obj = make()
    assert spy.selectdata(obj, parallel=parallel) == obj


def test_axes_of_spectra():
    spec = spectral()
    part = spec.selectdata(frequency=[5, 20], taper="taper2", channel=["channel3", "channel1"])
    assert (part.freq.tolist(), part.taper.tolist()) == ([10, 20], ["taper2"])
    np.testing.assert_array_equal(part.data[()], spec.data[()][:, [1]][:, :, 1:3][..., [2, 0]])
    pairs = cross()
    part = pairs.selectdata(channel_i=[2, 0], channel_j="channel2", frequency=2)
    np.testing.assert_array_equal(part.data[()], pairs.data[()][:, [2]][:, :, [2, 0]][..., [1]])
    assert (part.channel_i.tolist(), part.channel_j.tolist()) == (["channel3", "channel1"], ["channel2"])


def test_in_place_selection_and_its_end(data):
    assert data.selectdata(trials=[1], inplace=True) is None
    assert data.selection.trial_ids == [1]
    assert data.cfg.selectdata.trials == [1]
    data.selectdata(channel="O1", inplace=True)  # replaces the other
    assert data.selection.trial_ids == [0, 1, 2]
    assert spy.selectdata(data, clear=True) is None
    assert data.selection is None
    assert data.cfg.selectdata.clear is True
    data.selectdata(clear=True)


def test_a_copy_leaves_the_in_place_selection(data):
    data.selection = {"trials": 1, "channel": "O1"}
    before = data.selection
    whole = data.selectdata(trials=0)  # selectors speak of the whole object
    np.testing.assert_array_equal(whole.trials[0], data.trials[0])
    chosen = data.selectdata()  # none: what is selected
    np.testing.assert_array_equal(chosen.trials[0], data.trials[1][:, [1]])
    assert data.selection is before


def test_selectors_in_a_cfg_and_the_replay_of_a_copy(data):
    cfg = spy.StructDict(channel=[0, 2], latency="prestim", inplace="no")
    first = spy.selectdata(data, cfg)
    again = spy.selectdata(cfg=first.cfg, data=data)
    assert first == again
    assert first.cfg == again.cfg
    assert cfg == {"channel": [0, 2], "latency": "prestim", "inplace": "no"}
    cfg.inplace = "yes"
    assert spy.selectdata(data, cfg) is None
    assert data.selection.channel == [0, 2]


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ({"channel": slice(0, 3, 2)}, [0, 2]),
        ({"channel": range(1, 3)}, [1, 2]),
        ({"channel": np.array([True, False, True])}, [0, 2]),
        ({"channel": ("O*",)}, [1, 2]),
        ({"channel": -1}, [2]),
    ],
)
def test_further_forms_of_selectors(data, selectors, expected):
    part = spy.selectdata(data, **selectors)
    np.testing.assert_array_equal(part.data[()], data.data[()][:, expected])
    assert spy.selectdata(data, part.cfg) == part


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"frequency": 3}, SPYValueError, r"selectdata\(\): .*no `frequency` selection available for AnalogData"),
        ({"chanel": 3}, SPYValueError, "did you mean `channel`"),
        ({"select": {"channel": 0}}, SPYValueError, "a known parameter"),
        ({"chan_per_worker": 2}, SPYValueError, "a known parameter"),
        ({"inplace": 1}, SPYTypeError, "inplace"),
        ({"clear": "maybe"}, SPYTypeError, "clear"),
        ({"clear": True, "channel": 0}, SPYValueError, "no selectors together with `clear`"),
        ({"clear": True, "inplace": True}, SPYValueError, "no selectors together with `clear`"),
        ({"parallel": 2}, SPYTypeError, "parallel"),
        ({"channel": "Pz"}, SPYValueError, "existing names or indices"),
        ({"channel": object()}, SPYError, "expected serializable"),
    ],
)
def test_wrong_arguments_leave_the_object_alone(data, arguments, error, text):
    data.selection = {"trials": 1}
    before = data.selection
    with pytest.raises(error, match=text):
        spy.selectdata(data, **arguments)
    assert data.selection is before
    assert data.cfg == {}


def test_empty_objects_and_other_things():
    with pytest.raises(SPYValueError, match="non-empty"):
        spy.selectdata(spy.AnalogData(samplerate=1))
    with pytest.raises(SPYTypeError, match="Syncopy data object"):
        spy.selectdata(np.zeros((3, 3)))
    with pytest.raises(SPYTypeError, match="missing argument"):
        spy.selectdata()
    with pytest.raises(SPYValueError, match="one Syncopy data object"):
        spy.selectdata(analog(), analog())


def test_datasets_of_all_trials_are_left_out_with_a_warning(data):
    data._register_dataset("avg", ramp(5, 3))
    with pytest.warns(SPYWarning, match="the datasets avg belong to the original trials"):
        part = data.selectdata(trials=0)
    assert part.datasets == {}


def test_trials_longer_than_the_memory_are_copied_in_pieces():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((40_000, 5)).astype("f4")
    long = spy.AnalogData(values, samplerate=1000, trialdefinition=[[0, 30_000, 0], [30_500, 40_000, 7]])
    with spy.options(memory="100kB", workers=1):
        part = long.selectdata(channel=[4, 0], trials=[1, 0])
    np.testing.assert_array_equal(part.trials[0], values[30_500:, [4, 0]])
    np.testing.assert_array_equal(part.trials[1], values[:30_000, [4, 0]])
    np.testing.assert_array_equal(part.trialdefinition, [[0, 9500, 7], [9500, 39_500, 0]])


def test_rows_larger_than_the_memory_are_copied_in_tiles():
    values = ramp(3, 40, 30, 30).astype("c8")
    pairs = spy.CrossSpectralData(values, samplerate=1)
    with spy.options(memory="200kB", workers=1):
        part = pairs.selectdata(channel_i=range(29, -1, -1))
    np.testing.assert_array_equal(part.data[()], values[:, :, ::-1])


def test_a_hundred_thousand_trials_at_once():
    count = 100_000
    starts = np.arange(count) * 3
    data = spy.AnalogData(ramp(3 * count, 2, dtype="f4"), samplerate=10)
    data.trialdefinition = np.column_stack([starts, starts + np.arange(count) % 3 + 1, np.zeros(count)])
    part = data.selectdata(channel=[1])
    assert len(part.trials) == count
    for number in (0, 1, 12_346, count - 1):
        np.testing.assert_array_equal(part.trials[number], data.trials[number][:, [1]])
        np.testing.assert_array_equal(part.time[number], data.time[number])


@pytest.fixture
def coherence():
    rng = np.random.default_rng(5)
    common = rng.standard_normal((8, 100, 1))
    trials = [part + rng.standard_normal((100, 3)) for part in common]
    data = spy.AnalogData(trials, samplerate=100, channel=["a", "b", "c"])
    return spy.connectivityanalysis(data, method="coh", tapsmofrq=5, jackknife=True)


@pytest.mark.parametrize("parallel", [False, True])
def test_errors_of_estimates_go_along(coherence, parallel):
    part = coherence.selectdata(channel_i=["c", "a"], channel_j="b", frequency=[10, 30], parallel=parallel)
    freqs = (coherence.freq >= 10) & (coherence.freq <= 30)
    for name in ("data", "jack_var", "jack_bias"):
        expected = getattr(coherence, name)[()][:, freqs][:, :, [2, 0]][..., [1]]
        assert expected.any()
        np.testing.assert_array_equal(getattr(part, name)[()], expected)
    np.testing.assert_array_equal(part.jack_sem, coherence.jack_sem[:, freqs][:, :, [2, 0]][..., [1]])
    coherence.selectdata(channel_i="c", inplace=True)
    np.testing.assert_array_equal(coherence.selectdata().jack_var[()], coherence.jack_var[()][:, :, [2]])


def test_confidence_intervals_go_along_in_any_order_of_axes(data):
    spectra = spy.freqanalysis(data, keeptrials=True)
    mean = spy.mean(spectra, dim="trials", bootstrap=20)
    part = mean.selectdata(channel=["O2", "Fz"])
    for name in ("boot_low", "boot_high", "boot_sem"):
        np.testing.assert_array_equal(getattr(part, name)[()], getattr(mean, name)[()][..., [2, 0]])
    assert part.info["boot_confidence"] == 0.95
    swapped = spy.AnalogData(ramp(3, 6), samplerate=1, dimord=["channel", "time"])
    swapped._update_dataset("boot_sem", -ramp(3, 6))
    part = swapped.selectdata(channel=[2, 0], latency=[1, 3])
    np.testing.assert_array_equal(part.data[()], ramp(3, 6)[[2, 0], 1:4])
    np.testing.assert_array_equal(part.boot_sem[()], -part.data[()])


def test_bands_of_a_selection_are_drawn(coherence):
    part = coherence.selectdata(channel_i="a", channel_j=["b", "c"])
    _, ax = part.singlepanelplot()
    assert len(ax.collections) == 2
