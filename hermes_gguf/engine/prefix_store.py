"""Read prompts on disk: states of the KV cache, found again by their tokens.

One file is one sequence: a header, its tokens, its state. Files are written beside
their place and renamed, checked by hash when they are read, and the ones used the
longest ago make room. It knows bytes and tokens; what a state means is llama.cpp's
business, and whether it fits is in the key. Safe to use from any thread: a file may be
written while others are looked up.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..files import date_last, write_atomically

_MAGIC = b"HGPREFIX1\n"
_SUFFIX = ".prefix"
_MAX_HEADER_BYTES = 1 << 16

Tokens = npt.NDArray[np.int32]
State = npt.NDArray[np.uint8]


class StateSource(Protocol):
    """What a state can be copied from. It is large: ask for its size first."""

    def size_bytes(self) -> int:
        """Bytes of the copy."""

    def save(self) -> State:
        """The copy.

        Raises:
            MemoryError: there is no memory for it.
        """


@dataclass(frozen=True, slots=True)
class StoredPrefix:
    """One file of the store.

    Attributes:
        path: The file.
        key: Which model, build and cache type its state belongs to.
        title: Model name, for people.
        n_tokens: Tokens of the sequence.
        size_bytes: Size of the file.
        used_at_s: When it was last read or written, seconds since the epoch.
    """

    path: Path
    key: str
    title: str
    n_tokens: int
    size_bytes: int
    used_at_s: float


class PrefixStore:
    """The files under one folder, at most `budget_bytes` of them."""

    def __init__(self, folder: Path, *, budget_bytes: int) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes
        self._known: dict[Path, tuple[str, Tokens]] = {}
        #: Guards `_known`; held again where a lookup removes a damaged file.
        self._lock = threading.RLock()

    def find(
        self, tokens: Sequence[int], *, key: str, most_tokens: int = sys.maxsize
    ) -> tuple[Path, int] | None:
        """The file that shares most first tokens with `tokens`, and how many.

        Args:
            tokens: A prompt.
            key: Which states are of use.
            most_tokens: A longer state is of no use: it has no room.
        """
        wanted = np.asarray(tokens, dtype=np.int32)
        best: tuple[int, int, Path] | None = None
        for path, (its_key, its_tokens) in self._index():
            if its_key != key or len(its_tokens) > most_tokens:
                continue
            shared = _shared(its_tokens, wanted)
            rank = (shared, -len(its_tokens), path)
            if shared and (best is None or rank > best):
                best = rank
        return (best[2], best[0]) if best else None

    def load(self, path: Path) -> tuple[list[int], State] | None:
        """Tokens and state of a file; a damaged file is removed, not loaded."""
        try:
            found = _read_state(path)
            date_last(path, self._files())
            return found
        except OSError:
            # It went, or the system refuses just now; it may be whole.
            self._forget(path)
            return None
        except (ValueError, KeyError, TypeError):
            pass
        # Only now is the file no longer mapped: Windows would refuse to remove it.
        self._remove(path)
        return None

    def save(
        self, tokens: Sequence[int], state: State, *, key: str, title: str = ""
    ) -> bool:
        """Write a file for `tokens`; False when the disk or the budget refuses.

        Shorter files that the new one continues stay: other conversations may begin
        with them.
        """
        ids = np.asarray(tokens, dtype=np.int32)
        header = json.dumps(
            {
                "key": key,
                "title": title,
                "n_tokens": len(ids),
                "sha256": _hash(ids, state),
            }
        ).encode()
        head = _MAGIC + struct.pack("<I", len(header)) + header
        head += bytes(-len(head) % 4)
        if not self.takes(len(head) + ids.nbytes + state.nbytes):
            return False
        name = hashlib.sha256(key.encode() + ids.tobytes()).hexdigest()[:32]
        path = self._folder / (name + _SUFFIX)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, [head, ids.data, state.data])
            date_last(path, self._files())
        except OSError:
            return False
        with self._lock:
            self._known[path] = (key, ids)
        # Now, not before: a disk that refuses costs nothing of what was there.
        self.prune()
        return True

    def takes(self, n_bytes: int) -> bool:
        """Whether the budget has room for so much in one file."""
        return n_bytes <= self._budget_bytes

    def entries(self) -> list[StoredPrefix]:
        """All files, the last used first."""
        found = []
        for path in self._files():
            try:
                with path.open("rb") as file:
                    header, _ = _read_header(file.read(_MAX_HEADER_BYTES + 32))
                stat = path.stat()
                found.append(
                    StoredPrefix(
                        path,
                        str(header["key"]),
                        str(header["title"]),
                        int(header["n_tokens"]),
                        stat.st_size,
                        stat.st_mtime,
                    )
                )
            except OSError:
                continue
            except (ValueError, KeyError, TypeError):
                self._remove(path)
        return sorted(found, key=lambda entry: -entry.used_at_s)

    def prune(self, budget_bytes: int | None = None) -> int:
        """Remove what was used the longest ago until the rest fits; bytes freed."""
        budget = self._budget_bytes if budget_bytes is None else budget_bytes
        self._sweep()
        freed = kept = 0
        for entry in self.entries():
            if kept + entry.size_bytes > budget and self._remove(entry.path):
                freed += entry.size_bytes
            else:
                kept += entry.size_bytes
        return freed

    def clear(self) -> int:
        """Remove every file; bytes freed."""
        return self.prune(0)

    def _index(self) -> list[tuple[Path, tuple[str, Tokens]]]:
        """The files of this moment, with the keys and tokens in them."""
        with self._lock:
            files = set(self._files())
            for gone in self._known.keys() - files:
                del self._known[gone]
            for path in files - self._known.keys():
                read = self._read_tokens(path)
                if read is not None:
                    self._known[path] = read
            return list(self._known.items())

    def _read_tokens(self, path: Path) -> tuple[str, Tokens] | None:
        try:
            with path.open("rb") as file:
                header, start = _read_header(file.read(_MAX_HEADER_BYTES + 32))
                file.seek(start)
                ids = np.fromfile(file, dtype=np.int32, count=int(header["n_tokens"]))
            if len(ids) != header["n_tokens"]:
                raise ValueError("the file is cut")
            return str(header["key"]), ids
        except OSError:
            return None
        except (ValueError, KeyError, TypeError):
            self._remove(path)
            return None

    def _files(self, suffix: str = _SUFFIX) -> list[Path]:
        try:
            # In one call, which leaves nothing open where Ctrl-C interrupts it.
            names = os.listdir(self._folder)
        except OSError:
            return []
        return [self._folder / name for name in names if name.endswith(suffix)]

    def _sweep(self) -> None:
        """Remove what a killed writer left behind an hour ago or more."""
        try:
            for path in self._files(".tmp"):
                # An hour ahead it is, too, where the clock was set back.
                if abs(time.time() - path.stat().st_mtime) > 3600:
                    path.unlink(missing_ok=True)
        except OSError:
            return

    def _forget(self, path: Path) -> None:
        with self._lock:
            self._known.pop(path, None)

    def _remove(self, path: Path) -> bool:
        """Remove a file; False where the system keeps it, as Windows one in use."""
        self._forget(path)
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return False
        return True


def _shared(a: Tokens, b: Tokens) -> int:
    limit = min(len(a), len(b))
    different = np.flatnonzero(a[:limit] != b[:limit])
    return int(different[0]) if len(different) else limit


def _hash(ids: Tokens, state: State) -> str:
    digest = hashlib.sha256(ids.data)
    digest.update(state.data)
    return digest.hexdigest()


def _read_state(path: Path) -> tuple[list[int], State]:
    """Tokens and state of a file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged; KeyError and TypeError say the same.
    """
    # Mapped: a state is large, and it is read once for its hash and once for the KV
    # cache. Files are never changed in place, so it cannot shrink.
    data = np.memmap(path, dtype=np.uint8, mode="r")
    header, start = _read_header(data[: _MAX_HEADER_BYTES + 32].tobytes())
    body = data[start:]
    if hashlib.sha256(body.data).hexdigest() != header["sha256"]:
        raise ValueError("the hash differs")
    tokens = body[: 4 * header["n_tokens"]].view(np.int32)
    return tokens.tolist(), body[4 * header["n_tokens"] :]


def _read_header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header, and where the tokens begin."""
    if data[: len(_MAGIC)] != _MAGIC or len(data) < len(_MAGIC) + 4:
        raise ValueError("not a prefix file")
    (length,) = struct.unpack_from("<I", data, len(_MAGIC))
    start = len(_MAGIC) + 4 + length
    if length > _MAX_HEADER_BYTES or start > len(data):
        raise ValueError("the header is cut")
    header = json.loads(data[len(_MAGIC) + 4 : start])
    if not isinstance(header, dict):
        raise ValueError("the header is no object")
    return header, start + -start % 4
