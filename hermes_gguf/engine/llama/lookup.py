"""Guess the next tokens from what was read: answers repeat much of their prompt.

Pure. A guess is what followed the same few tokens earlier in the prompt or the
answer; its length adapts to how much of the guesses was right.
"""

from __future__ import annotations

from collections.abc import Sequence

from .vocabulary import Vocabulary

#: Lengths of the token runs that are looked up, longest first.
_RUNS = (3, 2)
_FIRST_TOKENS, _MOST_TOKENS = 3, 8


class PromptLookup:
    """Looks up how the last tokens went on before."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._pieces = vocabulary.pieces
        self._tokens: list[int] = []
        self._keys: list[bytes] = []
        self._ends: dict[tuple[bytes, ...], int] = {}
        self._length = _FIRST_TOKENS

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

    def propose(self, *, after: Sequence[int] = ()) -> list[int]:
        """Tokens that may come next; often none.

        Args:
            after: Tokens that are taken to come before them.
        """
        keys = self._keys[-_RUNS[0] :] + [self._key(token) for token in after]
        for run in _RUNS:
            at = self._ends.get(tuple(keys[len(keys) - run :]))
            if at is not None and len(keys) >= run:
                return self._tokens[at : at + self._length]
        return []

    def learn(self, share_right: float) -> None:
        """Guess longer runs while they come true, shorter ones while they do not."""
        if share_right == 1:
            self._length = min(2 * self._length, _MOST_TOKENS)
        else:
            self._length = max(2, round(self._length * share_right) + 1)

    def _key(self, token: int) -> bytes:
        # A word at the beginning of a line lacks the space that it had in the text.
        return self._pieces[token].lstrip(b" ")
