"""The documentation's programs run, and its examples of docstrings hold."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import syncopy
import syncopy as spy
from syncopy.api.parameters import methods_of
from syncopy.cli import spy as command
from syncopy.engine.execute import execute
from syncopy.engine.executors import Serial
from syncopy.engine.method import Method

DOCS = Path(__file__).resolve().parent.parent / "docs"
MODULES = [
    module.name
    for module in pkgutil.walk_packages(syncopy.__path__, "syncopy.")
    if not module.name.endswith("__main__")
]


def programs(page, language="python"):
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


@pytest.fixture
def drawing():
    """Figures go to files, and are closed."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    yield
    pyplot.close("all")


@pytest.fixture
def recording_of_mne(tmp_path):
    """`subject01_raw.fif`: ten seconds of two electrodes with two annotations; `subject01-epo.fif`: three epochs."""
    mne = pytest.importorskip("mne")
    info = mne.create_info(["Cz", "Oz"], 250.0, "eeg", verbose="error")
    rng = np.random.default_rng(0)
    raw = mne.io.RawArray(1e-5 * rng.standard_normal((2, 2500)), info, verbose="error")
    raw.set_annotations(mne.Annotations([2.0, 6.0], [0.0, 0.0], ["target", "target"]))
    raw.save(tmp_path / "subject01_raw.fif", verbose="error")
    epochs = mne.EpochsArray(1e-5 * rng.standard_normal((3, 2, 100)), info, tmin=-0.2, verbose="error")
    epochs.save(tmp_path / "subject01-epo.fif", verbose="error")
    with mne.use_log_level("error"):  # what MNE tells of its work would count as output of the examples
        yield


@pytest.fixture
def no_slurm(monkeypatch):
    """Workers start on this machine, whatever commands it has."""
    pytest.importorskip("distributed")
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def files_of_nwb():
    pytest.importorskip("pynwb")


# What the examples of a module need beyond the usual.
NEEDS = {
    "syncopy.cluster": "no_slurm",
    "syncopy.io.mne_conv": "recording_of_mne",
    "syncopy.io.mne_files": "recording_of_mne",
    "syncopy.io.nwb": "files_of_nwb",
    "syncopy.io.nwb_export": "files_of_nwb",
    "syncopy.plotting.plots": "drawing",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name, request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name in NEEDS:
        request.getfixturevalue(NEEDS[name])
    # what every example may start from: a recording of four trials
    data = spy.AnalogData([np.zeros((500, 3), "f4") for _ in range(4)], samplerate=1000)
    result = doctest.testmod(importlib.import_module(name), extraglobs={"spy": spy, "np": np, "data": data})
    assert result.failed == 0


@pytest.mark.usefixtures("drawing")
def test_quickstart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for program in programs("quickstart.md"):
        exec(program, names)
    np.testing.assert_array_equal(names["same"].data[()], names["spec"].data[()])
    assert names["spec"].freq[np.argmax(names["spec"].show(channel="V1"))] == pytest.approx(20, abs=2)


def test_the_pipeline_of_the_command_line(tmp_path):
    (pipeline,) = programs("command_line.md", "yaml")
    cues = np.arange(1, 9) * 1000
    time = (np.arange(10_000)[:, None] - cues) / 500
    signal = np.where((time > 0) & (time < 1), np.sin(2 * np.pi * 30 * time), 0).sum(axis=1)
    noise = np.random.default_rng(0).standard_normal((10_000, 2))
    session = spy.AnalogData(noise + signal[:, None], samplerate=500, channel=["V1", "V4"])
    session.save(filename=tmp_path / "session.analog")
    events = spy.EventData(np.column_stack([cues, np.full(8, 7)]), samplerate=500)
    events.save(filename=tmp_path / "session.event")
    (tmp_path / "pipeline.yaml").write_text(pipeline)
    for options in (["--dry-run"], []):
        found = CliRunner().invoke(command, ["run", str(tmp_path / "pipeline.yaml"), *options])
        assert found.exit_code == 0, found.output
    spectra = spy.load(tmp_path / "results" / "04_freqanalysis.spectral")
    assert spectra.freq[np.argmax(spectra.show(channel="V1"))] == pytest.approx(30, abs=2)


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
