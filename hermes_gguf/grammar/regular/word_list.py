"""Prints a list of words as a trie of texts, which is how an `enum` is best read.

For words of characters that JSON spells in one way. Only beginnings are shared; other
finite sets are graphs, see `emit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..gbnf import Choice, Literal, Node, seq
from ..scalars import of_chars
from .escapes import chars_node

#: Below this nesting, words that share a beginning stay separate options.
_MAX_DEPTH = 100
_PLAIN = re.compile(r"[ !#-\[\]-~]*")


def is_plain(words: Iterable[str]) -> bool:
    """Whether no character of the words has two spellings, or must be escaped."""
    return all(map(_PLAIN.fullmatch, words))


def word_list(words: Iterable[str]) -> Node:
    """One of the words (at least one), and the closing quote."""
    return _choice(sorted([f'{word}"' for word in words]), 0, 0)


def _choice(words: list[str], start: int, depth: int) -> Node:
    """What follows where these (sorted) words were the same up to `start`."""
    if len(words) == 1:
        return Literal(words[0][start:])
    if depth == _MAX_DEPTH:
        return Choice(tuple([Literal(word[start:]) for word in words]))
    end = _common_length(words[0], words[-1])
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word[end], []).append(word)
    # Characters after which the same may follow become a set.
    alike: dict[tuple[str, ...], str] = {}
    for char, group in groups.items():
        rests = tuple([word[end + 1 :] for word in group])
        alike[rests] = alike.get(rests, "") + char
    options = [
        seq(chars_node(of_chars(chars)), _choice(groups[chars[0]], end + 1, depth + 1))
        for chars in alike.values()
    ]
    one_of = options[0] if len(options) == 1 else Choice(tuple(options))
    return seq(words[0][start:end], one_of)


def _common_length(first: str, last: str) -> int:
    """How much all words between these two (in their order) begin alike."""
    length = 0
    while first[length] == last[length]:
        length += 1
    return length
