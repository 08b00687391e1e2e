"""The Messages API of `hermes-gguf serve tiny`, a real process with a real model."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import pydantic
import pytest

from .asking import PARIS
from .messaging import HELLO, QUESTION, TOOL, block, client_of
from .tiny_server import tiny_server

EXACT = {"model": "tiny", "max_tokens": 200, "extra_body": {"temperature": 0}}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[anthropic.Anthropic]:
    home = tmp_path_factory.mktemp("home")
    with tiny_server(home) as base_url, client_of(base_url) as connected:
        yield connected


class Person(pydantic.BaseModel):
    name: str
    age: int


def test_a_question_is_answered_from_what_its_call_returned(client):
    with client.messages.stream(**EXACT, messages=[QUESTION], tools=[TOOL]) as events:
        told = [event.partial_json for event in events if event.type == "input_json"]
        first = events.get_final_message()
    assert len(told) > 1
    (use,) = first.content
    assert (use.name, use.input, first.stop_reason) == (TOOL["name"], PARIS, "tool_use")
    result = block("tool_result", tool_use_id=use.id, content="22.0")
    turns = [QUESTION, first.to_param(), {"role": "user", "content": [result]}]
    reply = client.messages.create(**EXACT, messages=turns, tools=[TOOL])
    assert "22.0" in reply.content[0].text
    assert reply.stop_reason == "end_turn"
    # What stood there before is not read again.
    assert reply.usage.cache_read_input_tokens > first.usage.input_tokens
    assert reply.usage.input_tokens < first.usage.input_tokens
    counted = client.messages.count_tokens(model="tiny", messages=turns, tools=[TOOL])
    total = reply.usage.input_tokens + reply.usage.cache_read_input_tokens
    assert counted.input_tokens == total


def test_an_answer_obeys_its_schema(client):
    reply = client.messages.parse(
        **EXACT,
        messages=[{"role": "user", "content": "Maria Keller is 41 years old."}],
        output_format=Person,
    )
    assert reply.parsed_output == Person(name="Maria Keller", age=41)


def test_a_stop_sequence_ends_an_answer(client):
    whole = client.messages.create(**EXACT, messages=HELLO)
    stop = whole.content[0].text[8:10]
    reply = client.messages.create(**EXACT, messages=HELLO, stop_sequences=["\0", stop])
    assert (reply.stop_reason, reply.stop_sequence) == ("stop_sequence", stop)
    assert reply.content[0].text == whole.content[0].text.partition(stop)[0]
