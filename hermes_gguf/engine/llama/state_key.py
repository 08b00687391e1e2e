"""What a context's saved state depends on, as one key: another key, another state.

It knows nothing of prompts; `recall` keeps states under it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...options import KVType
from . import library

#: The number goes up when what is kept of a state changes.
_FORMAT = 1
_END_BYTES = 1 << 20


def state_keys(model_files: Iterable[Path], *, kv_type: KVType) -> dict[bool, str]:
    """Hashes of all that must be the same where a state is restored.

    Returns:
        The key with flash attention under True, without it under False: plain products
        keep the values transposed.
    """
    parts = {
        "model": [_identify(file) for file in model_files],
        "library": [
            (file.name, file.stat().st_size, file.stat().st_mtime_ns)
            for file in library.library_files()
        ],
        "system": library.system_info(),
        "kv_type": kv_type,
        "format": _FORMAT,
    }
    return {flash: _hash(parts | {"flash_attention": flash}) for flash in (True, False)}


def _hash(parts: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _identify(path: Path) -> str:
    """A name for a file's content: its size, and a hash of both of its ends."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_END_BYTES))
        file.seek(max(0, size - _END_BYTES))
        digest.update(file.read(_END_BYTES))
    return digest.hexdigest()
