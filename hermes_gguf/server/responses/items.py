"""Items of a conversation → messages of the chat endpoint, and where each came from.

What OpenAI's Responses API keeps apart, text, reasoning and calls of one turn, is one
message there. What a message may hold is checked where messages are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ...errors import OptionError
from ..conversation import Conversation
from .wire import ResponsesRequest

Json = dict[str, Any]

_TEXT_PARTS = ("input_text", "output_text", "reasoning_text")
_KNOWN = "messages, function_call, function_call_output and reasoning are read"


@dataclass
class Items(Conversation):
    """The messages that items make."""

    whole: ClassVar[str] = "input"

    #: The type of the last item of the assistant's turn that is still open.
    _last: str | None = None

    def add(self, message: Json, place: str) -> None:
        """Append a message that is a whole turn."""
        super().add(message, place)
        self._last = None

    def turn(self, kind: str, place: str) -> Json:
        """The assistant's turn that an item of type `kind` is a part of.

        A text right after a text is a turn of its own: no answer has two.
        """
        if self._last is None or self._last == kind == "message":
            empty: Json = {"content": [], "reasoning_content": [], "tool_calls": []}
            self.add({"role": "assistant", **empty}, place)
        self._last = kind
        return self.messages[-1]


def read_conversation(request: ResponsesRequest) -> Items:
    """The conversation of a request.

    Raises:
        OptionError: an item cannot be served; `option` is its place.
    """
    conversation = Items()
    if request.instructions:
        message = {"role": "system", "content": request.instructions}
        conversation.add(message, "instructions")
    if isinstance(request.input, str):
        conversation.add({"role": "user", "content": request.input}, "input")
    elif isinstance(request.input, list):
        for index, item in enumerate(request.input):
            _add_item(conversation, item, f"input[{index}]")
    else:
        raise OptionError("input", "must be a text or a list of items")
    return conversation


def _add_item(conversation: Items, item: Any, place: str) -> None:
    if not isinstance(item, Mapping):
        raise OptionError(place, "an item must be an object")
    kind = item.get("type") or ("message" if "role" in item else None)
    match kind:
        case "message" if item.get("role") == "assistant":
            parts = _parts(item.get("content"))
            conversation.turn(kind, place)["content"] += parts
        case "message":
            given = item.get("content")
            content = _parts(given) if isinstance(given, list) else given
            conversation.add({"role": item.get("role"), "content": content}, place)
        case "reasoning":
            parts = _parts(item.get("content"))
            conversation.turn(kind, place)["reasoning_content"] += parts
        case "function_call":
            call = _call(item, place)
            conversation.turn(kind, place)["tool_calls"].append(call)
        case "function_call_output":
            conversation.add(_result(item, place), place)
        case "item_reference":
            problem = "nothing is kept here that an item could refer to"
            hint = "send the items themselves, with store: false"
            raise OptionError(place, problem, hint=hint)
        case _:
            problem = f"an item of type {kind!r} is not supported"
            raise OptionError(place, problem, hint=_KNOWN)


def _call(item: Mapping[str, Any], place: str) -> Json:
    function = {"name": item.get("name"), "arguments": item.get("arguments")}
    return {"id": _call_id(item, place), "type": "function", "function": function}


def _result(item: Mapping[str, Any], place: str) -> Json:
    call_id = _call_id(item, place)
    if item.get("output") is None:
        raise OptionError(place, "it has no output")
    return {"role": "tool", "tool_call_id": call_id, "content": _parts(item["output"])}


def _call_id(item: Mapping[str, Any], place: str) -> str:
    call_id = item.get("call_id")
    if not isinstance(call_id, str) or not call_id:
        raise OptionError(place, "it needs a call_id, a text")
    return call_id


def _parts(content: Any) -> list[Any]:
    """The parts of a content, with the chat endpoint's name for a text."""
    if content is None:
        return []
    return [
        _part(part) for part in (content if isinstance(content, list) else [content])
    ]


def _part(part: Any) -> Any:
    if isinstance(part, Mapping) and part.get("type") in _TEXT_PARTS:
        return {"type": "text", "text": part.get("text")}
    return part
