"""What several wordings share: the official first sentences, and a tool's definition.

Each style's own words are in the style's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...messages import Tool

#: Source: the `tool_use` chat template and the first model cards of Hermes 2 Pro.
OFFICIAL_INTRODUCTION: Final = (
    "You are a function calling AI model. You are provided with function signatures"
    " within <tools></tools> XML tags. You may call one or more functions to assist"
    " with the user query. Don't make assumptions about what values to plug into"
    " functions. Here are the available tools: <tools> "
)


def function_definition(
    tool: Tool, *, description: str | None = None
) -> dict[str, object]:
    """The tool in OpenAI's nesting, without what it returns.

    Args:
        tool: The tool.
        description: In place of the tool's own.
    """
    function = {
        "name": tool.name,
        "description": tool.description if description is None else description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}


def description_of(schema: Any) -> str:
    """What a schema says of its values; empty when it says nothing."""
    text = schema.get("description") if isinstance(schema, Mapping) else None
    return text if isinstance(text, str) else ""
