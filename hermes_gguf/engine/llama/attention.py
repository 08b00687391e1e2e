"""Which attention: llama.cpp's flash attention, or plain matrix products.

On a CPU, flash attention goes through the KV cache once for each token of a batch;
plain products go through it once for all of them, with the kernels that multiply the
weights. Measured with llama-cpp-python 0.3.36, a Q4_K file of the 1B shape and two
threads with AVX-512: a batch of 32 tokens takes a quarter less time at 700 tokens of
context and half at 3,600, one token takes as much or a little less, and reading a long
prompt takes up to a tenth longer. Products need memory for the scores of a whole
micro-batch; flash attention skips what belongs to other sequences and needs none.
"""

from __future__ import annotations

from ...options import LoadOptions
from .gguf_file import GgufHeader

#: Tokens that are evaluated at once with plain products: half of what flash attention
#: gets, for half the scores. Prompts are read as fast as with 512, or faster.
PLAIN_MICRO_BATCH_TOKENS = 256
#: More scores than this are not worth their memory.
_MOST_SCORES_BYTES = 512 << 20


def scores_bytes(header: GgufHeader, *, n_cells: int, n_batch: int) -> int:
    """Bytes of the scores of a micro-batch against a full cache."""
    n_heads = header.number("attention.head_count") or 1
    return 4 * n_heads * n_cells * min(n_batch, PLAIN_MICRO_BATCH_TOKENS)


def needs_plain_products(options: LoadOptions) -> bool:
    """Whether the options leave no choice: told so, or exact sums are asked for."""
    if options.flash_attention is None:
        return options.kv_type == "f32"
    return not options.flash_attention


def may_use_plain_products(
    options: LoadOptions, system_info: str, *, scores_bytes: int
) -> bool:
    """Whether plain products can be the faster way, if the scores fit in memory.

    Args:
        options: How the file is loaded. Several slots share one cache, of which each
            sees a part: that suits flash attention.
        system_info: What `llama_print_system_info` says; without LLAMAFILE's kernels
            products of the cache are no faster.
        scores_bytes: What the scores take; too many are not worth it.
    """
    return (
        options.flash_attention is None
        and options.n_slots == 1
        and options.kv_type == "f16"
        and "LLAMAFILE = 1" in system_info
        and scores_bytes <= _MOST_SCORES_BYTES
    )
