"""How much of a machine a model gets: context, threads, GPU layers; or a refusal.

Decides from the file's header and from what is free, before anything is loaded. The
arithmetic is in `hardware`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ...errors import ModelLoadError
from ...options import LoadOptions
from . import attention, hardware
from .gguf_file import GgufHeader
from .hardware import MemoryNeed
from .library import GpuDevice

_DEFAULT_N_CTX = 8192
_LEAST_N_CTX = 2048
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Fit:
    """What was decided.

    Attributes:
        n_ctx: Context length of one sequence in tokens.
        n_threads: Threads for decode.
        n_gpu_layers: Layers to offload.
        gpu_name: Where to; empty for none.
        flash_attention: Whether llama.cpp's flash attention is used.
    """

    n_ctx: int
    n_threads: int
    n_gpu_layers: int = 0
    gpu_name: str = ""
    flash_attention: bool = True


def fit_to_machine(
    path: str,
    header: GgufHeader,
    options: LoadOptions,
    *,
    devices: Sequence[GpuDevice],
    system_info: str = "",
    on_warning: Callable[[str], None],
    reserved_bytes: int = 0,
) -> Fit:
    """Decide how to load the file.

    A context length that nobody asked for shrinks to what is free, and says so. What
    is reserved for others is not free, whatever the system says.

    Raises:
        ModelLoadError: it does not fit; the message has the arithmetic.
    """
    if options.gpu_layers > 0 and not devices:
        on_warning(
            "All layers stay on the CPU: this llama.cpp sees no GPU, or was built"
            " without one (docs/install.md)."
        )
    wanted = choose_n_ctx(options.n_ctx, header.number("context_length"))
    free_bytes = hardware.available_bytes() - reserved_bytes
    n_ctx = wanted
    while True:
        need = _need(header, options, n_ctx)
        n_gpu_layers, share = _offload(need, header, options, devices)
        left = need.less(share)
        if left.total_bytes <= free_bytes:
            break
        if options.n_ctx or n_ctx // 2 < _LEAST_N_CTX:
            raise _too_large(path, left, free_bytes, options)
        n_ctx //= 2
    if n_ctx < wanted:
        on_warning(
            f"Memory for {n_ctx} tokens of context is free, not for {wanted};"
            " close programs, or try --kv-type q8_0."
        )
    threads = options.n_threads or hardware.choose_threads(header.size_bytes)
    gpu_name = devices[0].name if n_gpu_layers else ""
    plain = attention.needs_plain_products(options)
    if not plain and not n_gpu_layers:
        scores = _scores_bytes(header, options, n_ctx)
        plain = (
            attention.may_use_plain_products(options, system_info, scores_bytes=scores)
            and left.total_bytes + scores <= free_bytes
        )
    return Fit(n_ctx, threads, n_gpu_layers, gpu_name, flash_attention=not plain)


def choose_n_ctx(wanted: int, trained: int) -> int:
    """The context length in tokens: as wanted, or what the model knows up to 8192."""
    return wanted or min(trained or _DEFAULT_N_CTX, _DEFAULT_N_CTX)


def _need(header: GgufHeader, options: LoadOptions, n_ctx: int) -> MemoryNeed:
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


def _too_large(
    path: str, need: MemoryNeed, free_bytes: int, options: LoadOptions
) -> ModelLoadError:
    if need.weights_bytes + need.buffer_bytes > free_bytes:
        hint = "a smaller quantization or model (hermes-gguf models), or close programs"
    elif options.kv_type == "f16":
        hint = "lower --ctx, or --kv-type q8_0"
    else:
        hint = "lower --ctx"
    return ModelLoadError(
        path,
        f"needs {need.total_bytes / _GIB:.1f} GiB of memory"
        f" ({need.weights_bytes / _GIB:.1f} weights,"
        f" {need.kv_bytes / _GIB:.1f} context)"
        f" and {max(free_bytes, 0) / _GIB:.1f} GiB are free",
        hint=hint,
    )


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
