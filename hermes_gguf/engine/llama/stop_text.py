"""Bytes of tokens become text: whole code points, stop texts withheld.

Knows UTF-8 and stop strings; it knows no tokens' meaning.
"""

from __future__ import annotations

import codecs


class TextAssembler:
    """Turns the bytes of an answer into text that may be shown at once."""

    def __init__(self, stop: tuple[str, ...] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(text for text in stop if text)
        self._held = ""
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        """The text that is sure after `piece`.

        Text that could still become a stop text is held back. Once a stop text is
        complete, `stopped` is True and nothing after it comes out.
        """
        if self.stopped:
            return ""
        text = self._held + self._decoder.decode(piece)
        if not self._stop:
            return text
        end = self._first_stop(text)
        if end is not None:
            self.stopped = True
            self._held = ""
            return text[:end]
        keep = self._could_begin(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> str:
        """What was held back, at the end of the answer; cut code points as U+FFFD."""
        if self.stopped:
            return ""
        text = self._held + self._decoder.decode(b"", final=True)
        self._held = ""
        end = self._first_stop(text)
        if end is not None:
            self.stopped = True
            return text[:end]
        return text

    def _first_stop(self, text: str) -> int | None:
        found = [at for stop in self._stop if (at := text.find(stop)) >= 0]
        return min(found, default=None)

    def _could_begin(self, text: str) -> int:
        """Length of the longest end of `text` that begins a stop text."""
        longest = max(len(stop) for stop in self._stop) - 1
        for length in range(min(longest, len(text)), 0, -1):
            tail = text[len(text) - length :]
            if any(stop.startswith(tail) for stop in self._stop):
                return length
        return 0
