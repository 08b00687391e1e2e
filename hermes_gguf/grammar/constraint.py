"""What the decode engine asks of a grammar: is this piece legal, what is forced?

The engine knows only these two protocols. States are immutable, so that going back
(a rejected draft, a cancelled token) is keeping the old one.
"""

from __future__ import annotations

from typing import Protocol


class ConstraintState(Protocol):
    """A point in a constrained text. Immutable and cheap to keep."""

    def advance(self, piece: bytes) -> ConstraintState | None:
        """The state after `piece`, or None when `piece` may not stand here.

        `piece` may begin or end inside of a UTF-8 sequence, as tokens do.
        """

    def forced(self) -> bytes:
        """The longest text that every legal continuation begins with.

        Empty when there is a choice, or when the text may end here. Always whole
        code points.
        """

    @property
    def may_end(self) -> bool:
        """Whether the text may end here (end of generation is legal)."""

    @property
    def is_free(self) -> bool:
        """Whether any token would be legal now (before a lazy trigger)."""

    def first_bytes(self) -> frozenset[int] | None:
        """Byte values with which a legal piece may begin; None when all may."""


class Constraint(Protocol):
    """A compiled grammar, shared by any number of generations."""

    def start(self) -> ConstraintState:
        """The state before the first character."""
