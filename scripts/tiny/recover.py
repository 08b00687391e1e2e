"""Model file → checkpoint: go on training from the shipped file, without its past.

`python -m scripts.tiny.recover --work DIR` writes tokenizer.json and checkpoint.pt.
A file has neither the optimizer's moments nor the f32 masters: the moments start at
zero, which costs some dozens of steps, and the masters from what Q8_0 kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch

from .export import gguf_name, read_tokenizer
from .model import Shape, TinyLlama
from .muon import Optimizer


def read_shape(reader: gguf.GGUFReader) -> Shape:
    """The sizes that a model file of `export` declares."""
    fields = reader.fields
    return Shape(
        n_vocab=len(fields["tokenizer.ggml.tokens"].contents()),
        n_layers=fields["llama.block_count"].contents(),
        n_embd=fields["llama.embedding_length"].contents(),
        n_heads=fields["llama.attention.head_count"].contents(),
        n_ff=fields["llama.feed_forward_length"].contents(),
        n_ctx=fields["llama.context_length"].contents(),
    )


def read_network(path: Path) -> TinyLlama:
    """The network of a model file, in f32."""
    reader = gguf.GGUFReader(path)
    network = TinyLlama(read_shape(reader))
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    with torch.no_grad():
        for name, weight in network.named_parameters():
            tensor = tensors[gguf_name(name)]
            values = gguf.dequantize(tensor.data, tensor.tensor_type)
            weight.copy_(torch.from_numpy(np.array(values)))
    return network


def recover(
    path: Path, *, minutes: float, n_tokens: int, n_steps: int
) -> dict[str, Any]:
    """A checkpoint as `train` writes it, with the past that the caller remembers."""
    network = read_network(path)
    optimizer = Optimizer(network, rank=0, world=1)
    optimizer.n_steps = n_steps
    return {
        "shape": network.shape.to_json(),
        "weights": {
            name: weight.detach() for name, weight in network.named_parameters()
        },
        "optimizer": optimizer.state_dict(),
        "spent_s": minutes * 60,
        "n_tokens": n_tokens,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/tiny"))
    parser.add_argument(
        "--model", type=Path, default=Path("hermes_gguf/data/tiny.gguf")
    )
    parser.add_argument("--minutes", type=float, default=0.0, help="trained so far")
    parser.add_argument("--tokens", type=int, default=0, help="read so far")
    parser.add_argument("--steps", type=int, default=0, help="made so far")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    read_tokenizer(options.model).save(options.work / "tokenizer.json")
    state = recover(
        options.model,
        minutes=options.minutes,
        n_tokens=options.tokens,
        n_steps=options.steps,
    )
    torch.save(state, options.work / "checkpoint.pt")


if __name__ == "__main__":
    main()
