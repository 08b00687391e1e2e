"""The questions of the evaluation: conversations, and the turn that is expected.

They ship with the package, drawn once from the held-out split of the generator that
trains the embedded model; any other model meets them for the first time too. A case
is one line of JSON. What a right answer is, is decided in `score`.
"""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ..errors import OptionError
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

_FILE = "cases.jsonl.xz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question to a model.

    Attributes:
        row: Which kind of question it is; `score.ROWS` has them all.
        messages: The conversation; the model speaks next.
        expected: The turn that a perfect model would write.
        tools: The functions that are shown.
        json_schema: The schema of JSON mode, or None.
        shown: Texts that the answer must contain.
    """

    row: str
    messages: tuple[Message, ...]
    expected: AssistantMessage
    tools: tuple[Tool, ...] = ()
    json_schema: JsonObject | None = None
    shown: tuple[str, ...] = ()


def render_case(case: Case) -> str:
    """A case as one line of JSON."""
    body: dict[str, Any] = {
        "row": case.row,
        "messages": [_render_message(m) for m in (*case.messages, case.expected)],
        "tools": [[t.name, t.description, t.parameters, t.returns] for t in case.tools],
        "schema": case.json_schema,
        "shown": case.shown,
    }
    kept = {key: value for key, value in body.items() if value}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def parse_case(line: str) -> Case:
    """The reverse of `render_case`."""
    body = json.loads(line)
    *messages, expected = (_parse_message(*one) for one in body["messages"])
    assert isinstance(expected, AssistantMessage)
    return Case(
        row=body["row"],
        messages=tuple(messages),
        expected=expected,
        tools=tuple(Tool(*one) for one in body.get("tools", ())),
        json_schema=body.get("schema"),
        shown=tuple(body.get("shown", ())),
    )


def load_cases(rows: tuple[str, ...], *, cases: int) -> list[Case]:
    """The first cases of each row, one row after the other in turns.

    Args:
        rows: The rows that are asked for.
        cases: At most so many of each.

    Raises:
        OptionError: A row is unknown, or no case is asked for.
    """
    if cases < 1:
        raise OptionError("cases", "must be at least 1")
    by_row: dict[str, list[Case]] = {}
    text = lzma.decompress(resources.files(__package__).joinpath(_FILE).read_bytes())
    for line in text.decode().splitlines():
        case = parse_case(line)
        by_row.setdefault(case.row, []).append(case)
    for row in rows:
        if row not in by_row:
            known = ", ".join(by_row)
            raise OptionError("rows", f"{row!r} is none of {known}")
    turns = range(max(map(len, by_row.values())))
    return [
        by_row[row][turn]
        for turn in turns[:cases]
        for row in rows
        if turn < len(by_row[row])
    ]


def _render_message(message: Message) -> list[Any]:
    if isinstance(message, AssistantMessage) and message.tool_calls:
        return ["call", [[c.name, c.arguments] for c in message.tool_calls]]
    return [message.role, message.content]


def _parse_message(role: str, content: Any) -> Message:
    match role:
        case "call":
            calls = tuple(ToolCall(name, arguments) for name, arguments in content)
            return AssistantMessage(tool_calls=calls)
        case "assistant":
            return AssistantMessage(content)
        case "tool":
            return ToolMessage(content)
        case "system":
            return SystemMessage(content)
        case _:
            return UserMessage(content)
