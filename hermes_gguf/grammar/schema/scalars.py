"""The numbers, strings, booleans and nulls that a schema allows, as exact sets.

These types have a real algebra (and, or, not), so every keyword becomes a set and
every combination of schemas a combination of sets. Denials are still pushed inward,
so that a relaxed keyword widens the set on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from ...errors import SchemaBudgetError, UnsupportedSchemaError
from ..formats import format_language
from ..numeric import NumberSet
from ..regular.errors import LanguageBudgetError, LanguageError
from ..regular.language import Language
from .budget import Budget
from .nodes import REFERENCES, RELAXED, Literal, Node, endless

#: A set of values of one scalar type.
ScalarSet = Any
_Set = TypeVar("_Set")


def _full(kind: str) -> ScalarSet:
    match kind:
        case "string":
            return Language.any()
        case "number":
            return NumberSet.all()
        case "boolean":
            return Flags((False, True))
    return Flags((None,))


def _empty(kind: str) -> ScalarSet:
    match kind:
        case "string":
            return Language.nothing()
        case "number":
            return NumberSet.nothing()
    return Flags(())


class Flags(frozenset[bool | None]):
    """A set of booleans, or of nulls."""

    @property
    def is_empty(self) -> bool:
        """Whether there is no value."""
        return not self


class ScalarReader:
    """Reads literals as sets, each once.

    Args:
        budget: What all of it may cost.
        asserts_formats: Whether `format` constrains.
    """

    def __init__(self, budget: Budget, *, asserts_formats: bool = True) -> None:
        self.budget = budget
        self.asserts_formats = asserts_formats
        self._known: dict[tuple[Literal, str], ScalarSet] = {}
        self._active: set[tuple[Literal, str]] = set()

    def read_goal(self, goal: Iterable[Literal], kind: str) -> ScalarSet:
        """The values of a scalar type for which all the literals hold.

        Raises:
            UnsupportedSchemaError: a pattern is not regular, or a reference leads
                back to itself.
            SchemaBudgetError: an automaton is too large.
        """
        return _meet((self.read(literal, kind) for literal in goal), kind)

    def read(self, literal: Literal, kind: str) -> ScalarSet:
        """The values of a scalar type for which the literal holds; see `read_goal`."""
        key = (literal, kind)
        if key in self._known:
            return self._known[key]
        if key in self._active:
            raise endless(literal.node, "$ref")
        self._active.add(key)
        try:
            result = self._read(literal, kind)
        finally:
            self._active.discard(key)
        self._known[key] = result
        return result

    def _read(self, literal: Literal, kind: str) -> ScalarSet:
        node, positive = literal.node, literal.positive
        if node.keywords is None:
            return _empty(kind) if positive else _full(kind)
        self.budget.spend(1, node.pointer, "schema")
        if not node.keywords:
            return _full(kind) if positive else _empty(kind)
        sets = (
            self._keyword(node, kind, keyword, positive)
            for keyword, value in node.keywords.items()
            if keyword in _CONCERNING[kind] or value is RELAXED
        )
        try:
            return _meet(sets, kind) if positive else _join(sets, kind)
        except LanguageError as error:
            raise refusal(error, node, heaviest(node.keywords)) from error

    def _keyword(
        self, node: Node, kind: str, keyword: str, positive: bool
    ) -> ScalarSet:
        """What the keyword allows; or, not positive, what breaks it."""
        assert node.keywords is not None
        value = node.keywords[keyword]
        if value is RELAXED:
            return _full(kind)
        logic = _LOGIC.get(keyword)
        if logic is not None:
            return logic(self, node, kind, positive)
        try:
            allowed = self._own(node, kind, keyword, value)
            if allowed is None:
                return _full(kind) if positive else _empty(kind)
            return allowed if positive else _complement(allowed, kind)
        except LanguageError as error:
            raise refusal(error, node, keyword) from error

    def _own(self, node: Node, kind: str, keyword: str, value: Any) -> ScalarSet | None:
        assert node.keywords is not None
        match keyword:
            case "type":
                return _of_types(value if isinstance(value, list) else [value], kind)
            case "enum":
                return _of_values(value, kind)
            case "const":
                return _of_values([value], kind)
        if kind == "number" and keyword in _NUMBER_KEYWORDS:
            return _NUMBER_KEYWORDS[keyword](value, node.keywords)
        if kind == "string" and keyword == "format":
            if not self.asserts_formats:
                return None
            return format_language(value, node.resource.dialect.name)
        if kind == "string" and keyword in _STRING_KEYWORDS:
            return _STRING_KEYWORDS[keyword](value)
        return None

    def _reference(self, node: Node, kind: str, positive: bool) -> ScalarSet:
        assert node.keywords is not None
        targets = (
            node.library.resolve(node, keyword)
            for keyword in REFERENCES
            if node.keywords.get(keyword, RELAXED) is not RELAXED
        )
        sets = (self.read(Literal(target, positive), kind) for target in targets)
        return _meet(sets, kind) if positive else _join(sets, kind)

    def _all_of(self, node: Node, kind: str, positive: bool) -> ScalarSet:
        sets = (self.read(Literal(c, positive), kind) for c in node.each("allOf"))
        return _meet(sets, kind) if positive else _join(sets, kind)

    def _any_of(self, node: Node, kind: str, positive: bool) -> ScalarSet:
        sets = (self.read(Literal(c, positive), kind) for c in node.each("anyOf"))
        return _join(sets, kind) if positive else _meet(sets, kind)

    def _one_of(self, node: Node, kind: str, positive: bool) -> ScalarSet:
        if positive:
            return self._exactly_one(node, kind)
        none, one, many = _full(kind), _empty(kind), _empty(kind)
        for child in node.each("oneOf"):
            yes = self.read(Literal(child), kind)
            no = self.read(Literal(child, False), kind)
            self.budget.spend(1, node.pointer, "oneOf")
            many = _join((many, _meet((one, yes), kind)), kind)
            one = _join((_meet((one, no), kind), _meet((none, yes), kind)), kind)
            none = _meet((none, no), kind)
        return _join((none, many), kind)

    def _exactly_one(self, node: Node, kind: str) -> ScalarSet:
        """Each branch without those that it overlaps; most overlap with none."""
        branches = [
            (child, values)
            for child in node.each("oneOf")
            if not (values := self.read(Literal(child), kind)).is_empty
        ]
        found = []
        for i, (_, values) in enumerate(branches):
            self.budget.spend(len(branches), node.pointer, "oneOf")
            alone = values
            for j, (other, others) in enumerate(branches):
                if i != j and not _is_disjoint(values, others, kind):
                    alone = _meet((alone, self.read(Literal(other, False), kind)), kind)
            found.append(alone)
        return _join(found, kind)

    def _not(self, node: Node, kind: str, positive: bool) -> ScalarSet:
        return self.read(Literal(node.at("not"), not positive), kind)

    def _if(self, node: Node, kind: str, positive: bool) -> ScalarSet:
        keywords = node.keywords
        assert keywords is not None
        parts = []
        for holds, branch in ((True, "then"), (False, "else")):
            condition = self.read(Literal(node.at("if"), holds), kind)
            if branch not in keywords:
                if positive:
                    parts.append(condition)
            elif keywords[branch] is RELAXED:
                parts.append(condition)
            else:
                held = self.read(Literal(node.at(branch), positive), kind)
                parts.append(_meet((condition, held), kind))
        return _join(parts, kind)

    def _ignore(self, node: Node, kind: str, positive: bool) -> ScalarSet:
        return _full(kind) if positive else _empty(kind)


_LOGIC: dict[str, Callable[[ScalarReader, Node, str, bool], ScalarSet]] = {
    "$ref": ScalarReader._reference,
    "$dynamicRef": ScalarReader._reference,
    "$recursiveRef": ScalarReader._reference,
    "allOf": ScalarReader._all_of,
    "anyOf": ScalarReader._any_of,
    "oneOf": ScalarReader._one_of,
    "not": ScalarReader._not,
    "if": ScalarReader._if,
    "then": ScalarReader._ignore,
    "else": ScalarReader._ignore,
}


def _meet(sets: Iterable[ScalarSet], kind: str) -> ScalarSet:
    result: ScalarSet = None
    for each in sets:
        result = each if result is None else _combine(result, each, kind, "and")
        if result.is_empty:
            return result
    return _full(kind) if result is None else result


def _join(sets: Iterable[ScalarSet], kind: str) -> ScalarSet:
    found = [each for each in sets if not each.is_empty]
    if kind == "string" and len(found) > 2:
        # Each step costs the sum of both sides, so the large ones come once, and last.
        found.sort(key=_n_states)
    result: ScalarSet = None
    for each in found:
        result = each if result is None else _combine(result, each, kind, "or")
    return _empty(kind) if result is None else result


def _n_states(language: Language) -> int:
    return len(language.core.delta) if language.core else 0


def _combine(a: ScalarSet, b: ScalarSet, kind: str, how: str) -> ScalarSet:
    if kind in ("null", "boolean"):
        return Flags(a & b if how == "and" else a | b)
    return a & b if how == "and" else a | b


def _is_disjoint(a: ScalarSet, b: ScalarSet, kind: str) -> bool:
    if kind == "string":
        return bool(a.isdisjoint(b))
    return bool(_combine(a, b, kind, "and").is_empty)


def _complement(values: ScalarSet, kind: str) -> ScalarSet:
    if kind in ("null", "boolean"):
        return Flags(set(_full(kind)) - set(values))
    return ~values


def _of_types(names: list[str], kind: str) -> ScalarSet:
    if kind in names:
        return _full(kind)
    if kind == "number" and "integer" in names:
        return NumberSet.integers()
    return _empty(kind)


def to_decimal(value: float) -> Decimal:
    """A JSON number exactly as it is written (1.0 and 1 are equal)."""
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def _of_values(values: list[Any], kind: str) -> ScalarSet:
    match kind:
        case "string":
            return Language.of(v for v in values if isinstance(v, str))
        case "number":
            numbers = (v for v in values if isinstance(v, int | float))
            return NumberSet.of(
                to_decimal(v) for v in numbers if not isinstance(v, bool)
            )
        case "boolean":
            return Flags(v for v in values if isinstance(v, bool))
    return Flags(v for v in values if v is None)


def _bound(keyword: str) -> Callable[[Any, Any], NumberSet | None]:
    """The set of `minimum` or `maximum`, with draft 4's boolean companion."""
    companion = "exclusive" + keyword.capitalize()

    def numbers(value: float, keywords: Any) -> NumberSet:
        exclusive = keywords.get(companion) is True
        if keyword == "minimum":
            return NumberSet.at_least(to_decimal(value), exclusive=exclusive)
        return NumberSet.at_most(to_decimal(value), exclusive=exclusive)

    return numbers


def _exclusive_bound(keyword: str) -> Callable[[Any, Any], NumberSet | None]:
    def numbers(value: float, keywords: Any) -> NumberSet | None:
        if isinstance(value, bool):
            return None
        if keyword == "minimum":
            return NumberSet.at_least(to_decimal(value), exclusive=True)
        return NumberSet.at_most(to_decimal(value), exclusive=True)

    return numbers


_NUMBER_KEYWORDS: dict[str, Callable[[Any, Any], NumberSet | None]] = {
    "minimum": _bound("minimum"),
    "maximum": _bound("maximum"),
    "exclusiveMinimum": _exclusive_bound("minimum"),
    "exclusiveMaximum": _exclusive_bound("maximum"),
    "multipleOf": lambda value, _: NumberSet.multiples(to_decimal(value)),
}

_STRING_KEYWORDS: dict[str, Callable[[Any], Language]] = {
    "minLength": lambda value: Language.length(int(value), None),
    "maxLength": lambda value: Language.length(0, int(value)),
    "pattern": Language.from_pattern,
}

_ANY_KIND = frozenset({*_LOGIC, "type", "enum", "const"})
#: The keywords that say something about values of a kind.
_CONCERNING = {
    "null": _ANY_KIND,
    "boolean": _ANY_KIND,
    "number": _ANY_KIND.union(_NUMBER_KEYWORDS),
    "string": _ANY_KIND.union(_STRING_KEYWORDS, ["format"]),
}


_HEAVY = "pattern multipleOf oneOf anyOf allOf not format $ref".split()


def heaviest(keywords: Iterable[str]) -> str:
    """The keyword to name when a combination is too large."""
    present = list(keywords)
    return next((name for name in _HEAVY if name in present), present[0])


def refusal(
    error: LanguageError, node: Node, keyword: str
) -> UnsupportedSchemaError | SchemaBudgetError:
    """The compiler's error for a set that cannot be built."""
    kind = (
        SchemaBudgetError
        if isinstance(error, LanguageBudgetError)
        else UnsupportedSchemaError
    )
    return kind(str(error), pointer=node.where(keyword), keyword=keyword)
