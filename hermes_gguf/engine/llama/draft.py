"""Guess the next tokens of an answer, so that one decode can verify several.

Pure. A draft is made of parts: what the grammar all but dictates, one of a few names,
a value that is copied out of the prompt, the sign that closes it, and so on; in free
text, a run of tokens that was seen before. The model's own choice decides: a wrong
guess costs time and never changes the text. How many are tried is the scheduler's
business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...grammar.constraint import ConstraintState
from .batch_cost import BatchCost
from .chances import Chances
from .choices import ChoiceGuess
from .copying import VALUE_KINDS, WHOLE, ValueCopy
from .draft_model import DraftModel
from .guesses import Draft, Guesses
from .lookup import PromptLookup
from .model_guess import ModelGuess
from .vocabulary import Vocabulary

MAX_DRAFT_TOKENS = 31
_ITEM = re.compile(rb'(?:\[|, )"?([^"\\\[,]{1,64})\Z')
_ITEM_BYTES = 80


@dataclass(frozen=True)
class Guessing:
    """What all answers of an engine share to guess with.

    Attributes:
        cost: What a batch costs.
        model: Guesses where nothing else does, or None.
    """

    cost: BatchCost = field(default_factory=BatchCost)
    model: DraftModel | None = None


class Drafter:
    """Guesses for one answer.

    Args:
        vocabulary: The model's tokens.
        prompt: What the answer follows.
        guessing: What is shared with other answers.
        has_grammar: Whether parts of the answer are JSON that a grammar shapes.
        jumps: Whether the answer takes dictated text without asking the model.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        prompt: Sequence[int],
        *,
        guessing: Guessing,
        has_grammar: bool,
        jumps: bool = True,
    ) -> None:
        self._vocabulary = vocabulary
        self._rates = Chances()
        self._jumps = jumps
        self._lookup = PromptLookup(vocabulary)
        self._lookup.extend(prompt)
        self._values: ValueCopy | None = None
        if has_grammar:
            self._values = ValueCopy(vocabulary.detokenize(prompt))
            self._choices = ChoiceGuess(self._values.request)
        self._written = b""
        self._last: Draft | None = None
        #: Tokens that the answer has got since the last draft.
        self._came: list[int] = []
        self._model: ModelGuess | None = None
        if guessing.model is not None:
            self._model = ModelGuess(guessing.model, prompt, cost=guessing.cost)

    def extend(self, tokens: Sequence[int]) -> None:
        """Take note of tokens that the answer has got."""
        self._lookup.extend(tokens)
        self._written += self._vocabulary.detokenize(tokens)
        self._came += tokens
        if self._model is not None:
            self._model.extend(tokens)

    def propose(
        self, limit: int, *, state: ConstraintState | None, held: Sequence[int] = ()
    ) -> Guesses:
        """Tokens that may come next and that the grammar allows; often none.

        Args:
            limit: Tokens at most.
            state: Where the grammar stands; None without one.
            held: Tokens that are nearly sure to come first.
        """
        self._judge()
        draft = Draft(
            state,
            vocabulary=self._vocabulary,
            rates=self._rates,
            limit=limit,
            jumps=self._jumps,
            held=held,
        )
        n_before = -1
        while draft.is_open and len(draft.kinds) > n_before:
            n_before = len(draft.kinds)
            self._go_on(draft)
        if self._model is not None and not draft.kinds and not draft.tail:
            self._model.propose(draft, limit=limit)
        draft.close()
        self._last = draft
        return draft.guesses

    def _judge(self) -> None:
        """Learn from what came, as far as it shows which guesses were right."""
        last, came = self._last, self._came
        self._last, self._came = None, []
        if last is None:
            return
        n_right = 0
        guesses = last.guesses
        for token, kind, is_chosen, true in zip(
            guesses.tokens, last.kinds, guesses.is_chosen, came, strict=False
        ):
            if is_chosen:
                self._rates.learn(kind, token == true)
            if token != true:
                break
            n_right += 1
        if self._model is not None:
            self._model.learn(n_right)

    def _go_on(self, draft: Draft) -> None:
        """Add one part to a draft, or nothing."""
        if self._values is None or draft.state is None:
            if not draft.kinds:
                draft.add_tokens("lookup", self._lookup.propose())
            return
        if not draft.tail and draft.kinds and draft.kinds[-1].strip("+") in VALUE_KINDS:
            draft.add_text("closing", self._closing(draft.state, draft, self._values))
            return
        written = self._written + draft.text
        choice = self._choices.propose(draft.state, after=written[-1:])
        if choice:
            draft.add_text("choice", choice)
            return
        kind, text = self._values.propose(written)
        if kind == WHOLE:
            draft.add_text("closing", self._closing(draft.state, draft, self._values))
        elif kind:
            draft.add_text(kind, text)
        elif not draft.kinds and not draft.tail:
            draft.add_tokens("lookup", self._lookup.propose())

    def _closing(
        self, state: ConstraintState, draft: Draft, values: ValueCopy
    ) -> bytes:
        """What ends a value: a quote if it has one, a sign, and what that dictates."""
        quoted = state.advance(b'"')
        quote, after = (b"", state) if quoted is None else (b'"', quoted)
        if forced := after.forced():
            return quote + forced
        signs = [b"}", b","]
        if after.advance(b"]") is not None:
            item = _ITEM.search((self._written + draft.text)[-_ITEM_BYTES:])
            more = item is not None and values.item_after(item[1])
            signs = [b",", b"]"] if more else [b"]", b","]
        elif quoted is not None and (way := self._choices.propose(after)):
            signs = [way[:1]]
        for sign in signs:
            closed = after.advance(sign)
            if closed is not None:
                return quote + sign + closed.forced()
        return quote
