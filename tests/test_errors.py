"""Errors: built-in classes too, texts that say what, the rule and the value, and a way through other processes."""

import pickle

import pytest

import syncopy as spy

EXAMPLES = [
    (
        spy.SPYValueError("> 0 Hz", "tapsmofrq", -1.0),
        ValueError,
        "invalid value of `tapsmofrq`: expected > 0 Hz; got -1.0",
    ),
    (spy.SPYTypeError("x", "foi", "a list"), TypeError, "wrong type of `foi`: expected a list; got str 'x'"),
    (spy.SPYIOError("/a/b", exists=False), OSError, "cannot read /a/b: object does not exist"),
    (spy.SPYIOError("/a/b", exists=True), OSError, "cannot write /a/b: object already exists"),
    (spy.SPYIOError("/a/b", reason="no space"), OSError, "cannot access /a/b: no space"),
    (spy.SPYParallelError("no worker"), RuntimeError, "no worker"),
    (spy.SPYError("anything"), Exception, "anything"),
]


@pytest.mark.parametrize(("error", "builtin", "text"), EXAMPLES)
def test_class_and_text(error, builtin, text):
    assert isinstance(error, builtin)
    assert isinstance(error, spy.SPYError)
    assert str(error) == text
    error.context = "freqanalysis()"
    assert str(error) == f"freqanalysis(): {text}"
    error.context = ""


@pytest.mark.parametrize("error", [example[0] for example in EXAMPLES])
def test_pickle(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)


def test_attributes_of_the_old_package():
    value = spy.SPYValueError("legal", "name", 3)
    assert (value.legal, value.varname, value.actual) == ("legal", "name", "3")
    kind = spy.SPYTypeError([], "name", "expected")
    assert (kind.found, kind.varname, kind.expected) == ("list", "name", "expected")
    place = spy.SPYIOError("/x", exists=True)
    assert (place.fs_loc, place.exists) == ("/x", True)


def test_a_type_error_does_not_carry_the_value_into_another_process():
    error = spy.SPYTypeError(lambda: None, "name", "a number")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
