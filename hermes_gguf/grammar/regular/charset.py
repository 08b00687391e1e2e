"""Sets of Unicode scalar values as ascending, disjoint, inclusive ranges.

Knows the classes of ECMA-262 and set algebra. Surrogates belong to no set.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]

#: Every code point that a JSON text can hold.
SCALARS: Ranges = ((0, 0xD7FF), (0xE000, 0x10FFFF))


def normalize(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Sorted and merged, without surrogates."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    # Only one of the ranges can reach into the surrogates.
    at = bisect_right(merged, (0xDFFF, 0x10FFFF)) - 1
    if at >= 0 and merged[at][1] >= 0xD800:
        return intersect(tuple(merged), SCALARS)
    return tuple(merged)


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


# Source: ECMA-262, CharacterClassEscape; WhiteSpace and LineTerminator.
DIGIT: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACE: Ranges = normalize(
    [
        *((9, 13), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
        *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
        (0xFEFF, 0xFEFF),
    ]
)
LINE_END: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
DOT: Ranges = complement(LINE_END)


def partition(sets: Sequence[Ranges]) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """The coarsest alphabet that tells all sets apart.

    Returns:
        `starts` (ascending first code points of intervals), the class of each
        interval (-1 for surrogates), and how many classes there are. Two code points
        share a class exactly when they are in the same sets.
    """
    changes: dict[int, int] = {0: 0, 0xD800: 0, 0xE000: 0}
    for index, ranges in enumerate(sets):
        bit = 1 << index
        for low, high in ranges:
            changes[low] = changes.get(low, 0) ^ bit
            changes[high + 1] = changes.get(high + 1, 0) ^ bit
    changes.pop(0x110000, None)
    starts: list[int] = []
    classes: list[int] = []
    ids: dict[int, int] = {}
    mask = 0
    for start in sorted(changes):
        mask ^= changes[start]
        number = -1 if start == 0xD800 else ids.setdefault(mask, len(ids))
        starts.append(start)
        classes.append(number)
    return tuple(starts), tuple(classes), len(ids)
