"""What is left when a save does not come to its end: the old object, or the new one, and nothing in between."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import syncopy as spy
from syncopy.errors import SPYIOError
from syncopy.settings import options
from syncopy.storage import durable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")

# Saves an object of value 1, then tries to replace it by a larger one of value 2 and dies at a place of choice.
WRITER = """
import os, signal, sys
import numpy as np
import syncopy as spy
from syncopy.io import spyfile
from syncopy.settings import options
from syncopy.storage import transfer

options.scratch = "scratch"

def make(value, trials):
    data = spy.AnalogData([np.full((500, 20), float(value))] * trials, samplerate=100)
    data.info["value"] = value
    return data

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

place, calls, old = sys.argv[1], int(sys.argv[2]), make(1, 2)
if old_exists := sys.argv[3] == "old":
    old.save("a")
new = make(2, 3)
module = {"copy_array": transfer, "checksum": spyfile, "sync": spyfile, "replace": os}[place]
original = getattr(module, place)
count = 0

def dying(*args):
    global count
    count += 1
    if count == calls:
        if place == "copy_array":  # half of the numbers are written
            with open(args[1], "r+b") as file:
                file.seek(args[2])
                file.write(b"x" * 1000)
        die()
    return original(*args)

del old
setattr(module, place, dying)
new.save("a", overwrite=True)
print("survived")
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with options(scratch=tmp_path / "scratch"):
        yield


def check(expected):
    data = spy.load("a", checksum=True)
    assert data.info["value"] == expected
    assert data.data.shape == (500 * (1 + expected), 20)
    assert len(data.trials) == 1 + expected
    for trial in data.trials:
        assert (trial == expected).all()


def names(folder="a.spy"):
    return {path.name for path in Path(folder).iterdir() if not path.name.startswith(".")}


@pytest.mark.parametrize(
    ("place", "calls", "survives"),
    [
        ("copy_array", 1, "old"),
        ("checksum", 1, "old"),
        ("sync", 2, "old"),
        ("replace", 1, "old"),
        ("replace", 2, "new"),
        ("sync", 3, "new"),
    ],
)
@pytest.mark.parametrize("before", ["old", "nothing"])
def test_killed_writer(place, calls, survives, before):
    arguments = [sys.executable, "-c", WRITER, place, str(calls), before]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, ""), done.stderr
    if (place, before, survives) == ("replace", "nothing", "new"):
        # between the two renames the metadata are still in their draft
        assert spy.load("a.spy/a.analog", checksum=True).info["value"] == 2
    elif survives == "new":
        check(2)
    elif before == "old":
        assert names() == {"a.analog", "a.analog.info"}
        check(1)
    else:
        assert names() == set()
    data = spy.AnalogData(np.full((1000, 20), 1.0), samplerate=100)
    data.info["value"] = 1
    data.trialdefinition = [[0, 500, 0], [500, 1000, 0]]
    data.save("a", overwrite=True)
    check(1)


def test_writer_killed_at_any_moment():
    script = """
        import itertools
        import numpy as np
        import syncopy as spy
        from syncopy.settings import options
        options.scratch = "scratch"
        objects = []
        for value in (1, 2):
            data = spy.AnalogData([np.full((500, 20), float(value))] * (1 + value), samplerate=100)
            data.info["value"] = value
            objects.append(data)
        objects[0].save("a")
        objects[0] = spy.copy(objects[0])
        print("go", flush=True)
        for number in itertools.count(1):
            objects[number % 2].save("a", overwrite=True)
            objects[number % 2] = spy.copy(objects[number % 2])
        """
    rng = np.random.default_rng(0)
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"go\n"
        time.sleep(rng.uniform(0, 0.3))
        process.kill()
        process.communicate()
        check(spy.load("a", mode="r").info["value"])
        for path in Path("a.spy").iterdir():
            path.unlink()


@pytest.mark.parametrize("limit", [500, 5000, 200_000])
def test_full_disk(limit):
    """A limit for the size of files fails as a full disk does."""
    script = f"""
        import resource
        import numpy as np
        import syncopy as spy
        from syncopy.settings import options
        options.scratch = "scratch"
        data = spy.AnalogData([np.ones((500, 20))] * 2, samplerate=100)
        data.info["value"] = 1
        data.save("a")
        data.info["value"] = 2
        data._register_dataset("more", np.ones(10_000))  # 240 kB together
        before = data.filename, data._log, data.data[0, 0]
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
        for save in (lambda: data.save(), lambda: data.save("b"), lambda: spy.copy(data)):
            try:
                save()
            except spy.SPYIOError as error:
                assert "File too large" in str(error), error
            else:
                raise AssertionError("no error")
        assert before == (data.filename, data._log, data.data[0, 0])
        assert data.trials[1].sum() == 10_000
        """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in Path("a.spy").iterdir()} == {"a.analog", "a.analog.info"}
    assert list(Path("b.spy").iterdir()) == []
    assert spy.load("a").info["value"] == 1
    assert not list(Path("scratch").rglob("*.analog"))


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 400 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user cannot mount a file system")
    yield folder
    spy.clear()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_really_full_disk(small_disk):
    data = spy.AnalogData([np.ones((500, 20))] * 2, samplerate=100)
    data.info["value"] = 1
    data.save(small_disk / "a")
    again = spy.copy(data)
    again._register_dataset("more", np.ones(10_000))
    for attempt in (lambda: again.save(small_disk / "b"), lambda: again.save(small_disk / "a", tag="x")):
        with pytest.raises(SPYIOError, match="No space left"):
            attempt()
    data._log = "x" * 300_000
    with pytest.raises(SPYIOError, match="No space left"):
        data.save()
    assert names(small_disk / "a.spy") == {"a.analog", "a.analog.info"}
    assert names(small_disk / "b.spy") == set()
    assert data.trials[1].sum() == 10_000
    del data
    assert spy.load(small_disk / "a", checksum=True, mode="r").info["value"] == 1


def test_interrupted_save_leaves_no_draft(monkeypatch):
    data = spy.AnalogData(np.ones((500, 20)), samplerate=100)
    data.save("a")

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("syncopy.io.spyfile.checksum", interrupt)
    with pytest.raises(KeyboardInterrupt):
        data.save()
    assert len(list(Path("a.spy").iterdir())) == 2


def test_drafts_of_crashed_writers_go_after_a_day():
    data = spy.AnalogData(np.ones((500, 20)), samplerate=100)
    data.save("a")
    stale = durable.draft_of(Path("a.spy/a.analog"), "0123456789abcdef")
    recent = durable.draft_of(Path("a.spy/a.analog"), "fedcba9876543210")
    metadata = durable.draft_of(Path("a.spy/a.analog.info"), "0123456789abcdef")
    other = durable.draft_of(Path("a.spy/a_b.analog"), "0123456789abcdef")
    for path in (stale, recent, metadata, other):
        path.touch()
    for path in (stale, metadata, other):
        os.utime(path, (0, time.time() - 25 * 3600))
    data.save()
    assert [path.exists() for path in (stale, metadata, recent, other)] == [False, False, True, True]
    assert isinstance(spy.load("a"), spy.AnalogData)


def test_everything_is_on_the_disk_before_it_counts(monkeypatch):
    order = []
    for name, module in {"sync": "syncopy.io.spyfile.sync", "replace": "os.replace"}.items():
        original = durable.sync if name == "sync" else os.replace

        def traced(*args, name=name, original=original):
            order.append(f"{name} {'folder' if Path(args[-1]).is_dir() else Path(args[-1]).name.split('.')[-1]}")
            return original(*args)

        monkeypatch.setattr(module, traced)
    spy.AnalogData(np.ones((5, 2)), samplerate=100).save("a")
    assert order == ["sync draft", "sync draft", "replace analog", "replace info", "sync folder"]
