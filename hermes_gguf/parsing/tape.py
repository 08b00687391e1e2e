"""The text of a turn as it arrives: what can be read now, and what was put back.

Long texts are let in chunk by chunk: who reads slices what lies there once per token,
and small pieces keep that linear. Knows nothing of tags.
"""

from __future__ import annotations

from collections import deque

_CHUNK_CHARS = 4096


class Tape:
    """Text in pieces, from which a reader takes what it is sure of.

    Attributes:
        text: What lies there to be read; readers cut it off at the front.
    """

    def __init__(self) -> None:
        self.text = ""
        self._queue: deque[str] = deque()
        self._n_fed = self._n_waiting = 0

    @property
    def n_read(self) -> int:
        """Characters that were read, and not put back, since the beginning."""
        return self._n_fed - self._n_waiting - len(self.text)

    def feed(self, text: str) -> None:
        """Add text behind everything that waits."""
        self._queue.extend(_chunks(text))
        self._n_fed += len(text)
        self._n_waiting += len(text)

    def advance(self) -> bool:
        """Let the next chunk in; False when none waits."""
        if not self._queue:
            return False
        chunk = self._queue.popleft()
        self._n_waiting -= len(chunk)
        self.text += chunk
        return True

    def skip(self, n_chars: int) -> None:
        """Cut off what was read."""
        self.text = self.text[n_chars:]

    def take(self) -> str:
        """Cut off everything that lies there, and return it."""
        taken, self.text = self.text, ""
        return taken

    def put_back(self, text: str) -> None:
        """Put text in front of everything, to be read once more."""
        whole = text + self.take()
        self._queue.extendleft(reversed(_chunks(whole)))
        self._n_waiting += len(whole)


def _chunks(text: str) -> list[str]:
    return [text[at : at + _CHUNK_CHARS] for at in range(0, len(text), _CHUNK_CHARS)]
