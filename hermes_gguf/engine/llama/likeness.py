"""The words of names, and how alike two are: `temperatures` is like `temperature`."""

from __future__ import annotations

import re

_WORD = re.compile(rb"[a-z]+|[0-9]+")
_HUMP = re.compile(rb"(?<=[a-z0-9])(?=[A-Z])")
_STEM_BYTES, _ENDING_BYTES = 4, 3
_LONG_STEM_BYTES = 5


def likeness(word: bytes, other: bytes) -> float:
    """1 for the same word, less for one with another ending, 0 for a different one."""
    if word == other:
        return 1.0
    shorter, longer = sorted((word, other), key=len)
    if longer[:_STEM_BYTES] != shorter[:_STEM_BYTES] or len(shorter) < _STEM_BYTES:
        return 0.0
    n_same = next((i for i, b in enumerate(shorter) if b != longer[i]), len(shorter))
    if n_same >= len(longer) - _ENDING_BYTES:
        return 0.9
    return 0.6 if n_same >= _LONG_STEM_BYTES else 0.0


def name_words(name: bytes) -> list[bytes]:
    """The words of a name or a text in small letters: `maxPrice` is "max", "price"."""
    return _WORD.findall(_HUMP.sub(b" ", name).lower())
