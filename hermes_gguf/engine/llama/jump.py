"""Text that the grammar dictates becomes tokens that need not be sampled.

Pure. The forced text is tokenized as the model would have, and the last tokens are
held back where a longer token could legally absorb them: the model shall choose
there. What is held back is no more than a guess, and a good one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...grammar.constraint import ConstraintState
from .legal import can_extend
from .vocabulary import Vocabulary

#: Tokens at the end of a forced run that are examined for absorption.
_EXAMINED_TOKENS = 6
_EXAMINED_BYTES = 32
_WALK_BUDGET = 200


@dataclass(frozen=True, slots=True)
class Jump:
    """Tokens to append without sampling, the state after them, and a guess.

    Attributes:
        tokens: What the grammar dictates.
        state: The state after them.
        held: Tokens of forced text that a longer token could absorb: the likeliest
            ones to come next.
    """

    tokens: list[int]
    state: ConstraintState
    held: list[int] = field(default_factory=list)


def plan_jump(
    state: ConstraintState, *, vocabulary: Vocabulary, limit: int | None = None
) -> Jump:
    """The tokens that the grammar forces at `state`, at most `limit`; maybe none."""
    text = state.forced()
    if not text or (limit is not None and limit <= 0):
        return Jump([], state)
    tokens = tokenize_exactly(text, vocabulary)
    end = state.advance(text)
    if not tokens or end is None:
        return Jump([], state)
    sure = _without_absorbable(tokens, end, vocabulary)
    held, kept = tokens[len(sure) :], sure[:limit]
    after = state.advance(vocabulary.detokenize(kept)) if kept else state
    return Jump(kept, after, held) if after is not None else Jump([], state)


def tokenize_exactly(text: bytes, vocabulary: Vocabulary) -> list[int]:
    """Ids whose bytes are exactly `text` and of which none is barred; else none."""
    for read_special in (True, False):
        tokens = vocabulary.tokenize_after(text, read_special=read_special)
        if vocabulary.detokenize(tokens) == text and not any(
            token in vocabulary.barred or token in vocabulary.eog for token in tokens
        ):
            return tokens
    return []


def _without_absorbable(
    tokens: list[int], end: ConstraintState, vocabulary: Vocabulary
) -> list[int]:
    """`tokens` less the shortest tail that no longer token can begin with."""
    kept = len(tokens)
    tail = b""
    for index in range(len(tokens) - 1, -1, -1):
        tail = vocabulary.pieces[tokens[index]] + tail
        if len(tokens) - index > _EXAMINED_TOKENS or len(tail) > _EXAMINED_BYTES:
            break
        if can_extend(tail, end, vocabulary=vocabulary, budget=_WALK_BUDGET):
            kept = index
    return tokens[:kept]
