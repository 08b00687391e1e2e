"""Counts the requests that pass, and answers GET /metrics. Knows ASGI alone.

It stands in the process that clients reach, so that to ask costs no model its rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..api_key import KeyCheck
from .exposition import CONTENT_TYPE, Figures, Requests, exposition

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/metrics"
#: What requests are counted by; anything else anybody may invent.
_ENDPOINTS = frozenset(
    {
        "/",
        "/health",
        "/detokenize",
        "/tokenize",
        "/tokenizer_info",
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/messages",
        "/v1/messages/count_tokens",
        "/v1/models",
        "/v1/responses",
    }
)
#: The status of who left before there was one.
_GONE = 499


@dataclass(frozen=True, slots=True)
class MetricsRules:
    """Who may ask for the metrics.

    Attributes:
        key: What has to be sent for them, or None.
    """

    key: str | None = None

    def door(self, figures: Callable[[], Figures]) -> Callable[[ASGIApp], ASGIApp]:
        """What puts the door before an app; `figures` is as there."""
        return partial(MetricsDoor, figures=figures, key=self.key)


class MetricsDoor:
    """An ASGI app around another one, whose requests are counted."""

    def __init__(
        self, app: ASGIApp, *, figures: Callable[[], Figures], key: str | None
    ) -> None:
        """Stand before `app`.

        Args:
            app: What answers.
            figures: What the model does; asked at each scrape.
            key: What whoever asks for the metrics must send, or None.
        """
        self._app = app
        self._figures = figures
        self._told = KeyCheck(self._tell, key=key) if key else self._tell
        self._in_progress = 0
        self._answered: Counter[tuple[str, int]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == PATH:
            await self._told(scope, receive, send)
        else:
            await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = _GONE

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._in_progress += 1
        try:
            await self._app(scope, receive, note)
        finally:
            self._in_progress -= 1
            self._answered[_endpoint(scope["path"]), status] += 1

    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["method"] in ("GET", "HEAD")
        requests = Requests(self._in_progress, self._answered)
        body = exposition(self._figures(), requests).encode() if is_read else b""
        headers = [(b"content-type", CONTENT_TYPE)]
        headers += [] if is_read else [(b"allow", b"GET, HEAD")]
        headers.append((b"content-length", str(len(body)).encode()))
        status = 200 if is_read else 405
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        shown = body if scope["method"] == "GET" else b""
        await send({"type": "http.response.body", "body": shown})


def _endpoint(path: str) -> str:
    if path.startswith("/v1/models/"):
        return "/v1/models"
    return path if path in _ENDPOINTS else "other"
