"""A request for a response → the same request to the chat endpoint. Pure.

From there on both take one road, so that a prompt, a grammar and a refusal are the
same in both. It refuses what that road does not know, and what needs a memory.
"""

from __future__ import annotations

from typing import Any

from ...errors import OptionError
from ..conversation import Conversation
from ..convert import no_tool_choice
from ..wire import ChatCompletionRequest, GenerationWire
from .wire import FunctionToolWire, JsonSchemaFormatWire, ResponsesRequest

_WHOLE = "send the whole conversation as input; nothing is kept here"
_LOGPROBS = "message.output_text.logprobs"
#: Fields that would change the answer, and what to do instead.
_REFUSED = {
    "previous_response_id": _WHOLE,
    "conversation": _WHOLE,
    "prompt": "send the text itself, as instructions and input",
    "background": "ask with stream: true, and wait",
    "moderation": "nothing is moderated here",
    "context_management": "shorten the conversation before you send it",
}
#: Fields of the chat endpoint, and what they are called here.
MOVED = {
    "messages": "input",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "functions": "tools",
    "function_call": "tool_choice",
}
#: Fields of the chat endpoint that this API never had, each with the value that asks
#: for nothing.
_CHAT_ONLY: dict[str, Any] = {
    "n": 1,
    "logprobs": False,
    "modalities": ["text"],
    "audio": None,
}


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
    # What other servers call their own is refused on the common road.
    declared = ChatCompletionRequest.model_fields
    extra = request.model_extra or {}
    foreign = {name: extra[name] for name in extra if name not in declared}
    return ChatCompletionRequest(
        **foreign,
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
    for name, instead in _REFUSED.items():
        if getattr(request, name):
            raise OptionError(name, "not supported", hint=instead)
    if request.truncation not in (None, "disabled"):
        problem = "a conversation is never shortened here"
        raise OptionError("truncation", problem, hint="shorten it before you send it")
    for name, value in (request.model_extra or {}).items():
        if name in MOVED and value:
            raise OptionError(name, f"is called {MOVED[name]} in this API")
        if name in _CHAT_ONLY and value not in (None, _CHAT_ONLY[name]):
            raise OptionError(name, "not supported")


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
