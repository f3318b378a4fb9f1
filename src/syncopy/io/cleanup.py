"""`spy.cleanup` and `spy.clear`: what results that nobody saved leave behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from syncopy.data.keywords import checked_call
from syncopy.errors import SPYTypeError, SPYValueError
from syncopy.storage.scratch import Usage, forgotten_files, list_sessions, remove, scratch_entries, scratch_root
from syncopy.storage.store import live_stores
from syncopy.storage.unfinished import describe_unfinished, list_unfinished


@checked_call
def cleanup(older_than: float = 24, interactive: bool = True, only_current_session: bool = False) -> None:
    """Remove scratch files that nobody needs any more.

    Files that an object of a running process may still use are never touched. What crashed sessions of this machine
    left also goes by itself, as soon as a new session makes its first result. Unfinished work that a call with
    `resume=True` could go on with is listed, and stays until it is removed here.

    Parameters
    ----------
    older_than : float
        Hours since something was last written there.
    interactive : bool
        Ask before anything is removed. Only then may also go what has no owner that could be asked: files of sessions
        on other machines that share the folder, and of older versions of this package.
    only_current_session : bool
        Leave alone what other sessions left.

    Raises
    ------
    SPYTypeError, SPYValueError
        If `older_than` is no number of hours, or a switch is neither True nor False.

    Examples
    --------
    What other sessions left more than two days ago:

    >>> spy.cleanup(older_than=48, interactive=False)  # doctest: +SKIP
    """
    if isinstance(older_than, bool) or not isinstance(older_than, int | float):
        raise SPYTypeError(older_than, "older_than", "a number of hours")
    if not older_than >= 0:
        raise SPYValueError("at least 0 hours", "older_than", older_than)
    for name, switch in {"interactive": interactive, "only_current_session": only_current_session}.items():
        if not isinstance(switch, bool):
            raise SPYTypeError(switch, name, "True or False")
    dangling, unclear = _leftovers(only_current_session)
    dangling = [place for place in dangling if Usage.of(place).age >= older_than]
    unclear = [place for place in unclear if Usage.of(place).age >= older_than]
    print(f"Syncopy <cleanup> scratch space {scratch_root()}: {_usage()}")
    for folder in list_unfinished():
        usage = Usage.of(folder)
        print(f"Syncopy <cleanup> unfinished, {usage.age:.1f} hours old, {usage}: {describe_unfinished(folder)}")
    if interactive and (dangling or unclear):
        dangling = _ask(dangling, unclear)
    remove(*dangling)
    print(f"Syncopy <cleanup> remaining: {_usage()}")


def _usage() -> Usage:
    return Usage.of(*scratch_entries(), *list_unfinished())


def _leftovers(only_current_session: bool) -> tuple[list[Path], list[Path]]:
    """What is certainly of no use any more, and what might be."""
    dangling = forgotten_files()
    if only_current_session:
        return dangling, []
    owned = {session.folder: session.alive for session in list_sessions()} | list_unfinished()
    dangling += [folder for folder, alive in owned.items() if alive is False]
    return dangling, [place for place in (*scratch_entries(), *list_unfinished()) if owned.get(place) is None]


def _ask(dangling: list[Path], unclear: list[Path]) -> list[Path]:
    """Let the user decide what goes."""
    choices: dict[str, list[Any]] = {"D": dangling, "R": dangling + unclear, "C": []}
    question = (
        f"[D] remove what ended sessions left: {Usage.of(*dangling)}\n"
        f"[R] remove also what other machines or older versions left: {Usage.of(*dangling, *unclear)}\n"
        "[C] cancel\n"
    )
    while (answer := input(question).strip().upper()) not in choices:
        print("please answer with D, R or C")
    return choices[answer]


@checked_call
def clear() -> None:
    """Write what HDF5 still holds in memory to the files of all objects.

    Examples
    --------
    >>> spy.clear()  # doctest: +ELLIPSIS
    Syncopy <clear> flushed ... objects from memory
    """
    stores = [store for store in live_stores() if store.mode != "r"]
    for store in stores:
        store.file.flush()
    print(f"Syncopy <clear> flushed {len(stores)} objects from memory")
