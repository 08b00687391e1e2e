"""llama-cpp-python's own `Llama` with its `LlamaGrammar`, taught a given answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


class BindingPeer:
    """Use as a context manager; the model is freed with the block."""

    def __init__(self, model: Path, *, n_threads: int, n_ctx: int) -> None:
        import llama_cpp

        self._library = llama_cpp
        self._llama = llama_cpp.Llama(
            str(model),
            n_ctx=n_ctx,
            n_threads=n_threads,
            n_threads_batch=n_threads,
            verbose=False,
        )

    def __enter__(self) -> BindingPeer:
        return self

    def __exit__(self, *_: object) -> None:
        self._llama.close()

    def taught(self, prompt: Sequence[int], script: Sequence[int], gbnf: str) -> float:
        """Seconds to write `script` after `prompt`, which is read beforehand."""
        llama, library = self._llama, self._library
        llama.create_completion(list(prompt), max_tokens=1, temperature=0.0)
        grammar = library.LlamaGrammar.from_string(gbnf, verbose=False)

        written = iter(script)

        def teach(_: Any, scores: Any) -> Any:
            taught = np.array(scores)
            token = next(written, None)
            if token is not None:
                taught[token] = taught.max() + 50.0
            return taught

        started = time.perf_counter()
        done = llama.create_completion(
            list(prompt),
            max_tokens=len(script),
            temperature=0.0,
            repeat_penalty=1.0,
            grammar=grammar,
            logits_processor=library.LogitsProcessorList([teach]),
        )
        wall_s = time.perf_counter() - started
        expected = llama.detokenize(list(script), special=True).decode()
        if done["choices"][0]["text"].strip() not in expected:
            raise RuntimeError(f"llama-cpp-python wrote {done['choices'][0]['text']!r}")
        return wall_s
