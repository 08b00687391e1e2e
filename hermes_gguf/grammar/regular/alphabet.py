"""The smallest alphabet of an automaton: characters that nothing in it tells apart."""

from __future__ import annotations

from collections.abc import Sequence

from ..scalars import Ranges


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
