"""The embedded model's network: a small llama in PyTorch, for training only.

It knows tensors. It does not know text, tokens' spellings or GGUF; `export` writes
these weights unpermuted, because RoPE here turns the pairs (0,1), (2,3)... as
llama.cpp's `llama` architecture does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; every row length is a multiple of 32, as Q8_0 wants."""

    n_vocab: int
    n_layers: int = 6
    n_embd: int = 256
    n_heads: int = 4
    n_ff: int = 704
    n_ctx: int = 2048
    rope_base: float = 10_000.0
    norm_eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        return self.n_embd // self.n_heads

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class RmsNorm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        scale = torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)
        return (wide * scale * self.weight.float()).to(x.dtype)


def rope_tables(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Factors of a number and of its partner, each (length, head_dim)."""
    half = torch.arange(0, shape.head_dim, 2, dtype=torch.float32) / shape.head_dim
    angles = torch.outer(torch.arange(length).float(), shape.rope_base**-half)
    cos = angles.cos().repeat_interleave(2, 1)
    return cos, torch.stack((-angles.sin(), angles.sin()), -1).flatten(1)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE over interleaved pairs; x is (batch, heads, length, head_dim)."""
    partner = x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)
    return x * cos + partner * sin


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention; plain products beat the fused kernel on a CPU in bf16."""
    future = torch.full((q.shape[2], q.shape[2]), float("-inf"), dtype=q.dtype).triu(1)
    scores = q @ (k * q.shape[-1] ** -0.5).transpose(-1, -2) + future
    return scores.softmax(-1) @ v


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.n_heads = shape.n_heads
        self.attn_norm = RmsNorm(shape.n_embd, shape.norm_eps)
        self.q = nn.Linear(shape.n_embd, shape.n_embd, bias=False)
        self.k = nn.Linear(shape.n_embd, shape.n_embd, bias=False)
        self.v = nn.Linear(shape.n_embd, shape.n_embd, bias=False)
        self.o = nn.Linear(shape.n_embd, shape.n_embd, bias=False)
        self.ffn_norm = RmsNorm(shape.n_embd, shape.norm_eps)
        self.gate = nn.Linear(shape.n_embd, shape.n_ff, bias=False)
        self.up = nn.Linear(shape.n_embd, shape.n_ff, bias=False)
        self.down = nn.Linear(shape.n_ff, shape.n_embd, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        h = self.attn_norm(x)
        q, k, v = (
            part(h).unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        mixed = attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        x = x + self.o(mixed.transpose(1, 2).flatten(-2))
        h = self.ffn_norm(x)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h))


class TinyLlama(nn.Module):
    """Token ids (batch, length) → hidden states; `logits` is a step of its own.

    The loss needs logits at some positions only, and the vocabulary is a good part
    of the work.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.n_vocab, shape.n_embd)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.n_layers))
        self.norm = RmsNorm(shape.n_embd, shape.norm_eps)
        cos, sin = rope_tables(shape, shape.n_ctx)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self._initialize()

    def _initialize(self) -> None:
        nn.init.normal_(self.embed.weight, std=0.02)
        for name, weight in self.named_parameters():
            if weight.dim() == 2 and "embed" not in name:
                nn.init.normal_(weight, std=0.5 * weight.shape[1] ** -0.5)
                if name.endswith(("o.weight", "down.weight")):
                    nn.init.zeros_(weight)

    def trunk(self, x: Tensor) -> Tensor:
        cos, sin = (table[: x.shape[1]].to(x.dtype) for table in (self.cos, self.sin))
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.norm(x)

    def forward(self, ids: Tensor) -> Tensor:
        return self.trunk(self.embed(ids).to(self.blocks[0].q.weight.dtype))

    def logits(self, hidden: Tensor) -> Tensor:
        return functional.linear(hidden, self.embed.weight.to(hidden.dtype)).float()
