"""A rendered prompt: its text, and which parts of it nobody vouches for.

Knows nothing of tokens; the engine turns it into ids and puts the one BOS first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

#: Half-open range of character offsets.
Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Prompt:
    """The text of a prompt, without BOS.

    Attributes:
        text: What the model reads, byte for byte as its template would print it.
        untrusted: Spans that came from outside (user turns, tool results, tool
            descriptions), ascending, not overlapping. A special token's text in
            there is text: the engine must not tokenize it as the special token.
        preamble_end: Offset at which system text and tools end, and the turns begin;
            everything before is equal for every conversation with the same tools.
    """

    text: str
    untrusted: tuple[Span, ...] = ()
    preamble_end: int = 0
