"""Memory: what there is, what is free, and which model that is enough for."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from ..catalog import Catalog, ModelSpec, ram_needed_bytes
from ..cgroups import memory_limit_bytes
from ..engine.llama.hardware import available_bytes
from .finding import Finding, gigabytes

#: Enough for instructions, a few functions and a long conversation.
_N_CTX = 8192
#: Of what is free: other programs want something too.
_SHARE = 0.9


def look_at_memory(catalog: Catalog) -> Iterator[Finding]:
    """What is free, and the largest model that it holds."""
    total = int(psutil.virtual_memory().total)
    limit = memory_limit_bytes()
    free = max(0, available_bytes())
    most = min(total, limit or total)
    text = f"{gigabytes(free)} of {gigabytes(most)} are free"
    if most < total:
        text += f" (the limit of a control group; the machine has {gigabytes(total)})"
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
    file = spec.file() if spec.repo_id else None
    size = (file.size_bytes or file.size_bytes_about) if file else None
    if not size:
        return 0
    n_ctx = min(_N_CTX, spec.n_ctx_train)
    return ram_needed_bytes(size, shape=spec.shape, n_ctx=n_ctx)
