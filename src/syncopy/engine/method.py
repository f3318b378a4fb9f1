"""What an analysis is: a `Method` holds the user's parameters, its `Pipeline` what the engine runs.

A method is a frozen pydantic model whose fields are the user's parameters. `bind` looks at the data's metadata and
returns a pipeline: stages that turn a block of trials into another, and at the end a reduction over trials, or none.
Stages and reductions are small frozen values that travel to workers; they know nothing of files or objects.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from syncopy.data.continuous import ContinuousData
from syncopy.data.trials import TrialSpec
from syncopy.data.view import View

if TYPE_CHECKING:
    from syncopy.engine.execute import Outcome

Array = NDArray[Any]
# all axes a trial can have
AXES = frozenset({"time", "taper", "freq", "channel", "channel_i", "channel_j"})
State = tuple[Any, ...]


class Noted(NamedTuple):
    """A block and what a step found out on the way: for every note one entry per trial.

    Parts of a trial that are computed apart have their entries added up: lists, say, one item per channel.
    """

    block: Array
    notes: dict[str, list[Any]]


# what a reduction makes: the data, or several named datasets, perhaps with notes
Closed = Array | Mapping[str, Array] | Noted


@dataclass(frozen=True)
class Stage(ABC):
    """One step of an analysis on a block of equally shaped trials.

    `split` names the axes along which the step works separately at every position, so that a block may hold
    only some of them; `uses_offset` says that the numbers depend on where a trial lies relative to t = 0.
    `releases_gil` is False for a step that runs in Python rather than in NumPy, so that threads would not help it;
    `effort` says how many times as long as usual it takes per byte: its blocks are that much smaller.
    """

    split: ClassVar[frozenset[str]] = frozenset()
    uses_offset: ClassVar[bool] = False
    releases_gil: ClassVar[bool] = True
    effort: ClassVar[int] = 1

    @property
    def reach(self) -> tuple[int, int] | None:
        """Samples before and after its own on which a sample of the result depends; None: on all of the trial."""
        return None

    @property
    def rate(self) -> Fraction:
        """Samples of the result per sample, of a step that has a `reach`; a part of one at the end counts as one."""
        return Fraction(1)

    @property
    def endless(self) -> tuple[bool, bool]:
        """Whether NaN nevertheless spread to all that follow, and to all that came before."""
        return False, False

    @abstractmethod
    def infer(self, *trials: TrialSpec) -> TrialSpec:
        """Axes, shape and type of the result for trials of these inputs; no data, no side effects."""

    @abstractmethod
    def apply(self, trial: TrialSpec, *blocks: Array) -> Array | Noted:
        """Compute blocks `(trial, ...)`; `trial` describes the (first) input."""

    def scratch(self, count: int, *trials: TrialSpec) -> int:
        """Bytes the kernel needs for a block of `count` trials beside its input and its output."""
        return 0

    def narrow(self, axis: str, where: slice) -> Self:
        """Return the stage that computes only part of an axis it makes; stages that make none are themselves."""
        return self


@dataclass(frozen=True)
class Reduction(ABC):
    """A quantity of all trials, from a pass over blocks of them, or several passes.

    The state is a tuple of arrays in double precision; states are merged in the order of the blocks.
    """

    split: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def infer(self, trial: TrialSpec) -> TrialSpec:
        """What the result looks like, as one trial."""

    @abstractmethod
    def lift(self, block: Array, trial: TrialSpec) -> State:
        """State of one block."""

    def merge(self, a: State, b: State) -> State:
        """State of two blocks together, which may take the place of `a`; sums unless the reduction says otherwise."""
        # states that come from another process may be read-only
        return tuple(np.add(x, y, out=x if x.flags.writeable else None) for x, y in zip(a, b, strict=True))

    def again(self, state: State, n_trials: int, trial: TrialSpec) -> Reduction | None:
        """Return the reduction of a further pass over the trials, made of the state of this one; None: that was all.

        It is closed in place of this reduction. Parts of axes stay as they are: it is not narrowed once more.
        """
        return None

    @abstractmethod
    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Closed:
        """Result of `n_trials`: the data, or several named datasets (`data` among them unless trials are kept)."""

    def close_parts(
        self, state: State, n_trials: int, trial: TrialSpec
    ) -> Iterator[tuple[Mapping[str, slice], Closed]]:
        """Result in parts, each with the ranges of axes that it fills; whole unless the reduction says otherwise."""
        yield {}, self.close(state, n_trials, trial)

    def gathered(self, n_trials: int) -> Reduction | None:
        """Return the reduction that does the same on all trials at once, held in memory; None: there is none."""
        return None

    @abstractmethod
    def state_bytes(self, trial: TrialSpec) -> int:
        """Bytes of the state of a block."""

    def held_bytes(self, trial: TrialSpec) -> int:
        """Bytes of the state of all trials."""
        return self.state_bytes(trial)

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """Bytes that lifting a block of `count` trials needs beside the block and its state."""
        return 0

    def narrow(self, axis: str, where: slice) -> Self:
        """Return the reduction for part of an axis it makes; reductions that make none are themselves."""
        return self


@dataclass(frozen=True)
class Bundle(Reduction):
    """Several reductions in one pass, each a result of its own.

    Attributes
    ----------
    parts : tuple of Reduction
        Their states, side by side, are the state of the bundle.
    """

    parts: tuple[Reduction, ...]

    @property
    def split(self) -> frozenset[str]:  # type: ignore[override]
        """Axes along which all of them work separately."""
        return frozenset.intersection(*(part.split for part in self.parts))

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """What the first result looks like: the others have the same axes."""
        return self.parts[0].infer(trial)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """States of all parts."""
        return tuple(part.lift(block, trial) for part in self.parts)

    def merge(self, a: State, b: State) -> State:
        """Merge part by part."""
        return tuple(part.merge(x, y) for part, x, y in zip(self.parts, a, b, strict=True))

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Closed:
        """Close the first part; who runs a bundle closes them one by one."""
        return self.parts[0].close(state[0], n_trials, trial)

    def gathered(self, n_trials: int) -> Reduction | None:
        """Gather for all parts, if they all can."""
        parts = [part.gathered(n_trials) for part in self.parts]
        known = tuple(part for part in parts if part is not None)
        return replace(self, parts=known) if len(known) == len(parts) else None

    def state_bytes(self, trial: TrialSpec) -> int:
        """Bytes of all states."""
        return sum(part.state_bytes(trial) for part in self.parts)

    def held_bytes(self, trial: TrialSpec) -> int:
        """Bytes of all states."""
        return sum(part.held_bytes(trial) for part in self.parts)

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """Bytes of the most demanding part."""
        return max(part.scratch(count, trial) for part in self.parts)

    def narrow(self, axis: str, where: slice) -> Self:
        """Narrow all of them."""
        return replace(self, parts=tuple(part.narrow(axis, where) for part in self.parts))


@dataclass(frozen=True)
class Pipeline:
    """Stages that run inside one block, and what becomes of their result.

    Attributes
    ----------
    stages : tuple of Stage
        The first one takes a block of every source, each further one the result of the one before.
    writes : type
        Class of the result.
    reduction : Reduction or None
        Quantity of all trials; None: none.
    keep : bool
        Whether the trials themselves are the result (a reduction then adds further datasets).
    dimord : tuple of str or None
        Axes of kept trials as the file orders them; None: the stages' order.
    info : mapping
        What the result's `info` shall tell.
    """

    stages: tuple[Stage, ...]
    writes: type[ContinuousData]
    reduction: Reduction | None = None
    keep: bool = True
    dimord: tuple[str, ...] | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def uses_offset(self) -> bool:
        """Whether trials of different offset must not share a block."""
        return any(stage.uses_offset for stage in self.stages)

    @property
    def releases_gil(self) -> bool:
        """Whether threads can share the work; else it takes processes."""
        return all(stage.releases_gil for stage in self.stages)

    @property
    def effort(self) -> int:
        """Work per byte of the hardest stage, relative to the usual."""
        return max((stage.effort for stage in self.stages), default=1)

    @property
    def split(self) -> frozenset[str]:
        """Axes along which every step works separately."""
        steps: list[Stage | Reduction] = [*self.stages, *([self.reduction] if self.reduction else [])]
        common = frozenset.intersection(*(step.split for step in steps)) if steps else frozenset[str]()
        return common

    @property
    def reach(self) -> tuple[int, int] | None:
        """Samples around its own on which a kept sample depends; None: on all of the trial, or trials are reduced."""
        reaches = [stage.reach for stage in self.stages]
        known = [reach for reach in reaches if reach is not None]
        if not self.keep or self.reduction is not None or len(known) < len(reaches):
            return None
        return sum(before for before, _ in known), sum(after for _, after in known)

    @property
    def rate(self) -> Fraction:
        """Samples of the result per sample."""
        return math.prod((stage.rate for stage in self.stages), start=Fraction(1))

    @property
    def endless(self) -> tuple[bool, bool]:
        """Whether NaN spread to all that follow, and to all that came before, however far the reach is."""
        return any(stage.endless[0] for stage in self.stages), any(stage.endless[1] for stage in self.stages)

    def infer(self, *trials: TrialSpec) -> list[TrialSpec]:
        """Specs after each stage; the last one is what is kept or reduced."""
        specs: list[TrialSpec] = []
        inputs: tuple[TrialSpec, ...] = trials
        for stage in self.stages:
            specs.append(stage.infer(*inputs))
            inputs = (specs[-1],)
        return specs or [trials[0]]

    def runs_with(self, other: Pipeline) -> bool:
        """Whether both do the same up to their reductions, so that one pass serves both."""
        same = len(self.stages) == len(other.stages) and all(map(_same_step, self.stages, other.stages))
        return same and not (self.keep or other.keep) and self.writes is other.writes

    def narrow(self, axis: str, where: slice) -> Pipeline:
        """Return the pipeline for part of an axis that one of its steps makes."""
        reduction = self.reduction.narrow(axis, where) if self.reduction else None
        return replace(self, stages=tuple(stage.narrow(axis, where) for stage in self.stages), reduction=reduction)


def _same_step(a: Stage, b: Stage) -> bool:
    """Whether two stages are of one kind and have the same attributes, arrays among them."""
    return type(a) is type(b) and all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))


class Method(BaseModel):
    """An analysis as the user asks for it: fields are the parameters, with defaults, limits, units and texts.

    Class attributes: `verb`, the public function it belongs to; `method`, its name there (None for the only one of its
    verb); `reads`, classes it accepts; `writes`, the class of its result.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    verb: ClassVar[str] = ""
    method_name: ClassVar[str | None] = None
    reads: ClassVar[tuple[type, ...]] = ()
    # whether nothing but complex numbers makes sense
    complex_only: ClassVar[bool] = False
    # parameter sets on which the conformance suite (syncopy.testing) tries the method
    examples: ClassVar[tuple[dict[str, Any], ...]] = ({},)

    registry: ClassVar[dict[str, dict[str | None, type[Method]]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Enter every method that belongs to a verb into the registry."""
        super().__pydantic_init_subclass__(**kwargs)
        if cls.verb:
            Method.registry.setdefault(cls.verb, {})[cls.method_name] = cls

    def result_unit(self, unit: str | None) -> str | None:
        """Unit of the result's numbers for that of the data's, as the rules of `data.units` tell; None: not known."""
        return None

    def selectors(self) -> dict[str, Any]:
        """Selectors that parameters of the same name stand for; those left at their default give way to `select`."""
        return {}

    def sources(self, view: Any) -> Sequence[Any]:
        """What blocks are read from (see `data.view.Source`): the view of the data itself, or something made of it."""
        return (view,)

    def bind(self, *views: View) -> Pipeline:
        """Fit the parameters to data: check what only data can tell, fill in defaults that depend on them."""
        raise NotImplementedError

    def finish(self, result: ContinuousData, outcome: Outcome) -> None:
        """Complete the result object with what the run found out (`info`, labels that depend on the numbers)."""


@dataclass(frozen=True)
class TrialMean(Reduction):
    """Mean over trials, added up in double precision.

    Attributes
    ----------
    offset : float or None
        Offset of the result in samples; None: that of the first trial.
    skip_nan : bool
        Whether every number is the mean of the trials that have one there, NaN only where none has; else NaN is
        passed on.
    """

    offset: float | None = None
    skip_nan: bool = False

    split: ClassVar[frozenset[str]] = AXES

    def infer(self, trial: TrialSpec) -> TrialSpec:
        """One trial like the others; whole numbers become fractions."""
        dtype = trial.dtype if trial.dtype.kind in "fc" else np.dtype(np.float64)
        return trial.change(dtype=dtype, offset=trial.offset if self.offset is None else self.offset)

    def lift(self, block: Array, trial: TrialSpec) -> State:
        """Sum over the block, and how many numbers it is made of where NaN are left out."""
        dtype = np.result_type(block.dtype, np.float64)
        if not self.skip_nan:
            return (block.sum(axis=0, dtype=dtype),)
        known = ~np.isnan(block)
        return block.sum(axis=0, dtype=dtype, where=known), known.sum(axis=0, dtype=np.int32)

    def close(self, state: State, n_trials: int, trial: TrialSpec) -> Array | Noted:
        """Sum over all trials by their number."""
        mean = state[0] / (np.maximum(state[1], 1) if self.skip_nan else n_trials)
        if self.skip_nan:
            mean[state[1] == 0] = np.nan
        return np.asarray(mean.astype(self.infer(trial).dtype))

    def state_bytes(self, trial: TrialSpec) -> int:
        """Bytes of one sum."""
        itemsize = np.result_type(trial.dtype, np.float64).itemsize + 4 * self.skip_nan
        return trial.nbytes * itemsize // trial.dtype.itemsize

    def scratch(self, count: int, trial: TrialSpec) -> int:
        """Bytes of the mask that tells where there are numbers."""
        return count * trial.nbytes // trial.dtype.itemsize if self.skip_nan else 0
