"""What the Responses API reads as the chat endpoint does, and what it refuses."""

from __future__ import annotations

import json

import openai
import pytest

from .asking import CALL, HELLO, WEATHER, ask
from .responding import FUNCTION, QUESTION, item, respond


def said(text: str, role: str = "assistant", kind: str = "output_text") -> dict:
    return item("message", role=role, content=[item(kind, text=text)])


def called(call_id: str, city: str) -> dict:
    arguments = json.dumps({"location": city, "unit": "celsius"})
    name = "get_current_temperature"
    return item("function_call", call_id=call_id, name=name, arguments=arguments)


def answered(call_id: str, output: object) -> dict:
    return item("function_call_output", call_id=call_id, output=output)


def chat_turn(content: str | None, *calls: dict) -> dict:
    tool_calls = [
        {"id": c["call_id"], "type": "function", "function": c} for c in calls
    ]
    return {"role": "assistant", "content": content, "tool_calls": tool_calls}


A, B = called("a", "Paris"), called("b", "Rome")
SAME = {
    "texts of every kind": (
        [
            {"role": "developer", "content": "Be brief."},
            said("Hi", role="user", kind="input_text"),
            {"role": "assistant", "content": "Hello!"},
            said("And you?", role="user", kind="input_text"),
            item("message", role="assistant", content=[item("refusal", refusal="No.")]),
            {"role": "user", "content": "Why?"},
        ],
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": "And you?"},
            {"role": "assistant", "content": "No."},
            {"role": "user", "content": "Why?"},
        ],
    ),
    "text and two calls of one turn": (
        [
            QUESTION,
            item("reasoning", id="rs_1", summary=[], content=None),
            said("I look."),
            A,
            B,
            answered("b", "31"),
            answered("a", [item("input_text", text="22")]),
            said("Done."),
            QUESTION,
        ],
        [
            QUESTION,
            chat_turn("I look.", A, B),
            {"role": "tool", "tool_call_id": "b", "content": "31"},
            {"role": "tool", "tool_call_id": "a", "content": "22"},
            {"role": "assistant", "content": "Done."},
            QUESTION,
        ],
    ),
    "two turns of calls": (
        [QUESTION, A, answered("a", "22"), B, answered("b", "31")],
        [
            QUESTION,
            chat_turn(None, A),
            {"role": "tool", "tool_call_id": "a", "content": "22"},
            chat_turn(None, B),
            {"role": "tool", "tool_call_id": "b", "content": "31"},
        ],
    ),
    "two texts in a row are two turns": (
        [QUESTION, said("One."), said("Two."), QUESTION],
        [QUESTION, chat_turn("One."), chat_turn("Two."), QUESTION],
    ),
    "a call that was cut": (
        [QUESTION, {**A, "arguments": '{"loc'}, answered("a", "was cut")],
        [
            QUESTION,
            chat_turn(None, {**A, "arguments": '{"loc'}),
            {"role": "tool", "tool_call_id": "a", "content": "was cut"},
        ],
    ),
}


@pytest.mark.parametrize(("items", "messages"), SAME.values(), ids=SAME.keys())
def test_items_are_the_same_prompt_as_messages_of_the_chat_endpoint(
    serve, items, messages
):
    served = serve("x", "x")
    respond(served, input=items, tools=[FUNCTION])
    ask(served, messages=messages, tools=[WEATHER])
    assert served.engine.prompts[0] == served.engine.prompts[1]


def test_reasoning_text_and_call_of_an_answer_go_back_as_one_turn(serve):
    answer = f"<think>\nhm, Paris\n</think>\nI look.\n{CALL}"
    served = serve(answer, "x", "x", keep_reasoning=True)
    said = respond(served, input=[QUESTION], tools=[FUNCTION]).output
    assert [one.type for one in said] == ["reasoning", "message", "function_call"]
    call = said[2].model_dump()
    output = answered(call["call_id"], "22")
    items = [QUESTION, *[one.model_dump() for one in said], output]
    respond(served, input=items, tools=[FUNCTION])
    turn = chat_turn("I look.", call) | {"reasoning_content": "hm, Paris"}
    result = {"role": "tool", "tool_call_id": call["call_id"], "content": "22"}
    ask(served, messages=[QUESTION, turn, result], tools=[WEATHER])
    assert "hm, Paris" in served.engine.prompts[1]
    assert served.engine.prompts[1] == served.engine.prompts[2]


def test_instructions_are_the_system_text(serve):
    served = serve("x", "x")
    respond(served, instructions="Be brief.", input="Hello")
    ask(served, messages=[{"role": "system", "content": "Be brief."}, *HELLO])
    assert served.engine.prompts[0] == served.engine.prompts[1]


IMAGE = item("input_image", image_url="data:,", detail="auto")
REFUSED = {
    "an image": ({"input": [{"role": "user", "content": [IMAGE]}]}, "input[0]"),
    "a reference": ({"input": [QUESTION, item("item_reference", id="x")]}, "input[1]"),
    "an unknown item": ({"input": [item("computer_call")]}, "input[0]"),
    "no item": ({"input": ["x"]}, "input[0]"),
    "no input": ({"input": 5}, "input"),
    "an empty input": ({"input": []}, "input"),
    "an unknown role": ({"input": [{"role": "bot", "content": "x"}]}, "input[0]"),
    "a call without a result": ({"instructions": "x", "input": [A]}, "input[0]"),
    "a result without a call": ({"input": [QUESTION, answered("a", "x")]}, "input[1]"),
    "a result without an output": ({"input": [A, answered("a", None)]}, "input[1]"),
    "a call without an id": ({"input": [{**A, "call_id": ""}]}, "input[0]"),
    "an earlier response": ({"previous_response_id": "resp_1"}, "previous_response_id"),
    "a stored conversation": ({"conversation": "conv_1"}, "conversation"),
    "a stored prompt": ({"prompt": {"id": "p"}}, "prompt"),
    "background": ({"background": True}, "background"),
    "a conversation that is cut": ({"truncation": "auto"}, "truncation"),
    "too many alternatives": ({"top_logprobs": 21}, "top_logprobs"),
    "a tool of OpenAI's": ({"tools": [{"type": "web_search"}]}, "tools.0"),
    "the chat form of a tool": ({"tools": [WEATHER]}, "tools.0.name"),
    "allowed tools": ({"tool_choice": item("allowed_tools")}, "tool_choice"),
    "a tool that is not there": (
        {"tools": [FUNCTION], "tool_choice": {"type": "function", "name": "nope"}},
        "tool_choice",
    ),
    "required without tools": ({"tool_choice": "required"}, "tool_choice"),
    "a format without its schema": (
        {"text": {"format": {"type": "json_schema", "name": "x"}}},
        "text.format.schema",
    ),
    "the chat name of a field": ({"extra_body": {"max_tokens": 5}}, "max_tokens"),
    "a grammar of llama-server's": ({"extra_body": {"grammar": "x"}}, "grammar"),
    "log probabilities": ({"extra_body": {"logprobs": True}}, "logprobs"),
    "a temperature out of range": ({"temperature": -1}, "temperature"),
}


@pytest.mark.parametrize(("options", "param"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_supported_is_refused_by_name(serve, options, param):
    with pytest.raises(openai.BadRequestError) as caught:
        respond(serve("x"), **options)
    assert caught.value.body["param"] == param
    assert caught.value.body["type"] == "invalid_request_error"
    assert caught.value.body["message"].startswith(param)
    assert "messages" not in caught.value.body["message"].split("(")[0]


def test_what_is_refused_is_refused_before_a_stream_begins(serve):
    with pytest.raises(openai.BadRequestError, match="without a tool call"):
        respond(serve("x"), input=[answered("a", "x")], stream=True)
