"""Sets of Unicode scalar values as ascending, disjoint, inclusive ranges.

The algebra of such sets. Surrogates belong to none: no UTF-8 text holds them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]

#: Every code point that a JSON text can hold.
SCALARS: Ranges = ((0, 0xD7FF), (0xE000, 0x10FFFF))


def merge(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Sorted, and joined where they touch; reversed ones drop out, surrogates stay."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        elif low <= high:
            merged.append((low, high))
    return tuple(merged)


def normalize(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Sorted and merged, without surrogates."""
    merged = merge(ranges)
    # Only one of the ranges can reach into the surrogates.
    at = bisect_right(merged, (0xDFFF, 0x10FFFF)) - 1
    if at >= 0 and merged[at][1] >= 0xD800:
        return intersect(merged, SCALARS)
    return merged


def of_code(code: int) -> Ranges:
    """The set of one code point; empty for a surrogate."""
    return () if 0xD800 <= code <= 0xDFFF else ((code, code),)


def union(*sets: Ranges) -> Ranges:
    """All members of all sets."""
    return normalize(r for s in sets for r in s)


def intersect(a: Ranges, b: Ranges) -> Ranges:
    """What is in both."""
    out: list[tuple[int, int]] = []
    i = j = 0
    while i < len(a) and j < len(b):
        low, high = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if low <= high:
            out.append((low, high))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


@lru_cache(maxsize=4096)
def complement(a: Ranges) -> Ranges:
    """Every scalar value outside of `a`."""
    out: list[tuple[int, int]] = []
    start = 0
    for low, high in a:
        if start < low:
            out.append((start, low - 1))
        start = high + 1
    if start <= 0x10FFFF:
        out.append((start, 0x10FFFF))
    return intersect(tuple(out), SCALARS)


def difference(a: Ranges, b: Ranges) -> Ranges:
    """What is in `a` and not in `b`."""
    return intersect(a, complement(b))


def size(a: Ranges) -> int:
    """How many members."""
    return sum(high - low + 1 for low, high in a)


def of_chars(text: str) -> Ranges:
    """The set of the characters of a text."""
    return normalize((ord(c), ord(c)) for c in text)
