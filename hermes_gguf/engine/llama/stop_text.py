"""Bytes of tokens become text: whole code points, stop texts withheld.

Knows UTF-8 and stop strings; it knows no tokens' meaning.
"""

from __future__ import annotations

import codecs


class TextAssembler:
    """Turns the bytes of an answer into text that may be shown at once.

    Attributes:
        stopped: Whether a stop text ended the answer.
    """

    def __init__(self, stop: tuple[str, ...] = (), *, until: str = "") -> None:
        """Begin an answer.

        Args:
            stop: Texts that end it and do not come out.
            until: From this text on none of them counts; empty for never.
        """
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(text for text in stop if text)
        self._until = until
        self._held = ""
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        """The text that is sure after `piece`.

        Text that could still become a stop text is held back. Once a stop text is
        complete, `stopped` is True and nothing after it comes out.
        """
        text = self._held + self._decoder.decode(piece)
        self._held = ""
        if self.stopped or not self._stop:
            return "" if self.stopped else text
        at = text.find(self._until) if self._until else -1
        if at >= 0:
            shown = self._before_stop(text, at)
            self._stop = ()
            return shown
        sure = len(text) - _overlap(text, self._until)
        shown = self._before_stop(text, sure)
        if self.stopped:
            return shown
        undecided = [text.find(stop) for stop in self._stop if stop in text]
        begun = len(text) - max(_overlap(text, stop) for stop in self._stop)
        end = min(sure, begun, *undecided)
        self._held = text[end:]
        return text[:end]

    def flush(self) -> str:
        """What was held back, at the end of the answer; cut code points as U+FFFD."""
        if self.stopped:
            return ""
        text = self._held + self._decoder.decode(b"", final=True)
        self._held = ""
        return self._before_stop(text, len(text))

    def _before_stop(self, text: str, end: int) -> str:
        """`text` as far as a stop text, when one is complete in its first characters."""
        found = [at for stop in self._stop if (at := text.find(stop, 0, end)) >= 0]
        self.stopped = bool(found)
        return text[: min(found, default=len(text))]


def _overlap(text: str, beginning_of: str) -> int:
    """Length of the longest end of `text` that begins the other, but is not all."""
    longest = min(len(beginning_of) - 1, len(text))
    for length in range(longest, 0, -1):
        if text.endswith(beginning_of[:length]):
            return length
    return 0
