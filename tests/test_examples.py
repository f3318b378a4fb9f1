"""The programs of the tutorials run, draw the figures of their pages, and print what these say."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pyplot = pytest.importorskip("matplotlib.pyplot")

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES, TUTORIALS, FIGURES = ROOT / "examples", ROOT / "docs" / "tutorials", ROOT / "docs" / "figures"
# Programs, and the packages they need beyond the usual ones.
PROGRAMS = {
    "cluster": ["distributed"],
    "eeg_coherence": [],
    "erp": ["mne"],
    "lfp_spectra": ["mne", "specparam"],
    "spikes": ["pynwb"],
}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a program; lines that it prints."""
    pyplot.switch_backend("Agg")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.delenv("SYNCOPY_SHARED", raising=False)
    monkeypatch.syspath_prepend(EXAMPLES)

    def run_program(name, shared=None):
        path = str(EXAMPLES / f"{name}.py")
        arguments = ["--out", str(tmp_path), *(["--shared", str(shared)] if shared else [])]
        if name == "cluster":  # its workers start from the program's own process
            command = [sys.executable, path, *arguments]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        monkeypatch.setattr(sys, "argv", [path, *arguments])
        runpy.run_path(path, run_name="__main__")
        return capsys.readouterr().out.splitlines()

    return run_program


def says(line, shown):
    """Whether a line is another one, but for how numbers are rounded on other processors."""
    same = NUMBER.sub("#", line) == NUMBER.sub("#", shown)
    pairs = zip(NUMBER.findall(line), NUMBER.findall(shown), strict=same)
    return same and all(np.isclose(float(a), float(b), rtol=0.02, atol=0.02) for a, b in pairs)


@pytest.mark.parametrize("name", PROGRAMS)
def test_tutorial(name, run, shared, tmp_path):
    for package in PROGRAMS[name]:
        pytest.importorskip(package)
    page = (TUTORIALS / f"{name}.md").read_text()
    said = run(name, shared)
    shown = [line for block in re.findall(r"```text\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    assert shown
    assert not [line for line in shown if not any(says(other, line) for other in said)]
    drawn = {path.name for path in tmp_path.glob("*.png")}
    assert drawn == set(re.findall(r"\.\./figures/(\w+\.png)", page))
    assert all((FIGURES / figure).stat().st_size < 150_000 for figure in drawn)


def test_without_recordings(run, tmp_path):
    assert run("spikes")[0].startswith("no recordings")
    assert {path.name for path in tmp_path.iterdir()} == {"spikes_turning.png", "spikes_locking.png"}


def test_pages_quote_the_programs():
    """Every function that a page shows is there, and every program has a page."""
    for page in TUTORIALS.glob("*.md"):
        for path, name in re.findall(r"literalinclude\} (\S+)\n:pyobject: (\w+)", page.read_text()):
            assert f"\ndef {name}(" in (page.parent / path).read_text()
    assert {page.stem for page in TUTORIALS.glob("*.md")} == {*PROGRAMS, "index"}
