"""The nodes of a parsed regular expression, independent of how it was spelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..scalars import SCALARS, Ranges


@dataclass(frozen=True, slots=True)
class Set:
    """One character out of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Cat:
    """The parts in order."""

    parts: tuple[Regex, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    """One of the options."""

    options: tuple[Regex, ...]


@dataclass(frozen=True, slots=True)
class Rep:
    """At least `min` and at most `max` times (None: no limit)."""

    node: Regex
    min: int
    max: int | None


@dataclass(frozen=True, slots=True)
class Assert:
    r"""`^`, `$`, `\b` or `\B`: a condition on the two neighbours of a position."""

    kind: Literal["start", "end", "word", "not word"]


@dataclass(frozen=True, slots=True)
class Look:
    """Lookahead or lookbehind."""

    node: Regex
    behind: bool
    negative: bool


Regex: TypeAlias = Set | Cat | Alt | Rep | Assert | Look

EMPTY = Cat(())
ANY_TEXT = Rep(Set(SCALARS), 0, None)


def children(node: Regex) -> tuple[Regex, ...]:
    """The direct parts of a node."""
    match node:
        case Cat(parts):
            return parts
        case Alt(options):
            return options
        case Rep(inner, _, _) | Look(inner, _, _):
            return (inner,)
        case _:
            return ()


def has_assertions(node: Regex) -> bool:
    """Whether a match depends on anything but the characters it consumes."""
    return isinstance(node, Assert | Look) or any(map(has_assertions, children(node)))


def search(node: Regex) -> Regex:
    """The expression that matches whole texts in which `node` matches somewhere.

    `^` at the head and `$` at the end of a branch need no assertion then.
    """
    options = node.options if isinstance(node, Alt) else (node,)
    return Alt(tuple(_search_branch(o) for o in options))


def _search_branch(node: Regex) -> Regex:
    parts = list(node.parts) if isinstance(node, Cat) else [node]
    head: Regex = ANY_TEXT
    tail: Regex = ANY_TEXT
    match parts:
        case [Rep(inner, 1, 1)] | [Alt() as inner] if has_assertions(inner):
            return search(inner)
    while parts and parts[0] == Assert("start"):
        parts.pop(0)
        head = EMPTY
    while parts and parts[-1] == Assert("end"):
        parts.pop()
        tail = EMPTY
    return Cat((head, *parts, tail))
