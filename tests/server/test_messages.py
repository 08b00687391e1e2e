"""The Messages API as the real `anthropic` client sees it."""

from __future__ import annotations

import json
import time
import urllib.error

import anthropic
import pydantic
import pytest
from anthropic import beta_tool

from hermes_gguf.engine.scripted import ScriptedStream
from hermes_gguf.errors import GenerationError
from hermes_gguf.server.messages import route

from .asking import CALL, PARIS
from .fronts import wait_for
from .messaging import HELLO, QUESTION, TOOL, block, client_of, send, stream, write


def content(message) -> list[dict]:
    """The blocks, without what is new each time."""
    blocks = [one.model_dump(exclude_none=True) for one in message.content]
    return [{**one, "id": "id"} if "id" in one else one for one in blocks]


def test_a_plain_answer_is_one_block_of_text(serve):
    said = "Hi there!"
    message = write(serve(said), metadata={"user_id": "u"}, system="Be kind.")
    assert (message.role, message.model) == ("assistant", "hermes-test")
    assert [one.text for one in message.content] == [said]
    assert (message.stop_reason, message.stop_sequence) == ("end_turn", None)
    assert message.usage.input_tokens > message.usage.output_tokens > 0


TEXT = ["start text", "text_delta", "stop"]
USE = ["start tool_use", "input_json_delta", "stop"]
THOUGHT = ["start thinking", "thinking_delta", "signature_delta", "stop"]
STREAMS = {
    "text": ("Hi there, friend!", {}, TEXT, "end_turn"),
    "call": (CALL, {"tools": [TOOL]}, USE, "tool_use"),
    "two calls": (f"{CALL}\n{CALL}", {"tools": [TOOL]}, USE * 2, "tool_use"),
    "text and call": (f"I look.\n{CALL}", {"tools": [TOOL]}, TEXT + USE, "tool_use"),
    "reasoning": (
        "<think>\nhm\n</think>\nx",
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        THOUGHT + TEXT,
        "end_turn",
    ),
    "nothing": ("", {}, ["start text", "stop"], "end_turn"),
}


def steps(events) -> list[str]:
    """What is told of the blocks, each run of deltas once; and it comes in order."""
    told, index = [], -1
    for event in events:
        if event.type == "content_block_start":
            index += 1
            told.append(f"start {event.content_block.type}")
        elif event.type == "content_block_delta":
            told.append(event.delta.type)
        else:
            told.append(event.type.removeprefix("content_block_"))
        assert event.index == index
    return [a for a, b in zip(told, [None, *told], strict=False) if a != b]


@pytest.mark.parametrize(
    ("answer", "options", "told", "reason"), STREAMS.values(), ids=STREAMS.keys()
)
def test_a_stream_tells_each_block_and_says_what_the_whole_reply_says(
    serve, answer, options, told, reason
):
    whole = write(serve(answer), **options)
    first, *middle, last, stop = stream(serve(answer), **options)
    assert (first.type, last.type, stop.type) == (
        "message_start",
        "message_delta",
        "message_stop",
    )
    assert (first.message.content, first.message.stop_reason) == ([], None)
    assert steps(middle) == told
    assert whole.stop_reason == last.delta.stop_reason == reason
    assert last.usage.output_tokens == whole.usage.output_tokens
    assert first.message.usage.input_tokens == whole.usage.input_tokens
    with (
        client_of(serve(answer).base_url) as client,
        client.messages.stream(
            model="", max_tokens=100, messages=HELLO, **options
        ) as events,
    ):
        assert content(events.get_final_message()) == content(whole)


def test_what_was_kept_from_the_turn_before_is_told_apart(serve):
    served = serve("Hi!", "Well.")
    first = write(served)
    turn = {"role": "assistant", "content": first.content}
    messages = [*HELLO, turn, {"role": "user", "content": "How are you?"}]
    begun, *_, last, _ = stream(served, messages=[_plain(one) for one in messages])
    kept = first.usage.input_tokens - 1
    for usage in (begun.message.usage, last.usage):
        assert usage.cache_read_input_tokens >= kept
        assert usage.cache_creation_input_tokens == 0
    counted = serve().engine.count_tokens(served.engine.requests[1].prompt)
    assert last.usage.input_tokens + last.usage.cache_read_input_tokens == counted


def _plain(message: dict) -> dict:
    if isinstance(message["content"], str):
        return message
    blocks = [one.model_dump(exclude_none=True) for one in message["content"]]
    return {**message, "content": blocks}


@pytest.mark.parametrize("streamed", [False, True])
def test_a_call_and_its_result_go_back_as_they_came(serve, streamed):
    served = serve(CALL, "It is 22.0 degrees.", strict=True)
    with client_of(served.base_url) as client:
        asked = {"model": "", "max_tokens": 99, "tools": [TOOL]}
        if streamed:
            with client.messages.stream(**asked, messages=[QUESTION]) as events:
                first = events.get_final_message()
        else:
            first = client.messages.create(**asked, messages=[QUESTION])
        (use,) = first.content
        assert (use.type, use.name, use.input) == ("tool_use", TOOL["name"], PARIS)
        assert use.id.startswith("toolu_")
        result = block("tool_result", tool_use_id=use.id, content="22.0")
        messages = [QUESTION, first.to_param(), {"role": "user", "content": [result]}]
        reply = client.messages.create(**asked, messages=messages)
    assert reply.content[0].text == "It is 22.0 degrees."


def test_the_tool_runner_of_the_client_comes_to_its_answer(serve):
    served = serve(CALL, "It is 22.0 degrees.")

    @beta_tool
    def get_current_temperature(location: str, unit: str) -> str:
        """Get the current temperature at a location."""
        return f"22.0 {unit} in {location}"

    with client_of(served.base_url) as client:
        runner = client.beta.messages.tool_runner(
            model="",
            max_tokens=99,
            messages=[QUESTION],
            tools=[get_current_temperature],
        )
        final = runner.until_done()
    assert final.content[0].text == "It is 22.0 degrees."
    assert "22.0 celsius in Paris" in served.engine.prompts[1]


class Person(pydantic.BaseModel):
    name: str


def test_parse_returns_an_object_of_the_type(serve):
    served = serve('{"name": "Ada"}', strict=True)
    with client_of(served.base_url) as client:
        reply = client.messages.parse(
            model="", max_tokens=99, messages=HELLO, output_format=Person
        )
    assert reply.parsed_output == Person(name="Ada")
    assert served.engine.requests[0].constraint.start().advance(b'{"age"') is None


def test_a_schema_may_also_stand_where_older_clients_put_it(serve):
    served = serve('{"name": "Ada"}', strict=True)
    schema = {"type": "json_schema", "schema": Person.model_json_schema()}
    write(served, extra_body={"output_format": schema})
    assert served.engine.requests[0].constraint.start().advance(b'{"age"') is None


OTHER = json.loads(json.dumps(TOOL).replace("temperature", "humidity"))
HUMID = CALL.replace("temperature", "humidity")


@pytest.mark.parametrize(
    ("choice", "allowed"),
    [
        ({"type": "auto"}, ["Hi", CALL, HUMID, f"{CALL}\n{HUMID}"]),
        ({"type": "any"}, [CALL, HUMID, f"{CALL}\n{HUMID}"]),
        ({"type": "any", "disable_parallel_tool_use": True}, [CALL, HUMID]),
        ({"type": "tool", "name": OTHER["name"]}, [HUMID]),
    ],
    ids=["auto", "any", "one of any", "a named one"],
)
def test_the_choice_of_tools_is_enforced_from_the_first_token(serve, choice, allowed):
    served = serve(allowed[-1], strict=True)
    write(served, tools=[TOOL, OTHER], tool_choice=choice)
    state = served.engine.requests[0].constraint.start()
    for answer in ("Hi", CALL, HUMID, f"{CALL}\n{HUMID}"):
        assert (_ends(state, answer)) == (answer in allowed), answer


def _ends(state, answer: str) -> bool:
    after = state.advance(answer.encode())
    return after is not None and after.may_end


def test_without_tools_allowed_none_is_shown(serve):
    served = serve("Hi")
    write(served, tools=[TOOL], tool_choice={"type": "none"})
    assert TOOL["name"] not in served.engine.prompts[0]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("answer", "max_tokens", "n_ctx", "reason"),
    [
        ("one two three four", 3, 8192, "max_tokens"),
        (CALL, 24, 8192, "max_tokens"),
        ("word " * 9999, 9000, 512, "model_context_window_exceeded"),
    ],
    ids=["text", "call", "context"],
)
def test_an_answer_that_is_cut_says_so(
    serve, streamed, answer, max_tokens, n_ctx, reason
):
    served = serve(answer, n_ctx=n_ctx)
    asked = {"max_tokens": max_tokens, "tools": [TOOL]}
    if streamed:
        *_, last, _ = stream(served, **asked)
        assert last.delta.stop_reason == reason
        return
    message = write(served, **asked)
    assert message.stop_reason == reason
    for one in message.content:
        # Half a call is nothing that anybody should run.
        assert one.type == "text" or one.input == {}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("texts", "reason", "told", "text"),
    [
        (["zzz", "END"], "stop_sequence", "END", "DONE "),
        (["zzz"], "end_turn", None, "DONE END"),
    ],
)
def test_the_stop_sequence_that_came_is_named(
    serve, streamed, texts, reason, told, text
):
    served = serve("DONE END")
    if streamed:
        *_, last, _ = stream(served, stop_sequences=texts)
        assert (last.delta.stop_reason, last.delta.stop_sequence) == (reason, told)
    else:
        message = write(served, stop_sequences=texts)
        assert (message.stop_reason, message.stop_sequence) == (reason, told)
        assert message.content[0].text == text


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"system": "Be kind."},
        {"tools": [TOOL]},
        {"tools": [TOOL], "tool_choice": {"type": "none"}},
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    ],
)
def test_tokens_are_counted_as_the_prompt_has_them(serve, options):
    served = serve("x")
    with client_of(served.base_url) as client:
        counted = client.messages.count_tokens(model="", messages=HELLO, **options)
        client.beta.messages.count_tokens(model="", messages=HELLO)
    assert write(served, **options).usage.input_tokens == counted.input_tokens
    assert len(served.engine.requests) == 1


def test_a_conversation_is_counted_after_an_answer_too(serve):
    said = [*HELLO, {"role": "assistant", "content": "one two three"}]
    with client_of(serve().base_url) as client:
        short, long = [
            client.messages.count_tokens(model="", messages=messages).input_tokens
            for messages in (HELLO, said)
        ]
    assert long > short


def test_pings_come_while_a_prompt_is_read(serve):
    messages = [{"role": "user", "content": "word " * 2000}]
    with send(
        serve("x"), model="", max_tokens=9, messages=messages, stream=True
    ) as reply:
        text = reply.read().decode()
    names = [line for line in text.splitlines() if line.startswith("event:")]
    assert names[:3] == ["event: message_start", "event: ping", "event: ping"]
    assert "event: ping" not in names[names.index("event: content_block_start") :]


def test_a_long_wait_is_kept_alive_and_until_the_model_begins_by_no_event(
    serve, monkeypatch
):
    at_once = ScriptedStream.__next__

    def slow(stream: ScriptedStream) -> object:
        time.sleep(0.5)
        return at_once(stream)

    monkeypatch.setattr(ScriptedStream, "__next__", slow)
    monkeypatch.setattr(route, "KEEPALIVE_S", 0.02)
    body = {"model": "", "max_tokens": 9, "messages": HELLO, "stream": True}
    with send(serve("one"), **body) as reply:
        before, _, after = reply.read().decode().partition("event: message_start")
    assert before.count(": waiting\n\n") > 3
    assert "event:" not in before
    reading, _, _ = after.partition("event: content_block_start")
    assert reading.count("event: ping") > 3


def test_a_failure_of_the_engine_is_an_error_or_the_end_of_a_stream(serve):
    served = serve(*[GenerationError("llama.cpp said no")] * 2, "still here")
    with pytest.raises(anthropic.InternalServerError, match="said no") as caught:
        write(served)
    assert caught.value.body["error"]["type"] == "api_error"
    with client_of(served.base_url) as client:
        events = client.messages.create(
            model="", max_tokens=9, messages=HELLO, stream=True
        )
        with pytest.raises(anthropic.APIStatusError, match="said no"):
            list(events)
    assert write(served).content[0].text == "still here"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_keyword_left_to_a_check_is_named(serve, streamed):
    schema = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    wanted = {"format": {"type": "json_schema", "schema": schema}}
    served = serve('["a", "a"]', on_unsupported="check", strict=True)
    if streamed:
        *_, last, _ = stream(served, output_config=wanted)
    else:
        last = write(served, output_config=wanted)
    assert last.model_extra["warnings"][0].startswith("answer: uniqueItems at #")


def test_a_client_that_leaves_cancels_its_answer(serve):
    served = serve(*["word " * 2000] * 2, delay_s=0.01)
    with client_of(served.base_url) as client:
        asked = {"model": "", "max_tokens": 5000, "messages": HELLO}
        with client.messages.create(**asked, stream=True) as events:
            next(iter(events))
        assert wait_for(lambda: served.engine.n_cancelled == 1)
        with pytest.raises(anthropic.APITimeoutError):
            client.messages.create(**asked, timeout=0.3)
    assert wait_for(lambda: served.engine.n_cancelled == 2)


def test_a_crash_of_the_worker_is_told_to_who_waits_and_to_who_listens(front):
    served = front()
    with client_of(served.url) as client:
        asked = {"model": "", "max_tokens": 5000}
        go_on = [{"role": "user", "content": "go on"}]
        events = client.messages.create(**asked, messages=go_on, stream=True)
        assert next(events).type == "message_start"
        die = [{"role": "user", "content": "die SIGSEGV"}]
        with pytest.raises(anthropic.InternalServerError, match="SIGSEGV") as caught:
            client.messages.create(**asked, messages=die)
        assert caught.value.status_code == 502
        assert caught.value.body["error"]["type"] == "api_error"
        with pytest.raises(anthropic.APIStatusError, match=r"crashed .SIGSEGV"):
            list(events)
        short = [{"role": "user", "content": "short"}]
        reply = client.messages.create(**asked, messages=short)
    assert reply.content[0].text == "short"


def test_who_waits_too_long_for_the_model_is_told_to_come_again(front):
    served = front(load_s=30, wait_s=0.5)
    with (
        client_of(served.url) as client,
        pytest.raises(anthropic.APIStatusError) as caught,
    ):
        client.messages.create(model="", max_tokens=9, messages=HELLO)
    assert caught.value.status_code == 503
    assert caught.value.body["error"]["type"] == "overloaded_error"
    assert caught.value.response.headers["retry-after"] == "5"


def test_an_answer_that_the_end_of_the_server_ends_says_so(front):
    served = front()
    go_on = [{"role": "user", "content": "go on"}]
    with client_of(served.url) as client:
        events = client.messages.create(
            model="", max_tokens=5000, messages=go_on, stream=True
        )
        assert next(events).type == "message_start"
        served.process.terminate()
        with pytest.raises(anthropic.APIStatusError, match="stopped before"):
            list(events)


@pytest.mark.parametrize(
    "header",
    [{"x-api-key": "secret"}, {"authorization": "Bearer secret"}],
    ids=["x-api-key", "bearer"],
)
def test_the_key_is_taken_from_either_header(serve, header):
    served = serve("x", api_key="secret")
    with client_of(served.base_url, "wrong") as client:
        with pytest.raises(anthropic.AuthenticationError) as caught:
            client.messages.count_tokens(model="", messages=HELLO)
        assert caught.value.body["error"]["type"] == "authentication_error"
        right = {"authorization": "Bearer wrong", **header}
        client.messages.count_tokens(model="", messages=HELLO, extra_headers=right)


def test_a_base_url_with_v1_is_told_to_be_too_long(serve):
    with (
        client_of(f"{serve().base_url}/v1") as client,
        pytest.raises(anthropic.NotFoundError, match="must not end in /v1"),
    ):
        client.messages.create(model="", max_tokens=9, messages=HELLO)


def test_what_is_not_there_is_refused_in_the_shape_of_the_api(serve):
    with pytest.raises(urllib.error.HTTPError) as caught:
        send(serve(), "/v1/messages/batches", requests=[])
    with caught.value as reply:
        body = json.load(reply)
    assert (reply.code, body["type"]) == (404, "error")
    assert body["error"]["type"] == "not_found_error"
    assert "POST /v1/messages," in body["error"]["message"]
