"""How far the prompt is read, and how long that still takes: a line for the person."""

from __future__ import annotations

import time
from collections.abc import Callable

#: A shorter wait is not worth a number.
_LEAST_S = 3.0


class Reading:
    """Judges the speed of one prompt by what was read of it until now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total = -1
        self._begun_at = 0
        self._begun_s = 0.0

    def line(self, done: int, total: int) -> str:
        """The line to show when `done` of `total` tokens are read."""
        now = self._clock()
        if total != self._total or done < self._begun_at:
            # What was read before the first look came out of the cache.
            self._total, self._begun_at, self._begun_s = total, done, now
        text = f"reading {done} of {total} tokens"
        n_read, took_s = done - self._begun_at, now - self._begun_s
        left_s = (total - done) * took_s / n_read if n_read else 0.0
        return f"{text}, about {_spell(left_s)} more" if left_s >= _LEAST_S else text


def _spell(seconds: float) -> str:
    """Seconds as a person says them: no more exact than an estimate is."""
    if seconds < 20:
        return f"{seconds:.0f} s"
    return f"{round(seconds, -1):.0f} s" if seconds < 95 else f"{seconds / 60:.0f} min"
