"""Docstrings of everything public: parameters by their names, what comes out, errors, an example that runs, sources."""

import doctest
import importlib
import inspect
import re
from functools import cache
from operator import attrgetter

import pytest

import syncopy as spy
from syncopy import synthdata
from syncopy.api.parameters import describe_parameters, document, methods_of

CLASSES = ("AnalogData", "SpectralData", "CrossSpectralData", "TimeLockData", "SpikeData", "EventData")
# Attributes of the classes by which the layers above them read; users have no need of them.
INNER = {"adopt", "datasets_of", "extract", "resolve", "view"}
VERBS = [name for name, module in spy._PUBLIC.items() if module == "syncopy.api.verbs"]
_NAMES = [*spy._PUBLIC, *(f"synthdata.{name}" for name in synthdata.__all__ if name not in spy._PUBLIC)]
FUNCTIONS = [name for name in _NAMES if inspect.isfunction(attrgetter(name)(spy))]
METHODS = [
    pytest.param(verb, name, id=f"{verb}-{name}") for verb in VERBS for name in methods_of(verb) if name is not None
]
# Functions that take whatever comes, and those that cannot fail.
WITHOUT_ERRORS = {"clear", "synthdata.locking_strength"}
# How a source is named: a paper's identifier, a book, or the function that has it.
SOURCE = re.compile(r"doi:10\.\d{4,}/\S+|\(\w[^()]* \d{4}[^()]*\)|Hum Brain Mapp \d+:\d+")


def attributes():
    """Public attributes of all data classes, each once."""
    found = {}
    for name in CLASSES:
        cls = getattr(spy, name)
        for key in dir(cls):
            attribute = inspect.getattr_static(cls, key)
            if not key.startswith("_") and key not in INNER and type(attribute).__name__ != "PublicFunction":
                found.setdefault(id(attribute), pytest.param(attribute, id=f"{name}.{key}"))
    return list(found.values())


def sections(text):
    """Sections of a docstring by their titles; what stands before the first one is ''."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def documented(text):
    """Names of the parameters that a section explains, and their explanations."""
    found = {}
    for entry in re.split(r"\n(?=\S)", text.strip()):
        names, _, words = entry.partition("\n")
        for name in names.partition(" : ")[0].split(","):
            found[name.strip()] = words.strip()
    return found


def parameters(function):
    signature = inspect.signature(function).parameters.values()
    stars = {inspect.Parameter.VAR_KEYWORD: "**", inspect.Parameter.VAR_POSITIONAL: "*"}
    return [f"{stars.get(parameter.kind, '')}{parameter.name}" for parameter in signature]


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS])
def test_every_parameter_is_explained_by_its_name(name):
    told = documented(sections(inspect.getdoc(attrgetter(name)(spy))).get("Parameters", ""))
    known = parameters(attrgetter(name)(spy))
    # `cfg` stands for all other parameters of a verb; behind `**options` stands what they may be
    further = list(told)[list(told).index("**options") :] if "**options" in told else ["cfg"]
    assert [key for key in told if key and key not in (*known, *further)] == []
    assert [key for key in known if key not in told] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_tell_what_comes_out_and_what_goes_wrong(name):
    function = attrgetter(name)(spy)
    found = sections(inspect.getdoc(function))
    # postponed annotations are texts
    nothing = inspect.signature(function).return_annotation in (None, "None")
    assert ("Returns" in found) != nothing, "Returns stands where something comes out"
    if name not in WITHOUT_ERRORS:
        assert re.search(r"SPY\w*Error", found["Raises"])
    assert re.match(r"[A-Z].*\.$", found[""].partition("\n")[0]), "the first line is a sentence"


@cache
def examples_of(module):
    """Names of what has examples that `test_documentation` runs."""
    found = doctest.DocTestFinder().find(importlib.import_module(module))
    return {test.name for test in found if test.examples}


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS])
def test_examples_are_there_to_be_run(name):
    item = attrgetter(name)(spy)
    assert f"{item.__module__}.{item.__name__}" in examples_of(item.__module__)


@pytest.mark.parametrize("attribute", attributes())
def test_attributes_say_what_they_are(attribute):
    text = inspect.getdoc(attribute)
    assert text
    assert text != inspect.getdoc(type(attribute)), "the text of the kind of attribute, not its own"
    if inspect.isfunction(attribute):
        told = documented(sections(text).get("Parameters", ""))
        assert [name for name in parameters(attribute) if name != "self"] == [name for name in told if name]


@pytest.mark.parametrize(("verb", "method"), METHODS)
def test_methods_name_their_source(verb, method):
    assert SOURCE.search(inspect.getdoc(methods_of(verb)[method])), "who described the method, and where"


@pytest.mark.parametrize("verb", VERBS)
def test_docstrings_of_verbs_are_made_of_their_methods(verb):
    text = inspect.getdoc(getattr(spy, verb))
    for item in describe_parameters(verb):
        assert item.kind != "object", f"{item.name}: a kind in words"
        assert item.text, item.name
    for method in methods_of(verb).values():
        assert " ".join((inspect.getdoc(method) or "").split()) in " ".join(text.split())
    widest = max(text.splitlines(), key=len)
    assert len(widest) <= 124, f"too wide for a terminal: {widest}"


def test_a_docstring_keeps_the_order_of_numpydoc():
    text = document("mean", "Do it.\n\nReturns\n-------\nobject\n    It.\n\nExamples\n--------\n>>> 1\n1")
    assert list(sections(text)) == ["", "Parameters", "Returns", "Raises", "Notes", "Examples"]
    assert text.startswith("Do it.\n\nParameters\n----------\ndata : ")
    assert text.endswith("Examples\n--------\n>>> 1\n1")
