"""The arithmetic of plans: every trial once, in order, within the limit; tiles where one trial is too large."""

import numpy as np
import pytest

import syncopy as spy
from syncopy.engine.method import Pipeline, TrialMean
from syncopy.engine.plan import BLOCK_BYTES, make_plan
from syncopy.methods.connectivity.coh import Coh
from syncopy.methods.freq.mtmfft import Mtmfft
from syncopy.methods.preproc.preprocessing import Preprocessing


def recording(lengths, channels=4, fs=100.0):
    return spy.AnalogData([np.zeros((n, channels), "f4") for n in lengths], samplerate=fs)


def plan_of(method, data, limit, slots=1):
    view = data.view()
    return make_plan(method.bind(view), [view], int(limit), slots)


@pytest.mark.parametrize("limit", [2e5, 1e6, 1e9])
@pytest.mark.parametrize("lengths", [[50] * 40, [50, 50, 60, 60, 60, 50], list(range(30, 60))])
def test_every_trial_is_computed_once_and_in_order(lengths, limit):
    plan = plan_of(Mtmfft(), recording(lengths), limit)
    covered = [trial for block in plan.blocks for trial in range(block.first, block.last)]
    assert covered == list(range(len(lengths)))
    assert [block.row for block in plan.blocks] == [block.first for block in plan.blocks]
    for block in plan.blocks:
        assert len(set(lengths[block.first : block.last])) == 1
    assert plan.shape == (len(lengths), 1, max(lengths) // 2 + 1, 4)


@pytest.mark.parametrize("slots", [1, 2, 8])
@pytest.mark.parametrize("limit", [1e6, 5e6, 4e7, 4e9])
def test_blocks_stay_within_their_share(limit, slots):
    plan = plan_of(Mtmfft(tapsmofrq=5.0), recording([500] * 300), limit, slots)
    assert plan.bytes_per_block <= max(limit / (slots + 1), 0)
    assert plan.bytes_per_block <= BLOCK_BYTES


def test_neighbours_of_equal_length_share_blocks_whatever_their_offset():
    data = recording([50] * 30)
    definition = data.trialdefinition
    definition[:, 2] = -np.arange(30)
    data.trialdefinition = definition
    assert len(plan_of(Mtmfft(), data, 1e9).blocks) == 1
    assert len(plan_of(Mtmfft(ft_compat=True), data, 1e9).blocks) == 30  # phases depend on the offset


def test_a_trial_that_is_too_large_is_cut_along_channels():
    data = recording([20000], channels=32)
    plan = plan_of(Preprocessing(freq=10.0), data, 6e6)
    assert plan.tiles > 1
    assert [[cut.axis for cut in block.tile] for block in plan.blocks] == [["channel"]] * plan.tiles
    covered = [channel for block in plan.blocks for channel in range(32)[block.tile[0].where]]
    assert covered == list(range(32))
    assert plan.bytes_per_block <= 3e6


def test_cross_spectra_that_are_too_large_are_cut_along_frequencies():
    data = recording([200] * 10, channels=40)
    plan = plan_of(Coh(), data, 8e6)
    assert plan.tiles > 1
    (cut,) = plan.blocks[0].tile
    assert (cut.axis, cut.source_axis) == ("freq", None)
    assert 3 * plan.state_bytes + 2 * plan.bytes_per_block <= 8e6


def test_what_cannot_fit_is_refused_with_numbers():
    data = recording([10000])
    with pytest.raises(spy.SPYError, match=r"one trial needs .* MB .*spy\.options\.memory"):
        plan_of(Mtmfft(), data, 1e4)


def test_plans_do_not_change_with_the_executor():
    data = recording([100] * 64)
    with spy.options(memory="3MB", workers=4):
        serial = spy.freqanalysis(data, parallel=False).data[()]
        np.testing.assert_array_equal(serial, spy.freqanalysis(data, parallel=True).data[()])


def test_sources_must_have_the_same_trials():
    views = [recording([10] * n).view() for n in (3, 4)]
    with pytest.raises(spy.SPYValueError, match="same number of trials"):
        make_plan(Pipeline((), spy.AnalogData, TrialMean(), keep=False), views, 10**9, 1)
