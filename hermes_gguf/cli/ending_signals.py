"""Signals as a proper end: what is open is closed first, what was said is put away."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..ending import ProgramEnding

TYPE_CHECKING = False  # without `typing`, as in `app`

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import NoReturn

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
        if time.monotonic() - heard_s <= _SAME_PRESS_S:
            return
        loop = _loop_of_task() if heard_s == -math.inf else None
        heard_s = time.monotonic()
        if loop is None:
            _end(number)
        loop.call_soon(_end, number)

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


def _end(number: int) -> NoReturn:
    raise _Ended(number)


def _loop_of_task() -> AbstractEventLoop | None:
    """The event loop that was interrupted in the middle of a task, where there is one.

    What is raised there stays with the task too, and the loop would tell of it as of a
    mistake; at the line of a chat, even wait for a key.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or not asyncio._get_running_loop() or not asyncio.current_task():
        return None
    loop: AbstractEventLoop = asyncio.get_running_loop()
    return loop


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
