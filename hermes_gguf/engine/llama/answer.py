"""One answer as it grows: logits in, the next tokens and their text out.

Pure: it knows sampling, grammar, jumping, stop texts and limits, and nothing of
batches, slots or threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...events import FinishReason, TokenProb
from ...grammar.constraint import ConstraintState
from ..base import GenerationRequest, Piece, PromptProbs
from .batch import Logits
from .chances import Chances
from .constrained import ConstrainedSampler, Sampler
from .draft import Drafter, Guessing
from .guesses import Draft, Guesses
from .jump import plan_jump
from .legal import can_only_end
from .probs import token_prob
from .stop_text import TextAssembler
from .vocabulary import Vocabulary


@dataclass(slots=True)
class Step:
    """What one step of an answer brought.

    Attributes:
        tokens: Tokens to evaluate next.
        piece: What the caller gets, or None when all text is withheld.
        finish: Why the answer ended, or None.
    """

    tokens: list[int]
    piece: Piece | PromptProbs | None = None
    finish: FinishReason | None = None


@dataclass(slots=True)
class _Unsent:
    """Tokens whose text is not out yet."""

    tokens: list[int] = field(default_factory=list)
    probs: list[TokenProb] = field(default_factory=list)


class Answer:
    """The growing answer to one request."""

    def __init__(
        self,
        request: GenerationRequest,
        *,
        vocabulary: Vocabulary,
        sampler: Sampler,
        n_tokens_max: int,
        guessing: Guessing | None = None,
    ) -> None:
        self._request = request
        self._vocabulary = vocabulary
        self._sampler = sampler
        self._n_tokens_max = n_tokens_max
        self._guessing = guessing or Guessing()
        self._text = TextAssembler(request.stop, until=request.stop_until)
        self._unsent = _Unsent()
        self._sent = ""
        self._constrained: ConstrainedSampler | None = None
        if request.constraint is not None:
            self._constrained = ConstrainedSampler(
                sampler, vocabulary, request.constraint.start()
            )
        self._foresees = self._constrained is not None and request.jump_forward
        self._jumps = self._foresees and request.n_probs is None
        self._drafter: Drafter | None = None
        #: Forced tokens that are not taken unseen: they come next nearly for certain.
        self._held: list[int] = []
        self.tokens: list[int] = []
        self.n_forced_tokens = 0

    @property
    def state(self) -> ConstraintState | None:
        """Where the grammar stands; None without one."""
        return self._constrained.state if self._constrained else None

    def begin(self, prompt: Sequence[int]) -> Step:
        """The tokens that are forced before anything was sampled."""
        self._sampler.accept(prompt)
        if self._request.prompt_lookup and self._n_tokens_max > 1:
            self._drafter = Drafter(
                self._vocabulary,
                prompt,
                guessing=self._guessing,
                has_grammar=self._constrained is not None,
                jumps=self._jumps,
            )
        return self._grow([], [])

    def propose(self, limit: int) -> Guesses:
        """Tokens that may come next and that the grammar allows, to be verified."""
        limit = min(limit, self._n_tokens_max - len(self.tokens) - 1)
        if self._drafter is not None:
            return self._drafter.propose(limit, state=self.state, held=self._held)
        draft = Draft(
            self.state,
            vocabulary=self._vocabulary,
            rates=Chances(),
            limit=limit,
            jumps=self._jumps,
            held=self._held,
        )
        draft.close()
        return draft.guesses

    def advance(self, logits: Logits) -> Step:
        """Choose the next token from `logits` (changed in place) and go on."""
        raw = None if self._request.n_probs is None else logits.copy()
        chooser = self._constrained or self._sampler
        token = chooser.sample(logits)
        if token in self._vocabulary.eog:
            return self._end([], "stop")
        probs = [] if raw is None else [self._prob(raw, token)]
        return self._grow([token], probs)

    def _grow(self, tokens: list[int], probs: list[TokenProb]) -> Step:
        """Take `tokens` and what is forced after them into the answer."""
        if tokens:
            self._sampler.accept(tokens)
        tokens = tokens + self._jump(self._n_tokens_max - len(self.tokens + tokens))
        self.tokens += tokens
        if self._drafter is not None:
            self._drafter.extend(tokens)
        self._unsent.tokens += tokens
        self._unsent.probs += probs
        text_of = self._vocabulary.text_of
        text = self._text.feed(b"".join([text_of(token) for token in tokens]))
        if self._text.stopped:
            return self._end(tokens, "stop", text)
        if len(self.tokens) >= self._n_tokens_max:
            return self._end(tokens, self._reason_at_limit(), text)
        if self.state is not None and can_only_end(self.state):
            return self._end(tokens, "stop", text)
        return Step(tokens, self._piece(text) if text else None)

    def _reason_at_limit(self) -> FinishReason:
        ended = self.state is not None and can_only_end(self.state)
        return "stop" if ended else "length"

    def _jump(self, room: int) -> list[int]:
        if self._constrained is None or not self._foresees:
            return []
        jump = plan_jump(
            self._constrained.state, vocabulary=self._vocabulary, limit=room
        )
        if not self._jumps:
            self._held = jump.tokens + jump.held
            return []
        self._constrained.state, self._held = jump.state, jump.held
        self._sampler.accept(jump.tokens)
        self.n_forced_tokens += len(jump.tokens)
        return jump.tokens

    def _end(self, tokens: list[int], reason: FinishReason, text: str = "") -> Step:
        text += self._text.flush()
        piece = self._piece(text) if text or self._unsent.tokens else None
        return Step(tokens, piece, reason)

    def _piece(self, text: str) -> Piece:
        unsent, self._unsent = self._unsent, _Unsent()
        self._sent += text
        return Piece(text, tuple(unsent.tokens), tuple(unsent.probs))

    def _prob(self, raw: Logits, token: int) -> TokenProb:
        vocabulary = self._vocabulary
        text = vocabulary.text_of(token)
        n_top = self._request.n_probs or 0
        return token_prob(raw, token, text, vocabulary=vocabulary, n_top=n_top)

    @property
    def is_complete(self) -> bool:
        """Whether the grammar could end where the answer did."""
        if self._constrained is None or self._request.constraint is None:
            return True
        if not self._text.stopped:
            return self._constrained.state.may_end
        state = self._request.constraint.start().advance(self._sent.encode())
        return state is not None and state.may_end

    @property
    def stop_text(self) -> str | None:
        """The stop text that ended the answer."""
        return self._text.stop_text

    def close(self) -> None:
        """Free the sampler."""
        self._sampler.close()
