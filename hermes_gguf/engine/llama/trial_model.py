"""Writes the smallest quantized Llama that llama.cpp loads, for the AMX trial.

Knows just enough of GGUF to write one file; nothing is read here.

Source: ggml docs/gguf.md, GGUF version 3.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

_F32, _Q8_0 = 0, 8
_UINT32, _FLOAT32, _STRING, _ARRAY, _INT32 = 4, 6, 8, 9, 5
_ALIGNMENT = 32
_WIDTH = 256
_N_VOCAB = 320

Entry = tuple[str, int, bytes]
Tensor = tuple[str, tuple[int, ...], int, bytes]


def write_trial_model(path: Path) -> None:
    """Write a one-layer Q8_0 model of about half a megabyte to `path`."""
    entries, tensors = _entries(), _tensors()
    head = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(entries))]
    head += [_text(key) + struct.pack("<I", kind) + data for key, kind, data in entries]
    offset, body = 0, []
    for name, shape, kind, data in tensors:
        head.append(_text(name) + struct.pack("<I", len(shape)))
        head.append(struct.pack(f"<{len(shape)}Q", *shape))
        head.append(struct.pack("<IQ", kind, offset))
        padded = data + bytes(-len(data) % _ALIGNMENT)
        body.append(padded)
        offset += len(padded)
    header = b"".join(head)
    path.write_bytes(header + bytes(-len(header) % _ALIGNMENT) + b"".join(body))


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def _entries() -> list[Entry]:
    def number(key: str, value: int) -> Entry:
        return key, _UINT32, struct.pack("<I", value)

    def text(key: str, value: str) -> Entry:
        return key, _STRING, _text(value)

    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256))]
    tokens += [f"t{index}" for index in range(_N_VOCAB - len(tokens))]
    kinds = [2, 3, 3] + [6] * 256 + [1] * (_N_VOCAB - 259)
    array = struct.pack("<IQ", _STRING, _N_VOCAB) + b"".join(map(_text, tokens))
    return [
        text("general.architecture", "llama"),
        number("llama.context_length", 256),
        number("llama.embedding_length", _WIDTH),
        number("llama.block_count", 1),
        number("llama.feed_forward_length", _WIDTH),
        number("llama.attention.head_count", 4),
        number("llama.attention.head_count_kv", 4),
        (
            "llama.attention.layer_norm_rms_epsilon",
            _FLOAT32,
            struct.pack("<f", 1e-5),
        ),
        text("tokenizer.ggml.model", "llama"),
        ("tokenizer.ggml.tokens", _ARRAY, array),
        (
            "tokenizer.ggml.scores",
            _ARRAY,
            struct.pack("<IQ", _FLOAT32, _N_VOCAB) + bytes(4 * _N_VOCAB),
        ),
        (
            "tokenizer.ggml.token_type",
            _ARRAY,
            struct.pack(f"<IQ{_N_VOCAB}i", _INT32, _N_VOCAB, *kinds),
        ),
    ]


def _tensors() -> list[Tensor]:
    rng = np.random.default_rng(0)
    square = [
        f"blk.0.{name}.weight"
        for name in (
            "attn_q",
            "attn_k",
            "attn_v",
            "attn_output",
            "ffn_gate",
            "ffn_up",
            "ffn_down",
        )
    ]
    ones = np.ones(_WIDTH, dtype=np.float32).tobytes()
    norms = ("output_norm.weight", "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight")
    return [
        ("token_embd.weight", (_WIDTH, _N_VOCAB), _Q8_0, _q8_0(rng, _N_VOCAB)),
        ("output.weight", (_WIDTH, _N_VOCAB), _Q8_0, _q8_0(rng, _N_VOCAB)),
        *((name, (_WIDTH,), _F32, ones) for name in norms),
        *((name, (_WIDTH, _WIDTH), _Q8_0, _q8_0(rng, _WIDTH)) for name in square),
    ]


def _q8_0(rng: np.random.Generator, rows: int) -> bytes:
    """Random blocks: a half-precision scale and 32 signed bytes each."""
    blocks: npt.NDArray[np.void] = np.zeros(
        rows * _WIDTH // 32, dtype=[("scale", "<f2"), ("values", "i1", 32)]
    )
    blocks["scale"] = 0.001
    blocks["values"] = rng.integers(-127, 128, (len(blocks), 32))
    return blocks.tobytes()
