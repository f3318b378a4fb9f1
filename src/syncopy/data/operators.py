"""The operators of data objects: each is a call of `spy.arithmetic`."""

from __future__ import annotations

import importlib
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Operators:
    """Arithmetic of data objects with numbers, arrays and each other."""

    def __add__(self, other: Any) -> Self:
        return _calculate(self, "+", self, other)

    def __radd__(self, other: Any) -> Self:
        return _calculate(self, "+", other, self)

    def __sub__(self, other: Any) -> Self:
        return _calculate(self, "-", self, other)

    def __rsub__(self, other: Any) -> Self:
        return _calculate(self, "-", other, self)

    def __mul__(self, other: Any) -> Self:
        return _calculate(self, "*", self, other)

    def __rmul__(self, other: Any) -> Self:
        return _calculate(self, "*", other, self)

    def __truediv__(self, other: Any) -> Self:
        return _calculate(self, "/", self, other)

    def __rtruediv__(self, other: Any) -> Self:
        return _calculate(self, "/", other, self)

    def __pow__(self, other: Any) -> Self:
        return _calculate(self, "**", self, other)

    def __rpow__(self, other: Any) -> Self:
        return _calculate(self, "**", other, self)

    def __neg__(self) -> Self:
        return _calculate(self, "negative", self)

    def __abs__(self) -> Self:
        return _calculate(self, "abs", self)


def _calculate(data: T, *arguments: Any) -> T:
    """Call the public function, which lives in a layer above this one; the result is of the class of `data`."""
    result: T = importlib.import_module("syncopy").arithmetic(*arguments)
    return result
