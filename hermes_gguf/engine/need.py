"""How much memory a file on this machine needs, by its own header.

For lists of models: nothing is loaded, checked or refused.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..options import LoadOptions
from .llama.fitting import memory_need
from .llama.gguf_file import read_gguf_numbers


def ram_of_file(path: Path, size_bytes: int, *, n_ctx: int) -> int | None:
    """Bytes that a model needs with this context, or with its own when shorter.

    Args:
        path: The file, or the first of its parts.
        size_bytes: Of all parts.
        n_ctx: Tokens of context.

    Returns:
        The bytes, or None when the file does not say what it is.
    """
    header = read_gguf_numbers(path)
    if header is None or not header.number("block_count"):
        return None
    n_ctx = min(n_ctx, header.number("context_length", n_ctx))
    whole = replace(header, size_bytes=size_bytes)
    return memory_need(whole, LoadOptions(), n_ctx).total_bytes
