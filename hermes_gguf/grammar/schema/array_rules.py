"""Prints an array's shape: items by place, counts, items that must be contained.

A plain shape becomes one sequence with a counted repetition. `contains` and
`uniqueItems` are walked by a machine whose states are what has been counted, or used.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ...errors import UnsupportedSchemaError
from ..gbnf import (
    EMPTY,
    Choice,
    GrammarBuilder,
    Literal,
    Node,
    RuleRef,
    Sequence,
    seq,
)
from ..regular.repeat import counted
from .array_shapes import ArrayShape
from .budget import Budget
from .combine import NOTHING, either, join, maybe
from .facts import Contains
from .layout import Layout
from .nodes import Goal

PrintGoal = Callable[[Goal, str], Node]
#: A goal to the nodes of its values, each with a key that equal values share; None
#: when there are more than the limit.
ListValues = Callable[[Goal, int, str], "list[tuple[Hashable, Node]] | None"]

#: With more values than this, there are too many sets of used ones.
MAX_UNIQUE_VALUES = 12
#: Optional items nested deeper than this become rules of their own.
_MAX_DEPTH = 8


class ArrayPrinter:
    """Prints shapes as nodes; items are printed by `print_goal`."""

    def __init__(
        self,
        builder: GrammarBuilder,
        layout: Layout,
        budget: Budget,
        print_goal: PrintGoal,
        list_values: ListValues,
    ) -> None:
        self.builder = builder
        self.layout = layout
        self.budget = budget
        self.print_goal = print_goal
        self.list_values = list_values

    def print(self, shape: ArrayShape, hint: str) -> Node:
        """The node for one shape.

        Args:
            shape: What to print.
            hint: The name of the array's rule.

        Raises:
            UnsupportedSchemaError: uniqueItems over more than a few values.
            SchemaBudgetError: the counts are too large.
        """
        stem = "" if hint == "root" else f"{hint}-"
        if shape.max_size == 0:
            return self.layout.wrap("[", NOTHING, "]", empty=True)
        empty = shape.min_size == 0
        if _needs_unique(shape):
            content = self._unique(shape, hint)
        elif shape.contains:
            content = self._containing(shape, stem)
            empty = empty and not any(c.min for c in shape.contains)
        else:
            content = self._plain(shape, stem)
        return self.layout.wrap("[", content, "]", empty=empty)

    def _plain(self, shape: ArrayShape, stem: str) -> Node:
        n_places, low, high = len(shape.items), shape.min_size, shape.max_size
        more = None if high is None else high - n_places
        tail: Node = EMPTY
        if more is not None and more <= 0:
            n_places = high or 0
        else:
            tail = self._repeated(shape, low - n_places, more, stem)
        if n_places == 0:
            return tail
        for i in range(n_places - 1, 0, -1):
            item = self.print_goal(shape.items[i], f"{stem}item-{i + 1}")
            tail = join(self.layout.comma, item, tail)
            if i >= low:
                tail = maybe(tail)
            if i % _MAX_DEPTH == 0 and tail not in (EMPTY, NOTHING):
                tail = self.builder.add(f"{stem}from-item-{i + 1}", tail)
        return join(self.print_goal(shape.items[0], f"{stem}item-1"), tail)

    def _repeated(
        self, shape: ArrayShape, low: int, high: int | None, stem: str
    ) -> Node:
        """The items after the places: behind a comma, unless there are no places."""
        item = self.print_goal(shape.rest, f"{stem}item")
        low = max(low, 0)
        is_first = not shape.items
        if item is NOTHING:
            return NOTHING if low or is_first else EMPTY
        if not _is_short(item):
            item = self.builder.add(f"{stem}item", item)
        another = seq(self.layout.comma, item)
        if not is_first:
            return counted(another, low, high, self.builder, f"{stem}items")
        low, high = max(low - 1, 0), None if high is None else high - 1
        return seq(item, counted(another, low, high, self.builder, f"{stem}items"))

    def _containing(self, shape: ArrayShape, stem: str) -> Node:
        machine = _Counting(shape)
        start = (0, tuple(0 for _ in shape.contains))
        rules: dict[_Counts, RuleRef] = {}

        def rule_of(state: _Counts) -> RuleRef:
            if state not in rules:
                self.budget.spend(5, shape.contains[0].origin, "contains")
                rules[state] = self.builder.reserve(f"{stem}after-{state[0]}")
                pending.append(state)
            return rules[state]

        pending: list[_Counts] = []
        content = self._steps(machine, start, rule_of, stem, EMPTY)
        while pending:
            state = pending.pop()
            body = self._steps(machine, state, rule_of, stem, self.layout.comma)
            if machine.may_end(state):
                body = maybe(body)
            self.builder.define(rules[state], body)
        return content

    def _steps(
        self,
        machine: _Counting,
        state: _Counts,
        rule_of: Callable[[_Counts], RuleRef],
        stem: str,
        separator: Node,
    ) -> Node:
        options = []
        for goal, target in machine.steps(state):
            item = self.print_goal(goal, f"{stem}item")
            if item is not NOTHING:
                options.append(join(separator, item, rule_of(target)))
        return either(options)

    def _unique(self, shape: ArrayShape, hint: str) -> Node:
        assert shape.unique is not None
        pointer = shape.unique.origin
        if not shape.unique.positive or shape.contains:
            raise _refuse(pointer, "it is combined with a denial or with contains")
        places = self._places(shape, hint)
        machine = _UniqueItems(self, shape, places, hint)
        return machine.run()

    def _places(
        self, shape: ArrayShape, hint: str
    ) -> list[list[tuple[Hashable, Node]]]:
        """The values that may stand at each place; the last list is for the rest."""
        assert shape.unique is not None
        places = []
        goals = [*shape.items, shape.rest]
        if shape.max_size is not None:
            goals = goals[: shape.max_size]
        for goal in goals:
            values = self.list_values(goal, MAX_UNIQUE_VALUES, f"{hint}-item")
            if values is None:
                raise _refuse(
                    shape.unique.origin,
                    f"the items have more than {MAX_UNIQUE_VALUES} possible values",
                )
            places.append(values)
        return places


#: How many places are passed, and how many items of each wanted kind.
_Counts = tuple[int, tuple[int, ...]]


class _Counting:
    """The states of an array with `contains`; counts stop where they stop mattering."""

    def __init__(self, shape: ArrayShape) -> None:
        self.shape = shape
        starts = (c.start for c in shape.contains)
        self.last = max(len(shape.items), shape.min_size, shape.max_size or 0, *starts)

    def may_end(self, state: _Counts) -> bool:
        index, counts = state
        enough = all(
            n >= c.min for n, c in zip(counts, self.shape.contains, strict=True)
        )
        return index >= self.shape.min_size and enough

    def steps(self, state: _Counts) -> list[tuple[Goal, _Counts]]:
        """The goals that the next item may have, and the state after it."""
        index, counts = state
        if self.shape.max_size is not None and index >= self.shape.max_size:
            return []
        found: list[tuple[Goal, tuple[int, ...]]] = [(self.shape.goal_at(index), ())]
        for wanted, count in zip(self.shape.contains, counts, strict=True):
            found = [
                (tuple(dict.fromkeys((*goal, *more))), (*so_far, after))
                for goal, so_far in found
                for more, after in _ways(wanted, count, index)
            ]
        place = min(index + 1, self.last)
        return [(goal, (place, after)) for goal, after in found]


def _ways(wanted: Contains, count: int, index: int) -> list[tuple[Goal, int]]:
    """Whether the item is of the wanted kind, where that matters, and the new count."""
    enough = wanted.min if wanted.max is None else wanted.max + 1
    if index < wanted.start or (wanted.max is None and count >= enough):
        return [((), count)]
    other: tuple[Goal, int] = ((wanted.literal.negated(),), count)
    if wanted.max is not None and count == wanted.max:
        return [other]
    return [((wanted.literal,), count + 1), other]


@dataclass(slots=True)
class _UniqueItems:
    """The states are the sets of values that have been used."""

    printer: ArrayPrinter
    shape: ArrayShape
    places: list[list[tuple[Hashable, Node]]]
    hint: str

    def run(self) -> Node:
        comma, builder = self.printer.layout.comma, self.printer.builder
        rules: dict[frozenset[Hashable], RuleRef] = {}
        pending: list[frozenset[Hashable]] = []

        def rule_of(used: frozenset[Hashable]) -> Node:
            if not self._values(used):
                return EMPTY if len(used) >= self.shape.min_size else NOTHING
            if used not in rules:
                self._spend()
                rules[used] = builder.reserve(f"{self.hint}-after-{len(used)}")
                pending.append(used)
            return rules[used]

        def steps(used: frozenset[Hashable], separator: Node) -> Node:
            options = [
                node if after == EMPTY else Sequence((node, after))
                for value, node in self._values(used)
                if (after := rule_of(used | {value})) is not NOTHING
            ]
            if not options:
                return NOTHING
            one_of = options[0] if len(options) == 1 else Choice(tuple(options))
            return join(separator, one_of)

        content = steps(frozenset(), EMPTY)
        while pending:
            used = pending.pop()
            body = steps(used, comma)
            if len(used) >= self.shape.min_size:
                body = maybe(body)
            builder.define(rules[used], body)
        return content

    def _values(self, used: frozenset[Hashable]) -> list[tuple[Hashable, Node]]:
        """The values that may come next."""
        if self.shape.max_size is not None and len(used) >= self.shape.max_size:
            return []
        place = self.places[min(len(used), len(self.places) - 1)]
        return [(value, node) for value, node in place if value not in used]

    def _spend(self) -> None:
        assert self.shape.unique is not None
        self.printer.budget.spend(5, self.shape.unique.origin, "uniqueItems")


def _needs_unique(shape: ArrayShape) -> bool:
    """Whether there can be two items at all, and their difference matters."""
    if shape.unique is None:
        return False
    return not shape.unique.positive or shape.max_size is None or shape.max_size > 1


def _refuse(pointer: str, problem: str) -> UnsupportedSchemaError:
    return UnsupportedSchemaError(problem, pointer=pointer, keyword="uniqueItems")


def _is_short(node: Node) -> bool:
    return type(node) in (Literal, RuleRef)
