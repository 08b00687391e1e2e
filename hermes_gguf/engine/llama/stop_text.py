"""Bytes of tokens become text: whole code points, stop texts withheld.

Knows UTF-8 and stop strings; it knows no tokens' meaning.
"""

from __future__ import annotations

import codecs


class TextAssembler:
    """Turns the bytes of an answer into text that may be shown at once.

    Attributes:
        stop_text: The stop text that ended the answer, or None.
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
        self.stop_text: str | None = None

    @property
    def stopped(self) -> bool:
        """Whether a stop text ended the answer."""
        return self.stop_text is not None

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
            return text if shown is None else shown
        sure = len(text) - _overlap(text, self._until)
        shown = self._before_stop(text, sure)
        if shown is not None:
            return shown
        undecided = [text.find(stop) for stop in self._stop if stop in text]
        begun = len(text) - max(_overlap(text, stop) for stop in self._stop)
        end = min(sure, begun, *undecided)
        self._held = text[end:]
        return text[:end]

    def flush(self) -> str:
        """What was held back, at the end of the answer.

        Bytes of a code point that was cut say nothing, and are left out.
        """
        if self.stopped:
            return ""
        text, self._held = self._held, ""
        shown = self._before_stop(text, len(text))
        return text if shown is None else shown

    def _before_stop(self, text: str, end: int) -> str | None:
        """`text` up to the first stop text that is complete before `end`, if any."""
        found = [(text.find(stop, 0, end), stop) for stop in self._stop]
        found = [(at, stop) for at, stop in found if at >= 0]
        if not found:
            return None
        at, self.stop_text = min(found)
        return text[:at]


def _overlap(text: str, beginning_of: str) -> int:
    """Length of the longest end of `text` that begins the other, but is not all."""
    longest = min(len(beginning_of) - 1, len(text))
    for length in range(longest, 0, -1):
        if text.endswith(beginning_of[:length]):
            return length
    return 0
