"""Guess the next tokens of an answer, so that one decode can verify several.

Pure. Guesses come from what the grammar all but dictates, from values that are copied
out of the prompt, and from runs of tokens that were seen before. The model's own
choice decides, so a wrong guess costs time and never changes the text.
"""

from __future__ import annotations

from collections.abc import Sequence

from .copying import ValueCopy
from .lookup import PromptLookup
from .vocabulary import Vocabulary

MAX_DRAFT_TOKENS = 8


class Drafter:
    """Guesses for one answer.

    Args:
        vocabulary: The model's tokens.
        prompt: What the answer follows.
        copies_values: Whether a grammar makes parts of the answer JSON.
    """

    def __init__(
        self, vocabulary: Vocabulary, prompt: Sequence[int], *, copies_values: bool
    ) -> None:
        self._vocabulary = vocabulary
        self._lookup = PromptLookup(vocabulary)
        self._lookup.extend(prompt)
        self._values: ValueCopy | None = None
        if copies_values:
            self._values = ValueCopy(vocabulary, vocabulary.detokenize(prompt))
        self._written = b""
        #: Where the looked-up part of the last draft begins, if there is one.
        self._looked_up_at: int | None = None

    def extend(self, tokens: Sequence[int]) -> None:
        """Take note of tokens that the answer has got."""
        self._lookup.extend(tokens)
        self._written += self._vocabulary.detokenize(tokens)

    def propose(self, limit: int, *, after: Sequence[int] = ()) -> list[int]:
        """Tokens that may come next, at most `limit`; often none.

        Args:
            limit: Tokens at most.
            after: Tokens that are taken to come before them.
        """
        self._looked_up_at = None
        if self._values is not None:
            written = self._written + self._vocabulary.detokenize(after)
            copied = self._values.propose(written, limit)
            if copied:
                return copied
        self._looked_up_at = len(after)
        return self._lookup.propose(limit, after=after)

    def learn(self, n_proposed: int, n_accepted: int) -> None:
        """Hear how much of the last draft came true, `after` included."""
        if self._looked_up_at is not None and n_proposed > self._looked_up_at:
            n_accepted = max(0, n_accepted - self._looked_up_at)
            self._lookup.learn(n_proposed - self._looked_up_at, n_accepted)
