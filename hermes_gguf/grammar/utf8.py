"""Text that arrives in bytes, cut anywhere: what is whole, and what a cut can become.

A cut UTF-8 sequence stands for a range of code points; the automaton knows which of
them are legal. This file knows UTF-8 only.

Source: RFC 3629, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from .gbnf import MAX_CODE_POINT, CodeRange

#: Sequence length → the first code point that needs it, and the lead byte's marker.
_FIRST_CODE = {1: 0, 2: 0x80, 3: 0x800, 4: 0x10000}
_MARKER = {2: 0xC0, 3: 0xE0, 4: 0xF0}


def split_utf8(data: bytes) -> tuple[str, bytes] | None:
    """The whole characters of `data`, and the cut sequence at its end, if any.

    None when no continuation makes `data` UTF-8.
    """
    try:
        return data.decode("utf-8"), b""
    except UnicodeDecodeError as error:
        # The decoder calls it so only while the sequence can still become valid.
        if error.reason != "unexpected end of data":
            return None
        return data[: error.start].decode("utf-8"), data[error.start :]


def cut_range(cut: bytes) -> CodeRange:
    """The code points that begin with these bytes (one to three of a longer one)."""
    lead = cut[0]
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    value = lead & (0x7F >> length)
    for byte in cut[1:]:
        value = value << 6 | byte & 0x3F
    shift = 6 * (length - len(cut))
    low, high = value << shift, (value << shift) | ((1 << shift) - 1)
    return max(low, _FIRST_CODE[length]), min(high, MAX_CODE_POINT)


def overlaps(ranges: Iterable[CodeRange], wanted: CodeRange) -> bool:
    """Whether one of the ranges shares a code point with `wanted`."""
    return any(low <= wanted[1] and wanted[0] <= high for low, high in ranges)


@lru_cache(maxsize=4096)
def next_bytes(ranges: tuple[CodeRange, ...], cut: bytes = b"") -> frozenset[int]:
    """The bytes that may follow `cut` so that one of the ranges' members results."""
    found: set[int] = set()
    at = len(cut)
    wanted = cut_range(cut) if cut else (0, MAX_CODE_POINT)
    for low, high in ranges:
        low, high = max(low, wanted[0]), min(high, wanted[1])
        for length, first in _FIRST_CODE.items():
            start = max(low, first)
            end = min(high, _FIRST_CODE.get(length + 1, MAX_CODE_POINT + 1) - 1)
            if start <= end:
                found.update(
                    range(_byte(start, length, at), _byte(end, length, at) + 1)
                )
    return frozenset(found)


def _byte(code: int, length: int, index: int) -> int:
    """Byte `index` of a code point whose sequence has `length` bytes."""
    shifted = code >> 6 * (length - 1 - index)
    if index:
        return 0x80 | shifted & 0x3F
    return shifted if length == 1 else _MARKER[length] | shifted
