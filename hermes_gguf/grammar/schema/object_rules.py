"""Prints an object's shape: keys in order, commas only where they belong.

A plain shape (each key required or optional) becomes one readable sequence. When the
presence of keys depends on each other, or keys are counted, the keys are walked in
order by a small machine whose states are what is still owed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring

from ...errors import UnsupportedSchemaError
from ..gbnf import (
    EMPTY,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    seq,
)
from ..regular.emit import emit_string
from ..regular.errors import LanguageError
from ..regular.language import Language
from ..regular.repeat import counted
from .budget import Budget
from .combine import NOTHING, Factored, either, join, maybe
from .layout import Layout
from .nodes import Goal
from .object_shapes import Key, ObjectShape, Region
from .object_sorting import language_refusal
from .other_keys import all_but, can_print_all_but
from .presence import ALWAYS, NEVER, Formula, decide
from .rulebook import RuleBook

#: Optional keys in a row up to which a plain chain is printed.
_MAX_CHAIN = 12
#: In a longer row, every so many keys a trie of all that may follow is printed.
_MAX_LINKS = 5

#: Counts of keys that may be combined with demands on extra keys.
_MAX_COUNT_WITH_DEMANDS = 20

#: A goal and a rule's name to the node that prints the goal.
PrintGoal = Callable[[Goal, str], Node]


@dataclass(slots=True, unsafe_hash=True)
class _State:
    """Before the key at `index`: what is owed, and what has been written."""

    index: int
    formulas: frozenset[Formula]
    count: int
    started: bool


class ObjectPrinter:
    """Prints shapes as nodes; values are printed by `print_goal`."""

    def __init__(
        self,
        builder: RuleBook,
        layout: Layout,
        budget: Budget,
        print_goal: PrintGoal,
    ) -> None:
        self.builder = builder
        self.layout = layout
        self.budget = budget
        self.print_goal = print_goal
        self._extras: dict[tuple[Region, ...], Node] = {}

    def print(self, shape: ObjectShape, hint: str) -> Node:
        """The node for one shape.

        Args:
            shape: What to print.
            hint: The name of the object's rule.

        Raises:
            SchemaError: the shape is too large, or a key cannot be described.
        """
        prefix = "" if hint == "root" else f"{hint}-"
        pairs = [self._pair(key, f"{prefix}{key.name}") for key in shape.keys]
        extra = self._extra(shape.regions, f"{hint}-extra")
        if shape.is_plain:
            content = self._plain(shape, pairs, extra, hint)
            empty = not any(key.required for key in shape.keys)
        else:
            content = _Machine(self, shape, pairs, extra, hint).run()
            empty = _may_be_empty(shape)
        return self.layout.wrap("{", content, "}", empty=empty)

    def _pair(self, key: Key, hint: str) -> Node:
        text = encode_basestring(key.name)
        value, colon = self.print_goal(key.goal, hint), self.layout.colon
        if type(value) is RuleRef and type(colon) is Literal:
            return Sequence((Literal(text + colon.text), value))  # as most are
        return join(text, colon, value)

    def _extra(self, regions: tuple[Region, ...], hint: str) -> Node:
        """One extra pair."""
        if regions in self._extras:
            return self._extras[regions]
        options = []
        for region in regions:
            value = self.print_goal(region.goal, hint)
            if value is not NOTHING:
                name = self._name(region.names, f"{hint}-key")
                options.append(seq(name, self.layout.colon, value))
        node = either(options)
        if node is not NOTHING:
            rule = self.builder.reserve(hint)
            self.builder.define(rule, node)
            node = rule
        self._extras[regions] = node
        return node

    def _name(self, names: Language, hint: str) -> Node:
        try:
            with self.builder.spelling():
                if _is_all_but_some(names) and can_print_all_but(names.words):
                    node, rules = all_but(names.words)
                    if rules:
                        self.builder.adopt(rules)
                    return node
                return emit_string(names, self.builder, hint)
        except LanguageError as error:
            raise language_refusal(error, "/additionalProperties") from error

    def _plain(
        self, shape: ObjectShape, pairs: list[Node], extra: Node, hint: str
    ) -> Node:
        comma = self.layout.comma
        if sum(not key.required for key in shape.keys) > _MAX_CHAIN:
            return self._long(shape, pairs, extra, hint)
        many = EMPTY if extra is NOTHING else Repeat(seq(comma, extra))
        first = next((i for i, k in enumerate(shape.keys) if k.required), None)
        if first is None:
            return self._all_optional(shape, pairs, extra, hint)
        parts = [maybe(join(pair, comma)) for pair in pairs[:first]]
        parts.append(pairs[first])
        for i in range(first + 1, len(pairs)):
            if shape.keys[i].required:
                parts += (comma, pairs[i])
            else:
                parts.append(maybe(join(comma, pairs[i])))
        return join(*parts, many)

    def _all_optional(
        self, shape: ObjectShape, pairs: list[Node], extra: Node, hint: str
    ) -> Node:
        """Any of the keys comes first; then each later one may follow."""
        comma = self.layout.comma
        tail: Node = EMPTY if extra is NOTHING else Repeat(seq(comma, extra))
        options = [] if extra is NOTHING else [seq(extra, tail)]
        for i in range(len(pairs) - 1, -1, -1):
            if pairs[i] is NOTHING:
                continue
            pair = self.named(pairs[i], f"{hint}-{shape.keys[i].name}-pair")
            options.append(seq(pair, tail))
            tail = seq(maybe(seq(comma, pair)), tail)
            if i and tail is not EMPTY:
                tail = self.builder.add(f"{hint}-from-{shape.keys[i].name}", tail)
        return either(reversed(options))

    def _long(
        self, shape: ObjectShape, pairs: list[Node], extra: Node, hint: str
    ) -> Node:
        """Many optional keys: now and then a trie over all that may follow.

        In a chain of optional keys every later key is one more live parser stack.
        """
        comma, n = self.layout.comma, len(pairs)
        max_chain = max(_MAX_LINKS, n // 16)
        extras = EMPTY if extra is NOTHING else seq(extra, Repeat(seq(comma, extra)))
        tails: list[Node] = [EMPTY] * (n + 1)
        tails[n] = maybe(join(comma, extras)) if extras is not EMPTY else EMPTY

        written: list[Node] = [NOTHING] * n  # a key and all after it
        known = Factored()

        def following(start: int) -> Node:
            """One of the keys that may come next, and what comes after it."""
            options = []
            for i in range(start, n):
                if written[i] is NOTHING:
                    written[i] = join(pairs[i], tails[i + 1])
                options.append(written[i])
                if shape.keys[i].required:
                    return either(options, known)
            if extras is not EMPTY:
                options.append(extras)
            return either(options, known)

        in_chain = 0
        for i in range(n - 1, -1, -1):
            if shape.keys[i].required:
                tail, in_chain = join(comma, pairs[i], tails[i + 1]), 0
            elif in_chain < max_chain:
                tail = join(maybe(join(comma, pairs[i])), tails[i + 1])
                in_chain += 1
            else:
                tail, in_chain = join(comma, following(i)), 0
                if not any(key.required for key in shape.keys[i:]):
                    tail = maybe(tail)
            name = f"{hint}-from-{shape.keys[i].name}"
            tails[i] = tail if tail is NOTHING else self.builder.add(name, tail)
        return following(0)

    def named(self, node: Node, hint: str) -> Node:
        """The node itself when it is short, or else a rule for it."""
        return node if _is_short(node) else self.builder.add(hint, node)


class _Machine:
    """Walks the keys of one shape that is not plain."""

    def __init__(
        self,
        printer: ObjectPrinter,
        shape: ObjectShape,
        pairs: list[Node],
        extra: Node,
        hint: str,
    ) -> None:
        self.printer = printer
        self.shape = shape
        self.pairs = [
            pair if pair is NOTHING else printer.named(pair, f"{hint}-{key.name}-pair")
            for key, pair in zip(shape.keys, pairs, strict=True)
        ]
        self.extra = extra
        self.hint = hint
        self.comma = printer.layout.comma
        self._meeting: list[tuple[frozenset[int], Node]] = []
        self.counts = shape.max_size is not None or shape.min_size > 0

    def run(self) -> Node:
        """What stands between the brackets, which is never empty."""
        start = _State(0, self.shape.formulas, 0, False)
        levels: list[dict[_State, int]] = [{start: 1}]
        for i in range(len(self.pairs)):
            following: dict[_State, int] = {}
            for state in levels[i]:
                for target in self._targets(state):
                    if target is not None:
                        following[target] = following.get(target, 0) + 1
            self.printer.budget.spend(len(following), self.shape.origin, "properties")
            levels.append(following)
        nodes: dict[_State | None, Node] = {None: NOTHING}
        for state, uses in levels[-1].items():
            nodes[state] = self._shared(self._end(state), uses, "extra")
        for i in range(len(self.pairs) - 1, -1, -1):
            for state, uses in levels[i].items():
                node = self._node(state, nodes)
                nodes[state] = self._shared(node, uses, self.shape.keys[i].name)
        return nodes[start]

    def _targets(self, state: _State) -> tuple[_State | None, _State | None]:
        """The states after the key is written, and after it is left out."""
        key = self.shape.keys[state.index]
        high = self.shape.max_size
        used = left = None
        if self.pairs[state.index] is not NOTHING and (
            high is None or state.count < high
        ):
            count = state.count
            if self.counts and (high is not None or count < self.shape.min_size):
                count += 1
            used = self._after(state, key.name, True, count, True)
        if not key.required:
            left = self._after(state, key.name, False, state.count, state.started)
        return used, left

    def _after(
        self, state: _State, name: str, is_present: bool, count: int, started: bool
    ) -> _State | None:
        decided = {decide(f, name, is_present) for f in state.formulas}
        if NEVER in decided:
            return None
        return _State(state.index + 1, frozenset(decided - {ALWAYS}), count, started)

    def _node(self, state: _State, nodes: dict[_State | None, Node]) -> Node:
        used, left = self._targets(state)
        pair = self.pairs[state.index]
        if used is not None and used == left:
            return join(maybe(join(self.comma, pair)), nodes[used])
        separator = self.comma if state.started else EMPTY
        written = NOTHING if used is None else join(separator, pair, nodes[used])
        return either([written, nodes[left]])

    def _shared(self, node: Node, uses: int, name: str) -> Node:
        if uses < 2 or _is_short(node):
            return node
        return self.printer.builder.add(f"{self.hint}-from-{name}", node)

    def _end(self, state: _State) -> Node:
        if state.formulas:
            return NOTHING
        low = max(0, self.shape.min_size - state.count)
        high = self.shape.max_size
        left = None if high is None else high - state.count
        if self.shape.wanted:
            return self._wanted(state, low, left)
        return self._extras(low, left, started=state.started)

    def _extras(self, low: int, high: int | None, *, started: bool) -> Node:
        """Between `low` and `high` extra pairs; at least one when it comes first."""
        if not started:
            low = max(low, 1)
        if high is not None and high < low:
            return NOTHING
        if self.extra is NOTHING:
            return EMPTY if low == 0 else NOTHING
        builder, hint = self.printer.builder, f"{self.hint}-extras"
        another = seq(self.comma, self.extra)
        if started:
            return counted(another, low, high, builder, hint)
        more = None if high is None else high - 1
        return seq(self.extra, counted(another, low - 1, more, builder, hint))

    def _wanted(self, state: _State, low: int, high: int | None) -> Node:
        """Extra pairs among which every demand is met by one of them."""
        if max(low, high or 0) > _MAX_COUNT_WITH_DEMANDS:
            raise UnsupportedSchemaError(
                "demands on extra keys meet a count of keys",
                pointer=self.shape.origin,
                keyword=self.shape.origin.rsplit("/", 1)[-1],
            )
        names = (f"{self.hint}-wanted" for _ in self.shape.wanted)
        self._meeting = [
            (numbers, self.printer._extra(regions, name))
            for (numbers, regions), name in zip(self.shape.wanted, names, strict=True)
        ]
        open_demands = frozenset().union(*(n for n, _ in self._meeting))
        return self._demanded(open_demands, low, high, state.started, {})

    def _demanded(
        self,
        left: frozenset[int],
        low: int,
        high: int | None,
        started: bool,
        rules: dict[tuple[frozenset[int], int, int | None, bool], RuleRef],
    ) -> Node:
        if not left:
            return self._extras(low, high, started=started)
        if high == 0:
            return NOTHING
        key = (left, low, high, started)
        if key in rules:
            return rules[key]
        rule = rules[key] = self.printer.builder.reserve(f"{self.hint}-wanting")
        fewer, room = max(low - 1, 0), None if high is None else high - 1
        separator = self.comma if started else EMPTY
        options = []
        for numbers, pair in [(frozenset[int](), self.extra), *self._meeting]:
            if numbers <= left and pair is not NOTHING:
                after = self._demanded(left - numbers, fewer, room, True, rules)
                options.append(join(separator, pair, after))
        self.printer.builder.define(rule, either(options))
        return rule


def _is_all_but_some(names: Language) -> bool:
    is_bounded = names.min_length > 0 or names.max_length is not None
    return (
        names.core is None and names.excluded and bool(names.words) and (not is_bounded)
    )


def _may_be_empty(shape: ObjectShape) -> bool:
    if shape.min_size or shape.wanted or any(key.required for key in shape.keys):
        return False
    formulas = set(shape.formulas)
    for key in shape.keys:
        formulas = {decide(f, key.name, False) for f in formulas}
    return formulas <= {ALWAYS}


def _is_short(node: Node) -> bool:
    if type(node) in (Literal, RuleRef):
        return True
    parts = getattr(node, "parts", None)
    return parts is not None and len(parts) <= 2 and all(map(_is_short, parts))
