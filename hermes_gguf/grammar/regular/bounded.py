"""The texts of an automaton whose length lies between two bounds, as a graph.

States are pairs of a state and a length, built from the longest down so that equal
ones are found at once; no table and no minimisation is needed. Where nothing but one
set of characters is left to come, they are only counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from hermes_gguf.grammar.regular.charset import Ranges, union
from hermes_gguf.grammar.regular.dfa import Dfa
from hermes_gguf.grammar.regular.errors import LanguageBudgetError
from hermes_gguf.grammar.regular.trie import Graph, Run, graph_of_dfa

#: Pairs of a state and a length. Lengths that only one state reaches are a plain
#: count and cost nothing, up to `MAX_LENGTH`.
MAX_NODES = 10_000
MAX_LENGTH = 100_000

_Edges: TypeAlias = tuple[tuple[Ranges, int], ...]
#: Whether a text may end here, and the ways on; or what is counted from here on.
_Node: TypeAlias = tuple[bool, "_Edges | Run"]


def bounded_graph(dfa: Dfa, low: int, high: int | None) -> Graph:
    """The graph of the accepted texts of `low` to `high` characters (None: no limit).

    The language must not be empty.

    Raises:
        LanguageBudgetError: too many pairs of a state and a length.
    """
    core = graph_of_dfa(dfa)
    loops = {
        state: edges[0][0]
        for state, edges in enumerate(core.edges)
        if core.accepts[state] and len(edges) == 1 and edges[0][1] == state
    }
    levels = _levels(core, loops, low if high is None else high)
    builder = _Builder(core, loops, low, high)
    return builder.graph(levels)


def _levels(core: Graph, loops: Mapping[int, Ranges], last: int) -> list[list[int]]:
    """Per length up to `last`: the states that some text of this length reaches.

    A state that only loops is noted where it is entered, and not followed.
    """
    levels = [[0]]
    total = 1
    while len(levels) <= last and levels[-1]:
        following = {t for s in levels[-1] if s not in loops for _, t in core.edges[s]}
        levels.append(sorted(following))
        total += len(following) if len(following) > 1 else 0
        if total > MAX_NODES or len(levels) > MAX_LENGTH:
            raise LanguageBudgetError(
                f"the length bound needs more than {MAX_NODES} automaton states"
            )
    return levels


class _Builder:
    def __init__(
        self, core: Graph, loops: Mapping[int, Ranges], low: int, high: int | None
    ) -> None:
        self.core = core
        self.loops = loops
        self.low = low
        self.high = high
        self.ids: dict[_Node, int] = {}
        self.nodes: list[_Node] = []
        self.runs: dict[int, Run] = {}

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
        return self.renumbered(following[0])

    def copy_core(self) -> dict[int, int]:
        self.nodes = list(zip(self.core.accepts, self.core.edges, strict=True))
        self.ids = {node: number for number, node in enumerate(self.nodes)}
        return {state: state for state in range(len(self.nodes))}

    def node(self, state: int, length: int, following: dict[int, int]) -> int | None:
        """The node of a state at a length; None when nothing can be accepted."""
        if state in self.loops:
            return self.run(self.loops[state], length)
        by_target: dict[int, Ranges] = {}
        for ranges, target in self.core.edges[state]:
            node = following.get(target)
            if node is not None:
                known = by_target.get(node)
                by_target[node] = union(known, ranges) if known else ranges
        accepts = self.core.accepts[state] and length >= self.low
        if not by_target and not accepts:
            return None
        return self.number((accepts, tuple((r, t) for t, r in by_target.items())))

    def run(self, ranges: Ranges, length: int) -> int:
        """The node from which characters of one set are only counted."""
        low = max(self.low - length, 0)
        high = None if self.high is None else self.high - length
        if high == 0:
            return self.number((True, ()))
        run = (ranges, low, high)
        node = self.number((False, run))
        self.runs[node] = run
        return node

    def number(self, node: _Node) -> int:
        number = self.ids.get(node)
        if number is None:
            number = self.ids[node] = len(self.nodes)
            self.nodes.append(node)
        return number

    def ways_on(self, node: int) -> _Edges:
        return () if node in self.runs else self.nodes[node][1]  # type: ignore[return-value]

    def renumbered(self, start: int) -> Graph:
        order = {start: 0}
        todo = [start]
        for node in todo:  # grows while it is read
            for _, target in self.ways_on(node):
                if target not in order:
                    order[target] = len(todo)
                    todo.append(target)
        edges = tuple(
            tuple((r, order[t]) for r, t in self.ways_on(node)) for node in todo
        )
        runs = {order[node]: self.runs[node] for node in todo if node in self.runs}
        return Graph(edges, tuple(self.nodes[node][0] for node in todo), runs)
