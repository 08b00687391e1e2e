"""Headers of GGUF files that were checked before, kept on disk.

A vocabulary of 128,000 tokens takes Python a tenth of a second to walk over, at every
start. What is kept belongs to the files as they were, by size and time of change; a
changed file is read and checked anew, and so is one whose record is damaged.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from ...files import write_atomically
from .gguf_file import TOKENS, GgufHeader, read_gguf_header

_FORMAT = 1
#: A smaller vocabulary is read as quickly as its record.
_WORTH_TOKENS = 10_000


def read_kept_header(path: str | os.PathLike[str], folder: Path) -> GgufHeader:
    """The header of the GGUF file at `path`, checked now or before.

    Args:
        path: The file, or the first of its parts.
        folder: Where headers are kept; a disk that refuses costs only time.

    Raises:
        ModelLoadError: as `read_gguf_header`.
    """
    file = Path(path)
    name = hashlib.sha256(os.fsencode(file.absolute())).hexdigest()[:24]
    record = folder / f"{name}.json"
    header = _read(record, file.parent)
    if header is None:
        header = read_gguf_header(path)
        if int(header.metadata.get(TOKENS, 0)) >= _WORTH_TOKENS:
            _write(record, header)
    return header


def _read(record: Path, folder: Path) -> GgufHeader | None:
    """The header in `record` of files in `folder`; None if they are others now."""
    try:
        kept = json.loads(record.read_bytes())
        files = tuple(folder / name for name in kept["files"])
        if kept["state"] != _state(files):
            return None
        metadata, n_tensors, tensor_bytes, size_bytes = kept["header"]
        return GgufHeader(dict(metadata), n_tensors, tensor_bytes, size_bytes, files)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(record: Path, header: GgufHeader) -> None:
    numbers = header.n_tensors, header.tensor_bytes, header.size_bytes
    try:
        kept = {
            "files": [file.name for file in header.files],
            "state": _state(header.files),
            "header": [dict(header.metadata), *numbers],
        }
        record.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(record, [json.dumps(kept).encode()])
    except OSError:
        return


def _state(files: tuple[Path, ...]) -> list[Any]:
    """What changes when the files do, or the form of the record."""
    stats = [file.stat() for file in files]
    return [_FORMAT, *([s.st_size, s.st_mtime_ns, s.st_ino] for s in stats)]
