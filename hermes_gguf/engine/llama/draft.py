"""Guess the next tokens from what was read: answers copy much of their prompt.

Pure. A guess is what followed the same few tokens earlier in the prompt or the
answer. Guesses are verified by the model in one batch, so a wrong one costs time and
never changes the text; the length adapts to how often they were right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .vocabulary import Vocabulary

#: Lengths of the token runs that are looked up, longest first.
_RUNS = (3, 2, 1)
#: A single token must be this long and have been seen only once before.
_LEAST_BYTES = 2
_PHRASE_ENDS = b",.;:)"
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
        self._counts: Counter[bytes] = Counter()
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
            key = self._key(token)
            self._keys.append(key)
            self._counts[key] += 1

    def propose(
        self, limit: int, *, after: Sequence[int] = (), one_phrase: bool = False
    ) -> list[int]:
        """Tokens that may come next; often none.

        Args:
            limit: Tokens at most.
            after: Tokens that are taken to come before them.
            one_phrase: End with the phrase that is copied, as most values do.
        """
        length = min(limit, self._pace.length()) if limit > 0 else 0
        if length <= 0:
            return []
        keys = self._keys[-_RUNS[0] :] + [self._key(token) for token in after]
        for run in _RUNS:
            at = self._ends.get(tuple(keys[len(keys) - run :]))
            if at is not None and len(keys) >= run and self._tells(keys[-run:]):
                if one_phrase:
                    length = self._phrase_length(at, length)
                return self._tokens[at : at + length]
        return []

    def _tells(self, keys: Sequence[bytes]) -> bool:
        """Whether a run says enough; one token only where it is rare."""
        if len(keys) == 1:
            return len(keys[0]) >= _LEAST_BYTES and self._counts[keys[0]] <= 2
        # Brackets and quotes alone come before everything.
        return any(_is_word(key) for key in keys[-2:])

    def _phrase_length(self, at: int, length: int) -> int:
        """Tokens from `at` to the end of their phrase, at most `length`."""
        for index in range(min(length, len(self._tokens) - at)):
            piece = self._pieces[self._tokens[at + index]]
            following = self._tokens[at + index + 1 : at + index + 2]
            rest = piece[1:] or b"".join(self._pieces[token] for token in following)
            if piece[:1] == b"\n" or (piece[:1] in _PHRASE_ENDS and rest[:1] in b" \n"):
                return index
        return length

    def _key(self, token: int) -> bytes:
        # A value at its beginning lacks the space that it had in the text.
        return self._pieces[token].lstrip(b" ")

    def learn(self, proposed: int, accepted: int) -> None:
        """Adapt to how many of the proposed tokens the model wrote itself."""
        self._pace.learn(proposed, accepted)


def _is_word(key: bytes) -> bool:
    """Whether it begins or ends with a letter or a digit, of any script."""
    ends = key[:1] + key[-1:]
    return not ends.isascii() or any(chr(byte).isalnum() for byte in ends)


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
