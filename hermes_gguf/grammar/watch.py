"""Lets whoever has a grammar compiled look on, and end it by raising an error.

A compilation asks now and then, in its own thread. It does not know who looks on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_watcher: ContextVar[Callable[[], None]] = ContextVar("watcher")


@contextmanager
def watched_by(watcher: Callable[[], None]) -> Iterator[None]:
    """Within the block, compilations of this thread call `watcher` now and then."""
    before = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(before)


def let_look_on() -> None:
    """Call who looks on, if anybody does; what he raises ends the compilation."""
    watcher = _watcher.get(None)
    if watcher is not None:
        watcher()
