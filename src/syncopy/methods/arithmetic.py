"""Operators and functions of single numbers, applied to every sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syncopy.data.trials import TrialSpec
from syncopy.data.units import UnitRule, kept, ratio, rooted, squared, unknown
from syncopy.engine.method import AXES, Stage

Array = NDArray[Any]
Constant = int | float | complex | np.number[Any] | Array

BINARY: dict[str, np.ufunc] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "**": np.power,
}
UNARY: dict[str, np.ufunc] = {
    "negative": np.negative,
    "abs": np.absolute,
    "square": np.square,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
}
# units of results where operands are objects; a constant may well be there to change the unit
_RULES: dict[str, UnitRule] = {
    "+": kept,
    "-": kept,
    "*": squared,
    "/": ratio,
    "negative": kept,
    "abs": kept,
    "square": squared,
    "sqrt": rooted,
}
_RULES_WITH_CONSTANT: dict[str, UnitRule] = {"+": kept, "-": kept}
_RULES_OF_POWERS: dict[Any, UnitRule] = {0.5: rooted, 1: kept, 2: squared}


def unit_rule(operator: str, constant: Any = None, reflected: bool = False) -> UnitRule:
    """Unit of a result for that of the object, or of both; `reflected`: the constant is on the left."""
    if constant is None:
        return _RULES.get(operator, unknown)
    if operator == "**" and not reflected and not isinstance(constant, np.ndarray):
        return _RULES_OF_POWERS.get(constant, unknown)
    return _RULES_WITH_CONSTANT.get(operator, unknown)


@dataclass(frozen=True, eq=False)
class Elementwise(Stage):
    """A NumPy function of the numbers of one or two sources, and of constants; NumPy decides on the type.

    Attributes
    ----------
    function : numpy.ufunc
    before, after : tuple of number or ndarray
        Constants to the left and to the right of the sources; arrays have one axis for each axis of a trial.
    varying : frozenset of str
        Axes along which a constant is not the same everywhere.
    """

    function: np.ufunc
    before: tuple[Constant, ...] = ()
    after: tuple[Constant, ...] = ()
    varying: frozenset[str] = frozenset()

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """All axes but those along which a constant varies."""
        return AXES - self.varying

    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Trials like those of the first source, of the type that NumPy gives the result."""
        types = [*map(_type, self.before), *(trial.dtype for trial in trials), *map(_type, self.after), None]
        return trials[0].change(dtype=self.function.resolve_dtypes(tuple(types))[-1])

    def apply(self, trial: TrialSpec, *blocks: Array) -> Array:
        """Compute a block."""
        result: Array = self.function(*self.before, *blocks, *self.after)
        return result


def _type(constant: Constant) -> Any:
    """What NumPy's rules go by: Python's numbers adapt to the type of an array, all others have their own."""
    return constant.dtype if isinstance(constant, np.ndarray | np.generic) else type(constant)
