"""Give a trained network more layers, without changing what it computes.

`python -m scripts.tiny.grow --work DIR --layers 9` rewrites the checkpoint in DIR; the
training goes on from there. Each new layer stands behind one that it copies, and adds
nothing at first: its two output matrices are zero. So nothing that was learnt is lost,
and the long first part of a training is done with a small, fast network.

Source: Wu and others, "LLaMA Pro: Progressive LLaMA with Block Expansion" (2024).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

_OUTPUTS = ("o.weight", "down.weight")


def sources(old: int, new: int) -> list[tuple[int, bool]]:
    """For each layer of the deeper network: the old layer, and whether it is a copy.

    The copies are spread evenly over the depth.
    """
    copied = [0] * old
    for number in range(new - old):
        copied[(2 * number + 1) * old // (2 * (new - old))] += 1
    return [(at, copy > 0) for at in range(old) for copy in range(copied[at] + 1)]


def deepen(state: dict[str, Any], n_layers: int) -> dict[str, Any]:
    """A checkpoint of `n_layers` layers that computes what `state` computes.

    Raises:
        ValueError: `state` has as many layers already.
    """
    old = state["shape"]["n_layers"]
    if n_layers <= old:
        raise ValueError(f"the network has {old} layers already")
    layers = sources(old, n_layers)
    optimizer, names = state["optimizer"], list(state["weights"])
    moments = {
        part: _spread(dict(zip(names, optimizer[part], strict=True)), layers)
        for part in ("first", "second")
    }
    weights = _spread(state["weights"], layers)
    for name in weights:
        is_copy = name.startswith("blocks.") and layers[int(name.split(".")[1])][1]
        if not is_copy:
            continue
        for part in moments.values():
            part[name] = torch.zeros_like(part[name])
        if name.endswith(_OUTPUTS):
            weights[name] = torch.zeros_like(weights[name])
    return {
        **state,
        "shape": {**state["shape"], "n_layers": n_layers},
        "weights": weights,
        "optimizer": {
            **{part: list(tensors.values()) for part, tensors in moments.items()},
            "masters": list(weights.values()),
            "n_steps": optimizer["n_steps"],
        },
    }


def _spread(
    tensors: dict[str, Tensor], layers: list[tuple[int, bool]]
) -> dict[str, Tensor]:
    """The tensors of the deeper network, in the order of its parameters."""
    spread: dict[str, Tensor] = {}
    parts = [n.removeprefix("blocks.0.") for n in tensors if n.startswith("blocks.0.")]
    for name, tensor in tensors.items():
        if not name.startswith("blocks."):
            spread[name] = tensor
        elif name == f"blocks.0.{parts[0]}":
            for at, (source, _) in enumerate(layers):
                for part in parts:
                    spread[f"blocks.{at}.{part}"] = tensors[f"blocks.{source}.{part}"]
    return spread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/tiny"))
    parser.add_argument("--layers", type=int, required=True)
    options = parser.parse_args()
    path = options.work / "checkpoint.pt"
    state = deepen(torch.load(path, map_location="cpu"), options.layers)
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


if __name__ == "__main__":
    main()
