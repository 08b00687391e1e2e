"""Guess the next tokens of an answer, so that one decode can verify several.

Pure. A draft is made of parts: what the grammar all but dictates, a value that is
copied out of the prompt, the sign that closes it with what is forced after that, and
so on; in free text, a run of tokens that was seen before. The model's own choice
decides: a wrong guess costs time and never changes the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...grammar.constraint import ConstraintState
from .copying import ValueCopy
from .draft_model import DraftModel
from .jump import tokenize_exactly
from .legal_run import Draft, allowed
from .lookup import PromptLookup
from .model_guess import ModelGuess
from .trust import Trust
from .vocabulary import Vocabulary

MAX_DRAFT_TOKENS = 16
#: Most values are short, and a wrong guess costs by its length.
_VALUE_TOKENS = 5
_CLOSINGS = (b'"', b",", b"}", b"]")
#: Guessing before the first letter fails often, and costs the most when it does.
_LEAST_RATES = {"first": 0.4, "closing": 0.4, "value": 0.25, "lookup": 0.3}


@dataclass(frozen=True)
class _Part:
    """A run of a draft's tokens, from `start` on, and how it was found."""

    kind: str
    start: int
    is_whole: bool = True


class Drafter:
    """Guesses for one answer.

    Args:
        vocabulary: The model's tokens.
        prompt: What the answer follows.
        has_grammar: Whether parts of the answer are JSON that a grammar shapes.
        draft_model: Guesses where nothing else does.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        prompt: Sequence[int],
        *,
        has_grammar: bool,
        draft_model: DraftModel | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._lookup = PromptLookup(vocabulary)
        self._lookup.extend(prompt)
        self._values: ValueCopy | None = None
        if has_grammar:
            self._values = ValueCopy(vocabulary, vocabulary.detokenize(prompt))
        self._written = b""
        self._trust = {kind: Trust(rate) for kind, rate in _LEAST_RATES.items()}
        self._parts: list[_Part] = []
        self._model = ModelGuess(draft_model, prompt) if draft_model else None

    def extend(self, tokens: Sequence[int]) -> None:
        """Take note of tokens that the answer has got."""
        self._lookup.extend(tokens)
        self._written += self._vocabulary.detokenize(tokens)
        if self._model is not None:
            self._model.extend(tokens)

    def propose(
        self, limit: int, *, state: ConstraintState | None, after: Sequence[int] = ()
    ) -> list[int]:
        """Tokens that may come next and that the grammar allows; often none.

        Args:
            limit: Tokens at most, `after` included.
            state: Where the grammar stands; None without one.
            after: Tokens that are nearly sure to come first.
        """
        self._parts = []
        if self._model is not None:
            self._model.arrive()
        draft = allowed(after[: max(limit, 0)], state, vocabulary=self._vocabulary)
        while len(draft.tokens) < limit and not draft.cut:
            kind, tokens = self._next_part(draft)
            if not tokens:
                break
            most = limit - len(draft.tokens)
            if kind in ("value", "first"):
                most = min(most, _VALUE_TOKENS)
            self._parts.append(_Part(kind, len(draft.tokens), len(tokens) <= most))
            draft.add(tokens[:most])
        if self._model is not None:
            if not self._parts:
                self._guess_by_model(draft, limit)
            self._model.leave(len(draft.tokens))
        return draft.tokens

    def _guess_by_model(self, draft: Draft, limit: int) -> None:
        """Ask the draft model how a draft goes on that nothing else continues."""
        assert self._model is not None
        start = len(draft.tokens)
        if not draft.cut:
            self._model.propose(draft, limit=limit - start)
        if len(draft.tokens) > start:
            self._parts.append(_Part("model", start))

    def _next_part(self, draft: Draft) -> tuple[str, list[int]]:
        """What may follow a draft, and how it was found; no tokens: nothing may."""
        last = self._parts[-1] if self._parts else None
        if self._values is not None and draft.state is not None:
            if last and last.kind in ("first", "value"):
                return "closing", self._closing(draft.state) if last.is_whole else []
            written = self._written + self._vocabulary.detokenize(draft.tokens)
            for kind, find in (
                ("value", self._values.rest),
                ("first", self._values.next_value),
            ):
                tokens = find(written)
                if tokens and self._trust[kind].may_guess():
                    return kind, tokens
        if last or not self._trust["lookup"].may_guess():
            return "", []
        return "lookup", self._lookup.propose(after=draft.tokens)

    def _closing(self, state: ConstraintState) -> list[int]:
        """The end of a value and what is forced after it."""
        if not self._trust["closing"].may_guess():
            return []
        for sign in _CLOSINGS:
            closed = state.advance(sign)
            if closed is not None:
                return tokenize_exactly(sign + closed.forced(), self._vocabulary)
        return []

    def learn(self, n_proposed: int, n_accepted: int) -> None:
        """Hear how much of the last draft came true."""
        ends = [part.start for part in self._parts[1:]] + [n_proposed]
        for part, end in zip(self._parts, ends, strict=False):
            if part.start > n_accepted or part.start >= end:
                # What came before it was wrong: it was not judged.
                return
            share = min(n_accepted - part.start, end - part.start) / (end - part.start)
            if part.kind == "model":
                assert self._model is not None
                self._model.learn(share)
                continue
            self._trust[part.kind].learn(share)
            if part.kind == "lookup":
                self._lookup.learn(share)
