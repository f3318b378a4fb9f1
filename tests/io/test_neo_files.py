"""Raw files of acquisition systems: SpikeGLX written byte by byte, neo's own made-up recording for the rest."""

import sys

import numpy as np
import pytest

import syncopy as spy
from syncopy.io.signals import in_blocks

neo = pytest.importorskip("neo")

RNG = np.random.default_rng(6)


def write_spikeglx(folder, stream, numbers, samplerate):
    """National Instruments stream: three multiplexed channels with a gain of 200, one without."""
    folder.mkdir(exist_ok=True)
    name = f"run1_g0_t0.{stream}"
    numbers.astype("<i2").tofile(folder / f"{name}.bin")
    meta = {
        "typeThis": "nidq",
        "fileName": f"D:/{name}.bin",
        "nSavedChans": numbers.shape[1],
        "niSampRate": samplerate,
        "fileSizeBytes": 2 * numbers.size,
        "fileTimeSecs": len(numbers) / samplerate,
        "niAiRangeMax": 5,
        "niAiRangeMin": -5,
        "niMNGain": 200,
        "niMAGain": 1,
        "snsMnMaXaDw": "3,0,1,0",
        "acqMnMaXaDw": "3,0,1,0",
        "snsSaveChanSubset": "all",
        "firstSample": 0,
        "niMNChans1": "0:2",
        "~snsChanMap": "(3,0,1,1,0)(MN0C0;0:0)(MN0C1;1:1)(MN0C2;2:2)(XA0;3:3)",
    }
    (folder / f"{name}.meta").write_text("".join(f"{key}={value}\n" for key, value in meta.items()))
    return folder / f"{name}.bin"


def test_spikeglx(tmp_path, monkeypatch):
    numbers = RNG.integers(-32768, 32767, (1000, 4), "i2", endpoint=True)
    path = write_spikeglx(tmp_path / "run1_g0", "nidq", numbers, 25000.5)
    sizes = []

    def spying(read, n_samples, row_bytes):
        return in_blocks(lambda a, b: (sizes.append(b - a), read(a, b))[1], n_samples, row_bytes, 300 * row_bytes)

    monkeypatch.setattr("syncopy.io.neo_files.in_blocks", spying)
    (data,) = spy.load_neo(path.parent).values()
    assert sizes == [300, 300, 300, 100]
    volts = np.array([5 / 32768 / 200] * 3 + [5 / 32768])
    np.testing.assert_allclose(data.data[()], numbers * volts, rtol=2e-7)
    np.testing.assert_array_equal(np.round(data.data[()].astype("f8") / volts), numbers)
    assert data.data.dtype == "f4"
    assert data.samplerate == 25000.5
    assert data.channel.tolist() == ["MN0C0", "MN0C1", "MN0C2", "XA0"]
    assert set(data.info["channel_unit"].values()) == {"V"}
    for way in (path, path.with_suffix(".meta"), path.parent):
        assert spy.load(way) == data


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    """Path for a reader that invents two blocks of two and three segments."""
    from neo.rawio.examplerawio import ExampleRawIO

    monkeypatch.setattr(neo.rawio, "rawiolist", [*neo.rawio.rawiolist, ExampleRawIO])
    path = tmp_path / "any.fakeextension"
    path.touch()
    source = ExampleRawIO(str(path))
    source.parse_header()
    return path, source


PIECES = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]


def test_segments_are_trials(made_up):
    path, source = made_up
    streams = spy.load_neo(path, reader="ExampleRawIO")
    assert list(streams) == ["stream 0", "stream 1", "spikes", "events"]
    for number in (0, 1):
        data = streams[f"stream {number}"]
        assert len(data.trials) == 5
        for trial, (block, segment) in enumerate(PIECES):
            chunk = source.get_analogsignal_chunk(block, segment, stream_index=number)
            values = source.rescale_signal_raw_to_float(chunk, "float64", stream_index=number)
            np.testing.assert_allclose(data.trials[trial], values, rtol=2e-7)
            assert data.time[trial][0] == source.get_signal_t_start(block, segment, number)
    assert streams["stream 1"].info["channel_unit"]["ch15"] == "pA"


def test_spikes(made_up):
    path, source = made_up
    spikes = spy.load_neo(path, reader="ExampleRawIO")["spikes"]
    assert spikes.unit.tolist() == ["unit0", "unit1", "unit2"]
    for trial, (block, segment) in enumerate(PIECES):
        for unit in range(3):
            seconds = source.rescale_spike_timestamp(source.get_spike_timestamps(block, segment, unit), "float64")
            own = spikes.time[trial][spikes.trials[trial][:, 2] == unit]
            np.testing.assert_allclose(own, seconds, atol=0.5 / spikes.samplerate)
            assert len(seconds)


def test_events(made_up):
    path, source = made_up
    events = spy.load_neo(path, reader="ExampleRawIO")["events"]
    codes = events.info["event_id"]
    assert events.dimord == ["sample", "eventid", "duration", "kind"]
    assert events.info["kinds"] == ["Some events", "Some epochs"]
    for trial, (block, segment) in enumerate(PIECES):
        for kind in (0, 1):
            ticks, spans, labels = source.get_event_timestamps(block, segment, kind)
            own = events.trials[trial][:, 3] == kind
            np.testing.assert_allclose(events.time[trial][own], source.rescale_event_timestamp(ticks, "float64", kind))
            assert events.trials[trial][own, 1].tolist() == [codes[label] for label in labels]
            seconds = 0 if spans is None else source.rescale_epoch_duration(spans, "float64", kind)
            np.testing.assert_allclose(events.trials[trial][own, 2] / events.samplerate, seconds)


@pytest.mark.parametrize("stream", [1, "stream 1"])
def test_one_stream(made_up, stream):
    loaded = spy.load_neo(made_up[0], stream=stream, reader="ExampleRawIO")
    assert list(loaded) == ["stream 1"]


def test_codes_of_events():
    from syncopy.io.neo_files import _codes

    assert _codes(np.array(["7", "12", "7"])) == {"7": 7, "12": 12}
    assert _codes(np.array(["stop", "go", "7"])) == {"7": 1, "go": 2, "stop": 3}


def test_wrong_arguments(tmp_path, made_up, monkeypatch):
    path, _ = made_up
    with pytest.raises(spy.SPYIOError, match="does not exist"):
        spy.load_neo(tmp_path / "nothing.ns5")
    with pytest.raises(spy.SPYValueError, match="streams stream 0, stream 1"):
        spy.load_neo(path, stream="stream 9", reader="ExampleRawIO")
    with pytest.raises(spy.SPYTypeError, match="stream"):
        spy.load_neo(path, stream=1.5, reader="ExampleRawIO")
    with pytest.raises(spy.SPYValueError, match="reader"):
        spy.load_neo(path, reader="NoSuchIO")
    unclear = tmp_path / "a.dat"
    unclear.write_bytes(bytes(100))
    with pytest.raises(spy.SPYValueError, match="which `reader` to use"):
        spy.load_neo(unclear)
    broken = tmp_path / "a.rhd"
    broken.write_bytes(bytes(100))
    with pytest.raises(spy.SPYIOError, match=r"a\.rhd: neo gave up"):
        spy.load_neo(broken)
    monkeypatch.setitem(sys.modules, "neo.rawio", None)
    with pytest.raises(spy.SPYImportError, match=r'pip install "syncopy\[neo\]"'):
        spy.load_neo(path)
