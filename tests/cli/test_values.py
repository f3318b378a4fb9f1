"""Texts of the command line as Python values."""

from typing import Any, Literal

import pytest

from syncopy.cli.values import join_numbers, read_pairs, read_value
from syncopy.errors import SPYValueError


@pytest.mark.parametrize(
    ("text", "annotation", "value"),
    [
        ("2", Any, 2),
        ("-2", Any, -2),
        ("2.0", Any, 2.0),
        ("1e-3", Any, 0.001),
        ("-inf,3", Any, [float("-inf"), 3]),
        ("hann", Any, "hann"),
        ("none", Any, None),
        ("YES", Any, True),
        ("no", Any, False),
        ("1,45", Any, [1, 45]),
        ("V1,V4", Any, ["V1", "V4"]),
        ('{"beta": 8}', Any, {"beta": 8}),
        ('[["V1", "V4"]]', Any, [["V1", "V4"]]),
        ('"5"', Any, "5"),
        ("[broken", Any, "[broken"),
        ("50", list[float], [50]),
        ("50", list[float] | float, 50),
        ("50", float | list[float], 50),
        ("50", str, "50"),
        ("none", str, "none"),
        ("none", str | None, None),
        ("all", list[float] | Literal["all"], "all"),
        ("yes", bool, True),
        # what no type allows is handed on, for the parameter's own check to refuse
        ("x", float, "x"),
        ("2.5", int, 2.5),
        ("yes", float, True),
    ],
)
def test_a_text_is_the_value_its_parameter_takes(text, annotation, value):
    found = read_value(text, annotation)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("typed", "joined"),
    [
        ("IN --foilim 1 45 -o OUT", "IN --foilim 1,45 -o OUT"),
        ("--foilim -1 -.5 IN", "--foilim -1,-.5 IN"),
        ("--foilim 1,45 IN", "--foilim 1,45 IN"),
        ("--foilim=1,45 IN", "--foilim=1,45 IN"),
        ("--keep IN", "--keep yes IN"),
        ("--keep no IN", "--keep no IN"),
        ("IN --keep", "IN --keep yes"),
        ("--foilim all IN", "--foilim all IN"),
        ("--order 4 7", "--order 4 7"),
    ],
)
def test_options_get_one_value_each(typed, joined):
    assert join_numbers(typed.split(), ["--foilim"], ["--keep"]) == joined.split()


def test_options_of_any_name():
    words = "--trials 0 --channel V1,V4 --latency -0.5 0.5 --shifted --scale=dB"
    assert read_pairs(words.split()) == {
        "trials": 0,
        "channel": ["V1", "V4"],
        "latency": [-0.5, 0.5],
        "shifted": True,
        "scale": "dB",
    }
    with pytest.raises(SPYValueError, match="form --name value; got V4"):
        read_pairs(["--channel", "V1", "V4"])
