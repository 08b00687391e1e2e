"""The endpoint as the real `openai` client sees it."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request

import openai
import pytest

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.errors import GenerationError

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_temperature",
        "description": "Get the current temperature at a location.",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["location", "unit"],
        },
    },
}
PARIS = {"location": "Paris, France", "unit": "celsius"}
CALL = (
    '<tool_call>\n{"name": "get_current_temperature", "arguments": '
    '{"location": "Paris, France", "unit": "celsius"}}\n</tool_call>'
)
HELLO = [{"role": "user", "content": "Hello"}]


def health(served):
    with urllib.request.urlopen(f"{served.base_url}/health", timeout=5) as reply:
        return json.load(reply)


def ask(served, **options):
    options = {"model": "hermes-test", "messages": HELLO, **options}
    return served.client.chat.completions.create(**options)


def test_a_plain_answer_has_text_usage_and_finish_reason(serve):
    reply = ask(serve("Hi there!"))
    assert reply.choices[0].message.content == "Hi there!"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.model == "hermes-test"
    assert reply.usage.total_tokens > reply.usage.completion_tokens > 0


def test_a_streamed_answer_is_the_same_text_in_pieces(serve):
    chunks = list(ask(serve("Hi there, friend!"), stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(c.choices[0].delta.content or "" for c in chunks)
    assert text == "Hi there, friend!"
    assert len(chunks) > 4
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_stream_options_add_one_usage_chunk_without_choices(serve):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    *_, last = ask(serve("Hi"), **options)
    assert last.choices == []
    assert last.usage.completion_tokens > 0


@pytest.mark.parametrize("choice", ["auto", "required", None])
def test_a_tool_call_comes_back_parsed(serve, choice):
    options = {} if choice is None else {"tool_choice": choice}
    reply = ask(serve(CALL, strict=True), tools=[WEATHER], **options)
    (call,) = reply.choices[0].message.tool_calls
    assert call.function.name == "get_current_temperature"
    assert json.loads(call.function.arguments) == PARIS
    assert reply.choices[0].message.content is None
    assert reply.choices[0].finish_reason == "tool_calls"


def test_a_streamed_tool_call_names_itself_once_and_then_only_adds_fragments(serve):
    chunks = list(ask(serve(CALL, strict=True), tools=[WEATHER], stream=True))
    deltas = [t for c in chunks for t in c.choices[0].delta.tool_calls or ()]
    assert [d.index for d in deltas] == [0] * len(deltas)
    assert [d.function.name for d in deltas if d.function.name] == [
        "get_current_temperature"
    ]
    assert len({d.id for d in deltas if d.id}) == 1
    assert json.loads("".join(d.function.arguments for d in deltas)) == PARIS
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_two_calls_in_one_answer_have_two_indices(serve):
    reply = ask(serve(f"{CALL}\n{CALL}", strict=True), tools=[WEATHER])
    assert len(reply.choices[0].message.tool_calls) == 2
    stream = ask(serve(f"{CALL}\n{CALL}", strict=True), tools=[WEATHER], stream=True)
    indices = [t.index for c in stream for t in c.choices[0].delta.tool_calls or ()]
    assert sorted(set(indices)) == [0, 1]


def test_tool_choice_none_hides_the_tools_from_the_model(serve):
    served = serve("No idea.")
    ask(served, tools=[WEATHER], tool_choice="none")
    assert "get_current_temperature" not in served.engine.requests[0].prompt.text


def test_a_named_tool_is_enforced_by_the_grammar(serve):
    other = json.loads(json.dumps(WEATHER).replace("temperature", "humidity"))
    named = {"type": "function", "function": {"name": "get_current_humidity"}}
    served = serve(CALL.replace("temperature", "humidity"), strict=True)
    reply = ask(served, tools=[WEATHER, other], tool_choice=named)
    assert reply.choices[0].message.tool_calls[0].function.name.endswith("humidity")
    state = served.engine.requests[0].constraint.start()
    assert state.advance(CALL.encode()) is None


NAMED = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
}


@pytest.mark.parametrize(
    "said",
    [
        {"json_schema": {"name": "person", "schema": NAMED}},
        {"name": "person", "schema": NAMED},
    ],
    ids=["nested", "flat"],
)
def test_a_json_schema_is_shown_to_the_model_and_enforced(serve, said):
    served = serve('{"name": "Ada"}', strict=True)
    reply = ask(served, response_format={"type": "json_schema", **said})
    assert json.loads(reply.choices[0].message.content) == {"name": "Ada"}
    request = served.engine.requests[0]
    assert "<schema>" in request.prompt.text
    assert request.constraint.start().advance(b'{"age"') is None


def test_json_object_means_any_object_and_nothing_else(serve):
    served = serve('{"a": [1, 2]}', strict=True)
    reply = ask(served, response_format={"type": "json_object"})
    assert json.loads(reply.choices[0].message.content) == {"a": [1, 2]}
    assert served.engine.requests[0].constraint.start().advance(b"[") is None


def test_a_whole_tool_round_goes_back_into_the_prompt(serve):
    served = serve("It is 22.0 degrees.")
    call = {"name": "get_current_temperature", "arguments": json.dumps(PARIS)}
    messages = [
        {"role": "user", "content": "How warm is Paris?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": call}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "22.0"},
    ]
    reply = ask(served, messages=messages, tools=[WEATHER])
    assert reply.choices[0].message.content == "It is 22.0 degrees."
    text = served.engine.requests[0].prompt.text
    assert "<tool_response>\n22.0\n</tool_response>" in text


def test_max_tokens_ends_with_length(serve):
    reply = ask(serve("one two three four five"), max_tokens=2)
    assert reply.choices[0].finish_reason == "length"


def test_stop_texts_are_not_part_of_the_answer(serve):
    reply = ask(serve("one two END three"), stop=["END"])
    assert reply.choices[0].message.content == "one two "


@pytest.mark.parametrize("stop", ["\n", "<", "{", '"'])
def test_stop_texts_do_not_cut_calls(serve, stop):
    reply = ask(serve(CALL), tools=[WEATHER], stop=[stop])
    assert reply.choices[0].finish_reason == "tool_calls"
    call = reply.choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments) == PARIS


def test_sampling_fields_reach_the_engine(serve):
    served = serve("x")
    ask(served, temperature=0.1, top_p=0.5, seed=7, presence_penalty=0.5)
    sampling = served.engine.requests[0].sampling
    assert (sampling.temperature, sampling.top_p, sampling.seed) == (0.1, 0.5, 7)
    assert sampling.presence_penalty == 0.5


@pytest.mark.parametrize("penalty", ["repeat_penalty", "repetition_penalty"])
def test_sampling_fields_of_other_servers_reach_the_engine(serve, penalty):
    served = serve("x")
    others = {penalty: 1.3, "repeat_last_n": -1, "top_k": 7, "min_p": 0.2}
    asks_nothing = {"mirostat": 0, "typical_p": 1.0, "ignore_eos": False, "lora": []}
    ask(served, extra_body=others | asks_nothing)
    sampling = served.engine.requests[0].sampling
    assert (sampling.repeat_penalty, sampling.repeat_last_n) == (1.3, -1)
    assert (sampling.top_k, sampling.min_p) == (7, 0.2)


@pytest.mark.parametrize(
    "said",
    [
        {"thinking": True},
        {"reasoning_effort": "high"},
        {"chat_template_kwargs": {"thinking": True}},
        {"chat_template_kwargs": {"enable_thinking": True}},
        {"chat_template_kwargs": {"thinking": True}, "reasoning_effort": "none"},
    ],
)
def test_every_way_to_ask_for_reasoning_writes_the_directive(serve, said):
    served = serve("<think>\nhm\n</think>\nx")
    reply = ask(served, extra_body=said)
    assert "deep thinking AI" in served.engine.requests[0].prompt.text
    assert reply.choices[0].message.reasoning_content == "hm"


REFUSED = {
    "n over 1": ({"n": 2}, "n"),
    "logprobs": ({"logprobs": True}, "logprobs"),
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


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("tags", "problem"), [('["a", "b"]', None), ('["a", "a"]', "tags: .* non-unique")]
)
def test_a_keyword_left_to_a_check_is_named_and_checked(serve, stream, tags, problem):
    schema = {
        "type": "object",
        "properties": {
            "tags": {
                "type": "array",
                "items": {"type": "string"},
                "uniqueItems": True,
            }
        },
    }
    named = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    served = serve(f'{{"tags": {tags}}}', on_unsupported="check", strict=True)
    reply = ask(served, response_format=named, stream=stream)
    last = [chunk for chunk in reply if chunk.choices][-1] if stream else reply
    told = last.model_extra["warnings"]
    assert told[0].startswith("answer: uniqueItems at #/properties/tags")
    if problem is None:
        assert len(told) == 1
    else:
        assert re.search(problem, told[1])


def test_tools_that_are_nested_too_deeply_are_refused_by_name(serve):
    parameters = {"type": "object", "properties": {}}
    for _ in range(400):
        parameters = {"type": "object", "properties": {"a": parameters}}
    deep = {"type": "function", "function": {"name": "dig", "parameters": parameters}}
    with pytest.raises(openai.BadRequestError, match=r"'dig'.* nested too deeply"):
        ask(serve("x"), tools=[deep])


def test_a_bug_leaves_as_an_error_of_the_api(serve, monkeypatch):
    served = serve("x")
    monkeypatch.setattr(ChatModel, "stream", lambda *_, **__: 1 / 0)
    with pytest.raises(openai.InternalServerError) as caught:
        ask(served)
    assert caught.value.code == "internal_error"
    assert "ZeroDivisionError" in str(caught.value.body)


def test_a_call_that_is_cut_is_streamed_once(serve):
    cut = CALL[: CALL.index("Paris") + 3]
    chunks = list(ask(serve(cut), tools=[WEATHER], stream=True))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert any(delta.tool_calls for delta in deltas)
    assert "".join(delta.content or "" for delta in deltas) == ""


def test_a_malformed_message_is_named_by_its_index(serve):
    with pytest.raises(openai.BadRequestError, match=r"messages\[1\]"):
        ask(serve("x"), messages=[*HELLO, {"role": "robot", "content": "x"}])


def test_a_user_message_without_content_is_refused(serve):
    with pytest.raises(openai.BadRequestError, match=r"messages\[0\].*content"):
        ask(serve("x"), messages=[{"role": "user"}])


def test_a_prompt_that_does_not_fit_is_an_error_not_a_cut(serve):
    messages = [{"role": "user", "content": "word " * 500}]
    with pytest.raises(openai.BadRequestError) as caught:
        ask(serve("x", n_ctx=64), messages=messages)
    assert caught.value.code == "context_length_exceeded"


def test_another_model_is_404_and_names_the_one_that_is_served(serve):
    with pytest.raises(openai.NotFoundError, match="hermes-test"):
        ask(serve("x"), model="gpt-4o")


@pytest.mark.parametrize("path", ["/v1/embeddings", "/chat/completions", "/docs"])
def test_a_route_that_is_not_served_says_which_are(serve, path):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(serve().base_url + path, timeout=5)
    assert caught.value.code == 404
    message = json.load(caught.value)["error"]["message"]
    assert f"GET {path} " in message
    assert "POST /v1/chat/completions" in message


@pytest.mark.parametrize("path", ["/", "/health", "/v1/models"])
def test_what_can_be_read_answers_head(serve, path):
    asked = urllib.request.Request(serve().base_url + path, method="HEAD")
    with urllib.request.urlopen(asked, timeout=5) as reply:
        assert (reply.status, reply.read()) == (200, b"")


def test_a_wrong_method_says_which_is_right(serve):
    asked = urllib.request.Request(f"{serve().base_url}/v1/chat/completions")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(asked, timeout=5)
    with caught.value as reply:
        assert (reply.status, reply.headers["allow"]) == (405, "POST")


def test_the_root_tells_a_browser_what_this_is(serve):
    base_url = serve().base_url
    with urllib.request.urlopen(base_url + "/", timeout=5) as reply:
        text = reply.read().decode()
    assert "hermes-test" in text
    assert f"{base_url}/v1" in text


def test_the_model_list_holds_the_served_model(serve):
    served = serve()
    assert [m.id for m in served.client.models.list()] == ["hermes-test"]
    assert served.client.models.retrieve("hermes-test").id == "hermes-test"


def test_health_answers_while_a_generation_runs(serve):
    served = serve("word " * 200, delay_s=0.02)
    with ask(served, stream=True) as stream:
        next(iter(stream))
        assert health(served)["status"] == "ok"


def test_a_wrong_api_key_is_refused_and_health_needs_none(serve):
    served = serve("x", api_key="secret")
    bad = served.client.with_options(api_key="wrong")
    with pytest.raises(openai.AuthenticationError):
        bad.models.list()
    assert ask(served).choices[0].message.content == "x"
    assert health(served)["status"] == "ok"


def wait_for(condition) -> bool:
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_a_client_that_leaves_a_stream_cancels_the_generation(serve):
    served = serve("word " * 2000, delay_s=0.01)
    with ask(served, stream=True) as stream:
        next(iter(stream))
    assert wait_for(lambda: served.engine.n_cancelled == 1)


def test_a_client_that_gives_up_on_a_whole_reply_cancels_it_too(serve):
    served = serve("word " * 2000, delay_s=0.01)
    with pytest.raises(openai.APITimeoutError):
        ask(served, timeout=0.3)
    assert wait_for(lambda: served.engine.n_cancelled == 1)


def test_a_failure_inside_the_engine_is_an_error_body_and_the_server_lives(serve):
    served = serve(GenerationError("llama.cpp said no"), "still here")
    with pytest.raises(openai.InternalServerError, match="said no"):
        ask(served)
    assert ask(served).choices[0].message.content == "still here"


def test_a_failure_inside_a_stream_is_an_error_event(serve):
    served = serve(GenerationError("llama.cpp said no"))
    with pytest.raises(openai.APIError, match="said no"):
        list(ask(served, stream=True))


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        (b"{nope", "application/json", "the body is no JSON: .*at character 1"),
        (b'{"messages": []}', "text/plain", "content-type: application/json"),
        (b"[]", "application/json", "body: "),
        (b'{"messages": "\xff"}', "application/json", "JSON in UTF-8"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400_that_says_why(serve, body, kind, problem):
    url = f"{serve().base_url}/v1/chat/completions"
    request = urllib.request.Request(url, data=body, headers={"content-type": kind})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    assert caught.value.code == 400
    error = json.load(caught.value)["error"]
    assert (error["type"], error["code"]) == (
        "invalid_request_error",
        "invalid_request",
    )
    assert re.search(problem, error["message"])
