"""What one decode step evaluates, and what the scheduler needs of a context.

Pure values and a protocol: the scheduler is tested against a model made of
arithmetic, and runs against llama.cpp.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float32]


class DecodeStatus(Enum):
    """How a decode ended."""

    DONE = 0
    NO_ROOM = 1
    ABORTED = 2
    FAILED = 3


class Batch:
    """Tokens to evaluate together, each at a position of a sequence."""

    __slots__ = ("outputs", "positions", "sequences", "tokens")

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.positions: list[int] = []
        self.sequences: list[int] = []
        self.outputs: list[int] = []

    def __len__(self) -> int:
        return len(self.tokens)

    def add(self, tokens: list[int], *, sequence: int, position: int) -> int:
        """Append a run of tokens; returns the index of the first one."""
        first = len(self.tokens)
        self.tokens += tokens
        self.positions += range(position, position + len(tokens))
        self.sequences += [sequence] * len(tokens)
        return first


class Context(Protocol):
    """A KV cache of several sequences and the model that fills it."""

    @property
    def n_batch(self) -> int:
        """Tokens in one batch at most."""

    @property
    def n_sequences(self) -> int:
        """Sequence ids are below this."""

    @property
    def max_outputs(self) -> int:
        """Rows of logits that one batch may ask for."""

    def decode(self, batch: Batch) -> DecodeStatus:
        """Evaluate the batch; after ABORTED or FAILED ask `length`."""

    def logits(self, index: int) -> Logits:
        """Logits after the batch's token `index`; valid until the next decode."""

    def length(self, sequence: int) -> int:
        """Tokens in the cache for this sequence."""

    def truncate(self, sequence: int, n_tokens: int) -> int:
        """Keep at most the first tokens; returns how many are left."""

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        """Let the empty sequence `target` share the first tokens of `source`."""

    def set_abort(self, value: bool) -> None:
        """Make the running decode end early. Callable from any thread."""

    def state_bytes(self, sequence: int) -> int:
        """How long `save` is."""

    def save(self, sequence: int) -> npt.NDArray[np.uint8]:
        """The state of the sequence as bytes."""

    def restore(self, sequence: int, state: npt.NDArray[np.uint8]) -> bool:
        """Fill the empty sequence from a state; False when it does not fit."""
