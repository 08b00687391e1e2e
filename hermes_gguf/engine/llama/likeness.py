"""How alike two words are, so that `temperatures` is found under `temperature`."""

from __future__ import annotations

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
