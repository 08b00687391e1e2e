"""Which conversations are refused, and where the blame lies."""

from __future__ import annotations

from typing import Any

import pytest

from hermes_gguf.errors import MessageError, SchemaError, ToolDefinitionError
from hermes_gguf.messages import (
    AssistantMessage,
    Message,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from hermes_gguf.prompt import render_prompt
from hermes_gguf.prompt.validate import check_turns

ASK = UserMessage("x")
ONE = AssistantMessage(tool_calls=(ToolCall("f", {}, id="a"),))
TWO = AssistantMessage(
    tool_calls=(ToolCall("f", {}, id="a"), ToolCall("g", {}, id="b"))
)
TWINS = AssistantMessage(
    tool_calls=(ToolCall("f", {}, id="a"), ToolCall("f", {}, id="b"))
)


@pytest.mark.parametrize(
    ("messages", "index", "problem"),
    [
        ([], 0, "empty"),
        ([ASK, UserMessage("\ud83d")], 1, "surrogate"),
        ([UserMessage(["parts"])], 0, "no text"),
        ([ToolMessage("1")], 0, "without a tool call"),
        ([ASK, ToolMessage("1")], 1, "without a tool call"),
        ([ASK, AssistantMessage("no"), ToolMessage("1")], 2, "without a tool call"),
        ([ASK, ONE, ToolMessage("1", call_id="z")], 2, "no call has the id 'z'"),
        ([ASK, ONE, ToolMessage("1", call_id="a"), ToolMessage("2", call_id="a")], 3,
         "has a result already"),
        ([ASK, ONE, ToolMessage("1"), ToolMessage("2")], 3, "without a tool call"),
        ([ASK, TWO, ToolMessage("1", call_id="b")], 1, "'f' .* has no result"),
        ([ASK, ONE, ASK], 1, "'f' .* has no result"),
        ([ASK, AssistantMessage(tool_calls=(ToolCall("f", {"x": object()}),)),
          ToolMessage("1")], 1, "not JSON"),
    ],
)  # fmt: skip
def test_refused(messages: list[Message], index: int, problem: str) -> None:
    with pytest.raises(MessageError, match=problem) as caught:
        render_prompt(messages)
    assert caught.value.index == index


@pytest.mark.parametrize(
    "messages",
    [
        [ASK, ASK],
        [ASK, ONE, ToolMessage("1")],
        [ASK, TWO, ToolMessage("2", call_id="b"), ToolMessage("1", call_id="a")],
        [ASK, TWINS, ToolMessage("2", call_id="b"), ToolMessage("1", call_id="a")],
        [ASK, TWO, ToolMessage("2", name="g"), ToolMessage("1")],
        [ASK, ONE, ToolMessage("1"), ONE, ToolMessage("2"), AssistantMessage("3")],
    ],
)
def test_accepted(messages: list[Message]) -> None:
    assert render_prompt(messages).text


def test_results_find_their_calls_by_id_then_by_name() -> None:
    results = [ToolMessage("G", call_id="b"), ToolMessage("F", call_id="a")]
    text = render_prompt([ASK, TWO, *results], style="hermes-card").text
    assert '{"name": "g", "content": "G"}' in text
    assert '{"name": "f", "content": "F"}' in text


def test_an_open_call_may_end_a_prompt_that_asks_for_nothing() -> None:
    assert render_prompt([ASK, ONE], add_generation_prompt=False).text


DEEP: Any = {}
for _ in range(100_000):
    DEEP = {"items": DEEP}


@pytest.mark.parametrize(
    ("tool", "problem"),
    [
        (Tool(""), "no name"),
        (Tool("f", parameters=[]), "no JSON Schema object"),
        (Tool("f", parameters={"properties": []}), "no JSON object"),
        (Tool("f", parameters={"properties": {"x": 3}}), "'x': .*no JSON Schema"),
        (Tool("f", parameters={"default": {1, 2}}), "not JSON"),
        (Tool("f", "\ud83d"), "surrogate"),
        (Tool("f", parameters=DEEP), "nested too deeply"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("style", ["hermes-2-pro", "hermes-4"])
def test_tools_that_cannot_be_written(tool: Tool, problem: str, style: str) -> None:
    with pytest.raises(ToolDefinitionError, match=problem):
        render_prompt([ASK], tools=[tool], style=style)


def test_a_schema_that_is_not_json_is_refused() -> None:
    with pytest.raises(SchemaError, match="not JSON"):
        render_prompt([ASK], json_schema={"const": object()})


def test_one_call_that_stands_twice_in_a_turn_takes_two_results() -> None:
    ping = ToolCall("ping", {})
    turn = AssistantMessage(tool_calls=(ping, ping))
    messages = [ASK, turn, ToolMessage("1"), ToolMessage("2")]
    assert check_turns(messages) == {2: ping, 3: ping}
