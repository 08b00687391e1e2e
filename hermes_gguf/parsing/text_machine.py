"""The engine room of an incremental parser: a buffer, a state, and a loop.

A state is a method that consumes what it can be sure of and says whether it got on.
Text can be put back, to be read again in another state. Knows nothing of tags.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

# States slice the buffer once per token: small buffers keep long texts linear.
_CHUNK_CHARS = 4096


class TextMachine:
    """Runs the state `_state` over the text, chunk by chunk."""

    def __init__(self, state: Callable[[], bool]) -> None:
        self._state = state
        self._buffer = ""
        self._queue: deque[str] = deque()

    def _read(self, text: str) -> None:
        """Read on as far as it is certain what the text is."""
        self._queue.extend(_chunks(text))
        while True:
            if self._buffer and self._state():
                continue
            if not self._queue:
                return
            self._buffer += self._queue.popleft()

    def _requeue(self, text: str) -> None:
        """Put text in front of everything that still waits."""
        chunks = _chunks(text + self._take_buffer())
        self._queue.extendleft(reversed(chunks))

    def _take_buffer(self) -> str:
        held, self._buffer = self._buffer, ""
        return held


def _chunks(text: str) -> list[str]:
    return [text[at : at + _CHUNK_CHARS] for at in range(0, len(text), _CHUNK_CHARS)]
