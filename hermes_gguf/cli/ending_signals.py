"""Signals as a proper end: what is open is closed first, what was said is put away."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..ending import ProgramEnding

#: The exit code after Ctrl-C, as shells give it to SIGINT.
INTERRUPTED = 130

#: Pressed again within so many seconds, Ctrl-C means the same, and so does a signal: a
#: terminal that closes sends more than one.
_SAME_PRESS_S = 1.0


class _Ended(ProgramEnding):
    """Unwinds the stack; it knows by which signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


@contextmanager
def ends_by(*names: str) -> Iterator[None]:
    """Within the block these signals unwind the stack; then the process ends by them.

    Args:
        *names: SIGTERM, SIGHUP...; those that the system lacks are left out.
    """
    heard_s = -math.inf

    def leave(number: int, frame: FrameType | None) -> None:
        nonlocal heard_s
        if time.monotonic() - heard_s > _SAME_PRESS_S:
            heard_s = time.monotonic()
            raise _Ended(number)

    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # Whoever started us may have them ignored, as `nohup` does.
    heard = [n for n in numbers if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, leave) for number in heard}
    try:
        yield
    except _Ended as end:
        # Who sent it learns from the status that this is why the process ended.
        signal.signal(end.number, signal.SIG_DFL)
        signal.raise_signal(end.number)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def hears_ctrl_c_once() -> Iterator[None]:
    """Within the block, an impatient second Ctrl-C does nothing.

    It would interrupt what the first one began: putting away what was said.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):
        yield
        return
    heard_s = -math.inf

    def hear(number: int, frame: FrameType | None) -> None:
        nonlocal heard_s
        if time.monotonic() - heard_s > _SAME_PRESS_S:
            heard_s = time.monotonic()
            before(number, frame)

    signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
