"""Types of parameters in words."""

from typing import Annotated, Any, Literal, Optional

import pytest

from syncopy.engine.parameters import Whole, kind_text


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (float, "float"),
        (Any, "object"),
        (float | list[float] | None, "float, list of float or None"),
        (None | float, "float or None"),
        (Optional[Whole], "int or None"),  # noqa: UP045
        (list[Annotated[float, "positive"]], "list of float"),
        (list[float | int], "list of float or int"),
        (list[Any], "list"),
        (dict[str, Any], "dict"),
        (Literal["lp", "hp"], "'lp' or 'hp'"),
        (float | Literal["all"] | Literal["all", "none"], "float, 'all' or 'none'"),
        (Literal[True, False], "True or False"),
    ],
)
def test_a_type_in_words(annotation, text):
    assert kind_text(annotation) == text
