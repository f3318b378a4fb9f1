"""When two data objects are equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from syncopy.errors import SPYError
from syncopy.storage.transfer import COMPARED_STEP, same_numbers, same_values

if TYPE_CHECKING:
    from syncopy.data.base import BaseData


def equal(one: BaseData, other: Any) -> bool:
    """Whether two objects hold the same.

    Compared are class, order of axes, sample rate, labels and frequencies, `info`, the trial definition, the numbers
    inside trials (to rounding; NaN equals nothing) and all further datasets. History is not.

    Raises
    ------
    SPYError
        If one of them has an in-place selection.
    """
    if type(one) is not type(other):
        return False
    if one.selection is not None or other.selection is not None:
        raise SPYError("cannot perform object comparison with existing in-place selection; clear it first")
    if one.data is None or other.data is None:
        return one.data is other.data
    return _same_metadata(one, other) and _same_numbers(one, other)


def _same_metadata(one: BaseData, other: BaseData) -> bool:
    if (one.dimord, one.samplerate, one.info) != (other.dimord, other.samplerate, other.info):
        return False
    assert one._trialdefinition is not None
    assert other._trialdefinition is not None
    if not np.array_equal(one._trialdefinition, other._trialdefinition, equal_nan=True):
        return False
    return all(np.array_equal(getattr(one, axis), getattr(other, axis)) for axis in one._axis_selectors)


def _same_numbers(one: BaseData, other: BaseData) -> bool:
    if one.datasets.keys() != other.datasets.keys():
        return False
    if one.data != other.data:  # HDF5 knows whether two handles mean the same dataset
        row = max(obj.data.nbytes // max(obj._n_samples, 1) for obj in (one, other))
        rows = max(COMPARED_STEP // max(row, 1), 1)
        pairs = zip(one._pieces(rows), other._pieces(rows), strict=True)
        if not all(a.shape == b.shape and same_numbers(a, b) for a, b in pairs):
            return False
    return all(same_values(values, other.datasets[name]) for name, values in one.datasets.items())
