"""A request's grammars are compiled beside everybody else's answers.

Python runs one thread at a time, so each compilation takes its time from all answers.
Nearly all take milliseconds. One that takes longer waits for its turn, for there is one
such at a time; it ends when its client is gone, and after some seconds in any case.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from ..errors import SchemaBudgetError
from ..grammar.watch import watched_by

T = TypeVar("T")

#: Seconds of processor time after which a compilation waits for its turn.
_QUICK_S = 0.1
#: Seconds of processor time that all schemas of one request may take: some hundred
#: tools with schemas that are slow ones.
MOST_S = 10.0
#: Seconds between two looks of one that waits.
_LOOK_S = 0.1


class GoneError(Exception):
    """Nobody waits for the outcome any more."""


class Compiling:
    """One request's compilation, in the thread that calls `run`.

    Args:
        turn: Held by the one that takes long.
    """

    def __init__(self, turn: threading.Lock) -> None:
        self._turn = turn
        self._has_turn = False
        self._is_gone = threading.Event()
        self._started_s = 0.0

    def run(self, work: Callable[[], T]) -> T:
        """Do the work, which compiles.

        Raises:
            SchemaBudgetError: its schemas take too long.
            GoneError: after `leave`.
        """
        self._started_s = time.thread_time()
        try:
            with watched_by(self._look):
                return work()
        finally:
            if self._has_turn:
                self._turn.release()

    def leave(self) -> None:
        """Have it end at its next look; callable from any thread."""
        self._is_gone.set()

    def _look(self) -> None:
        if self._is_gone.is_set():
            raise GoneError
        used_s = time.thread_time() - self._started_s
        if used_s > MOST_S:
            raise SchemaBudgetError(
                f"the schemas of one request may take {MOST_S:.0f} s to compile",
                pointer="",
                keyword="schema",
                hint="fewer tools, or simpler schemas",
            )
        while used_s > _QUICK_S and not self._has_turn:
            self._has_turn = self._turn.acquire(timeout=_LOOK_S)
            if self._is_gone.is_set():
                raise GoneError
