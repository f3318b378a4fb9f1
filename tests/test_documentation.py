"""The documentation's programs run, and its examples of docstrings hold."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import syncopy
import syncopy as spy
from syncopy.api.parameters import methods_of
from syncopy.engine.execute import execute
from syncopy.engine.executors import Serial
from syncopy.engine.method import Method

DOCS = Path(__file__).resolve().parent.parent / "docs"
MODULES = [
    module.name
    for module in pkgutil.walk_packages(syncopy.__path__, "syncopy.")
    if not module.name.endswith("__main__")
]


def programs(page):
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # what every example may start from: a recording of four trials
    data = spy.AnalogData([np.zeros((500, 3), "f4") for _ in range(4)], samplerate=1000)
    result = doctest.testmod(importlib.import_module(name), extraglobs={"spy": spy, "np": np, "data": data})
    assert result.failed == 0


def test_quickstart(tmp_path, monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    monkeypatch.chdir(tmp_path)
    names = {}
    for program in programs("quickstart.md"):
        exec(program, names)
    np.testing.assert_array_equal(names["same"].data[()], names["spec"].data[()])
    assert names["spec"].freq[np.argmax(names["spec"].show(channel="V1"))] == pytest.approx(20, abs=2)
    pyplot.close("all")


def test_a_method_is_one_file():
    names = {"__name__": __name__}  # dataclasses look up the module they are defined in
    (program,) = programs("adding_a_method.md")
    exec(program, names)
    try:
        data = spy.AnalogData(np.arange(6.0).reshape(3, 2), samplerate=1)
        outcome = execute(names["Square"](gain=2.0).bind(data.view()), [data.view()], Serial(), "square()")
        np.testing.assert_array_equal(outcome.store.dataset("data")[()], 2 * data.data[()] ** 2)
        with pytest.raises(ValueError, match="greater than 0"):
            names["Square"](gain=-1.0)
    finally:
        del Method.registry["square"]


@pytest.mark.parametrize("verb", ["freqanalysis", "connectivityanalysis", "resampledata"])
def test_every_method_has_its_formula(verb):
    titles = re.findall(r"^## (\w+)\n\n\$\$", (DOCS / "methods" / f"{verb}.md").read_text(), re.MULTILINE)
    assert sorted(titles) == sorted(methods_of(verb))


def test_every_method_has_a_background(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    pages = importlib.import_module("reference_pages")
    for verb in pages.METHODS.glob("*.md"):
        known = {name for name, text in pages.background(verb.stem).items() if text}
        assert known == set(methods_of(verb.stem))
    for verb in set(Method.registry) & set(spy.__all__):
        assert (pages.METHODS / f"{verb}.md").exists()
    assert pages.background("sem")[None] in pages.verb_page("sem")
