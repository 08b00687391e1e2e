"""What a server's tool gave back → a value that the tool loop renders for the model.

Structured content comes before its text; what is neither is named, never dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.types import CallToolResult


class ToolFailedError(Exception):
    """The server says that the call failed; the message is its own."""


def read_result(result: CallToolResult) -> Any:
    """The value of a result: a JSON value, or a text.

    Raises:
        ToolFailedError: the server marked it as an error.
    """
    text = "\n".join(_text_of(part) for part in result.content)
    if result.is_error:
        raise ToolFailedError(text or "the server gave no reason")
    structured = result.structured_content
    if structured is None:
        return text
    # SDKs wrap what is no object, such as a number, under this one key.
    return structured["result"] if list(structured) == ["result"] else structured


def _text_of(part: Any) -> str:
    match part.type:
        case "text":
            return str(part.text)
        case "image" | "audio":
            n_bytes = len(part.data) * 3 // 4
            return f"[{part.type} {part.mime_type}, {n_bytes} bytes: not shown]"
        case "resource":
            inside = getattr(part.resource, "text", None)
            uri = part.resource.uri
            return f"[resource {uri}: not shown]" if inside is None else str(inside)
        case "resource_link":
            return f"[resource {part.uri}]"
        case other:
            return f"[{other}: not shown]"
