"""Refuse requests that a web page sends under a name of its own.

A page may have its domain point to 127.0.0.1 and then read what the server answers, as
if both were one site ("DNS rebinding"). The Host header gives it away: it names a
domain of the public internet, which nobody uses for a program on his own machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import TYPE_CHECKING

from .refusal import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

#: Ends of names that no public domain has. Source: RFC 6761, RFC 6762, RFC 8375, and
#: ICANN's reservation of .internal.
_PRIVATE = (".localhost", ".local", ".internal", ".home.arpa")


class HostCheck:
    """Hands requests to `app` that name this machine, or a host in `allowed`."""

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(name.lower().rstrip(".") for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it with 403."""
        app = self._app
        if scope["type"] == "http":
            name = host_of(dict(scope["headers"]).get(b"host", b"").decode("latin-1"))
            if not is_private(name) and name not in self._allowed:
                app = refusal(403, _advice(name), code="unknown_host")
        await app(scope, receive, send)


def host_of(header: str) -> str:
    """The name in a Host header, without the port."""
    header = header.strip().lower()
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0].rstrip(".")


def is_private(name: str) -> bool:
    """Whether no public domain can have this name: an address, or a local name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_PRIVATE)
    return True


def _advice(name: str) -> str:
    return (
        f"This server does not answer for the host {name!r}; if that is your name for"
        f" it, start it with --allow-host {name}"
    )
