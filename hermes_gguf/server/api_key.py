"""Who does not have the key is refused before anything of his request is read.

Knows ASGI alone.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from .refusal import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_GUARDED = ("/v1", "/tokenize", "/detokenize", "/tokenizer_info", "/metrics")


class KeyCheck:
    """Hands requests to `app` that have the key, or are not for the API."""

    def __init__(self, app: ASGIApp, *, key: str) -> None:
        self._app = app
        # Some clients write headers in UTF-8, others in Latin-1.
        ways = (("utf-8", "surrogateescape"), ("latin-1", "replace"))
        self._keys = [key.encode(encoding, errors) for encoding, errors in ways]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it with 401."""
        app = self._app
        if scope["type"] == "http" and _is_guarded(scope["path"]):
            if not any(map(self._is_key, _said(dict(scope["headers"])))):
                app = refusal(
                    401,
                    "wrong or missing API key",
                    code="invalid_api_key",
                    headers={"www-authenticate": "Bearer"},
                )
        await app(scope, receive, send)

    def _is_key(self, said: bytes) -> bool:
        return any(secrets.compare_digest(said, key) for key in self._keys)


def _is_guarded(path: str) -> bool:
    return any(path == part or path.startswith(f"{part}/") for part in _GUARDED)


def _said(headers: dict[bytes, bytes]) -> list[bytes]:
    """What may be the key: each API's clients have a header for it."""
    return [_token(headers.get(b"authorization", b"")), headers.get(b"x-api-key", b"")]


def _token(header: bytes) -> bytes:
    """The key in a header, whose scheme has no case."""
    scheme, _, token = header.partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else header
