"""What the engine knows of a model's tokens: their bytes, kinds and order.

Pure: built from plain values, so that tests make toy vocabularies. It knows no
grammar and no llama.cpp; the tokenize function is handed in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from ... import tags

#: Tags that a model writes as one token; spelled out even where the file calls the
#: token a control token.
_TAGS = frozenset(
    text.encode()
    for text in (
        tags.TOOL_CALL_OPEN,
        tags.TOOL_CALL_CLOSE,
        tags.TOOL_RESPONSE_OPEN,
        tags.TOOL_RESPONSE_CLOSE,
        tags.TOOLS_OPEN,
        tags.TOOLS_CLOSE,
        tags.SCHEMA_OPEN,
        tags.SCHEMA_CLOSE,
        tags.THINK_OPEN,
        tags.THINK_CLOSE,
        tags.SCRATCH_PAD_OPEN,
        tags.SCRATCH_PAD_CLOSE,
    )
)

#: (text, read special tokens) → ids, without BOS.
TokenizeFunction: TypeAlias = Callable[[bytes, bool], list[int]]


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of one model.

    Attributes:
        pieces: Bytes of every token, special ones spelled out.
        special: Ids whose text the tokenizer reads as one token.
        control: Ids of special tokens that are no text (turn marks, BOS, unknown).
        eog: Ids that end a generation.
        bos: The id that begins every sequence, or None.
        add_bos: Whether prompts begin with `bos`.
        tokenize: Text to ids.
        order: All ids in the order of their bytes, where that is known already.
        anchor: A text that never merges with what follows it, when the tokenizer
            treats the beginning of a text in a special way (SentencePiece); else "".
    """

    pieces: Sequence[bytes]
    special: frozenset[int]
    control: frozenset[int]
    eog: frozenset[int]
    bos: int | None
    add_bos: bool
    tokenize: TokenizeFunction
    anchor: bytes = b""
    order: Sequence[int] = ()
    _anchor_ids: list[list[int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.pieces)

    @cached_property
    def silent(self) -> frozenset[int]:
        """Control tokens that have no text in an answer."""
        return frozenset(
            t for t in self.control | self.eog if self.pieces[t] not in _TAGS
        )

    @cached_property
    def barred(self) -> frozenset[int]:
        """Tokens that no grammar allows: control tokens, and those without bytes."""
        empty = (t for t, piece in enumerate(self.pieces) if not piece)
        return self.silent.union(empty)

    def text_of(self, token: int) -> bytes:
        """What the token adds to an answer."""
        return b"" if token in self.silent else self.pieces[token]

    def detokenize(self, tokens: Sequence[int]) -> bytes:
        """The bytes of the tokens, special ones spelled out."""
        return b"".join([self.pieces[token] for token in tokens])

    def tokenize_after(self, text: bytes, *, read_special: bool) -> list[int]:
        """Tokenize a text that continues another: no space is put before it."""
        if not text or not self.anchor:
            return self.tokenize(text, read_special) if text else []
        if not self._anchor_ids:
            self._anchor_ids.append(self.tokenize(self.anchor, True))
        prefix = self._anchor_ids[0]
        tokens = self.tokenize(self.anchor + text, read_special)
        if tokens[: len(prefix)] == prefix:
            return tokens[len(prefix) :]
        return self.tokenize(text, read_special)

    @cached_property
    def longest_piece(self) -> int:
        """Bytes of the longest token."""
        return max(map(len, self.pieces))

    @cached_property
    def in_order(self) -> Sequence[int]:
        """All ids in the order of their bytes."""
        return self.order or sorted(range(len(self)), key=self.pieces.__getitem__)

    @cached_property
    def _sorted(self) -> tuple[list[bytes], list[int]]:
        barred, pieces = self.barred, self.pieces
        allowed = [token for token in self.in_order if token not in barred]
        return [pieces[token] for token in allowed], allowed

    @property
    def sorted_pieces(self) -> list[bytes]:
        """Pieces of all tokens that a grammar may allow, in byte order."""
        return self._sorted[0]

    @property
    def sorted_ids(self) -> list[int]:
        """The ids that belong to `sorted_pieces`."""
        return self._sorted[1]

    def prefix_range(self, prefix: bytes, low: int = 0, high: int = -1) -> range:
        """Indices into `sorted_pieces` of the pieces that begin with `prefix`."""
        pieces = self.sorted_pieces
        end = len(pieces) if high < 0 else high
        start = bisect_left(pieces, prefix, low, end)
        after = _successor(prefix)
        return range(start, bisect_left(pieces, after, start, end) if after else end)


def _successor(prefix: bytes) -> bytes:
    """The least byte string above every string that begins with `prefix`."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b""
