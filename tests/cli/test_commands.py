"""Commands against the functions they stand for; what they answer to mistakes, and their exit codes."""

import os
import subprocess
import sys

import numpy as np
import pytest

import syncopy as spy
from syncopy.api.parameters import defaults_of, describe_parameters, methods_of
from syncopy.cli.verbs import FURTHER, make_command, parameters_of, verb_names

MODEL_VERBS = [name for name in verb_names() if name not in FURTHER]


@pytest.mark.parametrize("verb", MODEL_VERBS)
def test_options_are_the_parameters_of_the_models(verb):
    command = make_command(verb)
    named = {option for parameter in command.params for option in parameter.opts}
    assert {f"--{name}" for name in defaults_of(verb)} <= named
    assert {f"--{name}" for name in parameters_of(verb)} <= named
    assert len(named) == sum(len(parameter.opts) for parameter in command.params), "an option stands twice"


@pytest.mark.parametrize("verb", FURTHER)
def test_options_of_other_functions_are_explained(verb):
    options = [parameter for parameter in make_command(verb).params if parameter.name in parameters_of(verb)]
    assert [option.name for option in options] == parameters_of(verb)
    assert all(option.help.endswith(".") for option in options)


def test_help_tells_texts_units_and_methods(cli):
    found = cli("freqanalysis", "--help", terminal_width=1000)
    assert found.exit_code == 0
    for item in describe_parameters("freqanalysis"):
        assert f"--{item.name}" in found.output
    assert "half bandwidth of the spectral smoothing" in found.output.lower()
    assert ", ".join(methods_of("freqanalysis")) in found.output
    listed = cli("--help").output
    for name in [*verb_names(), "info", "convert", "plot", "replay", "run", "cleanup", "demo"]:
        assert f"  {name} " in listed


def test_help_shows_a_pipeline_as_it_is_written(cli):
    assert "\n  steps:\n    - definetrial: {" in cli("run", "--help").output


def test_info(cli, recording):
    found = cli("info", "recording.analog")
    assert found.exit_code == 0
    assert "4 trials of length 200 defined on [800 x 3] float64" in found.output
    recording.save(container="session", tag="raw")
    spy.mean(recording, dim="trials").save(container="session", tag="mean")
    for folder in ("session.spy", "session"):
        both = cli("info", folder).output
        assert "session_raw.analog:" in both
        assert "session_mean.analog:" in both


def test_verbs_do_what_the_functions_do(cli, recording):
    words = "--foilim 5 45 --tapsmofrq 4 --keeptrials no --ft_compat --polyremoval none -o out.spectral"
    found = cli("freqanalysis", "recording.analog", *words.split())
    assert found.exit_code == 0, found.output
    assert found.output.strip().endswith("out.spectral")
    expected = spy.freqanalysis(
        recording, foilim=[5, 45], tapsmofrq=4, keeptrials=False, ft_compat=True, polyremoval=None
    )
    result = spy.load("out.spectral")
    assert result == expected
    np.testing.assert_array_equal(result.show(), expected.show())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ("preprocessing", "--freq", "5,40", "--filter_type", "bp", "--parallel", "--memory", "1GB"),
            lambda data: spy.preprocessing(data, filter_type="bp", freq=[5, 40]),
        ),
        (
            ("preprocessing", "--filter_class", "none", "--polyremoval", "1", "--select", '{"channel": ["V4"]}'),
            lambda data: spy.preprocessing(data, filter_class=None, polyremoval=1, select={"channel": ["V4"]}),
        ),
        (
            ("selectdata", "--trials", "2", "0", "--latency", "-0.9", "-0.5", "--channel", "V*"),
            lambda data: spy.selectdata(data, trials=[2, 0], latency=[-0.9, -0.5], channel="V*"),
        ),
        (("redefinetrial", "--toilim", "-0.9", "-0.5"), lambda data: spy.redefinetrial(data, toilim=[-0.9, -0.5])),
        (("mean", "--dim", "trials"), lambda data: spy.mean(data, dim="trials")),
    ],
)
def test_other_verbs(cli, recording, words, expected):
    found = cli(words[0], "recording.analog", "-o", "folder.spy", *words[1:])
    assert found.exit_code == 0, found.output
    assert spy.load("folder") == expected(recording)


def test_convert(cli, recording):
    assert cli("convert", "recording.analog", "copy.spy").exit_code == 0
    assert spy.load("copy") == recording
    again = cli("convert", "recording.analog", "copy.spy")
    assert again.exit_code == 1
    assert "already exists; pass --overwrite" in again.output
    assert cli("convert", "recording.analog", "copy.spy", "--overwrite").exit_code == 0


@pytest.mark.parametrize("out", ["out.mat", "out.nwb"])
def test_convert_to_other_formats_and_back(cli, recording, out):
    if out.endswith("nwb"):
        pytest.importorskip("pynwb")
    found = cli("convert", "recording.analog", out)
    assert found.exit_code == 0, found.output
    assert cli("convert", out, "back.analog").exit_code == 0
    back = spy.load("back.analog")
    np.testing.assert_allclose(back.data[()], recording.data[()])
    np.testing.assert_array_equal(back.channel, recording.channel)
    assert cli("convert", "recording.analog", out).exit_code == 1


def test_convert_a_fieldtrip_file(cli, shared, tmp_path):
    file = next((shared / "recordings").rglob("*.mat"), None)
    if file is None:
        pytest.skip("no FieldTrip file among the shared recordings")
    assert cli("convert", file, tmp_path / "copy.spy").exit_code == 0
    assert spy.load(tmp_path / "copy") == spy.load(file)


def test_plot(cli, recording):
    words = "plot recording.analog -o f.png --trials 0 --channel V1,V4 --latency -0.9 -0.5"
    found = cli(*words.split())
    assert found.exit_code == 0, found.output
    with open("f.png", "rb") as file:
        assert file.read(4) == b"\x89PNG"
    assert cli("plot", "recording.analog", "-o", "g.svg", "--panels", "--trials", "1").exit_code == 0
    found = cli("plot", "recording.analog", "-o", "h.png", "--topo", "--trials", "1")
    assert (found.exit_code, "channels with a position in `layout`" in found.output) == (1, True)
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.mark.parametrize(
    ("line", "code", "fragments"),
    [
        ("info nowhere.spy", 1, ["cannot read", "nowhere.spy", "does not exist"]),
        ("info", 2, ["Missing argument 'FILE'"]),
        ("freqanalisys recording.analog", 2, ["No such command 'freqanalisys'"]),
        ("freqanalysis recording.analog", 2, ["Missing option '-o'"]),
        ("freqanalysis recording.analog -o out.spy --tapsmofrg 2", 2, ["No such option", "--tapsmofrq"]),
        ("freqanalysis recording.analog -o out.spy --method mtmftt", 1, ["did you mean 'mtmfft'"]),
        ("freqanalysis recording.analog -o out.spy --tapsmofrq -1", 1, ["`tapsmofrq`", ">= 0 Hz", "got -1"]),
        ("freqanalysis recording.analog -o out.spy --foilim 10 400", 1, ["between 0 and 100 Hz", "got [10", "400"]),
        ("freqanalysis recording.analog -o out.spy --select V1", 1, ["select", "JSON", "got V1"]),
        ("freqanalysis recording.analog -o out.spy --memory lots", 1, ["memory", "MB", "got lots"]),
        ("freqanalysis recording.analog -o out.png", 1, ["out", ".spectral", "got out.png"]),
        ("freqanalysis recording.analog -o recording.analog", 1, ["recording.analog", "already exists", "--overwrite"]),
        ("freqanalysis recording.analog -o out.spy --method 5", 1, ["`method`", "'mtmfft'", "got int 5"]),
        ("connectivityanalysis recording.analog -o out.nwb --method coh,ppc", 1, ["folder .spy", "several methods"]),
        ("connectivityanalysis recording.analog -o out.spy --method coh,pcc", 1, ["did you mean 'ppc'"]),
        ("freqanalysis . -o out.spy", 1, ["cannot access", "is no folder of objects (.spy)"]),
        ("mean recording.analog -o out.spy", 2, ["Missing option '--dim'"]),
        ("plot recording.analog -o f.png", 1, ["singlepanelplot", "trial"]),
        ("plot recording.analog -o f.png --trials 0 --chanel V1", 1, ["did you mean `channel`"]),
        ("plot recording.analog -o f.xyz --trials 0", 1, ["figure.png", "f.xyz"]),
        ("replay recording.analog", 1, ["records no call"]),
        ("run nowhere.yaml", 1, ["nowhere.yaml", "does not exist"]),
        ("run recording.analog", 1, ["recording.analog", "no YAML"]),
        ("cleanup --older-than -1 --yes", 1, ["at least 0 hours"]),
    ],
)
def test_mistakes_are_lines_with_exit_codes(cli, recording, line, code, fragments):
    found = cli(*line.split())
    assert found.exit_code == code, found.output
    assert "Traceback" not in found.output
    for fragment in fragments:
        assert fragment in found.output
    assert not os.path.exists("out.spy")


def test_a_warning_is_a_line(cli, recording):
    found = cli("freqanalysis", "recording.analog", "-o", "out.spy", "--nTaper", 3)
    assert found.exit_code == 0
    assert "Warning: `nTaper` has no effect" in found.stderr
    assert ".py" not in found.stderr


def test_several_methods_are_objects_of_one_folder(cli, recording):
    found = cli("connectivityanalysis", "recording.analog", "-o", "pairs.spy", "--method", "coh,ppc", "--foilim", 5, 45)
    assert found.exit_code == 0, found.output
    assert [line.rpartition("/")[2] for line in found.output.split()] == [
        "pairs_coh.crossspectral",
        "pairs_ppc.crossspectral",
    ]
    for method in ("coh", "ppc"):
        assert spy.load("pairs", tag=method) == spy.connectivityanalysis(recording, method=method, foilim=[5, 45])


def test_a_dry_run_of_a_verb_says_what_it_would_take(cli, recording):
    found = cli("freqanalysis", "recording.analog", "-o", "out.spy", "--dry-run")
    assert found.exit_code == 0, found.output
    assert "freqanalysis(method='mtmfft'): 1 blocks in 1 passes" in found.output
    assert not os.path.exists("out.spy")


def test_real_processes(recording, tmp_path):
    env = {**os.environ, "SPYTMPDIR": str(tmp_path / "scratch")}

    def start(*words):
        words = [sys.executable, "-m", "syncopy", *words]
        return subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    # side by side: most of their time is that of imports
    good = start("freqanalysis", "recording.analog", "--foilim", "5", "45", "-o", "out")
    bad = start("freqanalysis", "recording.analog", "--foi", "1000", "-o", "out2")
    _, stderr = good.communicate(timeout=60)
    assert (good.returncode, stderr) == (0, ""), "no progress bars but on a terminal"
    assert spy.load("out").freq[0] == 5
    stdout, stderr = bad.communicate(timeout=60)
    assert bad.returncode == 1
    assert stdout == ""
    assert stderr.startswith("Error: freqanalysis(method='mtmfft')")
    assert len(stderr.splitlines()) == 1
