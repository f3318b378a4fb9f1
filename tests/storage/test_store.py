"""The file behind an object: who owns it, and the datasets in it."""

import gc
import os
import pickle
import subprocess
import sys
import textwrap
import weakref

import h5py
import numpy as np
import pytest

from syncopy.errors import SPYError, SPYIOError, SPYValueError
from syncopy.settings import options
from syncopy.storage.scratch import ScratchFile
from syncopy.storage.store import Store, live_stores, store_rows


@pytest.fixture(autouse=True)
def _own_scratch(tmp_path):
    with options(scratch=tmp_path / "scratch"):
        yield


def trials(*lengths, dtype="f8"):
    rng = np.random.default_rng(0)
    return [rng.standard_normal((length, 3)).astype(dtype) for length in lengths]


@pytest.mark.parametrize("rows", [None, 12])
@pytest.mark.parametrize("order", [None, (1, 0)])
def test_rows_are_stacked(tmp_path, rows, order):
    blocks = trials(5, 3, 4)
    store, lengths = store_rows(iter(blocks), tmp_path / "a.analog", ".analog", rows, order)
    stored = store.dataset("data")[()]
    assert lengths == [5, 3, 4]
    np.testing.assert_array_equal(stored if order is None else stored.T, np.vstack(blocks))
    assert store.scratch is None
    assert [path.name for path in tmp_path.iterdir()] == ["a.analog"]


@pytest.mark.parametrize("rows", [None, 12])
@pytest.mark.parametrize("order", [None, (1, 0)])
def test_a_block_is_gone_when_the_next_one_is_made(tmp_path, rows, order):
    made = []

    def blocks():
        for _ in range(4):
            assert all(reference() is None for reference in made)
            block = np.ones((3, 2))
            made.append(weakref.ref(block))
            yield block
            del block

    store_rows(blocks(), tmp_path / "a.analog", ".analog", rows, order)
    assert len(made) == 4


@pytest.mark.parametrize("rows", [None, 8])
@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([np.zeros((4, 3)), np.zeros((4, 2))], "mismatching shapes"),
        ([np.zeros((4, 3), "f4"), np.zeros((4, 3))], "fit the type"),
        ([np.zeros((4, 3)), np.zeros((4, 3), "c16")], "fit the type"),
    ],
)
def test_rows_that_do_not_fit_leave_nothing(tmp_path, blocks, message, rows):
    with pytest.raises(SPYValueError, match=message):
        store_rows(blocks, tmp_path / "a.analog", ".analog", rows)
    assert list(tmp_path.glob("**/*.analog*")) == []


def test_nothing_to_store():
    with pytest.raises(SPYValueError, match="non-exhausted"):
        store_rows([], None, ".analog")


def test_an_existing_file_stays(tmp_path):
    (tmp_path / "a.analog").write_text("precious")
    with pytest.raises(SPYIOError, match="already exists"):
        store_rows(trials(2), tmp_path / "a.analog", ".analog", 2)
    assert (tmp_path / "a.analog").read_text() == "precious"


def test_interrupted_generator_leaves_nothing(tmp_path):
    def blocks():
        yield np.zeros((3, 2))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store_rows(blocks(), None, ".analog")
    assert list(tmp_path.glob("**/*.analog*")) == []


def test_scratch_file_goes_with_the_last_user():
    store, _ = store_rows(trials(4), None, ".analog", 4)
    path, dataset = store.path, store.dataset("data")
    assert path.exists()
    del store
    gc.collect()
    assert not path.exists()
    assert dataset[3, 2] == trials(4)[0][3, 2]  # HDF5 keeps the open file readable


def test_further_datasets(tmp_path):
    store, _ = store_rows(trials(4), tmp_path / "a.analog", ".analog", 4)
    store.file["private"] = 1.0
    assert store.dataset("avg") is None
    assert store.dataset("private") is None
    store.replace("avg", np.arange(6.0).reshape(2, 3))
    store.replace("cov", np.eye(3, dtype="c8"))
    store.replace("avg", np.arange(3))
    assert store.extras == ("cov", "avg")
    assert store.dataset("avg")[()].tolist() == [0, 1, 2]
    assert set(store.file) == {"data", "private", "avg", "cov"}
    store.replace("copy", store.dataset("cov"))
    np.testing.assert_array_equal(store.dataset("copy"), np.eye(3))
    store.replace("avg", None)
    assert store.dataset("avg") is None
    assert "avg" not in store.file
    assert Store(store.path, "r+", extras=store.extras).dataset("cov").shape == (3, 3)


def test_a_failed_replacement_keeps_the_old_one(tmp_path):
    class Broken:
        shape, dtype, nbytes = (3,), np.dtype("f8"), 24

        def __getitem__(self, index):
            raise OSError("gone")

    store, _ = store_rows(trials(4), tmp_path / "a.analog", ".analog", 4)
    store.replace("avg", np.arange(3))
    with pytest.raises(OSError, match="gone"):
        store.replace("avg", Broken())
    assert store.dataset("avg")[()].tolist() == [0, 1, 2]
    store.replace("avg", np.arange(2))
    assert store.dataset("avg")[()].tolist() == [0, 1]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="disk space cannot be claimed here")
def test_a_full_disk_keeps_the_old_one(tmp_path):
    script = f"""
        import os
        import resource
        import numpy as np
        from pathlib import Path
        from syncopy.errors import SPYIOError
        from syncopy.storage.store import store_rows
        store, _ = store_rows([np.ones((400, 3))], Path({str(tmp_path / "a.analog")!r}), ".analog", 400)
        store.replace("avg", np.arange(3))
        size = os.path.getsize(store.path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            store.replace("avg", np.ones(20_000))
        except SPYIOError as error:
            assert "cannot reserve" in str(error), error
        else:
            raise AssertionError("no error")
        store.replace("small", np.ones(2))
        assert store.dataset("avg")[()].tolist() == [0, 1, 2]
        assert os.path.getsize(store.path) < size + 5000
        """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    with h5py.File(tmp_path / "a.analog") as file:
        assert (file["data"][399, 2], file["avg"][2], file["small"][1]) == (1, 2, 1)


def test_reading_only(tmp_path):
    store, _ = store_rows(trials(4), tmp_path / "a.analog", ".analog", 4)
    reading = store.reopen("r")
    assert not store.is_open
    assert reading.mode == "r"
    with pytest.raises(SPYValueError, match="may be written"):
        reading.replace("avg", np.zeros(3))
    with pytest.raises(SPYValueError, match="has been closed"):
        store.dataset("data")


def test_wrapped_dataset_of_somebody_else(tmp_path):
    with h5py.File(tmp_path / "lab.h5", "w") as file:
        file["group/lfp"] = np.arange(4.0)
        store = Store.wrap(file["group/lfp"])
        assert store.dataset("data")[3] == 3
        assert store in live_stores()
        assert pickle.loads(pickle.dumps(store)).dataset("data")[3] == 3
    assert store not in live_stores()


def test_pickled_by_reference(tmp_path):
    store, _ = store_rows(trials(4), tmp_path / "a.analog", ".analog", 4)
    store.replace("avg", np.arange(3))
    again = pickle.loads(pickle.dumps(store))
    assert (again.path, again.mode, again.extras) == (store.path, "r+", ("avg",))
    store, _ = store_rows(trials(4), None, ".analog", 4)
    with pytest.raises(SPYError, match="save them first"):
        pickle.dumps(store)


def test_scratch_file_kept(tmp_path):
    scratch = ScratchFile(".analog")
    scratch.path.write_text("x")
    scratch.keep()
    path = scratch.path
    del scratch
    gc.collect()
    assert path.exists()
