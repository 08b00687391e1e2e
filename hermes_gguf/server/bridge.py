"""A blocking generation, iterated from the event loop and closed with the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ..chat.pump import Closeable, Pump

T = TypeVar("T")


class ClientGoneError(Exception):
    """The client closed its connection; nobody reads the answer."""


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


async def iterate(items: Iterator[T], *, heartbeat_s: float) -> AsyncIterator[T | None]:
    """The items, waited for in a thread of their own; None when the wait is long."""
    pump = Pump(items)
    try:
        while True:
            try:
                arrival = await asyncio.wait_for(pump.arrived.get(), heartbeat_s)
            except TimeoutError:
                yield None
                continue
            if not (came := arrival.unpacked()):
                return
            yield came[0]
    finally:
        pump.leave()


async def drain(items: Closeable[T], request: Request) -> list[T]:
    """All items, unless the client goes away first.

    Raises:
        ClientGoneError: it did; the generation was closed.
    """
    return await unless_gone(request, partial(list, items), leave=items.close)


async def unless_gone(
    request: Request, work: Callable[[], T], *, leave: Callable[[], None]
) -> T:
    """What `work` returns, unless the client goes away first.

    Args:
        request: The client's.
        work: Runs in a thread of its own.
        leave: Ends the work soon, also where it is done.

    Raises:
        ClientGoneError: the client is gone.
        Exception: whatever `work` raises.
    """
    gone = asyncio.ensure_future(_until_gone(request))
    # Not one of the threads that all requests share: it may be held for long.
    own = CapacityLimiter(1)
    whole = asyncio.ensure_future(to_thread.run_sync(work, limiter=own))
    try:
        await asyncio.wait({gone, whole}, return_when=asyncio.FIRST_COMPLETED)
        if not whole.done():
            raise ClientGoneError
        return whole.result()
    finally:
        gone.cancel()
        leave()
        await asyncio.wait({whole})
        # Where nobody read the outcome, nobody has to.
        whole.cancelled() or whole.exception()


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
