"""Characters that may stand in one place: what the automaton asks again and again."""

from __future__ import annotations

from bisect import bisect_right

from .scalars import Ranges


class CharSet:
    """A set of characters that remembers what it was asked.

    Attributes:
        ranges: Normal form, see `scalars.normalize`.
        only: The one member, when there is exactly one; else None.
    """

    __slots__ = ("_known", "_lows", "only", "ranges")

    #: Answers kept per set; a text in one script stays far below.
    MAX_KNOWN = 4096

    def __init__(self, ranges: Ranges) -> None:
        self.ranges = ranges
        self._lows = [low for low, _ in ranges]
        single = len(ranges) == 1 and ranges[0][0] == ranges[0][1]
        self.only = chr(ranges[0][0]) if single else None
        self._known: dict[str, bool] = {}

    def __contains__(self, char: str) -> bool:
        if self.only is not None:
            return char == self.only
        known = self._known.get(char)
        if known is None:
            code = ord(char)
            i = bisect_right(self._lows, code) - 1
            known = i >= 0 and code <= self.ranges[i][1]
            if len(self._known) < self.MAX_KNOWN:
                self._known[char] = known
        return known
