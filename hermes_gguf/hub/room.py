"""Whether the disk has room for what is about to come.

It counts bytes; where they come from and what they are for is `transfer`'s business.
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from ..errors import DiskFullError
from .foreign import more_room

#: Room that a transfer leaves on the disk.
_SPARE_BYTES = 64 * 1024 * 1024


def require_room(folder: Path, n_bytes: int, *, repo_id: str, filename: str) -> None:
    """Fail before a transfer that does not fit the disk.

    Args:
        folder: Where the bytes will lie, or a folder above.
        n_bytes: What is still to come.
        repo_id: Its repository, for the message; "" for a URL.
        filename: Its name, for the message.

    Raises:
        DiskFullError: naming what is needed and what is free.
    """
    needed = n_bytes + _SPARE_BYTES
    folder = existing_folder(folder)
    free = shutil.disk_usage(folder).free
    if free < needed:
        # Rounded apart: they may be nearly the same.
        wanted, there = math.ceil(needed / 1e7) / 100, math.floor(free / 1e7) / 100
        raise DiskFullError(
            f"{filename} needs {wanted:.2f} GB more, and {folder} has {there:.2f} GB"
            " free.",
            repo_id=repo_id,
            filename=filename,
            hint=more_room(repo_id),
        )


def existing_folder(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def missing_bytes(part: Path, size_bytes: int | None) -> int:
    """What is still to come of a file; 0 where its size is unknown.

    Args:
        part: Where what arrived of it lies.
        size_bytes: Its size.
    """
    if size_bytes is None:
        return 0
    return size_bytes - (part.stat().st_size if part.exists() else 0)
