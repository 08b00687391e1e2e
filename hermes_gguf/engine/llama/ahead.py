"""Begin in another thread what will be wanted in a moment.

It pays where this thread is about to wait for the disk, or for C that leaves Python
free, as llama.cpp does while it reads a model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """A call of `make` that began when this was made."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._made.append(self._make())
        except BaseException as error:  # raised again for whoever asks
            self._error = error

    def result(self) -> T:
        """What it returned, once it has; what it raised is raised here."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._made[0]
