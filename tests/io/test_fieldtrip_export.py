"""FieldTrip structures written to MATLAB files of both versions, read by SciPy and by HDF5."""

import h5py
import numpy as np
import pytest
from scipy.io import loadmat

import syncopy as spy
from tests.data.objects import analog, cross, spectral

RNG = np.random.default_rng(21)
VERSIONS = pytest.mark.parametrize("version", ["5", "7.3"])


def read_mat(path, name="data"):
    """Structure as a dict of what MATLAB would show: cells as object arrays, texts as str."""
    if path.read_bytes()[:10] == b"MATLAB 7.3":
        with h5py.File(path) as file:
            return value_73(file, file[name])
    return value_5(loadmat(path)[name])


def value_5(value):
    if value.dtype.names:
        return {field: value_5(value[0, 0][field]) for field in value.dtype.names}
    if value.dtype == object:
        return [[value_5(item) for item in row] for row in value]
    return str(value[0]) if value.dtype.kind == "U" else value


def value_73(file, item):
    if isinstance(item, h5py.Group):
        assert item.attrs["MATLAB_class"] == b"struct"
        return {name: value_73(file, part) for name, part in item.items()}
    kind = item.attrs["MATLAB_class"].decode()
    if kind == "cell":
        return [[value_73(file, file[reference]) for reference in row] for row in item[()].T]
    if kind == "char":
        return "".join(map(chr, item[()].ravel()))
    values = item[()].T
    if values.dtype.names:
        values = values["real"] + 1j * values["imag"]
    assert kind == {"f4": "single", "f8": "double", "c8": "single", "c16": "double"}[values.dtype.str[1:]]
    return values


def save(data, tmp_path, version, **more):
    path = tmp_path / "file.mat"
    data.save_ft(path, version=version, **more)
    return read_mat(path, more.get("name", "data"))


def column(labels):
    return [[label] for label in labels]


@VERSIONS
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_raw(tmp_path, version, dtype):
    data = analog(lengths=(60, 40, 50))
    data = spy.AnalogData(data.data[()].astype(dtype), samplerate=10, trialdefinition=data.trialdefinition)
    data.channel = ["Fz", "Oz µ", "EOG"]
    found = save(data, tmp_path, version)
    assert found["label"] == column(data.channel)
    assert found["fsample"] == 10
    assert found["sampleinfo"].tolist() == [[1, 60], [61, 100], [101, 150]]
    assert found["trialinfo"].tolist() == [[0], [1], [2]]
    for trial in range(3):
        np.testing.assert_array_equal(found["trial"][0][trial], data.trials[trial].T)
        assert found["trial"][0][trial].dtype == dtype
        np.testing.assert_allclose(found["time"][0][trial], data.time[trial][None])
    back = spy.load_ft_raw(tmp_path / "file.mat")["data"]
    np.testing.assert_array_equal(back.data[()], data.data[()])
    np.testing.assert_array_equal(back.trialdefinition, data.trialdefinition)
    assert back.channel.tolist() == data.channel.tolist()


@VERSIONS
def test_real_recording_there_and_back(shared, tmp_path, version):
    data = spy.load_ft_raw(shared / "recordings" / "eeg_visual_fieldtrip.mat")["data"]
    data.save_ft(tmp_path / "again.mat", name="eeg", version=version)
    back = spy.load_ft_raw(tmp_path / "again.mat")["eeg"]
    np.testing.assert_array_equal(back.data[()], data.data[()])
    np.testing.assert_array_equal(back.trialdefinition, data.trialdefinition)
    assert back.channel.tolist() == data.channel.tolist()
    assert back.samplerate == data.samplerate


def test_long_trials_are_written_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("syncopy.io.fieldtrip_export.BLOCK", 7 * 3 * 8)
    data = analog(lengths=(60, 40))
    data.trialdefinition = [[5, 60, -3], [30, 100, 4]]
    found = save(data, tmp_path, "7.3")
    for trial in range(2):
        np.testing.assert_array_equal(found["trial"][0][trial], data.trials[trial].T)


def test_integers_and_channel_types(tmp_path):
    data = spy.AnalogData(np.arange(20, dtype="i2").reshape(10, 2), samplerate=10, channel=["a", "b"])
    data.info["channel_type"], data.info["channel_unit"] = {"a": "eeg", "b": "eog"}, {"a": "V", "b": "V"}
    found = save(data, tmp_path, None)
    assert found["trial"][0][0].dtype == "f8"
    assert found["chantype"] == column(["eeg", "eog"])
    assert found["chanunit"] == column(["V", "V"])


def averaged(n_trials=4):
    data = spy.TimeLockData([RNG.standard_normal((50, 3)) for _ in range(n_trials)], samplerate=100)
    trials = np.stack(list(data.trials))
    data._update_dataset("avg", trials.mean(axis=0))
    data._update_dataset("var", trials.var(axis=0))
    data._update_dataset("cov", np.cov(trials.reshape(-1, 3).T))
    return data


@VERSIONS
def test_timelock(tmp_path, version, monkeypatch):
    monkeypatch.setattr("syncopy.io.fieldtrip_export.BLOCK", 4 * 3 * 8 * 11)
    data = averaged()
    found = save(data, tmp_path, version)
    assert found["dimord"] == "rpt_chan_time"
    np.testing.assert_array_equal(found["trial"], np.stack([trial.T for trial in data.trials]))
    np.testing.assert_allclose(found["time"], data.time[0][None])
    np.testing.assert_array_equal(found["avg"], data.avg[()].T)
    np.testing.assert_array_equal(found["var"], data.var[()].T)
    np.testing.assert_array_equal(found["cov"], data.cov[()])
    assert (found["dof"] == 4).all()


@VERSIONS
@pytest.mark.parametrize("n_trials", [1, 3])
def test_power(tmp_path, version, n_trials):
    signals = spy.AnalogData([RNG.standard_normal((100, 2)) for _ in range(3)], samplerate=100)
    power = spy.freqanalysis(signals, method="mtmfft", taper="hann", output="pow", keeptrials=n_trials == 3)
    found = save(power, tmp_path, version)
    assert found["dimord"] == ("rpt_chan_freq" if n_trials == 3 else "chan_freq")
    np.testing.assert_array_equal(found["freq"], power.freq[None])
    values = np.stack(list(power.trials))[:, 0, 0].transpose(0, 2, 1)
    np.testing.assert_array_equal(found["powspctrm"], values if n_trials == 3 else values[0])
    assert "time" not in found
    assert "cumtapcnt" not in found


@VERSIONS
def test_fourier_of_single_tapers(tmp_path, version, monkeypatch):
    monkeypatch.setattr("syncopy.io.fieldtrip_export.BLOCK", 3 * 8 * 3 * 2 * 4)
    signals = spy.AnalogData([RNG.standard_normal((100, 2)) for _ in range(3)], samplerate=100)
    spectra = spy.freqanalysis(signals, method="mtmfft", tapsmofrq=2, output="fourier", keeptapers=True)
    found = save(spectra, tmp_path, version, name="freq")
    tapers = len(spectra.taper)
    assert tapers == 3
    assert found["dimord"] == "rpttap_chan_freq"
    assert found["cumtapcnt"].tolist() == [[3]] * 3
    assert found["fourierspctrm"].shape == (9, 2, 51)
    for trial in range(3):
        for taper in range(3):
            own = found["fourierspctrm"][trial * 3 + taper]
            np.testing.assert_array_equal(own, spectra.trials[trial][0, taper].T)


@VERSIONS
@pytest.mark.parametrize("n_trials", [1, 3])
def test_time_frequency(tmp_path, version, n_trials, monkeypatch):
    monkeypatch.setattr("syncopy.io.fieldtrip_export.BLOCK", 8 * 4 * 2 * 3)
    values = RNG.standard_normal((10 * n_trials, 1, 4, 2))
    trl = [[10 * k, 10 * k + 10, -5] for k in range(n_trials)]
    data = spy.SpectralData(values, samplerate=100, trialdefinition=trl, freq=[1, 2, 4, 8], channel=["a", "b"])
    found = save(data, tmp_path, version, parameter="abspctrm")
    whole = values.reshape(n_trials, 10, 4, 2).transpose(0, 3, 2, 1)
    assert found["dimord"] == ("rpt_chan_freq_time" if n_trials > 1 else "chan_freq_time")
    np.testing.assert_array_equal(found["abspctrm"], whole if n_trials > 1 else whole[0])
    np.testing.assert_allclose(found["time"], data.time[0][None])


@VERSIONS
def test_coherence(tmp_path, version):
    signals = spy.AnalogData([RNG.standard_normal((100, 3)) for _ in range(5)], samplerate=100)
    coherence = spy.connectivityanalysis(signals, method="coh", tapsmofrq=2)
    found = save(coherence, tmp_path, version)
    assert found["dimord"] == "chan_chan_freq"
    assert found["label"] == column(coherence.channel_i)
    np.testing.assert_array_equal(found["cohspctrm"], coherence.data[0].transpose(1, 2, 0))


@VERSIONS
def test_direction_of_pairs(tmp_path, version):
    values = np.arange(2 * 3 * 3, dtype="f4").reshape(1, 2, 3, 3)
    data = spy.CrossSpectralData(values, samplerate=1, freq=[1.0, 2.0])
    data.cfg["connectivityanalysis"] = {"method": "granger"}
    data.channel_i = data.channel_j = ["a", "b", "c"]
    found = save(data, tmp_path, version)["grangerspctrm"]
    assert found[0, 2, 1] == data.show(channel_i="a", channel_j="c", frequency=2.0)


@VERSIONS
def test_pairs_of_two_sets_of_channels(tmp_path, version):
    data = cross(n_trials=3)
    data.channel_i, data.channel_j = ["a", "b", "c"], ["x", "y"]
    found = save(data, tmp_path, version)
    assert found["dimord"] == "rpt_chancmb_freq"
    assert found["labelcmb"] == [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"], ["c", "x"], ["c", "y"]]
    for trial in range(3):
        np.testing.assert_array_equal(found["crsspctrm"][trial, 3], data.trials[trial][0, :, 1, 1])


def test_lags_of_a_correlation(tmp_path):
    values = RNG.standard_normal((7, 1, 2, 2))
    data = spy.CrossSpectralData(values, samplerate=10, trialdefinition=[[0, 7, -3]])
    data.channel_i = data.channel_j = ["a", "b"]
    data.cfg["connectivityanalysis"] = {"method": "corr"}
    found = save(data, tmp_path, None)
    assert found["dimord"] == "chan_chan_time"
    np.testing.assert_array_equal(found["corr"], values[:, 0].transpose(1, 2, 0))
    np.testing.assert_allclose(found["time"][0], np.arange(-3, 4) / 10)
    assert "freq" not in found


def test_version_follows_the_size(tmp_path, monkeypatch):
    data = analog()
    data.save_ft(tmp_path / "small")
    assert (tmp_path / "small.mat").read_bytes().startswith(b"MATLAB 5.0")
    monkeypatch.setattr("syncopy.io.fieldtrip_export._MOST_IN_MEMORY", 100)
    data.save_ft(tmp_path / "large")
    content = (tmp_path / "large.mat").read_bytes()
    assert content.startswith(b"MATLAB 7.3 MAT-file")
    assert content[124:128] == b"\x00\x02IM"  # version and byte order, as MATLAB writes them
    assert content[512:520] == b"\x89HDF\r\n\x1a\n"


def test_everything_is_written_whatever_is_selected(tmp_path):
    data = analog()
    data.selectdata(trials=[1], inplace=True)
    assert len(save(data, tmp_path, None)["trial"][0]) == 3


def test_existing_files(tmp_path, monkeypatch):
    path = tmp_path / "a.mat"
    analog().save_ft(path)
    before = path.read_bytes()
    with pytest.raises(spy.SPYIOError, match="overwrite=True"):
        analog().save_ft(path)
    with monkeypatch.context() as patch:
        patch.setattr("syncopy.io.matfile.savemat", lambda *args, **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            analog().save_ft(path, overwrite=True)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.mat"]
    spectral().save_ft(path, overwrite=True)
    assert "powspctrm" in read_mat(path)


def test_wrong_arguments(tmp_path):
    path = tmp_path / "a.mat"
    with pytest.raises(spy.SPYTypeError, match="SpectralData"):
        spy.save_ft(np.zeros(3), path)
    with pytest.raises(spy.SPYTypeError, match="SpectralData"):
        spy.EventData(np.array([[1, 2]]), samplerate=10).save_ft(path)
    for name in ("1a", "a b", "", 3, "_a", "ä"):
        with pytest.raises(spy.SPYValueError, match="name that MATLAB allows"):
            analog().save_ft(path, name=name)
    with pytest.raises(spy.SPYValueError, match=r"'5' or '7\.3'"):
        analog().save_ft(path, version="7")
    uneven = spy.SpectralData(np.ones((5, 1, 2, 1)), samplerate=10, trialdefinition=[[0, 2, 0], [2, 5, 0]])
    with pytest.raises(spy.SPYValueError, match="same length and offset"):
        uneven.save_ft(path)
    assert not path.exists()
