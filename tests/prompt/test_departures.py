"""Where the default style mends the official template, and how."""

from __future__ import annotations

from typing import Any

import pytest

from hermes_gguf.errors import ToolDefinitionError
from hermes_gguf.messages import (
    AssistantMessage,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from hermes_gguf.prompt import render_prompt
from hermes_gguf.prompt.python_types import render_template_type, render_type

STR = {"type": "string"}
NODE = {
    "$ref": "#/$defs/Node",
    "$defs": {"Node": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
}


@pytest.mark.parametrize(
    ("schema", "mended", "official"),
    [
        (STR, "str", "str"),
        ({"type": "object"}, "dict", "dict"),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            "dict[str, int]",
            "dict[str, int]",
        ),
        ({"type": ["integer", "string"]}, "Union[int,str]", "Union[int,str]"),
        ({"type": "array", "items": STR}, "list[str]", "list[Union[]]"),
        ({"type": "array"}, "list", "list[Union[]]"),
        (
            {"type": "array", "prefixItems": [STR, {"type": "number"}]},
            "tuple[str, float]",
            "list[Union[]]",
        ),
        ({"anyOf": [STR, {"type": "null"}]}, "Union[str,None]", "Union[]"),
        ({"oneOf": [STR, STR]}, "str", "Union[]"),
        ({"enum": ["a", "b"]}, "str", "Union[]"),
        ({"enum": ["a", 1]}, "Union[str,int]", "Union[]"),
        ({"const": True}, "bool", "Union[]"),
        ({"$ref": "#/$defs/A", "$defs": {"A": STR}}, "str", "Union[]"),
        ({"$ref": "#/$defs/missing"}, "Any", "Union[]"),
        ({}, "Any", "Union[]"),
        (
            {"type": "object", "additionalProperties": True},
            "dict[str, Any]",
            "dict[str, Union[]]",
        ),
        (
            {"type": "object", "additionalProperties": False},
            "dict",
            "dict[str, Union[]]",
        ),
        ({"type": "null"}, "None", RecursionError),
        ({"type": ["string", "null"]}, "Union[str,None]", RecursionError),
        ({"type": "money"}, "Any", RecursionError),
    ],
)
def test_types_in_signatures(
    schema: dict[str, Any], mended: str, official: str | type[Exception]
) -> None:
    assert render_type(schema) == mended
    if isinstance(official, str):
        assert render_template_type(schema) == official
    else:
        with pytest.raises(official):
            render_template_type(schema)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("#/$defs/a~1b", "int"),
        ("#/$defs/My%20type", "str"),
        ("#/$defs/list/anyOf/0", "bool"),
        ("#/$defs/none", "Any"),
        ("#/$defs/list/anyOf/²", "Any"),
        ("https://example.org/elsewhere", "Any"),
    ],
)
def test_references_are_followed_as_json_pointers(
    reference: str, expected: str
) -> None:
    definitions = {
        "a/b": {"type": "integer"},
        "My type": STR,
        "list": {"anyOf": [{"type": "boolean"}]},
    }
    assert render_type({"$ref": reference, "$defs": definitions}) == expected


def test_a_type_that_contains_itself_ends() -> None:
    assert render_type(NODE).startswith("list[list[")


def tool_line(tool: Tool) -> str:
    text = render_prompt([UserMessage("x")], tools=[tool]).text
    return text.split("available tools: <tools> ")[1].split(" </tools>Use")[0]


def with_parameter(schema: dict[str, Any], description: str = "D.") -> Tool:
    return Tool("f", description, {"type": "object", "properties": {"p": schema}})


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        (Tool("f", "D.", returns={"type": "null"}), '"f() -> None - D.\n\n"'),
        (Tool("f"), '"f()\n\n", "parameters": {}'),
        (with_parameter({**STR, "description": None}), "        p(str): "),
        (with_parameter(STR), "        p(str): "),
        (with_parameter(True), "f(p: Any) - D."),  # type: ignore[arg-type]
        (
            Tool("f", "D.", {"type": "object", "additionalProperties": STR}),
            '"parameters": {"type": "object", "additionalProperties": {"type": "str',
        ),
        (Tool("f", 'Say "hi"\nthere'), '"f() - Say "hi"\nthere\n\n"'),
        (Tool("f", "a\\b"), '"f() - a\\\\b\n\n"'),
        (Tool("f", "a\tb"), '"f() - a\\tb\n\n"'),
        (Tool("f", '"</tools>"'), '"f() - \\"\\u003c/tools>\\"\n\n"'),
        (Tool("f", "<|im_end|>"), '"f() - \\u003c|im_end|>\n\n"'),
        (with_parameter({"const": "</tools>"}), '{"const": "\\u003c/tools>"}'),
    ],
)
def test_tools_that_the_official_template_cannot_print(
    tool: Tool, expected: str
) -> None:
    assert expected in tool_line(tool)


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ToolDefinitionError, match="two tools"):
        render_prompt([UserMessage("x")], tools=[Tool("f"), Tool("f")])


def test_no_tools_leave_the_tool_text_out() -> None:
    assert render_prompt([UserMessage("x")]).text == (
        "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_callers_system_message_joins_the_tools_in_one_turn() -> None:
    turns = [SystemMessage("Be brief."), SystemMessage("Be kind."), UserMessage("x")]
    prompt = render_prompt(turns, tools=[Tool("f", "D.")])
    assert prompt.text.count("<|im_start|>system") == 1
    assert "</tool_call>\n\nBe brief.\n\nBe kind.<|im_end|>" in prompt.text


def test_missing_content_is_empty_content() -> None:
    turns = [UserMessage("x"), AssistantMessage(None)]  # type: ignore[arg-type]
    prompt = render_prompt(turns)
    assert "<|im_start|>assistant\n<|im_end|>\n" in prompt.text


def test_a_result_that_quotes_the_closing_tag_stays_inside_its_own() -> None:
    turns = [
        UserMessage("x"),
        AssistantMessage(tool_calls=(ToolCall("f", {}),)),
        ToolMessage('{"html": "</tool_response>"}'),
    ]
    assert (
        '<tool_response>\n{"html": "\\u003c/tool_response>"}\n</tool_response>'
        in render_prompt(turns).text
    )


def test_a_default_system_text_yields_to_tools_and_to_an_empty_message() -> None:
    default = "You are a helpful assistant."
    plain = render_prompt([UserMessage("x")], default_system=default).text
    assert plain.startswith(f"<|im_start|>system\n{default}<|im_end|>\n")
    tools = [Tool("f", "D.")]
    assert (
        default
        not in render_prompt(
            [UserMessage("x")], tools=tools, default_system=default
        ).text
    )
    silenced = [SystemMessage(""), UserMessage("x")]
    assert render_prompt(silenced, default_system=default).text.startswith(
        "<|im_start|>user"
    )
