"""Requests that are too long for any prompt are refused before they fill the memory.

A body is read whole and parsed at one go, and nobody else is served meanwhile. Knows
ASGI alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .refusal import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Some 100 bytes for each token of the longest context there is, 131,072 tokens.
MOST_BYTES = 16 << 20


class BodyLimit:
    """Hands requests to `app` whose body has at most `most_bytes`."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it with 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        n_bytes = int(declared) if declared.isdigit() else 0
        is_started = False
        if n_bytes <= self._most_bytes:
            n_bytes = 0

            async def read() -> Message:
                nonlocal n_bytes
                message = await receive()
                n_bytes += len(message.get("body", b""))
                # For the app this is a client that has left.
                too_long = n_bytes > self._most_bytes
                return {"type": "http.disconnect"} if too_long else message

            async def reply(message: Message) -> None:
                nonlocal is_started
                if is_started or n_bytes <= self._most_bytes:
                    is_started = True
                    await send(message)

            await self._app(scope, read, reply)
        if n_bytes > self._most_bytes and not is_started:
            most = f"{self._most_bytes >> 20} MiB"
            message = f"the request is longer than {most}; no context holds it"
            refuse = refusal(413, message, code="request_too_large")
            await refuse(scope, receive, send)
