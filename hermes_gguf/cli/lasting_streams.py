"""The standard streams outlast a user's functions, which may close or replace them.

A function that wants stdout quiet for a moment often forgets to give it back; what this
program says next would go nowhere, or fail.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

#: What moves the cursor or colours what follows.
_ORDER = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_NAMES = ("stdin", "stdout", "stderr")


class _Writer(io.BufferedWriter):
    #: Whether nothing waits for more, as PYTHONUNBUFFERED wants it.
    is_direct = False

    def write(self, data: Any, /) -> int:
        n_written = super().write(data)
        if self.is_direct:
            self.flush()
        return n_written

    def close(self) -> None:
        self.flush()


class _Reader(io.BufferedReader):
    def close(self) -> None:
        pass


class LastingText(io.TextIOWrapper):
    """A standard stream that stays as it is, whoever closes or takes it apart.

    Attributes:
        was_closed: Whether somebody tried to close it.
        is_open_line: Whether what was written last is not the end of a line.
    """

    was_closed = False
    is_open_line = False

    def write(self, text: str, /) -> int:
        """Write it, and remember how it ended."""
        if shown := _ORDER.sub("", text):
            self.is_open_line = not shown.endswith(("\n", "\r"))
        return super().write(text)

    def close(self) -> None:
        """Write what was printed, and do no more."""
        self.was_closed = True
        self.flush()

    def detach(self) -> Any:
        """What is below, for a text stream of somebody's own; this one keeps it."""
        self.flush()
        return self.buffer


def make_lasting() -> None:
    """Let nobody close the standard streams of this process."""
    for number, name in enumerate(_NAMES):
        stream = getattr(sys, name)
        # Where it is another one, as in tests, that is somebody else's affair.
        if isinstance(stream, io.TextIOWrapper) and stream is getattr(
            sys, f"__{name}__"
        ):
            setattr(sys, name, _lasting(stream, number))


def _lasting(stream: io.TextIOWrapper, number: int) -> LastingText:
    buffer: io.BufferedWriter | io.BufferedReader
    if number == 0:
        buffer = _Reader(open(0, "rb", buffering=0, closefd=False))
    else:
        stream.flush()
        buffer = _Writer(open(number, "wb", buffering=0, closefd=False))
        buffer.is_direct = stream.write_through
    return LastingText(
        buffer,
        encoding=stream.encoding,
        errors=stream.errors,
        # As Python's own are.
        newline=None if sys.platform == "win32" else "\n",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class KeptStreams:
    """The standard streams as they are now, to have them back later."""

    def __init__(self) -> None:
        self._streams: list[TextIO | None] = [getattr(sys, n) for n in _NAMES]
        self._spares = [os.dup(number) for number in range(len(_NAMES))]

    def restore(self, *, after: str) -> list[str]:
        """Put back what was closed or replaced, and end a line that was left open.

        Args:
            after: Who had the chance to.

        Returns:
            What that was, in lines for a person.
        """
        undone = [
            f"{after} {change} sys.{_NAMES[number]}; that is undone"
            for number in range(len(_NAMES))
            if (change := self._restore(number))
        ]
        for stream in self._streams[1:]:
            if isinstance(stream, LastingText) and stream.is_open_line:
                stream.write("\n")
                stream.flush()
        return undone

    def forget(self) -> None:
        """Let go of the spare ones."""
        for spare in self._spares:
            os.close(spare)

    def _restore(self, number: int) -> str:
        kept, name = self._streams[number], _NAMES[number]
        change = ""
        if not _is_same(number, self._spares[number]):
            os.dup2(self._spares[number], number)
            change = "closed"
        if isinstance(kept, LastingText) and kept.was_closed:
            kept.was_closed = False
            change = "closed"
        if (other := getattr(sys, name)) is not kept:
            # What it holds was printed, too.
            with suppress(AttributeError, OSError, ValueError):
                other.flush()
            setattr(sys, name, kept)
            change = "replaced"
        return change


@contextmanager
def kept_streams() -> Iterator[KeptStreams]:
    """The standard streams of now; at the end of the block they are these again."""
    kept = KeptStreams()
    try:
        yield kept
    finally:
        kept.restore(after="")
        kept.forget()


def _is_same(number: int, spare: int) -> bool:
    try:
        return os.path.samestat(os.fstat(number), os.fstat(spare))
    except OSError:
        return False
