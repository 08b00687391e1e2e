"""Facts about an array put together: its items by place, and how many there may be.

A shape is one alternative that can be printed as it stands. Nothing here knows GBNF.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .facts import (
    Conjunction,
    Contains,
    Fact,
    Item,
    Rest,
    Size,
    Unique,
)
from .nodes import Goal, Literal


@dataclass(frozen=True, slots=True)
class ArrayShape:
    """One alternative of an array.

    Attributes:
        items: The goals of the first items, by place.
        rest: The goal of all items after these.
        min_size: At least so many items.
        max_size: At most so many; None: no limit.
        contains: So many items of a kind, see the fact.
        unique: The fact that items differ (or that they do not); mostly None.
        origin: Pointer of the keyword to blame when the shape is too large.
    """

    items: tuple[Goal, ...]
    rest: Goal
    min_size: int
    max_size: int | None
    contains: tuple[Contains, ...]
    unique: Unique | None
    origin: str

    def goal_at(self, index: int) -> Goal:
        """The goal of the item at this place."""
        return self.items[index] if index < len(self.items) else self.rest


class ArrayFacts:
    """The facts of one conjunction, sorted."""

    def __init__(self, conjunction: Conjunction) -> None:
        self.items: dict[int, list[Literal]] = {}
        self.rests: list[Rest] = []
        self.contains: list[Contains] = []
        self.unique: list[Unique] = []
        self.min_size = 0
        self.max_size: int | None = None
        self.origin = ""
        for fact in conjunction.facts:
            self._add(fact)

    def _add(self, fact: Fact) -> None:
        match fact:
            case Item(index, literal):
                self.items.setdefault(index, []).append(literal)
            case Rest():
                self.rests.append(fact)
            case Contains():
                self.contains.append(fact)
            case Unique():
                self.unique.append(fact)
            case Size():
                bounds = fact.within(self.min_size, self.max_size)
                self.min_size, self.max_size = bounds
                self.origin = fact.origin

    @property
    def n_places(self) -> int:
        """How many items from the start have a goal of their own."""
        starts = (rest.start for rest in self.rests)
        return max((*(i + 1 for i in self.items), *starts, 0))

    def goal_of(self, index: int) -> Goal:
        """Everything that the item at this place must satisfy."""
        own = self.items.get(index, ())
        rests = (rest.literal for rest in self.rests if rest.start <= index)
        return tuple(dict.fromkeys((*own, *rests)))


def shape_array(
    conjunction: Conjunction, is_empty: Callable[[Goal], bool]
) -> ArrayShape | None:
    """The shape of one alternative; None when it is contradictory.

    Args:
        conjunction: The facts.
        is_empty: Tells for a goal whether no value satisfies it; False when it does
            not know.
    """
    facts = ArrayFacts(conjunction)
    items: list[Goal] = []
    high = facts.max_size
    for index in range(facts.n_places + 1):
        if high is not None and index >= high:
            break
        goal = facts.goal_of(index)
        if is_empty(goal):
            high = index
            break
        items.append(goal)
    rest = items.pop() if len(items) > facts.n_places else ()
    low = max(
        facts.min_size, *(c.start + c.min if c.min else 0 for c in facts.contains), 0
    )
    if high is not None and low > high:
        return None
    unique = {u.positive: u for u in facts.unique}
    if len(unique) == 2:
        return None
    return ArrayShape(
        items=tuple(items),
        rest=rest,
        min_size=low,
        max_size=high,
        contains=tuple(facts.contains),
        unique=next(iter(unique.values()), None),
        origin=facts.origin,
    )
