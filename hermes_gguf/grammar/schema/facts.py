"""What a schema says about objects and arrays, one plain fact at a time.

A conjunction of facts is one alternative; `conjunctions` makes them, the `*_shapes`
put them together. Facts hold literals (schemas that must or must not hold further
down) and never look into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .nodes import Literal
from .presence import Formula


class Prop(NamedTuple):
    """The value of this key, if it is there, satisfies the literal.

    Most facts are of this kind, so it is of the type that is looked up fastest.
    """

    key: str
    literal: Literal


@dataclass(slots=True, unsafe_hash=True)
class Others:
    """All keys but these: neither one of `keys` nor matched by a pattern."""

    keys: frozenset[str]
    patterns: frozenset[str] = frozenset()


@dataclass(slots=True, unsafe_hash=True)
class Matching:
    """All keys in which the regular expression matches."""

    pattern: str


@dataclass(slots=True, unsafe_hash=True)
class Named:
    """All keys that, taken as values, satisfy the literal."""

    literal: Literal


KeyClass = Others | Matching | Named


@dataclass(slots=True, unsafe_hash=True)
class Every:
    """Every key of the class has a value that satisfies the literal."""

    keys: KeyClass
    literal: Literal
    origin: str


@dataclass(slots=True, unsafe_hash=True)
class Some:
    """At least one key of the class has a value that satisfies the literal."""

    keys: KeyClass
    literal: Literal
    origin: str


@dataclass(slots=True, unsafe_hash=True)
class Presence:
    """The keys of the object satisfy the formula."""

    formula: Formula
    origin: str = field(compare=False)
    order: tuple[str, ...] = field(compare=False, default=())


@dataclass(slots=True, unsafe_hash=True)
class Size:
    """So many keys, or so many items."""

    min: int
    max: int | None
    origin: str

    def within(self, low: int, high: int | None) -> tuple[int, int | None]:
        """What is left of these bounds; None: no limit."""
        highs = [limit for limit in (self.max, high) if limit is not None]
        return max(self.min, low), min(highs, default=None)


@dataclass(slots=True, unsafe_hash=True)
class Explicit:
    """The schema says what other keys are allowed, so `closed` does not apply."""


@dataclass(slots=True, unsafe_hash=True)
class Item:
    """The item at this index, if there is one, satisfies the literal."""

    index: int
    literal: Literal


@dataclass(slots=True, unsafe_hash=True)
class Rest:
    """Every item from this index on satisfies the literal."""

    start: int
    literal: Literal


@dataclass(slots=True, unsafe_hash=True)
class Contains:
    """From `start` on, at least `min` and at most `max` items satisfy the literal."""

    start: int
    literal: Literal
    min: int
    max: int | None
    origin: str


@dataclass(slots=True, unsafe_hash=True)
class Unique:
    """No two items are equal; or, not positive, some two are."""

    positive: bool
    origin: str


Fact = (
    Prop | Every | Some | Presence | Size | Explicit | Item | Rest | Contains | Unique
)


@dataclass(slots=True, unsafe_hash=True)
class Evaluated:
    """Which keys or items a schema has looked at, for the `unevaluated*` keywords.

    Attributes:
        keys: The keys named by `properties`.
        patterns: The patterns of `patternProperties`.
        everything: Whether nothing is left to look at.
        n_items: So many items from the start.
        containing: Items that satisfy one of these were looked at too.
    """

    keys: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    everything: bool = False
    n_items: int = 0
    containing: tuple[Literal, ...] = ()

    def __or__(self, other: Evaluated) -> Evaluated:
        if self is UNSEEN or other is UNSEEN:
            return other if self is UNSEEN else self
        return Evaluated(
            self.keys | other.keys,
            self.patterns | other.patterns,
            self.everything or other.everything,
            max(self.n_items, other.n_items),
            self.containing
            + tuple(c for c in other.containing if c not in self.containing),
        )


#: Nothing was looked at, as nearly everywhere.
UNSEEN = Evaluated()


@dataclass(slots=True, unsafe_hash=True)
class Conjunction:
    """Facts that hold together.

    Attributes:
        facts: In the order in which the schema states them.
        evaluated: What they have looked at.
        notes: What others found out about the facts; no part of the value.
    """

    facts: tuple[Fact, ...] = ()
    evaluated: Evaluated = UNSEEN
    notes: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of_all(cls, parts: Sequence[Conjunction]) -> Conjunction:
        """All of the parts together, each fact once."""
        if len(parts) == 1:
            return parts[0]
        facts: dict[Fact, None] = {}
        evaluated = UNSEEN
        for part in parts:
            facts.update(dict.fromkeys(part.facts))
            evaluated |= part.evaluated
        return cls(tuple(facts), evaluated)

    def __and__(self, other: Conjunction) -> Conjunction:
        if not self.facts and self.evaluated == UNSEEN:
            return other
        if not other.facts and other.evaluated == UNSEEN:
            return self
        known = self.notes.get("known")
        if known is None:
            known = self.notes["known"] = frozenset(self.facts)
        added = tuple([f for f in other.facts if f not in known])
        return Conjunction(self.facts + added, self.evaluated | other.evaluated)
