"""The package's exceptions: each is also the built-in exception a caller would expect.

Every text says what was wrong, the rule, and the value; the call that failed is put in front by the verbs
(`SPYError.context`), so that the same check reads well from every caller.
"""

from __future__ import annotations

from typing import Any

# Characters of a value of a wrong type that a text shows.
_MOST_SHOWN = 40
# Characters of a wrong value that a text shows.
_LONGEST_VALUE = 200


def _one_line(value: Any) -> str:
    """Text of a value, without the line breaks of arrays, tables and objects, and cut where it gets long."""
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]} ..."


class SPYError(Exception):
    """Root of all errors raised on purpose by this package."""

    context: str = ""

    def describe(self) -> str:
        """Text of the error without its context."""
        return " ".join(str(arg) for arg in self.args)

    def __str__(self) -> str:
        return f"{self.context}: {self.describe()}" if self.context else self.describe()


class SPYTypeError(SPYError, TypeError):
    """A value of a wrong type.

    Parameters
    ----------
    var : object
        The offending value; its type is named in the text.
    varname : str
        Name of the parameter or attribute.
    expected : str
        What would have been accepted.
    """

    def __init__(self, var: Any, varname: str = "", expected: str = "") -> None:
        super().__init__(var, varname, expected)
        self.found = type(var).__name__
        self.shown = f" {var!r}" if isinstance(var, str | int | float) and len(repr(var)) <= _MOST_SHOWN else ""
        self.varname = str(varname)
        self.expected = str(expected)

    def __reduce__(self) -> tuple[Any, ...]:
        # The offending value itself may not be picklable (an open file); its text is all the message needs.
        return _restore_type_error, (self.found, self.shown, self.varname, self.expected, self.context)

    def describe(self) -> str:
        """Text of the error without its context."""
        what = f"wrong type of `{self.varname}`" if self.varname else "wrong type"
        rule = f": expected {self.expected}" if self.expected else ""
        return f"{what}{rule}; got {self.found}{self.shown}"


def _restore_type_error(found: str, shown: str, varname: str, expected: str, context: str) -> SPYTypeError:
    error = SPYTypeError(None, varname, expected)
    error.found, error.shown = found, shown
    error.context = context
    return error


class SPYValueError(SPYError, ValueError):
    """A value outside what is legal.

    Parameters
    ----------
    legal : str
        The rule.
    varname : str
        Name of the parameter or attribute.
    actual : object
        The value that was found.
    """

    def __init__(self, legal: str, varname: str = "", actual: Any = "") -> None:
        self.legal = str(legal)
        self.varname = str(varname)
        self.actual = _one_line(actual)
        super().__init__(self.legal, self.varname, self.actual)

    def describe(self) -> str:
        """Text of the error without its context."""
        what = f"invalid value of `{self.varname}`" if self.varname else "invalid value"
        got = f"; got {self.actual}" if self.actual else ""
        return f"{what}: expected {self.legal}{got}"


class SPYIOError(SPYError, OSError):
    """A file or folder that cannot be read or written.

    Parameters
    ----------
    fs_loc : str or path
        Where.
    exists : bool or None
        True: it exists and must not be overwritten; False: it does not exist; None: it cannot be used.
    reason : str
        Why, where there is more to say.
    """

    def __init__(self, fs_loc: Any, exists: bool | None = None, reason: str = "") -> None:
        super().__init__(str(fs_loc))
        self.fs_loc = str(fs_loc)
        self.exists = exists
        self.reason = _one_line(reason)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.fs_loc, self.exists, self.reason)

    def describe(self) -> str:
        """Text of the error without its context."""
        if self.exists is True:
            text = f"cannot write {self.fs_loc}: object already exists"
        elif self.exists is False:
            text = f"cannot read {self.fs_loc}: object does not exist"
        else:
            text = f"cannot access {self.fs_loc}"
        return (
            f"{text}; {self.reason}"
            if self.reason and self.exists is not None
            else (f"{text}: {self.reason}" if self.reason else text)
        )


class SPYParallelError(SPYError, RuntimeError):
    """A computation that failed on its workers, or could not be given to them.

    Parameters
    ----------
    msg : str
        What happened.
    client : object or None
        The dask client concerned.
    """

    def __init__(self, msg: str, client: Any = None) -> None:
        super().__init__(msg)
        self.msg = msg
        self.client = str(client) if client is not None else None

    def describe(self) -> str:
        """Text of the error without its context."""
        return f"{self.client}: {self.msg}" if self.client else self.msg


class SPYImportError(SPYError, ImportError):
    """A package that is only needed for some tasks, and is not installed."""


class SPYWarning(UserWarning):
    """Something the user should know: a parameter without effect, discarded trials, NaN in the data."""
