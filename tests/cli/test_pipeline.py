"""Pipelines: checked whole, run in order, continued where they ended."""

from pathlib import Path

import pytest

import syncopy as spy
from syncopy.engine import task
from syncopy.testing.laws import assert_same, single_trial_blocks

GOOD = """
input: recording.analog
output: results
steps:
  - selectdata: {trials: [0, 1, 2]}
  - preprocessing: {filter_type: bp, freq: [5, 40]}
  - freqanalysis:
      tapsmofrq: 4
      keeptrials: no
"""


def write(text, name="pipeline.yaml"):
    Path(name).write_text(text)
    return name


def states():
    return {path.name: path.stat().st_mtime_ns for path in Path("results").glob("*")}


def test_a_pipeline_is_its_calls(cli, recording):
    found = cli("run", write(GOOD), "--parallel", "--memory", "1GB")
    assert found.exit_code == 0, found.output
    part = spy.selectdata(recording, trials=[0, 1, 2])
    clean = spy.preprocessing(part, filter_type="bp", freq=[5, 40])
    spectra = spy.freqanalysis(clean, tapsmofrq=4, keeptrials=False)
    made = ("01_selectdata.analog", part), ("02_preprocessing.analog", clean), ("03_freqanalysis.spectral", spectra)
    for file, expected in made:
        result = spy.load(f"results/{file}")
        assert len(result.info.pop("pipeline")["steps"]) == int(file[:2])
        assert result == expected


def test_finished_steps_are_not_done_again(cli, recording):
    file = write(GOOD)
    cli("run", file)
    before = states()
    again = cli("run", file)
    assert again.output.count("finished before") == 3
    assert states() == before
    assert cli("run", file, "--dry-run").output.count("(finished)") == 3

    write(GOOD.replace("tapsmofrq: 4", "tapsmofrq: 6"))
    assert cli("run", file).output.count("finished before") == 2
    changed = {name for name, time in states().items() if before[name] != time}
    assert changed == {"03_freqanalysis.spectral", "03_freqanalysis.spectral.info"}
    assert spy.load("results/03_freqanalysis.spectral").cfg.freqanalysis.tapsmofrq == 6

    write(GOOD.replace("[0, 1, 2]", "[0, 1]"))
    assert "finished before" not in cli("run", file).output
    assert len(spy.load("results/02_preprocessing.analog").trials) == 2


def test_a_step_whose_result_is_gone_and_all_after_it_are_done(cli, recording):
    file = write(GOOD)
    cli("run", file)
    Path("results/02_preprocessing.analog").unlink()
    assert cli("run", file, "--dry-run").output.count("(finished)") == 1
    assert cli("run", file).output.count("finished before") == 1


def test_another_input_begins_anew(cli, recording):
    file = write(GOOD)
    cli("run", file)
    recording.data[...] = recording.data[...] * 2
    recording.clear()
    assert "finished before" not in cli("run", file).output
    assert spy.load("results/01_selectdata.analog").trials[0] == pytest.approx(recording.trials[0])


def test_the_input_may_be_a_folder(cli, recording):
    recording.save(container="session")
    file = write(GOOD.replace("recording.analog", "session"))
    assert "finished before" not in cli("run", file).output
    assert cli("run", file).output.count("finished before") == 3


def test_a_run_that_failed_is_continued(cli, recording):
    broken = GOOD.replace("tapsmofrq: 4", "foilim: [10, 4000]")  # only the data can tell that this is wrong
    failed = cli("run", write(broken))
    assert failed.exit_code == 1
    assert "between 0 and 100 Hz" in failed.output
    assert {path.stem[:2] for path in Path("results").glob("*")} == {"01", "02"}
    assert cli("run", write(GOOD)).output.count("finished before") == 2


def test_an_interrupted_step_goes_on_where_it_ended(cli, recording, monkeypatch):
    computed, usual = [], task._run

    def run(job, block):
        if len(computed) == 2:
            raise OSError("the cable was pulled")
        computed.append(block.number)
        return usual(job, block)

    monkeypatch.setattr(task, "_run", run)
    text = "input: recording.analog\noutput: results\nsteps:\n  - freqanalysis: {tapsmofrq: 4}\n"
    with single_trial_blocks():
        failed = cli("run", write(text))
        assert failed.exit_code == 1
        assert "2 of 4 blocks are finished and kept: the same call goes on from there" in failed.output
        monkeypatch.setattr(task, "_run", lambda job, block: computed.append(block.number) or usual(job, block))
        assert cli("run", write(text)).exit_code == 0
        assert computed == [0, 1, 2, 3]
        whole = spy.freqanalysis(recording, tapsmofrq=4)
        assert_same(spy.load("results/01_freqanalysis.spectral"), whole, exactly=True)


def test_an_edited_list_leaves_no_file_of_the_old_one(cli, recording):
    cli("run", write(GOOD))
    cli("run", write(GOOD.replace("preprocessing: {filter_type: bp, freq: [5, 40]}", "redefinetrial: {shift: 3}")))
    assert {path.name for path in Path("results").glob("02*")} == {
        "02_redefinetrial.analog",
        "02_redefinetrial.analog.info",
    }


def test_a_dry_run_computes_nothing(cli, recording):
    text = "input: recording.analog\noutput: results\nsteps:\n  - freqanalysis: {tapsmofrq: 4}\n  - mean: {dim: freq}\n"
    found = cli("run", write(text), "--dry-run")
    assert found.exit_code == 0, found.output
    assert "freqanalysis(method='mtmfft'): 1 blocks in 1 passes" in found.output
    assert "1. freqanalysis(tapsmofrq=4) -> " in found.output
    assert "2. mean(dim='freq') -> " in found.output
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("text", "fragments"),
    [
        (GOOD.replace("tapsmofrq", "tapsmofrg"), ["step 3, freqanalysis", "did you mean `tapsmofrq`", "tapsmofrg"]),
        (GOOD.replace("tapsmofrq: 4", "tapsmofrq: -4"), ["step 3, freqanalysis", "`tapsmofrq`", ">= 0 Hz", "-4"]),
        (GOOD.replace("tapsmofrq: 4", "method: mtmftt"), ["step 3", "did you mean 'mtmfft'"]),
        (GOOD.replace("tapsmofrq: 4", "method: [mtmfft, welch]"), ["step 3", "one method", "the next step"]),
        (GOOD.replace("trials: [0", "trial: [0"), ["step 1, selectdata", "did you mean `trials`"]),
        (GOOD.replace("- freqanalysis", "- freqanalisys"), ["did you mean `freqanalysis`", "freqanalisys"]),
        (GOOD.replace("  - freqanalysis:", "  - freqanalysis: {}\n  - preprocessing:"), ["step 4, preprocessing"]),
        (GOOD + "  - preprocessing: {freq: 30}\n", ["AnalogData as input of step 4", "SpectralData"]),
        (GOOD.replace("input:", "inputs:"), ["did you mean `input`"]),
        (GOOD.replace("input: recording.analog", ""), ["`input`", "name of a file"]),
        (GOOD.replace("recording.analog", "nowhere.analog"), ["cannot read", "nowhere.analog"]),
        ("steps: [", ["no YAML"]),
        ("a", ["input, output, steps"]),
        ("input: a\noutput: b\nsteps: []", ["`steps`", "one at least"]),
        ("input: a\noutput: b\nsteps: [[mean, 3]]", ["steps[1]", "one verb with its parameters"]),
        ("input: a\noutput: b\nsteps: [mean: 3]", ["steps[1].mean", "parameters"]),
    ],
)
def test_a_pipeline_with_a_mistake_does_not_start(cli, recording, text, fragments):
    found = cli("run", write(text))
    assert found.exit_code == 1, found.output
    for fragment in fragments:
        assert fragment in found.output
    assert not Path("results").exists()
