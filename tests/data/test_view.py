"""Reading trials from disk: ranges of rows, near and far, and all samples as one long row."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import syncopy as spy
from syncopy.data.view import cut_ranges, samplewise
from syncopy.storage import arrays
from syncopy.storage.arrays import ArraySource
from tests.data.objects import ramp

ranges_of = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 30)), min_size=1, max_size=12)


@pytest.fixture(scope="module", params=["contiguous", "chunked"])
def source(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("ranges") / "x.h5"
    with h5py.File(path, "w") as file:
        chunks = (7, 2, 2) if request.param == "chunked" else None
        return ArraySource.of(file.create_dataset("x", data=ramp(120, 3, 4), chunks=chunks))


@settings(max_examples=60, deadline=None)
@given(
    ranges=ranges_of, near=st.sampled_from([0, 96, 960, 2**16]), step=st.sampled_from([96, 960, 2**22]), data=st.data()
)
def test_ranges_in_any_order_and_distance(source, ranges, near, step, data):
    starts = np.array([start for start, _ in ranges])
    stops = np.array([start + length for start, length in ranges])
    picks = data.draw(
        st.sampled_from([{}, {1: slice(1, 3, 1)}, {2: np.array([3, 0])}, {1: np.array([2]), 2: slice(0, 4, 2)}])
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "_NEAR", near)
        patch.setattr(arrays, "_GATHERED", step)
        found = source.read_ranges(starts, stops, picks)
    expected = np.concatenate([ramp(120, 3, 4)[a:b] for a, b in zip(starts, stops, strict=True)])
    for axis, pick in picks.items():
        expected = expected[(slice(None),) * axis + (pick,)]
    np.testing.assert_array_equal(found, expected)


@given(ranges_of, st.data())
def test_part_of_many_ranges(ranges, data):
    starts = np.array([start for start, _ in ranges])
    stops = starts + [length for _, length in ranges]
    rows = np.concatenate([np.arange(a, b) for a, b in zip(starts, stops, strict=True)])
    first = data.draw(st.integers(0, len(rows) - 1))
    last = data.draw(st.integers(first + 1, len(rows)))
    cut = cut_ranges(starts, stops, first, last)
    found = np.concatenate([np.arange(a, b) for a, b in zip(*cut, strict=True)])
    np.testing.assert_array_equal(found, rows[first:last])


@settings(max_examples=30, deadline=None)
@given(ranges_of, st.integers(1, 40), st.booleans())
def test_pieces_hold_the_samples_of_all_trials(ranges, rows, turned):
    trl = [[start, start + length, 0] for start, length in ranges]
    values, dimord = (ramp(110, 3).T, ["channel", "time"]) if turned else (ramp(110, 3), ["time", "channel"])
    data = spy.AnalogData(values, samplerate=1, trialdefinition=trl, dimord=dimord)
    data.selection = {"channel": [2, 0]}
    (pieces,) = samplewise([data.view()], rows)
    found = [pieces.read(number, number + 1)[0] for number in range(len(pieces))]
    assert all(len(piece) == rows for piece in found[:-1])
    expected = np.concatenate([ramp(110, 3)[start:stop, [2, 0]] for start, stop, _ in trl])
    np.testing.assert_array_equal(np.concatenate(found), expected)


def test_a_block_cut_along_an_axis_is_part_of_the_block():
    data = spy.AnalogData(ramp(12, 6), samplerate=1, trialdefinition=[[0, 3, 0], [3, 6, 0], [9, 12, 0]])
    data.selection = {"channel": [5, 1, 2, 3]}
    view = data.view()
    for first, last in [(0, 2), (0, 3)]:
        whole = view.read(first, last)
        part = view.reader.read(view.starts[first:last], view.stops[first:last], (1, slice(1, 4)))
        np.testing.assert_array_equal(part, whole[..., 1:4])
