"""Sets of code points: normal form, membership, and the bytes of their UTF-8.

Surrogates (U+D800..U+DFFF) are never members, since no UTF-8 text holds them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from .gbnf import MAX_CODE_POINT, CodeRange

_SURROGATES = (0xD800, 0xDFFF)


def normalize_ranges(
    ranges: Iterable[CodeRange], *, negated: bool = False
) -> tuple[CodeRange, ...]:
    """Ascending, disjoint, joined ranges without surrogates; reversed ones drop out."""
    merged = merge_ranges(ranges)
    if negated:
        merged = _complement(merged)
    out: list[CodeRange] = []
    for low, high in merged:
        if low < _SURROGATES[0]:
            out.append((low, min(high, _SURROGATES[0] - 1)))
        if high > _SURROGATES[1]:
            out.append((max(low, _SURROGATES[1] + 1), high))
    return tuple(out)


def merge_ranges(ranges: Iterable[CodeRange]) -> tuple[CodeRange, ...]:
    """The union of the ranges, ascending and joined where they touch."""
    out: list[CodeRange] = []
    for low, high in sorted(r for r in ranges if r[0] <= r[1]):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def _complement(merged: tuple[CodeRange, ...]) -> tuple[CodeRange, ...]:
    out: list[CodeRange] = []
    low = 0
    for start, end in merged:
        if start > low:
            out.append((low, start - 1))
        low = end + 1
    if low <= MAX_CODE_POINT:
        out.append((low, MAX_CODE_POINT))
    return tuple(out)


class CharSet:
    """A set of characters that remembers what it was asked.

    Attributes:
        ranges: Normal form, see `normalize_ranges`.
        only: The one member, when there is exactly one; else None.
    """

    __slots__ = ("_known", "_lows", "only", "ranges")

    #: Answers kept per set; a text in one script stays far below.
    MAX_KNOWN = 4096

    def __init__(self, ranges: tuple[CodeRange, ...]) -> None:
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
