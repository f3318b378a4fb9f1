"""Options: amounts of memory, limits, and the way back out of a `with` block."""

from pathlib import Path

import pytest

import syncopy as spy
from syncopy.settings import parse_bytes


@pytest.mark.parametrize(
    ("text", "expected"),
    [("400MB", 400_000_000), ("2 GiB", 2 * 2**30), ("1.5gb", 1_500_000_000), (1e6, 10**6), ("7", 7)],
)
def test_amounts_of_memory(text, expected):
    assert parse_bytes(text) == expected


@pytest.mark.parametrize("wrong", ["much", "4 XB", "-3MB", 0, float("inf"), "1.2.3MB", ""])
def test_what_is_no_amount_of_memory(wrong):
    with pytest.raises(spy.SPYValueError, match="memory"):
        parse_bytes(wrong)


@pytest.mark.parametrize("wrong", [True, None, [1]])
def test_what_has_the_wrong_type(wrong):
    with pytest.raises(spy.SPYTypeError, match="memory"):
        parse_bytes(wrong)


def test_settings_hold_inside_the_block_only(tmp_path):
    before = spy.options.memory
    with spy.options(memory="3MB", workers=5, scratch=tmp_path, progress=True):
        assert (spy.options.memory, spy.options.workers) == (3_000_000, 5)
        assert spy.options.scratch == Path(tmp_path)
    assert spy.options.workers != 5 or before != 3_000_000
    assert spy.options.scratch is None
    assert spy.options.progress is None


def test_a_wrong_setting_changes_nothing():
    with pytest.raises(spy.SPYValueError, match="memory"), spy.options(workers=3, memory="none"):
        pass
    with pytest.raises(spy.SPYValueError, match="one of memory"), spy.options(memroy="3MB"):
        pass
    assert spy.options._workers is None
    for name, wrong in (("workers", 0), ("workers", 1.5), ("progress", "yes")):
        with pytest.raises(spy.SPYError, match=name):
            setattr(spy.options, name, wrong)


def test_defaults_are_those_of_the_machine():
    assert 0 < spy.options.memory <= 4 * 10**9
    assert spy.options.workers >= 1
    assert "memory" in repr(spy.options)
