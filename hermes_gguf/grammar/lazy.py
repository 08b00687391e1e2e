"""A constraint that sleeps until the model writes a trigger, such as `<tool_call>`.

Text is free until the trigger stands in it, by text and not by token, wherever
tokens are cut; from the trigger's first byte on the inner constraint rules. A
trigger inside of reasoning (`<think>`) does not count. Knows nothing of tools.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..tags import (
    SCRATCH_PAD_CLOSE,
    SCRATCH_PAD_OPEN,
    THINK_CLOSE,
    THINK_OPEN,
    TOOL_CALL_OPEN,
)
from .constraint import Constraint, ConstraintState

#: Opening and closing tags of text in which a trigger means nothing.
REASONING_TAGS = (
    (THINK_OPEN, THINK_CLOSE),
    (SCRATCH_PAD_OPEN, SCRATCH_PAD_CLOSE),
)


class LazyConstraint:
    """Free text, then `inner` from the trigger on, then perhaps free text again.

    Where the inner text may end and also go on, the longest inner text wins.

    Args:
        inner: What holds from the trigger on; its texts begin with the trigger.
        trigger: The text that wakes `inner`.
        ignore: Pairs of tags; between them the trigger is plain text.
        then_free: Whether free text (and further triggers) may follow the inner
            text; otherwise the text ends where the inner one does.
    """

    def __init__(
        self,
        inner: Constraint,
        *,
        trigger: str = TOOL_CALL_OPEN,
        ignore: Sequence[tuple[str, str]] = REASONING_TAGS,
        then_free: bool = True,
    ) -> None:
        self.inner = inner
        self.trigger = trigger.encode()
        self.then_free = then_free
        self._closing = {a.encode(): b.encode() for a, b in ignore}
        self._outside = _Patterns((self.trigger, *self._closing))
        self._inside = {b: _Patterns((b,)) for b in self._closing.values()}

    def start(self) -> ConstraintState:
        """The state before the first character: free."""
        return FreeState(self, None, b"")

    def scan(self, until: bytes | None, data: bytes) -> LazyState | None:
        """The state after free text `data`; `until` is the tag that ends reasoning."""
        while True:
            patterns = self._outside if until is None else self._inside[until]
            found = patterns.find(data)
            if found is None:
                return FreeState(self, until, patterns.tail(data))
            start, pattern = found
            if until is None and pattern == self.trigger:
                return self.follow(self.inner.start(), data[start:])
            until = self._closing[pattern] if until is None else None
            data = data[start + len(pattern) :]

    def follow(self, state: ConstraintState, data: bytes) -> LazyState | None:
        """The state after `data`, which begins inside of the inner text."""
        whole = state.advance(data)
        if whole is not None:
            if self.then_free and whole.may_end and whole.first_bytes() == frozenset():
                return FreeState(self, None, b"")
            return InnerState(self, whole)
        if not self.then_free:
            return None
        at: ConstraintState = state
        for i in range(len(data)):
            following = at.advance(data[i : i + 1])
            if following is None:
                return self.scan(None, data[i:]) if at.may_end else None
            at = following
        return None


class _Patterns:
    """Finds the first of several byte strings in data that arrives in pieces."""

    def __init__(self, patterns: tuple[bytes, ...]) -> None:
        self._patterns = patterns
        self._prefixes = frozenset(p[:n] for p in patterns for n in range(1, len(p)))
        self._longest = max(map(len, patterns)) - 1

    def find(self, data: bytes) -> tuple[int, bytes] | None:
        """Start and text of the first occurrence; of two at one place the longer."""
        found = [(data.find(p), p) for p in self._patterns]
        hits = [(at, -len(p), p) for at, p in found if at >= 0]
        if not hits:
            return None
        at, _, pattern = min(hits)
        return at, pattern

    def tail(self, data: bytes) -> bytes:
        """The longest end of `data` with which a pattern may begin."""
        for n in range(min(self._longest, len(data)), 0, -1):
            if data[-n:] in self._prefixes:
                return data[-n:]
        return b""


@dataclass(frozen=True, slots=True)
class FreeState:
    """Inside of free text.

    Attributes:
        until: The tag that ends the reasoning in which the text stands, or None.
        tail: The end of the text that may be the beginning of a tag.
    """

    owner: LazyConstraint
    until: bytes | None
    tail: bytes

    def advance(self, piece: bytes) -> LazyState | None:
        """The state after `piece`; None when it holds a trigger and breaks `inner`."""
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


@dataclass(frozen=True, slots=True)
class InnerState:
    """Inside of the text that the trigger began."""

    owner: LazyConstraint
    state: ConstraintState

    def advance(self, piece: bytes) -> LazyState | None:
        """The state after `piece`, or None when `piece` may not stand here."""
        return self.owner.follow(self.state, piece)

    def forced(self) -> bytes:
        """The longest text that every legal continuation begins with."""
        return self.state.forced()

    @property
    def may_end(self) -> bool:
        """Whether the text may end here."""
        return self.state.may_end

    @property
    def is_free(self) -> bool:
        """Whether any token would be legal now."""
        return False

    def first_bytes(self) -> frozenset[int] | None:
        """Byte values with which a legal piece may begin; None when all may."""
        if self.owner.then_free and self.state.may_end:
            return None
        return self.state.first_bytes()


LazyState: TypeAlias = FreeState | InnerState
