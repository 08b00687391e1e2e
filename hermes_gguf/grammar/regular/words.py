"""Finite sets of texts: their automaton, its texts, and what is a text at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ..scalars import size
from .alphabet import partition
from .dfa import Dfa
from .errors import LanguageBudgetError
from .trie import graph_of_words

#: Cells of the table, before it is minimised.
MAX_CELLS = 300_000
#: Automata of at most so many texts are rather kept as these.
MAX_LISTED = 32


@lru_cache(maxsize=256)
def dfa_of_words(words: frozenset[str]) -> Dfa:
    """Exactly these texts.

    Raises:
        LanguageBudgetError: the table is too large.
    """
    graph = graph_of_words(sorted(words))
    dead = len(graph.edges)
    starts, classes, width = partition([r for edges in graph.edges for r, _ in edges])
    if dead * width > MAX_CELLS:
        raise LanguageBudgetError(
            f"{len(words)} texts are too many to combine with other constraints"
        )
    position = {start: i for i, start in enumerate(starts)}
    delta = [[dead] * width for _ in range(dead + 1)]
    for state, edges in enumerate(graph.edges):
        for ranges, target in edges:
            for low, high in ranges:
                for i in range(position[low], len(starts)):
                    if starts[i] > high:
                        break
                    delta[state][classes[i]] = target
    return Dfa.build(starts, classes, delta, [*graph.accepts, False])


def shortest_first(dfa: Dfa) -> Iterator[str]:
    """The texts of an automaton; those of large classes of characters not in full."""
    level = [("", 0)] if 0 in dfa.live else []
    while level:
        following: list[tuple[str, int]] = []
        for text, state in level:
            if dfa.accepts[state]:
                yield text
            for symbol, target in enumerate(dfa.delta[state]):
                if target in dfa.live and len(following) < 10_000_000:
                    following.extend(
                        (text + chr(code), target)
                        for low, high in dfa.class_ranges[symbol]
                        for code in range(low, min(high, low + 100_000) + 1)
                    )
        level = following


def listed_words(dfa: Dfa) -> list[str] | None:
    """All texts of an automaton when there are at most `MAX_LISTED`; else None."""
    level, n_words = {0: 1} if 0 in dfa.live else {}, 0
    # Each beginning of a text leads to one at least, so few beginnings are looked at.
    for _ in range(len(dfa.live)):
        following: dict[int, int] = {}
        n_ways = 0
        for state, number in level.items():
            n_words += number * dfa.accepts[state]
            for symbol, target in enumerate(dfa.delta[state]):
                if target in dfa.live:
                    more = number * size(dfa.class_ranges[symbol])
                    following[target] = following.get(target, 0) + more
                    n_ways += more
                    if n_ways > MAX_LISTED:
                        return None  # as most, for their sets are large
        if n_words + n_ways > MAX_LISTED:
            return None
        level = following
    return None if level else list(shortest_first(dfa))


def has_surrogate(text: str) -> bool:
    """Whether the string has a code point that no text has."""
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)
