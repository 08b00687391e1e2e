"""One HTTP request to the worker, and its reply piece by piece as it arrives.

A connection for each: hanging up is how a request is cancelled. HTTP itself is h11's,
the library that uvicorn speaks it with. It knows no ASGI and no supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Iterable

import h11

from ...errors import EngineUnavailableError
from .frames import Address
from .front_only import HEADER

_READ_BYTES = 1 << 16
#: Headers that are about one connection, not about the message.
_HOP_BY_HOP = {
    b"connection",
    b"expect",
    b"keep-alive",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"upgrade",
}

_OUT_OF_FILES = (errno.EMFILE, errno.ENFILE)

Headers = list[tuple[bytes, bytes]]


class WorkerLostError(Exception):
    """The worker hung up, or was never there."""


class Exchange:
    """A request under way; close it to cancel it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str = ""
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._key = key
        self._http = h11.Connection(h11.CLIENT)

    @classmethod
    async def connect(cls, address: Address) -> Exchange:
        """Connect to a worker.

        Raises:
            WorkerLostError: nobody is there.
            EngineUnavailableError: this process may open no further connection.
        """
        try:
            if isinstance(address, str):
                return cls(*await asyncio.open_unix_connection(address))
            streams = await asyncio.open_connection("127.0.0.1", address.port)
            return cls(*streams, address.key)
        except OSError as error:
            if error.errno in _OUT_OF_FILES:
                raise EngineUnavailableError(
                    "The server has too many connections at once.",
                    hint="come again in a moment; ulimit -n allows more of them",
                ) from error
            raise WorkerLostError from error

    async def send_head(
        self, method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]]
    ) -> None:
        """Send the first part of the request."""
        kept = without_hop_by_hop(headers)
        kept.append((b"connection", b"close"))
        if all(name != b"host" for name, _ in kept):
            # HTTP/1.0 may leave it out, which is what old probes speak; ours may not.
            kept.append((b"host", b""))
        if self._key:
            kept = [item for item in kept if item[0] != HEADER]
            kept.append((HEADER, self._key.encode()))
        await self._send(h11.Request(method=method, target=target, headers=kept))

    async def send_body(self, piece: bytes, *, more: bool) -> None:
        """Send the next piece of the body."""
        if piece:
            await self._send(h11.Data(data=piece))
        if not more:
            await self._send(h11.EndOfMessage())

    async def head(self) -> tuple[int, Headers]:
        """Wait for the reply's status and headers.

        Raises:
            WorkerLostError: it hung up.
        """
        while True:
            event = await self._next()
            if isinstance(event, h11.Response):
                return event.status_code, list(event.headers)

    async def body(self) -> AsyncIterator[bytes]:
        """The reply's body as it arrives.

        Raises:
            WorkerLostError: it hung up before the end.
        """
        while True:
            event = await self._next()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return

    def close(self) -> None:
        """Hang up."""
        self._writer.close()

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
        # Who hung up may have replied before: that is read, not written.
        with contextlib.suppress(OSError):
            await self._writer.drain()

    async def _next(self) -> h11.Event:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(_READ_BYTES))
        except (OSError, h11.RemoteProtocolError) as error:
            raise WorkerLostError from error
        assert isinstance(event, h11.Event)
        if isinstance(event, h11.ConnectionClosed):
            raise WorkerLostError
        return event


def without_hop_by_hop(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers that go on to the next connection."""
    return [(name, value) for name, value in headers if name not in _HOP_BY_HOP]
