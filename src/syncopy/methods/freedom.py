"""Divisors of variances: what `ddof` leaves of a number of values."""

from __future__ import annotations

import warnings

from syncopy.errors import SPYWarning


def warn_of_divisor(name: str, ddof: int, count: int) -> None:
    """Tell of a parameter that leaves no positive divisor for `count` values: their variance is NaN then."""
    if ddof >= count:
        text = f"`{name}` {ddof} leaves nothing of {count} values to divide by: the result is NaN"
        warnings.warn(text, SPYWarning, stacklevel=9)
