"""Which tokens may stand at a point of a grammar: one, some, or any at all.

Pure. Walks the byte-sorted vocabulary only where the grammar goes, one byte at a
time, with a budget; it never looks at logits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...grammar.constraint import ConstraintState
from .vocabulary import Vocabulary


def advance_token(
    state: ConstraintState, token: int, *, vocabulary: Vocabulary
) -> ConstraintState | None:
    """The state after `token`, or None where it may not stand.

    An end-of-generation token leaves the state as it is.
    """
    if token in vocabulary.eog:
        return state if state.may_end else None
    if token in vocabulary.barred:
        return state if state.is_free else None
    return state.advance(vocabulary.pieces[token])


def can_only_end(state: ConstraintState) -> bool:
    """Whether nothing at all may follow here but the end."""
    if not state.may_end or state.is_free:
        return False
    first = state.first_bytes()
    return first is not None and not first


def legal_tokens(
    state: ConstraintState, *, vocabulary: Vocabulary, budget: int | None
) -> list[int] | None:
    """All tokens that may stand here, or None when `budget` steps did not suffice."""
    walk = _Walk(vocabulary, budget)
    whole = range(len(vocabulary.sorted_pieces))
    try:
        found = list(walk.tokens(_Node(whole, b"", state)))
    except _BudgetSpentError:
        return None
    if state.may_end:
        found += sorted(vocabulary.eog)
    return found


def can_extend(
    prefix: bytes, state: ConstraintState, *, vocabulary: Vocabulary, budget: int
) -> bool:
    """Whether a token begins with `prefix` and legally goes on.

    `state` is the one after `prefix`. When the budget is spent the answer is yes.
    """
    walk = _Walk(vocabulary, budget)
    node = _Node(vocabulary.prefix_range(prefix), prefix, state)
    try:
        return any(True for _ in walk.tokens(node, longer=True))
    except _BudgetSpentError:
        return True


class _BudgetSpentError(Exception):
    """The walk took more steps than it was allowed."""


@dataclass(frozen=True, slots=True)
class _Node:
    """The pieces that begin with `prefix`, and the state after it."""

    span: range
    prefix: bytes
    state: ConstraintState


class _Walk:
    """Depth-first through the sorted pieces, grammar in hand."""

    def __init__(self, vocabulary: Vocabulary, budget: int | None) -> None:
        self._vocabulary = vocabulary
        self._pieces = vocabulary.sorted_pieces
        self._left = budget

    def tokens(self, root: _Node, *, longer: bool = False) -> Iterator[int]:
        """Ids of the legal pieces under `root`; `longer` leaves out its own."""
        stack = [root]
        ids, pieces = self._vocabulary.sorted_ids, self._pieces
        while stack:
            node = stack.pop()
            start, end, depth = node.span.start, node.span.stop, len(node.prefix)
            while start < end and len(pieces[start]) == depth:
                if not (longer and node is root):
                    yield ids[start]
                start += 1
            stack.extend(self._children(node, start, end))

    def _children(self, node: _Node, start: int, end: int) -> Iterator[_Node]:
        for byte in self._next_bytes(node, start, end):
            prefix = node.prefix + bytes((byte,))
            span = self._vocabulary.prefix_range(prefix, start, end)
            if not span:
                continue
            if self._left is not None:
                self._left -= 1
                if self._left < 0:
                    raise _BudgetSpentError
            state = node.state.advance(prefix[-1:])
            if state is not None:
                yield _Node(span, prefix, state)

    def _next_bytes(self, node: _Node, start: int, end: int) -> Iterator[int]:
        if start >= end:
            return
        allowed = node.state.first_bytes()
        depth = len(node.prefix)
        if allowed is not None and len(allowed) < end - start:
            yield from sorted(allowed)
            return
        at = start
        while at < end:
            byte = self._pieces[at][depth]
            if allowed is None or byte in allowed:
                yield byte
            prefix = node.prefix + bytes((byte,))
            at = self._vocabulary.prefix_range(prefix, at, end).stop
