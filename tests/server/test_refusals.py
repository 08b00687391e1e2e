"""What the endpoint refuses, and what it says when something breaks."""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.request

import openai
import pytest

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.errors import GenerationError

from .asking import HELLO, WEATHER, ask

REFUSED = {
    "named tool that is not there": (
        {
            "tools": [WEATHER],
            "tool_choice": {"type": "function", "function": {"name": "nope"}},
        },
        "tool_choice",
    ),
    "required without tools": ({"tool_choice": "required"}, "tool_choice"),
    "unknown tool choice": ({"tools": [WEATHER], "tool_choice": "any"}, "tool_choice"),
    "a list of allowed tools": (
        {"tools": [WEATHER], "tool_choice": {"type": "allowed_tools"}},
        "tool_choice",
    ),
    "a stop that is no text": ({"stop": 5}, "stop"),
    "temperature out of range": ({"temperature": -1}, "temperature"),
    "empty stop": ({"stop": [""]}, "stop"),
    "a format without its schema": (
        {"response_format": {"type": "json_schema"}},
        "response_format",
    ),
    "legacy functions": ({"functions": [WEATHER["function"]]}, "functions"),
    "a grammar of llama-server's": (
        {"extra_body": {"grammar": 'root ::= "a"'}},
        "grammar",
    ),
    "a regular expression of SGLang's": ({"extra_body": {"regex": "[0-9]+"}}, "regex"),
    "a schema of vLLM's": ({"extra_body": {"guided_json": {}}}, "guided_json"),
    "no end": ({"extra_body": {"ignore_eos": True}}, "ignore_eos"),
    "another sampler": ({"extra_body": {"mirostat": 2}}, "mirostat"),
    "a limit of llama-server's": ({"extra_body": {"n_predict": 9}}, "n_predict"),
    "an answer that is begun": (
        {"extra_body": {"continue_final_message": True}},
        "continue_final_message",
    ),
    "another argument of the template": (
        {"extra_body": {"chat_template_kwargs": {"keep_cots": True}}},
        "chat_template_kwargs.keep_cots",
    ),
    "no penalty": ({"extra_body": {"repeat_penalty": 0}}, "repeat_penalty"),
}


@pytest.mark.parametrize(("options", "param"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_supported_is_refused_by_name(serve, options, param):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(serve("x"), **options)
    assert caught.value.body["param"] == param
    assert caught.value.body["type"] == "invalid_request_error"


def test_a_schema_that_cannot_be_enforced_names_the_keyword(serve):
    schema = {"type": "object", "properties": {"a": {"pattern": "(a)\\1"}}}
    named = {"name": "x", "schema": schema}
    with pytest.raises(openai.BadRequestError, match="pattern at #/properties/a"):
        ask(serve("x"), response_format={"type": "json_schema", "json_schema": named})


def test_tools_that_are_nested_too_deeply_are_refused_by_name(serve):
    parameters = {"type": "object", "properties": {}}
    # From 3.12 on, Python counts what it does in C apart, and goes deeper.
    for _ in range(400 if sys.version_info < (3, 12) else 700):
        parameters = {"type": "object", "properties": {"a": parameters}}
    deep = {"type": "function", "function": {"name": "dig", "parameters": parameters}}
    with pytest.raises(openai.BadRequestError, match=r"'dig'.* nested too deeply"):
        ask(serve("x", n_ctx=20_000), tools=[deep])


def test_a_bug_leaves_as_an_error_of_the_api(serve, monkeypatch):
    served = serve("x")
    monkeypatch.setattr(ChatModel, "stream", lambda *_, **__: 1 / 0)
    with pytest.raises(openai.InternalServerError) as caught:
        ask(served)
    assert caught.value.code == "internal_error"
    assert "ZeroDivisionError" in str(caught.value.body)


def test_a_malformed_message_is_named_by_its_index(serve):
    with pytest.raises(
        openai.BadRequestError, match=r"system, .*not 'robot'"
    ) as caught:
        ask(serve("x"), messages=[*HELLO, {"role": "robot", "content": "x"}])
    assert caught.value.param == "messages[1]"


def test_a_call_of_the_deprecated_form_is_refused_not_dropped(serve):
    call = {"role": "assistant", "content": None, "function_call": {"name": "f"}}
    with pytest.raises(openai.BadRequestError, match="use tool_calls") as caught:
        ask(serve("x"), messages=[*HELLO, call, *HELLO])
    assert caught.value.param == "messages[1]"


def test_a_user_message_without_content_is_refused(serve):
    with pytest.raises(openai.BadRequestError, match=r"messages\[0\].*content"):
        ask(serve("x"), messages=[{"role": "user"}])


def test_a_prompt_that_does_not_fit_is_an_error_not_a_cut(serve):
    messages = [{"role": "user", "content": "word " * 500}]
    with pytest.raises(openai.BadRequestError) as caught:
        ask(serve("x", n_ctx=64), messages=messages)
    assert caught.value.code == "context_length_exceeded"
    assert caught.value.param == "messages"


def test_a_failure_inside_the_engine_is_an_error_body_and_the_server_lives(serve):
    served = serve(GenerationError("llama.cpp said no"), "still here")
    with pytest.raises(openai.InternalServerError, match="said no"):
        ask(served)
    assert ask(served).choices[0].message.content == "still here"


def test_a_failure_inside_a_stream_is_an_error_event(serve):
    served = serve(GenerationError("llama.cpp said no"))
    with pytest.raises(openai.APIError, match="said no"):
        list(ask(served, stream=True))


def _of_schema(schema: bytes) -> bytes:
    wanted = b'{"type": "json_schema", "schema": %s}' % schema
    messages = b'[{"role": "user", "content": "x"}]'
    return b'{"messages": %s, "response_format": %s}' % (messages, wanted)


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        (b"{nope", "application/json", "the body is no JSON: .*at character 1"),
        (b'{"messages": []}', "text/plain", "content-type: application/json"),
        (b"[]", "application/json", "body: "),
        (b'{"messages": "\xff"}', "application/json", "JSON in UTF-8"),
        (_of_schema(b'{"maximum": NaN}'), "application/json", "nan.* no legal value"),
        (_of_schema(b'{"const": [1e999]}'), "application/json", "inf.* no legal"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400_that_says_why(serve, body, kind, problem):
    url = f"{serve().base_url}/v1/chat/completions"
    request = urllib.request.Request(url, data=body, headers={"content-type": kind})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    assert caught.value.code == 400
    error = json.load(caught.value)["error"]
    assert error["type"] == "invalid_request_error"
    assert error["code"] in ("invalid_request", "invalid_schema")
    assert re.search(problem, error["message"])
