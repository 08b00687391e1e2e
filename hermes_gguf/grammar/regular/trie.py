"""Finite sets of texts, and all texts but those, as sparse graphs.

A graph is what the printer walks: edges that carry sets of characters, and states
where a text may end. Unlike a `Dfa` it has no table, so a thousand keys are cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from ..scalars import SCALARS, Ranges, complement, normalize
from .dfa import Dfa
from .errors import LanguageBudgetError

#: A set of characters, how many of them at least, and at most (None: no limit).
Run: TypeAlias = tuple[Ranges, int, "int | None"]


@dataclass(frozen=True, slots=True)
class Graph:
    """A deterministic automaton without dead states; the start is state 0.

    Attributes:
        edges: Per state: disjoint sets of characters, each with its target.
        accepts: Per state: whether a text may end there.
        runs: States without edges from which so many characters of one set lead to
            the end: (set, at least, at most or None).
    """

    edges: tuple[tuple[tuple[Ranges, int], ...], ...]
    accepts: tuple[bool, ...]
    runs: Mapping[int, Run] = field(default_factory=dict)


#: Ranges of characters on all edges, beyond which printing takes seconds.
MAX_RANGES = 800_000


@lru_cache(maxsize=64)
def graph_of_dfa(dfa: Dfa) -> Graph:
    """The automaton without its dead state; empty languages have no graph.

    Raises:
        LanguageBudgetError: more than `MAX_RANGES` ranges of characters.
    """
    number = {state: i for i, state in enumerate(sorted(dfa.live))}
    dead = dfa.dead_end
    edges = []
    known: dict[tuple[int, ...], Ranges] = {}
    n_ranges = 0
    for state in number:
        check_ranges(n_ranges)
        by_target: dict[int, list[int]] = {}
        for symbol, target in enumerate(dfa.delta[state]):
            if target != dead:
                by_target.setdefault(target, []).append(symbol)
        found = []
        for target, symbols in by_target.items():
            key = tuple(symbols)
            ranges = known.get(key)
            if ranges is None:
                together = chain.from_iterable(dfa.class_ranges[s] for s in key)
                ranges = known[key] = normalize(together)
            n_ranges += len(ranges)
            found.append((ranges, number[target]))
        edges.append(tuple(found))
    return Graph(tuple(edges), tuple(dfa.accepts[s] for s in number))


def check_ranges(n_ranges: int) -> None:
    """Refuse graphs whose characters take too long to print."""
    if n_ranges > MAX_RANGES:
        raise LanguageBudgetError(
            f"its characters fall into more than {MAX_RANGES} ranges"
        )


def graph_of_words(words: Iterable[str], *, excluded: bool = False) -> Graph:
    """The graph of exactly these texts, or of all texts but these; equal tails shared.

    The words of an enum share what they can from both ends.
    """
    trie = _Trie()
    for word in words:
        trie.insert(word)
    return trie.to_graph(excluded=excluded)


class _Trie:
    def __init__(self) -> None:
        self.children: list[dict[str, int]] = [{}]
        self.ends: set[int] = set()

    def insert(self, word: str) -> None:
        node = 0
        for char in word:
            following = self.children[node].get(char)
            if following is None:
                following = len(self.children)
                self.children[node][char] = following
                self.children.append({})
            node = following
        self.ends.add(node)

    def to_graph(self, *, excluded: bool) -> Graph:
        """Nodes bottom-up, equal ones once; then numbered from the root."""
        # Children were numbered after their parents, so descending is bottom-up.
        canonical: dict[tuple[bool, tuple[tuple[str, int], ...]], int] = {}
        same = [0] * len(self.children)
        for node in range(len(self.children) - 1, -1, -1):
            kids = self.children[node]
            key = (node in self.ends, tuple((c, same[k]) for c, k in kids.items()))
            same[node] = canonical.setdefault(key, node)
        order = {same[0]: 0}
        todo = [same[0]]
        for node in todo:  # grows while it is read
            for kid in self.children[node].values():
                if same[kid] not in order:
                    order[same[kid]] = len(todo)
                    todo.append(same[kid])
        edges = [self._edges(node, same, order, excluded) for node in todo]
        accepts = [(node in self.ends) != excluded for node in todo]
        if excluded:
            edges.append(((SCALARS, len(todo)),))
            accepts.append(True)
        return Graph(tuple(edges), tuple(accepts))

    def _edges(
        self, node: int, same: list[int], order: dict[int, int], excluded: bool
    ) -> tuple[tuple[Ranges, int], ...]:
        by_target: dict[int, list[int]] = {}
        for char, kid in self.children[node].items():
            by_target.setdefault(order[same[kid]], []).append(ord(char))
        edges = [(_of_codes(codes), target) for target, codes in by_target.items()]
        if excluded:
            used = _of_codes(list(map(ord, self.children[node])))
            edges.append((complement(used), len(order)))
        return tuple(edges)


def _of_codes(codes: list[int]) -> Ranges:
    if len(codes) == 1:
        return ((codes[0], codes[0]),)
    return normalize([(code, code) for code in codes])
