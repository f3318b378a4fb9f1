"""Trials cut by the command line and by pipelines: the same as the functions cut, checked before anything is done."""

import os
from pathlib import Path

import numpy as np
import pytest

import syncopy as spy

RATE = 200
CUES = np.arange(1, 10) * 2 * RATE + 37

PIPELINE = """
input: session.analog
output: results
steps:
  - definetrial: {trialdefinition: files/session.event, trigger: 7, pre: 0.25, post: 0.75}
  - preprocessing: {filter_type: hp, freq: 2}
  - freqanalysis: {tapsmofrq: 4, foilim: [4, 40], keeptrials: no}
"""


@pytest.fixture
def events(tmp_path):
    """A cue every two seconds, and something else 50 samples later."""
    rows = np.vstack([np.column_stack([CUES, np.full(9, 7)]), np.column_stack([CUES + 50, np.full(9, 3)])])
    events = spy.EventData(rows, samplerate=RATE)
    events.info["event_id"] = {"cue": 7}
    (tmp_path / "files").mkdir()
    events.save(filename=tmp_path / "files" / "session.event")
    return events


@pytest.fixture
def session(tmp_path, monkeypatch, events):
    """A continuous recording of 22 s, 10 Hz after every cue, in the current folder."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    after = ((np.arange(22 * RATE)[:, None] - CUES) % (22 * RATE)).min(axis=1) / RATE
    signal = np.sin(20 * np.pi * after) * (after < 0.7)
    data = spy.AnalogData(signal[:, None] + 0.1 * rng.standard_normal((22 * RATE, 2)), samplerate=RATE)
    data.channel = ["V1", "V4"]
    data.definetrial()
    data.save(filename="session.analog")
    return data


def write(text):
    Path("pipeline.yaml").write_text(text)
    return "pipeline.yaml"


def around_cues(session, events):
    """The recording cut by the function itself."""
    cut = session.copy()
    spy.definetrial(cut, events, trigger=7, pre=0.25, post=0.75)
    return cut


# -- the command -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", ["7", "cue"])
def test_around_events(cli, session, events, trigger):
    words = f"definetrial session.analog --trialdefinition files/session.event --trigger {trigger} --pre .25 --post .75"
    found = cli(*words.split(), "-o", "cut.analog")
    assert found.exit_code == 0, found.output
    cut = spy.load("cut.analog")
    assert len(cut.trials) == 9
    assert cut == around_cues(session, events)
    assert len(spy.load("session.analog").trials) == 1


def test_equal_pieces_of_every_trial(cli, session):
    session.definetrial([[100, 1300, -40, 5], [2000, 2390, 0, 6], [2400, 2801, 0, 7]])
    session.save(filename="blocks.analog")
    assert cli("definetrial", "blocks.analog", "-o", "cut.analog", "--length", "2").exit_code == 0
    cut = spy.load("cut.analog")
    assert cut.trialdefinition.tolist() == [[100, 500, 0, 5], [500, 900, 0, 5], [900, 1300, 0, 5], [2400, 2800, 0, 7]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("trials.csv", "start, stop, offset, condition\n0, 200, -50, 1\n400, 700, -50, 2\n"),
        ("trials.csv", "0,200,-50,1\n400,700,-50,2\n"),
        ("trials.tsv", "begin\tend\toffset\tcondition\n0\t200\t-50\t1\n400\t700\t-50\t2\n"),
        ("trials.txt", "0 200 -50 1\n400 700 -50 2\n"),
    ],
)
def test_tables(cli, session, name, text):
    Path(name).write_text(text)
    found = cli("definetrial", "session.analog", "--trialdefinition", name, "-o", "cut.analog")
    assert found.exit_code == 0, found.output
    cut = spy.load("cut.analog")
    assert cut.trialdefinition.tolist() == [[0, 200, -50, 1], [400, 700, -50, 2]]
    if "condition" in text:
        assert cut.trialtable["condition"].tolist() == [1, 2]


def test_other_ways_to_say_it(cli, session, events):
    rows = np.array([[0, 200, -50], [4300, 4500, 0]])
    np.save("trials.npy", rows)
    around_cues(session, events).save(filename="other.analog")
    clipped = [[0, 200, -50], [4300, 4400, 0]]
    for words, expected in [
        (["--trialdefinition", "trials.npy", "--clip_edges"], clipped),
        (["--trialdefinition", "[[0, 200, -50], [4300, 4500, 0]]", "--clip_edges", "yes"], clipped),
        (["--trialdefinition", "other.analog"], around_cues(session, events).trialdefinition.tolist()),
        ([], [[0, 4400, 0]]),
    ]:
        found = cli("definetrial", "session.analog", "-o", "cut.analog", "--overwrite", *words)
        assert found.exit_code == 0, found.output
        assert spy.load("cut.analog").trialdefinition.tolist() == expected


def test_events_of_a_recording_of_mne(cli, tmp_path, monkeypatch):
    mne = pytest.importorskip("mne")
    monkeypatch.chdir(tmp_path)
    raw = mne.io.RawArray(np.zeros((1, 1000)), mne.create_info(["Cz"], 100.0, "eeg"), verbose="error")
    raw.set_annotations(mne.Annotations([2.0, 6.0], [0.0, 0.0], ["target", "target"]))
    raw.save("s_raw.fif", verbose="error")
    words = "definetrial s_raw.fif --trialdefinition s_raw.fif --trigger target --pre 0.5 --post 1 -o cut.analog"
    found = cli(*words.split())
    assert found.exit_code == 0, found.output
    expected = [[150, 300, -50], [550, 700, -50]]
    assert spy.load("cut.analog").trialdefinition.tolist() == expected
    exec(cli("replay", "cut.analog", "--input", "s_raw.fif").output, {})
    assert spy.load("repeated.analog").trialdefinition.tolist() == expected


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("--trialdefinition gone.event --trigger 7 --pre 1 --post 1", ["gone.event", "does not exist"]),
        ("--trialdefinition gone.csv", ["gone.csv", "does not exist"]),
        ("--trialdefinition session.analog --trigger 7 --pre 1 --post 1", ["session.analog"]),
        ("--trialdefinition files/session.event --trigger 8 --pre 1 --post 1", ["existing event-id", "`trigger`", "8"]),
        ("--trialdefinition files/session.event --trigger go --pre 1 --post 1", ["one of the events cue", "got go"]),
        ("--trialdefinition files/session.event --trigger 7 --pre 90 --post 1", ["definetrial", "-17563"]),
        ("--trigger 7 --pre 1 --post 1", ["a file of events, for pre, post, trigger"]),
        ("--length 0", ["`length`", "> 0"]),
        ("--length long", ["`length`", "a number of seconds"]),
        ("--length 60", ["to the length of a trial, 22 s", "60 s"]),
        ("--length 1 --trigger 7", ["no other parameters", "trigger"]),
        ("--trialdefinition words.csv", ["words.csv", "no table of numbers"]),
        ("--trialdefinition short.csv", ["definetrial", "3"]),
    ],
)
def test_mistakes(cli, session, words, fragments):
    Path("words.csv").write_text("start,stop,offset\n1,two,3\n")
    Path("short.csv").write_text("0,100\n")
    found = cli("definetrial", "session.analog", "-o", "cut.analog", *words.split())
    assert found.exit_code == 1, found.output
    assert "Traceback" not in found.output
    for fragment in fragments:
        assert fragment in found.output
    assert not Path("cut.analog").exists()


# -- the step of a pipeline --------------------------------------------------------------------------------------


def test_a_pipeline_cuts_by_events(cli, session, events):
    dry = cli("run", write(PIPELINE), "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "definetrial(): 9 trials" in dry.output
    assert "preprocessing()" in dry.output
    assert not Path("results").exists()
    assert cli("run", "pipeline.yaml").exit_code == 0
    clean = spy.preprocessing(around_cues(session, events), filter_type="hp", freq=2)
    expected = spy.freqanalysis(clean, tapsmofrq=4, foilim=[4, 40], keeptrials=False)
    result = spy.load("results/03_freqanalysis.spectral")
    result.info.pop("pipeline")
    assert result == expected
    assert abs(result.freq[np.argmax(result.show(channel="V1"))] - 10) <= 4


def test_names_of_files_are_relative_to_that_of_the_pipeline(cli, session, monkeypatch, tmp_path):
    write(PIPELINE)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = cli("run", "../pipeline.yaml")
    assert found.exit_code == 0, found.output
    assert Path("../results/03_freqanalysis.spectral").exists()


def test_a_pipeline_goes_on_and_notices_other_events(cli, session, events):
    cli("run", write(PIPELINE))
    assert cli("run", "pipeline.yaml").output.count("finished before") == 3
    Path("results/03_freqanalysis.spectral").unlink()
    assert cli("run", "pipeline.yaml").output.count("finished before") == 2
    for file in Path("files").iterdir():
        file.unlink()
    spy.EventData(events.data[()][:4], samplerate=RATE).save(filename="files/session.event")
    assert "finished before" not in cli("run", "pipeline.yaml").output
    assert len(spy.load("results/02_preprocessing.analog").trials) == 2


def test_cutting_behind_a_filter(cli, session, events):
    cut, clean = PIPELINE.splitlines()[4:6]
    text = f"input: session.analog\noutput: results\nsteps:\n{clean}\n{cut}\n"
    assert cli("run", write(text)).exit_code == 0
    expected = spy.preprocessing(session, filter_type="hp", freq=2)
    spy.definetrial(expected, events, trigger=7, pre=0.25, post=0.75)
    assert spy.load("results/02_definetrial.analog").trials[3] == pytest.approx(expected.trials[3])
    # it is known beforehand that trials will not lie in the recording
    failed = cli("run", write(text.replace("pre: 0.25", "pre: 25").replace("results", "others")))
    assert failed.exit_code == 1
    assert "step 2, definetrial" in failed.output
    assert not Path("others").exists()


@pytest.mark.parametrize(
    ("old", "new", "fragments"),
    [
        ("session.event", "gone.event", ["step 1, definetrial", "gone.event", "does not exist"]),
        ("trigger: 7", "trigger: 70", ["step 1, definetrial", "`trigger`", "70"]),
        ("trigger: 7", "triger: 7", ["step 1, definetrial", "did you mean `trigger`"]),
        ("trigger: 7", "trigger: go", ["step 1, definetrial", "cue"]),
        ("pre: 0.25", "pre: 25", ["step 1, definetrial"]),
        ("pre: 0.25, post", "length", ["step 1, definetrial", "no other parameters"]),
    ],
)
def test_a_pipeline_with_wrong_trials_does_not_start(cli, session, old, new, fragments):
    found = cli("run", write(PIPELINE.replace(old, new)))
    assert found.exit_code == 1, found.output
    for fragment in fragments:
        assert fragment in found.output
    assert not os.path.exists("results")


# -- replay ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["--trialdefinition files/session.event --trigger cue --pre .25 --post 1", "--length 1.5"]
)
def test_replay(cli, session, words):
    cli("definetrial", "session.analog", "-o", "cut.analog", *words.split())
    exec(cli("replay", "cut.analog", "--input", "session.analog").output, {})
    cut, repeated = spy.load("cut.analog"), spy.load("repeated.analog")
    np.testing.assert_array_equal(repeated.trialdefinition, cut.trialdefinition)
    os.remove("files/session.event")
    if "event" in words:
        found = cli("replay", "cut.analog")
        assert found.exit_code == 1
        assert "session.event, which does not exist any more" in found.output
