"""Reads the golden cases: OpenAI-style dictionaries → our messages and tools."""

from __future__ import annotations

import json
from typing import Any

from hermes_gguf.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from tests.support.shared import shared_path

GOLDEN = "hermes/golden/hermes2pro_tool_use_golden.json"


def golden_case(name: str) -> dict[str, Any]:
    case = json.loads(shared_path(GOLDEN).read_text("utf-8"))[name]
    case["expected"] = case["expected"].removeprefix("<|begin_of_text|>")
    return dict(case)


def read_message(data: dict[str, Any]) -> Message:
    content = data.get("content") or ""
    match data["role"]:
        case "system":
            return SystemMessage(content)
        case "user":
            return UserMessage(content)
        case "tool":
            return ToolMessage(content, name=data.get("name"))
        case _:
            calls = (call["function"] for call in data.get("tool_calls", ()))
            return AssistantMessage(content, tuple(map(read_call, calls)))


def read_call(data: dict[str, Any]) -> ToolCall:
    arguments = data["arguments"]
    if isinstance(arguments, str):
        parsed = json.loads(arguments)
        return ToolCall(data["name"], parsed, raw_arguments=arguments)
    return ToolCall(data["name"], arguments)


def read_tool(data: dict[str, Any]) -> Tool:
    function = data["function"]
    return Tool(
        function["name"],
        function["description"],
        function["parameters"],
        function.get("return"),
    )
