"""`on_unsupported="check"`: what no grammar enforces is validated, and asked again."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from hermes_gguf.chat.extract import extract
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import OutputError, UnsupportedSchemaError
from hermes_gguf.messages import Tool, UserMessage

# A back reference is no regular language: no grammar can hold it.
DOUBLED = {
    "type": "object",
    "properties": {"word": {"type": "string", "pattern": "^(ab|cd)\\1$"}},
    "required": ["word"],
}
ASKED = [UserMessage("A doubled word, please.")]


class Doubled(BaseModel):
    """The same, with a rule that only its schema states."""

    word: Annotated[str, Field(json_schema_extra={"pattern": r"^(ab|cd)\1$"})]


RIGHT, WRONG = '{"word": "abab"}', '{"word": "abcd"}'


def model(*answers, policy="check"):
    engine = ScriptedEngine(answers, strict=True)
    return ChatModel(engine, on_unsupported=policy), engine


def test_refusing_is_the_default():
    chat, _ = model(RIGHT, policy="refuse")
    with pytest.raises(UnsupportedSchemaError, match="pattern at #/properties/word"):
        chat.complete(ASKED, json_schema=DOUBLED)


def test_a_right_answer_passes_and_the_report_names_the_unenforced_keyword():
    chat, engine = model(RIGHT)
    completion = chat.complete(ASKED, json_schema=DOUBLED)
    assert completion.text == RIGHT
    assert any("pattern at #/properties/word" in w for w in completion.warnings)
    assert len(engine.requests) == 1


def test_a_wrong_answer_goes_back_to_the_model_with_the_reason():
    chat, engine = model(WRONG, RIGHT)
    completion = chat.complete(ASKED, json_schema=DOUBLED)
    assert completion.text == RIGHT
    assert any("attempt 1 was wrong" in w for w in completion.warnings)
    assert WRONG in engine.prompts[1]
    assert "abcd" in engine.prompts[1].split(WRONG)[1]


def test_when_no_attempt_is_right_the_last_text_is_kept_in_the_error():
    chat, engine = model(WRONG, WRONG)
    with pytest.raises(OutputError, match="after 2 attempts") as caught:
        chat.complete(ASKED, json_schema=DOUBLED, max_retries=1)
    assert caught.value.text == WRONG
    assert len(engine.requests) == 2


def test_a_tool_call_is_checked_and_made_again_too():
    def call(argument):
        return f'<tool_call>\n{{"name": "say", "arguments": {argument}}}\n</tool_call>'

    chat, engine = model(call(WRONG), call(RIGHT))
    completion = chat.complete(ASKED, tools=[Tool("say", "Say it.", DOUBLED)])
    assert completion.tool_calls[0].arguments == {"word": "abab"}
    assert "<tool_response>" in engine.prompts[1]


def test_an_answer_that_was_cut_is_returned_as_cut():
    chat, _ = model(RIGHT)
    completion = chat.complete(ASKED, json_schema=DOUBLED, max_tokens=2)
    assert completion.finish_reason == "length"
    assert not completion.complete


@pytest.mark.parametrize("target", [DOUBLED, Doubled])
def test_an_extraction_counts_its_attempts_once(target):
    chat, engine = model(*[WRONG] * 9)
    with pytest.raises(OutputError, match="not what was asked for") as caught:
        extract(chat, target, ASKED, max_retries=2)
    assert caught.value.text == WRONG
    assert len(engine.requests) == 3
