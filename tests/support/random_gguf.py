"""A llama-architecture GGUF with random weights, small and quick to make.

Its vocabulary is the 256 bytes, a few merged words and the special tokens of Hermes.
It writes nonsense, but it is a real model for everything the engine does.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import gguf
import numpy as np

WORDS = ("th", "he", "the", "in", "er", "na", "nam", "name", '":', ' "', '{"', ", ")
SPECIAL = ("<|begin_of_text|>", "<|im_start|>", "<|im_end|>", "<|end_of_text|>")
TAGS = ("<tool_call>", "</tool_call>", "<think>", "</think>")


@lru_cache(maxsize=1)
def byte_symbols() -> list[str]:
    """GPT-2's printable stand-in for every byte value."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {byte: chr(byte) for byte in plain}
    for extra, byte in enumerate(b for b in range(256) if b not in table):
        table[byte] = chr(256 + extra)
    return [table[byte] for byte in range(256)]


def _merges(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Tokens and merge rules that build each word from left to right."""
    symbols = byte_symbols()
    tokens: list[str] = []
    rules: list[str] = []
    for word in words:
        parts = [symbols[byte] for byte in word.encode()]
        left = parts[0]
        for right in parts[1:]:
            if left + right not in tokens:
                rules.append(f"{left} {right}")
                tokens.append(left + right)
            left += right
    return tokens, rules


def write_random_gguf(
    path: Path,
    *,
    quant: str = "f16",
    words: tuple[str, ...] = WORDS,
    n_embd: int = 64,
    n_layers: int = 2,
    n_ctx_train: int = 2048,
    seed: int = 0,
    scale: float = 0.4,
    add_bos: bool = True,
    split_max_tensors: int = 0,
    small_first_shard: bool = False,
) -> Path:
    """Write the model to `path` and return it; `quant` is "f32", "f16" or "q8_0".

    `split_max_tensors` splits it into files of so many tensors, named after `path`;
    with `small_first_shard` the first holds metadata only.
    """
    writer = gguf.GGUFWriter(
        str(path),
        "llama",
        split_max_tensors=split_max_tensors,
        small_first_shard=small_first_shard,
    )
    writer.add_name("random")
    writer.add_context_length(n_ctx_train)
    writer.add_embedding_length(n_embd)
    writer.add_block_count(n_layers)
    writer.add_feed_forward_length(2 * n_embd)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(n_embd // 2)
    n_vocab = _add_vocabulary(writer, words, add_bos)
    _add_tensors(
        writer, np.random.default_rng(seed), quant, n_vocab, n_embd, n_layers, scale
    )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_vocabulary(
    writer: gguf.GGUFWriter, words: tuple[str, ...], add_bos: bool
) -> int:
    merged, rules = _merges(words)
    ordinary = byte_symbols() + merged
    tokens = [*ordinary, *SPECIAL, *TAGS]
    kinds = (
        [gguf.TokenType.NORMAL] * len(ordinary)
        + [gguf.TokenType.CONTROL] * len(SPECIAL)
        + [gguf.TokenType.USER_DEFINED] * len(TAGS)
    )
    first_special = len(ordinary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(rules)
    writer.add_bos_token_id(first_special)
    writer.add_eos_token_id(first_special + 2)
    writer.add_add_bos_token(add_bos)
    return len(tokens)


def _add_tensors(
    writer: gguf.GGUFWriter,
    rng: np.random.Generator,
    quant: str,
    n_vocab: int,
    n_embd: int,
    n_layers: int,
    scale: float,
) -> None:
    kind = {
        "f32": gguf.GGMLQuantizationType.F32,
        "f16": gguf.GGMLQuantizationType.F16,
        "q8_0": gguf.GGMLQuantizationType.Q8_0,
    }[quant]

    def add(name: str, rows: int, columns: int) -> None:
        weights = rng.normal(0, scale, (rows, columns)).astype(np.float32)
        data = gguf.quants.quantize(weights, kind)
        writer.add_tensor(name, data, raw_dtype=kind)

    def add_ones(name: str) -> None:
        writer.add_tensor(name, np.ones(n_embd, dtype=np.float32))

    add("token_embd.weight", n_vocab, n_embd)
    add("output.weight", n_vocab, n_embd)
    add_ones("output_norm.weight")
    for layer in range(n_layers):
        prefix = f"blk.{layer}"
        add_ones(f"{prefix}.attn_norm.weight")
        add_ones(f"{prefix}.ffn_norm.weight")
        add(f"{prefix}.attn_q.weight", n_embd, n_embd)
        add(f"{prefix}.attn_k.weight", n_embd // 2, n_embd)
        add(f"{prefix}.attn_v.weight", n_embd // 2, n_embd)
        add(f"{prefix}.attn_output.weight", n_embd, n_embd)
        add(f"{prefix}.ffn_gate.weight", 2 * n_embd, n_embd)
        add(f"{prefix}.ffn_up.weight", 2 * n_embd, n_embd)
        add(f"{prefix}.ffn_down.weight", n_embd, 2 * n_embd)
