"""The end of a server while it still answers: each client is told, nothing is logged.

uvicorn waits a while for the answers under way and then cancels them with a stack trace
in the terminal. Here they are ended a moment before, with an error that says why.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from ..errors import EngineUnavailableError
from .error_form import last_event, spelled
from .errors import status_of, to_wire

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Seconds that answers under way get to end by themselves.
GRACE_S = 2


class Farewell:
    """An ASGI app around another, whose answers can all be ended at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        task = asyncio.current_task()
        assert task is not None
        started: list[Message] = []

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            await send(message)

        self._running.add(task)
        try:
            await self._app(scope, receive, send_and_note)
        except asyncio.CancelledError:
            if scope["type"] == "http":
                await _say_goodbye(send, started, scope["path"])
        finally:
            self._running.discard(task)

    def end_all(self) -> None:
        """End every answer that is under way."""
        for task in self._running:
            task.cancel()


class Server(uvicorn.Server):
    """A server that ends its answers itself when it shuts down."""

    def __init__(self, config: uvicorn.Config, farewell: Farewell) -> None:
        super().__init__(config)
        self._farewell = farewell

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End so when the terminal closes too, unless that is to be ignored."""
        with super().capture_signals(), self._ends_by("SIGHUP"):
            yield

    @contextmanager
    def _ends_by(self, name: str) -> Iterator[None]:
        number = getattr(signal, name, None)
        is_main = threading.current_thread() is threading.main_thread()
        if number is None or not is_main or signal.getsignal(number) is signal.SIG_IGN:
            yield
            return
        before = signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            signal.signal(number, before)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, wait for the answers under way, then end them."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(GRACE_S, self._farewell.end_all)
        await super().shutdown(sockets)
        timer.cancel()


async def _say_goodbye(send: Send, started: Sequence[Message], path: str) -> None:
    error = EngineUnavailableError(
        "The server was stopped before this answer was complete."
    )
    body, status = to_wire(error), status_of(error)
    if started:
        streams = b"text/event-stream" in dict(started[0]["headers"]).get(
            b"content-type", b""
        )
        text = last_event(body, path=path, status=status) if streams else b""
    else:
        text = json.dumps(spelled(body, path=path, status=status)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(text)).encode()),
        ]
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
    await send({"type": "http.response.body", "body": text, "more_body": False})
