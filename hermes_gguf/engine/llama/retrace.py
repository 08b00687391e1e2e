"""Reuse the tokens of an earlier answer where the tokenizer would cut its text anew.

A sampled answer may be spelled with other tokens than the tokenizer chooses for the
same text. When that text comes back in the next prompt, the earlier tokens are taken,
so that what the KV cache holds is found. Pure; it knows bytes and ids.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .slots import common_prefix


def retrace(
    tokens: list[int],
    earlier: list[int],
    *,
    pieces: Sequence[bytes],
    special: Collection[int],
) -> list[int]:
    """`tokens` with as much of its beginning as can be spelled as in `earlier`.

    The bytes stay the same, and so does every special token: text never becomes one,
    and none becomes text.
    """
    start = common_prefix(tokens, earlier)
    ours, theirs = _Reader(tokens, start), _Reader(earlier, start)
    met = (start, start)
    while True:
        behind, other = (
            (ours, theirs) if len(ours.text) <= len(theirs.text) else (theirs, ours)
        )
        if not behind.has_more:
            break
        token = behind.next()
        if token in special or not pieces[token]:
            # Special tokens must stand at the same place on both sides.
            if other.text or not other.has_more or other.next() != token:
                break
        else:
            behind.text += pieces[token]
        shorter, longer = sorted((ours.text, theirs.text), key=len)
        if not longer.startswith(shorter):
            break
        if len(shorter) == len(longer):
            met = (ours.at, theirs.at)
            ours.text = theirs.text = b""
    return earlier[: met[1]] + tokens[met[0] :]


class _Reader:
    """Reads tokens from one side; `text` is what it spelled since both met."""

    def __init__(self, tokens: list[int], at: int) -> None:
        self._tokens = tokens
        self.at = at
        self.text = b""

    @property
    def has_more(self) -> bool:
        return self.at < len(self._tokens)

    def next(self) -> int:
        self.at += 1
        return self._tokens[self.at - 1]
