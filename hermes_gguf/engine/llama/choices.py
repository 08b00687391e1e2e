"""Guess which of a few texts comes next: a function's name, a value of an enumeration.

Pure. Where the grammar leaves a few ways to go on, the one whose words the request has
most of is the likeliest; a way that only closes what is open has no words.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...grammar.constraint import ConstraintState
from .likeness import likeness, name_words

_MOST_WAYS, _MOST_STEPS = 32, 200
_MOST_BYTES = 64
#: A key of which less is in the request is likely left out.
_CLOSING_SCORE = 0.25


class ChoiceGuess:
    """Guesses for the answer to one request."""

    def __init__(self, request: bytes) -> None:
        self._words = set(name_words(request))

    def propose(self, state: ConstraintState, *, after: bytes = b"") -> bytes:
        """The likeliest way on from `state`; empty where there are too many, or one.

        Args:
            state: Where the grammar stands.
            after: The text before it, or its end.
        """
        ways = list(_ways(state))
        if len(ways) < 2:
            return b""
        opened = after.endswith((b"[", b"{"))
        return max(ways, key=lambda way: self._score(way, opened=opened))

    def _score(self, way: bytes, *, opened: bool) -> float:
        if way[:1] in (b"]", b"}"):
            # Seldom is something opened to be closed again.
            return -1.0 if opened else _CLOSING_SCORE
        words = set(name_words(way))
        found = sum(
            max((likeness(word, other) for other in self._words), default=0.0)
            for word in words
        )
        return found / (len(words) + 1)


def _ways(state: ConstraintState) -> Iterator[bytes]:
    """The texts that may come next, each up to a wide choice; none if too many."""
    found: list[bytes] = []
    stack = [(b"", state)]
    for _ in range(_MOST_STEPS):
        if not stack:
            yield from found
            return
        text, at = stack.pop()
        further = _further(text, at)
        if further is None:
            if not text:
                return
            found.append(text + at.forced())
        else:
            stack += further
        if len(stack) + len(found) > _MOST_WAYS:
            return


def _further(
    text: bytes, state: ConstraintState
) -> list[tuple[bytes, ConstraintState]] | None:
    """What a text goes on with, byte by byte; None where it is long enough."""
    forced = state.forced()
    if len(text) > _MOST_BYTES or (text and b'"' in forced):
        return None
    first = state.first_bytes()
    if forced:
        nexts = [forced]
    elif state.is_free or not first or len(first) > _MOST_WAYS:
        return None
    else:
        nexts = [bytes((byte,)) for byte in sorted(first)]
    after = [(text + piece, state.advance(piece)) for piece in nexts]
    return [(longer, at) for longer, at in after if at is not None]
