"""Guess the next tokens from what was read: answers copy much of their prompt.

Pure. A guess is what followed the same few tokens earlier in the prompt or the
answer. Guesses are verified by the model in one batch, so a wrong one costs time and
never changes the text; the length adapts to how often they were right.
"""

from __future__ import annotations

from collections.abc import Sequence

from .vocabulary import Vocabulary

#: Lengths of the token runs that are looked up, longest first.
_RUNS = (3, 2)
MAX_DRAFT_TOKENS = 8
_FIRST_TOKENS = 3
_LEAST_RATE = 0.3
_PAUSE_STEPS = 12


class PromptLookup:
    """Looks up how the last tokens went on before."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._pieces = vocabulary.pieces
        self._tokens: list[int] = []
        self._keys: list[bytes] = []
        self._ends: dict[tuple[bytes, ...], int] = {}
        self._pace = _DraftPace()

    def extend(self, tokens: Sequence[int]) -> None:
        """Take note of tokens that were read or written."""
        for token in tokens:
            at = len(self._tokens)
            for run in _RUNS:
                if at >= run:
                    # What ended at `at` goes on with this token.
                    self._ends[tuple(self._keys[at - run : at])] = at
            self._tokens.append(token)
            # A value at its beginning lacks the space that it had in the text.
            self._keys.append(self._pieces[token].lstrip(b" "))

    def propose(self, limit: int) -> list[int]:
        """Tokens that may come next, at most `limit`; often none."""
        length = min(limit, self._pace.length())
        if length <= 0:
            return []
        for run in _RUNS:
            at = self._ends.get(tuple(self._keys[len(self._keys) - run :]))
            if at is not None and len(self._keys) >= run:
                return self._tokens[at : at + length]
        return []

    def learn(self, proposed: int, accepted: int) -> None:
        """Adapt to how many of the proposed tokens the model wrote itself."""
        self._pace.learn(proposed, accepted)


class _DraftPace:
    """How long a draft shall be: longer while they hold, none while they do not."""

    def __init__(self) -> None:
        self._length = _FIRST_TOKENS
        self._rate = 0.6
        self._pause = 0

    def length(self) -> int:
        if self._pause:
            self._pause -= 1
            return 0
        return self._length

    def learn(self, proposed: int, accepted: int) -> None:
        self._rate = 0.7 * self._rate + 0.3 * accepted / proposed
        if accepted == proposed:
            self._length = min(2 * self._length, MAX_DRAFT_TOKENS)
        else:
            self._length = max(2, accepted + 1)
        if self._rate < _LEAST_RATE:
            self._pause, self._rate = _PAUSE_STEPS, 2 * _LEAST_RATE
