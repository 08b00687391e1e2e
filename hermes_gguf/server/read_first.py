"""A request is read to its end before its reply is sent.

A route that is not there, or a refusal, replies at once. uvicorn then hangs up on a
client that is still sending, which may lose the reply with it. Knows ASGI alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ReadFirst:
    """An ASGI app around another one, whose replies wait for the request's end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        more = True

        async def read() -> Message:
            nonlocal more
            message = await receive()
            more = message.get("more_body", False)
            return message

        async def reply(message: Message) -> None:
            while more:
                await read()
            await send(message)

        await self._app(scope, read, reply)
