"""Conversations as values: messages, tool calls, tools, and the choice of tool.

Pure values: two messages with the same content are equal. Nothing here knows how
a prompt is written (`prompt`), how OpenAI spells the wire (`server.wire`), or how a
Python function becomes a tool (`tools`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

JsonObject: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that a model made: `name(**arguments)`.

    Attributes:
        name: The tool's name, exactly as the model wrote it.
        arguments: The decoded arguments object.
        id: Made by us, unique in a conversation; the model never sees it.
        raw_arguments: The arguments' text as the model wrote it, when there is one.
    """

    name: str
    arguments: JsonObject
    id: str = field(default="", compare=False)
    raw_arguments: str | None = field(default=None, compare=False)

    @property
    def arguments_json(self) -> str:
        """The arguments as JSON text, the model's own spelling where known."""
        if self.raw_arguments is not None:
            return self.raw_arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """Instructions that stand before the conversation."""

    content: str
    role: Literal["system"] = "system"


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the person wrote."""

    content: str
    role: Literal["user"] = "user"


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model wrote: text, calls, or both; `reasoning` was inside <think>."""

    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    reasoning: str = ""
    role: Literal["assistant"] = "assistant"


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """The result of one call, as text; `name` and `call_id` say which call."""

    content: str
    name: str | None = None
    call_id: str | None = None
    role: Literal["tool"] = "tool"


Message: TypeAlias = SystemMessage | UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call.

    Attributes:
        name: What the model writes to call it.
        description: One or more sentences; empty when there is none.
        parameters: JSON Schema of the arguments object.
        returns: JSON Schema of the result (with `description`), or None.
    """

    name: str
    description: str = ""
    parameters: JsonObject = field(
        default_factory=lambda: {"type": "object", "properties": {}}
    )
    returns: JsonObject | None = None

    def to_json(self) -> dict[str, Any]:
        """The tool in OpenAI's nesting, keys in the order of Hermes's training."""
        function: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "parameters": dict(self.parameters),
        }
        if self.returns is not None:
            function["return"] = dict(self.returns)
        return {"type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class NamedTool:
    """tool_choice that forces one call of the tool with this name."""

    name: str


#: auto: the model decides; required: at least one call; none: no tools shown.
ToolChoice: TypeAlias = Literal["auto", "required", "none"] | NamedTool
