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

#: An allowance for llama.cpp's compute buffers and the interpreter, not a measurement.
_OVERHEAD_BYTES = 350_000_000


def kv_bytes_per_token(shape: Shape, *, kv_type: KVType = "f16") -> int:
    """Bytes of KV cache that one token of context takes.

    Example:
        A Llama-3 8B (32 layers, 8 KV heads of 128) takes 128 KiB at f16.
    """
    elements = 2 * shape.n_layers * shape.n_kv_heads * shape.head_dim
    return round(elements * KV_BYTES[kv_type])


def ram_needed_bytes(
    file_bytes: int, *, shape: Shape | None, n_ctx: int, kv_type: KVType = "f16"
) -> int:
    """Bytes of memory for the weights, the KV cache and llama.cpp's buffers.

    Without a shape the KV cache is taken as that of a Llama-3 8B: too much for
    smaller models, too little for much larger ones.
    """
    per_token = kv_bytes_per_token(shape, kv_type=kv_type) if shape else 131_072
    return file_bytes + per_token * n_ctx + min(_OVERHEAD_BYTES, 4 * file_bytes)
