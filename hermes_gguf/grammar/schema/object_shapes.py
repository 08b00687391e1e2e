"""Facts about an object put together: its keys in order, and what else it may hold.

A shape is one alternative that can be printed as it stands: every key that is named
anywhere has one goal, all other keys fall into regions with one goal each. Nothing
here knows GBNF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from ...errors import SchemaBudgetError, UnsupportedSchemaError
from ..regular.errors import LanguageError
from ..regular.language import Language
from .facts import (
    Conjunction,
    Every,
    KeyClass,
    Matching,
    Others,
    Presence,
    Prop,
    Some,
)
from .nodes import Goal
from .object_sorting import (
    KeyReader,
    ObjectFacts,
    language_refusal,
)
from .presence import (
    ALWAYS,
    Formula,
    decide,
)
from .scalars import ScalarReader

#: Demands on extra keys ("some key must ...") that one object may combine.
_MAX_DEMANDS = 5


@dataclass(slots=True, unsafe_hash=True)
class Key:
    """A key with a place of its own."""

    name: str
    goal: Goal
    required: bool


@dataclass(slots=True, unsafe_hash=True)
class Region:
    """Keys without a place of their own, which share a goal."""

    names: Language
    goal: Goal


@dataclass(slots=True, unsafe_hash=True)
class ObjectShape:
    """One alternative of an object.

    Attributes:
        keys: In the order in which they are written.
        formulas: What must hold about the presence of several keys at once.
        regions: The extra keys, which follow the others in any order.
        wanted: What must be among the extra pairs: sets of demands (by number), each
            with the pairs that meet all demands of the set.
        min_size: At least so many keys.
        max_size: At most so many; None: no limit.
        origin: Pointer of the keyword to blame when the shape is too large.
    """

    keys: tuple[Key, ...]
    formulas: frozenset[Formula]
    regions: tuple[Region, ...]
    wanted: tuple[tuple[frozenset[int], tuple[Region, ...]], ...]
    min_size: int
    max_size: int | None
    origin: str

    @property
    def is_plain(self) -> bool:
        """Whether each key is simply required or optional."""
        n_required = sum(key.required for key in self.keys)
        return (
            not self.formulas
            and not self.wanted
            and self.max_size is None
            and self.min_size <= n_required
        )


class ObjectShapes:
    """Makes shapes out of conjunctions.

    Args:
        scalars: Reads `propertyNames`.
        is_empty: Tells for a goal whether no value satisfies it; False when it does
            not know.
        closed: Whether an object that names keys and does not say otherwise allows no
            others.
    """

    def __init__(
        self,
        scalars: ScalarReader,
        is_empty: Callable[[Goal], bool],
        *,
        closed: bool,
    ) -> None:
        self.keys = KeyReader(scalars)
        self.is_empty = is_empty
        self.closed = closed

    def shapes(self, conjunction: Conjunction) -> Iterator[ObjectShape]:
        """The shapes of one alternative; none when it is contradictory."""
        facts = ObjectFacts.of(conjunction)
        if facts.is_contradictory:
            return
        if facts.some:
            for resolved, wanted in self._resolve(conjunction, facts):
                yield from self._shape(ObjectFacts(resolved), wanted)
        else:
            yield from self._shape(facts, ())

    def _resolve(
        self, conjunction: Conjunction, facts: ObjectFacts
    ) -> Iterator[tuple[Conjunction, tuple[Some, ...]]]:
        """Say where each `Some` is: at one of the named keys, or among the extra."""
        named = facts.named
        plain = tuple(f for f in conjunction.facts if not isinstance(f, Some))
        options: list[tuple[Conjunction, tuple[Some, ...]]] = [(Conjunction(plain), ())]
        for fact in facts.some:
            extended = []
            for held, wanted in options:
                for name in named:
                    if self.keys.has(fact.keys, name, fact.origin):
                        there = Presence(
                            frozenset({frozenset({(name, True)})}), fact.origin
                        )
                        more = Conjunction((there, Prop(name, fact.literal)))
                        extended.append((held & more, wanted))
                extended.append((held, (*wanted, fact)))
            options = extended
            if len(options) > 200:
                raise SchemaBudgetError(
                    "its denial has too many cases",
                    pointer=fact.origin,
                    keyword=fact.origin.rsplit("/", 1)[-1],
                )
        yield from options

    def _shape(
        self, facts: ObjectFacts, wanted: tuple[Some, ...]
    ) -> Iterator[ObjectShape]:
        if facts.is_contradictory:
            return
        keys = []
        named = facts.named
        formulas = facts.formulas
        for name in named:
            if name in facts.absent:
                continue
            goal = facts.goal_of(name, self.keys)
            if self.is_empty(goal):
                formulas = {decide(f, name, False) for f in formulas}
                if name in facts.present or frozenset() in formulas:
                    return
                continue
            keys.append(Key(name, goal, name in facts.present))
        regions = tuple(self._regions(facts, set(named), wanted))
        shape = ObjectShape(
            keys=tuple(keys),
            formulas=frozenset(formulas - {ALWAYS}),
            regions=tuple(r for r, _ in regions),
            wanted=(),
            min_size=facts.min_size,
            max_size=facts.max_size,
            origin=facts.origin,
        )
        if wanted:
            found = tuple(self._demands(wanted, regions))
            if frozenset().union(*(s for s, _ in found)) != set(range(len(wanted))):
                return
            shape = replace(shape, wanted=found, origin=wanted[0].origin)
        yield shape

    def _regions(
        self, facts: ObjectFacts, named: set[str], wanted: Iterable[Some]
    ) -> Iterator[tuple[Region, frozenset[KeyClass]]]:
        """The extra keys, cut along every class that treats them differently."""
        shut = self.closed and bool(facts.props) and not facts.is_explicit
        classes = _classes((*facts.every, *wanted))
        parts = list(self._parts(classes, named))
        open_goal = _goal_inside(facts, frozenset())
        if not shut and not self.is_empty(open_goal):
            parts.append((self._outside(classes, named), frozenset()))
        merged: dict[tuple[Goal, frozenset[KeyClass]], Language] = {}
        for names, inside in parts:
            if shut and not any(isinstance(c, Matching) for c in inside):
                continue
            goal = _goal_inside(facts, inside)
            if names.is_empty or self.is_empty(goal):
                continue
            key = (goal, inside if wanted else frozenset())
            merged[key] = merged[key] | names if key in merged else names
        for (goal, inside), names in merged.items():
            yield Region(names, goal), inside

    def _parts(
        self, classes: dict[KeyClass, str], named: set[str]
    ) -> Iterator[tuple[Language, frozenset[KeyClass]]]:
        """The extra keys that some class treats differently, and in which they lie."""
        parts: list[tuple[Language, frozenset[KeyClass]]] = []
        for keys, origin in classes.items():
            try:
                fresh = self._extra_keys(keys, origin, named)
                cut = []
                for names, inside in parts:
                    if names.isdisjoint(fresh):
                        cut.append((names, inside))
                        continue
                    within = names & fresh
                    fresh = fresh - names
                    cut += [(within, inside | {keys}), (names - within, inside)]
                cut.append((fresh, frozenset({keys})))
            except LanguageError as error:
                raise language_refusal(error, origin) from error
            parts = [(names, inside) for names, inside in cut if not names.is_empty]
        yield from parts

    def _extra_keys(self, keys: KeyClass, origin: str, named: set[str]) -> Language:
        language = self.keys.language(keys, origin)
        if any(map(language.contains, named)):
            return language - Language.of(named)
        return language

    def _outside(self, classes: dict[KeyClass, str], named: set[str]) -> Language:
        """The extra keys that lie in no class."""
        outside = Language(words=frozenset(named), excluded=True)
        for keys, origin in classes.items():
            try:
                outside = outside - self.keys.language(keys, origin)
            except LanguageError as error:
                raise language_refusal(error, origin) from error
        return outside

    def _demands(
        self,
        wanted: tuple[Some, ...],
        regions: tuple[tuple[Region, frozenset[KeyClass]], ...],
    ) -> Iterator[tuple[frozenset[int], tuple[Region, ...]]]:
        """For each set of demands, the extra pairs that meet all of them at once."""
        if len(wanted) > _MAX_DEMANDS:
            raise UnsupportedSchemaError(
                f"more than {_MAX_DEMANDS} demands on extra keys meet here",
                pointer=wanted[0].origin,
                keyword=wanted[0].origin.rsplit("/", 1)[-1],
            )
        for size in range(1, len(wanted) + 1):
            for numbers in combinations(range(len(wanted)), size):
                some = [wanted[i] for i in numbers]
                found = tuple(self._narrowed(some, regions))
                if found:
                    yield frozenset(numbers), found

    def _narrowed(
        self,
        wanted: list[Some],
        regions: tuple[tuple[Region, frozenset[KeyClass]], ...],
    ) -> Iterator[Region]:
        for region, inside in regions:
            if all(_holds(some.keys, inside) for some in wanted):
                literals = (some.literal for some in wanted)
                goal = tuple(dict.fromkeys((*region.goal, *literals)))
                if not self.is_empty(goal):
                    yield Region(region.names, goal)


def _classes(facts: Iterable[Every | Some]) -> dict[KeyClass, str]:
    """The classes that cut the extra keys, and where each comes from."""
    classes: dict[KeyClass, str] = {}
    for fact in facts:
        if isinstance(fact.keys, Others):
            # All keys but these: told apart by the patterns that it leaves out.
            for pattern in sorted(fact.keys.patterns):
                classes.setdefault(Matching(pattern), fact.origin)
        else:
            classes.setdefault(fact.keys, fact.origin)
    return classes


def _goal_inside(facts: ObjectFacts, inside: frozenset[KeyClass]) -> Goal:
    """What the values of extra keys that lie in exactly these classes must satisfy."""
    held = (fact.literal for fact in facts.every if _holds(fact.keys, inside))
    return tuple(dict.fromkeys(held))


def _holds(keys: KeyClass, inside: frozenset[KeyClass]) -> bool:
    """Whether keys that lie in exactly these classes belong to the class."""
    if isinstance(keys, Others):
        return not any(Matching(p) in inside for p in keys.patterns)
    return keys in inside
