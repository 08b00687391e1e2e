"""The facts of one object alternative, sorted, and which keys belong to which class.

The step before shapes, shared by them and by the question whether an alternative is
possible at all.
"""

from __future__ import annotations

from typing import TypeVar

from ...errors import SchemaBudgetError, SchemaError, UnsupportedSchemaError
from ..regular.errors import LanguageBudgetError, LanguageError
from ..regular.language import Language
from .facts import (
    Conjunction,
    Every,
    Explicit,
    Fact,
    KeyClass,
    Matching,
    Named,
    Others,
    Presence,
    Prop,
    Size,
    Some,
)
from .nodes import Goal, Literal
from .presence import (
    ALWAYS,
    Formula,
    decide,
    keys_of,
)
from .scalars import ScalarReader

_Item = TypeVar("_Item")


class KeyReader:
    """Tells which keys belong to which class."""

    def __init__(self, scalars: ScalarReader) -> None:
        self.scalars = scalars

    def language(self, keys: KeyClass | str, origin: str) -> Language:
        """The keys of a `Matching` or `Named` class, or of a pattern.

        Raises:
            SchemaError: the pattern cannot be decided.
        """
        if isinstance(keys, Named):
            language = self.scalars.read(keys.literal, "string")
            assert isinstance(language, Language)
            return language
        pattern = keys.pattern if isinstance(keys, Matching) else keys
        assert isinstance(pattern, str)
        try:
            return Language.from_pattern(pattern)
        except LanguageError as error:
            raise language_refusal(error, origin) from error

    def has(self, keys: KeyClass, name: str, origin: str) -> bool:
        """Whether the key belongs to the class."""
        if isinstance(keys, Others):
            return name not in keys.keys and not any(
                self.language(p, origin).contains(name) for p in keys.patterns
            )
        return self.language(keys, origin).contains(name)


def language_refusal(error: LanguageError, origin: str) -> SchemaError:
    """The compiler's error for a language that cannot be built."""
    keyword = origin.rsplit("/", 1)[-1]
    if isinstance(error, LanguageBudgetError):
        return SchemaBudgetError(str(error), pointer=origin, keyword=keyword)
    return UnsupportedSchemaError(str(error), pointer=origin, keyword=keyword)


class ObjectFacts:
    """The facts of one conjunction, sorted; the first step to shapes and emptiness."""

    def __init__(self, conjunction: Conjunction | None = None) -> None:
        #: Whether somebody looked and found no contradiction in the values.
        self.is_possible = False
        self.props: dict[str, list[Literal]] = {}
        self.every: list[Every] = []
        self.some: list[Some] = []
        self.formulas: set[Formula] = set()
        self.mentioned: dict[str, None] = {}
        self._left_out: dict[str, None] = {}
        self.min_size = 0
        self.max_size: int | None = None
        self.is_explicit = False
        self.origin = ""
        self.present: set[str] = set()
        self.absent: set[str] = set()
        self.is_contradictory = False
        if conjunction is not None:
            for fact in conjunction.facts:
                if type(fact) is Prop:  # most of them
                    self.props.setdefault(fact.key, []).append(fact.literal)
                else:
                    self._add(fact)
            self.is_contradictory = not self._settle()

    @classmethod
    def of(cls, conjunction: Conjunction) -> ObjectFacts:
        """The facts of the conjunction, sorted when they are first asked for.

        They are shared, so nobody may change them.
        """
        known = conjunction.notes.get("object")
        if known is None:
            known = conjunction.notes["object"] = cls(conjunction)
        assert isinstance(known, ObjectFacts)
        return known

    @classmethod
    def of_both(cls, a: ObjectFacts, b: ObjectFacts) -> ObjectFacts:
        """The facts of two conjunctions that hold together."""
        both = cls()
        both.props = _merged_props(a.props, b.props)
        both.every = _merged_lists(a.every, b.every)
        both.some = _merged_lists(a.some, b.some)
        both.mentioned = _merged(a.mentioned, b.mentioned)
        both._left_out = _merged(a._left_out, b._left_out)
        both.min_size = max(a.min_size, b.min_size)
        highs = [x.max_size for x in (a, b) if x.max_size is not None]
        both.max_size = min(highs, default=None)
        both.is_explicit = a.is_explicit or b.is_explicit
        both.origin = a.origin or b.origin
        both.formulas = a.formulas | b.formulas
        both.present = a.present | b.present
        both.absent = a.absent | b.absent
        if a.is_contradictory or b.is_contradictory or both.present & both.absent:
            both.is_contradictory = True
        elif both.formulas:
            both.formulas = {both._decided(f) for f in both.formulas} - {ALWAYS}
            both.is_contradictory = not both._settle()
        return both

    def _add(self, fact: Fact) -> None:
        match fact:
            case Every(keys) | Some(keys):
                if isinstance(fact, Every):
                    self.every.append(fact)
                else:
                    self.some.append(fact)
                if isinstance(keys, Others):
                    self._left_out.update(dict.fromkeys(sorted(keys.keys)))
            case Presence(formula, origin, order):
                self.formulas.add(formula)
                self.mentioned.update(dict.fromkeys(order))
                self.mentioned.update(dict.fromkeys(keys_of(formula)))
                self.origin = self.origin or origin
            case Size():
                bounds = fact.within(self.min_size, self.max_size)
                self.min_size, self.max_size = bounds
                self.origin = fact.origin
            case Explicit():
                self.is_explicit = True

    def _settle(self) -> bool:
        """Decide what single-term formulas decide; False for a contradiction."""
        pending = self.formulas
        while True:
            units = [f for f in pending if len(f) == 1]
            pending = {f for f in pending if len(f) != 1}
            if not units:
                self.formulas = pending
                return frozenset() not in pending
            for unit in units:
                for key, is_present in next(iter(unit)):
                    (self.present if is_present else self.absent).add(key)
            if self.present & self.absent:
                return False
            pending = {self._decided(f) for f in pending} - {ALWAYS}

    def _decided(self, formula: Formula) -> Formula:
        for key in keys_of(formula):
            if key in self.present:
                formula = decide(formula, key, True)
            elif key in self.absent:
                formula = decide(formula, key, False)
        return formula

    @property
    def named(self) -> list[str]:
        """Every key that a fact names, in the order in which they are written."""
        return list({**self.props, **self.mentioned, **self._left_out})

    def is_costly(self, name: str) -> bool:
        """Whether the value of this key may take long to look at, as objects do."""
        return not any(map(_is_scalar, self.props.get(name, ())))

    def goal_of(self, name: str, keys: KeyReader) -> Goal:
        """Everything that the value of this key must satisfy."""
        goal = dict.fromkeys(self.props.get(name, ()))
        for fact in self.every:
            if type(fact.keys) is Others and name in fact.keys.keys:
                continue  # as most keys are
            if fact.literal not in goal and keys.has(fact.keys, name, fact.origin):
                goal[fact.literal] = None
        return tuple(goal)


# What one of two has alone is shared with it, for most conjunctions that meet are
# large ones and small ones.


def _merged(a: dict[str, None], b: dict[str, None]) -> dict[str, None]:
    return {**a, **b} if a and b else a or b


def _merged_lists(a: list[_Item], b: list[_Item]) -> list[_Item]:
    return a + [x for x in b if x not in a] if a and b else a or b


def _merged_props(
    a: dict[str, list[Literal]], b: dict[str, list[Literal]]
) -> dict[str, list[Literal]]:
    if not a or not b:
        return a or b
    both = dict(a)
    for key, literals in b.items():
        both[key] = _merged_lists(a.get(key, []), literals)
    return both


def _is_scalar(literal: Literal) -> bool:
    keywords = literal.node.keywords
    if keywords is None or "enum" in keywords or "const" in keywords:
        return True
    return keywords.get("type") in ("string", "integer", "number", "boolean", "null")
