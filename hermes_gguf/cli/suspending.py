"""Ctrl-Z gives the shell a terminal with a cursor: what draws hides it meanwhile."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_SHOW_CURSOR = b"\x1b[?25h"


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
