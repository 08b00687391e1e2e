"""What the renderer writes, the grammar accepts and the parser reads back equal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermes_gguf.grammar.tool_calls import tool_call_constraint
from hermes_gguf.messages import (
    AssistantMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from hermes_gguf.prompt import PROMPT_STYLES, get_style, render_prompt
from tests.support.events import parse_pieces

TOOLS = [
    Tool("ping"),
    Tool(
        "book.table",
        "Book.",
        {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "guests": {"type": "integer"},
                "price": {"type": "number"},
                "inside": {"type": "boolean"},
                "meal": {"enum": ["lunch", "dinner", 7, None]},
                "wishes": {"type": "array", "items": {"type": "string"}},
                "at": {
                    "type": "object",
                    "properties": {"day": {"type": "string"}},
                    "required": ["day"],
                },
            },
            "required": ["name", "guests"],
        },
    ),
]
_OPTIONAL = {
    # Closed schemas keep clear of the last doubles before infinity.
    "price": st.floats(min_value=-9e307, max_value=9e307),
    "inside": st.booleans(),
    "meal": st.sampled_from(["lunch", "dinner", 7, None]),
    "wishes": st.lists(st.text(max_size=6), max_size=3),
    "at": st.fixed_dictionaries({"day": st.text(max_size=6)}),
}
_ORDER = list(TOOLS[1].parameters["properties"])


def _in_order(arguments: dict[str, Any]) -> dict[str, Any]:
    return {key: arguments[key] for key in _ORDER if key in arguments}


CALLS = st.lists(
    st.just(ToolCall("ping", {}))
    | st.fixed_dictionaries(
        {"name": st.text(max_size=12), "guests": st.integers()}, optional=_OPTIONAL
    ).map(lambda arguments: ToolCall("book.table", _in_order(arguments))),
    min_size=1,
    max_size=3,
)


def assistant_turn(calls: list[ToolCall], style: str) -> str:
    """The text of the assistant's turn inside of a rendered conversation."""
    results = [ToolMessage("ok") for _ in calls]
    prompt = render_prompt(
        [UserMessage("Go"), AssistantMessage(tool_calls=tuple(calls)), *results],
        tools=TOOLS,
        style=style,
    )
    turn = prompt.text.split("<|im_start|>assistant")[1]
    return turn.split("<|im_end|>")[0].removeprefix("\n")


@pytest.mark.parametrize("style", sorted(PROMPT_STYLES))
@settings(max_examples=25)
@given(calls=CALLS)
def test_rendered_calls_are_accepted_and_read_back(
    style: str, calls: list[ToolCall]
) -> None:
    text = assistant_turn(calls, style)
    constraint = tool_call_constraint(
        TOOLS, choice="required", arguments_first=get_style(style).arguments_first
    )
    if not get_style(style).is_exact:
        assert constraint is not None
        state = constraint.start().advance(text.encode())
        assert state is not None, text
        assert state.may_end, text
    ended = [row[2:] for row in parse_pieces([text]) if row[0] == "end"]
    assert ended == [(call.name, call.arguments) for call in calls]
