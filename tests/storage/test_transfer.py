"""Copying and comparing arrays a piece at a time."""

import hashlib
import os
import subprocess
import sys
import textwrap

import h5py
import numpy as np
import pytest

from syncopy.errors import SPYIOError
from syncopy.storage import transfer
from syncopy.storage.transfer import checksum, copy_bytes, copy_datasets, pieces, same_values


@pytest.mark.parametrize("shape", [(), (1,), (1000,), (7, 11, 13), (1, 1, 500), (3, 0, 2), (0,), (2, 300, 1)])
@pytest.mark.parametrize("step", [1, 8, 100, 1000, 10**6])
def test_pieces_are_the_array_in_order(shape, step):
    values = np.arange(np.prod(shape, dtype=int), dtype="f8").reshape(shape)
    parts = [np.asarray(values[index]) for index in pieces(shape, 8, step)]
    assert (
        np.concatenate([[], *(part.reshape(-1) for part in parts)], axis=None).tolist() == values.reshape(-1).tolist()
    )
    assert all(part.nbytes <= max(step, 8) for part in parts)


def test_pieces_are_not_needlessly_small():
    assert len(list(pieces((1, 251, 600, 600), 8, 2**24))) == -(-251 // (2**24 // (600 * 600 * 8)))


@pytest.mark.parametrize("in_kernel", [True, False])
def test_copied_bytes(tmp_path, monkeypatch, in_kernel):
    if not in_kernel:
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    monkeypatch.setattr(transfer, "STEP", 1000)
    source, target = tmp_path / "source", tmp_path / "target"
    content = np.random.default_rng(3).bytes(10_000)
    source.write_bytes(content)
    target.write_bytes(b"x" * 9000)
    copy_bytes(source, 100, target, 50, 7777)
    assert target.read_bytes() == b"x" * 50 + content[100:7877] + b"x" * (9000 - 50 - 7777)
    with pytest.raises(SPYIOError, match="ends 1 bytes early"):
        copy_bytes(source, 100, target, 0, 9901)


def test_kernel_that_refuses_is_not_needed(tmp_path, monkeypatch):
    def refuse(*args):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").write_bytes(b"")
    copy_bytes(tmp_path / "a", 1, tmp_path / "b", 0, 4)
    assert (tmp_path / "b").read_bytes() == b"2345"


LAYOUTS = {
    "contiguous": {},
    "chunked": {"chunks": (30, 2)},
    "compressed": {"chunks": (10, 5), "compression": 1},
    "growing": {"chunks": (100, 5), "maxshape": (None, 5)},
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["?", "i2", ">f4", "c8"])
def test_copied_datasets(tmp_path, monkeypatch, layout, dtype):
    monkeypatch.setattr(transfer, "STEP", 512)
    values = np.random.default_rng(4).standard_normal((1000, 5)).astype(dtype)
    with h5py.File(tmp_path / "source.h5", "w") as file:
        dataset = file.create_dataset("x", data=values, **LAYOUTS[layout])
        small = file.create_dataset("small", data=np.arange(3))
        positions = copy_datasets(
            {"data": dataset, "avg": small}, tmp_path / "copy.h5", lambda new: new.attrs.__setitem__("note", "hi")
        )
    stored = np.fromfile(tmp_path / "copy.h5", dtype, count=5000, offset=positions["data"])
    np.testing.assert_array_equal(stored.reshape(1000, 5), values)
    with h5py.File(tmp_path / "copy.h5") as file:
        np.testing.assert_array_equal(file["data"], values)
        assert file["data"].dtype == dataset_dtype(dtype)
        assert file["avg"][()].tolist() == [0, 1, 2]
        assert file.attrs["note"] == "hi"


def dataset_dtype(name):
    return np.dtype(name)


def test_virtual_and_external_data_are_copied_as_numbers(tmp_path):
    with h5py.File(tmp_path / "part.h5", "w") as file:
        file["x"] = np.arange(6.0)
    layout = h5py.VirtualLayout((6,), "f8")
    layout[:] = h5py.VirtualSource(tmp_path / "part.h5", "x", (6,))
    np.arange(6.0).tofile(tmp_path / "raw.bin")
    with h5py.File(tmp_path / "source.h5", "w") as file:
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("external", (6,), "f8", external=[(tmp_path / "raw.bin", 0, 48)])
        copy_datasets(dict(file), tmp_path / "copy.h5")
    (tmp_path / "part.h5").unlink()
    (tmp_path / "raw.bin").unlink()
    with h5py.File(tmp_path / "copy.h5") as file:
        assert file["virtual"][()].tolist() == file["external"][()].tolist() == [0, 1, 2, 3, 4, 5]
        assert not file["virtual"].is_virtual
        assert file["external"].external is None


def test_equal_values(tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "STEP", 100)
    values = np.random.default_rng(5).standard_normal((100, 3))
    other = values.copy()
    other[99, 2] += 1
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, item in {
            "one": values,
            "same": values + 1e-12,
            "other": other,
            "short": values[:99],
            "nan": values * np.nan,
        }.items():
            file[name] = item
        file.create_dataset("chunked", data=values, chunks=(30, 1))
        found = {name: same_values(file["one"], file[name]) for name in file}
        assert not same_values(file["nan"], file["nan"])
    assert found == {"one": True, "same": True, "chunked": True, "other": False, "short": False, "nan": False}


def test_checksum(tmp_path):
    content = np.random.default_rng(6).bytes(3_000_000)
    (tmp_path / "a").write_bytes(content)
    assert checksum(tmp_path / "a") == hashlib.sha1(content).hexdigest()


@pytest.mark.parametrize("chunks", [None, (5000, 100)], ids=["contiguous", "chunked"])
def test_memory_stays_small(tmp_path, chunks):
    script = f"""
        import resource
        import sys
        import h5py
        import numpy as np
        from pathlib import Path
        from syncopy.storage.transfer import copy_datasets, same_values, checksum
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        folder = Path({str(tmp_path)!r})
        with h5py.File(folder / "source.h5", "w") as file:
            big = file.create_dataset("x", (250_000, 100), "f4", chunks={chunks})
            for start in range(0, len(big), 5000):
                big[start : start + 5000] = np.full((5000, 100), start, "f4")
            before = peak()
            copy_datasets({{"data": big}}, folder / "copy.h5")
            with h5py.File(folder / "copy.h5") as copy:
                assert same_values(big, copy["data"])
            checksum(folder / "copy.h5")
        assert peak() - before < 70e6, peak() - before  # of 100 MB
        """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
