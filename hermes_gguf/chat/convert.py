"""OpenAI's message dictionaries ↔ our messages.

Shared by the server, the Python API and saved conversations. Knows shapes only: the
order of turns is checked where a prompt is rendered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import MessageError, ToolDefinitionError
from ..messages import (
    AssistantMessage,
    JsonObject,
    Message,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)

_NUMBER = re.compile(r"-?[0-9][-+.0-9eE]*")


def messages_from_openai(messages: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Messages out of OpenAI's dictionaries.

    Raises:
        MessageError: one is malformed; `index` says which.
    """
    return [message_from_openai(m, index=i) for i, m in enumerate(messages)]


def message_from_openai(message: Mapping[str, Any], *, index: int = 0) -> Message:
    """One message out of OpenAI's dictionary.

    Raises:
        MessageError: it is malformed; carries `index`.
    """
    if not isinstance(message, Mapping):
        raise MessageError("a message must be an object", index=index)
    content = _text(message.get("content"), index)
    if message.get("role") == "user" and message.get("content") is None:
        raise MessageError("a user's message needs content", index=index)
    match message.get("role"):
        case "system" | "developer":
            return SystemMessage(content)
        case "user":
            return UserMessage(content)
        case "assistant":
            if message.get("function_call"):
                problem = "function_call is deprecated; use tool_calls"
                raise MessageError(problem, index=index)
            calls = _calls(message.get("tool_calls"), index)
            reasoning = message.get("reasoning_content") or message.get("reasoning")
            return AssistantMessage(content, calls, _text(reasoning, index))
        case "tool":
            name, call_id = message.get("name"), message.get("tool_call_id")
            for field, value in (("name", name), ("tool_call_id", call_id)):
                if value is not None and not isinstance(value, str):
                    raise MessageError(f"{field} must be a string", index=index)
            return ToolMessage(content, name=name, call_id=call_id)
        case role:
            known = "system, developer, user, assistant or tool"
            raise MessageError(f"its role must be {known}, not {role!r}", index=index)


def message_to_openai(message: Message) -> dict[str, Any]:
    """The message as OpenAI's dictionary."""
    out: dict[str, Any] = {"role": message.role, "content": message.content}
    if isinstance(message, ToolMessage):
        out |= {"tool_call_id": message.call_id} if message.call_id else {}
        out |= {"name": message.name} if message.name else {}
    if isinstance(message, AssistantMessage):
        if message.reasoning:
            out["reasoning_content"] = message.reasoning
        if message.tool_calls:
            out["tool_calls"] = [call_to_openai(call) for call in message.tool_calls]
    return out


def call_to_openai(call: ToolCall) -> dict[str, Any]:
    """The call as an entry of OpenAI's `tool_calls`."""
    function = {"name": call.name, "arguments": call.arguments_json}
    return {"id": call.id, "type": "function", "function": function}


def tool_from_openai(tool: Mapping[str, Any]) -> Tool:
    """A tool out of OpenAI's dictionary, or out of the `function` inside of it.

    Raises:
        ToolDefinitionError: it has no name, or a field has the wrong type.
    """
    function = tool.get("function", tool)
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise ToolDefinitionError("?", "a tool needs a function with a name")
    name = function["name"]
    description = function.get("description")
    if not isinstance(description, str | None):
        raise ToolDefinitionError(name, "its description must be a text")
    parameters = function.get("parameters")
    if not isinstance(parameters, Mapping | None):
        raise ToolDefinitionError(name, "its parameters must be a JSON Schema")
    returns = function.get("return")
    if not isinstance(returns, Mapping | None):
        raise ToolDefinitionError(name, "what it returns must be a JSON Schema")
    given = {} if parameters is None else {"parameters": parameters}
    return Tool(name, description or "", returns=returns, **given)


def _text(content: Any, index: int) -> str:
    """The text of a content field: a string, null, or a list of text parts."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        raise MessageError("content must be a string or a list of parts", index=index)
    return "".join(_part(part, index) for part in content)


def _part(part: Any, index: int) -> str:
    if isinstance(part, str):
        return part
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind in ("text", "refusal") and isinstance(text := part.get(kind), str):
        return text
    raise MessageError(f"content of type {kind!r} is not supported", index=index)


def _calls(calls: Any, index: int) -> tuple[ToolCall, ...]:
    if calls is None:
        return ()
    if isinstance(calls, str) or not isinstance(calls, Sequence):
        raise MessageError("tool_calls must be a list", index=index)
    return tuple(_call(call, index) for call in calls)


def _call(call: Any, index: int) -> ToolCall:
    function = call.get("function") if isinstance(call, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(name, str) or not name:
        raise MessageError("a tool call needs a function with a name", index=index)
    arguments, spelled = _arguments(function.get("arguments"), name, index)
    return ToolCall(name, arguments, str(call.get("id") or ""), spelled)


def _arguments(raw: Any, name: str, index: int) -> tuple[JsonObject, str | None]:
    """A call's arguments, and their text where it must stay as it is.

    A text that is no JSON object stays: answers that were cut have such calls, and
    agents send them back with a result that says what is wrong.
    """
    if isinstance(raw, Mapping):
        return raw, None
    if not isinstance(raw, str | None):
        raise MessageError(f"the arguments of {name!r} must be a text", index=index)
    try:
        arguments = json.loads(raw or "{}")
        if isinstance(arguments, dict):
            return arguments, _own_spelling(raw, arguments)
    except (ValueError, RecursionError):
        return {}, raw
    return {}, None if arguments is None else raw


def _own_spelling(raw: str | None, arguments: JsonObject) -> str | None:
    """`raw`, if numbers alone are spelled otherwise than we would: a model did that.

    What it wrote is read again from the KV cache only if it comes back unchanged.
    Other spaces and escapes are a client's, and no model was trained on them.
    """
    if not raw:
        return None
    ours = json.dumps(arguments, ensure_ascii=False)
    return raw if _NUMBER.sub("0", raw) == _NUMBER.sub("0", ours) else None
