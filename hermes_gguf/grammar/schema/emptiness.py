"""Whether a goal or an alternative can be satisfied at all, told cheaply.

"Empty" is certain, "not empty" may be wrong (recursion is cut off, costly questions are
not asked): the rules that then match nothing are swept out at the end by `rulebook`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from ...errors import UnsupportedSchemaError
from .array_shapes import ArrayFacts
from .budget import Budget
from .conjunctions import Expander
from .facts import Conjunction
from .nodes import (
    REFERENCES,
    RELAXED,
    TYPES,
    Goal,
    Literal,
    Node,
)
from .object_sorting import KeyReader, ObjectFacts
from .scalars import ScalarReader, to_decimal

_MAX_DEPTH = 12


class Emptiness:
    """Answers, each question once. It owns the expander, which asks it in turn."""

    def __init__(self, scalars: ScalarReader, budget: Budget) -> None:
        self.scalars = scalars
        self.expander = Expander(budget, self.is_possible, self.meet)
        self.keys = KeyReader(scalars)
        self._goals: dict[Goal, bool] = {}
        self._values: dict[Node, frozenset[Hashable] | None] = {}
        self._depth = 0

    def is_empty(self, goal: Goal) -> bool:
        """Whether surely no value satisfies all the literals."""
        if len(goal) == 1:
            if _is_harmless(goal[0]):
                return False  # as most are
            goal = self._followed(goal[0])
        if _is_trivially_empty(goal):
            return True
        if not goal or (len(goal) == 1 and _is_harmless(goal[0])):
            return False
        known = self._goals.get(goal)
        if known is not None:
            return known
        if self._depth >= _MAX_DEPTH:
            return False
        if len(goal) > 1 and self._have_no_value_in_common(goal):
            self._goals[goal] = True
            return True
        self._goals[goal] = False  # while it is being found out
        self._depth += 1
        try:
            possible = possible_types(goal)
            kinds = [kind for kind in TYPES if kind in possible]
            self._goals[goal] = all(self._lacks(goal, kind) for kind in kinds)
        finally:
            self._depth -= 1
        return self._goals[goal]

    def _have_no_value_in_common(self, goal: Goal) -> bool:
        """Whether the goal's lists of values, such as tags, have none in common."""
        common: frozenset[Hashable] | None = None
        for literal in goal:
            if literal.positive:
                node = literal.node
                if node not in self._values:
                    self._values[node] = listed_values(node)
                values = self._values[node]
                if values is not None:
                    common = values if common is None else common & values
        return common is not None and not common

    def _followed(self, literal: Literal) -> Goal:
        try:
            node = literal.node.library.follow(literal.node)
        except UnsupportedSchemaError:
            return (literal,)  # asked again, and refused, when it is printed
        return (literal if node is literal.node else Literal(node, literal.positive),)

    def _lacks(self, goal: Goal, kind: str) -> bool:
        """Whether surely no value of this type satisfies the goal."""
        try:
            if kind in ("object", "array"):
                return not self.expander.is_goal_possible(goal, kind)
            return bool(self.scalars.read_goal(goal, kind).is_empty)
        except UnsupportedSchemaError:
            return False  # asked again, and refused, when it is printed

    def is_possible(self, conjunction: Conjunction, kind: str) -> bool:
        """Whether some value of the type may satisfy all these facts."""
        if kind == "array":
            return self._is_array_possible(ArrayFacts(conjunction))
        facts = ObjectFacts.of(conjunction)
        if not facts.is_possible:
            facts.is_possible = self._is_object_possible(facts, facts.present)
        return facts.is_possible

    def meet(self, a: Conjunction, b: Conjunction, kind: str) -> Conjunction | None:
        """Both together; None when surely no value of the type satisfies both."""
        if kind == "array":
            both = a & b
            return both if self.is_possible(both, kind) else None
        first, second = ObjectFacts.of(a), ObjectFacts.of(b)
        if first.present & second.absent or first.absent & second.present:
            return None
        needed = first.present | second.present
        shared = first.props.keys() & second.props.keys() & needed
        # Most alternatives differ in the value of one key, so that is asked first.
        for name in sorted(sorted(shared), key=first.is_costly) if shared else ():
            together = dict.fromkeys((*first.props[name], *second.props[name]))
            if self.is_empty(tuple(together)):
                return None
        facts = ObjectFacts.of_both(first, second)
        if first.is_possible and second.is_possible and not facts.every:
            # Only what one of them adds to a key of the other can be impossible; and
            # what both say about a key was asked just now.
            needed -= {n for n in first.present if n not in second.props}
            needed -= {n for n in second.present if n not in first.props}
            needed -= shared
        facts.is_possible = self._is_object_possible(facts, needed)
        if not facts.is_possible:
            return None
        both = a & b
        both.notes["object"] = facts
        return both

    def _is_object_possible(self, facts: ObjectFacts, names: Iterable[str]) -> bool:
        if facts.is_contradictory:
            return False
        high = facts.max_size
        if high is not None and high < max(facts.min_size, len(facts.present)):
            return False
        try:
            return not any(
                self.is_empty(facts.goal_of(name, self.keys)) for name in sorted(names)
            )
        except UnsupportedSchemaError:
            return True

    def _is_array_possible(self, facts: ArrayFacts) -> bool:
        high = facts.max_size
        if high is not None and high < facts.min_size:
            return False
        certain = range(min(facts.min_size, facts.n_places + 1))
        return not any(self.is_empty(facts.goal_of(i)) for i in certain)


def _is_trivially_empty(goal: Goal) -> bool:
    for literal in goal:
        keywords = literal.node.keywords
        if keywords is None if literal.positive else keywords == {}:
            return True
    return False


def _is_harmless(literal: Literal) -> bool:
    """Whether a schema taken alone is worth no closer look."""
    keywords = literal.node.keywords
    if not literal.positive or keywords is None:
        return False
    return _SUSPECT.isdisjoint(keywords)


#: Keywords that people write to forbid something, also when they stand alone.
_SUSPECT = frozenset({"not", *REFERENCES, "allOf", "anyOf", "oneOf", "enum"})


_ALL_TYPES = frozenset(TYPES)
_NAMED_TYPES = {"integer": frozenset({"number"}), **{t: frozenset({t}) for t in TYPES}}


def possible_types(goal: Goal) -> frozenset[str]:
    """The types that no `type` in the goal rules out, and no list of scalars."""
    possible = _ALL_TYPES
    for each in goal:
        if each.positive:
            possible &= _types_of(each.node)
    return possible


def _types_of(node: Node) -> frozenset[str]:
    keywords = node.keywords
    if keywords is None:
        return frozenset()
    names = keywords.get("type")
    if type(names) is str:
        return _NAMED_TYPES[names]
    if isinstance(names, list):
        return frozenset().union(*map(_NAMED_TYPES.__getitem__, names))
    if "enum" in keywords and keywords["enum"] is not RELAXED:
        # Mostly strings: this saves five questions.
        found = frozenset(map(type, keywords["enum"]))
        if found <= _TYPES_OF_VALUES.keys():
            return frozenset(map(_TYPES_OF_VALUES.__getitem__, found))
    return _ALL_TYPES


def listed_values(node: Node) -> frozenset[Hashable] | None:
    """The values of `enum` or `const`, with their types, when all are scalars."""
    for keyword in ("const", "enum"):
        values = (node.keywords or {}).get(keyword, RELAXED)
        if values is not RELAXED:
            values = values if keyword == "enum" else [values]
            if all(type(value) in _TYPES_OF_VALUES for value in values):
                return frozenset(map(_typed, values))
    return None


def _typed(value: Any) -> Hashable:
    kind = _TYPES_OF_VALUES[type(value)]
    return kind, to_decimal(value) if kind == "number" else value


_TYPES_OF_VALUES = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
}
