"""A blocking generation, iterated from the event loop and closed with the client."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Closeable(Iterator[T_co], Protocol[T_co]):
    """An iterator that any thread may close."""

    def close(self) -> None:
        """End the iteration, also for a thread that waits in `next`."""


class ClientGoneError(Exception):
    """The client closed its connection; nobody reads the answer."""


@dataclass(frozen=True, slots=True)
class _Arrival(Generic[T]):
    """The next item; or none at the end, with the error that ended it."""

    items: list[T]
    error: Exception | None = None


class GenerationResponse(StreamingResponse):
    """A stream that closes its generation when it ends, however it ends."""

    def __init__(self, items: Closeable[object], body: AsyncIterator[bytes]) -> None:
        super().__init__(body, media_type="text/event-stream")
        self._items = items

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body; close the generation when the client is gone."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._items.close()


class _Pump(Generic[T]):
    """A thread of its own that goes through an iterator and hands over each item."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._loop = asyncio.get_running_loop()
        self._left = threading.Event()
        self.arrived: asyncio.Queue[_Arrival[T]] = asyncio.Queue()
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
                self._hand_over(_Arrival([item]))
        # Whatever it is, it is raised where the items are read.
        except Exception as error:
            self._hand_over(_Arrival([], error))
        else:
            self._hand_over(_Arrival([]))

    def _hand_over(self, arrival: _Arrival[T]) -> None:
        # A loop that has ended has no reader either.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.arrived.put_nowait, arrival)


async def iterate(items: Iterator[T], *, heartbeat_s: float) -> AsyncIterator[T | None]:
    """The items, waited for in a thread of their own; None when the wait is long.

    One thread goes through all of them: those that wait in the engine's queue would
    else take the threads that the others share.
    """
    pump = _Pump(items)
    try:
        while True:
            try:
                arrival = await asyncio.wait_for(pump.arrived.get(), heartbeat_s)
            except TimeoutError:
                yield None
                continue
            if arrival.error is not None:
                raise arrival.error
            if not arrival.items:
                return
            yield arrival.items[0]
    finally:
        pump.leave()


async def drain(items: Closeable[T], request: Request) -> list[T]:
    """All items, unless the client goes away first.

    Raises:
        ClientGoneError: it did; the generation was closed.
    """
    gone = asyncio.ensure_future(_until_gone(request))
    # Not one of the threads that all requests share: it is held for the whole answer.
    own = CapacityLimiter(1)
    whole = asyncio.ensure_future(to_thread.run_sync(list, items, limiter=own))
    try:
        await asyncio.wait({gone, whole}, return_when=asyncio.FIRST_COMPLETED)
        if not whole.done():
            raise ClientGoneError
        return whole.result()
    finally:
        gone.cancel()
        items.close()
        # The thread ends soon after close(); its outcome has no reader any more.
        await asyncio.wait({whole})


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
