"""Messages of this API → messages of the chat endpoint, and where each came from.

A turn of the user's may hold results of calls and text; there each result is a message,
and the text another one. Neighbours of one role are one turn, as Anthropic has it.
What a message may hold beyond its shape is checked where messages are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...errors import OptionError
from ...prompt import render_execution_error
from ..conversation import Conversation
from .wire import CountRequest, MessagesRequest

Json: TypeAlias = dict[str, Any]
Block: TypeAlias = Mapping[str, Any]

_KNOWN = "text, tool_use, tool_result and thinking are read"


@dataclass
class Turns(Conversation):
    """The messages that a request's messages make."""

    #: The names of the calls so far, by their ids.
    names: dict[str, str] = field(default_factory=dict)

    def say(self, text: str, role: str, place: str) -> None:
        """Add what a user or the system says; a text right after one goes on."""
        last = self.messages[-1] if self.messages else None
        if last and role == last["role"] == "user":
            last["content"] += f"\n{text}"
        else:
            self.add({"role": role, "content": text}, place)

    def answer(self, place: str) -> Json:
        """The assistant's turn that comes next, or goes on."""
        if not self.messages or self.messages[-1]["role"] != "assistant":
            empty: Json = {"content": [], "reasoning_content": [], "tool_calls": []}
            self.add({"role": "assistant", **empty}, place)
        return self.messages[-1]


def read_turns(request: CountRequest) -> Turns:
    """The conversation of a request.

    Raises:
        OptionError: a block cannot be served; `option` is its place.
    """
    turns = Turns()
    if request.system:
        turns.say(_text(request.system, "system"), "system", "system")
    for index, message in enumerate(request.messages):
        _add_message(turns, message, f"messages.{index}")
    if isinstance(request, MessagesRequest):
        # Who counts may stop after an answer.
        _require_question(turns, f"messages.{len(request.messages) - 1}")
    return turns


def _require_question(turns: Turns, place: str) -> None:
    if turns.messages and turns.messages[-1]["role"] == "assistant":
        problem = "an answer that is begun cannot be continued here"
        hint = "let the user's turn be the last one; output_config asks for JSON"
        raise OptionError(place, problem, hint=hint)


def _add_message(turns: Turns, message: Json, place: str) -> None:
    match message.get("role"):
        case "user":
            _add_user(turns, message, place)
        case "assistant":
            _add_answer(turns, message, place)
        case "system":
            text = _text(message.get("content"), f"{place}.content")
            turns.say(text, "system", place)
        case role:
            known = f"its role must be user or assistant, not {role!r}"
            raise OptionError(place, known)


def _add_user(turns: Turns, message: Json, place: str) -> None:
    n_before = len(turns.messages)
    for block, at in _blocks(message.get("content"), f"{place}.content"):
        match block.get("type"):
            case "text":
                turns.say(_text_of(block, at), "user", place)
            case "tool_result":
                turns.add(_result(turns, block, at), at)
            case kind:
                raise _not_served(kind, at)
    if len(turns.messages) == n_before and not message["content"]:
        raise OptionError(f"{place}.content", "is empty")


def _add_answer(turns: Turns, message: Json, place: str) -> None:
    turn = turns.answer(place)
    for block, at in _blocks(message.get("content"), f"{place}.content"):
        match block.get("type"):
            case "text":
                turn["content"].append({"type": "text", "text": _text_of(block, at)})
            case "tool_use":
                turn["tool_calls"].append(_call(turns, block, at))
            case "thinking":
                thought = {"type": "text", "text": _text_of(block, at, "thinking")}
                turn["reasoning_content"].append(thought)
            case "redacted_thinking":
                # Nobody but who wrote it can read it; earlier thoughts may be left out.
                pass
            case kind:
                raise _not_served(kind, at)


def _call(turns: Turns, block: Block, place: str) -> Json:
    call_id, name = _string(block, "id", place), _string(block, "name", place)
    arguments = block.get("input")
    if not isinstance(arguments, Mapping):
        raise OptionError(f"{place}.input", "must be an object")
    turns.names[call_id] = name
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def _result(turns: Turns, block: Block, place: str) -> Json:
    call_id = _string(block, "tool_use_id", place)
    text = _text(block.get("content") or "", f"{place}.content")
    if block.get("is_error") and call_id in turns.names:
        # The words in which the models were trained to hear of it.
        text = render_execution_error(turns.names[call_id], text)
    return {"role": "tool", "tool_call_id": call_id, "content": text}


def _text(content: Any, place: str) -> str:
    """The text of blocks that may be nothing else."""
    texts = []
    for block, at in _blocks(content, place):
        if block.get("type") != "text":
            raise _not_served(block.get("type"), at, known="text is read")
        texts.append(_text_of(block, at))
    return "\n".join(texts)


def _blocks(content: Any, place: str) -> Iterator[tuple[Block, str]]:
    """The blocks of a content, each with its place; a text is one block."""
    if isinstance(content, str):
        yield {"type": "text", "text": content}, place
        return
    if not isinstance(content, list):
        raise OptionError(place, "must be a text or a list of blocks")
    for index, block in enumerate(content):
        at = f"{place}.{index}"
        if not isinstance(block, Mapping):
            raise OptionError(at, "a block must be an object")
        yield block, at


def _text_of(block: Block, place: str, key: str = "text") -> str:
    text = block.get(key)
    if not isinstance(text, str):
        raise OptionError(f"{place}.{key}", "must be a text")
    return text


def _string(block: Block, key: str, place: str) -> str:
    value = block.get(key)
    if not isinstance(value, str) or not value:
        raise OptionError(f"{place}.{key}", "must be a text, and not empty")
    return value


def _not_served(kind: Any, place: str, known: str = _KNOWN) -> OptionError:
    return OptionError(place, f"a block of type {kind!r} is not supported", hint=known)
