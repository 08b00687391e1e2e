"""What an answer says about the grammar that held it, and what follows from that."""

from __future__ import annotations

import pytest

from hermes_gguf.chat import apart
from hermes_gguf.chat.enforcement import LeftToCheck
from hermes_gguf.chat.extract import extract
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.chat.tool_loop import run_tools
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import SchemaBudgetError
from hermes_gguf.messages import Tool, UserMessage
from hermes_gguf.tools import PythonTool

ASKED = [UserMessage("x")]
PLAIN = {"type": "object", "properties": {"n": {"type": "integer"}}}
# A back reference is no regular language, and Python's `re` is for ever at the rest.
ENDLESS = {
    "type": "object",
    "properties": {"a": {"type": "string", "pattern": r"^(a+)+(b)\2$"}},
}
LONG = '{"a": "' + "a" * 99 + '"}'
PATTERN = "/properties/a/pattern"


def model(*answers, strict=True):
    return ChatModel(ScriptedEngine(answers, strict=strict), on_unsupported="check")


def call(arguments):
    return f'<tool_call>\n{{"name": "f", "arguments": {arguments}}}\n</tool_call>'


@pytest.mark.parametrize(
    ("asked", "by_grammar", "left"),
    [
        ({}, True, ()),
        ({"json_schema": PLAIN}, True, ()),
        ({"json_schema": ENDLESS}, True, (LeftToCheck(None, "pattern", PATTERN),)),
        (
            {"tools": [Tool("f", "", ENDLESS)]},
            True,
            (LeftToCheck("f", "pattern", PATTERN),),
        ),
        ({"tools": [Tool("f", "", ENDLESS)], "tool_choice": "none"}, True, ()),
        ({"json_schema": PLAIN, "constrain": False}, False, ()),
        ({"json_schema": PLAIN, "constraint": 'root ::= "{}"'}, False, ()),
    ],
    ids=["free", "schema", "left", "tool", "no tool", "only asked for", "own grammar"],
)
def test_an_answer_says_what_held_it_to_its_schemas(asked, by_grammar, left):
    answer = model("{}").ask(ASKED, **asked)
    assert answer.enforcement.by_grammar is by_grammar
    assert answer.enforcement.left_to_check == left
    assert answer.enforcement.is_whole is (by_grammar and not left)
    assert len(answer.warnings) == len(left)


@pytest.mark.parametrize(
    "options",
    [{"constrain": False}, {"constraint": r'root ::= [{}a": ]*'}],
    ids=["only asked for", "own grammar"],
)
def test_a_schema_that_no_grammar_held_cannot_hang_an_extraction(options, monkeypatch):
    monkeypatch.setattr(apart, "LIMIT_S", 1.5)
    with pytest.raises(SchemaBudgetError) as caught:
        extract(model(LONG), ENDLESS, ASKED, **options)
    assert caught.value.pointer == PATTERN


def test_a_tool_whose_schema_no_grammar_held_cannot_hang_the_loop(monkeypatch):
    monkeypatch.setattr(apart, "LIMIT_S", 1.5)
    tool = PythonTool(Tool("f", "", ENDLESS), lambda **_: None)
    with pytest.raises(SchemaBudgetError) as caught:
        run_tools(model(call(LONG)), ASKED, [tool])
    assert caught.value.pointer == PATTERN
