"""Sequence states in host memory: a share of what is free, never more than that.

What is free changes while nobody asks: another program starts. So the states are
looked after by a thread of their own, which lives while there are any and gives the
oldest back when memory gets short. It knows nothing of disks and worth.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..prefix_store import State, StateSource
from .slots import common_prefix

_SHARE = 0.2
_MAX_BYTES = 2 << 30
#: Seconds between two looks at what is free.
_WATCH_S = 3.0


class MemoryTier:
    """States in memory, within a share of what is free; it shrinks under pressure."""

    def __init__(
        self, free_bytes: Callable[[], int], *, watch_s: float = _WATCH_S
    ) -> None:
        self._free_bytes = free_bytes
        self._watch_s = watch_s
        self._lock = threading.Lock()
        #: The oldest first.
        self._kept: list[tuple[list[int], State]] = []
        self._watcher: threading.Thread | None = None
        self._closed = threading.Event()

    def find(self, prompt: list[int]) -> list[int] | None:
        """The kept tokens that share most with `prompt`."""
        with self._lock:
            tokens = [kept for kept, _ in self._kept]
        return max(tokens, key=lambda kept: common_prefix(kept, prompt), default=None)

    def take(self, tokens: list[int]) -> State | None:
        """The state of `tokens`, which leaves the memory; None if it has left."""
        with self._lock:
            for index, (kept, _) in enumerate(self._kept):
                if kept == tokens:
                    return self._kept.pop(index)[1]
        return None

    def put(self, tokens: list[int], source: StateSource) -> None:
        """Keep a state, dropping the oldest ones to fit; one too large is not copied.

        Raises:
            MemoryError: there is none for the copy.
        """
        n_bytes = source.size_bytes()
        with self._lock:
            self._kept = [entry for entry in self._kept if entry[0] != tokens]
            fits = n_bytes <= self._budget()
            self._shrink(for_bytes=n_bytes if fits else 0)
            if fits:
                self._kept.append((list(tokens), source.save()))
                self._watch()

    def clear(self) -> None:
        """Give everything back."""
        with self._lock:
            self._kept.clear()

    def close(self) -> None:
        """Give everything back, and end the thread."""
        self._closed.set()
        self.clear()
        watcher = self._watcher
        if watcher is not None:
            watcher.join()

    def size_bytes(self) -> int:
        """Bytes of all states."""
        return sum(len(state) for _, state in self._kept)

    def _budget(self) -> int:
        """Bytes that all states together may take."""
        # What is held now is not free, but is ours to give.
        ours = self._free_bytes() + self.size_bytes()
        return min(_MAX_BYTES, int(_SHARE * ours))

    def _shrink(self, *, for_bytes: int = 0) -> None:
        """Drop the oldest until the rest fits beside `for_bytes`."""
        budget = self._budget()
        while self._kept and self.size_bytes() + for_bytes > budget:
            self._kept.pop(0)

    def _watch(self) -> None:
        if self._watcher is None and not self._closed.is_set():
            self._watcher = threading.Thread(
                target=self._run, name="hermes-gguf-memory", daemon=True
            )
            self._watcher.start()

    def _run(self) -> None:
        while not self._closed.wait(self._watch_s):
            with self._lock:
                self._shrink()
                if not self._kept:
                    self._watcher = None
                    return
