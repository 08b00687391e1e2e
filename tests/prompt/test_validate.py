"""Which conversations are refused, and where the blame lies."""

from __future__ import annotations

import pytest

from hermes_gguf.errors import MessageError
from hermes_gguf.messages import (
    AssistantMessage,
    Message,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from hermes_gguf.prompt import render_prompt

ASK = UserMessage("x")
ONE = AssistantMessage(tool_calls=(ToolCall("f", {}, id="a"),))
TWO = AssistantMessage(
    tool_calls=(ToolCall("f", {}, id="a"), ToolCall("g", {}, id="b"))
)


@pytest.mark.parametrize(
    ("messages", "index", "problem"),
    [
        ([], 0, "empty"),
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
