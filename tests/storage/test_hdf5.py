"""New HDF5 files, and what becomes of them on a full disk."""

import io
import subprocess
import sys
import textwrap

import h5py
import numpy as np
import pytest

from syncopy.errors import SPYIOError
from syncopy.storage.hdf5 import SparseBuffer, allocate, claim_space, create_file, open_file


def test_sparse_buffer_is_a_file_in_memory():
    rng = np.random.default_rng(0)
    sparse, plain = SparseBuffer(), io.BytesIO()
    for _ in range(300):
        position, data = int(rng.integers(0, 60_000)), rng.bytes(int(rng.integers(0, 9000)))
        for file in (sparse, plain):
            file.seek(position)
            file.write(data)
        position, count = int(rng.integers(0, len(plain.getvalue()))), int(rng.integers(0, 9000))
        found = bytearray(min(count, len(plain.getvalue()) - position))
        sparse.seek(position)
        sparse.readinto(found)
        assert found == plain.getvalue()[position : position + len(found)]
    assert sparse.size == len(plain.getvalue())
    assert sparse.seek(-3, io.SEEK_END) == sparse.size - 3


def test_sparse_buffer_takes_room_only_where_written():
    sparse = SparseBuffer()
    sparse.seek(10**12)
    sparse.write(b"end")
    assert sparse.size == 10**12 + 3
    assert len(sparse.pages) == 1


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=np.arange(6.0), chunks=(2,))
    return tmp_path / "a.h5"


@pytest.mark.parametrize("locking", [None, True, False, "best-effort"])
@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_file_that_its_user_has_open(path, mode, locking):
    with h5py.File(path, mode, locking=locking) as theirs, open_file(path, mode) as ours:
        assert ours["x"][5] == theirs["x"][5] == 5


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_file_that_its_user_opens_too(path, mode):
    with open_file(path, mode) as ours, h5py.File(path, "r") as theirs:
        assert ours["x"][5] == theirs["x"][5] == 5


def run(script):
    return subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True)


def test_other_programs_may_open_the_file(path):
    with open_file(path, "r+") as ours:
        done = run(f"""
            import h5py
            from syncopy.storage.hdf5 import open_file
            for opener in (open_file, h5py.File):
                for mode in ("r", "r+"):
                    with opener({str(path)!r}, mode) as file:
                        assert file["x"][5] == 5
            """)
        assert ours["x"][0] == 0
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_the_lock_of_a_user_is_kept(path):
    refused = f"""
        import h5py
        try:
            h5py.File({str(path)!r}, "r")
        except OSError:
            print("refused")
        """
    with h5py.File(path, "r+"):
        open_file(path, "r+").close()
        assert run(refused).stdout == "refused\n"
        opened = run(f"from syncopy.storage.hdf5 import open_file; print(open_file({str(path)!r}, 'r+')['x'][5])")
    assert opened.stdout == "5.0\n"


@pytest.mark.skipif(sys.platform == "win32", reason="HDF5 marks open files")
@pytest.mark.parametrize("libver", ["earliest", "v108"])
def test_opening_changes_nothing(tmp_path, libver):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=(libver, "latest")) as file:
        file["x"] = np.arange(6.0)
        file.attrs["note"] = "a"
    before = path.read_bytes()
    with open_file(path, "r+") as ours, open_file(path, "r+") as twice:
        assert ours["x"][5] == twice["x"][5]
        twice.flush()
        if libver == "earliest":
            assert path.read_bytes() == before
    assert path.read_bytes() == before
    with open_file(path, "r+") as ours:
        ours["x"][5] = 7
        ours["y"] = np.ones(1000)
    with h5py.File(path) as file:
        assert (file["x"][5], file["y"][999], file.attrs["note"]) == (7, 1, "a")


def test_a_foreign_header_before_the_file_is_left_alone(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["x"] = np.arange(3)
    header = bytes(8) + b"\0" + b"MATLAB 7.3 MAT-file"
    with path.open("r+b") as raw:
        raw.write(header)
    with open_file(path, "r+") as file:
        assert file["x"][2] == 2
    assert path.read_bytes().startswith(header)


def test_files_that_are_none(tmp_path):
    with pytest.raises(SPYIOError, match="does not exist"):
        open_file(tmp_path / "a.h5", "r")
    (tmp_path / "a.h5").write_text("no HDF5")
    for mode in ("r", "r+"):
        with pytest.raises(SPYIOError, match="no readable HDF5"):
            open_file(tmp_path / "a.h5", mode)
        (tmp_path / "empty.h5").touch()
        with pytest.raises(SPYIOError, match="is empty"):
            open_file(tmp_path / "empty.h5", mode)
        assert (tmp_path / "empty.h5").stat().st_size == 0


def test_created_file_is_one_to_hdf5(tmp_path):
    def build(file):
        file.create_dataset("trials", data=np.arange(30.0).reshape(10, 3), maxshape=(None, 3))
        file.attrs["labels"] = ["a", "bc", "ä"]
        return allocate(file, "data", (1000, 7), np.dtype("f4"))

    position = create_file(tmp_path / "a.h5", build)
    assert position % 8 == 0
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        assert file["data"].id.get_offset() == position
        assert file.attrs["labels"].tolist() == ["a", "bc", "ä"]
        np.testing.assert_array_equal(file["trials"], np.arange(30.0).reshape(10, 3))
        file["data"][...] = 5
        file["trials"].resize(20, 0)
        file["further"] = np.ones(100)
    with h5py.File(tmp_path / "a.h5") as file:
        assert (file["data"][999, 6], file["trials"].shape, file["further"][99]) == (5, (20, 3), 1)


def test_created_file_never_replaces_another(tmp_path):
    (tmp_path / "a.h5").write_text("precious")
    with pytest.raises(SPYIOError, match="already exists"):
        create_file(tmp_path / "a.h5", lambda file: None)
    assert (tmp_path / "a.h5").read_text() == "precious"
    with pytest.raises(SPYIOError, match="No such file"):
        create_file(tmp_path / "nowhere" / "a.h5", lambda file: None)


def test_claimed_space_is_there(tmp_path):
    create_file(tmp_path / "a.h5", lambda file: allocate(file, "x", (10**6,), np.dtype("f8")))
    before = (tmp_path / "a.h5").stat()
    claim_space(tmp_path / "a.h5", before.st_size)
    after = (tmp_path / "a.h5").stat()
    assert after.st_size == before.st_size
    assert before.st_blocks * 512 < 10**5 < 8 * 10**6 < after.st_blocks * 512


@pytest.mark.parametrize("limit", [0, 1000, 5000, 20_000])
def test_a_full_disk_is_an_error_and_not_the_end_of_the_process(tmp_path, limit):
    """A file size limit fails as a full disk does; HDF5 itself would crash the interpreter when it ends."""
    done = run(f"""
        import resource
        import numpy as np
        from syncopy.errors import SPYIOError
        from syncopy.storage.arrays import create_array
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
        try:
            create_array({str(tmp_path / "a.h5")!r}, "data", (10_000, 4), "f8", reserve=True)
        except SPYIOError as error:
            assert "File too large" in str(error), error
        else:
            raise AssertionError("no error")
        """)
    assert (done.returncode, done.stderr) == (0, "")
