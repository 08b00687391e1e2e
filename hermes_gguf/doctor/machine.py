"""Memory: what there is, what is free, and which model that is enough for."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from ..catalog import Catalog, ModelSpec
from ..machine import (
    file_size_bytes,
    free_ram_bytes,
    ram_for,
    render_bytes,
    total_ram_bytes,
)
from .finding import Finding

#: Enough for instructions, a few functions and a long conversation.
_N_CTX = 8192
#: Of what is free: other programs want something too.
_SHARE = 0.9


def look_at_memory(catalog: Catalog) -> Iterator[Finding]:
    """What is free, and the largest model that it holds."""
    machine = int(psutil.virtual_memory().total)
    free, total = free_ram_bytes(), total_ram_bytes()
    text = f"{render_bytes(free)} of {render_bytes(total)} are free"
    if total < machine:
        whole = render_bytes(machine)
        text += f" (the limit of a control group; the machine has {whole})"
    spec = largest_that_fits(catalog, free)
    if spec is None:
        hint = "close other programs: the smallest Hermes needs about 3 GB"
        yield Finding("memory", "note", text, hint)
        return
    yield Finding("memory", "ok", f"{text}, enough for {spec.key}")


def largest_that_fits(catalog: Catalog, free_bytes: int) -> ModelSpec | None:
    """The largest Hermes with 8,192 tokens of context that so much memory holds."""
    fitting = [spec for spec in catalog if 0 < _ram_bytes(spec) <= _SHARE * free_bytes]
    return max(fitting, key=_ram_bytes, default=None)


def _ram_bytes(spec: ModelSpec) -> int:
    """Memory for the usual quantization; 0 where its size is unknown."""
    size = file_size_bytes(spec.file()) if spec.repo_id else None
    return ram_for(spec, size, n_ctx=_N_CTX) if size else 0
