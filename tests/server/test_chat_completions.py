"""The endpoint as the real `openai` client sees it."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from hermes_gguf.chat import apart

from .asking import CALL, PARIS, WEATHER, ask


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


def test_fields_that_ask_for_nothing_change_nothing(serve):
    unset = (
        "stream stream_options tools tool_choice response_format n stop seed logprobs"
    )
    asked = dict.fromkeys(unset.split()) | {"functions": [], "function_call": "auto"}
    served = serve("one two three")
    reply = ask(served, extra_body=asked | {"max_tokens": -1, "top_k": -1})
    assert reply.choices[0].message.content == "one two three"
    assert reply.choices[0].finish_reason == "stop"
    assert served.engine.requests[0].sampling.top_k == 0
    assert served.engine.requests[0].max_tokens is None


def test_top_p_0_is_the_likeliest_token_alone(serve):
    served = serve("x")
    ask(served, top_p=0)
    assert served.engine.requests[0].sampling.top_k == 1


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


@pytest.mark.parametrize("stream", [False, True])
def test_a_pattern_that_takes_for_ever_ends_its_own_answer_alone(
    serve, stream, monkeypatch
):
    monkeypatch.setattr(apart, "LIMIT_S", 2)
    hostile = {"type": "string", "pattern": r"^(a+)+(b)\2$"}
    schema = {"type": "object", "properties": {"word": hostile}}
    named = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    served = serve(json.dumps({"word": "a" * 99}), "hi", on_unsupported="check")
    with ThreadPoolExecutor() as other:
        first = other.submit(
            lambda: list(ask(served, response_format=named, stream=stream))
        )
        while not served.engine.requests:
            time.sleep(0.01)
        assert ask(served).choices[0].message.content == "hi"
        assert not first.done()
        with pytest.raises(openai.APIError, match="#/properties/word/pattern"):
            first.result()


def test_a_call_that_is_cut_is_the_same_unfinished_call_streamed_or_whole(serve):
    begun = CALL[: CALL.index("Paris") + 3]
    served = serve(begun, begun)
    whole = ask(served, tools=[WEATHER]).choices[0]
    chunks = list(ask(served, tools=[WEATHER], stream=True))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    added = [call.function for delta in deltas for call in delta.tool_calls or ()]
    assert "".join(call.arguments for call in added) == '{"location": "Par'
    (call,) = whole.message.tool_calls
    assert call.function.name == added[0].name == "get_current_temperature"
    assert call.function.arguments == '{"location": "Par'
    assert (whole.message.content or "") == ""
    assert "".join(delta.content or "" for delta in deltas) == ""


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
