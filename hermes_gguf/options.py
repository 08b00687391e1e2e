"""How a model is loaded and how an answer is sampled: two checked values.

These are plain values with units in their names. Where a number comes from (a
flag, the catalogue, a default) is decided by the doors, not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from .errors import OptionError

_MOST_BIAS = 1e6
#: ggml's own limit; far above it, it crashes.
MOST_THREADS: Final = 512
#: llama.cpp has 256 sequences; two of them keep preambles (`engine.llama`).
MOST_SLOTS: Final = 254

KVType: TypeAlias = Literal["f16", "q8_0", "q4_0", "f32"]
KV_TYPES: Final[tuple[KVType, ...]] = get_args(KVType)


def parse_kv_type(text: str, *, option: str = "kv_type") -> KVType:
    """The type of a KV cache that a text names.

    Raises:
        OptionError: there is no such type; `option` is named as the place.
    """
    for known in KV_TYPES:
        if text == known:
            return known
    raise OptionError(option, f"{text!r} is none of {', '.join(KV_TYPES)}")


def require(ok: bool, option: str, problem: str) -> None:
    """Refuse an option's value, unless it is `ok`.

    Raises:
        OptionError: it is not.
    """
    if not ok:
        raise OptionError(option, problem)


def require_whole(options: Any, *names: str) -> None:
    """Refuse fields of `options` that are no whole numbers (numpy's are).

    Raises:
        OptionError: the first that is none.
    """
    for name in names:
        value = getattr(options, name)
        is_whole = isinstance(value, Integral) and not isinstance(value, bool)
        require(is_whole, name, f"must be a whole number, not {value!r}")


def require_count(name: str, value: object, *, least: int) -> None:
    """Refuse a value that is no count (numpy's are).

    Raises:
        OptionError: it is no whole number, or less than `least`.
    """
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    is_count = is_whole and cast(int, value) >= least
    require(is_count, name, f"must be a whole number, at least {least}")


def require_seconds(name: str, value: object) -> None:
    """Refuse a time to wait that is none.

    Raises:
        OptionError: it is no number over 0.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    require(is_number and cast(float, value) > 0, name, "must be a number over 0")


def _require_numbers(options: Any, *names: str) -> None:
    for name in names:
        value = getattr(options, name)
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        require(is_number, name, f"must be a number, not {value!r}")


def require_switches(options: Any, *names: str) -> None:
    """Refuse fields of `options` that are neither True nor False.

    Raises:
        OptionError: the first that is neither.
    """
    for name in names:
        value = getattr(options, name)
        require(isinstance(value, bool), name, f"must be True or False, not {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """How to load a GGUF file.

    Attributes:
        n_ctx: Context length in tokens for each sequence; 0 means the smaller of
            the model's own length and 8192.
        n_slots: Sequences that can be generated at once.
        n_threads: Threads for decode; 0 picks by model size and core count.
        n_threads_batch: Threads for prefill; 0 picks likewise.
        n_batch: Tokens handed to one `llama_decode` at most.
        gpu_layers: Layers to offload; -1 offloads as many as fit ("auto").
        kv_type: Type of the KV cache.
        use_mmap: Map the file instead of reading it.
        use_mlock: Lock the weights in memory.
        repack: Copy quantized weights into the order of llama.cpp's wide kernels; None
            chooses what reads prompts faster on this processor.
        flash_attention: Use llama.cpp's flash attention, or plain products, which
            are exact in f32 and take memory for the scores; None chooses what
            decodes several tokens faster. A cache of q8_0 or q4_0 needs it.
        draft_model: File of a small model of the same vocabulary that guesses what
            the large one will write; empty for none.
        disk_cache: Keep what took long to read on disk, and find it again.
        disk_cache_bytes: Bytes of disk that this may take.
    """

    n_ctx: int = 0
    n_slots: int = 1
    n_threads: int = 0
    n_threads_batch: int = 0
    n_batch: int = 512
    gpu_layers: int = -1
    kv_type: KVType = "f16"
    use_mmap: bool = True
    use_mlock: bool = False
    repack: bool | None = None
    flash_attention: bool | None = None
    draft_model: str | Path = ""
    disk_cache: bool = True
    disk_cache_bytes: int = 4 << 30

    def __post_init__(self) -> None:
        counts = ("n_ctx", "n_slots", "n_threads", "n_threads_batch", "n_batch")
        require_whole(self, *counts, "gpu_layers", "disk_cache_bytes")
        require_switches(self, "use_mmap", "use_mlock", "disk_cache")
        for name in ("repack", "flash_attention"):
            if getattr(self, name) is not None:
                require_switches(self, name)
        is_path = isinstance(self.draft_model, str | Path)
        require(is_path, "draft_model", "must be the path of a file")
        parse_kv_type(self.kv_type)
        require(self.n_ctx >= 0, "n_ctx", "must not be negative")
        require(
            1 <= self.n_slots <= MOST_SLOTS, "n_slots", f"must be in 1..{MOST_SLOTS}"
        )
        for name in ("n_threads", "n_threads_batch"):
            is_count = 0 <= getattr(self, name) <= MOST_THREADS
            require(is_count, name, f"must be in 0..{MOST_THREADS}")
        require(self.n_batch >= 1, "n_batch", "must be at least 1")
        require(self.disk_cache_bytes >= 0, "disk_cache_bytes", "must not be negative")
        require(self.gpu_layers >= -1, "gpu_layers", "must be -1 (auto) or more")
        require(
            self.flash_attention is not False or self.kv_type in ("f16", "f32"),
            "flash_attention",
            f"must not be off with a {self.kv_type} cache",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingOptions:
    """How the next token is chosen; the defaults are the model card's.

    Attributes:
        temperature: 0 is greedy.
        top_k: Keep the k likeliest tokens; 0 keeps all.
        top_p: Keep the likeliest tokens that sum to this probability; 1 keeps all.
        min_p: Drop tokens under this fraction of the likeliest; 0 drops none.
        repeat_penalty: Over 1 makes recent tokens less likely.
        repeat_last_n: How many recent tokens the penalties look at; -1 is all.
        presence_penalty: Subtracted from the logit of every recent token.
        frequency_penalty: The same, times the number of its occurrences.
        seed: None draws one; the one that was used is reported in the result.
        logit_bias: Pairs of a token id and the value that is added to its logit (-100
            and less bans it).

    Source: model card of NousResearch/Hermes-2-Pro-Llama-3-8B (temperature 0.8,
    repetition_penalty 1.1).
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    repeat_last_n: int = 64
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int | None = None
    logit_bias: tuple[tuple[int, float], ...] = field(default=())

    def __post_init__(self) -> None:
        penalties = ("repeat_penalty", "presence_penalty", "frequency_penalty")
        _require_numbers(self, "temperature", "top_p", "min_p", *penalties)
        require_whole(self, "top_k", "repeat_last_n")
        if self.seed is not None:
            require_whole(self, "seed")
        require(
            isinstance(self.logit_bias, Iterable)
            and all(map(_is_bias, self.logit_bias)),
            "logit_bias",
            "must be pairs of a token id and a number",
        )
        require(0 <= self.temperature <= 100, "temperature", "must be in 0..100")
        require(self.top_k >= 0, "top_k", "must not be negative")
        require(0 < self.top_p <= 1, "top_p", "must be in (0, 1]")
        require(0 <= self.min_p < 1, "min_p", "must be in [0, 1)")
        require(0 < self.repeat_penalty <= 10, "repeat_penalty", "must be in (0, 10]")
        require(self.repeat_last_n >= -1, "repeat_last_n", "must be -1 or more")
        require(abs(self.presence_penalty) <= 10, "presence_penalty", "must be ±10")
        require(abs(self.frequency_penalty) <= 10, "frequency_penalty", "must be ±10")


def _is_bias(pair: Any) -> bool:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return False
    # Past that, and for NaN, no other token would have a probability at all.
    is_number = isinstance(pair[1], Real) and pair[1] <= _MOST_BIAS
    return isinstance(pair[0], Integral) and is_number
