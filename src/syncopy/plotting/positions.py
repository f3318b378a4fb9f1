"""Where channels are: positions of electrodes and sensors, laid flat."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.errors import SPYImportError, SPYTypeError, SPYValueError

Array = NDArray[Any]

# Types of channels, as MNE calls them, that have a position.
_WITH_POSITION = {"mag", "grad", "eeg", "ecog", "seeg", "dbs", "eog"}

# Electrodes on the equator of the 10-20 system, under their names of today and of 1958: front, back, left, right.
_EQUATOR = (("fpz",), ("oz",), ("t7", "t3"), ("t8", "t4"))


@dataclass(frozen=True, eq=False)
class Positions:
    """Channels on a plane, the nose up.

    Attributes
    ----------
    points : ndarray, shape (n_channels, 2)
        To the right, and to the front; on a head, its equator is the circle of radius 1.
    head : bool
        Whether they lie on a head.
    """

    points: Array
    head: bool


def find_positions(layout: Any, chosen: Sequence[str], channels: Sequence[str]) -> Positions:
    """Positions of channels.

    Parameters
    ----------
    layout : str, mne.Info, mne.channels.DigMontage, dict or array-like
        As for `spy.topoplot`.
    chosen : sequence of str
        The channels whose positions are wanted.
    channels : sequence of str
        All channels of the object, in whose order the rows of an array are.

    Raises
    ------
    SPYValueError, SPYTypeError
        For positions that are none, and for channels without one.
    SPYImportError
        If MNE is needed and not installed.
    """
    known = _read_layout(layout, channels)
    names = {_plain(name): name for name in known}
    found = [name if name in known else names.get(_plain(name)) for name in chosen]
    missing = [name for name, match in zip(chosen, found, strict=True) if match is None]
    if missing:
        without = ", ".join(f"'-{name}'" for name in missing[:3]) + (", ..." if len(missing) > 3 else "")
        legal = f"channels with a position in `layout`; leave the others out, as in channel=['all', {without}]"
        raise SPYValueError(legal, "channel", ", ".join(missing))
    points = np.array([known[name] for name in found if name is not None])
    if points.shape[1] == 2:
        return Positions(points, head=False)
    return Positions(_flatten(points, known), head=True)


def _plain(name: str) -> str:
    """A label without what recordings add to it: dots at the end, spaces, capitals."""
    return name.strip().rstrip(".").lower()


def _read_layout(layout: Any, channels: Sequence[str]) -> dict[str, Array]:
    """Two or three coordinates of every channel that a layout knows."""
    if isinstance(layout, str):
        return _coordinates(_montage(layout).get_positions()["ch_pos"])
    if type(layout).__module__.startswith("mne."):
        return _coordinates(_of_mne(layout))
    if isinstance(layout, Mapping):
        return _coordinates(layout)
    try:
        table = np.asarray(layout, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        expected = "name of a montage, mne.Info, dict of positions, or array (channel, 2 or 3)"
        raise SPYTypeError(layout, "layout", expected) from None
    if table.shape not in ((len(channels), 2), (len(channels), 3)):
        legal = f"two or three coordinates for each of the {len(channels)} channels of the object"
        raise SPYValueError(legal, "layout", f"array of shape {table.shape}")
    return _coordinates(dict(zip(channels, table, strict=True)))


def _coordinates(positions: Mapping[str, Any]) -> dict[str, Array]:
    """Finite positions, all of two or all of three coordinates; where a file holds none, MNE has NaN or zeros."""
    found = {str(name): np.asarray(point, dtype=np.float64) for name, point in positions.items()}
    shapes = {point.shape for point in found.values()}
    if len(shapes) != 1 or not shapes <= {(2,), (3,)}:
        legal = "two or three coordinates for every channel"
        raise SPYValueError(legal, "layout", f"positions of shape {', '.join(map(str, sorted(shapes))) or 'none'}")
    return {
        name: point for name, point in found.items() if np.isfinite(point).all() and (len(point) == 2 or point.any())
    }


def _of_mne(layout: Any) -> Mapping[str, Any]:
    """Positions that an object of MNE holds."""
    if hasattr(layout, "get_positions"):
        positions: Mapping[str, Any] = layout.get_positions()["ch_pos"]
        return positions
    info = getattr(layout, "info", layout)  # recordings have one
    if not hasattr(info, "ch_names"):
        raise SPYTypeError(layout, "layout", "name of a montage, mne.Info, DigMontage, dict or array of positions")
    from mne import channel_type

    # what stands in place of a position elsewhere, as of triggers, may be anything
    numbers = (number for number in range(len(info["chs"])) if channel_type(info, number) in _WITH_POSITION)
    return {info["chs"][number]["ch_name"]: info["chs"][number]["loc"][:3] for number in numbers}


def _montage(name: str) -> Any:
    """A montage by its name; 'standard_1005' and its like have another one in newer versions of MNE."""
    try:
        from mne.channels import get_builtin_montages, make_standard_montage
    except ImportError as error:
        remedy = 'pip install "syncopy[mne]", or give `layout` as a dict of positions'
        raise SPYImportError(f"names of montages need the package mne: {remedy}") from error
    known = get_builtin_montages()
    aliases = [name, name.replace("standard_", "colin27_"), name.replace("colin27_", "standard_")]
    found = next((alias for alias in aliases if alias in known), None)
    if found is None:
        close = difflib.get_close_matches(name, [*known, "standard_1005", "standard_1020"], 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise SPYValueError(f"one of {', '.join(known)}{hint}", "layout", repr(name))
    return make_standard_montage(found)


def _flatten(points: Array, known: Mapping[str, Array]) -> Array:
    """Lay a head flat: angles from the vertex become distances (azimuthal equidistant), 1 on the equator."""
    axes, equator = np.eye(3), np.full(2, np.pi / 2)
    names = {_plain(name): name for name in known}
    marks = [next((known[names[name]] for name in group if name in names), None) for group in _EQUATOR]
    if any(mark is None for mark in marks):
        centre = _centre_of_sphere(np.array(list(known.values())))
    else:
        front, back, left, right = (np.asarray(mark) for mark in marks)
        centre = (front + back + left + right) / 4
        to_front = _unit(front - back)
        to_right = _unit(right - left - (right - left) @ to_front * to_front)
        axes = np.stack([to_right, to_front, np.cross(to_right, to_front)])
        marked = _angles((np.array([left, right, front, back]) - centre) @ axes.T)[0]
        equator = np.array([marked[:2].mean(), marked[2:].mean()])
    angle, direction = _angles((points - centre) @ axes.T)
    # a head is no sphere: the equator's angle at the sides is not that at front and back
    flat: Array = direction * (angle / (direction**2 @ equator))[:, None]
    return flat


def _angles(points: Array) -> tuple[Array, Array]:
    """Angle of points from the vertex, and the direction of unit length in which they lie, `(to right, to front)`."""
    around = np.hypot(points[:, 0], points[:, 1])
    beside = around > 1e-12 * np.abs(points).max()
    direction = np.divide(points[:, :2], around[:, None], out=np.zeros((len(points), 2)), where=beside[:, None])
    direction[~beside, 1] = 1.0
    return np.arctan2(around, points[:, 2]), direction


def _unit(vector: Array) -> Array:
    unit: Array = vector / np.linalg.norm(vector)
    return unit


def _centre_of_sphere(points: Array) -> Array:
    """Centre of the sphere nearest to points (least squares); the origin for too few of them to tell."""
    if len(points) < 4:
        return np.zeros(3)
    equations = np.column_stack([2 * points, np.ones(len(points))])
    solution: Array = np.linalg.lstsq(equations, (points**2).sum(axis=1), rcond=None)[0]
    return solution[:3]
