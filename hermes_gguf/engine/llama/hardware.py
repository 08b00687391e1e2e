"""What this machine has for a model: cores that may be used, memory that is free.

Pure arithmetic over psutil and the kernel's limits (affinity, groups). It knows no
llama.cpp.
"""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from ... import cgroups
from ...catalog.memory import KV_BYTES, buffer_bytes
from ...options import KVType
from . import cores
from .gguf_file import GgufHeader

#: Below this many bytes of weights one thread is fastest: the work of a graph node
#: is smaller than waking another thread.
_ONE_THREAD_BYTES = 60 << 20
#: What the driver and the desktop may still take.
_GPU_MARGIN_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Bytes that a load takes: weights, KV cache, and working buffers."""

    weights_bytes: int
    kv_bytes: int
    buffer_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.kv_bytes + self.buffer_bytes

    def less(self, share: float) -> MemoryNeed:
        """What is left to this machine's memory when a share lies on a GPU."""
        return MemoryNeed(
            int(self.weights_bytes * (1 - share)),
            int(self.kv_bytes * (1 - share)),
            self.buffer_bytes,
        )


def usable_cores() -> int:
    """Fast physical cores that this process may run on, a quota of groups included."""
    logical = psutil.cpu_count(logical=True) or 1
    physical = psutil.cpu_count(logical=False) or logical
    try:
        allowed = len(psutil.Process().cpu_affinity() or []) or logical
    except (AttributeError, OSError, psutil.Error):
        allowed = logical
    if allowed < logical:
        # Which of the allowed ones share a core is not told: assume they do.
        threads_per_core = max(1, logical // physical)
        physical = min(physical, max(1, allowed // threads_per_core))
    physical = min(physical, cores.fast_cores() or physical)
    return max(1, min(physical, cgroups.processor_quota() or physical))


def choose_threads(weights_bytes: int) -> int:
    """Threads for a model of this size."""
    return 1 if weights_bytes < _ONE_THREAD_BYTES else usable_cores()


def available_bytes() -> int:
    """Memory that can be taken without swapping, within this process's groups."""
    free = int(psutil.virtual_memory().available)
    left = cgroups.memory_left_bytes()
    return free if left is None else min(free, left)


def available_beside(mapped_bytes: int) -> int:
    """Memory that can be taken while so many bytes of mapped files stay in it.

    Linux counts all pages of files as free, those too that are read with each token.
    """
    mapped_bytes = mapped_bytes if sys.platform == "linux" else 0
    return available_bytes() - mapped_bytes


def kv_bytes_per_token(header: GgufHeader, kv_type: KVType) -> float:
    """Bytes of KV cache for one token of one sequence."""
    n_embd = header.number("embedding_length")
    n_heads = header.number("attention.head_count") or 1
    n_kv_heads = header.number("attention.head_count_kv", n_heads)
    key = header.number("attention.key_length", n_embd // n_heads)
    value = header.number("attention.value_length", n_embd // n_heads)
    n_layers = header.number("block_count")
    return n_layers * n_kv_heads * (key + value) * KV_BYTES[kv_type]


def memory_need(
    header: GgufHeader, *, n_cells: int, kv_type: KVType, n_batch: int
) -> MemoryNeed:
    """What a load of this file takes with flash attention, before it happens."""
    return MemoryNeed(
        weights_bytes=header.size_bytes,
        kv_bytes=int(kv_bytes_per_token(header, kv_type) * n_cells),
        buffer_bytes=buffer_bytes(
            n_embd=header.number("embedding_length"),
            n_ff=header.number("feed_forward_length"),
            n_vocab=int(header.metadata.get("tokenizer.ggml.tokens", 0) or 0),
            n_batch=n_batch,
            n_cells=n_cells,
        ),
    )


def cpu_name() -> str:
    """The processor's name, as its maker prints it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith(("model name", "Model")):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def choose_gpu_layers(
    need: MemoryNeed, *, n_layers: int, wanted: int, free_bytes: int
) -> int:
    """Layers to offload: as many as were wanted, or as fit (-1).

    The output layer counts as one more, as llama.cpp counts it.
    """
    if wanted >= 0:
        return min(wanted, n_layers + 1)
    per_layer = (need.weights_bytes + need.kv_bytes) / (n_layers + 1)
    room = free_bytes - need.buffer_bytes - _GPU_MARGIN_BYTES
    return max(0, min(n_layers + 1, int(room // per_layer)))
