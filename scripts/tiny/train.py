"""Train the network on dialogues that are generated on the fly.

`python -m scripts.tiny.train --work DIR --minutes 90` starts, or goes on from the
last checkpoint in DIR. The learning rate falls linearly over the whole budget of
time, so a slow machine ends with the same schedule as a fast one.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
import torch.distributed as dist
import torch.multiprocessing as multiprocessing
import torch.nn.functional as functional
from torch import Tensor

from hermes_gguf import tags

from .encode import FIRST, READ, WRITTEN, training_rows
from .model import Shape, TinyLlama
from .muon import Optimizer
from .tokenizer import TinyTokenizer

LENGTHS = tuple(range(64, 1025, 64))
PROMPT_WEIGHT = 0.1
PROMPT_SHARE = 0.25
#: The first token of an answer decides: a call, a question, or words.
FIRST_WEIGHT = 5.0
#: The beginning of the run sees short dialogues only: copying is learnt there.
SHORT_SHARE, SHORT_TOKENS = 0.07, 256
_CHECKPOINT_S = 120
_WARMUP_STEPS = 40
#: A longer step is a process that was stopped for a while: that is no training time.
_PAUSE_S = 10.0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/tiny"))
    parser.add_argument(
        "--minutes", type=float, default=90.0, help="budget of the whole run"
    )
    parser.add_argument("--device", default="cpu", help='"cuda" with --processes 1')
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--row-tokens", type=int, default=4096, help="tokens of a batch of one process"
    )
    parser.add_argument("--layers", type=int, default=6, help="of a new network")
    parser.add_argument("--matrix-rate", type=float, default=0.015)
    parser.add_argument("--other-rate", type=float, default=0.004)
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument(
        "--own-sessions",
        action="store_true",
        help="a session for each process: Linux shares a busy machine by session",
    )
    return parser.parse_args()


def batches(
    tokenizer: TinyTokenizer, rng: Random, row_tokens: int, longest: Callable[[], int]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of about equal work: ids, and which of them are to be written."""
    padding = tokenizer.ids[tags.END_OF_TEXT]
    waiting: dict[int, list[tuple[list[int], list[int]]]] = {
        length: [] for length in LENGTHS
    }
    for ids, written in training_rows(tokenizer, rng, LENGTHS[-1] + 1):
        length = next(n for n in LENGTHS if len(ids) <= n + 1)
        if length > longest():
            continue
        rows = waiting[length]
        rows.append((ids, written))
        if len(rows) < row_tokens // length:
            continue
        waiting[length] = []
        block = torch.full((len(rows), length + 1), padding)
        learnt = torch.full((len(rows), length + 1), -1, dtype=torch.int8)
        for number, (row, marks) in enumerate(rows):
            block[number, : len(row)] = torch.tensor(row)
            learnt[number, : len(row)] = torch.tensor(marks, dtype=torch.int8)
        yield block, learnt


def batch_loss(network: TinyLlama, ids: Tensor, learnt: Tensor) -> tuple[Tensor, float]:
    """Weighted loss of a batch, and the plain loss of the assistant's tokens."""
    hidden = network(ids[:, :-1]).flatten(0, 1)
    marks, targets = learnt[:, 1:].flatten(), ids[:, 1:].flatten()
    chosen = (marks >= WRITTEN) | (
        (marks == READ) & (torch.rand(marks.shape, device=marks.device) < PROMPT_SHARE)
    )
    places = chosen.nonzero().squeeze(1)
    losses = functional.cross_entropy(
        network.logits(hidden[places]), targets[places], reduction="none"
    )
    own = marks[places] >= WRITTEN
    weights = torch.where(own, 1.0, PROMPT_WEIGHT)
    weights = torch.where(marks[places] == FIRST, FIRST_WEIGHT, weights)
    return (losses * weights).sum() / weights.sum(), float(losses.detach()[own].mean())


@dataclass
class Run:
    """How far a training run is; the same in every process."""

    spent_s: float = 0.0
    n_tokens: int = 0
    saved_s: float = 0.0
    loss: float = 0.0

    def note(self, loss: float) -> None:
        """Take a batch's loss into the running mean."""
        self.loss = loss if not self.loss else 0.95 * self.loss + 0.05 * loss


class Trainer:
    """One training process among `options.processes`."""

    def __init__(self, rank: int, options: argparse.Namespace) -> None:
        torch.manual_seed(options.seed)
        self.rank, self.options, self.run = rank, options, Run()
        self.budget_s = options.minutes * 60
        self.tokenizer = TinyTokenizer.load(options.work / "tokenizer.json")
        self.checkpoint = options.work / "checkpoint.pt"
        state = None
        shape = Shape(n_vocab=len(self.tokenizer.pieces), n_layers=options.layers)
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, map_location=options.device)
            shape = Shape(**state["shape"])
        self.network = TinyLlama(shape).to(options.device)
        self.optimizer = Optimizer(self.network, rank=rank, world=options.processes)
        self.network.blocks.to(torch.bfloat16)
        if state is not None:
            self.optimizer.load_state_dict(state["optimizer"])
            self.run = Run(state["spent_s"], state["n_tokens"], state["spent_s"])
        if not options.no_compile:
            for block in self.network.blocks:
                block.compile(dynamic=True)

    def longest(self) -> int:
        """Tokens of the longest dialogue that is taken at this time."""
        is_late = self.run.spent_s > self.budget_s * SHORT_SHARE
        return LENGTHS[-1] if is_late else SHORT_TOKENS

    def train(self) -> None:
        """Train until the budget is spent."""
        options, step = self.options, self.optimizer.n_steps
        rng = Random(f"{options.seed}/{self.rank}/{step}")
        torch.manual_seed(options.seed + 7919 * (self.rank + 1) + step)
        source = batches(self.tokenizer, rng, options.row_tokens, self.longest)
        last = time.monotonic()
        while self.run.spent_s < self.budget_s:
            self.step(*next(source))
            self.run.spent_s, last = _elapsed(self.run.spent_s, last, options.processes)
            is_over = self.run.spent_s >= self.budget_s
            if self.run.spent_s - self.run.saved_s > _CHECKPOINT_S or is_over:
                self.run.saved_s = self.run.spent_s
                if self.rank == 0:
                    self.save()

    def step(self, ids: Tensor, learnt: Tensor) -> None:
        """Learn one batch."""
        device = self.options.device
        loss, own = batch_loss(self.network, ids.to(device), learnt.to(device))
        loss.backward()
        done = self.run.spent_s / self.budget_s
        rate = max(0.0, 1 - done) * min(
            1.0, (self.optimizer.n_steps + 1) / _WARMUP_STEPS
        )
        norm = self.optimizer.step(
            matrix_rate=self.options.matrix_rate * rate,
            other_rate=self.options.other_rate * rate,
        )
        self.run.n_tokens += self.options.processes * ids.numel()
        self.run.note(own)
        if self.rank == 0 and self.optimizer.n_steps % 10 == 0:
            print(
                f"{self.run.spent_s:7.0f} s  step {self.optimizer.n_steps}"
                f"  loss {self.run.loss:.4f}  norm {norm:.2f}"
                f"  {self.run.n_tokens / 1e6:.2f} M tokens",
                flush=True,
            )

    def save(self) -> None:
        """Write a checkpoint so that a crash leaves the old one or the new one."""
        names = [name for name, _ in self.network.named_parameters()]
        state = {
            "shape": self.network.shape.to_json(),
            "weights": {
                name: master.cpu()
                for name, master in zip(names, self.optimizer.masters, strict=True)
            },
            "optimizer": self.optimizer.state_dict(),
            "spent_s": self.run.spent_s,
            "n_tokens": self.run.n_tokens,
        }
        torch.save(state, self.checkpoint.with_suffix(".new"))
        self.checkpoint.with_suffix(".new").replace(self.checkpoint)


def train(rank: int, options: argparse.Namespace) -> None:
    """Run one training process."""
    torch.set_num_threads(1)
    if options.own_sessions:
        os.setsid()
    if options.processes > 1:
        os.environ.update(
            MASTER_ADDR="127.0.0.1", MASTER_PORT="29731", GLOO_SOCKET_IFNAME="lo"
        )
        dist.init_process_group("gloo", rank=rank, world_size=options.processes)
    Trainer(rank, options).train()


def _elapsed(spent_s: float, last: float, processes: int) -> tuple[float, float]:
    """Time so far, the same in every process, so that all stop at the same step."""
    now = time.monotonic()
    spent = torch.tensor(spent_s + min(now - last, _PAUSE_S))
    if processes > 1:
        dist.broadcast(spent, 0)
    return float(spent), now


def main() -> None:
    options = parse_arguments()
    if options.processes == 1:
        train(0, options)
    else:
        multiprocessing.start_processes(
            train, (options,), nprocs=options.processes, start_method="spawn"
        )


if __name__ == "__main__":
    main()
