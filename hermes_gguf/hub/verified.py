"""Which files on this machine were verified, and when each was last used.

One small JSON file per model file, in our own cache folder: the sha256 that was
found, with size and modification time, so that gigabytes are not hashed at every
start. Its own modification time is the last use.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from .cache import Folders

_BLOCK_BYTES = 4 * 1024 * 1024


def is_sha256(text: str) -> bool:
    """Whether a text is a sha256 in hex, as the etags of large Hub files are."""
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def sha256_of_file(path: Path, *, on_bytes: Callable[[int], None]) -> str:
    """The hex sha256 of a file; `on_bytes` hears how many bytes are done."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            on_bytes(done)
    return digest.hexdigest()


def verified_sha256(path: Path, folders: Folders) -> str | None:
    """The sha256 that this very file was found to have, or None.

    A file that changed in size or time since then counts as not verified.
    """
    try:
        note = json.loads(_note_path(path, folders).read_text(encoding="utf-8"))
        real = path.resolve().stat()
        same = (note["size_bytes"], note["mtime_ns"]) == (
            real.st_size,
            real.st_mtime_ns,
        )
        return str(note["sha256"]) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember_verified(path: Path, sha256: str, folders: Folders) -> None:
    """Note that a file has this sha256. A folder that cannot be written is no error."""
    real = path.resolve()
    note = {
        "path": str(real),
        "sha256": sha256,
        "size_bytes": real.stat().st_size,
        "mtime_ns": real.stat().st_mtime_ns,
    }
    target = _note_path(path, folders)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(note), encoding="utf-8")
    except OSError:
        # The model works all the same; it is only verified again by the next pull.
        return


def forget(path: Path, folders: Folders) -> None:
    """Drop what is noted about a file."""
    _note_path(path, folders).unlink(missing_ok=True)


def touch_used(path: Path, folders: Folders) -> None:
    """Note that a file is being used now."""
    note = _note_path(path, folders)
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()
    except OSError:
        return


def last_used_s(path: Path, folders: Folders) -> float | None:
    """When a file was last used or pulled, in seconds since 1970; None if unknown."""
    try:
        return _note_path(path, folders).stat().st_mtime
    except OSError:
        return None


def _note_path(path: Path, folders: Folders) -> Path:
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    return folders.own / "files" / f"{name}.json"
