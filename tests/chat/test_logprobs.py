"""`top_logprobs`: the tokens of the text, with the values that llama.cpp itself has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt
import pytest

from hermes_gguf import Hermes, TextDelta, TokenProb, Tool, UserMessage
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.chat.token_trace import TokenTrace
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import OptionError
from tests.support.tiny import tiny_model

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "free text": ("Hello", {}),
    "sampled": ("Hello", {"temperature": 1.5, "seed": 3, "repeat_penalty": 1.5}),
    "what repeats the prompt, and is guessed": (
        "Repeat after me: " + "one two three four five six seven " * 3,
        {},
    ),
    "what a grammar dictates": (
        "Maria Keller is 41 years old.",
        {"json_schema": PERSON},
    ),
    "what the model would not say": (
        "Hello",
        {"constraint": 'root ::= "xyzzy " ("日本" | "😀")'},
    ),
    "no alternatives": ("Hello", {"top_logprobs": 0}),
}


@pytest.fixture(scope="module")
def hermes() -> Iterator[Hermes]:
    tiny_model()
    with Hermes("tiny", temperature=0, disk_cache=False, kv_type="f32") as hermes:
        yield hermes


@pytest.fixture(scope="module")
def llama() -> llama_cpp.Llama:
    f32 = {"type_k": 0, "type_v": 0}
    return llama_cpp.Llama(
        str(tiny_model()), logits_all=True, n_ctx=512, verbose=False, **f32
    )


def logprobs_of(
    llama: llama_cpp.Llama, prompt: str, answer: list[int]
) -> npt.NDArray[np.float64]:
    """For each token of the answer the log probabilities of all tokens there."""
    ids = llama.tokenize(prompt.encode(), add_bos=True, special=True)
    llama.reset()
    llama.eval([*ids, *answer])
    rows = np.array(llama.scores[len(ids) - 1 : len(ids) + len(answer) - 1], "f8")
    rows -= rows.max(axis=1, keepdims=True)
    return rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))


@pytest.mark.parametrize(("question", "options"), ASKED.values(), ids=ASKED.keys())
def test_values_are_those_of_the_model_itself(
    hermes: Hermes, llama: llama_cpp.Llama, question: str, options: dict[str, Any]
) -> None:
    options = {"top_logprobs": 5, "max_tokens": 40, **options}
    answer = hermes.chat(question, **options)
    tokens = answer.logprobs
    assert b"".join(token.text for token in tokens).decode() == answer.text
    assert len(tokens) == answer.usage.completion_tokens
    shown = {"json_schema": options.get("json_schema")}
    prompt = hermes.model.render([UserMessage(question)], **shown).text
    truth = logprobs_of(llama, prompt, [token.token_id for token in tokens])
    for token, row in zip(tokens, truth, strict=True):
        assert token.logprob == pytest.approx(row[token.token_id], abs=1e-3)
        best = np.sort(row)[::-1][: options["top_logprobs"]]
        assert [p for *_, p in token.top] == pytest.approx(list(best), abs=1e-3)
        for id_, _, logprob in token.top:
            assert logprob == pytest.approx(row[id_], abs=1e-3)


def test_an_answer_is_the_same_with_and_without(hermes: Hermes) -> None:
    question, options = ASKED["what a grammar dictates"]
    plain = hermes.chat(question, **options)
    assert plain.usage.forced_tokens > 0
    assert plain.logprobs == ()
    asked = hermes.chat(question, **options, top_logprobs=2)
    assert asked.usage.forced_tokens == 0, "the model was asked for each"
    assert asked.text == plain.text


WEATHER = Tool("get_weather", "Get the weather.")
CALL = '<tool_call>\n{"name": "get_weather", "arguments": {}}\n</tool_call>'


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("Hi there!\n", ["Hi", " ", "there", "!", "\n"]),
        ("<think>\nhm\n</think>\n\nHi", ["Hi"]),
        (f"I look.\n{CALL}", ["I", " ", "look", "."]),
        (CALL, []),
        # It could have become a tag.
        ("a <b> c", ["a", " ", "<b>", " ", "c"]),
        ("one two END three", ["one", " ", "two", " "]),
    ],
)
def test_only_tokens_of_the_text_are_reported(script: str, reported: list[str]) -> None:
    model = ChatModel(ScriptedEngine([script]))
    question = [UserMessage("?")]
    stream = model.stream(question, tools=[WEATHER], stop="END", top_logprobs=1)
    events = list(stream)
    probs = [p for e in events if isinstance(e, TextDelta) for p in e.probs]
    assert [prob.text.decode() for prob in probs] == reported
    assert stream.completion().logprobs == tuple(probs)


def taken(trace: TokenTrace, start: int, end: int) -> list[int]:
    return [placed.prob.token_id for placed in trace.take(start, end)]


def test_a_character_of_several_tokens_brings_all_of_them() -> None:
    texts = ["é".encode()[:1], "é".encode()[1:] + b"a", b"b"]
    first, *others = (TokenProb(n, text, -1.0) for n, text in enumerate(texts))
    trace = TokenTrace()
    trace.feed([first])
    assert taken(trace, 0, 0) == []
    trace.feed(others)
    assert taken(trace, 0, 2) == [0, 1]
    assert taken(trace, 2, 3) == [2]


def test_a_token_of_two_texts_comes_with_the_first_it_is_shown_in() -> None:
    trace = TokenTrace()
    trace.feed(TokenProb(n, b"abcd", 0.0) for n in range(4))
    assert taken(trace, 2, 3) == [0]
    assert taken(trace, 3, 3) == []
    assert taken(trace, 9, 14) == [2, 3]


@pytest.mark.parametrize("top", [-1, True, 1.5])
def test_a_number_that_is_none_is_refused_by_name(hermes: Hermes, top: Any) -> None:
    with pytest.raises(OptionError, match=r"^top_logprobs: "):
        hermes.chat("Hello", top_logprobs=top)


def test_the_name_that_others_have_is_told(hermes: Hermes) -> None:
    with pytest.raises(TypeError, match="did you mean 'top_logprobs'"):
        hermes.chat("Hello", logprobs=True)  # type: ignore[call-arg]
