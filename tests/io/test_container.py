"""`spy.save` and `spy.load`: names, what is found, what is refused."""

import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

import syncopy as spy
from syncopy.data.naming import container_of, path_in_container, path_of_file, tag_of
from syncopy.errors import SPYError, SPYIOError, SPYTypeError, SPYValueError, SPYWarning
from syncopy.settings import options
from syncopy.storage.store import live_stores


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with options(scratch=tmp_path / "scratch"):
        yield


def analog(value=0):
    return spy.AnalogData([np.full((20, 2), float(value))] * 2, samplerate=100)


def spectral():
    return spy.SpectralData(np.ones((1, 1, 3, 2), "f4"), samplerate=100)


# -- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("container", "tag", "expected"),
    [
        ("a", None, "a.spy/a.analog"),
        ("a.spy", None, "a.spy/a.analog"),
        ("a.spy/", "raw", "a.spy/a_raw.analog"),
        (Path("deep") / "a", "x_y", "deep/a.spy/a_x_y.analog"),
        ("a", "", "a.spy/a.analog"),
        ("a", "v1.2", "a.spy/a_v1.2.analog"),
    ],
)
def test_place_in_a_container(tmp_path, container, tag, expected):
    assert path_in_container(container, tag, ".analog") == tmp_path / expected


@pytest.mark.parametrize(
    ("container", "tag", "error"),
    [
        (1, None, SPYTypeError),
        ("a.foo", None, SPYValueError),
        ("a.b.spy", None, SPYValueError),
        ("a", 1, SPYTypeError),
        ("a", "../../b", SPYValueError),
        ("a", "b/c", SPYValueError),
        ("a", "1.2.3", SPYValueError),
    ],
)
def test_places_that_are_none(container, tag, error):
    with pytest.raises(error):
        path_in_container(container, tag, ".analog")


@pytest.mark.parametrize(
    ("filename", "expected"),
    [("f", "f.analog"), ("f.analog", "f.analog"), ("a.b.analog", "a.b.analog"), ("h.spy/hx", "h.spy/hx.analog")],
)
def test_place_of_a_file(tmp_path, filename, expected):
    assert path_of_file(filename, ".analog") == tmp_path / expected
    assert path_of_file(Path(filename), ".analog") == tmp_path / expected


@pytest.mark.parametrize(
    ("filename", "error"),
    [
        (1, SPYTypeError),
        ("g.foo", SPYValueError),
        ("g.b", SPYValueError),
        ("a.b.c.analog", SPYValueError),
        ("h.spy/foo.analog", SPYValueError),
    ],
)
def test_files_that_have_no_place(filename, error):
    with pytest.raises(error):
        path_of_file(filename, ".analog")


def test_extension_of_another_class():
    with pytest.raises(SPYError, match="SpectralData") as caught:
        path_of_file("g.spectral", ".analog")
    assert type(caught.value) is SPYError


@pytest.mark.parametrize(
    ("path", "container", "tag"),
    [
        ("a.spy/ab.analog", "a.spy", "b"),
        ("a.spy/a-x.analog", "a.spy", "-x"),
        ("a.spy/a_x_y.analog", "a.spy", "x_y"),
        ("a.spy/a.analog", "a.spy", None),
        ("folder/a_x.analog", None, None),
    ],
)
def test_container_and_tag_of_a_file(path, container, tag):
    assert (container_of(Path(path)), tag_of(Path(path))) == (container, tag)


def test_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    analog().save("~/a")
    assert spy.load("~/a").filename == str(tmp_path / "home" / "a.spy" / "a.analog")


# -- save --------------------------------------------------------------------------------------------------------


def test_object_is_bound_to_its_file(tmp_path):
    data = analog(3)
    scratch = Path(data.filename)
    assert scratch.exists()
    assert data.save("a", tag="raw") is None
    assert data.filename == str(tmp_path / "a.spy" / "a_raw.analog")
    assert (data.container, data.tag, data.mode) == ("a.spy", "raw", "r+")
    assert not scratch.exists()
    assert data.trials[1][5, 1] == data.data[5, 1] == 3
    data.data[0] = 7
    assert spy.load("a").data[0, 0] == 7
    assert {path.name for path in (tmp_path / "a.spy").iterdir()} == {"a_raw.analog", "a_raw.analog.info"}


def test_temporary_results_can_be_saved():
    analog(2).save("a")
    assert spy.load("a").data[3, 1] == 2


@pytest.mark.parametrize("kwargs", [{}, {"tag": "x"}])
def test_object_without_a_container_needs_one(kwargs):
    data = analog()
    with pytest.raises(SPYError, match="no container"):
        data.save(**kwargs)
    spy.save(data, filename="plain")
    with pytest.raises(SPYError, match="no container"):
        data.save(**kwargs)


def test_container_or_filename():
    with pytest.raises(SPYError, match="not both"):
        spy.save(analog(), container="a", filename="b")


@pytest.mark.parametrize(
    ("out", "kwargs", "error"),
    [(3, {}, SPYTypeError), (spy.AnalogData(), {}, SPYValueError), (None, {"overwrite": 1}, SPYTypeError)],
)
def test_what_cannot_be_saved(out, kwargs, error):
    with pytest.raises(error):
        spy.save(analog() if out is None else out, container="a", **kwargs)
    assert not Path("a.spy").exists()


def test_existing_files_are_kept_unless_asked_for():
    first = analog(1)
    first.save("a")
    second = analog(2)
    with pytest.raises(SPYIOError, match=r"already exists; pass overwrite=True"):
        second.save("a")
    assert second.container is None
    with pytest.raises(SPYError, match="another object still uses it"):
        second.save("a", overwrite=True)
    assert first.data[0, 0] == 1
    del first
    second.save("a", overwrite=True)
    assert spy.load("a").data[0, 0] == 2


def test_objects_with_a_selection_do_not_block_their_file():
    first = analog(1)
    first.selection = {"trials": [0]}  # refers to the object it belongs to
    first.save("a")
    del first
    analog(2).save("a", overwrite=True)
    assert spy.load("a").data[0, 0] == 2


def test_failed_save_leaves_the_object_as_it_was():
    data = analog()
    before, log = data.filename, data._log
    Path("file.spy").write_text("no folder")
    with pytest.raises(SPYIOError, match=r"file\.spy"):
        data.save("file")
    assert (data.filename, data._log) == (before, log)
    assert data.data[0, 0] == 0
    data.cfg = {"x": {"y": object()}}
    with pytest.raises(SPYError, match="serializable"):
        data.save("other")
    assert not Path("other.spy").exists()


def test_save_again():
    data = analog(1)
    data.save("a")
    data.data[0] = 5
    data.trialdefinition = [[0, 10, 0], [10, 20, -3], [30, 40, 0]]
    data.info["new"] = True
    data.channel = ["x", "y"]
    data._register_dataset("snr", np.arange(2.0))
    data.save()
    again = spy.load("a", checksum=True)
    assert again.data[0].tolist() == [5, 5]
    assert again.trialdefinition.tolist() == [[0, 10, 0], [10, 20, -3], [30, 40, 0]]
    assert (again.info, again.channel.tolist()) == ({"new": True}, ["x", "y"])
    assert again.datasets["snr"][1] == 1
    assert again == data


def test_loaded_object_can_be_saved_again():
    analog(1).save("a")
    data = spy.load("a")
    data.trialdefinition = None
    data.save()
    del data
    assert len(spy.load("a").trials) == 1


def test_object_opened_for_reading_keeps_its_file():
    analog(1).save("a")
    data = spy.load("a", mode="r")
    with pytest.raises(SPYError, match="reading only"):
        data.save()
    data.save(tag="copy")
    assert (data.tag, data.mode) == ("copy", "r")
    data = spy.load("a", tag="", mode="r")
    data.mode = "r+"
    data.save()


def test_new_tag():
    data = analog(1)
    data.save("a", tag="one")
    data.save(tag="two")
    assert data.tag == "two"
    assert list(spy.load("a")) == ["a_one.analog", "a_two.analog"]
    with pytest.raises(SPYIOError, match="already exists"):
        data.save(tag="one")


def test_plain_file():
    data = analog(4)
    spy.save(data, filename="plain", tag="ignored")
    assert (Path(data.filename).name, data.container, data.tag) == ("plain.analog", None, None)
    assert spy.load("plain.analog").data[0, 0] == 4
    assert spy.load(Path("plain.analog.info")).data[0, 0] == 4


def test_handle_taken_before_stays_readable():
    data = analog(3)
    dataset = data.data
    data.save("a")
    data.save()
    assert dataset[4, 0] == 3


# -- load --------------------------------------------------------------------------------------------------------


@pytest.fixture
def session():
    """A container with five objects."""
    for tag, value in {"raw": 1, "raw_clean": 2, "": 3}.items():
        analog(value).save("session", tag=tag)
    for tag in ("raw", "pow"):
        spectral().save("session", tag=tag)
    return Path("session.spy").absolute()


def names(loaded):
    return list(loaded) if isinstance(loaded, dict) else [Path(loaded.filename).name]


ALL = [
    "session.analog",
    "session_pow.spectral",
    "session_raw.analog",
    "session_raw.spectral",
    "session_raw_clean.analog",
]


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({}, ALL),
        ({"tag": "raw"}, ["session_raw.analog", "session_raw.spectral"]),
        ({"tag": "raw", "dataclass": "analog"}, ["session_raw.analog"]),
        ({"tag": ""}, ["session.analog"]),
        ({"tag": "raw*"}, ["session_raw.analog", "session_raw.spectral", "session_raw_clean.analog"]),
        ({"tag": ["pow", "p*", "raw_clean"]}, ["session_pow.spectral", "session_raw_clean.analog"]),
        ({"dataclass": ".spectral"}, ["session_pow.spectral", "session_raw.spectral"]),
        ({"dataclass": ["spike", "analog", "nonsense"]}, [name for name in ALL if name.endswith("analog")]),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["session", "session.spy", Path("session")])
def test_found_in_a_container(session, form, kwargs, expected):
    assert names(spy.load(form, **kwargs)) == expected


def test_found_as_a_file(session):
    for form in (session / "session_raw.analog", str(session / "session_raw.analog.info")):
        loaded = spy.load(form)
        assert (loaded.tag, loaded.data[0, 0]) == ("raw", 1)
    assert isinstance(spy.load(session / "session_raw.spectral", dataclass=["spectral", "analog"]), spy.SpectralData)


@pytest.mark.parametrize(
    ("filename", "kwargs", "error", "message"),
    [
        ("session", {"tag": "ra"}, SPYIOError, "'ra'; it holds session.analog, "),
        ("session", {"tag": "session"}, SPYIOError, "object does not exist"),
        ("session", {"dataclass": "spike"}, SPYIOError, r"\.spike"),
        ("session", {"dataclass": "nonsense"}, SPYValueError, "nonsense"),
        ("session", {"tag": 1}, SPYTypeError, "tag"),
        ("session", {"dataclass": 1}, SPYTypeError, "dataclass"),
        ("session", {"checksum": 1}, SPYTypeError, "checksum"),
        ("session", {"mode": 1}, SPYTypeError, "mode"),
        ("session", {"mode": "q"}, SPYValueError, "mode"),
        ("session", {"mode": "c"}, SPYValueError, "mode"),
        ("session.spy/session_raw.analog", {"tag": "raw"}, SPYError, "only containers"),
        ("session.spy/session_raw.analog", {"dataclass": "spike"}, SPYValueError, r"\.spike"),
        ("session.spy/session_none.analog", {}, SPYIOError, "does not exist"),
        ("nowhere", {}, SPYIOError, r"nowhere\.spy: object does not exist"),
        ("nowhere.analog", {}, SPYIOError, "does not exist"),
        ("nowhere.foo", {}, SPYValueError, "extensions"),
        (3, {}, SPYTypeError, "filename"),
    ],
)
def test_not_found(session, filename, kwargs, error, message):
    with pytest.raises(error, match=message):
        spy.load(filename, **kwargs)


def test_files_without_metadata_are_not_objects(session):
    (session / "session_raw.analog.info").unlink()
    (session / "notes.txt.info").write_text("{}")
    assert len(spy.load("session")) == 4


@pytest.mark.parametrize("mode", ["r", "r+", "w"])
def test_mode(mode):
    analog(1).save("a")
    data = spy.load("a", mode=mode)
    assert data.mode == ("r" if mode == "r" else "r+")
    if mode == "r":
        with pytest.raises(SPYValueError, match="write access"):
            data.data = np.zeros((40, 2))
    else:
        data.data = np.zeros((40, 2))
        assert spy.load("a").data[0, 0] == 0


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="nothing is read-only for root")
def test_read_only_files_are_opened_for_reading():
    analog(1).save("a")
    Path("a.spy/a.analog").chmod(0o444)
    assert spy.load("a").mode == "r"


def test_unwritable_files_are_opened_for_reading(monkeypatch):
    analog(1).save("a")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert spy.load("a").mode == "r"


def test_second_object_of_a_file_that_is_open_for_reading():
    analog(1).save("a")
    first = spy.load("a", mode="r")
    assert spy.load("a").mode == "r"
    del first
    assert spy.load("a").mode == "r+"


def test_out(session):
    empty = spy.AnalogData()
    assert spy.load("session", tag="raw_clean", out=empty) is None
    assert (empty.tag, empty.data[0, 0], empty.samplerate) == ("raw_clean", 2, 100)
    with pytest.raises(SPYTypeError, match="SpectralData"):
        spy.load("session", tag="pow", out=empty)
    assert empty.tag == "raw_clean"
    with pytest.warns(SPYWarning, match="`out` is ignored"):
        assert len(spy.load("session", out=spy.AnalogData())) == 5


def test_foreign_formats_are_left_to_their_readers(monkeypatch):
    def read_two(path):
        return {"lfp": analog(7), f"{path.name}_spec": spectral()}

    monkeypatch.setattr("syncopy.io.fieldtrip.load_ft_raw", read_two)
    assert list(spy.load("lab.mat")) == ["lfp", "lab.mat_spec"]
    assert spy.load(Path("lab.mat"), dataclass="analog").data[0, 0] == 7
    empty = spy.SpectralData()
    spy.load("lab.mat", dataclass="spectral", out=empty)
    assert empty.data.shape == (1, 1, 3, 2)
    with pytest.raises(SPYError, match="only containers"):
        spy.load("lab.mat", tag="raw")


def test_loading_reads_no_numbers():
    shape = (10**9, 2)  # 16 GB that are nowhere
    data = analog()
    data.save("huge")
    with h5py.File("huge.spy/huge.analog", "r+") as file:
        del file["data"]
        file.create_dataset("data", shape, "f8", chunks=(10**6, 2))
    del data
    assert spy.load("huge").data.shape == shape


# -- a file name given to the constructor -------------------------------------------------------------------------


def test_constructor_reads_the_metadata_of_a_saved_file():
    data = analog(6)
    data.channel = ["x", "y"]
    data.save("a")
    again = spy.AnalogData("a.spy/a.analog")
    assert (again.samplerate, again.channel.tolist(), len(again.trials), again.mode) == (100, ["x", "y"], 2, "r")
    again = spy.AnalogData(Path("a.spy/a.analog"), samplerate=50, channel=["u", "v"], trialdefinition=[[0, 5, 1]])
    assert (again.samplerate, again.channel.tolist(), again.trialdefinition.tolist()) == (50, ["u", "v"], [[0, 5, 1]])
    with pytest.raises(SPYIOError, match="does not exist"):
        spy.AnalogData("nowhere.analog")


def test_constructor_replaces_a_saved_file_with_its_metadata():
    analog(6).save("a")
    with pytest.raises(SPYIOError, match="already exists"):
        spy.AnalogData(np.zeros((4, 2)), filename="a.spy/a.analog", samplerate=10)
    data = spy.AnalogData(np.zeros((4, 2)), filename="a.spy/a.analog", samplerate=10, overwrite=True)
    assert not Path("a.spy/a.analog.info").exists()
    data.save()
    assert spy.load("a").data.shape == (4, 2)


def test_clear_flushes_all_open_objects(capsys):
    data = analog(1)
    data.data[0] = 9
    reading = spy.copy(data)
    reading.mode = "r"
    spy.clear()
    writable = [store for store in live_stores() if store.mode == "r+"]
    assert f"flushed {len(writable)} objects" in capsys.readouterr().out
    assert data.trials[0][0, 0] == 9


@pytest.mark.parametrize("cfg", [None, []])
def test_history_that_is_none(tmp_path, cfg):
    made = spy.AnalogData(np.ones((3, 2)), samplerate=1)
    made.save(filename=tmp_path / "a.analog")
    info = tmp_path / "a.analog.info"
    info.write_text(json.dumps(json.loads(info.read_text()) | {"cfg": cfg}))
    with pytest.raises(spy.SPYIOError, match=r"`cfg` of its metadata is no JSON object"):
        spy.load(tmp_path / "a.analog")
