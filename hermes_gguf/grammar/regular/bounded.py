"""The texts of an automaton whose length lies between two bounds, as a graph.

States are pairs of a state and a length, built from the longest down so that equal
ones are found at once; no table and no minimisation is needed.
"""

from __future__ import annotations

from typing import TypeAlias

from hermes_gguf.grammar.regular.charset import Ranges, union
from hermes_gguf.grammar.regular.dfa import Dfa
from hermes_gguf.grammar.regular.errors import LanguageBudgetError
from hermes_gguf.grammar.regular.trie import Graph, graph_of_dfa

#: Pairs of a state and a length. Lengths that only one state reaches are a plain
#: count and cost nothing, up to `MAX_LENGTH`.
MAX_NODES = 10_000
MAX_LENGTH = 100_000

_Edges: TypeAlias = tuple[tuple[Ranges, int], ...]


def bounded_graph(dfa: Dfa, low: int, high: int | None) -> Graph:
    """The graph of the accepted texts of `low` to `high` characters (None: no limit).

    The language must not be empty.

    Raises:
        LanguageBudgetError: too many pairs of a state and a length.
    """
    core = graph_of_dfa(dfa)
    levels = _levels(core, low if high is None else high)
    builder = _Builder(core, low, high)
    return builder.graph(levels)


def _levels(core: Graph, last: int) -> list[list[int]]:
    """Per length up to `last`: the states that some text of this length reaches."""
    levels = [[0]]
    total = 1
    while len(levels) <= last and levels[-1]:
        following = {t for s in levels[-1] for _, t in core.edges[s]}
        levels.append(sorted(following))
        total += len(following) if len(following) > 1 else 0
        if total > MAX_NODES or len(levels) > MAX_LENGTH:
            raise LanguageBudgetError(
                f"the length bound needs more than {MAX_NODES} automaton states"
            )
    return levels


class _Builder:
    def __init__(self, core: Graph, low: int, high: int | None) -> None:
        self.core = core
        self.low = low
        self.high = high
        self.ids: dict[tuple[bool, _Edges], int] = {}
        self.nodes: list[tuple[bool, _Edges]] = []

    def graph(self, levels: list[list[int]]) -> Graph:
        following: dict[int, int] = {}
        if self.high is None:
            # From the lower bound on nothing is counted: the core itself.
            following = self.copy_core()
            levels = levels[: self.low]
        for length in range(len(levels) - 1, -1, -1):
            here: dict[int, int] = {}
            for state in levels[length]:
                node = self.node(state, length, following)
                if node is not None:
                    here[state] = node
            following = here
        return _renumbered(self.nodes, following[0])

    def copy_core(self) -> dict[int, int]:
        self.nodes = list(zip(self.core.accepts, self.core.edges, strict=True))
        self.ids = {node: number for number, node in enumerate(self.nodes)}
        return {state: state for state in range(len(self.nodes))}

    def node(self, state: int, length: int, following: dict[int, int]) -> int | None:
        """The node of a state at a length; None when nothing can be accepted."""
        by_target: dict[int, Ranges] = {}
        for ranges, target in self.core.edges[state]:
            node = following.get(target)
            if node is not None:
                known = by_target.get(node)
                by_target[node] = union(known, ranges) if known else ranges
        accepts = self.core.accepts[state] and length >= self.low
        if not by_target and not accepts:
            return None
        key = (accepts, tuple((r, t) for t, r in by_target.items()))
        number = self.ids.get(key)
        if number is None:
            number = self.ids[key] = len(self.nodes)
            self.nodes.append(key)
        return number


def _renumbered(nodes: list[tuple[bool, _Edges]], start: int) -> Graph:
    order = {start: 0}
    todo = [start]
    for node in todo:  # grows while it is read
        for _, target in nodes[node][1]:
            if target not in order:
                order[target] = len(todo)
                todo.append(target)
    edges = tuple(tuple((r, order[t]) for r, t in nodes[node][1]) for node in todo)
    return Graph(edges, tuple(nodes[node][0] for node in todo))
