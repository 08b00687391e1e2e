"""Where white space goes in the JSON that a grammar allows.

Knows brackets, commas and colons, nothing of schemas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from ..gbnf import (
    EMPTY,
    Chars,
    GrammarBuilder,
    Literal,
    Node,
    Repeat,
    choice,
    optional,
    seq,
)
from .combine import NOTHING, either, join

Whitespace = OneOf["hermes", "compact", "pretty", "flexible"]

#: An indentation is cut off here, or a model might write blanks for ever.
_MAX_BLANKS = 80


@dataclass(frozen=True, slots=True)
class Layout:
    """The punctuation of one style.

    Attributes:
        comma: Between two items or pairs.
        colon: Between a key and its value.
        gap: Inside of brackets that hold something, at both ends.
        hollow: Inside of brackets that hold nothing.
    """

    comma: Node
    colon: Node
    gap: Node = EMPTY
    hollow: Node = EMPTY

    def wrap(self, opening: str, content: Node, closing: str, *, empty: bool) -> Node:
        """Brackets around content that is never empty; or, if `empty`, around none."""
        full = join(opening, self.gap, content, self.gap, closing)
        if not empty:
            return full
        if full is NOTHING or self.gap != EMPTY:
            return either([full, seq(opening, self.hollow, closing)])
        return seq(opening, optional(content), closing)


def make_layout(style: Whitespace, builder: GrammarBuilder) -> Layout:
    """The layout of a style; its rules go into the builder."""
    if style == "hermes":
        return Layout(Literal(", "), Literal(": "))
    if style == "compact":
        return Layout(Literal(","), Literal(":"))
    blanks = Repeat(Chars(((9, 9), (32, 32))), 0, _MAX_BLANKS)
    if style == "pretty":
        line = builder.add("line", seq("\n", blanks))
        return Layout(seq(",", line), Literal(": "), gap=line)
    lines = Repeat(seq(optional("\r"), "\n", blanks), 0, 2)
    space = builder.add("space", choice([seq(Chars(((9, 9), (32, 32))), lines), lines]))
    return Layout(
        seq(space, ",", space), seq(space, ":", space), gap=space, hollow=space
    )
