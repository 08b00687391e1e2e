"""A prompt that is read token by token, to tell how likely each of them was.

What comes next is known, so it goes to the model as guesses that all come true: many in
one batch, with logits after each. Behind the prompt the answer takes over.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from ...events import TokenProb
from ..base import EngineFinish, EngineItem, PrefillProgress, PromptProbs
from .answer import Answer, Step
from .batch import Logits
from .draft import MAX_DRAFT_TOKENS
from .guesses import Guesses
from .job import Sink, StreamEnd
from .probs import token_prob
from .vocabulary import Vocabulary


class Scoring:
    """The writer of a job whose prompt is the first token alone; see `job.Writer`."""

    def __init__(
        self,
        answer: Answer,
        prompt: Sequence[int],
        *,
        vocabulary: Vocabulary,
        n_top: int,
    ) -> None:
        """Prepare to read a prompt.

        Args:
            answer: What follows the prompt.
            prompt: All of it.
            vocabulary: The model's tokens.
            n_top: How many of the likeliest to tell for each token.
        """
        self._answer = answer
        self._prompt = list(prompt)
        self._vocabulary = vocabulary
        self._n_top = n_top
        self._n_read = 1
        self._probs: list[TokenProb] = []
        self.tokens = answer.tokens
        self.n_forced_tokens = 0

    def begin(self, prompt: Sequence[int]) -> Step:
        """Nothing follows unseen, unless there was no second token."""
        return self._behind() if self._is_read else Step([])

    def propose(self, limit: int) -> Guesses:
        """What the prompt goes on with: also over `limit`, for none of it is wrong."""
        if self._is_read:
            return self._answer.propose(limit)
        guesses = Guesses()
        for token in self._prompt[self._n_read : self._n_read + MAX_DRAFT_TOKENS]:
            guesses.append(token, 1.0)
        return guesses

    def advance(self, logits: Logits) -> Step:
        """Take the prompt's next token; behind it, the answer's."""
        if self._is_read:
            return self._answer.advance(logits)
        token = self._prompt[self._n_read]
        vocabulary, n_top = self._vocabulary, self._n_top
        text = vocabulary.pieces[token]
        self._probs.append(
            token_prob(logits, token, text, vocabulary=vocabulary, n_top=n_top)
        )
        self._n_read += 1
        after = self._behind() if self._is_read else Step([])
        after.tokens.insert(0, token)
        return after

    @property
    def is_complete(self) -> bool:
        """Whether the answer is."""
        return self._answer.is_complete

    @property
    def stop_text(self) -> str | None:
        """The stop text that ended the answer."""
        return self._answer.stop_text

    def close(self) -> None:
        """Free the sampler."""
        self._answer.close()

    @property
    def _is_read(self) -> bool:
        return self._n_read == len(self._prompt)

    def _behind(self) -> Step:
        """The step that tells of the prompt and begins the answer."""
        step = self._answer.begin(self._prompt)
        return Step(step.tokens, PromptProbs(tuple(self._probs)), step.finish)


class ScoringSink:
    """Tells of a prompt that is scored as of one that is read."""

    def __init__(self, sink: Sink, *, n_prompt: int) -> None:
        self._sink = sink
        self._n_prompt = n_prompt
        self._read_s = 0.0

    def __call__(self, item: EngineItem | StreamEnd) -> None:
        """Hand on what comes."""
        match item:
            case PrefillProgress(done, _):
                item = PrefillProgress(done, self._n_prompt)
            case PromptProbs():
                self._read_s = time.perf_counter()
            case EngineFinish():
                item = self._counted(item)
        self._sink(item)

    def _counted(self, finish: EngineFinish) -> EngineFinish:
        """The end, with the prompt's tokens and seconds where they belong."""
        usage = finish.usage
        all_s = usage.prefill_s + usage.decode_s
        decode_s = time.perf_counter() - self._read_s if self._read_s else 0.0
        decode_s = min(decode_s, all_s)
        usage = replace(
            usage,
            prompt_tokens=self._n_prompt,
            prefill_s=all_s - decode_s,
            decode_s=decode_s,
        )
        return replace(finish, usage=usage)
