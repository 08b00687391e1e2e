"""Guess the next tokens from what was read: answers repeat much of their prompt.

Pure. A guess is what followed the same few tokens earlier in the prompt or the
answer; its length adapts to how often guesses were right, and none is made for a
while when they were not.
"""

from __future__ import annotations

from collections.abc import Sequence

from .vocabulary import Vocabulary

#: Lengths of the token runs that are looked up, longest first.
_RUNS = (3, 2)
_FIRST_TOKENS, _MOST_TOKENS = 3, 8
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
            self._keys.append(self._key(token))

    def propose(self, limit: int, *, after: Sequence[int] = ()) -> list[int]:
        """Tokens that may come next, at most `limit`; often none.

        Args:
            limit: Tokens at most.
            after: Tokens that are taken to come before them.
        """
        length = min(limit, self._pace.length()) if limit > 0 else 0
        if length <= 0:
            return []
        keys = self._keys[-_RUNS[0] :] + [self._key(token) for token in after]
        for run in _RUNS:
            at = self._ends.get(tuple(keys[len(keys) - run :]))
            if at is not None and len(keys) >= run:
                return self._tokens[at : at + length]
        return []

    def _key(self, token: int) -> bytes:
        # A word at the beginning of a line lacks the space that it had in the text.
        return self._pieces[token].lstrip(b" ")

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
            self._length = min(2 * self._length, _MOST_TOKENS)
        else:
            self._length = max(2, accepted + 1)
        if self._rate < _LEAST_RATE:
            self._pause, self._rate = _PAUSE_STEPS, 2 * _LEAST_RATE
