"""NWB written: round trips, and what pynwb reads."""

from datetime import UTC, datetime

import numpy as np
import pytest

import syncopy as spy

pynwb = pytest.importorskip("pynwb")

RNG = np.random.default_rng(9)
LABELS = ["CA1-a", "CA1-b", "CA3"]


def only(objects):
    (obj,) = objects.values()
    return obj


def recording(**more):
    data = spy.AnalogData(RNG.standard_normal((1000, 3)).astype("f4"), samplerate=200, channel=LABELS, **more)
    data.trialdefinition = [[0, 300, -100, 1], [400, 600, -50, 2], [700, 1000, 0, 1]]
    return data


@pytest.mark.parametrize("is_raw", [True, False])
def test_signals_there_and_back(tmp_path, is_raw):
    data = recording()
    file = data.save_nwb(tmp_path / "a.nwb", is_raw=is_raw)
    assert isinstance(file, pynwb.NWBFile)
    back = only(spy.load_nwb(tmp_path / "a.nwb", validate=True))
    np.testing.assert_array_equal(back.data[()], data.data[()])
    np.testing.assert_array_equal(back.trialdefinition, data.trialdefinition)
    assert back.channel.tolist() == LABELS
    assert back.samplerate == 200
    with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r") as io:
        plain = io.read()
        place = plain.acquisition if is_raw else plain.processing["ecephys"]["LFP"].electrical_series
        assert place["ElectricalSeries"].rate == 200
        assert place["ElectricalSeries"].starting_time == 0
        assert plain.epochs["tags"][1] == ["trial 1"]
        np.testing.assert_allclose(plain.trials["offset"][:], [-0.5, -0.25, 0.0])


def test_other_order_of_axes(tmp_path):
    values = RNG.standard_normal((3, 50))
    spy.AnalogData(values, samplerate=10, dimord=["channel", "time"]).save_nwb(tmp_path / "a.nwb")
    np.testing.assert_array_equal(only(spy.load_nwb(tmp_path / "a.nwb")).data[()], values.T)


def test_microvolts_are_written_as_such(tmp_path):
    data = recording()
    data.info["channel_unit"] = dict.fromkeys(LABELS, "uV")
    data.save_nwb(tmp_path / "a.nwb")
    np.testing.assert_allclose(only(spy.load_nwb(tmp_path / "a.nwb")).data[()], data.data[()] * 1e-6, rtol=1e-6)


def test_raw_and_processed_in_one_file(tmp_path):
    raw, lfp = recording(), recording()
    file = raw.save_nwb(tmp_path / "a.nwb")
    lfp.save_nwb(tmp_path / "a.nwb", nwbfile=file, is_raw=False)
    back = list(spy.load_nwb(tmp_path / "a.nwb", validate=True).values())
    np.testing.assert_array_equal(back[0].data[()], lfp.data[()])
    np.testing.assert_array_equal(back[1].data[()], raw.data[()])
    with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r") as io:
        plain = io.read()
        assert len(plain.electrodes) == 3  # both were recorded from the same ones
        assert len(plain.trials) == 3
    with pytest.raises(spy.SPYValueError, match="not written yet"):
        raw.save_nwb(tmp_path / "b.nwb", nwbfile=file)


def test_a_file_with_metadata_of_the_user(tmp_path):
    file = pynwb.NWBFile(session_description="test", identifier="1", session_start_time=datetime.now(UTC))
    recording().save_nwb(tmp_path / "a.nwb", nwbfile=file, with_trialdefinition=False)
    with pynwb.NWBHDF5IO(str(tmp_path / "a.nwb"), "r") as io:
        plain = io.read()
        assert plain.session_description == "test"
        assert plain.trials is None


@pytest.mark.parametrize("several", [False, True])
def test_spikes_there_and_back(tmp_path, several):
    units = RNG.choice([2, 5, 9], 300)
    channels = RNG.integers(0, 2, 300) if several else units % 2
    rows = np.column_stack([np.sort(RNG.integers(0, 1000, 300)), channels, units])
    trl = [[0, 400, -100], [400, 1000, -50]]
    spikes = spy.SpikeData(rows, samplerate=2000, trialdefinition=trl, channel=["p", "q"], unit=["u", "v", "w"])
    spikes.save_nwb(tmp_path / "a.nwb")
    back = only(spy.load_nwb(tmp_path / "a.nwb", validate=True))

    def named(obj):
        place = [np.searchsorted(numbers, obj.data[:, c]) for c, numbers in ((1, obj.channel_idx), (2, obj.unit_idx))]
        return sorted(zip(obj.sample.tolist(), obj.channel[place[0]], obj.unit[place[1]], strict=True))

    assert named(back) == named(spikes)
    np.testing.assert_array_equal(back.trialdefinition, spikes.trialdefinition)
    assert back.samplerate == 2000
    assert several or back.unit_idx.tolist() == [2, 5, 9]


def test_timelock_data(tmp_path):
    data = spy.TimeLockData([RNG.standard_normal((40, 2)) for _ in range(3)], samplerate=100)
    data.save_nwb(tmp_path / "a.nwb")
    back = only(spy.load_nwb(tmp_path / "a.nwb"))
    np.testing.assert_array_equal(back.trialdefinition, data.trialdefinition)
    np.testing.assert_array_equal(back.trials[2], data.trials[2])


def test_existing_files(tmp_path, monkeypatch):
    path = tmp_path / "a.nwb"
    path.touch()  # a reserved name is no file to be protected
    recording().save_nwb(path)
    before = path.read_bytes()
    with pytest.raises(spy.SPYIOError, match="overwrite=True"):
        recording().save_nwb(path)
    with monkeypatch.context() as patch:
        patch.setattr(pynwb.NWBHDF5IO, "write", lambda self, file: 1 / 0)
        with pytest.raises(spy.SPYIOError, match="division"):
            recording().save_nwb(path, overwrite=True)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.nwb"]
    data = recording()
    data.save_nwb(path, overwrite=True)
    np.testing.assert_array_equal(only(spy.load_nwb(path)).data[()], data.data[()])


def test_classes_that_nwb_has_no_place_for(tmp_path):
    with pytest.raises(NotImplementedError):
        spy.EventData(np.array([[1, 2]]), samplerate=10).save_nwb(tmp_path / "a.nwb")
    with pytest.raises(spy.SPYTypeError, match="AnalogData, TimeLockData or SpikeData"):
        spy.SpectralData(np.ones((1, 1, 3, 2)), samplerate=10).save_nwb(tmp_path / "a.nwb")
