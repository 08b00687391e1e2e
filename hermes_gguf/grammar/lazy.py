"""A constraint that sleeps until the model writes `<tool_call>`.

Text is free until the tag stands in it, by text and not by token, wherever tokens are
cut; from its first byte on the inner constraint rules, up to the end of the answer. A
tag inside of reasoning (`<think>`) does not count. Knows nothing of what a call is.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..tags import (
    SCRATCH_PAD_CLOSE,
    SCRATCH_PAD_OPEN,
    THINK_CLOSE,
    THINK_OPEN,
    TOOL_CALL_OPEN,
)
from .constraint import Constraint, ConstraintState

_TRIGGER = TOOL_CALL_OPEN.encode()
#: Opening → closing tag of text in which the trigger means nothing.
_REASONING = {
    THINK_OPEN.encode(): THINK_CLOSE.encode(),
    SCRATCH_PAD_OPEN.encode(): SCRATCH_PAD_CLOSE.encode(),
}


class LazyConstraint:
    """Free text; from the first `<tool_call>` on, what `inner` allows.

    Args:
        inner: What holds from the tag on; its texts begin with the tag.
    """

    def __init__(self, inner: Constraint) -> None:
        self._inner = inner

    def start(self) -> ConstraintState:
        """The state before the first character: free."""
        return _FreeState(self, None, b"")

    def scan(self, until: bytes | None, data: bytes) -> ConstraintState | None:
        """The state after free text `data`; `until` is the tag that ends reasoning."""
        while True:
            patterns = _OUTSIDE if until is None else _INSIDE[until]
            found = patterns.find(data)
            if found is None:
                return _FreeState(self, until, patterns.tail(data))
            start, pattern = found
            if pattern == _TRIGGER:
                return self._inner.start().advance(data[start:])
            until = _REASONING[pattern] if until is None else None
            data = data[start + len(pattern) :]


class _Patterns:
    """Finds the first of several byte strings in data that arrives in pieces."""

    def __init__(self, *patterns: bytes) -> None:
        self._patterns = patterns
        self._prefixes = frozenset(p[:n] for p in patterns for n in range(1, len(p)))
        self._longest = max(map(len, patterns)) - 1

    def find(self, data: bytes) -> tuple[int, bytes] | None:
        """Start and text of the first occurrence; none begins another one."""
        found = ((data.find(p), p) for p in self._patterns)
        return min((hit for hit in found if hit[0] >= 0), default=None)

    def tail(self, data: bytes) -> bytes:
        """The longest end of `data` with which a pattern may begin."""
        for n in range(min(self._longest, len(data)), 0, -1):
            if data[-n:] in self._prefixes:
                return data[-n:]
        return b""


_OUTSIDE = _Patterns(_TRIGGER, *_REASONING)
_INSIDE = {closing: _Patterns(closing) for closing in _REASONING.values()}


@dataclass(frozen=True, slots=True)
class _FreeState:
    """Inside of free text.

    Attributes:
        until: The tag that ends the reasoning in which the text stands, or None.
        tail: The end of the text that may be the beginning of a tag.
    """

    owner: LazyConstraint
    until: bytes | None
    tail: bytes

    def advance(self, piece: bytes) -> ConstraintState | None:
        """The state after `piece`; None when it holds a tag and breaks what follows."""
        return self.owner.scan(self.until, self.tail + piece)

    def forced(self) -> bytes:
        """Free text forces nothing."""
        return b""

    @property
    def may_end(self) -> bool:
        """Free text may always end."""
        return True

    @property
    def is_free(self) -> bool:
        """Whether any token would be legal now."""
        return True

    def first_bytes(self) -> frozenset[int] | None:
        """All bytes may come."""
        return None
