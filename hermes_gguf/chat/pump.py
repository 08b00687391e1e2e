"""A blocking iterator, read in a thread of its own for an event loop.

One thread goes through all of its items: those that wait in the engine's queue would
else take the threads that everything in the program shares.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Closeable(Iterator[T_co], Protocol[T_co]):
    """An iterator that any thread may close."""

    def close(self) -> None:
        """End the iteration, also for a thread that waits in `next`."""


@dataclass(frozen=True, slots=True)
class Arrival(Generic[T]):
    """The next item; or none at the end, with the error that ended it."""

    items: list[T]
    error: Exception | None = None

    def unpacked(self) -> list[T]:
        """The item; or none at the end.

        Raises:
            Exception: what ended it.
        """
        if self.error is not None:
            raise self.error
        return self.items


class Pump(Generic[T]):
    """A thread of its own that goes through an iterator and hands over each item.

    Attributes:
        arrived: What came, for the event loop in which the pump was made.
    """

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._loop = asyncio.get_running_loop()
        self._left = threading.Event()
        self.arrived: asyncio.Queue[Arrival[T]] = asyncio.Queue()
        threading.Thread(
            target=self._run, name="hermes-gguf-answer", daemon=True
        ).start()

    def leave(self) -> None:
        """Hear that nobody reads any more."""
        self._left.set()

    def _run(self) -> None:
        try:
            for item in self._items:
                if self._left.is_set():
                    return
                self._hand_over(Arrival([item]))
        # Whatever it is, it is raised where the items are read.
        except Exception as error:
            self._hand_over(Arrival([], error))
        else:
            self._hand_over(Arrival([]))

    def _hand_over(self, arrival: Arrival[T]) -> None:
        # A loop that has ended has no reader either.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.arrived.put_nowait, arrival)


async def read_all(items: Closeable[T]) -> AsyncGenerator[T, None]:
    """The items as they come; whoever stops reading, or is cancelled, closes them."""
    pump = Pump(items)
    try:
        while came := (await pump.arrived.get()).unpacked():
            yield came[0]
    finally:
        pump.leave()
        items.close()
