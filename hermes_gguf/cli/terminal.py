"""The three standard streams: whether a person is there, and in which encoding.

A stream may be missing: a program that starts another one can close it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end of a stream."""
    return stream is not None and stream.isatty()


def prepare_streams() -> None:
    """Speak UTF-8 on pipes, and never fail for a character that a terminal lacks."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            # Bytes that are not UTF-8 are refused where their text is used.
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")


@contextmanager
def own_stdout() -> Iterator[TextIO]:
    """Our stdout, while what a user's functions print goes to stderr."""
    ours = sys.stdout
    with redirect_stdout(sys.stderr):
        yield ours
