"""A request for a response → the same request to the chat endpoint. Pure.

From there on both take one road, so that a prompt, a grammar and a refusal are the
same in both. It refuses what that road does not know, and what needs a memory.
"""

from __future__ import annotations

from typing import Any

from ...errors import OptionError
from ..conversation import Conversation
from ..convert import no_tool_choice
from ..other_fields import OtherFields, undeclared
from ..wire import ChatCompletionRequest, GenerationWire
from .wire import FunctionToolWire, JsonSchemaFormatWire, ResponsesRequest

_WHOLE = "send the whole conversation as input; nothing is kept here"
_LOGPROBS = "message.output_text.logprobs"
FIELDS = OtherFields(
    refused={
        "previous_response_id": _WHOLE,
        "conversation": _WHOLE,
        "prompt": "send the text itself, as instructions and input",
        "background": "ask with stream: true, and wait",
        "moderation": "nothing is moderated here",
        "context_management": "shorten the conversation before you send it",
    },
    moved={
        "messages": "input",
        "max_tokens": "max_output_tokens",
        "max_completion_tokens": "max_output_tokens",
        "response_format": "text.format",
        "reasoning_effort": "reasoning.effort",
        "functions": "tools",
        "function_call": "tool_choice",
    },
    chat_only={
        "n": 1,
        "logprobs": False,
        "modalities": ["text"],
        "audio": None,
    },
)


def to_chat(
    request: ResponsesRequest, conversation: Conversation
) -> ChatCompletionRequest:
    """The request as the chat endpoint knows it.

    Raises:
        OptionError: a field asks for something that is not supported.
    """
    _refuse_unsupported(request)
    said: dict[str, Any] = {
        name: getattr(request, name) for name in GenerationWire.model_fields
    }
    said["tool_choice"] = _tool_choice(request.tool_choice)
    return ChatCompletionRequest(
        **undeclared(request),
        **said,
        messages=conversation.messages,
        tools=[_tool(tool) for tool in request.tools or ()],  # type: ignore[misc]
        response_format=_format(request),
        max_completion_tokens=request.max_output_tokens,
        reasoning_effort=request.reasoning.effort if request.reasoning else None,
        logprobs=bool(request.top_logprobs) or _LOGPROBS in (request.include or ()),
        top_logprobs=request.top_logprobs,
    )


def _refuse_unsupported(request: ResponsesRequest) -> None:
    FIELDS.refuse_own(request)
    if request.truncation not in (None, "disabled"):
        problem = "a conversation is never shortened here"
        raise OptionError("truncation", problem, hint="shorten it before you send it")
    FIELDS.refuse_chats(request)


def _tool(tool: FunctionToolWire) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "return": tool.returns,
    }
    return {"type": "function", "function": function}


def _tool_choice(choice: Any) -> Any:
    match choice:
        case None | "auto" | "none" | "required":
            return choice
        case {"type": "function", "name": str(name)}:
            return {"type": "function", "function": {"name": name}}
    raise OptionError("tool_choice", no_tool_choice(choice, named='"name": ...'))


def _format(request: ResponsesRequest) -> Any:
    wanted = request.text and request.text.format
    if isinstance(wanted, JsonSchemaFormatWire):
        return {"type": "json_schema", "schema": wanted.schema_}
    return wanted or None
