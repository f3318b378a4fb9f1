"""Objects made of others sample by sample: selections, arithmetic, channels put side by side."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from syncopy.api.preparation import choose_executor
from syncopy.api.record import inherit
from syncopy.data.continuous import ContinuousData
from syncopy.data.timeaxis import hand_on_times
from syncopy.data.units import UnitRule, unknown
from syncopy.data.view import View
from syncopy.engine.execute import execute
from syncopy.engine.method import Pipeline, Stage
from syncopy.engine.samples import execute_samples
from syncopy.errors import SPYWarning

Array = NDArray[Any]


def derive(
    stage: Stage,
    views: Sequence[View],
    name: str,
    parallel: bool | None = None,
    datasets: Mapping[str, Array] | None = None,
    aligned: Sequence[str] = (),
    rule: UnitRule = unknown,
) -> ContinuousData:
    """Run a step on some objects.

    Parameters
    ----------
    stage : Stage
    views : sequence of View
        The sources; their trials agree in number and lengths.
    name : str
        The public function, for messages.
    parallel : bool or None
        See `choose_executor`.
    datasets : mapping of str to ndarray, optional
        Further datasets of the result.
    aligned : sequence of str
        Further datasets of the sources, with the axes of the data, that the step is applied to as well.
    rule : callable
        Unit of the result for that of the sources.

    Returns
    -------
    ContinuousData
        Object of the class, with the order of axes, the trials and the history of the first source.

    Warns
    -----
    SPYWarning
        If the first source has other datasets beside its trials, such as averages of them: they are left out.
    """
    data, executor = views[0].data, choose_executor(parallel)
    pipeline = Pipeline((stage,), type(data), dimord=data._dimord)
    run = execute_samples if "time" in stage.split else execute
    outcome = run(pipeline, views, executor, f"{name}()")
    spec = outcome.spec
    result = type(data).adopt(outcome.store, outcome.trialdefinition, spec.samplerate, spec.coords, data._dimord)
    inherit(result, *(view.data for view in views), rule=rule)
    hand_on_times(result, views[0])
    for key, values in (datasets or {}).items():
        result._update_dataset(key, values)
    for key in aligned:
        part = run(pipeline, [view.of_dataset(key) for view in views], executor, f"{name}()")
        result._update_dataset(key, part.store.dataset("data"))
    left_out = data.datasets.keys() - result.datasets.keys()
    if left_out:
        text = f"{name}: the datasets {', '.join(sorted(left_out))} belong to the original trials and were left out"
        warnings.warn(text, SPYWarning, stacklevel=4)
    return result
