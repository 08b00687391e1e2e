"""A context made of arithmetic: the next token is a function of the whole sequence.

Any token that is lost, doubled, or put into another sequence changes what follows,
and every rule that llama.cpp enforces by dying is an assertion here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hermes_gguf.engine.llama.batch import Batch, DecodeStatus, Logits

N_VOCAB = 50


def next_token(tokens: list[int]) -> int:
    value = 7
    for token in tokens:
        value = (value * 31 + token + 1) % 1_000_003
    return value % N_VOCAB


class FakeContext:
    def __init__(self, *, n_batch: int = 8, n_sequences: int = 2) -> None:
        self.n_batch = n_batch
        self.n_sequences = n_sequences
        self.max_outputs = n_sequences + 5
        self.sequences: list[list[int]] = [[] for _ in range(n_sequences)]
        self.n_evaluated = 0
        self.abort = False
        #: Called before each decode; may return a status to fail with.
        self.before_decode: Callable[[Batch], DecodeStatus | None] = lambda _: None
        self._rows: dict[int, int] = {}

    def decode(self, batch: Batch) -> DecodeStatus:
        assert 0 < len(batch.tokens) <= self.n_batch
        assert len(batch.outputs) <= self.max_outputs
        status = self.before_decode(batch)
        if status is not None:
            return status
        if self.abort:
            return DecodeStatus.ABORTED
        self._rows.clear()
        for index, token in enumerate(batch.tokens):
            sequence = self.sequences[batch.sequences[index]]
            assert batch.positions[index] == len(sequence), "a gap or an overlap"
            assert 0 <= token < N_VOCAB
            sequence.append(token)
            self.n_evaluated += 1
            if index in batch.outputs:
                self._rows[index] = next_token(sequence)
        return DecodeStatus.DONE

    def logits(self, index: int) -> Logits:
        row = np.zeros(N_VOCAB, dtype=np.float32)
        row[self._rows[index]] = 10.0
        return row

    def length(self, sequence: int) -> int:
        return len(self.sequences[sequence])

    def truncate(self, sequence: int, n_tokens: int) -> int:
        del self.sequences[sequence][n_tokens:]
        return len(self.sequences[sequence])

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        assert not self.sequences[target]
        self.sequences[target] = self.sequences[source][:n_tokens]

    def set_abort(self, value: bool) -> None:
        self.abort = value

    def state_bytes(self, sequence: int) -> int:
        return 4 * len(self.sequences[sequence])

    def save(self, sequence: int) -> npt.NDArray[np.uint8]:
        return np.array(self.sequences[sequence], dtype=np.int32).view(np.uint8)

    def restore(self, sequence: int, state: npt.NDArray[np.uint8]) -> bool:
        assert not self.sequences[sequence]
        self.sequences[sequence] = state.view(np.int32).tolist()
        return True


@dataclass
class Source:
    """A state of so many bytes; `copies` says how often it was asked for."""

    n_bytes: int = 10
    copies: int = 0

    def size_bytes(self) -> int:
        return self.n_bytes

    def save(self) -> np.ndarray:
        self.copies += 1
        return np.zeros(self.n_bytes, dtype=np.uint8)
