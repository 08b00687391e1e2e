"""Each tool_choice allows exactly the calls, answers and texts that it should."""

from __future__ import annotations

import json
import random
from typing import Any

import jsonschema
import pytest

from hermes_gguf.errors import OptionError, SchemaError, ToolDefinitionError
from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.constraint import Constraint
from hermes_gguf.grammar.gbnf_parser import parse_gbnf
from hermes_gguf.grammar.tool_calls import ToolCallConstraint, tool_call_constraint
from hermes_gguf.messages import NamedTool, Tool

from ..support.llama_grammar import LlamaGrammar

WEATHER = Tool(
    "get_weather",
    "The weather.",
    {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 1, "maximum": 14},
        },
        "required": ["city"],
    },
)
TIME = Tool("get_time")
ODD = Tool('say "é"/\\.x', "", {})
TOOLS = [WEATHER, TIME, ODD]
ANSWER = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
}

PARIS = '{"name": "get_weather", "arguments": {"city": "Paris"}}'
PARIS_REVERSED = '{"arguments": {"city": "Paris"}, "name": "get_weather"}'
NOW = '{"name": "get_time", "arguments": {}}'
SAY = '{"name": "say \\"é\\"/\\\\.x", "arguments": {}}'


def calls(*bodies: str, end: str = "") -> str:
    return "\n".join(f"<tool_call>\n{b}\n</tool_call>" for b in bodies) + end


def constraint(tools: list[Tool] = TOOLS, **options: Any) -> ToolCallConstraint:
    found = tool_call_constraint(tools, **options)
    assert found is not None
    return found


def accepts(grammar: Constraint, text: str) -> bool:
    state = grammar.start().advance(text.encode())
    return state is not None and state.may_end


REQUIRED: dict[str, Any] = {"choice": "required"}
ONE: dict[str, Any] = {"choice": "required", "parallel": False}
NAMED: dict[str, Any] = {"choice": NamedTool("get_time")}
EITHER: dict[str, Any] = {"choice": "auto", "json_schema": ANSWER}
THINKING: dict[str, Any] = {"choice": "required", "thinking": True}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "Just an answer."),
        ({}, ""),
        ({}, "Let me see.\n" + calls(PARIS)),
        ({}, calls(PARIS, NOW, end="\n")),
        ({}, f"<think>maybe {calls('?')}</think>\n{calls(NOW)}"),
        (REQUIRED, calls(PARIS)),
        (REQUIRED, calls(PARIS, NOW, SAY)),
        (REQUIRED, calls(NOW, NOW, end="\n")),
        (REQUIRED | {"arguments_first": True}, calls(PARIS_REVERSED)),
        (ONE, calls(SAY)),
        (NAMED, calls(NOW)),
        (EITHER, '{"ok": true}'),
        (EITHER, calls(PARIS, NOW)),
        ({"choice": "none", "json_schema": ANSWER}, '{"ok": false}'),
        (THINKING, "<think>\nhm <tool_call> </thin </think>\n" + calls(NOW)),
        (THINKING, calls(NOW)),
        (REQUIRED | {"scratch_pad": True}, "<scratch_pad>x</scratch_pad>" + calls(NOW)),
        (EITHER | {"thinking": True}, '<think></think>\n\n{"ok": true}'),
    ],
)
def test_allowed(options: dict[str, Any], text: str) -> None:
    assert accepts(constraint(**options), text)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "<tool_call>{"),
        ({}, calls('{"name": "unknown", "arguments": {}}')),
        ({}, calls(NOW, end="\nsome text")),
        (REQUIRED, "Hello"),
        (REQUIRED, ""),
        (REQUIRED, calls(NOW)[:-1]),
        (REQUIRED, calls(NOW) + calls(NOW)),
        (REQUIRED, calls(PARIS_REVERSED)),
        (REQUIRED, calls(PARIS.replace(": ", ":"))),
        (REQUIRED, calls(PARIS.replace("Paris", "Pa\nris"))),
        (REQUIRED, calls(PARIS.replace("}}", ', "days": 15}}'))),
        (REQUIRED, calls(PARIS.replace("}}", ', "country": "F"}}'))),
        (REQUIRED, calls('{"name": "get_weather", "arguments": {}}')),
        (REQUIRED, calls('{"name": "get_time", "arguments": null}')),
        (REQUIRED, "<think></think>" + calls(NOW)),
        (REQUIRED | {"arguments_first": True}, calls(PARIS)),
        (REQUIRED | {"json_schema": ANSWER}, '{"ok": true}'),
        (ONE, calls(NOW, NOW)),
        (NAMED, calls(PARIS)),
        (NAMED, calls(NOW, NOW)),
        (EITHER, "Hello"),
        (EITHER, '{"ok": true}' + calls(NOW)),
        ({"choice": "none", "json_schema": ANSWER}, calls(NOW)),
    ],
)
def test_forbidden(options: dict[str, Any], text: str) -> None:
    assert not accepts(constraint(**options), text)


@pytest.mark.parametrize(
    ("tools", "options"),
    [(TOOLS, {"choice": "none"}), ([], {"choice": "auto"}), ([], {"choice": "none"})],
)
def test_without_calls_and_schema_text_is_free(
    tools: list[Tool], options: dict[str, Any]
) -> None:
    assert tool_call_constraint(tools, **options) is None


@pytest.mark.parametrize(
    ("tools", "options", "problem"),
    [
        ([], {"choice": "required"}, "at least one tool"),
        (TOOLS, {"choice": NamedTool("gettime")}, "no tool named 'gettime'"),
    ],
)
def test_a_choice_that_cannot_be_met_is_refused(
    tools: list[Tool], options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(OptionError, match=problem):
        tool_call_constraint(tools, **options)


def test_tools_that_cannot_be_told_apart_or_take_no_object_are_refused() -> None:
    with pytest.raises(ToolDefinitionError, match="more than once"):
        tool_call_constraint([TIME, TIME])
    with pytest.raises(ToolDefinitionError, match="'array'"):
        tool_call_constraint([Tool("f", "", {"type": "array"})])


def test_a_refused_schema_names_its_tool() -> None:
    impossible = {
        "type": "object",
        "properties": {"x": {"type": "string", "minLength": 3, "maxLength": 1}},
        "required": ["x"],
    }
    with pytest.raises(SchemaError, match=r"^tool 'broken': ") as caught:
        tool_call_constraint([TIME, Tool("broken", "", impossible)])
    assert caught.value.tool == "broken"


def test_what_is_known_is_forced() -> None:
    state = constraint(choice=NamedTool("get_weather")).start()
    begin = b'<tool_call>\n{"name": "get_weather", "arguments": {"city": "'
    assert state.forced() == begin
    after = state.advance(begin + b'Rome"}')
    assert after is not None
    assert after.forced() == b"}\n</tool_call>"
    end = after.advance(after.forced())
    assert end is not None
    assert end.may_end
    assert end.first_bytes() == frozenset()


@pytest.mark.parametrize("options", [{}, REQUIRED, NAMED, EITHER, THINKING])
def test_the_printed_grammar_is_the_one_that_rules(
    options: dict[str, Any], llama: LlamaGrammar
) -> None:
    found = constraint(**options)
    printed = Automaton(parse_gbnf(found.gbnf))
    assert printed.accepts(calls(NOW))
    assert not printed.accepts("Hello")
    assert found.is_lazy == (options == {})
    places = llama.walk(found.gbnf, "<")
    assert places is not None
    assert places[0].chars == ({"<", "{"} if options == EITHER else {"<"})


def test_equal_requests_share_what_was_learnt() -> None:
    again = [Tool(t.name, "other words", t.parameters) for t in TOOLS]
    assert constraint(**REQUIRED) is constraint(again, **REQUIRED)
    assert constraint(**REQUIRED) is not constraint(**ONE)


def test_rules_that_tools_share_are_printed_once() -> None:
    many = [Tool(f"tool_{i}", "", WEATHER.parameters) for i in range(5)]
    many.append(Tool("other", "", {**WEATHER.parameters, "required": ["days"]}))
    rules = constraint(many, **REQUIRED).nodes.rules
    assert sum(body == rules["string"] for body in rules.values()) == 1


def test_a_thousand_tools_stay_cheap() -> None:
    many = [Tool(f"area{i % 7}_tool_{i}", "", WEATHER.parameters) for i in range(1000)]
    found = constraint(many, choice="required")
    body = PARIS.replace("get_weather", "area1_tool_505")
    assert accepts(found, calls(body))
    stacks = []
    state = found.start()
    for byte in calls(body).encode():
        following = state.advance(bytes([byte]))
        assert following is not None
        state = following
        stacks.append(len(state.state))  # type: ignore[attr-defined]
    assert max(stacks) <= 11


def test_random_calls_parse_and_validate() -> None:
    found = constraint(**REQUIRED)
    rng = random.Random(7)
    schemas = {tool.name: dict(tool.parameters) for tool in TOOLS}
    for _ in range(100):
        text = b""
        state = found.start()
        while not (state.may_end and rng.random() < 0.8):
            options = sorted(state.first_bytes() or ())
            closing = [b for b in options if b in b'"}'] * (len(text) > 150)
            text += bytes([rng.choice(closing or options)])
            following = state.advance(text[-1:])
            assert following is not None
            state = following
        for block in text.decode().split("<tool_call>\n")[1:]:
            call = json.loads(block.split("\n</tool_call>")[0])
            assert list(call) == ["name", "arguments"]
            jsonschema.validate(call["arguments"], schemas[call["name"]])
