"""A blocking generation, iterated from the event loop and closed with the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Protocol, TypeVar

from anyio import to_thread
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
    """The items, each waited for in a thread; None whenever the wait is long."""
    end = object()
    while True:
        waiting = asyncio.ensure_future(
            to_thread.run_sync(next, items, end, abandon_on_cancel=True)
        )
        try:
            while not (await asyncio.wait({waiting}, timeout=heartbeat_s))[0]:
                yield None
        except BaseException:
            waiting.cancel()
            raise
        item = waiting.result()
        if item is end:
            return
        yield item  # type: ignore[misc]


async def drain(items: Closeable[T], request: Request) -> list[T]:
    """All items, unless the client goes away first.

    Raises:
        ClientGoneError: it did; the generation was closed.
    """
    gone = asyncio.ensure_future(_until_gone(request))
    whole = asyncio.ensure_future(to_thread.run_sync(list, items))
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
