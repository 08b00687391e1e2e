"""Which tokens wrote a stretch of the answer's text.

Knows where each token's text stands in the turn; what of the turn is shown, the parser
knows.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from ..events import TokenProb


class Placed(NamedTuple):
    """A token, and the characters that it wrote; none where it is only a part of one.

    Such a part stands where its character does.

    Attributes:
        start: Its first character in the turn's text.
        end: The character behind it.
        prob: The token.
    """

    start: int
    end: int
    prob: TokenProb


class TokenTrace:
    """The tokens of one answer, in order."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._n_chars = 0
        self._left: deque[Placed] = deque()

    def feed(self, probs: Iterable[TokenProb]) -> None:
        """Add the next tokens."""
        for prob in probs:
            start = self._n_chars
            self._n_chars += len(self._decoder.decode(prob.text))
            if prob.text:
                self._left.append(Placed(start, self._n_chars, prob))

    def take(self, start: int, end: int) -> list[Placed]:
        """The tokens whose first shown character is one of `start`..`end` - 1.

        Stretches are asked for in order; a token between two of them is dropped.
        """
        taken = []
        while self._left and self._left[0].start < end:
            placed = self._left.popleft()
            if max(placed.end, placed.start + 1) > start:
                taken.append(placed)
        return taken
