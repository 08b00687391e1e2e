"""A worker that listens on a port answers its front, and no other program.

Where there are no sockets with an owner, every program of the machine reaches the
port, and so does a web page in a browser. The front's checks would not stand before it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ..refusal import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

#: What the front says in each request.
HEADER = b"x-hermes-front"


class FrontOnly:
    """Hands requests to `app` that have the key."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it with 403."""
        app = self._app
        if scope["type"] == "http":
            said = dict(scope["headers"]).get(HEADER, b"")
            if not secrets.compare_digest(said, self._key):
                message = "This is a part of another server, which alone may ask here."
                app = refusal(403, message, code="not_the_front")
        await app(scope, receive, send)
