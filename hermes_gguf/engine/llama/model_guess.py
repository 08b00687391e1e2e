"""Whether the guesses of a draft model pay for one answer, and how long they are.

It measures what they save and what they cost; the guessing itself is `draft_model`'s.
Used by the engine's thread only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from .batch import Logits
from .draft_model import DraftModel
from .legal_run import Draft

#: Steps of the large model whose duration is remembered.
_N_STEPS = 8
_FIRST_REST_STEPS, _MOST_REST_STEPS = 8, 256
#: Steps that guessing may lose before it rests: at first, after a rest, ever.
_FIRST_CREDIT, _NEXT_CREDIT, _MOST_CREDIT = 1.0, 0.5, 2.0
#: Share of a step that may be spent on reading what is not read yet.
_READING_SHARE = 0.25
_LEAST_READ_TOKENS, _FIRST_READ_TOKENS = 16, 64
_FIRST_TOKENS, _MOST_TOKENS = 4, 12
#: A token that the small model doubts is not worth trying.
_LEAST_PROBABILITY = 0.4


class ModelGuess:
    """Guesses of a draft model for one answer, as long as they pay.

    Everything is measured: a guess that came true has saved the time of a step, and
    has cost the small model's work and what the step took longer. While the balance
    is negative the small model rests, for longer each time.
    """

    def __init__(self, model: DraftModel, prompt: Sequence[int]) -> None:
        self._model = model
        self._tokens = list(prompt)
        self._n_written = 0
        self._length = _FIRST_TOKENS
        #: Steps of the large model that were saved, less those that were lost.
        self._credit = _FIRST_CREDIT
        self._rest_steps = 0
        self._next_rest_steps = _FIRST_REST_STEPS
        #: Seconds of the last steps that verified nothing.
        self._plain_s: deque[float] = deque(maxlen=_N_STEPS)
        self._left_s: float | None = None
        self._n_proposed = 0
        self._n_guessed = 0
        self._guess_s = 0.0

    def extend(self, tokens: Sequence[int]) -> None:
        """Take note of tokens that the answer has got."""
        self._tokens += tokens
        self._n_written += len(tokens)

    def arrive(self) -> None:
        """Hear that a step of the large model is over: the next tokens are wanted."""
        if self._left_s is not None and not self._n_proposed:
            self._plain_s.append(self._model.clock() - self._left_s)
        self._n_guessed = 0

    def leave(self, n_proposed: int) -> None:
        """Hear that a step begins that verifies so many guesses of any kind."""
        self._n_proposed = n_proposed
        # The first step reads the prompt: it says nothing of the others.
        if self._n_written:
            self._left_s = self._model.clock()

    def propose(self, draft: Draft, *, limit: int) -> None:
        """Add to `draft` what may follow it, at most `limit` tokens; often none."""
        if limit <= 0 or not self._may_guess():
            return

        def pick(logits: Logits) -> int | None:
            token = _confident(logits)
            if token is not None:
                draft.add([token])
            return None if draft.cut else token

        before_s, n_before = self._model.clock(), len(draft.tokens)
        self._model.guess(
            self._tokens + draft.tokens,
            limit=min(limit, self._length),
            read_limit=self._read_limit(),
            pick=pick,
        )
        self._guess_s = self._model.clock() - before_s
        self._n_guessed = len(draft.tokens) - n_before

    def learn(self, share_right: float) -> None:
        """Hear what share of the last guess came true, when its step is over."""
        if share_right == 1:
            self._length = min(self._length + 2, _MOST_TOKENS)
        else:
            self._length = max(2, round(self._length * share_right) + 1)
        if self._left_s is None:
            return
        plain_s = self._step_s()
        longer_s = self._model.clock() - self._left_s - plain_s
        lost = (self._guess_s + max(longer_s, 0.0)) / plain_s
        self._credit += share_right * self._n_guessed - lost
        if self._credit >= _MOST_CREDIT:
            self._credit = _MOST_CREDIT
            self._next_rest_steps = _FIRST_REST_STEPS

    def _may_guess(self) -> bool:
        if not self._plain_s and self._n_written:
            # How long a step takes is measured first.
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
        if not self._plain_s or not self._model.read_s:
            return _FIRST_READ_TOKENS
        worth = int(_READING_SHARE * self._step_s() / self._model.read_s)
        return max(_LEAST_READ_TOKENS, worth)

    def _step_s(self) -> float:
        # Long ones have read the prompts of others.
        return max(min(self._plain_s, default=0.0), 1e-9)


def _confident(logits: Logits) -> int | None:
    """The likeliest token, unless the model doubts it."""
    token = int(logits.argmax())
    total = float(np.exp(logits - logits[token]).sum())
    return token if _LEAST_PROBABILITY * total <= 1 else None
