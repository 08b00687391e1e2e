"""The optimizer: Muon for matrices inside the network, Adam for everything else.

Works on f32 masters; the network itself computes in bf16. With several processes,
each orthogonalizes its share of the matrices.

Source: Keller Jordan, "Muon: An optimizer for hidden layers in neural networks".
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


def orthogonalize(matrices: Tensor, steps: int = 5) -> Tensor:
    """Newton-Schulz on a stack of matrices (n, rows, columns)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.bfloat16()
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).float()


class Optimizer:
    """Keeps masters and moments; `step` writes the new weights into the network.

    Args:
        network: The bf16 network (its embedding stays f32).
        rank: This process among `world`.
        world: How many processes train.
    """

    def __init__(self, network: nn.Module, *, rank: int, world: int) -> None:
        self.weights = list(network.parameters())
        self.masters = [weight.detach().float().clone() for weight in self.weights]
        self.rank, self.world = rank, world
        self.is_matrix = [
            weight.dim() == 2 and "embed" not in name
            for name, weight in network.named_parameters()
        ]
        self.first = [torch.zeros_like(master) for master in self.masters]
        self.second = [
            torch.zeros_like(master) if not matrix else torch.zeros(0)
            for master, matrix in zip(self.masters, self.is_matrix, strict=True)
        ]
        self.n_steps = 0

    def step(self, *, matrix_rate: float, other_rate: float) -> float:
        """Average gradients over the processes, update; returns the gradient norm."""
        self.n_steps += 1
        gradients = self._reduce()
        norm = float(torch.stack([g.norm() for g in gradients]).norm())
        for gradient in gradients:
            gradient.mul_(min(1.0, 1.0 / (norm + 1e-6)))
        self._muon(gradients, matrix_rate)
        self._adam(gradients, other_rate)
        for weight, master in zip(self.weights, self.masters, strict=True):
            weight.data.copy_(master)
            weight.grad = None
        return norm

    def _reduce(self) -> list[Tensor]:
        flat = torch.cat([weight.grad.float().flatten() for weight in self.weights])
        if self.world > 1:
            dist.all_reduce(flat)
            flat /= self.world
        sizes = [weight.numel() for weight in self.weights]
        shapes = [weight.shape for weight in self.weights]
        return [
            part.view(shape)
            for part, shape in zip(flat.split(sizes), shapes, strict=True)
        ]

    def _muon(self, gradients: list[Tensor], rate: float) -> None:
        by_shape: dict[torch.Size, list[int]] = defaultdict(list)
        for index, matrix in enumerate(self.is_matrix):
            if matrix:
                self.first[index].lerp_(gradients[index], 0.05)
                by_shape[gradients[index].shape].append(index)
        mine: dict[int, Tensor] = {}
        for indices in by_shape.values():
            own = indices[self.rank :: self.world]
            if not own:
                continue
            moved = [gradients[i].lerp(self.first[i], 0.95) for i in own]
            mine.update(zip(own, orthogonalize(torch.stack(moved)), strict=True))
        for index, update in self._share(mine, by_shape).items():
            master = self.masters[index]
            scale = max(1.0, master.shape[0] / master.shape[1]) ** 0.5
            master.mul_(1 - rate * 0.02).add_(update, alpha=-rate * scale)

    def _share(
        self, mine: dict[int, Tensor], by_shape: dict[torch.Size, list[int]]
    ) -> dict[int, Tensor]:
        if self.world == 1:
            return mine
        indices = sorted(i for group in by_shape.values() for i in group)
        parts = [
            mine.get(i, torch.zeros_like(self.masters[i])).flatten() for i in indices
        ]
        flat = torch.cat(parts)
        dist.all_reduce(flat)
        split = flat.split([part.numel() for part in parts])
        return {
            i: part.view_as(self.masters[i])
            for i, part in zip(indices, split, strict=True)
        }

    def _adam(self, gradients: list[Tensor], rate: float) -> None:
        fix1, fix2 = 1 - 0.9**self.n_steps, 1 - 0.98**self.n_steps
        for index, matrix in enumerate(self.is_matrix):
            if matrix:
                continue
            first, second = self.first[index], self.second[index]
            first.lerp_(gradients[index], 0.1)
            second.mul_(0.98).addcmul_(gradients[index], gradients[index], value=0.02)
            step = (first / fix1) / ((second / fix2).sqrt() + 1e-8)
            self.masters[index].add_(step, alpha=-rate)

    def state_dict(self) -> dict[str, Any]:
        return {
            "masters": self.masters,
            "first": self.first,
            "second": self.second,
            "n_steps": self.n_steps,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for name in ("masters", "first", "second"):
            for own, other in zip(getattr(self, name), state[name], strict=True):
                own.copy_(other)
        self.n_steps = state["n_steps"]
        for weight, master in zip(self.weights, self.masters, strict=True):
            weight.data.copy_(master)
