"""How a failure is spelled for whom: as OpenAI does, and on its routes as Anthropic.

Whoever refuses a request knows its path, and what is wrong in OpenAI's words; nothing
else is needed, so that a refusal before any route is spelled right too.

Source: Anthropic API reference, "Errors".
"""

from __future__ import annotations

from typing import Any

from . import sse

Json = dict[str, Any]

#: Where Anthropic's API is.
MESSAGES = "/v1/messages"
#: HTTP status → Anthropic's `type`; other ones are the request's or the server's fault.
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    503: "overloaded_error",
}


def spelled(body: Json, *, path: str, status: int) -> Json:
    """An error's body as clients of `path` read it.

    Args:
        body: OpenAI's.
        path: The path of the request.
        status: The HTTP status.
    """
    if not _is_anthropic(path):
        return body
    blamed = "invalid_request_error" if status < 500 else "api_error"
    kind = _TYPES.get(status, blamed)
    return {
        "type": "error",
        "error": {"type": kind, "message": body["error"]["message"]},
    }


def last_event(body: Json, *, path: str, status: int) -> bytes:
    """The event that ends a stream with an error; the arguments are `spelled`'s."""
    # Anthropic's client passes over events without a name.
    write = sse.event if _is_anthropic(path) else sse.data
    return write(spelled(body, path=path, status=status))


def _is_anthropic(path: str) -> bool:
    return path == MESSAGES or path.startswith(f"{MESSAGES}/")
