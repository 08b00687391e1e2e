"""The Responses API as the real `openai` client sees it."""

from __future__ import annotations

import json
import time

import openai
import pydantic
import pytest
from openai.types.responses import Response

from hermes_gguf.errors import GenerationError

from .asking import CALL, PARIS
from .responding import FUNCTION, QUESTION, item, respond, stream


def kinds(events) -> list[str]:
    """The types of the events, each run of deltas once."""
    names = [event.type.removeprefix("response.") for event in events]
    return [a for a, b in zip(names, [None, *names], strict=False) if a != b]


def content(response: Response) -> dict:
    """All of it but what is new each time."""
    text = json.dumps(response.model_dump(exclude={"id", "created_at", "timings"}))
    new = [(item.id, item.type) for item in response.output]
    new += [(getattr(item, "call_id", None), "call") for item in response.output]
    for id_, name in new:
        text = text.replace(id_, name) if id_ else text
    return json.loads(text)


def test_a_plain_answer_is_one_message(serve):
    reply = respond(serve("Hi there!"), metadata={"k": "v"}, instructions="Be kind.")
    assert (reply.status, reply.output_text) == ("completed", "Hi there!")
    (message,) = reply.output
    assert (message.role, message.status) == ("assistant", "completed")
    assert message.content[0].annotations == []
    assert (reply.metadata, reply.instructions) == ({"k": "v"}, "Be kind.")
    assert reply.usage.total_tokens > reply.usage.output_tokens > 0


TEXT = ["output_item.added", "content_part.added", "output_text.delta"]
TEXT += ["output_text.done", "content_part.done", "output_item.done"]
THOUGHT = [kind.replace("output_text", "reasoning_text") for kind in TEXT]
CALLED = ["output_item.added", "function_call_arguments.delta"]
CALLED += ["function_call_arguments.done", "output_item.done"]


@pytest.mark.parametrize(
    ("answer", "options", "told"),
    [
        ("Hi there, friend!", {}, TEXT),
        (CALL, {"tools": [FUNCTION]}, CALLED),
        (f"{CALL}\n{CALL}", {"tools": [FUNCTION]}, CALLED * 2),
        (f"I look.\n{CALL}", {"tools": [FUNCTION]}, TEXT + CALLED),
        (
            "<think>\nhm\n</think>\nx",
            {"reasoning": {"effort": "high"}},
            THOUGHT + TEXT,
        ),
        ("", {}, [kind for kind in TEXT if kind != "output_text.delta"]),
    ],
    ids=["text", "call", "two calls", "text and call", "reasoning", "nothing"],
)
def test_a_stream_tells_each_step_and_ends_with_the_whole_reply(
    serve, answer, options, told
):
    whole = respond(serve(answer), **options)
    events = stream(serve(answer), **options)
    assert kinds(events) == ["created", "in_progress", *told, "completed"]
    assert content(events[-1].response) == content(whole)
    done = [e.item for e in events if e.type == "response.output_item.done"]
    assert done == events[-1].response.output
    deltas: dict[str, str] = {}
    for event in events:
        if event.type.endswith(".delta"):
            deltas[event.item_id] = deltas.get(event.item_id, "") + event.delta
    for one in done:
        said = one.arguments if one.type == "function_call" else one.content[0].text
        assert deltas.get(one.id, "") == said


def test_reasoning_is_counted(serve):
    served = serve("<think>\none two three\n</think>\nx")
    reply = respond(served, reasoning={"effort": "low"})
    assert "deep thinking AI" in served.engine.prompts[0]
    assert reply.output[0].content[0].text == "one two three"
    assert reply.usage.output_tokens_details.reasoning_tokens == 5


@pytest.mark.parametrize("streamed", [False, True])
def test_a_call_and_its_result_go_back_as_they_came(serve, streamed):
    served = serve(CALL, "It is 22.0 degrees.", strict=True)
    asked = {"input": [QUESTION], "tools": [FUNCTION]}
    if streamed:
        first = stream(served, **asked)[-1].response
    else:
        first = respond(served, **asked)
    (call,) = first.output
    assert (call.type, call.name) == ("function_call", "get_current_temperature")
    assert (json.loads(call.arguments), call.status) == (PARIS, "completed")
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "22.0"}
    items = [QUESTION, call.model_dump(), result]
    reply = respond(served, input=items, tools=[FUNCTION])
    assert reply.output_text == "It is 22.0 degrees."


def test_the_stream_of_the_client_collects_calls_and_text(serve):
    served = serve(f"I look.\n{CALL}")
    with served.client.responses.stream(
        model="hermes-test", input="Hello", tools=[FUNCTION]
    ) as events:
        final = events.get_final_response()
    assert final.output_text == "I look."
    assert json.loads(final.output[1].arguments) == PARIS


class Person(pydantic.BaseModel):
    name: str


def test_parse_returns_an_object_of_the_type(serve):
    served = serve('{"name": "Ada"}', strict=True)
    reply = served.client.responses.parse(
        model="hermes-test", input="Who?", text_format=Person
    )
    assert reply.output_parsed == Person(name="Ada")
    assert "<schema>" in served.engine.prompts[0]
    state = served.engine.requests[0].constraint.start()
    assert state.advance(b'{"age"') is None


def test_json_object_means_any_object(serve):
    served = serve('{"a": 1}', strict=True)
    respond(served, text={"format": {"type": "json_object"}})
    assert served.engine.requests[0].constraint.start().advance(b"[") is None


def test_a_named_tool_is_enforced(serve):
    other = json.loads(json.dumps(FUNCTION).replace("temperature", "humidity"))
    served = serve(CALL.replace("temperature", "humidity"), strict=True)
    named = {"type": "function", "name": "get_current_humidity"}
    reply = respond(served, tools=[FUNCTION, other], tool_choice=named)
    assert reply.output[0].name == "get_current_humidity"
    state = served.engine.requests[0].constraint.start()
    assert state.advance(CALL.encode()) is None


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("answer", ["one two three four", CALL], ids=["text", "call"])
def test_an_answer_that_is_cut_says_so(serve, streamed, answer):
    served = serve(answer)
    n_tokens = 3 if answer != CALL else 24
    asked = {"max_output_tokens": n_tokens, "tools": [FUNCTION]}
    if streamed:
        last = stream(served, **asked)[-1]
        assert last.type == "response.incomplete"
        reply = last.response
    else:
        reply = respond(served, **asked)
    assert reply.status == "incomplete"
    assert reply.incomplete_details.reason == "max_output_tokens"
    assert [item.status for item in reply.output] == ["incomplete"]
    if answer == CALL:
        (call,) = reply.output
        assert call.arguments.startswith("{")
        with pytest.raises(ValueError, match=r"char|delimiter|Unterminated"):
            json.loads(call.arguments)


def test_sampling_fields_reach_the_engine_and_are_repeated(serve):
    served = serve("x")
    more = {"top_k": 7, "seed": 3}
    reply = respond(served, temperature=0.1, top_p=0.5, extra_body=more)
    sampling = served.engine.requests[0].sampling
    assert (sampling.temperature, sampling.top_p) == (0.1, 0.5)
    assert (sampling.top_k, sampling.seed) == (7, 3)
    assert (reply.temperature, reply.top_p) == (0.1, 0.5)


def test_fields_that_need_nothing_are_accepted(serve):
    nothing = {"store": True, "user": "u", "service_tier": "auto", "truncation": None}
    nothing |= {"include": ["reasoning.encrypted_content"], "prompt_cache_key": "k"}
    nothing |= {"safety_identifier": "s", "background": False, "n": 1, "tools": None}
    nothing |= {
        "max_output_tokens": -1,
        "conversation": None,
        "previous_response_id": None,
    }
    assert respond(serve("one two"), extra_body=nothing).output_text == "one two"


def test_a_prompt_that_does_not_fit_is_an_error_about_the_input(serve):
    with pytest.raises(openai.BadRequestError) as caught:
        respond(serve("x", n_ctx=64), input="word " * 500)
    assert caught.value.code == "context_length_exceeded"
    assert caught.value.param == "input"


def test_another_model_is_404(serve):
    with pytest.raises(openai.NotFoundError, match="hermes-test"):
        respond(serve("x"), model="gpt-4o")


def test_a_failure_of_the_engine_is_an_error_or_a_failed_response(serve):
    served = serve(*[GenerationError("llama.cpp said no")] * 2, "still here")
    with pytest.raises(openai.InternalServerError, match="said no"):
        respond(served)
    *_, last = stream(served)
    assert last.type == "response.failed"
    assert (last.response.status, last.response.error.code) == (
        "failed",
        "server_error",
    )
    assert "said no" in last.response.error.message
    assert respond(served).output_text == "still here"


@pytest.mark.parametrize("streamed", [False, True])
def test_a_keyword_left_to_a_check_is_named(serve, streamed):
    schema = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    named = item("json_schema", name="x", schema=schema)
    served = serve('["a", "a"]', on_unsupported="check", strict=True)
    asked = {"text": {"format": named}}
    reply = (
        stream(served, **asked)[-1].response if streamed else respond(served, **asked)
    )
    assert reply.model_extra["warnings"][0].startswith("answer: uniqueItems at #")


def wait_for(condition) -> bool:
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_a_client_that_leaves_cancels_its_answer(serve):
    served = serve(*["word " * 2000] * 2, delay_s=0.01)
    create = served.client.responses.create
    with create(model="hermes-test", input="Hello", stream=True) as events:
        next(iter(events))
    assert wait_for(lambda: served.engine.n_cancelled == 1)
    with pytest.raises(openai.APITimeoutError):
        create(model="hermes-test", input="Hello", timeout=0.3)
    assert wait_for(lambda: served.engine.n_cancelled == 2)
