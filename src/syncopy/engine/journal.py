"""The journal of a long run: how far it came, on disk, so that the same call can go on after an interruption.

The files of the unfinished result have a second name (a hard link) in a folder that the fingerprint of the call finds
again; beside them lies a record of the finished blocks. The record is written at intervals, after the bytes that it
speaks of have reached the disk, and takes the place of the one before in one step. A short run writes nothing at all.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import secrets
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Self

from syncopy.data.view import Source
from syncopy.engine.fingerprint import UnidentifiableError, fingerprint, sources_in
from syncopy.engine.method import Pipeline, Reduction, State
from syncopy.engine.plan import Plan
from syncopy.engine.task import Finding
from syncopy.errors import SPYWarning
from syncopy.storage.arrays import ArraySink, ArraySource
from syncopy.storage.durable import draft_of, sync
from syncopy.storage.identity import FileState, content_digest, file_state, is_open_for_writing
from syncopy.storage.unfinished import ABOUT, Claim, claim, unfinished_root

Notes = dict[str, list[Any]]

_RECORD = "record"
_PAUSE = 5.0  # seconds from the start to the first record, and at least between two
_SHARE = 50  # how many times longer than writing a record the pause after it is, at least
_DIGEST_BYTES = hashlib.sha256().digest_size


@dataclass
class Pass:
    """How far a pass over the trials of a tile came.

    Attributes
    ----------
    done : int
        Blocks that are finished.
    state : State or None
        Theirs, merged.
    notes : dict of str to list
        One entry per trial of these blocks.
    """

    done: int = 0
    state: State | None = None
    notes: Notes = field(default_factory=dict)

    def add(self, reduction: Reduction | None, finding: Finding) -> None:
        """Take in the next block."""
        if reduction is not None and finding.state is not None:
            self.state = finding.state if self.state is None else reduction.merge(self.state, finding.state)
        for name, entries in finding.notes.items():
            self.notes.setdefault(name, []).extend(entries)
        self.done += 1


@dataclass
class Written:
    """What there is of the file of a result: its datasets, and what a reduction noted while it made them."""

    sinks: dict[str, ArraySink] = field(default_factory=dict)
    notes: Notes = field(default_factory=dict)


@dataclass
class Progress:
    """How far a run came, and all that is needed to go on.

    Attributes
    ----------
    limit, slots : int
        With which its plan was made.
    plan : str
        Digest of its blocks.
    blocks, tiles : int
        How many there are.
    results : list of Written
    tile : int
        Number of tiles that are finished.
    passes : list of Pass
        Over the trials of the present tile; all but the last one are complete.
    notes : dict of str to list
        Of the finished tiles, one entry per trial.
    failed : dict of int to str
        Places of trials whose computation raised, and the errors' texts.
    inputs : dict of ArraySource to (int, str or None)
        Files that were read: their time of change, and a digest of the array where that does not suffice.
    steady : bool
        Whether all this belongs together: not while a state is being merged or closed.
    """

    limit: int
    slots: int
    plan: str
    blocks: int
    tiles: int
    results: list[Written]
    tile: int = 0
    passes: list[Pass] = field(default_factory=lambda: [Pass()])
    notes: Notes = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    inputs: dict[ArraySource, tuple[int, str | None]] = field(default_factory=dict)
    steady: bool = True

    @classmethod
    def start(cls, limit: int, slots: int, plan: Plan, results: int) -> Self:
        """Nothing is done yet."""
        return cls(limit, slots, plan_digest(plan), len(plan.blocks), plan.tiles, [Written() for _ in range(results)])

    @property
    def done(self) -> int:
        """Number of finished blocks; further passes over the trials not counted."""
        return self.tile * (self.blocks // self.tiles) + self.passes[0].done

    def take(self, finding: Finding, reduction: Reduction | None, level: int) -> None:
        """Take in the next block of a pass over the trials of the present tile."""
        self.steady = False
        self.failed.update(finding.failed)
        self.passes[level].add(reduction, finding)
        if self.failed:  # everything starts anew without these trials; only which they are still matters
            self.passes[level] = Pass(self.passes[level].done)
        self.steady = True

    def next_tile(self) -> None:
        """The present tile is written, or of no interest any more."""
        self.steady = False
        if not self.failed:
            self.notes = added(self.notes, self.passes[0].notes)
        self.tile, self.passes = self.tile + 1, [Pass()]
        self.steady = True


def added(notes: Notes, more: Notes) -> Notes:
    """Notes of two parts of the same trials."""
    return {name: [a + b for a, b in zip(notes[name], more[name], strict=True)] for name in notes} or more


def plan_digest(plan: Plan) -> str:
    """Text that plans with the same blocks share."""
    return hashlib.sha256(repr(plan.blocks).encode()).hexdigest()


class Journal:
    """Remembers a run beyond the life of its process.

    Parameters
    ----------
    title : str
        The call, for messages.
    pipelines : sequence of Pipeline
    views : sequence of Source
    resume : bool
        Whether to go on with what an earlier call left, and to leave what is finished if this one fails.
    """

    def __init__(self, title: str, pipelines: Sequence[Pipeline], views: Sequence[Source], resume: bool) -> None:
        self.title, self.resume = title, resume
        self._call = pipelines, views
        self._closed = False
        # as files are now: what was read from one that changes later must not be taken for its new content
        self._files: dict[ArraySource, FileState] = {}
        self._digests: dict[ArraySource, str] = {}
        for source in sources_in([view.reader for view in views]):
            if (state := file_state(source)) is not None:
                self._files[source] = state
            elif resume:
                self._digests[source] = content_digest(source)
            else:
                self._closed = True  # to find out what is in scratch files is not free
        self._claim: Claim | None = None
        self._warned = False
        self._kept = 0  # blocks that the last record counts as finished
        self._due = time.monotonic() + _PAUSE

    @property
    def due(self) -> bool:
        """Whether it is time for the next record."""
        return not self._closed and time.monotonic() >= self._due

    @cached_property
    def _folder(self) -> Path:
        return unfinished_root() / fingerprint(*self._call, self._identify)

    def _identify(self, source: ArraySource) -> object:
        """What stands for an array: its content, or the name and size of its file, whose time the record tells."""
        return self._files[source][:2] if source in self._files else self._digests[source]

    def recall(self) -> Progress | None:
        """Return how far an earlier call came, if there was one and this one is to go on."""
        with self._careful():
            if self.resume and not self._closed and self._folder.is_dir() and self._take():
                try:
                    progress = _read(self._folder / _RECORD)
                except FileNotFoundError:  # it was interrupted before the first record
                    return None
                except ValueError as error:
                    self.refuse(f"its record is damaged ({error})")
                    return None
                if not self._is_complete(progress):
                    self.refuse("files of its result are missing or cut")
                elif changed := [source.path for source in self._files if not self._is_unchanged(source, progress)]:
                    self.refuse(f"{', '.join(changed)} has been changed")
                else:
                    self._kept = progress.done
                    return progress
        return None

    def refuse(self, reason: str) -> None:
        """Say why unfinished work is not gone on with."""
        self._kept = 0
        text = f"{self.title}: cannot go on with the unfinished work of an earlier call, and starts afresh: {reason}"
        warnings.warn(text, SPYWarning, stacklevel=8)

    def restore(self, progress: Progress, paths: Sequence[Path]) -> None:
        """Give the files of an unfinished result the names under which this process works on them."""
        for number, (written, path) in enumerate(zip(progress.results, paths, strict=True)):
            if written.sinks:
                os.link(self._result(number), path)
                written.sinks = {name: replace(sink, path=str(path)) for name, sink in written.sinks.items()}

    def save(self, progress: Progress, paths: Sequence[Path]) -> None:
        """Write down how far the run came, unless another process works on the same."""
        begin = time.monotonic()
        progress.inputs = {each: (state[2], self._digests.get(each)) for each, state in self._files.items()}
        with self._careful():
            if not self._closed and self._take():
                record = self._folder / _RECORD
                if not self._kept:
                    record.unlink(missing_ok=True)
                for number, path in enumerate(paths):
                    if progress.results[number].sinks:
                        _link(path, self._result(number))
                _write(progress, record)
                self._kept = progress.done
                (self._folder / ABOUT).write_text(f"{self.title}: {progress.done} of {progress.blocks} blocks")
        now = time.monotonic()
        self._due = now + max(_PAUSE, _SHARE * (now - begin))

    def fail(self, error: BaseException, progress: Progress | None, paths: Sequence[Path]) -> None:
        """Keep what is finished, and say so with the error, if the call is to be gone on with; else leave nothing."""
        if self.resume and progress is not None and progress.steady and progress.done:
            with self._careful():
                self._prepare_for_closing()
            self.save(progress, paths)
        self.end(keep=self.resume and self._kept > 0)
        if self.resume and progress is not None:
            kept = f"{self._kept} of {progress.blocks} blocks are finished and kept: the same call goes on from there"
            error.add_note(kept if self._kept else "no block was finished")

    def _prepare_for_closing(self) -> None:
        """Make sure that the files that were read are known again when their times change as this process ends."""
        for source, state in self._files.items():
            if is_open_for_writing(source) and file_state(source) == state:
                self._digests[source] = content_digest(source)

    def pause(self, progress: Progress, paths: Sequence[Path]) -> None:
        """Write down which trials failed, unless to find that out again is quick."""
        if self.resume or self._kept:
            self.save(progress, paths)

    def end(self, keep: bool = False) -> None:
        """Leave the folder to the next call, or remove it."""
        self._closed = True
        if self._claim is not None:
            with suppress(OSError):
                self._claim.release() if keep else self._claim.discard()
            self._claim = None

    def _take(self) -> bool:
        """Make sure that the folder is this call's."""
        if self._claim is None:
            self._claim = claim(self._folder, patient=self.resume)
            if self._claim is None:
                self._warn("another process is at work on the same call; this one starts afresh and leaves no trace")
        elif not self._claim.holds:
            self._warn("another process took its unfinished work over")
            self._claim = None
        self._closed = self._claim is None
        return not self._closed

    @contextmanager
    def _careful(self) -> Iterator[None]:
        """Let no trouble with the journal end the run."""
        try:
            yield
        except OSError as error:
            self._warn(f"nothing would be left of it after an interruption ({error})")
        except UnidentifiableError as error:
            self._closed = True
            self._warn(f"it cannot be gone on with after an interruption: {error}")

    def _warn(self, text: str) -> None:
        if self.resume and not self._warned:
            self._warned = True
            warnings.warn(f"{self.title}: {text}", SPYWarning, stacklevel=8)

    def _result(self, number: int) -> Path:
        return self._folder / f"result.{number}"

    def _is_unchanged(self, source: ArraySource, progress: Progress) -> bool:
        """Whether a file holds what an earlier call read."""
        changed, digest = progress.inputs[source]
        return self._files[source][2] == changed or (digest is not None and content_digest(source) == digest)

    def _is_complete(self, progress: Progress) -> bool:
        """Whether all bytes are there that the record speaks of."""
        for number, written in enumerate(progress.results):
            ends = [sink.offset + sink.nbytes for sink in written.sinks.values()]
            path = self._result(number)
            if ends and (not path.is_file() or path.stat().st_size < max(ends)):
                return False
        return True


def _link(path: Path, name: Path) -> None:
    """Give a file a second name, and have its bytes on the disk."""
    if not (name.exists() and name.samefile(path)):
        name.unlink(missing_ok=True)
        os.link(path, name)
    sync(path)


class _Digesting:
    """A file that is written, with a digest of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.file.write(data)


def _write(progress: Progress, path: Path) -> None:
    """Write a record in the place of the one before, in one step; in front stands the digest of the rest."""
    draft = draft_of(path, secrets.token_hex(4))
    try:
        with open(draft, "wb") as file:
            file.write(bytes(_DIGEST_BYTES))
            inside = _Digesting(file)
            try:
                pickle.dump(progress, inside, protocol=5)
            except (pickle.PicklingError, AttributeError, TypeError) as error:  # what a script defined in a function
                raise UnidentifiableError(str(error)) from error
            file.seek(0)
            file.write(inside.digest.digest())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def _read(path: Path) -> Progress:
    """Read a record that this user wrote.

    Raises
    ------
    OSError, ValueError
        If there is none, or not all of it is there.
    """
    with open(path, "rb") as file:
        if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
            raise ValueError("another user wrote it")
        digest = file.read(_DIGEST_BYTES)
        if hashlib.file_digest(file, "sha256").digest() != digest:
            raise ValueError("not all of it is there")
        file.seek(_DIGEST_BYTES)
        try:
            progress: Progress = pickle.load(file)
        except (AttributeError, ImportError) as error:  # a class that a script defined
            raise ValueError(str(error)) from error
    return progress
