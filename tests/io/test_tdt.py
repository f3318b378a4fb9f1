"""TDT blocks written byte by byte."""

import struct

import numpy as np
import pytest

import syncopy as spy

RNG = np.random.default_rng(4)
RATE = 1017.2526
START = 1_600_000_000.0  # 2020-09-13 12:26:40 UTC
KEYS = [
    "originalFiles",
    "blockname",
    "start_date",
    "utc_start_time",
    "stop_date",
    "utc_stop_time",
    "duration",
    "PDio_onset",
    "PDio_offset",
    "PDio_data",
    "Trigger_timestamp",
    "Trigger_sample",
    "Trigger_code",
]


def entry(kind, code, time, value=0.0, rate=0.0):
    """Forty bytes of the index: size, type, code, channel, sort, time, value, format, rate."""
    code = code if isinstance(code, bytes) else struct.pack("<I", code)
    return struct.pack("<iI4sHHddIf", 10, kind, code, 0, 0, time, value, 0, rate)


def write_block(folder, channels, marks=(), stopped=True, rate=RATE, head=bytes(40), stream=b"LFPs"):
    folder.mkdir()
    entries = [entry(0, 0, 0.0), entry(0x8801, 1, START)]
    entries += [entry(0x201, b"Mark", START + time, code) for time, code in marks]
    entries += [entry(0x101, b"PDio", START + 0.5, 1.0), entry(0x102, b"PDio", START + 0.75, 1.0)]
    entries += [entry(0x8101, stream, START + k, 0.0, rate) for k in range(2)] if stream else []
    entries += [entry(0x8801, 2, START + 3661.0)] if stopped else []
    (folder / "block.tsq").write_bytes(b"".join(entries))
    for number, samples in enumerate(channels, start=1):
        (folder / f"block_xWav_ch{number}.sev").write_bytes(head + samples.tobytes())
    return folder


@pytest.fixture
def signals():
    return [RNG.standard_normal(3000).astype("<f4") for _ in range(12)]


def test_signals_and_info(tmp_path, signals):
    folder = write_block(tmp_path / "Block-1", signals, marks=[(0.5, 3), (1.2504, 7)])
    data = spy.load_tdt(folder)
    np.testing.assert_array_equal(data.data[()], np.column_stack(signals))  # ch2 comes before ch10
    assert data.data.dtype == "f4"
    assert data.samplerate == np.float32(RATE)
    assert data.trialdefinition.tolist() == [[0, 3000, 0]]
    assert data.channel[[0, 11]].tolist() == ["channel01", "channel12"]
    assert list(data.info) == KEYS
    assert data.info["originalFiles"][:2] == ["block_xWav_ch1.sev", "block_xWav_ch2.sev"]
    assert data.info["blockname"] == "Block-1"
    assert (data.info["start_date"], data.info["utc_start_time"]) == ("2020-09-13", "12:26:40")
    assert (data.info["stop_date"], data.info["utc_stop_time"]) == ("2020-09-13", "13:27:41")
    assert data.info["duration"] == "1:01:01"
    assert (data.info["PDio_onset"], data.info["PDio_offset"], data.info["PDio_data"]) == ([0.5], [0.75], [1.0])
    assert data.info["Trigger_code"] == [3, 7]
    np.testing.assert_allclose(data.info["Trigger_timestamp"], [0.5, 1.2504], atol=1e-6)
    assert data.info["Trigger_sample"] == [round(0.5 * RATE), round(1.2504 * RATE)]
    assert spy.load(folder) == data  # the folder tells its format


def test_blocks_of_samples(tmp_path, signals, monkeypatch):
    folder = write_block(tmp_path / "Block-1", signals)
    monkeypatch.setattr(
        "syncopy.io.tdt.in_blocks", lambda read, n, size: (read(k, min(k + 700, n)) for k in range(0, n, 700))
    )
    np.testing.assert_array_equal(spy.load_tdt(folder).data[()], np.column_stack(signals))


def test_trials_between_triggers(tmp_path, signals):
    marks = [(0.1, 1), (0.6, 2), (1.0, 1), (1.5, 9), (1.75, 2)]
    folder = write_block(tmp_path / "Block-1", signals, marks)
    data = spy.load_tdt(folder, start_code=1, end_code=2)
    assert data.trialdefinition.tolist() == [
        [round(begin * RATE), round(end * RATE), 0] for begin, end in [(0.1, 0.6), (1.0, 1.75)]
    ]


def test_surplus_triggers(tmp_path, signals):
    folder = write_block(tmp_path / "Block-1", signals, [(0.1, 1), (0.6, 2), (1.0, 1)])
    with pytest.warns(spy.SPYWarning, match="2 starts and 1 ends of trials: the first 1"):
        data = spy.load_tdt(folder, 1, 2)
    assert len(data.trials) == 1


def test_median_of_each_channel(tmp_path, signals):
    shifted = [values + number for number, values in enumerate(signals)]
    data = spy.load_tdt(write_block(tmp_path / "Block-1", shifted), subtract_median=True)
    expected = np.column_stack(shifted) - np.median(np.column_stack(shifted), axis=0)
    np.testing.assert_allclose(data.data[()], expected, atol=1e-6)


def test_integer_samples_and_rate_in_the_head(tmp_path):
    # version 3, samples of type 2 (int16), decimation 16, rate exponent 11
    head = struct.pack("<q3sB4sHHHHBBH", 0, b"SEV", 3, b"vaWx", 1, 2, 2, 0, 2, 16, 11).ljust(40, b"\0")
    numbers = [RNG.integers(-999, 999, 50).astype("<i2") for _ in range(2)]
    data = spy.load_tdt(write_block(tmp_path / "Block-1", numbers, head=head, stream=None))
    np.testing.assert_array_equal(data.data[()], np.column_stack(numbers))
    assert data.samplerate == 2.0**-1 * 25e6 / 16


def test_interrupted_recording(tmp_path, signals):
    folder = write_block(tmp_path / "Block-1", signals, stopped=False)
    with pytest.warns(spy.SPYWarning, match="may have been interrupted"):
        data = spy.load_tdt(folder)
    assert data.info["duration"] is None
    assert data.info["PDio_onset"] == [0.5]


def test_channels_of_unequal_length(tmp_path, signals):
    folder = write_block(tmp_path / "Block-1", [*signals[:3], signals[3][:2500]])
    with pytest.warns(spy.SPYWarning, match="cut to 2500 samples"):
        data = spy.load_tdt(folder)
    np.testing.assert_array_equal(data.data[()], np.column_stack([values[:2500] for values in signals[:4]]))


def test_what_is_wrong_with_a_block(tmp_path, signals):
    with pytest.raises(spy.SPYIOError, match="does not exist"):
        spy.load_tdt(tmp_path / "nothing")
    with pytest.raises(spy.SPYIOError, match=r"found 0 \.tsq and 0 \.sev"):
        spy.load_tdt(tmp_path)
    folder = write_block(tmp_path / "Block-1", signals, [(0.1, 1)])
    with pytest.raises(spy.SPYValueError, match=r"end_code.*both trial start and end"):
        spy.load_tdt(folder, start_code=1)
    with pytest.raises(spy.SPYTypeError, match="start_code"):
        spy.load_tdt(folder, start_code="1", end_code=2)
    with pytest.raises(spy.SPYValueError, match="whole number"):
        spy.load_tdt(folder, start_code=1.5, end_code=2)
    with pytest.raises(spy.SPYValueError, match=r"end_code.*a code of the triggers \(1\); got 2"):
        spy.load_tdt(folder, start_code=1, end_code=2)
    (folder / "block.tsq").write_bytes(bytes(400))
    with pytest.raises(spy.SPYIOError, match="mark of a block's start"):
        spy.load_tdt(folder)
    (folder / "block.tsq").write_bytes(b"")
    with pytest.raises(spy.SPYIOError, match="too short"):
        spy.load_tdt(folder)


def test_no_sample_rate(tmp_path, signals):
    with pytest.raises(spy.SPYValueError, match="LFPs or LFP1"):
        spy.load_tdt(write_block(tmp_path / "Block-1", signals, stream=None))
