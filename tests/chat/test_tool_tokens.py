"""What tools cost in a prompt, counted by the model's own tokens."""

from __future__ import annotations

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.chat.tool_tokens import count_tool_tokens
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.messages import Tool, UserMessage

SHORT = Tool("now", "The time.")
LONG = Tool(
    "book_table",
    "Book a table.",
    {"type": "object", "properties": {"guests": {"type": "integer"}}},
)


def n_tokens(model: ChatModel, *tools: Tool) -> int:
    return model.engine.count_tokens(model.render([UserMessage("?")], tools=tools))


def test_tools_cost_what_a_prompt_with_them_is_longer_by() -> None:
    model = ChatModel(ScriptedEngine([]))
    counted = count_tool_tokens(model, [SHORT, LONG])
    both = n_tokens(model, SHORT, LONG)
    assert counted.together == both - n_tokens(model)
    assert counted.each == (
        both - n_tokens(model, LONG),
        both - n_tokens(model, SHORT),
    )
    assert counted.each[0] < counted.each[1]


def test_one_tool_costs_less_than_it_does_with_the_words_on_how_to_call() -> None:
    model = ChatModel(ScriptedEngine([]))
    counted = count_tool_tokens(model, [SHORT])
    assert counted.each == count_tool_tokens(model, [SHORT, LONG]).each[:1]
    assert counted.each[0] < counted.together


def test_no_tools_cost_nothing() -> None:
    counted = count_tool_tokens(ChatModel(ScriptedEngine([])), [])
    assert (counted.each, counted.together) == ((), 0)
