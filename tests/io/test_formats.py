"""How a file or folder is recognised, and what `spy.load` makes of it."""

import importlib
import inspect
import sys

import h5py
import numpy as np
import pytest
from scipy.io import savemat

import syncopy as spy
from syncopy.io.formats import FORMATS, recognise
from tests.data.objects import analog


def test_every_format_has_its_functions():
    for known in FORMATS:
        for place in filter(None, (known.reader, known.events)):
            module, _, name = place.partition(".")
            function = getattr(importlib.import_module(f"syncopy.io.{module}"), name)
            required = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
            assert len([p for p in required if p.kind is not p.VAR_KEYWORD]) == 1
            assert getattr(spy, name) is function


def test_no_extension_is_claimed_twice():
    suffixes = [suffix for known in FORMATS for suffix in known.suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("a.mat", "fieldtrip.load_ft_raw"),
        ("a.nwb", "nwb.load_nwb"),
        ("A.EDF", "mne_files.load_mne"),
        ("a_raw.fif.gz", "mne_files.load_mne"),
        ("a.ns5", "neo_files.load_neo"),
        ("run_t0.imec0.ap.meta", "neo_files.load_neo"),
    ],
)
def test_extensions(tmp_path, name, reader):
    found = recognise(tmp_path / name)
    assert (found.format.reader, found.path) == (reader, tmp_path / name)


@pytest.mark.parametrize(
    ("given", "beside", "reader"),
    [
        ("a.eeg", "a.vhdr", "mne_files.load_mne"),
        ("a.vmrk", "a.vhdr", "mne_files.load_mne"),
        ("a.fdt", "a.set", "mne_files.load_mne"),
        ("a_t0.nidq.bin", "a_t0.nidq.meta", "neo_files.load_neo"),
    ],
)
def test_second_files_of_a_recording(tmp_path, given, beside, reader):
    (tmp_path / given).write_bytes(bytes(100))
    assert recognise(tmp_path / given) is None
    (tmp_path / beside).touch()
    found = recognise(tmp_path / given)
    assert (found.format.reader, found.path.name) == (reader, beside)


@pytest.mark.parametrize(
    ("inside", "reader"),
    [
        ("block.tsq", "tdt.load_tdt"),
        ("run_t0.nidq.meta", "neo_files.load_neo"),
        ("node/rec1/structure.oebin", "neo_files.load_neo"),
        ("CSC1.ncs", "neo_files.load_neo"),
    ],
)
def test_folders(tmp_path, inside, reader):
    assert recognise(tmp_path) is None
    (tmp_path / inside).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / inside).touch()
    assert recognise(tmp_path).format.reader == reader


def test_first_bytes(tmp_path):
    analog().save_ft(tmp_path / "a.mat")
    (tmp_path / "a.mat").rename(tmp_path / "session1")
    back = spy.load(tmp_path / "session1")
    np.testing.assert_array_equal(back.data[()], analog().data[()])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["nwb_version"] = "2.0"
    assert recognise(tmp_path / "a.h5").format.name == "NWB"
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["x"] = 1
    assert recognise(tmp_path / "b.h5") is None


@pytest.mark.parametrize("recording", ["biosemi.edf", "meg_kit_raw.fif", "brainvision.vhdr"])
def test_a_wrong_extension(shared, tmp_path, recording):
    path = tmp_path / "recording.dat"
    path.write_bytes((shared / "recordings" / recording).read_bytes()[:1000])
    suffix = recording[recording.index(".") :]
    with pytest.raises(spy.SPYValueError, match=rf"by its first bytes this one is \{suffix}, rename it"):
        spy.load(path)


def test_unknown_files(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(spy.SPYValueError, match=r"\.spy.*\.nwb.*\.edf"):
        spy.load(tmp_path / "notes.txt")
    with pytest.raises(spy.SPYIOError, match="does not exist"):
        spy.load(tmp_path / "nothing.edf")
    with pytest.raises(spy.SPYIOError):
        spy.load(tmp_path / "nothing")


def test_objects_and_classes(tmp_path):
    def structure(value):
        trial, time, label = (np.empty((1, 1), dtype=object) for _ in range(3))
        trial[0, 0], time[0, 0], label[0, 0] = np.full((1, 10), value), np.arange(10.0)[None] / 100, "a"
        return {"trial": trial, "time": time, "label": label, "fsample": 100.0}

    savemat(tmp_path / "two.mat", {"one": structure(1.0), "other": structure(2.0)})
    loaded = spy.load(tmp_path / "two.mat")
    assert {name: obj.data[0, 0] for name, obj in loaded.items()} == {"one": 1, "other": 2}
    with pytest.raises(spy.SPYIOError, match="nothing of what was asked for"):
        spy.load(tmp_path / "two.mat", dataclass="spike")
    with pytest.raises(spy.SPYError, match="only containers"):
        spy.load(tmp_path / "two.mat", tag="one")


@pytest.mark.parametrize(
    ("name", "package", "extra"), [("a.edf", "mne", "mne"), ("a.nwb", "pynwb", "nwb"), ("a.ns5", "neo.rawio", "neo")]
)
def test_a_missing_package_is_named_with_its_extra(tmp_path, monkeypatch, name, package, extra):
    (tmp_path / name).touch()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(spy.SPYError, match=rf'pip install "syncopy\[{extra}\]"'):
        spy.load(tmp_path / name)


def test_old_import_paths():
    from syncopy.io import load, load_nwb, load_tdt, mne_conv, nwb

    assert load is spy.load
    assert (load_nwb, load_tdt) == (spy.load_nwb, spy.load_tdt)
    assert nwb.load_nwb is spy.load_nwb
    assert spy.mne_conv is mne_conv
    assert mne_conv.raw_mne_to_adata is spy.raw_mne_to_adata
    with pytest.raises(AttributeError, match=r"syncopy\.io"):
        importlib.import_module("syncopy.io").no_such_name  # noqa: B018
