"""What the Messages API reads as the chat endpoint does, and what it refuses."""

from __future__ import annotations

import json
import urllib.error

import anthropic
import pytest

from hermes_gguf.prompt import render_execution_error

from .asking import CALL, WEATHER, ask
from .messaging import HELLO, QUESTION, TOOL, block, client_of, send, write

NAME = TOOL["name"]


def user(*blocks: dict) -> dict:
    return {"role": "user", "content": list(blocks)}


def answer(*blocks: dict) -> dict:
    return {"role": "assistant", "content": list(blocks)}


def text(said: str, **more: object) -> dict:
    return block("text", text=said, **more)


def use(call_id: str, city: str) -> dict:
    arguments = {"location": city, "unit": "celsius"}
    return block("tool_use", id=call_id, name=NAME, input=arguments)


def result(call_id: str, content: object = "", **more: object) -> dict:
    return block("tool_result", tool_use_id=call_id, content=content, **more)


def chat_turn(content: str | None, *uses: dict) -> dict:
    calls = [
        {
            "id": one["id"],
            "type": "function",
            "function": {"name": one["name"], "arguments": json.dumps(one["input"])},
        }
        for one in uses
    ]
    return {"role": "assistant", "content": content, "tool_calls": calls}


def chat_result(call_id: str, content: str) -> dict:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def chat_user(content: str) -> dict:
    return {"role": "user", "content": content}


CACHED = {"cache_control": {"type": "ephemeral"}}
A, B = use("a", "Paris"), use("b", "Rome")
SAME = {
    "texts": (
        [
            QUESTION,
            {"role": "assistant", "content": "Warm."},
            user(text("And", **CACHED), text("Rome?")),
        ],
        [QUESTION, {"role": "assistant", "content": "Warm."}, chat_user("And\nRome?")],
    ),
    "text and two calls of one turn": (
        [
            QUESTION,
            answer(text("I look."), A, B),
            user(result("b", "31", **CACHED), result("a", [text("22"), text("C")])),
            answer(text("Done.")),
            QUESTION,
        ],
        [
            QUESTION,
            chat_turn("I look.", A, B),
            chat_result("b", "31"),
            chat_result("a", "22\nC"),
            {"role": "assistant", "content": "Done."},
            QUESTION,
        ],
    ),
    "a result and what the user says to it": (
        [QUESTION, answer(A), user(result("a", "22"), text("In words, please."))],
        [
            QUESTION,
            chat_turn(None, A),
            chat_result("a", "22"),
            chat_user("In words, please."),
        ],
    ),
    "neighbours of one role": (
        [QUESTION, QUESTION, answer(text("I look.")), answer(A), user(result("a"))],
        [
            chat_user("How warm is Paris?\nHow warm is Paris?"),
            chat_turn("I look.", A),
            chat_result("a", ""),
        ],
    ),
    "a result that is an error": (
        [QUESTION, answer(A), user(result("a", "no network", is_error=True))],
        [
            QUESTION,
            chat_turn(None, A),
            chat_result("a", render_execution_error(NAME, "no network")),
        ],
    ),
    "a result without a content": (
        [QUESTION, answer(A), user(block("tool_result", tool_use_id="a"))],
        [QUESTION, chat_turn(None, A), chat_result("a", "")],
    ),
    "thoughts that nobody can read": (
        [QUESTION, answer(block("redacted_thinking", data="x"), text("Warm.")), *HELLO],
        [QUESTION, {"role": "assistant", "content": "Warm."}, *HELLO],
    ),
    "what the system says later": (
        [QUESTION, answer(text("Warm.")), {"role": "system", "content": "Be brief."}],
        [
            QUESTION,
            {"role": "assistant", "content": "Warm."},
            {"role": "system", "content": "Be brief."},
        ],
    ),
}


@pytest.mark.parametrize(("given", "messages"), SAME.values(), ids=SAME.keys())
def test_blocks_are_the_same_prompt_as_messages_of_the_chat_endpoint(
    serve, given, messages
):
    served = serve("x", "x")
    write(served, messages=given, tools=[TOOL])
    ask(served, messages=messages, tools=[WEATHER])
    assert served.engine.prompts[0] == served.engine.prompts[1]


@pytest.mark.parametrize(
    "system", ["Be\nbrief.", [text("Be", **CACHED), text("brief.")]]
)
def test_the_system_text_is_a_text_or_blocks(serve, system):
    served = serve("x", "x")
    write(served, system=system)
    ask(served, messages=[{"role": "system", "content": "Be\nbrief."}, *HELLO])
    assert served.engine.prompts[0] == served.engine.prompts[1]


def test_thoughts_text_and_call_of_an_answer_go_back_as_one_turn(serve):
    said = f"<think>\nhm, Paris\n</think>\nI look.\n{CALL}"
    served = serve(said, "x", "x", keep_reasoning=True)
    first = write(served, messages=[QUESTION], tools=[TOOL])
    assert [one.type for one in first.content] == ["thinking", "text", "tool_use"]
    (*_, called) = [one.model_dump(exclude_none=True) for one in first.content]
    turn = {"role": "assistant", "content": first.content}
    messages = [QUESTION, turn, user(result(called["id"], "22"))]
    write(served, messages=messages, tools=[TOOL])
    same = chat_turn("I look.", called) | {"reasoning_content": "hm, Paris"}
    messages = [QUESTION, same, chat_result(called["id"], "22")]
    ask(served, messages=messages, tools=[WEATHER])
    assert "hm, Paris" in served.engine.prompts[1]
    assert served.engine.prompts[1] == served.engine.prompts[2]


IGNORED = {
    "caching": {"cache_control": {"type": "ephemeral"}},
    "metadata": {"metadata": {"user_id": "x"}},
    "a tier": {"service_tier": "auto"},
    "an effort": {"output_config": {"effort": "high"}},
    "thinking that is off": {"thinking": {"type": "disabled"}},
    "thinking where the model wants": {"thinking": {"type": "adaptive"}},
    "edits of long conversations": {
        "extra_body": {"context_management": {"edits": [{"type": "clear_x"}]}}
    },
    "servers of no tools": {"extra_body": {"mcp_servers": []}},
    "the header of a beta": {"extra_headers": {"anthropic-beta": "x-2025-01-01"}},
    "no limit": {"max_tokens": -1},
}


@pytest.mark.parametrize("options", IGNORED.values(), ids=IGNORED.keys())
def test_what_cannot_change_the_answer_is_taken(serve, options):
    served = serve("x", "x")
    write(served)
    assert write(served, **options).content[0].text == "x"
    assert served.engine.prompts[0] == served.engine.prompts[1]


@pytest.mark.parametrize(
    ("field", "value"), [("temperature", 0.3), ("top_p", 0.4), ("top_k", 7)]
)
def test_sampling_is_taken_as_it_is_said(serve, field, value):
    served = serve("x")
    write(served, extra_body={field: value})
    assert getattr(served.engine.requests[0].sampling, field) == value


IMAGE = block("image", source={"type": "url", "url": "https://x.example/x.png"})
FILE = block(
    "document", source={"type": "text", "media_type": "text/plain", "data": ""}
)
REFUSED = {
    "an image": ({"messages": [user(text("x"), IMAGE)]}, "messages.0.content.1"),
    "a document": ({"messages": [user(FILE)]}, "messages.0.content.0"),
    "an image in a result": (
        {"messages": [QUESTION, answer(A), user(result("a", [IMAGE]))]},
        "messages.2.content.0.content.0",
    ),
    "an image as the system": ({"system": [IMAGE]}, "system.0"),
    "a call of a server's tool": (
        {"messages": [QUESTION, answer(block("server_tool_use", id="x")), QUESTION]},
        "messages.1.content.0",
    ),
    "a result in an answer": (
        {"messages": [QUESTION, answer(result("a", "x")), QUESTION]},
        "messages.1.content.0",
    ),
    "a call by the user": ({"messages": [user(A)]}, "messages.0.content.0"),
    "a text that is none": (
        {"messages": [user(block("text", text=5))]},
        "messages.0.content.0.text",
    ),
    "a block that is none": ({"messages": [user("x")]}, "messages.0.content.0"),
    "a content that is none": (
        {"messages": [{"role": "user", "content": 5}]},
        "messages.0.content",
    ),
    "no content": ({"messages": [user()]}, "messages.0.content"),
    "no messages": ({"messages": []}, "messages"),
    "an unknown role": ({"messages": [{"role": "bot", "content": ""}]}, "messages.0"),
    "an answer that is begun": (
        {"messages": [*HELLO, answer(text("{"))]},
        "messages.1",
    ),
    "a call without a result": (
        {"messages": [QUESTION, answer(A), QUESTION]},
        "messages.1",
    ),
    "a text before the result": (
        {"messages": [QUESTION, answer(A), user(text("x"), result("a"))]},
        "messages.1",
    ),
    "a result without a call": (
        {"messages": [QUESTION, answer(A), user(result("a"), result("c"))]},
        "messages.2.content.1",
    ),
    "a result of no call": (
        {"messages": [user(block("tool_result", content="x"))]},
        "messages.0.content.0.tool_use_id",
    ),
    "a call without an id": (
        {"messages": [answer({**A, "id": ""}), QUESTION]},
        "messages.0.content.0.id",
    ),
    "arguments as a text": (
        {"messages": [answer({**A, "input": "{}"}), QUESTION]},
        "messages.0.content.0.input",
    ),
    "a tool of Anthropic's": (
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        "tools.0",
    ),
    "a tool without a schema": ({"tools": [{"name": "x"}]}, "tools.0.input_schema"),
    "OpenAI's form of a tool": ({"tools": [WEATHER]}, "tools.0"),
    "a tool that is not there": (
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "nope"}},
        "tool_choice",
    ),
    "any of no tools": ({"tool_choice": {"type": "any"}}, "tool_choice"),
    "OpenAI's choice": ({"tools": [TOOL], "tool_choice": "required"}, "tool_choice"),
    "an unclear switch": (
        {"tool_choice": {"type": "auto", "disable_parallel_tool_use": 2}},
        "tool_choice.disable_parallel_tool_use",
    ),
    "a format without its schema": (
        {"output_config": {"format": {"type": "json_schema"}}},
        "output_config.format.schema",
    ),
    "another kind of thinking": (
        {"thinking": {"type": "between_tools"}},
        "thinking.type",
    ),
    "no tokens": ({"max_tokens": 0}, "max_tokens"),
    "an empty stop sequence": ({"stop_sequences": [""]}, "stop_sequences"),
    "a temperature out of range": (
        {"extra_body": {"temperature": -1}},
        "temperature",
    ),
    "a container": ({"container": "c"}, "container"),
    "servers of tools": (
        {"extra_body": {"mcp_servers": [{"name": "x"}]}},
        "mcp_servers",
    ),
    "a summary": ({"extra_body": {"compaction": {"type": "summarize"}}}, "compaction"),
    "the chat name of a field": ({"extra_body": {"stop": ["x"]}}, "stop"),
    "the chat form of a format": (
        {"extra_body": {"response_format": {"type": "json_object"}}},
        "response_format",
    ),
    "several answers": ({"extra_body": {"n": 2}}, "n"),
    "a grammar of llama-server's": ({"extra_body": {"grammar": "x"}}, "grammar"),
}


@pytest.mark.parametrize(("options", "place"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_supported_is_refused_by_name(serve, options, place):
    served = serve("x")
    with pytest.raises(anthropic.BadRequestError) as caught:
        write(served, **options)
    assert caught.value.body.keys() == {"type", "error"}
    error = caught.value.body["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"].startswith(f"{place}: ")
    assert not served.engine.requests


@pytest.mark.parametrize("streamed", [False, True])
def test_what_is_refused_is_refused_before_a_stream_begins(serve, streamed):
    lonely = [user(result("a", "x"))]
    with (
        client_of(serve("x").base_url) as client,
        pytest.raises(anthropic.BadRequestError, match="without a tool call"),
    ):
        client.messages.create(model="", max_tokens=9, messages=lonely, stream=streamed)


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
def test_a_body_that_lacks_something_says_what(serve, path):
    with pytest.raises(urllib.error.HTTPError) as caught:
        send(serve("x"), path, model="", max_tokens=5)
    with caught.value as reply:
        body = json.load(reply)
    assert reply.code == 400
    assert body["error"]["message"] == "messages: Field required"


def test_the_number_of_tokens_is_asked_for_as_anthropic_does(serve):
    with pytest.raises(urllib.error.HTTPError) as caught:
        send(serve("x"), model="", messages=HELLO)
    with caught.value as reply:
        assert json.load(reply)["error"]["message"] == "max_tokens: Field required"


def test_a_schema_that_cannot_be_enforced_names_the_keyword(serve):
    schema = {"type": "object", "properties": {"a": {"pattern": "(a)\\1"}}}
    tool = {"name": "f", "input_schema": schema}
    with pytest.raises(anthropic.BadRequestError, match="pattern at #/properties/a"):
        write(serve("x"), tools=[tool])


def test_a_prompt_that_does_not_fit_is_an_error_not_a_cut(serve):
    with pytest.raises(anthropic.BadRequestError, match="the context holds 64"):
        write(serve("x", n_ctx=64), messages=[user(text("word " * 500))])


def test_another_model_is_404_and_names_the_one_that_is_served(serve):
    with pytest.raises(anthropic.NotFoundError, match="hermes-test") as caught:
        write(serve("x"), model="claude-opus-4-6")
    assert caught.value.body["error"]["type"] == "not_found_error"
