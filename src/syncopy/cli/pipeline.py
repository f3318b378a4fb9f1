"""Pipelines: lists of verbs in a file, checked whole before they start, and continued where they ended."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import syncopy as spy
from syncopy.api.lookahead import dry_run
from syncopy.api.parameters import methods_of
from syncopy.api.preparation import build_method
from syncopy.cli import trials
from syncopy.cli.files import find, load_one
from syncopy.cli.verbs import function_of, has_methods, method_of, parameters_of, verb_names
from syncopy.data.base import BaseData
from syncopy.data.eventtrials import RULES
from syncopy.data.history import package_version
from syncopy.data.keywords import check_keywords
from syncopy.data.naming import SUFFIXES, info_path
from syncopy.errors import SPYError, SPYIOError, SPYTypeError, SPYValueError

# Where a result tells which steps made it, of what.
_RECORD = "pipeline"


@dataclass(frozen=True)
class Step:
    """One call of a pipeline.

    Attributes
    ----------
    number : int
        Place in the pipeline, from 1 on.
    verb : str
    given : dict
        Parameters, as they stand in the file.
    folder : Path
        Of the file: names of other files are relative to it.
    """

    number: int
    verb: str
    given: dict[str, Any]
    folder: Path

    @property
    def name(self) -> str:
        """Name of its result's file, without the extension."""
        return f"{self.number:02d}_{self.verb}"

    def __str__(self) -> str:
        told = ", ".join(f"{key}={value!r}" for key, value in self.given.items())
        return f"{self.number}. {self.verb}({told})"

    def check(self) -> None:
        """Raise for a parameter that no data could make right.

        Raises
        ------
        SPYError
            As the call itself would, with the number of the step in front.
        """
        with self._named():
            if isinstance(self.given.get("method"), list):
                raise SPYTypeError(self.given["method"], "method", "one method: the next step goes on with one result")
            if has_methods(self.verb):
                build_method(self.verb, method_of(self.verb, self.given), self.given)
            else:
                check_keywords(self.given, parameters_of(self.verb))
            if self.cuts:
                given = self.arguments
                rules = {name: given[name] for name in RULES if name in given}
                trials.read_trials(given.get("trialdefinition"), given.get("length"), rules)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Put the step in front of the text of errors."""
        try:
            yield
        except SPYError as error:
            error.context = f"step {self.number}, {self.verb}"
            raise

    @property
    def cuts(self) -> bool:
        """Whether it defines trials, which costs nothing and may take them from a file."""
        return self.verb == "definetrial"

    @property
    def file(self) -> Path | None:
        """File beside the input that it reads."""
        name = self.given.get("trialdefinition") if self.cuts else None
        return self.folder / name if isinstance(name, str) else None

    @property
    def arguments(self) -> dict[str, Any]:
        """Parameters as the function takes them."""
        return self.given if self.file is None else {**self.given, "trialdefinition": self.file}

    def cut(self, data: BaseData) -> BaseData:
        """Define trials of an object.

        Raises
        ------
        SPYError
            For trials that the object cannot have.
        """
        with self._named():
            return trials.definetrial(data, **self.arguments)

    @property
    def reads(self) -> tuple[type, ...]:
        """Classes it accepts."""
        return methods_of(self.verb)[method_of(self.verb, self.given)].reads if has_methods(self.verb) else (BaseData,)

    def writes(self, data: type) -> type:
        """Class of its result: as declared, or that of its input."""
        declared = inspect.signature(function_of(self.verb)).return_annotation
        return declared if isinstance(declared, type) and declared is not Any else data


@dataclass(frozen=True)
class Pipeline:
    """Steps, each on the result of the one before.

    Attributes
    ----------
    source : Path
        Recording or saved object the first step starts from.
    folder : Path
        Where results are saved: `01_preprocessing.analog`, ...
    steps : tuple of Step
    """

    source: Path
    folder: Path
    steps: tuple[Step, ...]

    def check(self, data: BaseData) -> None:
        """Raise if a step cannot follow the one before, or trials do not lie in the recording."""
        cls: type = type(data)
        for step in self.steps:
            if step.cuts and self._has_samples_of_input(step, data):
                step.cut(data)
            if not issubclass(cls, step.reads):
                names = " or ".join(item.__name__ for item in step.reads)
                raise SPYValueError(f"{names} as input of step {step.number}, {step.verb}", "steps", cls.__name__)
            cls = step.writes(cls)

    def _has_samples_of_input(self, step: Step, data: BaseData) -> bool:
        """Whether a step starts from samples that lie where they lie in the input."""
        before = {earlier.verb for earlier in self.steps[: step.number - 1]}
        return before <= {"preprocessing"} and (not before or len(data.trials or ()) == 1)

    def plan(self) -> Iterator[str]:
        """Lines that say what a run would do."""
        data = load_one(self.source)
        self.check(data)
        rest = [*self.steps]
        while rest and rest[0].cuts:
            data = rest.pop(0).cut(data)
            yield f"definetrial(): {len(data.trials or ())} trials"
        if rest and has_methods(rest[0].verb):
            yield dry_run(rest[0].verb, method_of(rest[0].verb, rest[0].given), data, rest[0].given)
        yield f"input: {self.source}"
        done = self.finished()
        for step in self.steps:
            yield f"{step} -> {self.folder / step.name}{' (finished)' if step.number <= len(done) else ''}"

    def run(self, parallel: bool | None = None) -> Iterator[str]:
        """Run all steps that are not finished, and tell about each."""
        data = load_one(self.source)
        self.check(data)
        self.folder.mkdir(parents=True, exist_ok=True)
        done = self.finished()
        for step, path in zip(self.steps, done, strict=False):
            yield f"{step}: finished before, {path}"
        if done:
            data = spy.load(done[-1], mode="r")
        for step in self.steps[len(done) :]:
            data = self._do(step, data, parallel)
            yield f"{step}: {data.filename}"

    def _do(self, step: Step, data: BaseData, parallel: bool | None) -> BaseData:
        # a step that was interrupted goes on at its first unfinished block
        controls = {"parallel": parallel, "resume": True} if has_methods(step.verb) else {}
        result: BaseData = function_of(step.verb)(data, **(controls | step.arguments))
        result.info[_RECORD] = self.record(step)
        for old in self._files(step):
            old.unlink()
        result.save(filename=self.folder / step.name, overwrite=True)
        return result

    def _files(self, step: Step) -> list[Path]:
        """Files that a run of this step, or of another one in its place, left."""
        return [path for path in self.folder.glob(f"{step.number:02d}_*") if path.suffix in (*SUFFIXES, ".info")]

    def record(self, last: Step) -> dict[str, Any]:
        """What a result depends on: this version, its files as they are now, and all steps up to its own."""
        steps = self.steps[: last.number]
        sources = [find(path) for path in (self.source, *(step.file for step in steps)) if path is not None]
        listed = [[source] if source.is_file() else sorted(source.rglob("*")) for source in sources]
        stats = [(path.name, path.stat()) for files in listed for path in files]
        known = {
            "version": package_version(),
            "input": [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats],
            "steps": [{step.verb: step.given} for step in steps],
        }
        plain: dict[str, Any] = json.loads(json.dumps(known))
        return plain

    def finished(self) -> list[Path]:
        """Files of the results of the first steps that an earlier run made of the same input."""
        done: list[Path] = []
        for step in self.steps:
            path = self._result(step)
            if path is None:
                break
            done.append(path)
        return done

    def _result(self, step: Step) -> Path | None:
        record = self.record(step)
        saved = [path for path in self._files(step) if path.suffix in SUFFIXES and info_path(path).exists()]
        return next((path for path in saved if spy.load(path, mode="r").info.get(_RECORD) == record), None)


def read_pipeline(file: Path) -> Pipeline:
    """Read a pipeline from a file, and check all that can be checked without data.

    Parameters
    ----------
    file : Path
        YAML: `input`, `output` (a folder; both relative to the file) and `steps`, a list of verbs, each with a dict of
        its parameters.

    Raises
    ------
    SPYIOError
        If the file cannot be read.
    SPYTypeError, SPYValueError
        For anything in it that is wrong.
    """
    if not file.is_file():
        raise SPYIOError(file, exists=False)
    try:
        content = yaml.safe_load(file.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SPYIOError(file, reason=f"no YAML: {error}") from None
    if not isinstance(content, Mapping):
        raise SPYTypeError(content, file.name, "a list of settings: input, output, steps")
    check_keywords(content, ("input", "output", "steps"))
    for name in ("input", "output"):
        if not isinstance(content.get(name), str):
            raise SPYTypeError(content.get(name), name, "the name of a file or folder")
    if not isinstance(content.get("steps"), list) or not content["steps"]:
        raise SPYTypeError(content.get("steps"), "steps", "a list of verbs, one at least")
    folder = file.absolute().parent
    read = tuple(_read_step(number, entry, folder) for number, entry in enumerate(content["steps"], 1))
    pipeline = Pipeline(folder / content["input"], folder / content["output"], read)
    for step in pipeline.steps:
        step.check()
    return pipeline


def _read_step(number: int, entry: Any, folder: Path) -> Step:
    """One entry of `steps`: the name of a verb, or that with its parameters."""
    name = f"steps[{number}]"
    entry = {entry: None} if isinstance(entry, str) else entry
    if not isinstance(entry, Mapping) or len(entry) != 1:
        raise SPYTypeError(entry, name, "one verb with its parameters, such as `- mean: {dim: trials}`")
    ((verb, given),) = entry.items()
    check_keywords([verb], verb_names())
    if not isinstance(given, Mapping | None):
        raise SPYTypeError(given, f"{name}.{verb}", "parameters: {name: value, ...}")
    return Step(number, verb, dict(given or {}), folder)
