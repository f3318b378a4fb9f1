"""Files that MNE reads: the real recordings against their own bytes, streaming, events."""

import re

import numpy as np
import pytest

import syncopy as spy
from syncopy.io.signals import in_blocks

mne = pytest.importorskip("mne")

RNG = np.random.default_rng(2)


def field(text, width):
    return str(text).ljust(width)[:width].encode()


def write_edf(path, signals, samplerate, labels, record=1.0):
    """EDF as Kemp et al. (1992, doi:10.1016/0013-4694(92)90009-7) lay it out; 1 µV per step."""
    per_record = round(samplerate * record)
    n_records, n_channels = len(signals) // per_record, len(labels)
    head = field("0", 8) + field("X X X X", 80) + field("Startdate X X X X", 80) + b"01.01.2501.00.00"
    head += field(256 * (n_channels + 1), 8) + field("", 44) + field(n_records, 8) + field(record, 8)
    head += field(n_channels, 4)
    columns = [(labels, 16), ("", 80), ("uV", 8), (-32768, 8), (32767, 8), (-32768, 8), (32767, 8), ("", 80)]
    for value, width in [*columns, (per_record, 8), ("", 32)]:
        head += b"".join(field(value if not isinstance(value, list) else value[c], width) for c in range(n_channels))
    blocks = signals[: n_records * per_record].reshape(n_records, per_record, n_channels)
    path.write_bytes(head + blocks.transpose(0, 2, 1).astype("<i2").tobytes())


def edf_signals(path):
    """Physical values of every ordinary channel of an EDF file, by label."""
    content = path.read_bytes()
    n_channels, n_records = int(content[252:256]), int(content[236:244])
    names = ("label", "transducer", "unit", "pmin", "pmax", "dmin", "dmax", "filter", "samples", "more")
    columns, place = {}, 256
    for name, width in zip(names, (16, 80, 8, 8, 8, 8, 8, 80, 8, 32), strict=True):
        values = [content[place + width * c : place + width * (c + 1)].decode().strip() for c in range(n_channels)]
        columns[name] = values
        place += width * n_channels
    samples = [int(value) for value in columns["samples"]]
    numbers = np.frombuffer(content[int(content[184:192]) :], "<i2").reshape(n_records, sum(samples))
    edges = np.cumsum([0, *samples])
    found = {}
    for c, label in enumerate(columns["label"]):
        low, high, bottom, top = (float(columns[name][c]) for name in ("dmin", "dmax", "pmin", "pmax"))
        digital = numbers[:, edges[c] : edges[c + 1]].ravel()
        found[label] = (digital - low) * (top - bottom) / (high - low) + bottom
    return found


def test_edf_equals_its_bytes(shared):
    path = shared / "recordings" / "biosemi.edf"
    data, truth = spy.load(path), edf_signals(path)
    assert data.samplerate == 512
    assert data.data.shape == (3072, 139)
    signals = [label for label in data.channel if data.info["channel_type"][label] == "eeg"]
    assert len(signals) == 138
    for label in signals[::10]:
        got = data.data[:, data.channel.tolist().index(label)]
        np.testing.assert_allclose(got, truth[label] * 1e-6, rtol=0, atol=1e-12)
    assert {data.info["channel_unit"][label] for label in signals} == {"V"}


def test_edf_annotations(shared):
    path = shared / "recordings" / "biosemi.edf"
    events = spy.load(path, dataclass="event")
    assert isinstance(events, spy.EventData)
    codes = {code: text for text, code in events.info["event_id"].items()}
    noted = [(row[0] / 512, codes[row[1]], row[2] / 512) for row in events.data if row[1] in codes]
    # the annotations in the file itself: onset, duration, text (EDF+ time-stamped annotation lists)
    pattern = rb"\+([0-9.]+)\x15([0-9.]+)\x14([^\x14\x00]+)\x14"
    truth = [(float(a), float(b), c.decode()) for a, b, c in re.findall(pattern, path.read_bytes())]
    truth += [
        (float(a), 0.0, b.decode()) for a, b in re.findall(rb"\+([0-9.]+)\x14([^\x14\x00]+)\x14", path.read_bytes())
    ]
    assert len(noted) == len(truth) == 5
    for (onset, text, duration), (true_onset, true_duration, true_text) in zip(noted, sorted(truth), strict=True):
        assert text == true_text
        assert abs(onset - true_onset) <= 0.5 / 512
        assert abs(duration - true_duration) <= 0.5 / 512


def test_brainvision_equals_its_bytes(shared):
    path = shared / "recordings" / "brainvision.vhdr"
    data = spy.load(path)
    header = path.read_text(encoding="utf-8", errors="replace")
    channels = re.findall(r"^Ch\d+=([^,\n]*),[^,\n]*,([^,\n]*)", header, re.MULTILINE)[:32]
    numbers = np.fromfile(path.with_suffix(".eeg"), "<i2").reshape(-1, 32)
    assert data.data.shape == numbers.shape == (7900, 32)
    assert data.channel.tolist() == [label for label, _ in channels]
    electrodes = [place for place, label in enumerate(data.channel) if data.info["channel_type"][label] == "eeg"]
    assert len(electrodes) == 26
    for place in electrodes:
        microvolts = numbers[:, place] * float(channels[place][1])
        np.testing.assert_allclose(data.data[:, place], microvolts * 1e-6, rtol=1e-12)
    # each of the three files stands for the recording
    assert spy.load(path.with_suffix(".eeg")) == data


def test_brainvision_markers(shared):
    path = shared / "recordings" / "brainvision.vhdr"
    events = spy.load(path, dataclass="event")
    found = re.findall(r"^Mk\d+=([^,]*),([^,]*),(\d+),(\d+)", path.with_suffix(".vmrk").read_text(), re.MULTILINE)
    truth = [(int(place) - 1, f"{kind}/{text}") for kind, text, place, _ in found if not kind.startswith("New Segment")]
    names = {code: text for text, code in events.info["event_id"].items()}
    assert [(sample, names[code]) for sample, code, _ in events.data] == truth
    assert len(truth) == 13


def test_fif(shared):
    data = spy.load(shared / "recordings" / "meg_kit_raw.fif")
    raw = mne.io.read_raw_fif(shared / "recordings" / "meg_kit_raw.fif", preload=True, verbose="error")
    np.testing.assert_array_equal(data.data[()], raw.get_data().T)
    assert data.data.shape == (2000, 158)
    magnetometers = [label for label, kind in data.info["channel_type"].items() if kind == "mag"]
    assert len(magnetometers) == 157
    assert data.info["channel_unit"][magnetometers[0]] == "T"
    assert 1e-14 < np.abs(data.show(channel=magnetometers[0])).max() < 1e-10
    events = spy.load(shared / "recordings" / "meg_kit_raw.fif", dataclass="event")
    assert events.data[:, 1].tolist() == [128, 128]


def test_both_classes_at_once(shared):
    loaded = spy.load(shared / "recordings" / "brainvision.vhdr", dataclass=["analog", "event"])
    assert {type(obj) for obj in loaded.values()} == {spy.AnalogData, spy.EventData}


def test_the_recording_is_never_in_memory(tmp_path, monkeypatch):
    path = tmp_path / "long.edf"
    signals = RNG.integers(-3000, 3000, (20_000, 4))
    write_edf(path, signals, 100, ["Fz", "Cz", "Pz", "Oz"])
    asked = []
    read = mne.io.BaseRaw.get_data

    def spying(self, picks=None, start=0, stop=None, **more):
        asked.append(stop - start)
        assert not self.preload
        return read(self, picks, start=start, stop=stop, **more)

    monkeypatch.setattr(mne.io.BaseRaw, "get_data", spying)
    monkeypatch.setattr("syncopy.io.mne_conv.in_blocks", lambda *args: in_blocks(*args, 8 * 4 * 1500))
    data = spy.load(path)
    assert max(asked) == 1500
    assert len(asked) == 14
    np.testing.assert_allclose(data.data[()], signals * 1e-6, atol=1e-15)
    assert data.samplerate == 100


def test_epochs_file(tmp_path):
    info = mne.create_info(["Fz", "Oz"], 200.0, "eeg", verbose="error")
    epochs = mne.EpochsArray(RNG.standard_normal((3, 2, 100)), info, tmin=-0.25, verbose="error")
    epochs.save(tmp_path / "a-epo.fif", fmt="double", verbose="error")
    data = spy.load(tmp_path / "a-epo.fif")
    assert len(data.trials) == 3
    assert data.time[0][0] == -0.25
    np.testing.assert_array_equal(data.trials[1], epochs.get_data(copy=False)[1].T)


def test_what_is_wrong_with_a_file(tmp_path):
    with pytest.raises(spy.SPYIOError, match="does not exist"):
        spy.load(tmp_path / "nothing.edf")
    broken = tmp_path / "broken.edf"
    broken.write_bytes(b"0       " + bytes(500))
    with pytest.raises(spy.SPYIOError, match=r"broken\.edf: MNE gave up"):
        spy.load(broken)
