"""Prints a language as GBNF: as JSON strings, or as plain text for numbers.

The graph is walked from its start. A state that is reached once is printed in place,
one that is reached from several sides becomes a rule, a loop on one state becomes `*`,
and a chain of equal steps a counted repeat. Every rule's references stand last, so
that llama.cpp keeps one short stack however long the text grows.
"""

from __future__ import annotations

from collections.abc import Callable

from ..gbnf import (
    EMPTY,
    Choice,
    GrammarBuilder,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    seq,
)
from ..scalars import SCALARS, Ranges
from .escapes import chars_node, json_char
from .language import Language
from .repeat import counted
from .structure import regex_node
from .trie import Graph, graph_of_dfa
from .word_list import is_plain, word_list

#: Groups nested deeper than this become rules of their own.
_MAX_DEPTH = 5
#: Shared tails up to this many characters are repeated instead of named.
_MAX_INLINE_TAIL = 16


def emit_string(language: Language, builder: GrammarBuilder, hint: str) -> Node:
    """The language as JSON strings, quotes included.

    Args:
        language: Must not be empty.
        builder: Where the rules go.
        hint: What the rules are named after.

    Raises:
        LanguageBudgetError: the automaton is too large.
    """
    if counts := _counts_one_set(language):
        ranges, low, high = counts
        chars = counted(json_char(ranges, builder), low, high, builder, "char")
        return seq('"', chars, '"')

    is_listed = language.core is None and not language.excluded
    if is_listed and is_plain(language.words):
        return seq('"', word_list(language.words))

    def char(ranges: Ranges) -> Node:
        return json_char(ranges, builder)

    source = language.source
    if language.is_bounded:
        bounds = language.min_length, language.max_length
        source = language.compact(*bounds) if language.compact else None
    if source is not None:
        return seq('"', regex_node(source, char, builder, hint), '"')
    printer = _Printer(language.graph, char, Literal('"'), builder, hint)
    return seq('"', printer.run())


def emit_text(language: Language, builder: GrammarBuilder, hint: str) -> Node:
    """The language as it is, without quotes or escapes; it must not be empty.

    Raises:
        LanguageBudgetError: the automaton is too large.
    """
    return _Printer(language.graph, chars_node, EMPTY, builder, hint).run()


def _counts_one_set(language: Language) -> tuple[Ranges, int, int | None] | None:
    """The set and the bounds when the language is one set, repeated so often."""
    low, high = language.min_length, language.max_length
    if language.core is None:
        if language.excluded and not language.words:
            return SCALARS, low, high
        return None
    graph = graph_of_dfa(language.core)
    last = len(graph.edges) - 1
    for state, edges in enumerate(graph.edges):
        if len(edges) != 1 or edges[0][0] != graph.edges[0][0][0]:
            return None
        if edges[0][1] != min(state + 1, last):
            return None
        if graph.accepts[state] != (state == last):
            return None
    return graph.edges[0][0][0], max(low, last), high


class _Printer:
    """Walks one graph; sets of characters are numbers here, for they are long."""

    def __init__(
        self,
        graph: Graph,
        char: Callable[[Ranges], Node],
        end: Node,
        builder: GrammarBuilder,
        hint: str,
    ) -> None:
        self.graph = graph
        self.char = char
        self.end = end
        self.builder = builder
        self.hint = hint
        self.rules: dict[int, RuleRef] = {}
        self.queue: list[int] = []
        self.sets: list[Ranges] = []
        self.numbers: dict[Ranges, int] = {}
        self.nodes: dict[int, Node] = {}
        self.loops: list[int | None] = []
        #: Per state: set → target, for all ways on but the loop.
        self.exits: list[dict[int, int]] = []
        self.no_runs: set[tuple[int, int]] = set()
        self.degree = [0] * len(graph.edges)
        self.degree[0] = 1
        #: Per state: whether it is reached from several sides, once that was asked.
        self.shared: dict[int, bool] = {}
        self._survey()

    def _survey(self) -> None:
        # The same set is mostly the same object, which is faster to look up.
        by_identity: dict[int, int] = {}
        for state, edges in enumerate(self.graph.edges):
            loop: int | None = None
            exits: dict[int, int] = {}
            for ranges, target in edges:
                number = by_identity.get(id(ranges))
                if number is None:
                    number = by_identity[id(ranges)] = self.number(ranges)
                if target == state:
                    loop = number
                else:
                    exits[number] = target
                    self.degree[target] += 1
            self.loops.append(loop)
            self.exits.append(exits)

    def number(self, ranges: Ranges) -> int:
        """The number of a set of characters."""
        number = self.numbers.setdefault(ranges, len(self.sets))
        if number == len(self.sets):
            self.sets.append(ranges)
        return number

    def run(self) -> Node:
        """The start's node; all rules that it needs are defined."""
        root = self.tail(0, 0)
        while self.queue:
            state = self.queue.pop()
            self.builder.define(self.rules[state], self.body(state, 0))
        return root

    def tail(self, state: int, depth: int) -> Node:
        """What is still to come in `state`: a rule's name, or the text itself."""
        if self.is_shared(state) or depth > _MAX_DEPTH:
            return self.rule(state)
        return self.body(state, depth)

    def rule(self, state: int) -> RuleRef:
        if state not in self.rules:
            self.rules[state] = self.builder.reserve(self.hint)
            self.queue.append(state)
        return self.rules[state]

    def is_shared(self, state: int) -> bool:
        found = self.shared.get(state)
        if found is None:
            found = self.degree[state] > 1 and not self.is_short_tail(state)
            self.shared[state] = found
        return found

    def is_short_tail(self, state: int) -> bool:
        """Whether one short way leads from here to the end."""
        for _ in range(_MAX_INLINE_TAIL):
            exits = self.exits[state]
            if not exits:
                return True
            if len(exits) > 1 or self.graph.accepts[state]:
                return False
            if self.loops[state] is not None:
                return False
            state = next(iter(exits.values()))
        return False

    def body(self, state: int, depth: int) -> Node:
        parts: list[Node] = []
        while True:
            if state in self.graph.runs:
                ranges, low, high = self.graph.runs[state]
                _push(parts, Repeat(self.one(self.number(ranges)), low, high))
                parts.append(self.end)
                break
            run = self.optional_run(state)
            if run is not None:
                chars, count, state = run
                _push(parts, Repeat(self.one(chars), 0, count))
            loop = self.loops[state]
            if loop is not None:
                _push(parts, Repeat(self.one(loop)))
            exits = self.exits[state]
            if len(exits) != 1 or self.graph.accepts[state]:
                parts.append(self.branches(state, depth))
                break
            ((chars, state),) = exits.items()
            _push(parts, self.one(chars))
            if self.is_shared(state):
                parts.append(self.rule(state))
                break
        if len(parts) == 1:
            return self.fit(parts[0])
        return seq(*map(self.fit, parts))

    def branches(self, state: int, depth: int) -> Node:
        """The ways out of a state, the end among them when a text may end here."""
        options = [
            _join(self.one(chars), self.tail(target, depth + 1))
            for chars, target in self.exits[state].items()
        ]
        if not self.graph.accepts[state]:
            return _either(options)
        if self.end is EMPTY:
            return Repeat(_either(options), 0, 1) if options else EMPTY
        return _either([*options, self.end])

    def one(self, number: int) -> Node:
        node = self.nodes.get(number)
        if node is None:
            node = self.nodes[number] = self.char(self.sets[number])
        return node

    def fit(self, node: Node) -> Node:
        """The node with its count cut to what one operator can count."""
        if type(node) is Repeat:
            return counted(node.node, node.min, node.max, self.builder, self.hint)
        return node

    def optional_run(self, state: int) -> tuple[int, int, int] | None:
        """A set that may follow up to so many times, and the state after the last.

        Holds when each state on the way has the same other ways out as this one.
        """
        exits = self.exits[state]
        if len(exits) < 2 and not self.graph.accepts[state]:
            return None  # there is no other way
        for chars in exits:
            if (state, chars) in self.no_runs or not self.is_step(state, state, chars):
                continue
            passed, at = [], state
            rest = self.others(state, chars)
            while self.is_step(state, at, chars):
                target = self.exits[at][chars]
                if self.others(target, chars) != rest:
                    break
                passed.append((at, chars))
                at = target
            if len(passed) > 1 and chars not in self.exits[at]:
                return chars, len(passed), at
            self.no_runs.update(passed)
        return None

    def is_step(self, first: int, at: int, chars: int) -> bool:
        """Whether the way on from `at` may be one of the run that `first` begins."""
        target = self.exits[at].get(chars)
        if target is None or target == first or target in self.graph.runs:
            return False
        if self.degree[target] > 1 and self.exits[target]:
            return False
        if self.loops[at] is not None or self.loops[target] is not None:
            return False
        return self.graph.accepts[target] == self.graph.accepts[first]

    def others(self, state: int, chars: int) -> dict[int, int]:
        exits = self.exits[state]
        return {c: t for c, t in exits.items() if c != chars} if exits else exits


def _push(parts: list[Node], node: Node) -> None:
    """Append, counting equal neighbours: `a a a*` becomes `a{2,}`."""
    if parts and not (type(node) is Literal and type(parts[-1]) is Literal):
        base, low, high = _count(node)
        last, last_low, last_high = _count(parts[-1])
        if base is last or base == last:
            total = None if high is None or last_high is None else high + last_high
            parts[-1] = Repeat(base, low + last_low, total)
            return
    parts.append(node)


def _join(first: Node, rest: Node) -> Node:
    """Both in order, counted together when the rest goes on with the first."""
    tail = rest.parts if type(rest) is Sequence else (rest,)
    if not tail:
        return first
    follows = type(tail[0])
    if follows is RuleRef and type(first) is not RuleRef:
        return Sequence((first, *tail))
    if type(first) is Literal and follows is not Repeat:
        return seq(first, rest)
    parts = [first]
    _push(parts, tail[0])
    return Sequence((*parts, *tail[1:])) if len(parts) + len(tail) > 2 else parts[0]


def _either(options: list[Node]) -> Node:
    """A choice between options that are surely different; `choice` would compare."""
    return options[0] if len(options) == 1 else Choice(tuple(options))


def _count(node: Node) -> tuple[Node, int, int | None]:
    if type(node) is Repeat:
        return node.node, node.min, node.max
    return node, 1, 1
