"""A small recording on disk, and the command line as a function."""

import numpy as np
import pytest
from click.testing import CliRunner

import syncopy as spy
from syncopy.cli import spy as command


@pytest.fixture
def recording(tmp_path, monkeypatch):
    """Four trials of a second, 10 Hz in V1 and V4, in the current folder; returns the object."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    wave = np.sin(2 * np.pi * 10 * np.arange(200) / 200)[:, None] * [2, 2, 0]
    trials = [wave + rng.standard_normal((200, 3)) for _ in range(4)]
    data = spy.AnalogData(trials, samplerate=200, channel=["V1", "V4", "Oz"])
    data.save(filename="recording.analog")
    return data


@pytest.fixture
def cli():
    """Run a command line given as words; returns what click reports."""

    def run(*words, **more):
        return CliRunner().invoke(command, [str(word) for word in words], **more)

    return run
