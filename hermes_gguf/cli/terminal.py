"""The three standard streams: whether a person is there, which encoding, which keys.

A stream may be missing: a program that starts another one can close it. Without stderr
nothing is told; without stdout an answer has no place to go, which is an error.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from typing import Any, NoReturn, TextIO

from ..errors import RequestError
from ..files import is_utf16
from .lasting_streams import make_lasting

_BLANK_LINES = re.compile(r"\A([^\S\n]*\n)+")
#: What a terminal obeys, and what turns letters around that have a direction.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end of a stream."""
    return stream is not None and stream.isatty()


class _ClosedStdout(io.TextIOBase):
    """In place of a stdout that is closed: who writes there hears of it."""

    def write(self, text: str, /) -> NoReturn:
        raise RequestError(
            "stdout is closed: there is no place for what is to be printed.",
            hint="run it without >&-; > /dev/null throws the output away",
        )


def require_stdout() -> None:
    """Fail before the work that would end with a line on stdout.

    Raises:
        RequestError: stdout is closed.
    """
    if isinstance(sys.stdout, _ClosedStdout):
        tell("", end="")


def prepare_streams() -> None:
    """Speak UTF-8 on pipes, and never fail for a character that a terminal lacks."""
    _fill_gaps()
    if sys.stdout is None:
        sys.stdout = _ClosedStdout()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            # Bytes that are not UTF-8 are refused where their text is used. PowerShell
            # may say with three more in front that they are.
            name = "utf-8-sig" if stream is sys.stdin else "utf-8"
            stream.reconfigure(encoding=name, errors="surrogateescape")
    make_lasting()


def _fill_gaps() -> None:
    """Let no file or socket get the number of a standard stream that is closed.

    What llama.cpp or a child writes there would land in it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The system takes the lowest number that is free: this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def read_stdin() -> str:
    """All that comes on stdin; empty where it is closed.

    Bytes that are no text are kept, to be refused where the text is used.

    Raises:
        OSError: it cannot be read, and the error names it.
        RequestError: it is UTF-16, and cut.
    """
    with _named_stdin():
        return _stdin().read()


def read_line() -> str:
    """The next line of stdin with its end, once it is there; empty after the last one.

    Raises:
        OSError: as `read_stdin`.
        RequestError: as `read_stdin`.
    """
    with _named_stdin():
        return _stdin().readline()


def _stdin() -> TextIO:
    return io.StringIO() if sys.stdin is None else _in_its_encoding(sys.stdin)


@cache
def _in_its_encoding(stream: TextIO) -> TextIO:
    """The stream, which nobody has read yet, in the encoding that its first bytes name.

    Line ends are of one kind. What `>` of PowerShell 5 writes is UTF-16.
    """
    if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
        first = stream.buffer.peek(2)
        encoding = "utf-16" if is_utf16(first) else None
        stream.reconfigure(encoding=encoding, newline=None)
    return stream


@contextmanager
def _named_stdin() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, "stdin") from error
    except UnicodeDecodeError as error:
        problem = f"stdin is no text: it begins as UTF-16, and then has {error.reason}"
        raise RequestError(problem, hint="pipe UTF-8 in") from error


@contextmanager
def own_stdout() -> Iterator[TextIO]:
    """Our stdout, while what a user's functions print goes to stderr.

    What programs print that they start does so from now on.

    Raises:
        RequestError: stdout is closed.
    """
    require_stdout()
    ours = sys.stdout = _moved_away(sys.stdout)
    with redirect_stdout(sys.stderr):
        yield ours


def _moved_away(stdout: TextIO) -> TextIO:
    """The same output under another number; at the old one there is stderr."""
    if not isinstance(stdout, io.TextIOWrapper) or stdout.fileno() != 1:
        return stdout
    stdout.flush()
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return io.TextIOWrapper(
        ours,
        encoding=stdout.encoding,
        errors=stdout.errors,
        line_buffering=stdout.line_buffering,
    )


def trim(text: str) -> str:
    """The text without white space around it; its first line keeps its indentation.

    It may be code.
    """
    return _BLANK_LINES.sub("", text).rstrip()


def visible(text: str) -> str:
    """The text with its control characters spelled out.

    A terminal obeys them: a model or a web page could rename its window, or hide
    what is about to be approved. Carriage returns are left out.
    """
    return _CONTROL.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    code = ord(match.group())
    if match.group() == "\r":
        return ""
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def tell(text: str, *, err: bool = False, end: str = "\n") -> None:
    """Print a text; on a terminal, visible.

    A pipe gets what is printed on stdout as it is, for it is data. What goes to stderr
    is for people, and a log of it ends on a terminal: it is always visible.

    Args:
        text: The text; it may come from anywhere.
        err: Print on stderr, where there is one.
        end: What stands behind it.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is not None:
        stream.write((visible(text) if err or is_terminal(stream) else text) + end)
        stream.flush()


class TypedKeys:
    """Whether keys show on the terminal as they are typed; as a block, they do not.

    They would stand in the middle of what is drawn, and so would the `^C` of Ctrl-C.
    What is typed is kept for whoever reads next.
    """

    def __init__(self) -> None:
        self._before: list[Any] | None = None

    def __enter__(self) -> TypedKeys:
        self._before = _echo(on=False)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            _restore(self._before)

    def hide(self) -> None:
        """Within the block: from now on they do not show."""
        _echo(on=False)

    def show(self) -> None:
        """Within the block: from now on they show, for a function that asks."""
        _echo(on=True)


def read_reply(prompt: str) -> str:
    """Ask on the terminal; only keys that are pressed from now on count.

    Raises:
        EOFError: there is nobody to ask.
    """
    before = _echo(on=True, forget_typed=True)
    _asked.append(prompt)
    try:
        return input(prompt)
    except (EOFError, KeyboardInterrupt):
        print()  # noqa: T201 - the cursor stands behind the question
        raise
    finally:
        _asked.pop()
        if before is not None:
            _restore(before)


#: What `read_reply` is asking.
_asked: list[str] = []


def show_question_again() -> None:
    """Where something is being asked: for who comes back to it from a shell."""
    if _asked:
        tell(_asked[-1], end="")


def _echo(*, on: bool, forget_typed: bool = False) -> list[Any] | None:
    """Let the terminal show typed keys, or not; how it was, where it can be told."""
    if not is_terminal(sys.stdin):
        return None
    if sys.platform == "win32":
        # Keys show there only while somebody reads them.
        if forget_typed:
            _forget_windows_keys()
        return None
    import termios

    keys = sys.stdin.fileno()
    if os.tcgetpgrp(keys) != os.getpgrp():
        return None  # `serve &`: the keys are the shell's, and to touch them stops us
    before = termios.tcgetattr(keys)
    flags = before[3] | termios.ECHO if on else before[3] & ~termios.ECHO
    when = termios.TCSAFLUSH if forget_typed else termios.TCSADRAIN
    termios.tcsetattr(keys, when, [*before[:3], flags, *before[4:]])
    return before


def _forget_windows_keys() -> None:
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()


def _restore(before: list[Any]) -> None:
    if sys.platform != "win32":
        import termios

        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)
