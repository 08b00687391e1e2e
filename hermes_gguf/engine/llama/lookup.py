"""Guess the next tokens from what was read: answers repeat much of their prompt.

Pure. A guess is what followed the same few tokens earlier in the prompt or the answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from .vocabulary import Vocabulary

#: Lengths of the token runs that are looked up, longest first.
_RUNS = (3, 2)
_MOST_TOKENS = 31


class PromptLookup:
    """Looks up how the last tokens went on before."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._pieces = vocabulary.pieces
        self._tokens: list[int] = []
        self._keys: list[bytes] = []
        self._ends: dict[tuple[bytes, ...], int] = {}

    def extend(self, tokens: Sequence[int]) -> None:
        """Take note of tokens that were read or written."""
        for token in tokens:
            at = len(self._tokens)
            for run in _RUNS:
                if at >= run:
                    # What ended at `at` goes on with this token.
                    self._ends[tuple(self._keys[at - run : at])] = at
            self._tokens.append(token)
            # A word at the beginning of a line lacks the space that it had before.
            self._keys.append(self._pieces[token].lstrip(b" "))

    def propose(self) -> list[int]:
        """Tokens that may come next; often none."""
        for run in _RUNS:
            at = self._ends.get(tuple(self._keys[-run:]))
            if at is not None and len(self._keys) >= run:
                return self._tokens[at : at + _MOST_TOKENS]
        return []
