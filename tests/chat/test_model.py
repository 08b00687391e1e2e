"""ChatModel: what the engine is asked, and what its text becomes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from hermes_gguf.chat.check import is_valid_call
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.base import PrefillProgress
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import (
    ContextOverflowError,
    GenerationError,
    MessageError,
    OptionError,
)
from hermes_gguf.events import Finish, TextDelta
from hermes_gguf.messages import (
    AssistantMessage,
    NamedTool,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)

WEATHER = Tool(
    "get_weather",
    "Get the weather.",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
)
CLOCK = Tool("clock", "Get the time.")
CALL = (
    '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'
)
CLOCK_CALL = '<tool_call>\n{"name": "clock", "arguments": {}}\n</tool_call>'
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}},
    "required": ["x"],
}
ASK = [UserMessage("Weather in Paris?")]


def scripted(*answers: Any, **options: Any) -> tuple[ChatModel, ScriptedEngine]:
    engine = ScriptedEngine(answers, strict=True)
    return ChatModel(engine, **options), engine


def test_an_answer_comes_as_progress_then_text_then_finish() -> None:
    model, engine = scripted("Hello there.")
    items = list(model.stream([UserMessage("Hi")]))
    assert isinstance(items[0], PrefillProgress)
    assert "".join(i.text for i in items if isinstance(i, TextDelta)) == "Hello there."
    assert isinstance(items[-1], Finish)
    assert items[-1].reason == "stop"
    assert engine.prompts == ["<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"]


@pytest.mark.parametrize(
    ("script", "options", "reason"),
    [
        ("It is warm.", {}, "stop"),
        (CALL, {}, "tool_calls"),
        ("Let me look.\n" + CALL, {}, "tool_calls"),
        (CALL + "\n" + CLOCK_CALL, {}, "tool_calls"),
        (CALL, {"tool_choice": "required"}, "tool_calls"),
        (CLOCK_CALL, {"tool_choice": NamedTool("clock")}, "tool_calls"),
        ("It is warm.", {"tool_choice": "none"}, "stop"),
        ('{"x": 1}', {"json_schema": POINT}, "stop"),
        (CALL, {"json_schema": POINT}, "tool_calls"),
        ("<think>\nHm.\n</think>\n" + CALL, {"thinking": True}, "tool_calls"),
        (CALL, {"parallel_tool_calls": False}, "tool_calls"),
    ],
)
def test_these_answers_are_possible(
    script: str, options: dict[str, Any], reason: str
) -> None:
    model, _ = scripted(script)
    completion = model.complete(ASK, tools=[WEATHER, CLOCK], **options)
    assert completion.finish_reason == reason
    assert completion.complete
    assert bool(completion.tool_calls) == (reason == "tool_calls")


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ("It is warm.", {"tool_choice": "required"}),
        (CALL, {"tool_choice": NamedTool("clock")}),
        ("It is warm.", {"json_schema": POINT}),
        (CALL.replace("Paris", "Paris", 1).replace('"city"', '"town"'), {}),
        (CALL + "\n" + CLOCK_CALL, {"parallel_tool_calls": False}),
        (CLOCK_CALL.replace("clock", "clocks"), {}),
    ],
)
def test_these_answers_are_impossible(script: str, options: dict[str, Any]) -> None:
    model, _ = scripted(script)
    with pytest.raises(GenerationError, match="grammar"):
        model.complete(ASK, tools=[WEATHER, CLOCK], **options)


@pytest.mark.parametrize(
    ("parameters", "takes_any"),
    [
        ({"type": "object", "properties": {}}, False),
        ({"type": "object"}, False),
        ({"properties": {}, "required": [], "$schema": "x"}, False),
        ({"type": "object", "properties": {}, "additionalProperties": True}, True),
        ({"type": "object", "patternProperties": {"^a": {}}}, True),
    ],
)
def test_a_tool_that_names_no_argument_takes_none(
    parameters: dict[str, Any], takes_any: bool
) -> None:
    call = CLOCK_CALL.replace("{}", '{"a": 1}')
    model, _ = scripted(CLOCK_CALL, call)
    tools = [Tool("clock", "Get the time.", parameters)]
    assert model.complete(ASK, tools=tools).tool_calls[0].arguments == {}
    if takes_any:
        assert model.complete(ASK, tools=tools).tool_calls[0].arguments == {"a": 1}
    else:
        with pytest.raises(GenerationError, match="grammar"):
            model.complete(ASK, tools=tools)


@pytest.mark.parametrize(
    ("city", "possible"),
    [
        ({"type": "string", "nullable": True}, True),
        ({"type": "string", "enum": ["Oslo"], "nullable": True}, True),
        ({"anyOf": [{"type": "string"}], "nullable": True}, True),
        ({"type": "string", "nullable": False}, False),
        ({"not": {"type": "integer", "nullable": True}}, False),
        ({"type": "string"}, False),
    ],
)
def test_a_nullable_argument_may_be_null(city: dict[str, Any], possible: bool) -> None:
    parameters = {
        "type": "object",
        "properties": {"city": city, "nullable": {"type": "string"}},
        "required": ["city"],
    }
    model, engine = scripted(CALL.replace('"Paris"', "null"))
    tools = [Tool("get_weather", "Get the weather.", parameters)]
    if not possible:
        with pytest.raises(GenerationError, match="grammar"):
            model.complete(ASK, tools=tools)
        return
    call = model.complete(ASK, tools=tools).tool_calls[0]
    assert call.arguments == {"city": None}
    assert is_valid_call(call, tools)
    assert '"nullable": true' in engine.prompts[0]


@pytest.mark.parametrize("choice", ["clock", "any", None, {"type": "function"}])
def test_a_choice_of_tools_that_is_none_is_refused(choice: Any) -> None:
    model, engine = scripted(CALL)
    with pytest.raises(OptionError, match="tool_choice") as caught:
        model.stream(ASK, tools=[WEATHER, CLOCK], tool_choice=choice)
    assert "NamedTool" in (caught.value.hint or "")
    assert not engine.requests


def test_one_stop_text_is_one_text() -> None:
    model, _ = scripted("DONE END and more")
    assert model.complete(ASK, stop="END").text == "DONE "


@pytest.mark.parametrize(
    ("stop", "told"), [(("more", "END"), "END"), (("never",), None), ((), None)]
)
def test_the_end_says_which_stop_text_it_was(stop: Any, told: str | None) -> None:
    model, _ = scripted("DONE END and more")
    *_, last = model.stream(ASK, stop=stop)
    assert isinstance(last, Finish)
    assert (last.reason, last.stop_text) == ("stop", told)


def test_tool_choice_none_hides_the_tools_and_leaves_the_tag_alone() -> None:
    model, engine = scripted(CALL)
    completion = model.complete(ASK, tools=[WEATHER], tool_choice="none")
    assert "get_weather" not in engine.prompts[0]
    assert completion.text == CALL
    assert engine.requests[0].constraint is None


def test_a_call_cut_by_max_tokens_is_reported_with_its_text() -> None:
    model, _ = scripted(CALL)
    completion = model.complete(ASK, tools=[WEATHER], max_tokens=12)
    assert completion.finish_reason == "length"
    assert not completion.complete
    assert completion.failures[0].text in completion.text
    assert completion.text.startswith('<tool_call>\n{"name": "get')


@pytest.mark.parametrize(("key", "n_calls"), [("city", 1), ("town", 0)])
def test_a_call_without_tags_counts_only_when_it_is_valid(
    key: str, n_calls: int
) -> None:
    bare = f'{{"name": "get_weather", "arguments": {{"{key}": "Paris"}}}}'
    model, _ = scripted(bare)
    completion = model.complete(ASK, tools=[WEATHER])
    assert len(completion.tool_calls) == n_calls
    assert completion.text == ("" if n_calls else bare)


def test_unconstrained_calls_stop_before_an_invented_result() -> None:
    model, _ = scripted(CALL + "\n<tool_response>\n40\n</tool_response>")
    completion = model.complete(ASK, tools=[WEATHER], constrain=False)
    assert [call.name for call in completion.tool_calls] == ["get_weather"]
    assert completion.text == ""


def test_the_second_turn_reuses_prompt_and_grammar() -> None:
    model, engine = scripted(CALL, "It is 22.")
    first = model.complete(ASK, tools=[WEATHER])
    history = [*ASK, first.message, ToolMessage("22", call_id=first.tool_calls[0].id)]
    second = model.complete(history, tools=[WEATHER])
    assert engine.requests[0].constraint is engine.requests[1].constraint
    assert second.usage.cached_tokens > 0.8 * first.usage.prompt_tokens
    assert engine.prompts[1].startswith(engine.prompts[0] + CALL[:10])


def test_a_closed_stream_keeps_what_was_said() -> None:
    model, engine = scripted("one two three <tool")
    stream = model.stream([UserMessage("Count")])
    for item in stream:
        if item == TextDelta(" two"):
            break
    stream.close()
    assert list(stream) == []
    assert stream.completion().text == "one two"
    assert stream.completion().finish_reason == "cancelled"
    assert engine.n_cancelled == 1


def test_another_thread_can_close_a_stream_that_waits() -> None:
    engine = ScriptedEngine(["word " * 1000], delay_s=0.01)
    stream = ChatModel(engine).stream([UserMessage("Talk")])
    threading.Timer(0.1, stream.close).start()
    assert len(list(stream)) < 500
    assert engine.n_cancelled == 1


def test_bad_requests_fail_before_the_engine_is_asked() -> None:
    model, engine = scripted()
    with pytest.raises(MessageError):
        model.stream([])
    with pytest.raises(MessageError):
        model.stream([AssistantMessage(tool_calls=(ToolCall("f", {}),))])
    with pytest.raises(OptionError):
        model.stream(ASK, tools=[CLOCK], tool_choice=NamedTool("nope"))
    assert engine.requests == []


def test_no_grammar_is_compiled_for_a_prompt_that_does_not_fit() -> None:
    # It would be refused for its pattern, after minutes of work for a larger one.
    schema = {"type": "string", "pattern": r"(a)\1", "description": "long " * 99}
    model = ChatModel(ScriptedEngine(["x"], n_ctx=64))
    with pytest.raises(ContextOverflowError):
        model.stream([UserMessage("Hi")], json_schema=schema)


@pytest.mark.parametrize(
    ("metadata", "beginning"),
    [
        ({}, "<|im_start|>user\n"),
        (
            {"tokenizer.chat_template": "{{ '<|start_header_id|>' }}"},
            "<|start_header_id|>user<|end_header_id|>\n",
        ),
    ],
)
def test_an_unknown_file_speaks_the_dialect_of_its_template(
    metadata: dict[str, str], beginning: str
) -> None:
    engine = ScriptedEngine(["Hi"], metadata=metadata)
    ChatModel.from_spec(engine, None).complete([UserMessage("Hi")])
    assert engine.prompts[0].startswith(beginning)


def test_a_system_message_stays_and_json_mode_names_the_schema() -> None:
    model, engine = scripted('{"x": 3}')
    messages = [SystemMessage("Be brief."), UserMessage("A point")]
    completion = model.complete(messages, json_schema=POINT)
    assert completion.text == '{"x": 3}'
    assert "Be brief." in engine.prompts[0]
    assert "<schema>\n" in engine.prompts[0]


def test_an_example_conversation_stands_before_the_real_one() -> None:
    example = [UserMessage("2+2?"), AssistantMessage("4", reasoning="easy")]
    model, engine = scripted("6", few_shot=example, keep_reasoning=True)
    model.complete([UserMessage("3+3?")])
    assert engine.prompts[0] == (
        "<|im_start|>user\n2+2?<|im_end|>\n"
        "<|im_start|>assistant\n<think>\neasy\n</think>\n4<|im_end|>\n"
        "<|im_start|>user\n3+3?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_prompt_and_answer_can_be_logged(caplog: pytest.LogCaptureFixture) -> None:
    model, _ = scripted("Hello.")
    with caplog.at_level("DEBUG", logger="hermes_gguf"):
        model.complete([UserMessage("Hi")])
    assert "<|im_start|>user\nHi" in caplog.text
    assert "Hello." in caplog.text
