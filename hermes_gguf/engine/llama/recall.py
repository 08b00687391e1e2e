"""What was read once and left the KV cache: kept in memory, and on disk.

Decides what is worth keeping, by the time it took to read, and finds it again for a
new prompt. The files themselves are `prefix_store`'s business, the memory that of
`memory_tier`. Runs in the engine's thread; writing happens in its own.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..prefix_store import PrefixStore, State, StateSource
from .memory_tier import MemoryTier
from .slots import common_prefix
from .turned import turn_values

#: Seconds of reading below which nothing is kept in memory, or on disk.
MEMORY_WORTH_S = 0.5
DISK_WORTH_S = 2.0
#: Of the memory that is free, what a copy on its way to the disk, or from there, may
#: take: a prompt is read again sooner than a machine that swaps gets anything done.
_COPY_SHARE = 0.75
#: A file is written again only when this much of it is new.
_LEAST_NEW_SHARE = 0.25
#: Tokens that a stored state must save to be worth loading.
_LEAST_GAIN_TOKENS = 32


class Recall(Protocol):
    """What the scheduler asks of it."""

    def find(self, prompt: list[int], *, n_have: int) -> tuple[list[int], State] | None:
        """Tokens and state that save more of `prompt` than its first `n_have`."""

    def keep_dropped(
        self, tokens: list[int], worth_s: float, source: StateSource
    ) -> None:
        """Hear that a sequence is about to leave the cache."""

    def keep_read(self, tokens: list[int], worth_s: float, source: StateSource) -> None:
        """Hear that a sequence was read or answered."""

    def close(self) -> None:
        """Finish what is being written."""


class NoRecall:
    """Keeps nothing."""

    def find(self, prompt: list[int], *, n_have: int) -> tuple[list[int], State] | None:
        """Nothing."""
        return None

    def keep_dropped(
        self, tokens: list[int], worth_s: float, source: StateSource
    ) -> None:
        """Do nothing."""

    def keep_read(self, tokens: list[int], worth_s: float, source: StateSource) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A file, how many tokens of it are of use, and whether its values are turned."""

    path: Path
    n_shared: int
    is_turned: bool


class TieredRecall:
    """Memory first, then disk."""

    def __init__(
        self,
        store: PrefixStore | None,
        *,
        key: str,
        title: str,
        free_bytes: Callable[[], int],
        n_ctx: int,
        turned_key: str = "",
    ) -> None:
        """Keep what is worth it.

        Args:
            store: The files; None keeps nothing on disk.
            key: Of the states that this engine reads and writes.
            title: The model, for people.
            free_bytes: Memory that may be taken.
            n_ctx: Tokens of one sequence at most.
            turned_key: Of the states that are the same but for values laid out the
                other way; empty where none are of use.
        """
        self._store = store
        self._key = key
        self._turned_key = turned_key
        self._title = title
        #: What was kept by an engine with a longer context may not fit.
        self._n_ctx = n_ctx
        self._free_bytes = free_bytes
        self._memory = MemoryTier(free_bytes)
        self._writer = _Writer()

    def find(self, prompt: list[int], *, n_have: int) -> tuple[list[int], State] | None:
        """Tokens and state that save more of `prompt` than its first `n_have`."""
        least = n_have + _LEAST_GAIN_TOKENS
        tokens = self._memory.find(prompt)
        shared = common_prefix(tokens, prompt) if tokens else 0
        on_disk = self._on_disk(prompt)
        if on_disk and on_disk.n_shared >= max(least, shared + 1):
            try:
                return self._load(on_disk)
            except MemoryError:
                return None
        if tokens and shared >= least:
            state = self._memory.take(tokens)
            return None if state is None else (tokens, state)
        return None

    def keep_dropped(
        self, tokens: list[int], worth_s: float, source: StateSource
    ) -> None:
        """Keep in memory what leaves the cache, if reading it took long."""
        if worth_s < MEMORY_WORTH_S:
            return
        try:
            self._memory.put(tokens, source)
        except MemoryError:
            self._memory.clear()

    def keep_read(self, tokens: list[int], worth_s: float, source: StateSource) -> None:
        """Write to disk what took long to read, unless it is there; memory allowing."""
        store, key = self._store, self._key
        if store is None or worth_s < DISK_WORTH_S:
            return
        kept = list(tokens)
        found = self._on_disk(kept)
        new_share = 1 - found.n_shared / len(kept) if found is not None else 1.0
        if new_share < _LEAST_NEW_SHARE or worth_s * new_share < DISK_WORTH_S:
            return
        n_bytes = source.size_bytes()
        if not self._may_copy(n_bytes) or not store.takes(n_bytes):
            return
        try:
            state = source.save()
        except MemoryError:
            return
        title = self._title
        self._writer.run(lambda: store.save(kept, state, key=key, title=title))

    def _on_disk(self, tokens: list[int]) -> _Found | None:
        """The file that shares most with `tokens`, best one of our own key."""
        if self._store is None:
            return None
        found = []
        for key in filter(None, (self._key, self._turned_key)):
            hit = self._store.find(tokens, key=key, most_tokens=self._n_ctx)
            if hit is not None:
                found.append(_Found(*hit, is_turned=key == self._turned_key))
        return max(found, key=lambda each: each.n_shared, default=None)

    def _load(self, found: _Found) -> tuple[list[int], State] | None:
        assert self._store is not None
        loaded = self._store.load(found.path)
        if loaded is None or not found.is_turned:
            return loaded
        tokens, state = loaded
        if not self._may_copy(len(state)):
            return None
        turned = turn_values(state)
        if turned is None:
            # Of this model none can be: its prompts are to be kept under our own key.
            self._turned_key = ""
            return None
        return tokens, turned

    def _may_copy(self, n_bytes: int) -> bool:
        return n_bytes <= _COPY_SHARE * self._free_bytes()

    def close(self) -> None:
        """Finish what is being written, and give the memory back."""
        self._writer.close()
        self._memory.close()


class _Writer:
    """Runs one write after the other, in a thread that lives while there are any."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def run(self, task: Callable[[], object]) -> None:
        """Queue a task."""
        with self._lock:
            self._tasks.put(task)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="hermes-gguf-prefix-writer", daemon=True
                )
                self._thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._tasks.empty():
                    self._thread = None
                    return
                task = self._tasks.get()
            task()

    def close(self) -> None:
        """Wait for all tasks."""
        thread = self._thread
        if thread is not None:
            thread.join()
