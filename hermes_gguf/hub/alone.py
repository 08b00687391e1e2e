"""One process at a time brings a file; who comes second waits, and says so."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

from .progress import OnProgress, TransferProgress

#: A shorter wait is not worth a word.
_PATIENCE_S = 0.5


@contextmanager
def alone(lock: Path, *, filename: str, on_progress: OnProgress) -> Iterator[None]:
    """Within the block, no other process is in one with this lock.

    Args:
        lock: A file for it; its folder need not exist.
        filename: What is waited for.
        on_progress: Hears that another one is in there.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with plain_locks(), ExitStack() as stack:
        try:
            stack.enter_context(WeakFileLock(lock, timeout=_PATIENCE_S))
        except TimeoutError:
            on_progress(
                TransferProgress(
                    phase="queue", filename=filename, done_bytes=0, total_bytes=None
                )
            )
            stack.enter_context(WeakFileLock(lock))
        yield


@contextmanager
def plain_locks() -> Iterator[None]:
    """Nothing to tell a person: a disk without `flock` is locked by a file's name."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="flock not supported")
        yield
