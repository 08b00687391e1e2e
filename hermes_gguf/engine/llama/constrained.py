"""Draw a token that the grammar allows: sample first, look further on a miss.

The order is: penalties, top-k, top-p, min-p, temperature, then the grammar. With
none of the truncations the result is distributed exactly as under a mask over the
whole vocabulary. Where truncation left no legal token, the legal ones are truncated
and drawn among instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...errors import GenerationError
from ...grammar.constraint import ConstraintState
from .batch import Logits
from .legal import advance_token, legal_tokens
from .sampler import likeliest
from .vocabulary import Vocabulary

#: Draws that are checked one by one before the vocabulary is walked.
_FIRST_DRAWS = 4
#: Draws after which the walk may take as long as it needs.
_MAX_DRAWS = 64
#: Steps of the first walk; a state where few bytes are legal needs fewer.
_WALK_BUDGET = 400
#: First bytes of a state that is worth walking early.
_NARROW_BYTES = 24
#: Likeliest tokens that are checked before a walk without a budget.
_ORDERED = 512


class Sampler(Protocol):
    """What is asked of a sampler here; see `sampler.ChainSampler`."""

    def accept(self, tokens: Sequence[int]) -> None:
        """Let the penalties see tokens."""

    def sample(self, logits: Logits) -> int:
        """Draw one token; changes `logits` in place."""

    def sample_among(self, logits: Logits, tokens: Sequence[int]) -> int:
        """Draw one of `tokens`."""

    def surviving(self, tokens: Sequence[int]) -> Sequence[int]:
        """Those of `tokens` that truncation left; all when it left none."""

    def further_draws(self, logits: Logits, drawn: int) -> Iterator[int]:
        """More draws after `drawn`, none twice."""

    def close(self) -> None:
        """Free what it holds."""


@dataclass(slots=True)
class ConstrainedSampler:
    """A sampler held to a grammar; `state` follows the tokens it chose."""

    sampler: Sampler
    vocabulary: Vocabulary
    state: ConstraintState
    misses: int = 0

    def sample(self, logits: Logits) -> int:
        """Draw a legal token and advance the state.

        Raises:
            GenerationError: no token of this vocabulary may stand here.
        """
        token = self.sampler.sample(logits)
        after = self._after(token)
        if after is None:
            self.misses += 1
            token = self._search(logits, token)
            after = self._after(token)
        if after is None:
            raise GenerationError("The grammar refused a token that it had allowed.")
        self.state = after
        return token

    def _after(self, token: int) -> ConstraintState | None:
        return advance_token(self.state, token, vocabulary=self.vocabulary)

    def _search(self, logits: Logits, drawn: int) -> int:
        for tried, token in enumerate(self.sampler.further_draws(logits, drawn), 1):
            if tried == _FIRST_DRAWS and self._is_narrow():
                legal = self._walk(_WALK_BUDGET)
                if legal is not None:
                    return self._among(logits, legal)
            if tried == _MAX_DRAWS:
                break
            if self._after(token) is not None:
                return token
        legal = self._walk(_WALK_BUDGET)
        if legal is None:
            order = likeliest(logits, _ORDERED).tolist()
            legal = [token for token in order if self._after(token) is not None]
            legal = legal or self._walk(None) or []
        return self._among(logits, legal)

    def _is_narrow(self) -> bool:
        first = self.state.first_bytes()
        return first is not None and len(first) <= _NARROW_BYTES

    def _walk(self, budget: int | None) -> list[int] | None:
        return legal_tokens(self.state, vocabulary=self.vocabulary, budget=budget)

    def _among(self, logits: Logits, legal: Sequence[int]) -> int:
        if not legal:
            raise GenerationError("No token of this model can continue the grammar.")
        return self.sampler.sample_among(logits, self.sampler.surviving(legal))
