"""A worker's signs of life: by them a front tells one that hangs from one that is slow.

A beat says that everything has moved that had something to do: the event loop, and the
engine while it is at work. A slow one moves too, if slowly: llama.cpp from one graph
node to the next. What hangs falls silent, and a process that is stopped does so too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import TypeAlias

#: Seconds between two beats.
BEAT_S = 1.0

#: What changes while a part of the worker gets on; None while it has nothing to do.
Pulse: TypeAlias = Callable[[], Hashable | None]


class Motion:
    """Whether all parts get on. Pure: when to look is the caller's business."""

    def __init__(self) -> None:
        self._before: dict[Pulse, Hashable | None] = {}

    def seen(self, parts: Sequence[Pulse]) -> bool:
        """Whether each part has moved since the last look, or has nothing to do."""
        now = {part: part() for part in parts}
        still = [
            p for p, at in now.items() if at is not None and self._before.get(p) == at
        ]
        # One that stands still is compared with where it stood before.
        self._before = now
        return not still


class Heart:
    """A thread that beats each second in which all parts have moved."""

    def __init__(self, beat: Callable[[], None]) -> None:
        self._beat = beat
        self._parts: tuple[Pulse, ...] = ()
        threading.Thread(
            target=self._run, name="hermes-gguf-heart", daemon=True
        ).start()

    def follow(self, *parts: Pulse) -> None:
        """From now on these have to move; before, it is enough to be alive."""
        self._parts = parts

    def _run(self) -> None:
        motion = Motion()
        while True:
            if motion.seen(self._parts):
                try:
                    self._beat()
                except OSError:
                    # The front is gone, and with it this process in a moment.
                    return
            time.sleep(BEAT_S)
