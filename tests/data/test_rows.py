"""Rows on disk, read in pieces, against all of them in memory."""

import h5py
import numpy as np
import pytest

from syncopy.data import rows as module
from syncopy.data.rows import RowTable, ascending, spread
from syncopy.storage.arrays import ArraySource


def table(path, values, **layout):
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=values, **layout)
    with h5py.File(path, "r") as file:
        return RowTable(ArraySource.of(file["data"]), ("unit", "sample"))


@pytest.fixture(params=[{}, {"chunks": (7, 2), "compression": "gzip"}], ids=["contiguous", "chunked"])
def layout(request):
    return request.param


@pytest.fixture(params=["i8", "i4", "u2"])
def values(request):
    rng = np.random.default_rng(3)
    return np.column_stack([rng.choice([2, 5, 9], 500), np.sort(rng.integers(0, 300, 500))]).astype(request.param)


@pytest.mark.parametrize("step", [2**24, 100])  # bytes: everything at once, or a few rows at a time
def test_tables_answer_like_arrays(tmp_path, values, layout, step, monkeypatch):
    monkeypatch.setattr(module, "STEP", step)
    found = table(tmp_path / "rows.h5", values, **layout)
    assert len(found) == 500
    np.testing.assert_array_equal(np.concatenate(list(found.blocks())), values)
    np.testing.assert_array_equal(found.column("sample"), values[:, 1])
    samples = np.array([0, 17, 1000, 299, 17])
    np.testing.assert_array_equal(found.rows_before(samples), [(values[:, 1] < sample).sum() for sample in samples])
    assert {name: numbers.tolist() for name, numbers in found.distinct(["unit", "sample"]).items()} == {
        "unit": [2, 5, 9],
        "sample": sorted(set(values[:, 1].tolist())),
    }
    assert found.is_ascending()
    for units in ([5], [2.0, 9.5, 9.0], [7], []):
        np.testing.assert_array_equal(found.having("unit", np.array(units)), values[np.isin(values[:, 0], units)])


@pytest.mark.parametrize("step", [2**24, 100])
@pytest.mark.parametrize("where", [1, 100, 101, 499])
def test_one_row_out_of_order_is_found(tmp_path, where, step, monkeypatch):
    monkeypatch.setattr(module, "STEP", step)
    values = np.column_stack([np.zeros(500, int), np.arange(10, 510)])
    values[where, 1] = 3
    assert not table(tmp_path / "rows.h5", values).is_ascending()


def test_no_rows(tmp_path):
    found = table(tmp_path / "rows.h5", np.empty((0, 2), int))
    assert found.is_ascending()
    assert found.rows_before(np.array([0, 5])).tolist() == [0, 0]
    assert found.distinct(["unit"])["unit"].tolist() == []
    assert found.read(np.array([0]), np.array([0])).shape == (0, 2)
    assert found.having("unit", np.array([0])).shape == (0, 2)


def test_distinct_numbers_far_apart(tmp_path):
    values = np.array([[0, 1], [2**40, 2], [-(2**40), 3], [0, 4]])
    assert table(tmp_path / "rows.h5", values).distinct(["unit"])["unit"].tolist() == [-(2**40), 0, 2**40]


def test_ranges_taken_apart():
    number, row = spread(np.array([4, 2, 0, 4]), np.array([6, 2, 3, 5]))
    assert number.tolist() == [0, 0, 2, 2, 2, 3]
    assert row.tolist() == [4, 5, 0, 1, 2, 4]


def test_equal_numbers_are_ascending():
    assert ascending(np.array([1, 1, 2]))
    assert not ascending(np.array([1, 2, 1], dtype="u1"))
