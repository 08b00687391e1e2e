"""Raw completions, as the real `openai` client sees them."""

from __future__ import annotations

from collections import defaultdict

import openai
import pytest
from openai.types import Completion

from hermes_gguf.engine.base import GenerationRequest
from hermes_gguf.errors import GenerationError
from hermes_gguf.events import TokenProb
from hermes_gguf.prompt.rendered import Prompt
from hermes_gguf.server.completions.replies import Echo

from .asking import WEATHER
from .fronts import wait_for


def complete(served, **options):
    options = {"model": "hermes-test", "prompt": "Once upon", **options}
    return served.client.completions.create(**options)


def only_request(served) -> GenerationRequest:
    (request,) = served.engine.requests
    return request


def test_a_text_goes_on_with_nothing_around_it(serve):
    served = serve(" a time")
    reply = complete(served)
    Completion.model_validate(reply.model_dump(), strict=True)
    (choice,) = reply.choices
    assert (choice.text, choice.index, choice.finish_reason) == (" a time", 0, "stop")
    assert choice.logprobs is None
    assert reply.object == "text_completion"
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + 4
    # No part of it is untrusted: special tokens are read as such.
    assert only_request(served).prompt == Prompt("Once upon")


def test_what_looks_like_a_call_or_reasoning_is_text(serve):
    raw = " \n<think>hm</think><tool_call>{}</tool_call>\n"
    assert complete(serve(raw), max_tokens=99).choices[0].text == raw


@pytest.mark.parametrize(
    ("said", "limit"),
    [({}, 16), ({"max_tokens": None}, 16), ({"max_tokens": 0}, 0)]
    + [({"max_tokens": 7}, 7), ({"max_tokens": -1}, None)],
)
def test_a_limit_is_openais_where_none_is_said(serve, said, limit):
    served = serve("x")
    complete(served, **said)
    assert only_request(served).max_tokens == limit


def test_an_answer_at_its_limit_is_cut(serve):
    (choice,) = complete(serve("a b c d"), max_tokens=3).choices
    assert (choice.text, choice.finish_reason) == ("a b", "length")


def test_sampling_fields_reach_the_engine(serve):
    served = serve("x")
    foreign = {"top_k": 5, "repeat_penalty": 1.2, "logit_bias": {"3": -100}}
    complete(served, temperature=0.3, seed=9, top_p=0.5, extra_body=foreign)
    sampling = only_request(served).sampling
    assert (sampling.temperature, sampling.seed, sampling.top_p) == (0.3, 9, 0.5)
    assert (sampling.top_k, sampling.repeat_penalty) == (5, 1.2)
    assert sampling.logit_bias == ((3, -100.0),)


def test_stop_texts_end_it(serve):
    assert complete(serve("one END two"), stop="END").choices[0].text == "one "
    assert complete(serve("one END two"), stop=["x", " "]).choices[0].text == "one"


def test_a_stream_is_the_same_text_in_pieces(serve):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    *chunks, last = complete(serve(" a time there"), **options)
    for chunk in chunks:
        Completion.model_validate(
            chunk.model_dump() | {"choices": []}, strict=True
        )  # a stream's choices have no reason before their end
    assert "".join(c.choices[0].text for c in chunks) == " a time there"
    reasons = [c.choices[0].finish_reason for c in chunks]
    assert reasons == [None] * (len(chunks) - 1) + ["stop"]
    assert len(chunks) > 4
    assert last.choices == []
    assert last.usage.completion_tokens == 6


def test_several_prompts_have_their_answers_side_by_side(serve):
    served = serve("a1", "a2", "b1", "b2")
    reply = complete(served, prompt=["a", "b"], n=2, seed=4)
    assert [c.text for c in reply.choices] == ["a1", "a2", "b1", "b2"]
    assert [c.index for c in reply.choices] == [0, 1, 2, 3]
    assert [r.sampling.seed for r in served.engine.requests] == [4, 5, 4, 5]
    assert reply.usage.completion_tokens == 4
    each = [complete(serve("x"), prompt=p).usage.prompt_tokens for p in "ab"]
    assert reply.usage.prompt_tokens == sum(each)


def test_a_stream_of_several_says_which_choice_each_chunk_is_about(serve):
    texts = defaultdict(str)
    for chunk in complete(serve("1", "2"), prompt=["a", "b"], stream=True, echo=True):
        texts[chunk.choices[0].index] += chunk.choices[0].text
    assert texts == {0: "a1", 1: "b2"}


def test_token_ids_are_taken_as_they_are(serve):
    served = serve("x", "y", "z")
    (first, *_) = served.engine.tokenize("Once upon")
    complete(served, prompt=[first])
    reply = complete(served, prompt=[[first], [first, first]], echo=True)
    asked = [request.prompt for request in served.engine.requests]
    assert asked == [(first,), (first,), (first, first)]
    assert [c.text for c in reply.choices] == ["Oncey", "OnceOncez"]


def test_an_echo_is_the_prompt(serve):
    reply = complete(serve(" a time"), echo=True)
    assert reply.choices[0].text == "Once upon a time"
    chunks = list(complete(serve(" a time"), echo=True, stream=True))
    assert chunks[0].choices[0].text == "Once upon"


def test_log_probabilities_have_their_old_shape(serve):
    served = serve("Hé there")
    logprobs = complete(served, logprobs=3).choices[0].logprobs
    assert only_request(served).n_probs == 3
    assert logprobs.tokens == ["Hé", " ", "there"]
    assert logprobs.token_logprobs == [0.0, 0.0, 0.0]
    assert logprobs.top_logprobs == [{"Hé": 0.0}, {" ": 0.0}, {"there": 0.0}]
    assert logprobs.text_offset == [0, 2, 3]


def test_a_stream_brings_them_with_their_text(serve):
    chunks = list(complete(serve("Hi there"), logprobs=0, stream=True))
    told = [c.choices[0].logprobs for c in chunks if c.choices[0].logprobs]
    assert [one.tokens for one in told] == [["Hi"], [" "], ["there"]]
    assert [one.text_offset for one in told] == [[0], [2], [3]]


def test_an_echo_has_the_log_probabilities_of_the_prompt(serve):
    served = serve(" a time")
    reply = complete(served, echo=True, logprobs=1)
    assert reply.choices[0].text == "Once upon a time"
    logprobs = reply.choices[0].logprobs
    assert logprobs.tokens == ["Once", " ", "upon", " ", "a", " ", "time"]
    assert logprobs.token_logprobs == [0.0] * 7
    assert logprobs.top_logprobs[2] == {"upon": 0.0}
    assert logprobs.text_offset == [0, 4, 5, 9, 10, 11, 12]
    assert only_request(served).prompt_probs


def test_a_first_token_that_follows_nothing_has_none(serve):
    served = serve("y")
    ids = served.engine.tokenize("Once upon")
    reply = complete(served, prompt=ids, echo=True, logprobs=0, max_tokens=0)
    logprobs = reply.choices[0].logprobs
    assert logprobs.tokens == ["Once", " ", "upon"]
    assert logprobs.token_logprobs == [None, 0.0, 0.0]
    assert logprobs.top_logprobs[0] is None


def test_a_stream_tells_of_the_prompt_before_the_answer(serve):
    first, *others = complete(serve("y", "z"), echo=True, logprobs=0, n=2, stream=True)
    assert first.choices[0].text == "Once upon"
    assert first.choices[0].logprobs.tokens == ["Once", " ", "upon"]
    texts = defaultdict(str)
    for chunk in [first, *others]:
        texts[chunk.choices[0].index] += chunk.choices[0].text
    assert texts == {0: "Once upony", 1: "Once uponz"}


def test_the_space_that_a_tokenizer_puts_first_is_not_in_the_text():
    probs = [TokenProb(1, b" Once", -1.0), TokenProb(2, " né".encode(), -2.0)]
    tokens = Echo("Once né").tokens(probs)
    assert [(token.text, token.start) for token in tokens] == [
        (b"Once", 0),
        (" né".encode(), 4),
    ]


REFUSED = {
    "a suffix": ({"suffix": "end"}, "suffix"),
    "the best of several": ({"best_of": 3}, "best_of"),
    "too many alternatives": ({"logprobs": 6}, "logprobs"),
    "no prompt": ({"prompt": []}, "prompt"),
    "a prompt that is none": ({"prompt": {"a": 1}}, "prompt"),
    "prompts of two kinds": ({"prompt": ["a", 1]}, "prompt"),
    "truths for token ids": ({"prompt": [True]}, "prompt"),
    "too many answers": ({"prompt": ["a"] * 33, "n": 2}, "prompt"),
    "n out of range": ({"n": 9}, "n"),
    "a negative limit": ({"max_tokens": -2}, "max_tokens"),
    "an empty stop": ({"stop": [""]}, "stop"),
    "temperature out of range": ({"temperature": -1}, "temperature"),
    "a grammar": ({"extra_body": {"grammar": "root ::= x"}}, "grammar"),
    "tools": ({"extra_body": {"tools": [WEATHER]}}, "tools"),
    "a format": (
        {"extra_body": {"response_format": {"type": "json_object"}}},
        "response_format",
    ),
    "a chat": ({"extra_body": {"messages": []}}, "messages"),
}


@pytest.mark.parametrize(("options", "param"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_supported_is_refused_by_name(serve, options, param):
    served = serve("x")
    with pytest.raises(openai.BadRequestError) as caught:
        complete(served, **options)
    assert caught.value.param == param
    assert served.engine.requests == []


def test_fields_that_ask_for_nothing_change_nothing(serve):
    nothing = {"best_of": 2, "n": 2, "suffix": "", "echo": False, "user": "x"}
    extra = {"tools": [], "tool_choice": "none", "mirostat": 0, "messages": None}
    reply = complete(serve("a", "b"), **nothing, extra_body=extra)
    assert [choice.text for choice in reply.choices] == ["a", "b"]


def test_a_prompt_that_does_not_fit_is_an_error_not_a_cut(serve):
    with pytest.raises(openai.BadRequestError) as caught:
        complete(serve("x", n_ctx=64), prompt="word " * 500)
    assert caught.value.code == "context_length_exceeded"
    assert caught.value.param == "prompt"


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_inside_the_engine_is_an_error_of_the_api(serve, stream):
    served = serve(GenerationError("said no"), "still here")
    with pytest.raises(openai.APIError, match="said no"):
        list(complete(served, stream=stream))
    assert complete(served).choices[0].text == "still here"


def test_another_model_is_not_found(serve):
    with pytest.raises(openai.NotFoundError):
        complete(serve("x"), model="gpt-3.5-turbo-instruct")


def test_a_client_that_leaves_ends_all(serve):
    served = serve(*["go on " * 500] * 2, delay_s=0.01)
    stream = complete(served, n=2, max_tokens=-1, stream=True)
    next(iter(stream))
    stream.close()
    assert wait_for(lambda: served.engine.n_cancelled >= 1)
    impatient = served.client.with_options(timeout=0.5)
    served.engine.script(*["go on " * 500] * 2)
    with pytest.raises(openai.APITimeoutError):
        impatient.completions.create(model="", prompt="x", n=2, max_tokens=-1)
    assert wait_for(lambda: served.engine.n_cancelled >= 3)
