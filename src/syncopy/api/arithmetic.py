"""`spy.arithmetic`: operators and functions of numbers on the samples of data objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.api.derive import derive
from syncopy.api.record import record_call
from syncopy.data.base import BaseData
from syncopy.data.continuous import ContinuousData
from syncopy.data.keywords import checked_call
from syncopy.data.view import View
from syncopy.errors import SPYError, SPYTypeError, SPYValueError
from syncopy.methods.arithmetic import BINARY, UNARY, Elementwise, unit_rule

Array = NDArray[Any]

# Values of an array that a cfg records; of larger ones it keeps the shape.
_MOST_RECORDED = 10_000


@checked_call
def arithmetic(operator: str, left: Any, right: Any = None) -> ContinuousData:
    """Calculate with the samples of data objects; `a + b` is `spy.arithmetic("+", a, b)`.

    Parameters
    ----------
    operator : {"+", "-", "*", "/", "**", "negative", "abs", "square", "sqrt", "exp", "log", "log10"}
        The last ones take `left` alone.
    left, right : data object, number or array-like
        A data object at least on one side. Arrays are applied to each trial and must broadcast to the shape of all of
        them; of two objects the trials are taken in pairs. In-place selections count.

    Returns
    -------
    ContinuousData
        Object of the class of the (left) data object, with its trials one after the other, labels, offsets, trial
        information and history. The type of the numbers follows NumPy's rules for arrays, so that integers divide to
        floats.

    Raises
    ------
    SPYTypeError, SPYValueError
        For operands that do not fit, infinite numbers, and a division by the number zero.

    Examples
    --------
    >>> import numpy as np
    >>> import syncopy as spy
    >>> data = spy.AnalogData(np.arange(6).reshape(3, 2), samplerate=1)
    >>> (1 - data / [1, 2]).trials[0]
    array([[ 1. ,  0.5],
           [-1. , -0.5],
           [-3. , -1.5]])
    """
    title = f"arithmetic({operator!r})" if isinstance(operator, str) else "arithmetic()"
    try:
        if not isinstance(operator, str):
            raise SPYTypeError(operator, "operator", f"one of {', '.join(UNARY | BINARY)}")
        operands = [left] if operator in UNARY else [left, right]
        if operator not in UNARY | BINARY:
            raise SPYValueError(f"one of {', '.join(UNARY | BINARY)}", "operator", repr(operator))
        if operator in UNARY and right is not None:
            raise SPYValueError("one operand", "right", type(right).__name__)
        return _calculate(operator, operands)
    except SPYError as error:
        error.context = error.context or title
        raise


def _calculate(operator: str, operands: list[Any]) -> ContinuousData:
    objects: list[ContinuousData] = []
    for operand in operands:
        if isinstance(operand, ContinuousData):
            operand._require_data()
            objects.append(operand)
        elif isinstance(operand, BaseData):
            raise SPYTypeError(operand, "operand", "AnalogData, SpectralData, CrossSpectralData or TimeLockData")
    if not objects:
        raise SPYTypeError(operands[0], "operand", "a Syncopy data object on one side")
    views = [data.view() for data in objects]
    if len(views) == 2:
        _check_pair(*views)
    stage, rule = Elementwise((UNARY | BINARY)[operator]), unit_rule(operator)
    if len(operands) > len(objects):
        reflected = operands[1] is objects[0]
        constant, varying = _constant(operator, operands[0 if reflected else 1], reflected, views[0])
        before, after = ((constant,), ()) if reflected else ((), (constant,))
        stage, rule = Elementwise(stage.function, before, after, varying), unit_rule(operator, constant, reflected)
    result = derive(stage, views, "arithmetic", rule=rule)
    _record(result, operator, operands)
    return result


def _check_pair(left: View, right: View) -> None:
    """Whether the trials of two objects can be taken in pairs."""
    if type(left.data) is not type(right.data):
        raise SPYTypeError(right.data, "operand", type(left.data).__name__)
    if left.data.dimord != right.data.dimord:
        raise SPYValueError(f"an object with dimord {left.data.dimord}", "operand", right.data.dimord)
    if left.samplerate != right.samplerate:
        raise SPYValueError(f"an object with samplerate {left.samplerate:g} Hz", "operand", f"{right.samplerate:g} Hz")
    if len(left) != len(right):
        raise SPYValueError(f"an object with same number of trials ({len(left)})", "operand", len(right))
    if (left.lengths != right.lengths).any() or left.spec(0).shape[1:] != right.spec(0).shape[1:]:
        wrong = int(np.argmax(left.lengths != right.lengths))
        shapes = left.spec(wrong).shape, right.spec(wrong).shape
        raise SPYValueError(f"trials of the same shapes ({shapes[0]})", "operand", f"{shapes[1]} in trial {wrong}")
    kinds = [view.reader.source.dtype.kind for view in (left, right)]
    if (kinds[0] == "c") != (kinds[1] == "c"):
        raise SPYTypeError(right.data, "operand", "two objects of real numbers or two of complex numbers")


def _constant(operator: str, value: Any, reflected: bool, view: View) -> tuple[Any, frozenset[str]]:
    """A number or an array with the axes of a trial, and the axes along which it varies."""
    if isinstance(value, list | tuple):
        value = np.asarray(value)
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | complex | np.number | np.ndarray):
        raise SPYTypeError(value, "operand", "Syncopy object, scalar or array-like")
    power = operator == "**" and not reflected and view.reader.source.dtype.kind in "iu"
    if power and np.asarray(value).dtype.kind in "iu" and np.min(value) < 0:
        raise SPYValueError("floats as negative powers of whole numbers, such as -1.0", "operand", value)
    if not isinstance(value, np.ndarray):
        if np.isinf(value):
            raise SPYValueError("finite scalar", "operand", value)
        if operator == "/" and not reflected and value == 0:
            raise SPYValueError("non-zero scalar for division", "operand", value)
        return value, frozenset()
    if value.dtype.kind not in "iufc":
        raise SPYTypeError(value, "operand", f"an array of numbers, not of {value.dtype}")
    tail = view.spec(0).shape[1:]
    shapes = [np.array((length, *tail))[np.argsort(view.reader.order)] for length in np.unique(view.lengths)]
    for shape in shapes:
        axes = shape[len(shape) - value.ndim :]
        if value.ndim > len(shape) or any(size not in (1, axis) for size, axis in zip(value.shape, axes, strict=True)):
            legal = f"array compatible to trial shape {tuple(shape.tolist())}"
            raise SPYValueError(legal, "operand", f"an array of shape {value.shape}")
    missing = (1,) * (len(view.dims) - value.ndim)
    aligned = value.reshape(*missing, *value.shape).transpose(view.reader.order)
    return aligned, frozenset(dim for dim, size in zip(view.dims, aligned.shape, strict=True) if size > 1)


def _record(result: ContinuousData, operator: str, operands: list[Any]) -> None:
    sides = dict(zip(("left", "right"), operands, strict=False))
    record_call(result, "arithmetic", {"operator": operator} | {side: _told(value) for side, value in sides.items()})


def _told(operand: Any) -> Any:
    """What a cfg keeps of an operand."""
    if isinstance(operand, BaseData):
        selected = None if operand.selection is None else operand.selection.select
        return {"object": type(operand).__name__, "filename": operand.filename, "select": selected}
    if np.size(operand) > _MOST_RECORDED:
        return f"{np.asarray(operand).dtype} array of shape {np.shape(operand)}"
    return operand
