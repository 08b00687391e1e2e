"""Sequences of the KV cache, and which one shall read a prompt.

Pure: it knows what every sequence holds and asks the context to share or forget. A
prompt goes where most of it was read before; nothing that is still of use is thrown
away while there is an empty sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from ..prefix_store import State
from .batch import Context


@dataclass(eq=False, slots=True)
class Slot:
    """One sequence: the tokens it holds, and whether a generation owns it."""

    sequence: int
    tokens: list[int] = field(default_factory=list)
    busy: bool = False
    last_used: int = 0


@dataclass(frozen=True, slots=True)
class SequenceState:
    """What the context holds of one sequence, to be copied: a `StateSource`."""

    context: Context
    sequence: int

    def size_bytes(self) -> int:
        """Bytes of the copy."""
        return self.context.state_bytes(self.sequence)

    def save(self) -> State:
        """The copy."""
        return self.context.save(self.sequence)


def common_prefix(a: list[int], b: list[int]) -> int:
    """How many first tokens are equal."""
    limit = min(len(a), len(b))
    if a[:limit] == b[:limit]:
        return limit
    low, high = 0, limit
    # Equal up to `low`, different at or before `high`.
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


class SlotPool:
    """All sequences of a context.

    Attributes:
        slots: Sequences that generations run in.
        shelf: Sequences that only keep preambles, to be copied from.
        on_drop: Called before `acquire` drops all but so many first tokens of a slot;
            set by who wants to keep them.
    """

    on_drop: Callable[[Slot, int], None]

    def __init__(self, context: Context, *, n_slots: int) -> None:
        self._context = context
        self.on_drop = lambda slot, n_kept: None
        self.slots = [Slot(sequence) for sequence in range(n_slots)]
        rest = range(n_slots, context.n_sequences)
        self.shelf = [Slot(sequence) for sequence in rest]
        self._ticks = count(1)

    def acquire(self, prompt: list[int]) -> Slot | None:
        """A slot that holds as much of `prompt` as can be, or None when all are busy.

        At least the last token of the prompt is left to be evaluated.
        """
        free = [slot for slot in self.slots if not slot.busy]
        if not free:
            return None
        best = max(
            [*self.slots, *self.shelf],
            key=lambda s: (common_prefix(s.tokens, prompt), s in free, s.last_used),
        )
        shared = min(common_prefix(best.tokens, prompt), len(prompt) - 1)
        slot = self._target(best, shared, free)
        best.last_used = next(self._ticks)
        kept = shared if slot is best else 0
        if len(slot.tokens) > kept:
            self.on_drop(slot, kept)
        self.forget(slot, keep=kept)
        if slot is not best:
            if shared:
                self._context.copy(best.sequence, slot.sequence, shared)
                slot.tokens = best.tokens[:shared]
        slot.busy = True
        slot.last_used = next(self._ticks)
        return slot

    def _target(self, best: Slot, shared: int, free: list[Slot]) -> Slot:
        oldest = min(free, key=lambda s: (bool(s.tokens), s.last_used))
        if best not in free or not shared:
            return oldest
        continues = shared >= len(best.tokens)
        if continues or (oldest.tokens and 2 * shared >= len(best.tokens)):
            return best
        return oldest

    def release(self, slot: Slot) -> None:
        """Give the slot back; what it holds stays for the next prompt."""
        slot.busy = False
        slot.last_used = next(self._ticks)

    def forget(self, slot: Slot, *, keep: int = 0) -> None:
        """Drop all but the first `keep` tokens of the slot."""
        if len(slot.tokens) > keep or self._context.length(slot.sequence) > keep:
            left = self._context.truncate(slot.sequence, keep)
            del slot.tokens[left:]

    def keep_preamble(self, slot: Slot, n_tokens: int) -> Slot | None:
        """Keep the first tokens of `slot` on the shelf; they share its cells.

        Returns their place there, or None when they were there before.
        """
        preamble = slot.tokens[:n_tokens]
        if not self.shelf or any(
            common_prefix(kept.tokens, preamble) == n_tokens for kept in self.shelf
        ):
            return None
        place = min(self.shelf, key=lambda s: (bool(s.tokens), s.last_used))
        self.forget(place)
        self._context.copy(slot.sequence, place.sequence, n_tokens)
        place.tokens = preamble
        place.last_used = next(self._ticks)
        return place

    def evict_idle(self) -> bool:
        """Empty what was used the longest ago and is idle; False if nothing is."""
        idle = [s for s in [*self.slots, *self.shelf] if not s.busy and s.tokens]
        if not idle:
            return False
        self.forget(min(idle, key=lambda s: s.last_used))
        return True
