"""The trial definition as a table with named columns, and trials chosen by a condition on them."""

from __future__ import annotations

import ast
import difflib
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.axes import pick_positions, positions
from syncopy.data.structdict import SerializableDict
from syncopy.errors import SPYError, SPYTypeError, SPYValueError

if TYPE_CHECKING:
    from syncopy.data.base import BaseData

Array = NDArray[Any]

BORDERS = ("start", "stop", "offset")

# Where an object keeps the names of its trialinfo columns: in its `info`, which is saved with it.
NAMES = "trialinfo_columns"


class TrialTable:
    """The part of a data object that names the columns of its trial definition."""

    _trialdefinition: Array | None
    _info: SerializableDict
    trialdefinition: Any

    @property
    def trialtable(self) -> Any:
        """The trial definition as a `pandas.DataFrame`, one row per trial; needs pandas.

        Columns are `start`, `stop` and `offset` in samples, and those of `trialinfo` under their names in
        `obj.info["trialinfo_columns"]`, or as `info1`, `info2`, ... Assigning a table, or a dict of columns, replaces
        all `trialinfo` columns, and those of the borders that it has:

        >>> data.trialtable = {"condition": [1, 2, 1, 2], "reaction": [0.31, 0.44, 0.29, 0.4]}
        >>> quick = spy.selectdata(data, trials="condition == 1 and reaction < 0.3")
        >>> quick.trialinfo.tolist()
        [[1.0, 0.29]]
        """
        if self._trialdefinition is None:
            return None
        try:
            import pandas
        except ImportError as error:
            raise SPYError("a trial table needs pandas: pip install syncopy[tables]") from error
        return pandas.DataFrame(trial_columns(self)).rename_axis(index="trial")

    @trialtable.setter
    def trialtable(self, table: Any) -> None:
        if self._trialdefinition is None:
            raise SPYValueError("an object with trials", "trialtable", "an empty object")
        if not hasattr(table, "items"):
            raise SPYTypeError(table, "trialtable", "a table with named columns or a dict of columns")
        given = {name: _as_column(name, values) for name, values in table.items()}
        old = dict(zip(BORDERS, self._trialdefinition.T, strict=False))
        names = [name for name in given if name not in BORDERS]
        columns = [*(given.get(name, old[name]) for name in BORDERS), *(given[name] for name in names)]
        if len({len(column) for column in columns}) > 1:
            legal = f"columns of {len(self._trialdefinition)} values, one per trial"
            raise SPYValueError(legal, "trialtable", [len(column) for column in columns])
        self.trialdefinition = np.column_stack(columns)
        self._info[NAMES] = names


def _as_column(name: Any, values: Any) -> Array:
    if not isinstance(name, str):
        raise SPYTypeError(name, "trialtable", "names of columns as texts")
    column = np.asarray(values)
    if column.ndim != 1 or column.dtype.kind not in "iufb":
        raise SPYTypeError(values, f"trialtable[{name!r}]", "one number per trial")
    return column


def trial_columns(data: Any) -> dict[str, Array]:
    """Columns of a trial definition by their names."""
    trl = data._trialdefinition
    names = data._info.get(NAMES)
    if not isinstance(names, list) or len(names) != trl.shape[1] - 3:
        names = [f"info{number}" for number in range(1, trl.shape[1] - 2)]
    return dict(zip([*BORDERS, *map(str, names)], trl.T, strict=True))


def hand_on_names(result: BaseData, data: BaseData) -> None:
    """Give the names of the trialinfo columns on to an object that has these columns too."""
    one, other = result._trialdefinition, data._trialdefinition
    if NAMES in data.info and one is not None and other is not None and one.shape[1] == other.shape[1]:
        result.info[NAMES] = data.info[NAMES]


# -- conditions --------------------------------------------------------------------------------------------------


def pick_trials(data: BaseData, wanted: Any) -> NDArray[np.intp]:
    """Return numbers of trials.

    Parameters
    ----------
    data : BaseData
        Object with trials.
    wanted : None, "all", int, slice, sequence of int, boolean mask, str
        Order and repetitions are kept. Another text is a condition on the columns of the trial table, for instance
        `"condition == 2 and reaction < 0.5"`; `trial` stands for the number of the trial.
    """
    trl = data._trialdefinition
    assert trl is not None
    if isinstance(wanted, str) and wanted != "all":
        columns = {"trial": np.arange(len(trl)), **trial_columns(data)}
        found = np.flatnonzero(evaluate(wanted, columns))
        if not found.size:
            raise SPYValueError("a condition that one trial meets, at least", "trials", repr(wanted))
        return found
    return positions(pick_positions("trials", len(trl), wanted), len(trl))


_CALCULATE: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: np.logical_not,
    ast.Invert: np.logical_not,
    ast.And: np.logical_and,
    ast.Or: np.logical_or,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: np.isin,
    ast.NotIn: lambda values, found: np.isin(values, found, invert=True),
}


def evaluate(condition: str, columns: Mapping[str, Array]) -> NDArray[np.bool_]:
    """Tell where a condition holds.

    Parameters
    ----------
    condition : str
        Comparisons (also `1 < a <= 2` and `a in [1, 3]`) of columns, numbers and what `+ - * / % **` make of them,
        joined by `and`, `or`, `not` or, which is the same, `& | ~`. Nothing else is understood, so that a text from
        anywhere can do no harm.
    columns : mapping of str to ndarray
        Values by name.

    Raises
    ------
    SPYValueError
        For a text that is no such condition, or a name that is no column.
    """
    try:
        # as operators of numbers, & and | would come before the comparisons
        tree = ast.parse(condition.replace("&", " and ").replace("|", " or ").strip(), mode="eval")
        with np.errstate(all="ignore"):
            found = np.asarray(_value(tree.body, columns))
    except (SyntaxError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, SPYError):
            raise
        raise SPYValueError("a condition like 'a == 1 and b < 0.5'", "trials", repr(condition)) from None
    if found.dtype != bool:
        raise SPYValueError("a condition, which is true or false for each trial", "trials", repr(condition))
    return np.broadcast_to(found, len(columns["trial"]))


def _value(node: ast.expr, columns: Mapping[str, Array]) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() as number):
            return number if isinstance(number, bool) else np.float64(number)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, columns) for item in items]
        case ast.Name(id=name) if name in columns:
            return columns[name]
        case ast.Name(id=name):
            close = difflib.get_close_matches(name, columns, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise SPYValueError(f"names of columns ({', '.join(columns)}){hint}", "trials", repr(name))
        case ast.UnaryOp(op=action, operand=operand):
            return _CALCULATE[type(action)](_value(operand, columns))
        case ast.BinOp(left=left, op=action, right=right) if type(action) in _CALCULATE:
            return _CALCULATE[type(action)](_value(left, columns), _value(right, columns))
        case ast.BoolOp(op=action, values=parts):
            return reduce(_CALCULATE[type(action)], [_value(part, columns) for part in parts])
        case ast.Compare(left=left, ops=actions, comparators=others) if all(type(a) in _CALCULATE for a in actions):
            sides = [_value(side, columns) for side in (left, *others)]
            steps = [_CALCULATE[type(a)](*pair) for a, *pair in zip(actions, sides, sides[1:], strict=False)]
            return reduce(np.logical_and, steps)
        case _:
            raise SPYValueError("columns, numbers, comparisons and arithmetic only", "trials", ast.unparse(node))
