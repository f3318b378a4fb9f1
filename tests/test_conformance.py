"""Every registered method, with every example of it, obeys every law."""

import pytest

from syncopy.api.parameters import load_methods
from syncopy.engine.method import Method
from syncopy.testing.laws import LAWS, assert_same, run, single_trial_blocks

load_methods()

CASES = [
    pytest.param(method, example, id=f"{verb}-{name}-{number}")
    for verb, methods in sorted(Method.registry.items())
    for name, method in methods.items()
    for number, example in enumerate(method.examples)
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize(("method", "parameters"), CASES)
def test_law(method, parameters, law):
    law(method, parameters)


@pytest.fixture(scope="module")
def client():
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=1, threads_per_worker=2, processes=True, dashboard_address=":0")
    with cluster, Client(cluster) as client:
        yield client


@pytest.mark.parametrize(("method", "parameters"), CASES)
def test_dask_gives_the_same_bits(client, method, parameters):
    with single_trial_blocks():
        assert_same(run(method, parameters, parallel=False), run(method, parameters), exactly=True)
