"""The Messages wire: what is read from a request. Shapes only, as in `server.wire`.

Messages stay as they came: `turns` reads them and names the culprit. What the chat
endpoint takes beside OpenAI's fields (`min_p`, `seed`, ...) is taken here too.

What cannot change the answer is ignored: `cache_control` (a prompt is kept anyway),
`metadata`, `service_tier`, `context_management` (nothing is shortened here),
`output_config.effort`, and the header `anthropic-beta`.

Source: Anthropic API reference, "Create a Message".
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from ..wire import SamplingWire, TokenLimit, Wire


class ToolWire(Wire):
    """A tool that the client runs."""

    type: Literal["custom"] | None = None
    name: str
    description: str | None = None
    input_schema: dict[str, Any]


def _only_own(tool: Any) -> Any:
    kind = tool.get("type") if isinstance(tool, dict) else None
    if kind not in (None, "custom"):
        raise PydanticCustomError(
            "tool_type",
            "a tool of type {kind} is not served; declare one with an input_schema"
            " that your own program runs",
            {"kind": repr(kind)},
        )
    return tool


class FormatWire(Wire):
    """A JSON document that obeys a schema."""

    type: Literal["json_schema"]
    schema_: dict[str, Any] = Field(alias="schema")


class OutputConfigWire(Wire):
    """What the text of an answer is."""

    format: FormatWire | None = None


class ThinkingWire(Wire):
    """Whether the model is to reason first; how much, nobody can tell it."""

    type: Literal["enabled", "disabled", "adaptive"]


class CountRequest(SamplingWire):
    """The body of POST /v1/messages/count_tokens."""

    messages: list[dict[str, Any]]
    #: A text or a list of text blocks.
    system: Any = None
    tools: list[Annotated[ToolWire, BeforeValidator(_only_own)]] | None = None
    #: An object; `request` reads it, and names what it cannot be.
    tool_choice: Any = None
    stop_sequences: list[str] | None = None
    thinking: ThinkingWire | None = None
    output_config: OutputConfigWire | None = None
    #: The same, where older clients put it.
    output_format: FormatWire | None = None

    container: Any = None
    mcp_servers: Any = None


class MessagesRequest(CountRequest):
    """The body of POST /v1/messages."""

    max_tokens: TokenLimit

    compaction: Any = None
    thread: Any = None
