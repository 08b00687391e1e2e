"""Serve the chat page to browsers. Knows ASGI and files; the page asks the API itself.

It stands before the app, so that it is there while the model still loads.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_INDEX = "index.html"
_FOLDER = "/page/"
_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
#: What the model writes is shown as text. Should that ever fail, no browser runs it,
#: and nothing leaves for another machine.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    # A newer program has another page, under the same name.
    "cache-control": "no-cache",
    # Programs that ask for the same address get a text.
    "vary": "accept",
}


class ChatPage:
    """Answers for the page's files; all else goes to `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        name = _file_for(scope) if scope["type"] == "http" else None
        app = self._app if name is None else _reply(name)
        await app(scope, receive, send)


def _file_for(scope: Scope) -> str | None:
    """The page's file that is asked for, if one is."""
    if scope["method"] not in ("GET", "HEAD"):
        return None
    path = scope["path"]
    if path == "/":
        accepted = dict(scope["headers"]).get(b"accept", b"")
        return _INDEX if b"text/html" in accepted else None
    name = path.removeprefix(_FOLDER)
    return name if name != path and name in page_files() else None


@lru_cache(maxsize=1)
def page_files() -> dict[str, bytes]:
    """The page's files by name."""
    folder = resources.files(__package__) / "files"
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def _reply(name: str) -> ASGIApp:
    from starlette.responses import Response

    kind = _KINDS[name.rpartition(".")[2]]
    return Response(page_files()[name], media_type=kind, headers=_HEADERS)
