"""How an error ends at the terminal: a message, the next step, an exit code.

The only table from errors to exit codes. It knows no command.
"""

from __future__ import annotations

import errno
import traceback

from ..errors import (
    CatalogError,
    DownloadError,
    EngineError,
    HermesError,
    OutputError,
    RequestError,
)
from .terminal import tell

#: The disk is full, the quota is used up, the file may not grow any more.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

FAILED, WRONG_USAGE = 1, 2

#: Most specific first. Usage is what the user can mend by typing something else.
EXIT_CODES: dict[type[HermesError], int] = {
    CatalogError: WRONG_USAGE,
    RequestError: WRONG_USAGE,
    DownloadError: FAILED,
    EngineError: FAILED,
    OutputError: FAILED,
}


def exit_code(error: HermesError) -> int:
    """The exit code of an error, by the first class in the table that fits."""
    for kind, code in EXIT_CODES.items():
        if isinstance(error, kind):
            return code
    return FAILED


def describe_error(error: HermesError) -> list[str]:
    """The lines that tell a person what happened and what to do next."""
    lines = [f"Error: {error.message}"]
    if error.hint:
        lines.append(f"Next:  {error.hint}")
    return lines


def report_error(error: Exception, *, debug: bool = False) -> int:
    """Print an error to stderr and return the exit code.

    Args:
        error: Ours, the system's (OSError), or a bug of ours.
        debug: Print the traceback too.
    """
    if debug:
        tell("".join(traceback.format_exception(error)), err=True, end="")
    if isinstance(error, HermesError):
        for line in describe_error(error):
            tell(line, err=True)
        return exit_code(error)
    if isinstance(error, OSError):
        for line in _describe_os_error(error):
            tell(line, err=True)
        return FAILED
    tell(f"Internal error: {type(error).__name__}: {error}", err=True)
    if not debug:
        tell("Next:  run it again with --debug, and report what it prints", err=True)
    return FAILED


def _describe_os_error(error: OSError) -> list[str]:
    if error.strerror is None:
        return [f"Error: {error}"]
    # What is written to without a name is what the answer goes to; what is not found,
    # a folder for temporary files, is named in the text.
    is_output = error.filename is None and error.errno != errno.ENOENT
    where = "the output" if is_output else error.filename
    lines = [
        f"Error: {where}: {error.strerror}" if where else f"Error: {error.strerror}"
    ]
    if error.errno in _NO_ROOM:
        lines.append("Next:  free some room on that disk, then run it again")
    return lines
