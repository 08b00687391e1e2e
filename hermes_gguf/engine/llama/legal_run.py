"""A run of guessed tokens, as far as the grammar allows them.

Pure; it finds no tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...grammar.constraint import ConstraintState
from .legal import advance_token
from .vocabulary import Vocabulary


class Draft:
    """Tokens as far as the grammar allows them."""

    def __init__(
        self, state: ConstraintState | None, *, vocabulary: Vocabulary
    ) -> None:
        self.tokens: list[int] = []
        self.state = state
        self.cut = False
        self._vocabulary = vocabulary

    def add(self, tokens: Sequence[int]) -> None:
        """Append tokens up to the first that may not come; then `cut` is set."""
        for token in tokens:
            after = self.state
            if after is not None:
                after = advance_token(after, token, vocabulary=self._vocabulary)
            if token in self._vocabulary.silent or (after is None) != (
                self.state is None
            ):
                self.cut = True
                return
            self.tokens.append(token)
            self.state = after


def allowed(
    tokens: Sequence[int], state: ConstraintState | None, *, vocabulary: Vocabulary
) -> Draft:
    """The beginning of `tokens` that the grammar allows."""
    draft = Draft(state, vocabulary=vocabulary)
    draft.add(tokens)
    return draft
