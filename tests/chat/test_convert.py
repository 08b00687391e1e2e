"""Calls that come back from a client read as the model wrote them."""

from __future__ import annotations

import json

import pytest

from hermes_gguf.chat.convert import (
    message_from_openai,
    message_to_openai,
    tool_from_openai,
)
from hermes_gguf.errors import MessageError, ToolDefinitionError
from hermes_gguf.messages import AssistantMessage, Tool, ToolCall, UserMessage
from hermes_gguf.parsing import OutputParser
from hermes_gguf.prompt import render_prompt

TOOL = Tool("f", "Does it.", {"type": "object", "properties": {}})
WRITTEN = [
    '{"a": 1.0, "b": 1.50, "c": 1e21, "d": 1E5, "e": -0, "f": 0.1}',
    '{"a": 123456789012345678901234567890, "b": [1, {"c": null}], "d": {}}',
    '{"name": "Zoë 日本 🙂", "time": "10:30, 1.50", "quoted": "\\"x\\"\\n"}',
    "{}",
]


def prompt_after(message: AssistantMessage) -> str:
    asked = [UserMessage("Do it."), message]
    return render_prompt(asked, tools=[TOOL], add_generation_prompt=False).text


@pytest.mark.parametrize("arguments", WRITTEN)
def test_a_call_reads_the_same_after_its_way_through_a_client(arguments):
    written = f'<tool_call>\n{{"name": "f", "arguments": {arguments}}}\n</tool_call>'
    parser = OutputParser(tool_names={"f"})
    events = [*parser.feed(written), *parser.flush()]
    message = AssistantMessage(tool_calls=(events[-1].call,))
    sent = json.loads(json.dumps(message_to_openai(message)))
    again = message_from_openai(sent)
    assert again == message
    assert prompt_after(again) == prompt_after(message)
    assert written in prompt_after(again)


@pytest.mark.parametrize("arguments", ['{"city": "Pa', "[1]", '{"a": }', "Paris"])
def test_a_call_that_was_cut_or_misspelled_comes_back_as_it_was_written(arguments):
    call = {"id": "c", "function": {"name": "f", "arguments": arguments}}
    message = message_from_openai({"role": "assistant", "tool_calls": [call]})
    assert f'{{"name": "f", "arguments": {arguments}}}' in prompt_after(message)
    (again,) = message_to_openai(message)["tool_calls"]
    assert again["function"] == call["function"]


@pytest.mark.parametrize("arguments", ["", "{}", "null", None])
def test_a_call_without_arguments_has_an_empty_object(arguments):
    call = {"function": {"name": "f", "arguments": arguments}}
    message = message_from_openai({"role": "assistant", "tool_calls": [call]})
    assert '"arguments": {}}' in prompt_after(message)


@pytest.mark.parametrize(
    "arguments",
    [
        '{"a":1.5,"b":"é"}',
        '{"a": 1.5, "b": "\\u00e9"}',
        '{\n  "a": 1.5,\n  "b": "é"\n}',
    ],
)
def test_a_client_s_own_spaces_and_escapes_become_those_of_training(arguments):
    call = {"function": {"name": "f", "arguments": arguments}}
    message = message_from_openai({"role": "assistant", "tool_calls": [call]})
    assert message.tool_calls == (ToolCall("f", {"a": 1.5, "b": "é"}),)
    assert '"arguments": {"a": 1.5, "b": "é"}}' in prompt_after(message)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:"}},
        {"type": "text"},
        {"type": "text", "text": 3},
        {"type": ["text"], "text": "Hi"},
        {"type": {}},
        {},
        3,
        None,
    ],
    ids=str,
)
def test_a_part_that_is_no_text_is_refused(part):
    with pytest.raises(
        MessageError, match=r"^messages\[2\]: content of type .* is not"
    ):
        message_from_openai({"role": "user", "content": ["Hi", part]}, index=2)


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        ({}, "needs a function with a name"),
        ({"name": 3}, "needs a function with a name"),
        ({"name": "f", "description": 3}, "description must be a text"),
        ({"name": "f", "parameters": ["a"]}, "parameters must be a JSON Schema"),
        ({"name": "f", "return": "int"}, "returns must be a JSON Schema"),
    ],
    ids=str,
)
def test_a_field_of_the_wrong_type_is_named(function, problem):
    with pytest.raises(ToolDefinitionError, match=problem):
        tool_from_openai({"type": "function", "function": function})


def test_what_a_tool_may_lack_may_be_null():
    lacking = {"name": "f", "description": None, "parameters": None, "return": None}
    assert tool_from_openai(lacking) == tool_from_openai({"name": "f"}) == Tool("f")
