"""The nodes of a grammar as values, and how they are put together.

Knows neither the spelling of GBNF, see `gbnf_print`, nor the rules around a node, see
`gbnf`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

#: Inclusive range of code points.
CodeRange: TypeAlias = tuple[int, int]

MAX_CODE_POINT = 0x10FFFF


# Nodes are never changed once they are made. They are not frozen, because it takes a
# frozen one twice as long to be made, and a large grammar has tens of thousands.


@dataclass(slots=True)
class Literal:
    """Exactly this text."""

    text: str

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(slots=True, unsafe_hash=True)
class Chars:
    """One character out of these ranges (ascending, disjoint)."""

    ranges: tuple[CodeRange, ...]
    negated: bool = False


def _hash_once() -> int:
    """A field for the hash: rules are looked up by their bodies, which are deep."""
    return field(default=0, init=False, compare=False, repr=False)


@dataclass(slots=True)
class Sequence:
    """All parts, one after the other; no parts is the empty text."""

    parts: tuple[Node, ...]
    _hash: int = _hash_once()

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash(self.parts)
        return self._hash


class Kept(NamedTuple):
    """The text of a choice that many grammars share.

    Attributes:
        text: The text, without brackets.
        rules: The rules in it, in the order of the text, with their bodies: they
            come along with the choice, so no builder need know them.
    """

    text: str
    rules: Mapping[str, Node]


class Choice:
    """One of the options.

    Args:
        options: The options. Or what makes them when they are first asked for, as
            only a parser does: what a large grammar says about keys that it does not
            name are thousands of nodes, which are printed and then mostly left alone.
        kept: The text, when it need not be printed from the options.
    """

    __slots__ = ("_hash", "_options", "kept")
    __match_args__ = ("options",)

    def __init__(
        self,
        options: tuple[Node, ...] | Callable[[], tuple[Node, ...]],
        kept: Kept | None = None,
    ) -> None:
        self._options = options
        self._hash = 0
        self.kept = kept

    @property
    def options(self) -> tuple[Node, ...]:
        """The options, in order."""
        options = self._options
        if type(options) is not tuple:
            assert callable(options)
            options = self._options = options()
        return options

    def __eq__(self, other: object) -> bool:
        if type(other) is not Choice:
            return NotImplemented
        return self is other or self.options == other.options

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash((Choice, self.options))
        return self._hash

    def __repr__(self) -> str:
        return f"Choice({self.options!r})"


@dataclass(slots=True)
class Repeat:
    """`node` at least `min` times and at most `max` times (None: no limit)."""

    node: Node
    min: int = 0
    max: int | None = None
    _hash: int = _hash_once()

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash((self.node, self.min, self.max))
        return self._hash


@dataclass(slots=True)
class RuleRef:
    """Whatever the rule of this name matches."""

    name: str

    def __hash__(self) -> int:
        return hash(self.name)


Node: TypeAlias = Literal | Chars | Sequence | Choice | Repeat | RuleRef

EMPTY = Sequence(())


def seq(*parts: Node | str) -> Node:
    """The parts in order; texts become literals, neighbours that can are joined."""
    flat: list[Node] = []
    text = ""  # of the literals since the last other node
    for part in parts:
        kind = type(part)
        if kind is str:
            text += part  # type: ignore[operator]
        elif kind is Literal:
            text += part.text  # type: ignore[union-attr]
        elif kind is Sequence:
            inside = part.parts  # type: ignore[union-attr]
            if inside and type(inside[0]) is Literal:
                text += inside[0].text
                inside = inside[1:]
            if inside:
                if text:
                    flat.append(Literal(text))
                flat += inside
                text = flat.pop().text if type(flat[-1]) is Literal else ""  # type: ignore[union-attr]
        else:
            if text:
                flat.append(Literal(text))
                text = ""
            flat.append(part)  # type: ignore[arg-type]
    if text:
        flat.append(Literal(text))
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def choice(options: Iterable[Node | str]) -> Node:
    """One of the options; equal ones are kept once, their order is kept.

    Raises:
        ValueError: there is no option (the empty language has no GBNF).
    """
    nodes: dict[Node, None] = {}
    for option in options:
        node = Literal(option) if isinstance(option, str) else option
        for item in node.options if isinstance(node, Choice) else (node,):
            nodes.setdefault(item)
    if not nodes:
        raise ValueError("a choice needs at least one option")
    return next(iter(nodes)) if len(nodes) == 1 else Choice(tuple(nodes))


def optional(node: Node | str) -> Node:
    """`node` or nothing."""
    return Repeat(Literal(node) if isinstance(node, str) else node, 0, 1)
