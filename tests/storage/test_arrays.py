"""Reading and writing parts of arrays in HDF5 files, against NumPy's own indexing."""

import h5py
import numpy as np
import pytest

from syncopy.errors import SPYIOError
from syncopy.storage.arrays import ArraySource, create_array, create_arrays, gather, in_file

SHAPE = (50, 4, 6)


def numbers(dtype="f8"):
    return np.random.default_rng(1).standard_normal(SHAPE).astype(dtype)


LAYOUTS = {"contiguous": {}, "chunked": {"chunks": (7, 2, 6)}, "compressed": {"chunks": (50, 1, 6), "compression": 4}}


@pytest.fixture(params=LAYOUTS)
def source(request, tmp_path):
    with h5py.File(tmp_path / "array.h5", "w") as file:
        dataset = file.create_dataset("x", data=numbers(), **LAYOUTS[request.param])
        found = ArraySource.of(dataset)
    assert (found.offset is not None) == (request.param == "contiguous")
    return found


def test_rows(source):
    np.testing.assert_array_equal(source.read_rows(3, 41), numbers()[3:41])
    out = np.full((2, *SHAPE[1:]), np.nan)
    source.read_rows_into(48, out)
    np.testing.assert_array_equal(out, numbers()[48:])
    assert source.read_rows(5, 5).shape == (0, 4, 6)


@pytest.mark.parametrize(
    "picks",
    [
        {},
        {0: slice(10, 20, 1)},
        {0: slice(1, 44, 3)},
        {1: np.array([3, 0, 0])},
        {0: slice(5, 45, 1), 2: slice(1, 6, 2)},
        {0: np.array([49, 2, 2, 17]), 1: np.array([1, 3]), 2: slice(2, 5, 1)},
        {1: np.array([], dtype=int)},
    ],
    ids=str,
)
def test_picks_are_numpy_indexing(source, picks):
    expected = numbers()
    for axis, pick in picks.items():
        expected = expected[(slice(None),) * axis + (pick,)]
    np.testing.assert_array_equal(source.read(picks), expected)


def test_gather_takes_many_rows_in_pieces():
    block = np.arange(2**21, dtype="f8").reshape(-1, 4)
    rows = np.random.default_rng(2).integers(0, len(block), 300_000)
    found = gather(block, {0: rows, 1: np.array([2, 0])})
    np.testing.assert_array_equal(found, block[rows][:, [2, 0]])


@pytest.mark.parametrize("dtype", ["?", "i2", ">f4", "f4", "c8", "c16", "f2"])
def test_every_type_is_read_as_hdf5_reads_it(tmp_path, dtype):
    values = numbers() > 0 if dtype == "?" else numbers().astype(dtype)
    with h5py.File(tmp_path / "array.h5", "w") as file:
        source = ArraySource.of(file.create_dataset("x", data=values))
    assert source.offset is not None
    np.testing.assert_array_equal(source.read_rows(0, len(values)), values)


def test_numbers_packed_in_fewer_bits_go_through_hdf5(tmp_path):
    packed = h5py.h5t.NATIVE_INT32.copy()
    packed.set_precision(24)
    with h5py.File(tmp_path / "adc.h5", "w") as file:
        dataset = h5py.h5d.create(file.id, b"x", packed, h5py.h5s.create_simple((3,)))
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([-5, 0, 7], dtype="i4"))
        source = ArraySource.of(file["x"])
    assert source.read_rows(0, 3).tolist() == [-5, 0, 7]


def test_a_cut_off_file_is_an_error(tmp_path):
    sink = create_array(tmp_path / "a.h5", "data", SHAPE, "f8")
    sink.write_rows(0, numbers())
    with h5py.File(sink.path) as file:
        source = ArraySource.of(file["data"])
    with open(sink.path, "r+b") as file:
        file.truncate(sink.offset + 100)
    with pytest.raises(SPYIOError, match="ends before"):
        source.read_rows(0, 50)


@pytest.mark.parametrize("order", [None, (2, 0, 1)])
def test_parts_written_in_any_order_make_the_whole(tmp_path, order):
    sink = create_array(tmp_path / "a.h5", "data", SHAPE, "f4", reserve=True, order=order)
    values = numbers("f4")
    sink.write_rows(30, values[30:])
    sink.write_part(0, values[:30, 2:], {1: slice(2, 4)})
    sink.write_part(0, values[:30, :2], {1: slice(0, 2)})
    with h5py.File(sink.path) as file:
        stored = file["data"][()]
    assert stored.shape == in_file(SHAPE, order)
    np.testing.assert_array_equal(stored if order is None else stored.transpose(order), values)


def test_a_file_is_never_replaced_by_a_new_array(tmp_path):
    create_array(tmp_path / "a.h5", "data", (2,), "f8").write_rows(0, np.ones(2))
    with pytest.raises(SPYIOError, match="already exists"):
        create_array(tmp_path / "a.h5", "data", (2,), "f8")
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["data"][()].tolist() == [1, 1]


def test_a_part_that_is_one_piece_of_the_file(tmp_path):
    values = numbers("f4").reshape(1, *SHAPE)
    sink = create_array(tmp_path / "a.h5", "data", values.shape, "f4", reserve=True)
    sink.write_part(0, values[:, 20:], {1: slice(20, SHAPE[0])})
    sink.write_part(0, values[:, :20], {1: slice(0, 20)})
    with h5py.File(sink.path) as file:
        np.testing.assert_array_equal(file["data"][()], values)


def test_several_arrays_in_a_new_file_and_added_to_it(tmp_path):
    path = tmp_path / "a.h5"
    wanted = {"data": (SHAPE, "f4"), "var": ((3,), "f8")}
    sinks = create_arrays(path, wanted) | create_arrays(path, {"bias": ((2, 2), "c8")})
    values = {"data": numbers("f4"), "var": np.arange(3.0), "bias": np.eye(2, dtype="c8") * 1j}
    for name, sink in sinks.items():
        sink.write_rows(0, values[name])
    with h5py.File(path) as file:
        assert sorted(file) == ["bias", "data", "var"]
        for name, expected in values.items():
            np.testing.assert_array_equal(file[name][()], expected)
            assert file[name].dtype == expected.dtype


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1,)])
def test_empty_arrays(tmp_path, shape):
    sink = create_array(tmp_path / "a.h5", "data", shape, "c8", reserve=True)
    sink.write_rows(0, np.zeros(shape, "c8"))
    with h5py.File(sink.path) as file:
        source = ArraySource.of(file["data"])
        assert file["data"].shape == shape
    assert source.read_rows(0, shape[0]).shape == shape
