"""Bugs inside a server: the whole of each into a file, one line of it to a person.

A traceback is a wall of text, and it may quote a client's request: it is no text for a
terminal.
"""

from __future__ import annotations

import logging
import os
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from ..places import state_folder

#: Bytes of the file from which on it is put aside, in the place of the one before.
_FULL_BYTES = 1_000_000
#: Characters of what a bug says of itself that a person gets to see.
_SAID_CHARS = 200


class BugLog(logging.Handler):
    """Takes what libraries log: warnings and errors, with their tracebacks."""

    def __init__(self, note: Callable[[str], None]) -> None:
        """Prepare to tell of bugs.

        Args:
            note: Tells a person, in one line.
        """
        super().__init__(logging.WARNING)
        self._note = note
        head = f"%(asctime)s {os.getpid()} %(name)s: %(message)s"
        self.setFormatter(logging.Formatter(head))

    def emit(self, record: logging.LogRecord) -> None:
        """Write it down, and tell of it."""
        whole = self.format(record)
        try:
            place = f"the whole of it is in {_write(whole)}"
        except OSError as error:
            # Better a wall of text than nothing.
            place = f"no file can hold the whole of it ({error}):\n{whole}"
        self._note(f"{_said(record)}; {place}")


def install(note: Callable[[str], None]) -> None:
    """From now on, tell of bugs in this process.

    Args:
        note: Tells a person, in one line; any thread may call it.
    """
    logging.getLogger().addHandler(BugLog(note))
    threading.excepthook = _log_thread


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is SystemExit or ended.exc_value is None:
        return
    name = ended.thread.name if ended.thread else "a thread"
    logging.getLogger(name).error("it ended", exc_info=ended.exc_value)


def _said(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        said = f"{record.name} says: {record.getMessage()}"
    else:
        [*_, last] = traceback.format_exception_only(error)
        said = f"a bug of this program: {last}"
    line = " ".join(said.split())
    return line if len(line) <= _SAID_CHARS else f"{line[:_SAID_CHARS]}…"


def _write(text: str) -> Path:
    """Append a text to the file, which only this user may read.

    Raises:
        OSError: it cannot be written.
    """
    path = state_folder() / "serve.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _FULL_BYTES:
        path.replace(path.with_suffix(".old.log"))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(f"{text}\n\n".encode("utf-8", "backslashreplace"))
    return path
