"""The bytes of a vocabulary's tokens, asked for when they are needed.

A large vocabulary has 128,000 tokens, and a first answer needs a few dozen of them:
asking llama.cpp for all takes a quarter of a second, which a load need not wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload


class Pieces(Sequence[bytes]):
    """Bytes by token id. Safe to use from any thread.

    Args:
        count: Tokens in the vocabulary.
        read: Asks for the bytes of one token.
    """

    def __init__(self, count: int, read: Callable[[int], bytes]) -> None:
        self._known: list[bytes | None] = [None] * count
        self._read = read

    def __len__(self) -> int:
        return len(self._known)

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...

    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        piece = self._known[index]
        if piece is None:
            token = index % len(self)
            piece = self._known[token] = self._read(token)
        return piece
