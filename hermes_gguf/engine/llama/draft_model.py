"""A small model of the same vocabulary that guesses what the large one will write.

It keeps a KV cache of its own in step with the answers. Whether its guesses pay is the
business of `model_guess`; which of them come true is the large model's choice alone.
Used by the engine's thread only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ...errors import EngineError
from .batch import Batch, Context, DecodeStatus, Logits
from .slots import common_prefix

#: Weight of the past in running averages.
_MEMORY = 0.8
#: Fewer do not tell how long reading takes.
_LEAST_READ_TOKENS = 16

#: Logits of the next token → the guess, or None to stop.
Pick = Callable[[Logits], int | None]


class DraftModel:
    """The small model and what its sequences hold.

    Args:
        context: Its KV cache; one sequence for each answer that is guessed for.
        n_vocab: Tokens below this are known to it.
        on_close: Frees it.
        clock: Seconds.

    Attributes:
        read_s: Seconds that one token takes when many are read; 0 before the first.
    """

    def __init__(
        self,
        context: Context,
        *,
        n_cells: int,
        n_vocab: int,
        on_close: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._context = context
        self._n_cells = n_cells
        self._n_vocab = n_vocab
        self._on_close = on_close
        self.clock = clock
        self._held: list[list[int]] = [[] for _ in range(context.n_sequences)]
        self._used = list(range(context.n_sequences))
        self._failed = False
        self.read_s = 0.0

    def guess(
        self, tokens: Sequence[int], *, limit: int, read_limit: int, pick: Pick
    ) -> list[int]:
        """What may follow `tokens`.

        Args:
            tokens: Prompt and answer so far.
            limit: Guesses at most.
            read_limit: Tokens to read at most; when more are not read yet, they are
                read in the next calls, and nothing is guessed before.
            pick: Chooses each guess from the logits.
        """
        wanted = list(tokens)
        fits = len(wanted) + limit <= self._n_cells // len(self._held)
        if self._failed or not fits or max(wanted) >= self._n_vocab:
            return []
        sequence = self._sequence(wanted)
        try:
            return self._guess(sequence, wanted, limit, read_limit, pick)
        except EngineError:
            # Guesses are a help: without them the answer only takes longer.
            self._failed = True
            return []

    def close(self) -> None:
        """Free the model."""
        self._failed = True
        self._on_close()

    def _guess(
        self, sequence: int, wanted: list[int], limit: int, read_limit: int, pick: Pick
    ) -> list[int]:
        held = self._held[sequence]
        kept = min(common_prefix(held, wanted), len(wanted) - 1)
        if kept < len(held):
            left = self._context.truncate(sequence, kept)
            del held[left:]
        new = wanted[len(held) :]
        if len(new) > read_limit:
            self._evaluate(sequence, new[:read_limit])
            return []
        index = self._evaluate(sequence, new)
        guesses: list[int] = []
        while (token := pick(self._context.logits(index))) is not None:
            guesses.append(token)
            if len(guesses) >= limit:
                break
            index = self._evaluate(sequence, [token])
        return guesses

    def _evaluate(self, sequence: int, tokens: list[int]) -> int:
        """Decode tokens; the index of the last one, whose logits are kept."""
        held = self._held[sequence]
        index = -1
        for at in range(0, len(tokens), self._context.n_batch):
            run = tokens[at : at + self._context.n_batch]
            batch = Batch()
            batch.add(run, sequence=sequence, position=len(held))
            index = len(run) - 1
            batch.outputs.append(index)
            before_s = self.clock()
            if self._context.decode(batch) is not DecodeStatus.DONE:
                self._context.truncate(sequence, 0)
                held.clear()
                raise EngineError("The draft model could not evaluate the tokens.")
            held += run
            if len(run) >= _LEAST_READ_TOKENS:
                took_s = (self.clock() - before_s) / len(run)
                self.read_s = _average(self.read_s, took_s)
        return index

    def _sequence(self, wanted: list[int]) -> int:
        """The sequence that holds most of `wanted`, or else the one used least."""
        best = max(
            self._used, key=lambda index: common_prefix(self._held[index], wanted)
        )
        # Another answer's has the beginning of every prompt in common with it.
        if 2 * common_prefix(self._held[best], wanted) < len(self._held[best]):
            best = self._used[0]
        self._used.remove(best)
        self._used.append(best)
        return best


def _average(old: float, new: float) -> float:
    return _MEMORY * old + (1 - _MEMORY) * new if old else new
