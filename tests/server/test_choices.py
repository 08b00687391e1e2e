"""`n` answers to one request, as the real `openai` client sees them."""

from __future__ import annotations

import json
import threading
from collections import defaultdict

import openai
import pytest

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.load import load_engine
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import GenerationError
from hermes_gguf.events import Finish
from hermes_gguf.messages import UserMessage
from hermes_gguf.options import LoadOptions, SamplingOptions
from hermes_gguf.server.together import Said, together
from tests.support.tiny import tiny_model

from .asking import CALL, HELLO, PARIS, WEATHER, ask
from .fronts import wait_for


def test_each_choice_is_an_answer_of_its_own(serve):
    reply = ask(serve("one", "two", "three words here"), n=3)
    assert [choice.index for choice in reply.choices] == [0, 1, 2]
    said = [choice.message.content for choice in reply.choices]
    assert said == ["one", "two", "three words here"]


def test_usage_counts_the_prompt_once_and_all_answers(serve):
    served = serve("a b", "c d e", "a b")
    several, one = ask(served, n=2).usage, ask(served).usage
    assert several.prompt_tokens == one.prompt_tokens
    assert several.completion_tokens == 3 + 5
    assert several.total_tokens == several.prompt_tokens + 8


def test_a_stream_says_which_choice_each_chunk_is_about(serve):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    *chunks, last = ask(serve("one", "two three", "x"), n=3, **options)
    texts, ends = defaultdict(str), defaultdict(list)
    for chunk in chunks:
        (choice,) = chunk.choices
        texts[choice.index] += choice.delta.content or ""
        ends[choice.index] += [choice.finish_reason] if choice.finish_reason else []
    assert texts == {0: "one", 1: "two three", 2: "x"}
    assert ends == {0: ["stop"], 1: ["stop"], 2: ["stop"]}
    assert [c.choices[0].delta.role for c in chunks[:3]] == ["assistant"] * 3
    assert last.choices == []
    assert last.usage.completion_tokens == 1 + 3 + 1


@pytest.mark.parametrize(
    ("seed", "seeds"), [(7, [7, 8, 9]), (-1, [-1, 0, 1]), (None, [None] * 3)]
)
def test_each_choice_has_the_next_seed(serve, seed, seeds):
    served = serve("a", "b", "c")
    ask(served, n=3, seed=seed, temperature=0)
    assert [r.sampling.seed for r in served.engine.requests] == seeds


def test_calls_of_one_choice_are_not_those_of_another(serve):
    served = serve(CALL, "No.", CALL, strict=True)
    first, second, third = ask(served, tools=[WEATHER], n=3).choices
    for choice in (first, third):
        (call,) = choice.message.tool_calls
        assert json.loads(call.function.arguments) == PARIS
        assert choice.finish_reason == "tool_calls"
    assert second.message.tool_calls is None
    assert second.message.content == "No."


def test_every_choice_obeys_the_schema(serve):
    schema = {"type": "object", "properties": {"a": {"enum": [1, 2]}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    served = serve('{"a": 1}', '{"a": 2}', strict=True)
    reply = ask(served, response_format=wanted, n=2, logprobs=True)
    assert [c.message.content for c in reply.choices] == ['{"a": 1}', '{"a": 2}']
    for choice in reply.choices:
        tokens = [entry.token for entry in choice.logprobs.content]
        assert "".join(tokens) == choice.message.content


def test_what_no_grammar_enforced_is_told_once(serve):
    schema = {"type": "object", "properties": {"a": {"pattern": r"(a)\1"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    served = serve('{"a": "aa"}', '{"a": "aa"}', on_unsupported="check")
    reply = ask(served, response_format=wanted, n=2)
    assert len(reply.warnings) == 1


@pytest.mark.parametrize("n", [0, -1, 9])
def test_other_numbers_are_refused_by_name(serve, n):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(serve("x"), n=n)
    assert caught.value.param == "n"


@pytest.mark.parametrize("stream", [False, True])
def test_one_that_fails_ends_all(serve, stream):
    served = serve("go on " * 500, GenerationError("said no"), "x", delay_s=0.01)
    with pytest.raises(openai.APIError, match="said no"):
        list(ask(served, n=2, stream=stream))
    assert wait_for(lambda: served.engine.n_cancelled == 1)
    assert ask(served).choices[0].message.content == "x"


def test_a_client_that_leaves_ends_all(serve):
    served = serve(*["go on " * 500] * 3, delay_s=0.01)
    stream = ask(served, n=3, stream=True)
    heard = set()
    for chunk in stream:
        heard |= {c.index for c in chunk.choices if c.delta.content}
        if heard == {0, 1, 2}:
            break
    stream.close()
    assert wait_for(lambda: served.engine.n_cancelled == 3)


def test_a_client_that_leaves_before_the_whole_reply_ends_all(serve):
    served = serve(*["go on " * 500] * 2, delay_s=0.01)
    impatient = served.client.with_options(timeout=0.5)
    with pytest.raises(openai.APITimeoutError):
        impatient.chat.completions.create(model="", messages=HELLO, n=2)
    assert wait_for(lambda: served.engine.n_cancelled == 2)


@pytest.mark.parametrize("n_slots", [1, 3])
def test_the_prompt_is_read_once(n_slots):
    options = LoadOptions(n_slots=n_slots, n_ctx=512, disk_cache=False)
    question = [UserMessage("Who are you, and what can you do for me today?")]
    with load_engine(tiny_model(), options=options) as engine:
        model = ChatModel(engine)
        streams = [
            model.stream(question, sampling=SamplingOptions(seed=seed), max_tokens=9)
            for seed in range(3)
        ]
        finishes = {
            said.index: said.item.usage
            for said in together([streams])
            if isinstance(said, Said) and isinstance(said.item, Finish)
        }
    n_prompt = finishes[0].prompt_tokens
    assert finishes[1].cached_tokens == finishes[2].cached_tokens == n_prompt - 1


def test_answers_that_are_closed_while_one_waits_end_there():
    streams = [
        ChatModel(ScriptedEngine(["go on " * 500], delay_s=0.05)).stream(
            [UserMessage("?")]
        )
        for _ in range(2)
    ]
    answers = together([streams])
    threading.Timer(0.3, answers.close).start()
    said = [item.item for item in answers if isinstance(item, Said)]
    assert not any(isinstance(item, Finish) for item in said)
    assert list(answers) == []
