"""`spy.cleanup`: age and liveness decide."""

import json
import os
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

import syncopy as spy
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.settings import options
from syncopy.storage.scratch import current_session, process_start


@pytest.fixture(autouse=True)
def root(tmp_path):
    with options(scratch=tmp_path / "scratch"):
        current_session()  # sweeps before there is something to sweep
        yield tmp_path / "scratch"


def grow_old(folder, hours):
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (0, time.time() - 3600 * hours))
    return folder


def session(root, hours, pid=1, host=None):
    host = host or socket.gethostname()
    folder = root / f"spy_{host}_{pid}_{len(list(root.iterdir())):04x}"
    folder.mkdir()
    stamp = {"host": host, "pid": pid, "started": process_start(pid)}
    (folder / "session.json").write_text(json.dumps(stamp))
    (folder / "spy_0000_00000000.analog").write_bytes(b"x" * 1000)
    return grow_old(folder, hours)


@pytest.fixture
def folders(root):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    old_version = root / "spy_12ab_0123abcd.analog"
    old_version.write_bytes(b"x")
    return {
        "dead": session(root, 30, process.pid),
        "just dead": session(root, 1, process.pid),
        "alive": session(root, 1000),
        "elsewhere": session(root, 30, host="another"),
        "old version": grow_old(old_version, 30),
        "foreign": root / "spy_plans.txt",
    }


def there(folders):
    return {name for name, path in folders.items() if path.exists()}


@pytest.mark.parametrize(
    ("kwargs", "answer", "gone"),
    [
        ({"interactive": False}, None, {"dead"}),
        ({"interactive": False, "older_than": 0}, None, {"dead", "just dead"}),
        ({"interactive": False, "older_than": 40}, None, set()),
        ({"interactive": False, "only_current_session": True}, None, set()),
        ({}, "D", {"dead"}),
        ({}, "c", set()),
        ({}, "R", {"dead", "elsewhere", "old version"}),
        ({"older_than": 0.5}, "r", {"dead", "just dead", "elsewhere", "old version"}),
    ],
)
def test_what_goes(folders, monkeypatch, capsys, kwargs, answer, gone):
    folders["foreign"].write_text("not ours")
    data = spy.AnalogData(np.ones((4, 2)), samplerate=1)
    answers = iter(["what?", answer])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    before = there(folders)
    spy.cleanup(**kwargs)
    assert before - there(folders) == gone
    assert data.trials[0].sum() == 8
    assert "remaining: " in capsys.readouterr().out


def test_nothing_to_ask_about(monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail("asked"))
    spy.cleanup()
    assert "1 files" in capsys.readouterr().out  # the stamp of this session


def test_lost_files_of_this_session():
    data = spy.AnalogData(np.ones((4, 2)), samplerate=1)
    lost = current_session().folder / "spy_0000_11111111.analog"
    lost.write_bytes(b"x")
    spy.cleanup(interactive=False, only_current_session=True)
    assert lost.exists()
    spy.cleanup(older_than=0, interactive=False, only_current_session=True)
    assert not lost.exists()
    assert data.trials[0].sum() == 8


def test_without_scratch_space(tmp_path, capsys):
    with options(scratch=tmp_path / "nowhere"):
        spy.cleanup()
    assert "0 files" in capsys.readouterr().out
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("kwargs", "error"),
    [
        ({"older_than": "x"}, SPYTypeError),
        ({"older_than": True}, SPYTypeError),
        ({"older_than": -1}, SPYValueError),
        ({"older_than": float("nan")}, SPYValueError),
        ({"interactive": 1}, SPYTypeError),
        ({"only_current_session": "no"}, SPYTypeError),
    ],
)
def test_arguments(kwargs, error):
    with pytest.raises(error):
        spy.cleanup(**kwargs)
