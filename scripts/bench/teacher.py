"""Teacher forcing: a random model "chooses" the tokens of a given text.

Random weights write nonsense that never ends, and nearly every token of it breaks the
grammar. A trained model mostly writes what the grammar wants. So the sampler does its
whole work, and then its choice is replaced by the next token of the text that a good
model would have written; grammar, forced runs, guesses and decodes are the real ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import hermes_gguf.engine.llama.engine as engine_module
from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.engine.llama.sampler import ChainSampler


class Script:
    """The tokens of a text, to be asked for from any byte on."""

    def __init__(self, engine: LlamaEngine, text: str) -> None:
        self._engine = engine
        self._text = text.encode()
        self.tokens = engine.tokenize(text, mode="markup")
        lengths = [len(engine.detokenize([token])) for token in self.tokens]
        starts = accumulate(lengths, initial=0)
        self._at = dict(zip(starts, self.tokens, strict=False))
        self.end = min(engine._vocabulary.eog)

    def token_at(self, offset: int) -> int:
        """The token that comes after `offset` bytes; the end token after the last."""
        if offset >= len(self._text):
            return self.end
        if offset in self._at:
            return self._at[offset]
        # A forced run ended inside of a token: what would be written from there.
        rest = self._text[offset:].decode(errors="ignore")
        return self._engine.tokenize(rest, mode="markup")[0]


class TeacherSampler(ChainSampler):
    """Samples, then says what the script says."""

    script: Script
    pieces: Sequence[bytes]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._offset: int | None = None

    def accept(self, tokens: Sequence[int]) -> None:
        super().accept(tokens)
        if self._offset is None:
            # The first tokens are the prompt's.
            self._offset = 0
            return
        self._offset += sum(len(self.pieces[token]) for token in tokens)

    def sample(self, logits: Any) -> int:
        super().sample(logits)
        return self.script.token_at(self._offset or 0)


@contextmanager
def teacher_forced(engine: LlamaEngine, text: str) -> Iterator[Script]:
    """Generations that begin inside the block write `text`."""
    script = Script(engine, text)

    class Sampler(TeacherSampler):
        pass

    Sampler.script = script
    Sampler.pieces = engine._vocabulary.pieces
    before = engine_module.ChainSampler
    engine_module.ChainSampler = Sampler  # type: ignore[misc]
    try:
        yield script
    finally:
        engine_module.ChainSampler = before  # type: ignore[misc]
