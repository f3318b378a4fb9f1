"""Scratch space: whose files go when, and whose never."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time

import pytest

from syncopy.errors import SPYIOError, SPYWarning
from syncopy.settings import options
from syncopy.storage import scratch
from syncopy.storage.scratch import (
    ScratchFile,
    Usage,
    current_session,
    forgotten_files,
    list_sessions,
    process_start,
    scratch_entries,
    scratch_root,
    sweep,
)


@pytest.fixture(autouse=True)
def root(tmp_path):
    with options(scratch=tmp_path / "scratch"):
        yield tmp_path / "scratch"


def other_session(root, **stamp):
    """A folder as another process would have left it."""
    entry = {"host": socket.gethostname(), "pid": 1, "started": process_start(1), **stamp}
    folder = root / f"spy_{entry['host']}_{entry['pid']}_{len(list(root.glob('*'))):04x}"
    folder.mkdir(parents=True)
    (folder / "session.json").write_text(json.dumps(entry))
    (folder / "spy_0000_00000000.analog").write_bytes(b"x" * 1000)
    return folder


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_root_follows_options_and_environment(monkeypatch, tmp_path):
    assert scratch_root() == tmp_path / "scratch"
    for name in ("SPYTMPDIR", "SPYDIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    with options(scratch=None):
        monkeypatch.setenv("HOME", str(tmp_path))
        assert scratch_root() == tmp_path / ".cache" / "syncopy"
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        assert scratch_root() == tmp_path / "cache" / "syncopy"
        monkeypatch.setenv("SPYDIR", str(tmp_path / "spy"))
        assert scratch_root() == tmp_path / "spy" / "tmp_storage"
        monkeypatch.setenv("SPYTMPDIR", str(tmp_path / "fast"))
        assert scratch_root() == tmp_path / "fast"


def test_session_is_stamped_and_made_once(root):
    assert not root.exists()
    session = current_session()
    assert current_session() is session
    assert session.alive is True
    assert [found.folder for found in list_sessions()] == [session.folder]
    assert str(os.getpid()) in session.folder.name


def test_session_folder_removed_behind_our_back_is_made_again(root):
    folder = current_session().folder
    (folder / "session.json").unlink()
    folder.rmdir()
    assert ScratchFile(".analog").path.parent.is_dir()


def test_scratch_file_goes_with_its_owner(root):
    file = ScratchFile(".analog")
    path = file.path
    path.write_text("x")
    assert path.suffix == ".analog"
    del file
    assert not path.exists()
    file = ScratchFile(".spike")
    file.remove()  # also a file that was never written


def test_dead_sessions_are_swept_and_live_ones_are_not(root):
    dead = other_session(root, pid=dead_pid())
    reused = other_session(root, pid=os.getpid(), started=1.0)  # the number of a process that came later
    alive = other_session(root)
    elsewhere = other_session(root, host="another-machine")
    states = {session.folder: session.alive for session in list_sessions()}
    assert states == {dead: False, reused: False, alive: True, elsewhere: None}
    current_session()
    assert not dead.exists()
    assert not reused.exists()
    assert len(list(alive.iterdir())) == len(list(elsewhere.iterdir())) == 2


def test_unreadable_stamps_are_left_alone(root):
    folder = other_session(root)
    (folder / "session.json").write_text('{"host"')
    sweep()
    assert list_sessions() == []
    assert folder.exists()


def test_folder_goes_with_the_process(root):
    script = f"""
        import os, sys
        from syncopy.settings import options
        from syncopy.storage.scratch import ScratchFile
        options.scratch = {str(root)!r}
        file = ScratchFile(".analog")
        file.path.write_text("x")
        print(file.path, flush=True)
        sys.stdin.readline()
        """
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    ended, killed = processes
    folders = [scratch.Path(process.stdout.readline().strip()).parent for process in processes]
    ended.communicate("\n")
    assert not folders[0].exists()
    sweep()
    assert folders[1].exists()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert folders[1].exists()
    sweep()
    assert not folders[1].exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_removes_nothing_of_its_parent(root):
    file = ScratchFile(".analog")
    file.path.write_text("x")
    child = os.fork()
    if child == 0:
        path = file.path
        del file
        own = ScratchFile(".analog").path.parent
        os._exit(0 if path.exists() and own != path.parent else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert file.path.exists()


def test_usage(tmp_path):
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "a").write_bytes(b"x" * 300)
    (tmp_path / "folder" / "b").write_bytes(b"x" * 50)
    (tmp_path / "c").write_bytes(b"x")
    for path in tmp_path.rglob("*"):
        os.utime(path, (0, time.time() - 7200))
    usage = Usage.of(tmp_path / "folder", tmp_path / "c", tmp_path / "missing")
    assert (usage.files, usage.bytes) == (3, 351)
    assert usage.age == pytest.approx(2, abs=0.01)
    assert str(usage) == "3 files, 0.00 GB"


def test_forgotten_files_are_those_no_object_uses(root):
    used, lost = ScratchFile(".analog"), ScratchFile(".analog")
    used.path.write_text("x")
    used.path.with_name(f"{used.path.name}.spool").write_text("x")
    lost.path.write_text("x")
    lost.keep()
    path = lost.path
    del lost
    assert forgotten_files() == [path]


def test_entries_are_ours_only(root):
    other_session(root)
    for name in ("spy_12ab_0123abcd.analog", "spy_12ab_0123abcd", "spy_plans.txt", "spyware"):
        (root / name).touch()
    assert sorted(path.name for path in scratch_entries())[:2] == ["spy_12ab_0123abcd", "spy_12ab_0123abcd.analog"]
    assert len(scratch_entries()) == 3


def test_much_scratch_space_is_reported(root, monkeypatch):
    alive = other_session(root)
    monkeypatch.setattr(scratch, "_MUCH", 900)
    with pytest.warns(SPYWarning, match=r"2 files, 0\.00 GB.*spy\.cleanup"):
        current_session()
    current_session()  # once per session
    assert alive.exists()


def test_no_place_for_scratch_files(tmp_path):
    (tmp_path / "file").write_text("x")
    with options(scratch=tmp_path / "file" / "scratch"), pytest.raises(SPYIOError, match="SPYTMPDIR"):
        ScratchFile(".analog")
