"""The script that made a result, run again."""

import pytest

import syncopy as spy

CHAINS = {
    "two verbs": lambda data: spy.freqanalysis(
        spy.preprocessing(data, filter_type="bp", freq=[5, 40]), tapsmofrq=4, keeptrials=False
    ),
    "a verb twice": lambda data: spy.preprocessing(
        spy.preprocessing(data, freq=40), filter_type="hp", freq=5, select={"trials": [0, 2]}
    ),
    "selection, numbers, another method": lambda data: spy.freqanalysis(
        spy.selectdata(data, channel=["V1", "Oz"], latency=[-1, -0.3]) * 2 + [1, 2],
        method="mtmconvol",
        t_ftimwin=0.2,
        toi=[-0.7, -0.6],
        foi=[20, 40],
    ),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_a_replayed_script_makes_the_same(cli, recording, chain):
    expected = CHAINS[chain](recording)
    expected.save(filename="result")
    file = f"result{expected._suffix}"
    printed = cli("replay", file, "--input", "recording.analog")
    assert printed.exit_code == 0, printed.output
    assert cli("replay", file, "--input", "recording.analog", "-o", "again.py").exit_code == 0
    with open("again.py") as script:
        text = script.read()
    assert text == printed.output
    exec(compile(text, "again.py", "exec"), {})
    repeated = spy.load(f"repeated{expected._suffix}")
    assert repeated == expected


def test_defaults_and_parameters_of_other_methods_are_left_out(cli, recording):
    spy.freqanalysis(recording, foi=[10]).save(filename="result")
    text = cli("replay", "result.spectral").output
    assert "data = spy.freqanalysis(data, method='mtmfft', foi=[10])" in text
    assert "data = spy.load('recording.spy')" in text


def test_several_objects_cannot_be_replayed(cli, recording):
    (recording + recording).save(filename="result")
    found = cli("replay", "result.analog")
    assert found.exit_code == 1
    assert "arithmetic of two objects" in found.output
