"""Tells whether every next character leaves one way to go through an expression.

Looks at the expression alone and builds no automaton: what each part may begin with,
and what may come after it, are sets of characters, kept as masks over an alphabet.

Source: A. Brüggemann-Klein and D. Wood, "One-unambiguous regular languages", 1998.
"""

from __future__ import annotations

from typing import TypeAlias

from ..scalars import Ranges
from .alphabet import partition
from .syntax import Alt, Cat, Regex, Rep, Set, children

#: The first characters of a part, and whether it matches the empty text; None when
#: some character inside of it leaves two ways to go.
_Start: TypeAlias = "tuple[int, bool] | None"
#: Questions about one expression, beyond which the answer is no.
_MAX_QUESTIONS = 20_000


def is_deterministic(node: Regex) -> bool:
    """Whether each next character leaves one way; no when that takes long to tell.

    Args:
        node: What `structure.is_printable` approves.
    """
    return _Reader(node).start(node, 0) is not None


class _Reader:
    def __init__(self, node: Regex) -> None:
        self._masks = _masks(node)
        #: By the identity of a part and what may come after it.
        self._known: dict[tuple[int, int], _Start] = {}

    def start(self, node: Regex, after: int) -> _Start:
        """How the part begins where `after` are the characters that may follow it."""
        if isinstance(node, Set):
            return self._masks[node.ranges], False
        key = (id(node), after)
        if key not in self._known:
            if len(self._known) >= _MAX_QUESTIONS:
                return None
            self._known[key] = self._ask(node, after)
        return self._known[key]

    def _ask(self, node: Regex, after: int) -> _Start:
        match node:
            case Cat(parts):
                return self._in_order(parts, after)
            case Alt(options):
                return self._one_of(options, after)
            case Rep(inner, low, high):
                return self._repeated(inner, low, high, after)
        raise AssertionError("assertions are not printable")

    def _in_order(self, parts: tuple[Regex, ...], after: int) -> _Start:
        first, is_nullable = 0, True
        for part in reversed(parts):
            start = self.start(part, after)
            if start is None:
                return None
            own, may_be_empty = start
            if may_be_empty:
                if own & after:
                    return None
                first, after = first | own, after | own
            else:
                first = after = own
                is_nullable = False
        return first, is_nullable

    def _one_of(self, options: tuple[Regex, ...], after: int) -> _Start:
        first, is_nullable = 0, False
        for option in options:
            start = self.start(option, after)
            if start is None or first & start[0]:
                return None
            first |= start[0]
            is_nullable = is_nullable or start[1]
        return first, is_nullable

    def _repeated(self, node: Regex, low: int, high: int | None, after: int) -> _Start:
        if high == 0:
            return 0, True
        start = self.start(node, after)
        if start is None or high == 1:
            return start if start is None or low else (start[0], True)
        first = start[0]
        following = {first} if low > 1 else set()
        if high is None or high > low:
            if first & after:
                return None
            following.add(first | after)
        if any(self.start(node, each) is None for each in following):
            return None
        return first, low == 0


def _masks(node: Regex) -> dict[Ranges, int]:
    """Every set of the expression as a mask over the alphabet that tells all apart."""
    found: dict[Ranges, None] = {}
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, Set):
            found[part.ranges] = None
        else:
            pending += children(part)
    starts, classes, _ = partition(list(found))
    position = {start: i for i, start in enumerate(starts)}
    masks = {}
    for ranges in found:
        mask = 0
        for low, high in ranges:
            i = position[low]
            while i < len(starts) and starts[i] <= high:
                if classes[i] >= 0:
                    mask |= 1 << classes[i]
                i += 1
        masks[ranges] = mask
    return masks
