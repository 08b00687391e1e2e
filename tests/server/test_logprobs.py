"""Log probabilities on the wire, as the real `openai` client sees them."""

from __future__ import annotations

import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from hermes_gguf.events import TokenProb
from hermes_gguf.server.logprobs import choice_logprobs

from .asking import CALL, WEATHER, ask
from .responding import respond, stream


def words(logprobs) -> list[str]:
    return [entry.token for entry in logprobs.content]


def test_a_whole_answer_brings_its_tokens(serve):
    reply = ask(serve("Hé there"), logprobs=True, top_logprobs=3)
    ChatCompletion.model_validate(reply.model_dump(), strict=True)
    logprobs = reply.choices[0].logprobs
    assert words(logprobs) == ["Hé", " ", "there"]
    assert logprobs.refusal is None
    first = logprobs.content[0]
    assert (first.logprob, first.bytes) == (0.0, list("Hé".encode()))
    assert first.top_logprobs[0].model_dump() == first.model_dump(
        exclude={"top_logprobs"}
    )


def test_a_stream_brings_each_token_with_its_text(serve):
    chunks = list(ask(serve("Hi a<b, friend!"), logprobs=True, stream=True))
    told = []
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk.model_dump(), strict=True)
        if logprobs := chunk.choices[0].logprobs:
            told += words(logprobs)
    assert "".join(told) == "Hi a<b, friend!"
    assert told == words(
        ask(serve("Hi a<b, friend!"), logprobs=True).choices[0].logprobs
    )


def test_how_many_alternatives_come_is_asked_of_the_engine(serve):
    served = serve("x", "x", "x")
    ask(served)
    ask(served, logprobs=False, top_logprobs=0)
    reply = ask(served, logprobs=True)
    assert [request.n_probs for request in served.engine.requests] == [None, None, 0]
    assert reply.choices[0].logprobs.content[0].top_logprobs == []


def test_calls_have_none(serve):
    reply = ask(serve(CALL), tools=[WEATHER], logprobs=True)
    assert reply.choices[0].message.tool_calls
    assert reply.choices[0].logprobs is None


@pytest.mark.parametrize(
    "options",
    [
        {"logprobs": True, "top_logprobs": 21},
        {"logprobs": True, "top_logprobs": -1},
        {"top_logprobs": 2},
        {"logprobs": False, "top_logprobs": 2},
    ],
)
def test_other_numbers_are_refused_by_name(serve, options):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(serve("x"), **options)
    assert caught.value.param == "top_logprobs"


def test_bytes_that_are_no_character_are_spelled_and_nothing_is_infinite():
    infinite = float("-inf")
    prob = TokenProb(1, b"\xf0\x9f", infinite, ((2, b"a\xff", infinite),))
    (entry,) = choice_logprobs([prob])["content"]
    assert (entry["token"], entry["bytes"]) == (r"\xf0\x9f", [0xF0, 0x9F])
    assert entry["logprob"] == entry["top_logprobs"][0]["logprob"] == -9999.0
    assert entry["top_logprobs"][0]["token"] == r"a\xff"


INCLUDE = {"include": ["message.output_text.logprobs"]}


def test_a_response_includes_them_when_it_is_to(serve):
    reply = respond(serve("Hi there"), **INCLUDE, top_logprobs=2)
    (part,) = reply.output[0].content
    assert [entry.token for entry in part.logprobs] == ["Hi", " ", "there"]
    assert part.logprobs[0].bytes == list(b"Hi")
    assert part.logprobs[0].top_logprobs[0].token == "Hi"
    assert reply.top_logprobs == 2
    assert respond(serve("Hi")).output[0].content[0].logprobs == []


def test_a_streamed_response_brings_them_with_each_piece_and_at_the_end(serve):
    events = stream(serve("Hi there"), **INCLUDE)
    deltas = [e for e in events if e.type == "response.output_text.delta"]
    told = [entry.token for event in deltas for entry in event.logprobs]
    (done,) = [e for e in events if e.type == "response.output_text.done"]
    assert told == [entry.token for entry in done.logprobs] == ["Hi", " ", "there"]
    (part,) = [e.part for e in events if e.type == "response.content_part.done"]
    assert [entry.token for entry in part.logprobs] == told
