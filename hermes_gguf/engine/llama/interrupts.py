"""Ctrl-C while llama.cpp runs and calls back: kept until the call is over.

An exception cannot pass through C: raised inside of a callback it would be printed and
forgotten, and the program would go on as if nobody had asked it to stop.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from . import library

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
_SIGNALS = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
_asked_to_stop = threading.Event()


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Let the signals that end a program do so at the end of the block only.

    Outside of the main thread, where Python runs no handlers, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def hold(number: int, _frame: object) -> None:
        came.append(number)
        _asked_to_stop.set()

    before = {n: signal.getsignal(n) for n in _SIGNALS if callable(signal.getsignal(n))}
    for number in before:
        signal.signal(number, hold)
    try:
        yield
    finally:
        _asked_to_stop.clear()
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


@lru_cache(maxsize=1)
def load_callback() -> Any:
    """A `progress_callback` for `llama_model_params`: a held signal ends the load."""

    def on_progress(_share: float, _: object) -> bool:
        return not _asked_to_stop.is_set()

    # Kept alive by the cache: C holds only the pointer.
    return library.load_library().llama_progress_callback(on_progress)
