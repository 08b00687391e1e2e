"""SIGTERM as a proper end: what is open is closed first, as after Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class _Terminated(SystemExit):
    """Unwinds the stack; asyncio lets it pass at once, like every SystemExit."""


@contextmanager
def ends_by_sigterm() -> Iterator[None]:
    """Within the block SIGTERM unwinds the stack; then the process ends by it."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    except _Terminated:
        # Who sent it learns from the status that this is why the process ended.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
