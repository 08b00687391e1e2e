"""Whether the guesses of a draft model pay for one answer, and how long they are.

What a guess saves is the decode of a token; what it costs is the small model's time and
what the batch takes longer. The guessing itself is `draft_model`'s. Used by the
engine's thread only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .batch import Logits
from .batch_cost import BatchCost
from .draft_model import DraftModel
from .guesses import Draft

_FIRST_REST_STEPS, _MOST_REST_STEPS = 8, 256
#: Decodes that guessing may lose before it rests: at first, after a rest, ever.
_FIRST_CREDIT, _NEXT_CREDIT, _MOST_CREDIT = 1.0, 0.5, 2.0
#: Share of a decode that may be spent on reading what is not read yet.
_READING_SHARE = 0.25
_LEAST_READ_TOKENS, _FIRST_READ_TOKENS = 16, 64
_FIRST_TOKENS, _MOST_TOKENS = 4, 12
#: A token that the small model doubts is not worth trying.
_LEAST_PROBABILITY = 0.4


class ModelGuess:
    """Guesses of a draft model for one answer, as long as they pay.

    While the balance of what they saved and cost is negative the small model rests,
    for longer each time.

    Args:
        model: Makes the guesses.
        prompt: What the answer follows.
        cost: What a batch of the large model costs.
    """

    def __init__(
        self, model: DraftModel, prompt: Sequence[int], *, cost: BatchCost
    ) -> None:
        self._model = model
        self._cost = cost
        self._tokens = list(prompt)
        self._length = _FIRST_TOKENS
        #: Decodes of the large model that were saved, less those that were lost.
        self._credit = _FIRST_CREDIT
        self._rest_steps = 0
        self._next_rest_steps = _FIRST_REST_STEPS
        self._n_guessed = 0
        self._guess_s = 0.0

    def extend(self, tokens: Sequence[int]) -> None:
        """Take note of tokens that the answer has got."""
        self._tokens += tokens

    def propose(self, draft: Draft, *, limit: int) -> None:
        """Add to `draft` what may follow it, at most `limit` tokens; often none."""
        if limit <= 0 or not self._may_guess():
            return

        def pick(logits: Logits) -> int | None:
            token = _confident(logits)
            if token is None or not draft.is_open:
                return None
            n_before = len(draft.kinds)
            draft.add_tokens("model+" if n_before else "model", [token])
            return token if len(draft.kinds) > n_before else None

        before_s = self._model.clock()
        self._model.guess(
            self._tokens,
            limit=min(limit, self._length),
            read_limit=self._read_limit(),
            pick=pick,
        )
        self._guess_s = self._model.clock() - before_s
        self._n_guessed = len(draft.kinds)

    def learn(self, n_right: int) -> None:
        """Hear how many tokens of the last draft came true."""
        if not self._n_guessed:
            return
        share = min(n_right / self._n_guessed, 1.0)
        if share == 1:
            self._length = min(self._length + 2, _MOST_TOKENS)
        else:
            self._length = max(2, round(self._length * share) + 1)
        one_s = self._cost.seconds(1)
        longer_s = self._cost.seconds(1 + self._n_guessed) - one_s
        self._credit += n_right - (self._guess_s + longer_s) / one_s
        self._n_guessed = 0
        if self._credit >= _MOST_CREDIT:
            self._credit = _MOST_CREDIT
            self._next_rest_steps = _FIRST_REST_STEPS

    def _may_guess(self) -> bool:
        if not self._cost.is_known:
            # How long a decode takes is measured first.
            return False
        if self._rest_steps:
            self._rest_steps -= 1
            return False
        if self._credit > 0:
            return True
        self._rest_steps = self._next_rest_steps
        self._next_rest_steps = min(2 * self._next_rest_steps, _MOST_REST_STEPS)
        self._credit = _NEXT_CREDIT
        return False

    def _read_limit(self) -> int:
        if not self._model.read_s:
            return _FIRST_READ_TOKENS
        worth = int(_READING_SHARE * self._cost.seconds(1) / self._model.read_s)
        return max(_LEAST_READ_TOKENS, worth)


def _confident(logits: Logits) -> int | None:
    """The likeliest token, unless the model doubts it."""
    token = int(logits.argmax())
    total = float(np.exp(logits - logits[token]).sum())
    return token if _LEAST_PROBABILITY * total <= 1 else None
