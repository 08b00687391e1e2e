"""From a schema to rules: the loop that prints one goal after the other.

Every object and array becomes a rule, named after its path; what such a rule needs is
queued, never recursed into, so deep and recursive schemas take no Python stack. The
order of the rules is the order of the schema.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from ...errors import UnsatisfiableSchemaError
from ...json_pointer import split_pointer
from ..gbnf import (
    Choice,
    GbnfGrammar,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    choice,
    optional,
    seq,
)
from ..gbnf import Literal as Text
from ..numeric import NumberSet, emit_number
from ..regular.emit import emit_string
from ..regular.errors import LanguageError
from ..regular.fragments import insert_string
from ..regular.language import Language
from .alternatives import TRUE, Alternatives
from .array_rules import ArrayPrinter
from .array_shapes import shape_array
from .budget import Budget
from .combine import NOTHING, either, factored
from .documents import Library
from .emptiness import Emptiness, possible_types
from .layout import Whitespace, make_layout
from .nodes import TYPES, Goal, Literal
from .object_rules import ObjectPrinter
from .object_shapes import ObjectShapes
from .plain_objects import PlainObject, is_plain
from .rulebook import RuleBook
from .scalars import (
    ScalarReader,
    ScalarSet,
    heaviest,
    refusal,
)

#: In which order the types of a value are printed.
_ORDER = TYPES[::-1]

_SPELLED = {None: "null", True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class _Job:
    """A reserved rule that still needs its body."""

    rule: RuleRef
    goal: Goal
    kind: str
    alternatives: Alternatives | PlainObject


class SchemaPrinter:
    """Prints one schema as one grammar."""

    def __init__(
        self,
        library: Library,
        *,
        closed: bool,
        whitespace: Whitespace,
        asserts_formats: bool,
    ) -> None:
        self.library = library
        self.closed = closed
        self.budget = Budget()
        self.builder = RuleBook()
        self.layout = make_layout(whitespace, self.builder)
        self.scalars = ScalarReader(self.budget, asserts_formats=asserts_formats)
        self.emptiness = Emptiness(self.scalars, self.budget)
        self.expander = self.emptiness.expander
        is_empty = self.emptiness.is_empty
        self.object_shapes = ObjectShapes(self.scalars, is_empty, closed=closed)
        self.objects = ObjectPrinter(
            self.builder, self.layout, self.budget, self.print_goal
        )
        self.arrays = ArrayPrinter(
            self.builder, self.layout, self.budget, self.print_goal, self.list_values
        )
        self._printed: dict[Goal, Node] = {}
        self._scalars: dict[tuple[str, ScalarSet], Node] = {}
        self._containers: dict[str, RuleRef] = {}
        self._jobs: deque[_Job] = deque()

    def run(self) -> GbnfGrammar:
        """The grammar of the library's root schema.

        Raises:
            SchemaError: it cannot be printed exactly, or nothing satisfies it.
        """
        top = self.builder.reserve("root")
        node = self.print_goal((Literal(self.library.root),), "root", top)
        while self._jobs:
            self._work(self._jobs.popleft())
        if node != top:
            self.builder.define(top, node)
        grammar = self.builder.finish()
        if grammar is None:
            raise UnsatisfiableSchemaError(
                "no value satisfies it", pointer="", keyword="schema"
            )
        return grammar

    def let_go(self) -> None:
        """Cut the circles between the parts, so that all is freed at once."""
        del self.objects, self.arrays, self.object_shapes
        del self.emptiness.expander, self.expander, self.emptiness

    def print_goal(self, goal: Goal, hint: str, top: RuleRef | None = None) -> Node:
        """The node for all values that satisfy the goal; `NOTHING` when there are none.

        Args:
            goal: What must hold.
            hint: The name of the rule, if there will be one.
            top: The reserved rule to use for the first object or array.

        Raises:
            SchemaError: it cannot be printed exactly.
        """
        known = self._printed.get(goal)
        if known is None:
            reduced = self._reduced(goal)
            known = self._printed.get(reduced)
            if known is None:
                known = self._printed[reduced] = self._print_goal(reduced, hint, top)
            self._printed[goal] = known
        return known

    def _print_goal(self, goal: Goal, hint: str, top: RuleRef | None) -> Node:
        if not goal:
            return self._any_value()
        self.budget.spend(1, goal[0].node.pointer, "schema")
        hint = self._name(goal, hint)
        options = []
        possible = possible_types(goal)
        kinds = [kind for kind in _ORDER if kind in possible]
        for kind in kinds:
            if kind in ("object", "array"):
                name = hint if len(kinds) == 1 else f"{hint}-{kind}"
                rule = top if len(kinds) == 1 else None
                options.append(self._container(goal, kind, name, rule))
            else:
                options.append(self._scalar(goal, kind, hint))
        node = options[0] if len(options) == 1 else either(options)
        if not _is_short(node) and hint != "root":
            node = self.builder.add(hint, node, comment=_comment(goal))
        return node

    def _reduced(self, goal: Goal) -> Goal:
        """The goal without what says nothing, references followed."""
        if len(goal) == 1:
            node = goal[0].node
            if node.keywords and self.library.follow(node) is node:
                return goal  # as most are
        reduced: dict[Literal, None] = {}
        for literal in goal:
            target = self.library.follow(literal.node)
            if target is not literal.node:
                literal = Literal(target, literal.positive)
            if target.keywords != {} or not literal.positive:
                reduced[literal] = None
        return tuple(reduced)

    def _name(self, goal: Goal, hint: str) -> str:
        """The name of a definition for its rule; else the name of the place."""
        match split_pointer(goal[0].node.pointer)[-2:]:
            case ["definitions" | "$defs", name] if len(goal) == 1:
                # Some are called by a whole URI.
                return name.rstrip("/").rpartition("/")[2] or hint
        return hint

    def _scalar(self, goal: Goal, kind: str, hint: str) -> Node:
        values = self.scalars.read_goal(goal, kind)
        if values.is_empty:
            return NOTHING
        if kind in ("null", "boolean"):
            return choice(_SPELLED[flag] for flag in _SPELLED if flag in values)
        key = (kind, values)
        if key not in self._scalars:
            self._scalars[key] = self._print_scalar(goal, kind, values, hint)
        return self._scalars[key]

    def _print_scalar(
        self, goal: Goal, kind: str, values: Language | NumberSet, hint: str
    ) -> Node:
        plain = _PLAIN.get(values)
        name = plain or f"{hint}-part"  # the whole gets the name itself
        try:
            with self.builder.spelling():
                if isinstance(values, Language):
                    node = insert_string(values, self.builder, name)
                else:
                    node = self._print_numbers(values, name)
        except LanguageError as error:
            culprit = goal[0].node
            keyword = heaviest(culprit.keywords or {"schema": None})
            raise refusal(error, culprit, keyword) from error
        if plain and not isinstance(node, RuleRef):
            return self.builder.add(plain, node)
        return node

    def _print_numbers(self, numbers: NumberSet, hint: str) -> Node:
        """A long list of integers is printed one by one, all else digit by digit."""
        is_list = len(numbers.pieces) >= _MIN_LISTED and numbers.is_integral
        listed = numbers.values(_MAX_LISTED) if is_list else None
        if listed is None or max(abs(listed[0]), abs(listed[-1])) > 10**15:
            return self._number(numbers, hint)
        if self.closed:
            return factored(Text(str(value)) for value in listed)
        zeros = Repeat(Text("0"), 1, 3)
        end = self.builder.add("integer-end", optional(seq(".", zeros)))
        return seq(factored(Text(str(value)) for value in listed), end)

    def _number(self, values: NumberSet, hint: str) -> Node:
        return emit_number(values, self.builder, hint, plain=self.closed)

    def list_values(
        self, goal: Goal, limit: int, hint: str
    ) -> list[tuple[Hashable, Node]] | None:
        """All values that satisfy the goal, each with its node; None for too many.

        Raises:
            SchemaError: it cannot be told which values these are.
        """
        goal = self._reduced(goal)
        if not goal:
            return None
        found: list[tuple[Hashable, Node]] = []
        possible = possible_types(goal)
        for kind in TYPES:
            if kind not in possible:
                continue
            if kind in ("object", "array"):
                if self.expander.expand_goal(goal, kind):
                    return None
                continue
            values = self._list_scalars(self.scalars.read_goal(goal, kind), limit)
            if values is None:
                return None
            for value in values:
                node = self._scalar_node(value, hint)
                found.append(((kind, value), node))
        return found if len(found) <= limit else None

    def _list_scalars(self, values: ScalarSet, limit: int) -> list[Any] | None:
        if isinstance(values, Language):
            return values.strings(limit)
        if isinstance(values, NumberSet):
            return values.values(limit)
        return sorted(values, key=str)

    def _scalar_node(self, value: Any, hint: str) -> Node:
        if isinstance(value, str):
            return emit_string(Language.of([value]), self.builder, hint)
        if isinstance(value, Fraction):
            node = self._number(NumberSet.of([value]), hint)
            return self.builder.add(f"{hint}-number", node)
        return Text(_SPELLED[value])

    def _container(self, goal: Goal, kind: str, hint: str, top: RuleRef | None) -> Node:
        alternatives: Alternatives | PlainObject
        if kind == "object" and is_plain(goal):
            self.budget.spend(1, goal[0].node.pointer, "schema")
            alternatives = PlainObject(
                goal[0].node, self.emptiness.is_empty, closed=self.closed
            )
            is_any, is_possible = alternatives.is_any, alternatives.is_possible()
        else:
            alternatives = self.expander.expand_goal(goal, kind)
            is_any, is_possible = alternatives == TRUE, bool(alternatives)
        if not is_possible:
            return NOTHING
        if is_any:
            return self._any_container(kind)
        rule = top or self.builder.reserve(hint)
        self._jobs.append(_Job(rule, goal, kind, alternatives))
        return rule

    def _work(self, job: _Job) -> None:
        print_shape = partial(self.objects.print, hint=job.rule.name)
        options = []
        if isinstance(job.alternatives, PlainObject):
            shape = job.alternatives.shape()
            options = [] if shape is None else [print_shape(shape)]
        elif job.kind == "object":
            for alternative in job.alternatives:
                options += map(print_shape, self.object_shapes.shapes(alternative))
        else:
            for alternative in job.alternatives:
                array = shape_array(alternative, self.emptiness.is_empty)
                if array is not None:
                    options.append(self.arrays.print(array, job.rule.name))
        self.builder.define(job.rule, either(options), comment=_comment(job.goal))

    def _any_value(self) -> Node:
        """Any JSON value; with its rules `object` and `array`."""
        with self.builder.spelling():
            value = self.builder.reserve("value")
            rules = {kind: self.builder.reserve(kind) for kind in ("object", "array")}
        self._containers.update(rules)
        scalars = [self._any_scalar("string"), self._any_scalar("number")]
        words = map(Text, ("true", "false", "null"))
        self.builder.define(value, choice([*rules.values(), *scalars, *words]))
        pair = seq(scalars[0], self.layout.colon, value)
        for kind, item in (("object", pair), ("array", value)):
            content = seq(item, Repeat(seq(self.layout.comma, item)))
            opening, closing = "{}" if kind == "object" else "[]"
            body = self.layout.wrap(opening, content, closing, empty=True)
            self.builder.define(rules[kind], body)
        return value

    def _any_scalar(self, kind: str) -> Node:
        values = Language.any() if kind == "string" else NumberSet.all()
        if (kind, values) not in self._scalars:
            self._scalars[kind, values] = self._print_scalar((), kind, values, kind)
        return self._scalars[kind, values]

    def _any_container(self, kind: str) -> Node:
        self.print_goal((), "value")
        return self._containers[kind]


#: Between so many and so many integers are printed one by one.
_MIN_LISTED, _MAX_LISTED = 64, 20_000

#: Sets that get the name that everybody knows.
_PLAIN: dict[object, str] = {
    Language.any(): "string",
    NumberSet.all(): "number",
    NumberSet.integers(): "integer",
}


def _is_short(node: Node) -> bool:
    kind = type(node)
    if kind is Choice:
        return len(node.options) <= 6 and all(map(_is_short, node.options))  # type: ignore[union-attr]
    if kind is Sequence:
        return len(node.parts) <= 3 and all(map(_is_short, node.parts))  # type: ignore[union-attr]
    return kind is not Repeat


def _comment(goal: Goal) -> str | None:
    """Where in the schema the rule comes from."""
    pointers = (each.node.pointer for each in goal if each.positive)
    shown = [f"#{p}" for p in pointers if p and "/=" not in p]
    return " and ".join(shown[:3]) or None
