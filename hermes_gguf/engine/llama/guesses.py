"""Guessed tokens as far as the grammar allows them, each with its chance.

Pure; it finds no texts. What the grammar dictates after a guess is part of the run, in
the same tokens in which the answer would take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...grammar.constraint import ConstraintState
from .chances import Chances, further
from .jump import plan_jump, tokenize_exactly
from .legal import advance_token
from .vocabulary import Vocabulary


@dataclass(slots=True)
class Guesses:
    """Tokens that may come next.

    Attributes:
        tokens: The guesses.
        chances: For each, the chance that it and all before it come true.
        is_chosen: Whether the model chooses it; else the grammar dictates it after
            the tokens before, and no logits are needed for it.
    """

    tokens: list[int] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)
    is_chosen: list[bool] = field(default_factory=list)

    def append(self, token: int, chance: float, *, is_chosen: bool = True) -> None:
        """Add a token whose chance is `chance` when all before it come true."""
        self.tokens.append(token)
        self.chances.append(chance * (self.chances[-1] if self.chances else 1.0))
        self.is_chosen.append(is_chosen)


class Draft:
    """A run of guesses that grows.

    Args:
        state: Where the grammar stands; None without one.
        vocabulary: The model's tokens.
        rates: The chance of each kind of guess.
        limit: Tokens at most.
        jumps: Whether the answer takes dictated text without asking the model.
        held: Tokens of dictated text that come first, unless a longer one does.

    Attributes:
        guesses: What was added.
        kinds: How each token was found.
        tail: Dictated text at the end that is no tokens yet: a guess may join it.
        state: The state after the tokens and the tail.
        is_open: Whether more may follow.
    """

    def __init__(
        self,
        state: ConstraintState | None,
        *,
        vocabulary: Vocabulary,
        rates: Chances,
        limit: int,
        jumps: bool = True,
        held: Sequence[int] = (),
    ) -> None:
        self.guesses = Guesses()
        self.kinds: list[str] = []
        self.tail = b""
        self.state = state
        self.is_open = limit > 0
        self._vocabulary = vocabulary
        self._rates = rates
        self._limit = limit
        self._jumps = jumps
        self._before_tail = state
        if held:
            self._hold(held)

    @property
    def text(self) -> bytes:
        """All of it, the tail included."""
        return self._vocabulary.detokenize(self.guesses.tokens) + self.tail

    def add_text(self, kind: str, text: bytes) -> None:
        """Append a text after the tail, up to what may not come or dictates others."""
        n_held, n_bytes = len(self.tail), 0
        tokens = tokenize_exactly(self.tail + text, self._vocabulary)
        self.tail, self.state = b"", self._before_tail if self.tail else self.state
        for token in tokens:
            n_bytes += len(self._vocabulary.pieces[token])
            held = n_bytes <= n_held
            if not self._append(token, "held" if held else kind):
                return
            if not held:
                kind = kind if kind.endswith("+") else further(kind)
            if n_bytes >= n_held and self._dictate():
                return

    def add_tokens(self, kind: str, tokens: Sequence[int]) -> None:
        """Append tokens, up to the first that may not come."""
        for index, token in enumerate(tokens):
            if not self._append(token, further(kind) if index else kind):
                return

    def close(self) -> None:
        """End the run, with what is held back."""
        if self.tail and self.is_open:
            self.add_text("held", b"")
        self.is_open = False

    def _append(self, token: int, kind: str, *, is_chosen: bool = True) -> bool:
        after = self.state
        if after is not None:
            after = advance_token(after, token, vocabulary=self._vocabulary)
        if token in self._vocabulary.silent or (after is None) != (self.state is None):
            self.is_open = False
            return False
        chance = self._rates.of(kind) if is_chosen else 1.0
        self.guesses.append(token, chance, is_chosen=is_chosen)
        self.kinds.append(kind)
        self.state = after
        self.is_open = len(self.kinds) < self._limit
        return self.is_open

    def _dictate(self) -> bool:
        """Append what the grammar dictates; whether it dictates anything."""
        if self.state is None or not self.state.forced():
            return False
        jump = plan_jump(self.state, vocabulary=self._vocabulary)
        for token in jump.tokens:
            if not self._append(token, "dictated", is_chosen=not self._jumps):
                return True
        self._hold(jump.held)
        return True

    def _hold(self, tokens: Sequence[int]) -> None:
        tail = self._vocabulary.detokenize(tokens)
        after = self.state.advance(tail) if self.state is not None else None
        if tail and after is not None:
            self._before_tail, self.tail, self.state = self.state, tail, after
