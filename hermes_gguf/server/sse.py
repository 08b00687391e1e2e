"""Server-sent events as bytes. Knows the wire format, not what it carries."""

from __future__ import annotations

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def data(payload: dict[str, Any]) -> bytes:
    """One event that carries a JSON document."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode()


def event(payload: dict[str, Any]) -> bytes:
    """One event that is named by the `type` of its document."""
    return f"event: {payload['type']}\n".encode() + data(payload)


def comment(text: str) -> bytes:
    """A line that clients ignore; it keeps the connection alive."""
    return f": {text}\n\n".encode()
