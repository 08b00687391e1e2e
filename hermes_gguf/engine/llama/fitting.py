"""How much of a machine a model gets: context, threads, GPU layers; or a refusal.

Decides from the file's header and from what is free, before anything is loaded. The
arithmetic is in `hardware`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ...errors import ModelLoadError
from ...options import KVType, LoadOptions
from . import attention, hardware
from .gguf_file import GgufHeader
from .hardware import MemoryNeed
from .library import GpuDevice

_DEFAULT_N_CTX = 8192
_LEAST_N_CTX = 2048
#: A context length that is chosen, or proposed, is a multiple of this.
_N_CTX_STEP = 256
#: A shorter context than this is not proposed: an answer needs some of it.
_WORTH_N_CTX = 512
#: Reading 4,000 tokens, two threads with AVX-512, llama-cpp-python 0.3.36: 2.5 to 2.9
#: times as long as with f16 for the 1B shape, 1.7 times for the 8B. With q4_0 it is
#: 4 and 2.3 times, for which it is not proposed.
_SMALLER_CACHE_COSTS = "(half the memory; long prompts take two or three times as long)"
_SMALLER_MODEL = (
    "a smaller quantization or model (hermes-gguf models), or close programs"
)


@dataclass(frozen=True, slots=True)
class Fit:
    """What was decided.

    Attributes:
        n_ctx: Context length of one sequence in tokens.
        n_threads: Threads for decode.
        n_gpu_layers: Layers to offload.
        gpu_name: Where to; empty for none.
        flash_attention: Whether llama.cpp's flash attention is used.
        weights_bytes: Weights that lie in this machine's memory, not on a GPU.
        left_bytes: Memory that the load leaves free.
    """

    n_ctx: int
    n_threads: int
    n_gpu_layers: int = 0
    gpu_name: str = ""
    flash_attention: bool = True
    weights_bytes: int = 0
    left_bytes: int = 0


def fit_to_machine(
    path: str,
    header: GgufHeader,
    options: LoadOptions,
    *,
    devices: Sequence[GpuDevice],
    system_info: str = "",
    on_warning: Callable[[str], None],
    beside: Callable[[int], int] = lambda n_ctx: 0,
    most_bytes: int | None = None,
) -> Fit:
    """Decide how to load the file.

    A context length that nobody asked for shrinks to what is free, and says so.

    Args:
        path: The file, for messages.
        header: Its header.
        options: How it shall be loaded.
        devices: The GPUs.
        system_info: What llama.cpp says of its build.
        on_warning: Gets one line for each thing a person should know.
        beside: Bytes that another model will need with so many tokens of context.
        most_bytes: More than this is not free, whatever the system says.

    Raises:
        ModelLoadError: it does not fit; the message has the arithmetic.
    """
    if options.gpu_layers > 0 and not devices:
        on_warning(
            "All layers stay on the CPU: this llama.cpp sees no GPU, or was built"
            " without one (docs/install.md)."
        )
    free_bytes = hardware.available_bytes()
    if most_bytes is not None:
        free_bytes = min(free_bytes, most_bytes)
    load = _Load(path, header, options, devices)
    n_ctx = _longest_context(load, free_bytes, beside)
    if n_ctx < load.wanted_n_ctx:
        on_warning(_shorter(n_ctx, load))
    n_gpu_layers, left = load.left_to_memory(n_ctx)
    free_bytes -= left.total_bytes
    plain = attention.needs_plain_products(options)
    if not plain and not n_gpu_layers:
        scores = _scores_bytes(header, options, n_ctx)
        plain = (
            attention.may_use_plain_products(options, system_info, scores_bytes=scores)
            and scores + beside(n_ctx) <= free_bytes
        )
        free_bytes -= scores if plain else 0
    return Fit(
        n_ctx,
        options.n_threads or hardware.choose_threads(header.size_bytes),
        n_gpu_layers,
        devices[0].name if n_gpu_layers else "",
        flash_attention=not plain,
        weights_bytes=left.weights_bytes,
        left_bytes=free_bytes,
    )


@dataclass(frozen=True, slots=True)
class _Load:
    """What is to be loaded, and which GPUs there are for it."""

    path: str
    header: GgufHeader
    options: LoadOptions
    devices: Sequence[GpuDevice]

    @property
    def wanted_n_ctx(self) -> int:
        """The context length, if there is memory for it."""
        trained = self.header.number("context_length")
        return choose_n_ctx(self.options.n_ctx, trained)

    def left_to_memory(self, n_ctx: int) -> tuple[int, MemoryNeed]:
        """Layers to offload, and what the rest takes of this machine's memory."""
        need = memory_need(self.header, self.options, n_ctx)
        n_gpu_layers, share = _offload(need, self.header, self.options, self.devices)
        return n_gpu_layers, need.less(share)


def _longest_context(load: _Load, free_bytes: int, beside: Callable[[int], int]) -> int:
    """The wanted length, or the longest below it that fits, where none was asked for.

    Raises:
        ModelLoadError: there is none; the message has the arithmetic.
    """
    n_ctx = load.wanted_n_ctx
    while True:
        _, left = load.left_to_memory(n_ctx)
        if left.total_bytes + beside(n_ctx) <= free_bytes:
            return n_ctx
        if load.options.n_ctx or n_ctx - _N_CTX_STEP < _LEAST_N_CTX:
            if left.total_bytes <= free_bytes:
                return n_ctx  # it is the other one that does not fit, and says so
            raise _too_large(load, n_ctx, free_bytes)
        n_ctx = (n_ctx - 1) // _N_CTX_STEP * _N_CTX_STEP


def _shorter(n_ctx: int, load: _Load) -> str:
    """The note that the context is shorter than the model knows."""
    way_out = f", or --kv-type q8_0 {_SMALLER_CACHE_COSTS}"
    return (
        f"Memory for {n_ctx} tokens of context is free, not for {load.wanted_n_ctx};"
        f" close programs{way_out if _may_be_smaller(load.options) else ''}."
    )


def choose_n_ctx(wanted: int, trained: int) -> int:
    """The context length in tokens: as wanted, or what the model knows up to 8192."""
    return wanted or min(trained or _DEFAULT_N_CTX, _DEFAULT_N_CTX)


def memory_need(header: GgufHeader, options: LoadOptions, n_ctx: int) -> MemoryNeed:
    """What a load takes with so many tokens of context, wherever that lies."""
    n_cells = n_ctx * options.n_slots
    need = hardware.memory_need(
        header,
        n_cells=n_cells,
        kv_type=options.kv_type,
        n_batch=min(options.n_batch, n_cells),
    )
    if not attention.needs_plain_products(options):
        return need
    scores = _scores_bytes(header, options, n_ctx)
    return replace(need, buffer_bytes=need.buffer_bytes + scores)


def _scores_bytes(header: GgufHeader, options: LoadOptions, n_ctx: int) -> int:
    n_cells = n_ctx * options.n_slots
    return attention.scores_bytes(header, n_cells=n_cells, n_batch=options.n_batch)


def _offload(
    need: MemoryNeed,
    header: GgufHeader,
    options: LoadOptions,
    devices: Sequence[GpuDevice],
) -> tuple[int, float]:
    """Layers to offload, and the share of weights and cache that leaves the memory."""
    if not devices:
        return 0, 0.0
    n_layers = header.number("block_count")
    count = hardware.choose_gpu_layers(
        need,
        n_layers=n_layers,
        wanted=options.gpu_layers,
        free_bytes=sum(device.free_bytes for device in devices),
    )
    # An integrated GPU works in this machine's own memory. Of that Metal says how much
    # may be taken: what fits there whole is not held against what is free as well.
    is_whole = count > n_layers
    spares = all(
        not device.integrated or (device.is_granted and is_whole) for device in devices
    )
    return count, count / (n_layers + 1) if spares else 0.0


def _too_large(load: _Load, n_ctx: int, free_bytes: int) -> ModelLoadError:
    """The refusal, with the arithmetic and the options that would fit."""

    def longest(kv_type: KVType) -> int:
        """The longest context with this cache that fits; 0 for none."""
        changed = replace(load, options=replace(load.options, kv_type=kv_type))

        def is_too_long(steps: int) -> bool:
            _, need = changed.left_to_memory(steps * _N_CTX_STEP)
            return need.total_bytes > free_bytes

        steps = range(_WORTH_N_CTX // _N_CTX_STEP, n_ctx // _N_CTX_STEP + 1)
        n_fitting = bisect_left(steps, True, key=is_too_long)
        return steps[n_fitting - 1] * _N_CTX_STEP if n_fitting else 0

    _, need = load.left_to_memory(n_ctx)
    whole = longest(load.options.kv_type)
    smaller = longest("q8_0") if _may_be_smaller(load.options) else 0
    ways = [f"--ctx {whole}"] if whole else []
    if smaller > whole:
        length = f" --ctx {smaller}" if smaller < n_ctx else ""
        ways.append(f"--kv-type q8_0{length} {_SMALLER_CACHE_COSTS}")
    return ModelLoadError(
        load.path,
        f"needs {need.total_bytes / 1e9:.2f} GB of memory"
        f" ({need.weights_bytes / 1e9:.2f} weights,"
        f" {need.kv_bytes / 1e9:.2f} for {n_ctx} tokens of context)"
        f" and {max(free_bytes, 0) / 1e9:.2f} GB are free",
        hint=", or ".join(ways) or _SMALLER_MODEL,
    )


def _may_be_smaller(options: LoadOptions) -> bool:
    """Whether a cache of q8_0 is a way out: it needs flash attention."""
    is_large = options.kv_type in ("f16", "f32")
    return is_large and options.flash_attention is not False


def describe_backend(system_info: str, fit: Fit) -> str:
    """Where the model runs, for a person: "CPU (AVX512, 2 threads)"."""
    # A build with a GPU tells that one's features first: "MTL : ... | CPU : ... | ".
    _, _, features = system_info.rpartition("CPU : ")
    flags = {part.split("=")[0].strip() for part in features.split("|")}
    best = next(
        (
            name
            for name in ("AMX_INT8", "AVX512", "AVX2", "AVX", "SVE", "NEON")
            if name in flags
        ),
        "",
    )
    threads = f"{fit.n_threads} thread{'s' if fit.n_threads != 1 else ''}"
    inside = ", ".join(part for part in (best, threads) if part)
    cpu = f"CPU ({inside})"
    if not fit.n_gpu_layers:
        return cpu
    return f"{fit.gpu_name} ({fit.n_gpu_layers} layers), {cpu}"
