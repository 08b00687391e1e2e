"""llama.cpp's context: the KV cache, decode, and sequence operations.

Used by one thread only, except `set_abort` and `progress`. Everything handed to C++ is
checked here first: a wrong batch would end the process, not raise.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import EngineError, ModelLoadError
from ...options import KVType, LoadOptions
from . import library
from .attention import PLAIN_MICRO_BATCH_TOKENS
from .batch import Batch, DecodeStatus, Logits
from .fitting import Fit
from .interrupts import held_interrupts
from .model import LlamaModel
from .stop_sign import make_stop_sign

_STATUS = {
    0: DecodeStatus.DONE,
    1: DecodeStatus.NO_ROOM,
    2: DecodeStatus.ABORTED,
}
#: ggml's numbers. Source: enum ggml_type in ggml/include/ggml.h of llama.cpp.
_GGML_TYPES: Mapping[KVType, int] = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}


class LlamaContext:
    """A context over `model` with `n_cells` KV cells shared by all sequences."""

    def __init__(
        self,
        model: LlamaModel,
        *,
        n_cells: int,
        n_batch: int,
        n_sequences: int,
        max_outputs: int,
        n_threads: int,
        n_threads_batch: int,
        kv_type: KVType,
        flash_attention: bool = True,
    ) -> None:
        self.lib = lib = model.lib
        self._stop = make_stop_sign()
        params = lib.llama_context_default_params()
        params.n_ctx = n_cells
        params.n_batch = params.n_ubatch = n_batch
        if not flash_attention:
            params.n_ubatch = min(n_batch, PLAIN_MICRO_BATCH_TOKENS)
            params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.n_seq_max = n_sequences
        params.n_outputs_max = max(max_outputs, n_sequences)
        params.n_threads = n_threads
        params.n_threads_batch = n_threads_batch
        params.type_k = params.type_v = _GGML_TYPES[kv_type]
        params.kv_unified = True
        params.no_perf = True
        params.abort_callback = ctypes.cast(
            self._stop.function, lib.ggml_abort_callback
        )
        params.abort_callback_data = self._stop.address
        library.forget_log()
        self.handle: Any = None
        try:
            with held_interrupts():
                self.handle = lib.llama_init_from_model(model.handle, params)
        except BaseException:
            self.close()
            raise
        if not self.handle:
            raise ModelLoadError(
                model.path,
                f"no context of {n_cells} tokens: {library.recent_log()}",
                hint="lower --ctx, or --kv-type q8_0",
            )
        self.n_cells = int(lib.llama_n_ctx(self.handle))
        self.n_batch = min(n_batch, int(lib.llama_n_batch(self.handle)))
        self.n_sequences = n_sequences
        self.max_outputs = max(max_outputs, n_sequences)
        self.n_vocab = model.n_vocab
        self._memory = lib.llama_get_memory(self.handle)
        self._batch = _NativeBatch(lib, self.n_batch)

    @classmethod
    def fitted(
        cls,
        model: LlamaModel,
        options: LoadOptions,
        fit: Fit,
        *,
        n_sequences: int,
        max_outputs: int,
    ) -> LlamaContext:
        """A context as `fit` found room for: `fit.n_ctx` cells for each slot."""
        n_cells = fit.n_ctx * options.n_slots
        return cls(
            model,
            n_cells=n_cells,
            n_batch=min(options.n_batch, n_cells),
            n_sequences=n_sequences,
            max_outputs=max_outputs,
            n_threads=fit.n_threads,
            n_threads_batch=options.n_threads_batch or fit.n_threads,
            kv_type=options.kv_type,
            flash_attention=fit.flash_attention,
        )

    def close(self) -> None:
        """Free the context; safe to call twice."""
        if self.handle:
            self.lib.llama_free(self.handle)
            self.handle = None

    def set_abort(self, value: bool) -> None:
        """Make the running decode end before its next graph node."""
        self._stop.set(value)

    def progress(self) -> int | None:
        """A number that each graph node changes; None where none is to be had."""
        return self._stop.n_left()

    def decode(self, batch: Batch) -> DecodeStatus:
        """Evaluate the batch.

        Raises:
            EngineError: the batch breaks a rule; nothing was evaluated.
        """
        self._check(batch)
        code = self.lib.llama_decode(self.handle, self._batch.fill(batch))
        if batch.outputs:
            # A GPU may still be at work; whoever measures wants all of it.
            self.lib.llama_synchronize(self.handle)
        return _STATUS.get(code, DecodeStatus.FAILED)

    def _check(self, batch: Batch) -> None:
        n_tokens = len(batch.tokens)
        if not (
            0 < n_tokens <= self.n_batch
            and len(batch.outputs) <= self.max_outputs
            and 0 <= min(batch.tokens)
            and max(batch.tokens) < self.n_vocab
            and 0 <= min(batch.sequences)
            and max(batch.sequences) < self.n_sequences
            and 0 <= min(batch.positions)
            and max(batch.positions) < self.n_cells
        ):
            raise EngineError(f"A batch of {n_tokens} tokens breaks the rules.")

    def logits(self, index: int) -> Logits:
        """The row of logits after the batch's token `index`, not copied."""
        pointer = self.lib.llama_get_logits_ith(self.handle, index)
        if not pointer:
            raise EngineError(
                "llama.cpp has no logits for a token that asked for them."
            )
        address = ctypes.addressof(pointer.contents)
        row = (ctypes.c_char * (4 * self.n_vocab)).from_address(address)
        return np.frombuffer(memoryview(row), dtype=np.float32)

    def length(self, sequence: int) -> int:
        """Tokens in the cache for this sequence."""
        return int(self.lib.llama_memory_seq_pos_max(self._memory, sequence)) + 1

    def truncate(self, sequence: int, n_tokens: int) -> int:
        """Keep at most the first tokens; returns how many are left."""
        if not self.lib.llama_memory_seq_rm(self._memory, sequence, n_tokens, -1):
            # Recurrent memories cannot forget a part.
            self.lib.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return self.length(sequence)

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        """Let the empty sequence `target` share the first tokens of `source`."""
        self.lib.llama_memory_seq_cp(self._memory, source, target, 0, n_tokens)

    def state_bytes(self, sequence: int) -> int:
        """How long `save` is."""
        return int(self.lib.llama_state_seq_get_size(self.handle, sequence))

    def save(self, sequence: int) -> npt.NDArray[np.uint8]:
        """The state of the sequence as bytes."""
        size = self.state_bytes(sequence)
        state = np.empty(size, dtype=np.uint8)
        pointer = state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        used = self.lib.llama_state_seq_get_data(self.handle, pointer, size, sequence)
        return state[:used]

    def restore(self, sequence: int, state: npt.NDArray[np.uint8]) -> bool:
        """Fill the empty sequence from a state; False when it does not fit."""
        pointer = state.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        read = self.lib.llama_state_seq_set_data(
            self.handle, pointer, len(state), sequence
        )
        if not read:
            self.truncate(sequence, 0)
        return bool(read)


class _NativeBatch:
    """The arrays of a `llama_batch`, filled through numpy."""

    def __init__(self, lib: Any, n_batch: int) -> None:
        self._tokens = np.zeros(n_batch, dtype=np.int32)
        self._positions = np.zeros(n_batch, dtype=np.int32)
        self._sequences = np.zeros(n_batch, dtype=np.int32)
        self._outputs = np.zeros(n_batch, dtype=np.int8)
        self._counts = np.ones(n_batch, dtype=np.int32)
        first = self._sequences.ctypes.data
        self._pointers = np.arange(n_batch, dtype=np.uintp) * 4 + np.uintp(first)
        self._native = lib.llama_batch()
        fields = {
            "token": self._tokens,
            "pos": self._positions,
            "n_seq_id": self._counts,
            "seq_id": self._pointers,
            "logits": self._outputs,
        }
        types = dict(lib.llama_batch._fields_)
        for name, array in fields.items():
            setattr(self._native, name, ctypes.cast(array.ctypes.data, types[name]))

    def fill(self, batch: Batch) -> Any:
        """The native structure that holds `batch`."""
        n_tokens = len(batch.tokens)
        self._tokens[:n_tokens] = batch.tokens
        self._positions[:n_tokens] = batch.positions
        self._sequences[:n_tokens] = batch.sequences
        self._outputs[:n_tokens] = 0
        for index in batch.outputs:
            self._outputs[index] = 1
        self._native.n_tokens = n_tokens
        return self._native
