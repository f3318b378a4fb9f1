"""When objects are equal."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.data import comparison
from tests.data.objects import analog, cross, ramp, spectral

MAKERS = pytest.mark.parametrize("make", [analog, spectral, cross])


@MAKERS
def test_the_same_in_two_files_is_equal(make):
    one, other = make(), make()
    assert one.filename != other.filename
    assert one == other
    assert (one != other) is False
    assert one == one


@pytest.mark.parametrize(
    "change",
    [
        lambda obj: obj.data.__setitem__((7, 1), -1),
        lambda obj: setattr(obj, "samplerate", 11),
        lambda obj: setattr(obj, "channel", ["a", "b", "c"]),
        lambda obj: obj.info.update(x=1),
        lambda obj: setattr(obj, "trialdefinition", obj.trialdefinition + np.array([0, 0, 1, 0])),
        lambda obj: setattr(obj, "trialdefinition", obj.trialdefinition[:2]),
        lambda obj: setattr(obj, "trialdefinition", obj.trialdefinition[:, :3]),
        lambda obj: obj._register_dataset("avg", ramp(2, 2)),
    ],
)
def test_whatever_differs_makes_objects_unequal(change):
    one, other = analog(), analog()
    change(other)
    assert one != other
    change(one)
    assert one == other


def test_labels_and_frequencies_of_spectra_count():
    assert spectral() != spectral(freq=(0, 10, 20, 31))
    assert spectral() != spectral(taper=["a", "b"])
    assert cross() != cross(channel_i=["a", "b", "c"])
    assert cross() != cross(channel_j=["a", "b"])


def test_class_and_order_of_axes_count():
    turned = {"dimord": ["channel", "time"]}
    assert spy.AnalogData(ramp(3, 3)) != spy.AnalogData(ramp(3, 3), **turned)
    assert spy.AnalogData(ramp(3, 4).T) != spy.AnalogData(ramp(3, 4), **turned)
    assert spectral() != cross()
    for other in (3, None, "x", ramp(15, 3)):
        assert (analog() == other) is False
        assert (other == analog()) is False


def test_history_and_unused_samples_do_not_count():
    trl = [[2, 5, 0]]
    one, other = analog(trialdefinition=trl), analog(trialdefinition=trl)
    other.data[0] = -1
    other.cfg = {"x": 1}
    other.log = "changed"
    assert one == other


def test_rounding_is_forgiven_and_nan_is_not():
    one, other = analog(), analog()
    other.data[...] = other.data[...] * (1 + 1e-9)
    assert one == other
    one.data[3, 0] = other.data[3, 0] = np.nan
    assert one != other
    assert one == one  # the very same dataset


@pytest.mark.parametrize("scale", [1e-13, 1, 1e9])
def test_tolerance_does_not_depend_on_the_unit(scale):
    one, other = analog(), analog()
    one.data[...] = other.data[...] = ramp(15, 3) * scale
    other.data[3, 0] *= 1 + 1e-9
    assert one == other
    other.data[3, 0] += scale
    assert one != other
    one._register_dataset("avg", ramp(4, 3) * scale)
    other.data[...] = one.data[...]
    other._register_dataset("avg", ramp(4, 3) * scale * 1.1)
    assert one != other


def test_objects_without_samplerate_are_compared():
    assert spy.AnalogData(ramp(4, 2)) == spy.AnalogData(ramp(4, 2))
    assert spy.AnalogData(ramp(4, 2)) != spy.AnalogData(ramp(4, 2) + 1)


def test_empty_objects():
    assert spy.AnalogData() == spy.AnalogData(samplerate=3)
    assert spy.AnalogData() != analog()
    assert analog() != spy.AnalogData()
    assert spy.AnalogData() != spy.SpectralData()


def test_further_datasets_are_compared_by_value():
    one, other = analog(), analog()
    for obj in (one, other):
        obj._register_dataset("avg", ramp(4, 3))
    assert one == other
    other._update_dataset("avg", ramp(4, 3) + 1)
    assert one != other


@pytest.mark.parametrize("row", [0, 6, 14])
def test_numbers_are_compared_in_pieces(monkeypatch, row):
    monkeypatch.setattr(comparison, "COMPARED_STEP", 3 * 3 * 8)
    sizes = []
    monkeypatch.setattr(np, "allclose", lambda a, b, close=np.allclose, **kw: sizes.append(len(a)) or close(a, b, **kw))
    one, other = analog(), analog()
    assert one == other
    assert sizes == [3] * 5
    other.data[row, 2] = -1
    assert one != other
