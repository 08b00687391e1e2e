"""A request for a message → the same request to the chat endpoint. Pure.

From there on both take one road, so that a prompt, a grammar and a refusal are the
same in both. It refuses what that road does not know.
"""

from __future__ import annotations

import json
from typing import Any

from ...errors import OptionError
from ..conversation import Conversation
from ..other_fields import OtherFields, undeclared
from ..wire import ChatCompletionRequest, SamplingWire
from .wire import CountRequest, MessagesRequest

FIELDS = OtherFields(
    refused={
        "container": "nothing is run here",
        "mcp_servers": "connect to them yourself, and send their tools",
        "compaction": "ask for a summary in a message of yours",
    },
    moved={
        "stop": "stop_sequences",
        "max_completion_tokens": "max_tokens",
        "response_format": "output_config.format",
        "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
        "reasoning_effort": "thinking",
        "chat_template_kwargs": "thinking",
        "functions": "tools",
        "function_call": "tool_choice",
    },
    chat_only={
        "n": 1,
        "logprobs": False,
        "top_logprobs": 0,
        "modalities": ["text"],
        "audio": None,
    },
)
_CHOICES: dict[str, Any] = {"auto": "auto", "any": "required", "none": "none"}


def to_chat(request: CountRequest, conversation: Conversation) -> ChatCompletionRequest:
    """The request as the chat endpoint knows it.

    Raises:
        OptionError: a field asks for something that is not supported.
    """
    _refuse_unsupported(request)
    said: dict[str, Any] = {
        name: getattr(request, name) for name in SamplingWire.model_fields
    }
    said["stop"] = request.stop_sequences
    choice, is_parallel = _tool_choice(request.tool_choice)
    limit = request.max_tokens if isinstance(request, MessagesRequest) else None
    return ChatCompletionRequest(
        **undeclared(request),
        **said,
        messages=conversation.messages,
        tools=_tools(request),
        tool_choice=choice,
        parallel_tool_calls=is_parallel,
        response_format=_format(request),
        max_completion_tokens=limit,
        # Whoever lets the model decide leaves it to what it was trained to do.
        thinking=request.thinking is not None and request.thinking.type == "enabled",
    )


def _refuse_unsupported(request: CountRequest) -> None:
    FIELDS.refuse_own(request)
    if request.stop:
        raise OptionError("stop", f"is called {FIELDS.moved['stop']} in this API")
    FIELDS.refuse_chats(request)


def _tools(request: CountRequest) -> Any:
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.input_schema,
            },
        }
        for tool in request.tools or ()
    ]


def _tool_choice(choice: Any) -> tuple[Any, bool]:
    """The choice, and whether one answer may hold several calls."""
    wanted: Any
    match choice:
        case None:
            return None, True
        case {"type": "auto" | "any" | "none" as kind}:
            wanted = _CHOICES[kind]
        case {"type": "tool", "name": str(name)}:
            wanted = {"type": "function", "function": {"name": name}}
        case _:
            problem = (
                f'{json.dumps(choice)[:200]} is none of {{"type": "auto"}}, "any",'
                ' "none", {"type": "tool", "name": ...}'
            )
            raise OptionError("tool_choice", problem)
    is_single = choice.get("disable_parallel_tool_use", False)
    if not isinstance(is_single, bool | None):
        name = FIELDS.moved["parallel_tool_calls"]
        raise OptionError(name, "must be true or false")
    return wanted, not is_single


def _format(request: CountRequest) -> Any:
    config = request.output_config
    wanted = (config and config.format) or request.output_format
    return wanted and {"type": "json_schema", "schema": wanted.schema_}
