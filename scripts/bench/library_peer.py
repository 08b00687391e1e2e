"""llama.cpp's C library driven as directly as can be, in place of `llama-server`.

For where no llama-server was built: the library that llama-cpp-python ships, a decode
per token, the likeliest token taken with one numpy call; no HTTP, no sampler chain, no
grammar. Whatever is built on llama.cpp can only be slower than this, so it is a peer
that flatters nobody.

    python -m scripts.bench.library_peer MODEL THREADS < ids    first token, then exit
"""

from __future__ import annotations

import ctypes
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np

from .llama_server import ServerReply

_N_UBATCH = 512


@llama_cpp.llama_log_callback
def _silent(level: int, text: bytes, data: ctypes.c_void_p) -> None:
    """llama.cpp's log is not part of a measurement."""


class LibraryPeer:
    """Use as a context manager; the model is freed with the block."""

    name = "llama.cpp's library"
    has_grammar = False

    def __init__(
        self, model: Path, *, n_ctx: int, n_slots: int = 1, n_threads: int
    ) -> None:
        llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
        self.started_s = time.perf_counter()
        llama_cpp.llama_backend_init()
        params = llama_cpp.llama_model_default_params()
        self._model = llama_cpp.llama_model_load_from_file(str(model).encode(), params)
        options = llama_cpp.llama_context_default_params()
        options.n_ctx = n_ctx * n_slots
        options.n_batch, options.n_ubatch = 2048, _N_UBATCH
        options.n_seq_max = n_slots
        options.n_threads = options.n_threads_batch = n_threads
        self._context = llama_cpp.llama_init_from_model(self._model, options)
        if not self._context:
            raise RuntimeError("llama.cpp made no context")
        self._memory = llama_cpp.llama_get_memory(self._context)
        vocab = llama_cpp.llama_model_get_vocab(self._model)
        self._n_vocab = llama_cpp.llama_vocab_n_tokens(vocab)
        self._batch = llama_cpp.llama_batch_init(2048, 0, 1)
        #: What each sequence holds.
        self._held: list[list[int]] = [[] for _ in range(n_slots)]

    def __enter__(self) -> LibraryPeer:
        return self

    def __exit__(self, *_: object) -> None:
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    def complete(
        self, prompt: Sequence[int], *, max_tokens: int, **options: Any
    ) -> ServerReply:
        """Greedy tokens after a prompt whose known beginning is not read again."""
        (reply,) = self.complete_all([prompt], max_tokens=max_tokens)
        return reply

    def complete_all(
        self, prompts: Sequence[Sequence[int]], *, max_tokens: int, **options: Any
    ) -> list[ServerReply]:
        """The same for several sequences, a token of each in one decode."""
        started = time.perf_counter()
        n_read = [self._read(i, list(prompt)) for i, prompt in enumerate(prompts)]
        rows = [row for _, row in n_read]
        read_s = time.perf_counter()
        for _ in range(max_tokens - 1):
            tokens = [int(row.argmax()) for row in rows]
            self._decode([(i, [token]) for i, token in enumerate(tokens)])
            rows = [self._logits(i) for i in range(len(prompts))]
        [int(row.argmax()) for row in rows]
        end = time.perf_counter()
        return [
            ServerReply("", max_tokens, end - started, end - read_s, count)
            for count, _ in n_read
        ]

    def bench(self, *, n_prompt: int, n_gen: int) -> float:
        """Tokens/s as llama-bench takes them: a prompt, or decodes of one token."""
        rng = random.Random(0)
        self._forget(0, 0)
        tokens = [rng.randrange(self._n_vocab // 2) for _ in range(n_prompt + n_gen)]
        started = time.perf_counter()
        if n_prompt:
            self._decode([(0, tokens[:n_prompt])])
        for token in tokens[n_prompt:]:
            self._decode([(0, [token])])
            llama_cpp.llama_synchronize(self._context)
        llama_cpp.llama_synchronize(self._context)
        return len(tokens) / (time.perf_counter() - started)

    def _read(self, sequence: int, prompt: list[int]) -> tuple[int, Any]:
        held = self._held[sequence]
        shared = next(
            (n for n, (a, b) in enumerate(zip(held, prompt, strict=False)) if a != b),
            min(len(held), len(prompt)),
        )
        shared = min(shared, len(prompt) - 1)
        self._forget(sequence, shared)
        self._decode([(sequence, prompt[shared:])])
        return len(prompt) - shared, self._logits(len(prompt) - shared - 1).copy()

    def _forget(self, sequence: int, keep: int) -> None:
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, keep, -1)
        del self._held[sequence][keep:]

    def _decode(self, runs: list[tuple[int, list[int]]]) -> None:
        batch, at = self._batch, 0
        for sequence, tokens in runs:
            held = self._held[sequence]
            for offset, token in enumerate(tokens):
                batch.token[at] = token
                batch.pos[at] = len(held) + offset
                batch.n_seq_id[at], batch.seq_id[at][0] = 1, sequence
                batch.logits[at] = offset == len(tokens) - 1
                at += 1
            held += tokens
        batch.n_tokens = at
        if llama_cpp.llama_decode(self._context, batch):
            raise RuntimeError("llama_decode failed")

    def _logits(self, index: int) -> Any:
        pointer = llama_cpp.llama_get_logits_ith(self._context, index)
        return np.ctypeslib.as_array(pointer, shape=(self._n_vocab,))


def main() -> None:
    model, n_threads = sys.argv[1:]
    prompt = json.load(sys.stdin)
    with LibraryPeer(Path(model), n_ctx=4096, n_threads=int(n_threads)) as peer:
        peer.complete(prompt, max_tokens=1)
        print("first", flush=True)


if __name__ == "__main__":
    main()
