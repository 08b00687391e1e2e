"""Figures for people: gigabytes, memory of this machine, times."""

from __future__ import annotations

from typing import Literal, TypeAlias

from .catalog import ModelFile, ModelSpec, ram_needed_bytes
from .cgroups import memory_limit_bytes

Fit: TypeAlias = Literal["yes", "tight", "no"]

#: The rate that a download's time is quoted for, as nobody has measured yet.
QUOTED_MBIT_PER_S = 50


def total_ram_bytes() -> int:
    """Memory of this machine, or what the process may take of it where that is less."""
    import psutil

    total = int(psutil.virtual_memory().total)
    return min(total, memory_limit_bytes() or total)


def free_ram_bytes() -> int:
    """What of it can be taken now without swapping."""
    from .engine.llama.hardware import available_bytes

    return max(0, available_bytes())


def file_size_bytes(file: ModelFile | None) -> int | None:
    """A catalogue file's size: exact, else about, else None."""
    return None if file is None else file.size_bytes or file.size_bytes_about


def ram_for(spec: ModelSpec, size_bytes: int, *, n_ctx: int) -> int:
    """Memory that a model needs with this context, or its own when shorter."""
    n_ctx = min(n_ctx, spec.n_ctx_train)
    return ram_needed_bytes(size_bytes, shape=spec.shape, n_ctx=n_ctx)


def fit(ram_bytes: int, total_bytes: int) -> Fit:
    """Whether a model fits: with a quarter of the memory to spare, barely, not."""
    if ram_bytes <= 0.75 * total_bytes:
        return "yes"
    return "tight" if ram_bytes <= 0.95 * total_bytes else "no"


def render_bytes(number: float | None) -> str:
    """`4.9 GB`, `6.2 MB`; `?` when unknown."""
    if number is None:
        return "?"
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f} B"


def render_download_time(size_bytes: int) -> str:
    """`about 13 minutes at 50 Mbit/s`."""
    minutes = size_bytes * 8 / (QUOTED_MBIT_PER_S * 1e6) / 60
    said = f"{minutes:.0f} minutes" if minutes >= 1.5 else "a minute"
    return f"about {said} at {QUOTED_MBIT_PER_S} Mbit/s"


def render_age(age_s: float) -> str:
    """`3 d`, `2 h`, `5 min`; `now` within a minute."""
    for unit, length_s in (("d", 86400), ("h", 3600), ("min", 60)):
        if age_s >= length_s:
            return f"{int(age_s // length_s)} {unit}"
    return "now"
