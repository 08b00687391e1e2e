"""GBNF nodes that may match nothing at all, joined so that nothing stays nothing.

`NOTHING` is the empty language, for which GBNF has no spelling: it must be swept out
of a grammar before it is printed. Also factors what alternatives have in common at
their heads, so that a parser does not walk a hundred of them side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ..gbnf import (
    EMPTY,
    Choice,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    choice,
    seq,
)
from ..gbnf_check import postorder

#: Matches no text at all.
NOTHING = Choice(())


def join(*parts: Node | str) -> Node:
    """The parts in order; nothing when one of them is nothing."""
    for part in parts:
        if part is NOTHING:
            return NOTHING
    return seq(*parts)


def either(options: Iterable[Node], known: Factored | None = None) -> Node:
    """One of the options that are something, with common heads written once.

    Args:
        options: The options, in order.
        known: See `factored`.
    """
    found = [option for option in options if option is not NOTHING]
    if not found:
        return NOTHING
    return found[0] if len(found) == 1 else factored(found, known)


def maybe(node: Node) -> Node:
    """The node or the empty text."""
    kind = type(node)
    if node is NOTHING or (kind is Sequence and not node.parts):  # type: ignore[union-attr]
        return EMPTY
    if kind is Repeat and node.min == 0:  # type: ignore[union-attr]
        return node
    return Repeat(node, 0, 1)


#: An option: the text at its head, what comes then, and the node itself when nothing
#: has been taken off.
_Option: TypeAlias = "tuple[str, tuple[Node, ...], Node | None]"


class Factored:
    """What was factored before: choices out of the same options need not start anew.

    Options are told apart by the identity of what follows their head, so these, and
    the nodes that were given, must stay alive: the first are kept here.
    """

    def __init__(self) -> None:
        self._opened: dict[int, list[_Option]] = {}
        self._groups: dict[tuple[tuple[str, int], ...], tuple[list[_Option], Node]] = {}

    def opened(self, node: Node) -> list[_Option]:
        """As `_opened`; the same list each time."""
        found = self._opened.get(id(node))
        if found is None:
            found = self._opened[id(node)] = _opened(node)
        return found

    def group(self, group: list[_Option]) -> Node:
        """As `_factor_group`, once for the same options."""
        key = tuple([(text, id(rest)) for text, rest, _ in group])
        if key not in self._groups:
            self._groups[key] = group, _factor_group(group)
        return self._groups[key][1]


def factored(options: Iterable[Node], known: Factored | None = None) -> Node:
    """A choice in which options with a common head stand behind that head.

    Only literal text is factored, and nodes that are equal as a whole.

    Args:
        options: The options, in order.
        known: What was factored before, out of options of which some are the same.
    """
    opened = _opened if known is None else known.opened
    found = _by_head([one for option in options for one in opened(option)])
    nodes = [_factor_group(group, known) for group in found.values()]
    # What begins differently is different, so `choice` need not compare it.
    return nodes[0] if len(nodes) == 1 else Choice(tuple(nodes))


def _opened(node: Node) -> list[_Option]:
    """The options that a node has."""
    kind = type(node)
    if kind is Choice:
        return [one for option in node.options for one in _opened(option)]  # type: ignore[union-attr]
    if kind is Literal:
        return [(node.text, (), node)]  # type: ignore[union-attr]
    if kind is Sequence:
        parts = node.parts  # type: ignore[union-attr]
        if parts and type(parts[0]) is Literal:
            return [(parts[0].text, parts[1:], node)]
        return [("", parts, node)]
    return [("", (node,), node)]


def _by_head(options: list[_Option]) -> dict[object, list[_Option]]:
    """Options that begin with the same character or node; None: what is empty."""
    groups: dict[object, list[_Option]] = {}
    for option in options:
        text, rest, _ = option
        head = text[0] if text else rest[0] if rest else None
        groups.setdefault(head, []).append(option)
    return groups


def _factor_group(group: list[_Option], known: Factored | None = None) -> Node:
    """One node for options with the same head."""
    text, rest, node = group[0]
    if len(group) == 1:
        if node is not None:
            return node
        if text and len(rest) == 1 and type(rest[0]) is RuleRef:
            return Sequence((Literal(text), rest[0]))  # as most are
        return seq(text, *rest)
    if text:
        size = _common_length([text for text, _, _ in group])
        tails = [t for text, rest, _ in group for t in _tails(text[size:], rest)]
        return seq(text[:size], _factor_tails(tails, known))
    if not rest:
        return EMPTY
    ends = dict.fromkeys([rest[1:] for _, rest, _ in group])
    if len(ends) == 1:
        return seq(*rest) if node is None else node
    tails = [tail for end in ends for tail in _tails("", end)]
    return seq(rest[0], _factor_tails(tails))


def _tails(text: str, rest: tuple[Node, ...]) -> list[_Option]:
    """The options that are left when the head is taken off."""
    if text or not rest:
        return [(text, rest, None)]
    if len(rest) == 1:
        return _opened(rest[0])
    kind = type(rest[0])
    if kind is Literal or kind is Sequence:
        return _opened(seq(*rest))
    return [("", rest, None)]


def _factor_tails(tails: list[_Option], known: Factored | None = None) -> Node:
    """As `factored`; an empty option is written as `?`, which is easier to read."""
    groups = _by_head(tails)
    may_end = groups.pop(None, None) is not None
    if not groups:
        return EMPTY
    factor = _factor_group if known is None else known.group
    nodes = [factor(group) for group in groups.values()]
    node = nodes[0] if len(nodes) == 1 else Choice(tuple(nodes))
    return maybe(node) if may_end else node


def _common_length(texts: list[str]) -> int:
    low, high = min(texts), max(texts)
    for i, char in enumerate(low):
        if char != high[i]:
            return i
    return len(low)


def find_unproductive(rules: Mapping[str, Node]) -> set[str]:
    """The rules that match no text, however far they are followed.

    Args:
        rules: The rules in question; all others are taken to match something.
    """
    # Inner rules are made after those that need them, so the last are told first.
    pending = dict.fromkeys(list(rules)[::-1])

    while True:
        n_before = len(pending)
        for name in list(pending):
            if _matches(rules[name], pending):
                del pending[name]
        if not pending or len(pending) == n_before:
            return set(pending)


def _matches(node: Any, pending: Mapping[str, None]) -> bool:
    """Whether some text is matched without any of the pending rules."""
    kind = type(node)
    if kind is Sequence:
        for part in node.parts:
            # Most parts are texts and names, which need no call.
            below = type(part)
            if below is RuleRef:
                if part.name in pending:
                    return False
            elif below is not Literal and not _matches(part, pending):
                return False
        return True
    if kind is Choice:
        # What keeps its text is no rule of this schema.
        return bool(node.kept) or any(_matches(o, pending) for o in node.options)
    if kind is RuleRef:
        return node.name not in pending
    return kind is not Repeat or node.min == 0 or _matches(node.node, pending)


def without_rules(body: Node, gone: set[str]) -> Node:
    """The body without what refers to these rules."""
    done: dict[int, Node] = {}
    for node in postorder(body):
        match node:
            case RuleRef(name):
                new: Node = NOTHING if name in gone else node
            case Sequence(parts):
                new = join(*(done[id(p)] for p in parts))
            case Choice(options) if node.kept is None:
                some = [done[id(o)] for o in options if done[id(o)] is not NOTHING]
                new = choice(some) if some else NOTHING
            case Repeat(inner, low, high):
                new = _repeated(done[id(inner)], low, high)
            case _:
                new = node  # no rule of this schema is in what keeps its text
        done[id(node)] = new
    return done[id(body)]


def _repeated(inner: Node, low: int, high: int | None) -> Node:
    if inner is NOTHING:
        return EMPTY if low == 0 else NOTHING
    return EMPTY if inner == EMPTY else Repeat(inner, low, high)
