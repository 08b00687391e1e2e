"""The texts of an automaton whose length lies between two bounds, as a graph.

States are pairs of a state and a length, built from the longest down so that equal
ones are found at once; no table and no minimisation is needed. Where nothing but one
set of characters is left to come, they are only counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ..scalars import Ranges, normalize
from .dfa import Dfa
from .errors import LanguageBudgetError
from .trie import Graph, check_ranges

#: Pairs of a state and a length. Lengths that only one state reaches are a plain
#: count and cost nothing, up to `MAX_LENGTH`.
MAX_NODES = 10_000
MAX_LENGTH = 100_000

#: Per state: sets of characters, as masks over the alphabet's classes, and targets.
_Edges: TypeAlias = tuple[tuple[int, int], ...]
#: How a mask is counted: at least so often, at most (None: no limit).
_Count: TypeAlias = tuple[int, int, "int | None"]
#: Whether a text may end here, and the ways on; or what is counted from here on.
_Node: TypeAlias = tuple[bool, "_Edges | _Count"]


def bounded_graph(dfa: Dfa, low: int, high: int | None) -> Graph:
    """The graph of the accepted texts of `low` to `high` characters (None: no limit).

    The language must not be empty.

    Raises:
        LanguageBudgetError: too many pairs of a state and a length.
    """
    core = _masked(dfa)
    loops = {
        state: edges[0][0]
        for state, edges in core.items()
        if dfa.accepts[state] and len(edges) == 1 and edges[0][1] == state
    }
    levels = _levels(core, loops, low if high is None else high)
    builder = _Builder(dfa, core, loops, low, high)
    return builder.graph(levels)


def _masked(dfa: Dfa) -> dict[int, _Edges]:
    """The ways on from each live state to live ones."""
    found = {}
    for state in sorted(dfa.live):
        by_target: dict[int, int] = {}
        for symbol, target in enumerate(dfa.delta[state]):
            if target in dfa.live:
                by_target[target] = by_target.get(target, 0) | 1 << symbol
        found[state] = tuple((mask, target) for target, mask in by_target.items())
    return found


def _levels(
    core: Mapping[int, _Edges], loops: Mapping[int, int], last: int
) -> list[list[int]]:
    """Per length up to `last`: the states that some text of this length reaches.

    A state that only loops is noted where it is entered, and not followed.
    """
    levels = [[0]]
    total = 1
    while len(levels) <= last and levels[-1]:
        following = {t for s in levels[-1] if s not in loops for _, t in core[s]}
        levels.append(sorted(following))
        total += len(following) if len(following) > 1 else 0
        if total > MAX_NODES or len(levels) > MAX_LENGTH:
            raise LanguageBudgetError(
                f"the length bound needs more than {MAX_NODES} automaton states"
            )
    return levels


class _Builder:
    def __init__(
        self,
        dfa: Dfa,
        core: Mapping[int, _Edges],
        loops: Mapping[int, int],
        low: int,
        high: int | None,
    ) -> None:
        self.dfa = dfa
        self.core = core
        self.loops = loops
        self.low = low
        self.high = high
        self.ids: dict[_Node, int] = {}
        self.nodes: list[tuple[bool, _Edges]] = []
        self.counts: dict[int, _Count] = {}
        self.sets: dict[int, Ranges] = {}

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
        order = {state: i for i, state in enumerate(self.core)}
        for state, edges in self.core.items():
            ways_on = tuple([(mask, order[t]) for mask, t in edges])
            self.nodes.append((self.dfa.accepts[state], ways_on))
        self.ids = {node: number for number, node in enumerate(self.nodes)}
        return order

    def node(self, state: int, length: int, following: dict[int, int]) -> int | None:
        """The node of a state at a length; None when nothing can be accepted."""
        if state in self.loops:
            return self.count(self.loops[state], length)
        by_target: dict[int, int] = {}
        for mask, target in self.core[state]:
            node = following.get(target)
            if node is not None:
                by_target[node] = by_target.get(node, 0) | mask
        accepts = self.dfa.accepts[state] and length >= self.low
        if not by_target and not accepts:
            return None
        return self.number((accepts, tuple([(m, t) for t, m in by_target.items()])))

    def count(self, mask: int, length: int) -> int:
        """The node from which characters of one set are only counted."""
        low = max(self.low - length, 0)
        high = None if self.high is None else self.high - length
        if high == 0:
            return self.number((True, ()))
        count = (mask, low, high)
        node = self.number((False, count))
        self.counts[node] = count
        return node

    def number(self, node: _Node) -> int:
        number = self.ids.get(node)
        if number is None:
            number = self.ids[node] = len(self.nodes)
            self.nodes.append(node)  # type: ignore[arg-type]
        return number

    def renumbered(self, start: int) -> Graph:
        order = {start: 0}
        todo = [start]
        edges = []
        n_ranges = 0
        for node in todo:  # grows while it is read
            found = []
            for mask, target in () if node in self.counts else self.nodes[node][1]:
                number = order.get(target)
                if number is None:
                    number = order[target] = len(todo)
                    todo.append(target)
                found.append((self.ranges(mask), number))
                n_ranges += len(found[-1][0])
            edges.append(tuple(found))
            check_ranges(n_ranges)
        runs = {}
        for node in self.counts.keys() & order.keys():
            mask, low, high = self.counts[node]
            runs[order[node]] = (self.ranges(mask), low, high)
        return Graph(tuple(edges), tuple(self.nodes[node][0] for node in todo), runs)

    def ranges(self, mask: int) -> Ranges:
        """The characters of a mask; the same object each time."""
        found = self.sets.get(mask)
        if found is None:
            classes = self.dfa.class_ranges
            members = (i for i in range(mask.bit_length()) if mask >> i & 1)
            found = self.sets[mask] = normalize(r for i in members for r in classes[i])
        return found
