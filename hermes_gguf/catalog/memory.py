"""How much memory a model needs, before anything is loaded.

Arithmetic on shapes and file sizes only; what this machine has is measured by
the doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..options import KVType
from .entries import Shape

#: Bytes of an element of the KV cache. q8_0 stores 32 elements in 34 bytes, q4_0 in 18.
#: Source: ggml/src/ggml-common.h of llama.cpp.
KV_BYTES: Final[Mapping[KVType, float]] = {
    "f32": 4.0,
    "f16": 2.0,
    "q8_0": 34 / 32,
    "q4_0": 18 / 32,
}

#: This interpreter with its libraries.
_OVERHEAD_BYTES = 160 << 20
#: What is taken where nothing else is known: a Llama-3 8B.
_USUAL = Shape(
    n_layers=32,
    n_embd=4096,
    n_heads=32,
    n_kv_heads=8,
    head_dim=128,
    n_ff=14336,
    n_vocab=128256,
)
#: Tokens that are evaluated at once, as `LoadOptions` has it.
_N_BATCH = 512


def kv_bytes_per_token(shape: Shape, *, kv_type: KVType = "f16") -> int:
    """Bytes of KV cache that one token of context takes.

    Example:
        A Llama-3 8B (32 layers, 8 KV heads of 128) takes 128 KiB at f16.
    """
    elements = 2 * shape.n_layers * shape.n_kv_heads * shape.head_dim
    return round(elements * KV_BYTES[kv_type])


def buffer_bytes(
    *, n_embd: int, n_ff: int, n_vocab: int, n_batch: int, n_cells: int
) -> int:
    """Bytes of llama.cpp's buffers for one batch, and of this program.

    Activations beside those of the feed-forward part, a mask of the whole cache, and
    logits. It is what llama.cpp 0.3.36 reports for the shapes from 3B to 70B with
    flash attention, 5 % less at most.
    """
    activations = 4 * n_batch * (4 * n_embd + 3 * n_ff)
    mask, logits = 2 * n_batch * n_cells, 64 * n_vocab
    return activations + mask + logits + _OVERHEAD_BYTES


def ram_needed_bytes(
    file_bytes: int, *, shape: Shape | None, n_ctx: int, kv_type: KVType = "f16"
) -> int:
    """Bytes of memory for the weights, the KV cache and llama.cpp's buffers.

    Without a shape that of a Llama-3 8B is taken: too much for smaller models, too
    little for much larger ones.
    """
    known = shape or _USUAL
    buffers = buffer_bytes(
        n_embd=known.n_embd,
        n_ff=known.n_ff,
        n_vocab=known.n_vocab,
        n_batch=_N_BATCH,
        n_cells=n_ctx,
    )
    return file_bytes + kv_bytes_per_token(known, kv_type=kv_type) * n_ctx + buffers
