"""Ctrl-Z gives the shell a terminal with a cursor, and without what is drawn anew."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_SHOW_CURSOR = b"\x1b[?25h"


#: What takes off the screen what the program would take off later, then the shell's.
_takes_off: list[Callable[[], None]] = []


class _Hold:
    """Whether something is being drawn, and whether Ctrl-Z was pressed meanwhile."""

    depth = 0
    is_due = False


@contextmanager
def drawn_first() -> Iterator[None]:
    """Within the block Ctrl-Z waits for its end."""
    _Hold.depth += 1
    try:
        yield
    finally:
        _Hold.depth -= 1
        if _Hold.is_due and not _Hold.depth:
            _Hold.is_due = False
            signal.raise_signal(signal.SIGTSTP)


def take_off_when_stopped(take_off: Callable[[], None]) -> None:
    """From now on, Ctrl-Z calls this first."""
    _takes_off.append(take_off)


def stay_when_stopped(take_off: Callable[[], None]) -> None:
    """From now on it does no more."""
    _takes_off.remove(take_off)


@contextmanager
def shows_cursor_when_stopped() -> Iterator[None]:
    """Within the block, Ctrl-Z shows the cursor before it stops the program.

    It stays for the rest of what is being drawn then.
    """
    number = getattr(signal, "SIGTSTP", None)
    # A shell without job control has it ignored; Windows has none.
    if number is None or signal.getsignal(number) is not signal.SIG_DFL:
        yield
        return

    def stop(_: int, frame: FrameType | None) -> None:
        if _Hold.depth:
            _Hold.is_due = True
            return
        for take_off in tuple(_takes_off):
            take_off()
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None and stream.isatty():
                # A terminal that is gone needs none.
                with suppress(OSError):
                    os.write(stream.fileno(), _SHOW_CURSOR)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
        # Here it goes on.
        signal.signal(number, stop)
        from .terminal import show_question_again

        show_question_again()

    signal.signal(number, stop)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL)
