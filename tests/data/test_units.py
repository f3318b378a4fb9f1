"""Rules of units: what becomes of the text of a unit."""

import pytest

from syncopy.data.units import agreed, kept, pure_number, ratio, rooted, squared, unknown

SQUARES = {
    "V": "V²",
    "µV": "µV²",
    "uV": "uV²",
    "Ω": "Ω²",
    "V²": "V⁴",
    "V³": "V⁶",
    "V⁸": "V¹⁶",
    "m/s": "(m/s)²",
    "1/s": "(1/s)²",
    "A m": "(A m)²",
    "(m/s)²": "((m/s)²)²",
    "%": "(%)²",
    "": "",
}


@pytest.mark.parametrize("unit", SQUARES)
def test_squares_and_their_roots(unit):
    assert squared(unit) == SQUARES[unit]
    assert rooted(SQUARES[unit]) == unit


@pytest.mark.parametrize("unit", ["V", "V³", "m/s", "²", "(V)²/(Hz)²x"])
def test_what_is_no_square_has_no_root_that_is_known(unit):
    assert rooted(unit) is None


def test_what_is_not_known_stays_so_but_for_pure_numbers():
    assert [rule(None) for rule in (kept, squared, rooted, ratio, unknown)] == [None] * 5
    assert [rule("V") for rule in (kept, ratio, unknown)] == ["V", "", None]
    assert [pure_number(unit) for unit in ("V", "", None)] == [""] * 3


def test_units_agree_if_all_are_the_same():
    assert [agreed(units) for units in (["V", "V"], ["V", "mV"], ["V", None], [None], [])] == ["V", *[None] * 4]
