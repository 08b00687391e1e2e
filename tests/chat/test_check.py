"""The validator behind the grammars: what it judges, and that it ends."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermes_gguf.chat import apart
from hermes_gguf.chat.check import is_valid_call, schema_problem
from hermes_gguf.errors import (
    SchemaBudgetError,
    SchemaError,
    UnsupportedSchemaError,
)
from hermes_gguf.messages import Tool, ToolCall

BOTH = pytest.mark.parametrize("trusted", [True, False], ids=["here", "apart"])


def of(keyword: str, value: object) -> dict[str, object]:
    return {"type": "object", "properties": {"a": {keyword: value}}}


#: Each step asks two ways for the next one: a thousand million ways in all.
DOUBLING = {
    "$ref": "#/$defs/s0",
    "$defs": {
        f"s{n}": {"allOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(30)
    }
    | {"s30": {"uniqueItems": True}},
}


@BOTH
@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        (of("pattern", r"^\p{L}+$"), {"a": "é"}, {"a": "7"}),
        (of("pattern", r"^\d$"), {"a": "7"}, {"a": "\u0667"}),
        (of("pattern", "^a$"), {"a": "a"}, {"a": "a\n"}),
        (of("pattern", r"^(ab|cd)\1$"), {"a": "cdcd"}, {"a": "abcd"}),
        (of("pattern", "^(a+)+$"), {"a": "a" * 99}, {"a": "a" * 99 + "!"}),
        ({"patternProperties": {r"^\p{Lu}": {"type": "null"}}}, {"É": None}, {"É": 1}),
        (
            {
                "properties": {"n": {}},
                "patternProperties": {"^(x+)+$": {"type": "null"}},
                "additionalProperties": False,
            },
            {"n": 1, "x" * 99: None},
            {"x" * 99 + "!": None},
        ),
        (
            {
                "patternProperties": {"^x": {}},
                "additionalProperties": {"type": "null"},
            },
            {"x": 1, "y": None},
            {"x": 1, "y": 1},
        ),
        (
            {"patternProperties": {"^x": {}}, "unevaluatedProperties": False},
            {"x": 1},
            {"y": 1},
        ),
        ({"uniqueItems": True}, [1, "1", True], [1, 1.0]),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"const": 1}}}, 1, 2),
    ],
    ids=str,
)
def test_patterns_are_those_of_json_schema_and_hostile_ones_take_no_time(
    schema, right, wrong, trusted
):
    assert schema_problem(right, schema, trusted=trusted) == ""
    assert schema_problem(wrong, schema, trusted=trusted)


@pytest.mark.parametrize(
    ("schema", "value", "pointer"),
    [
        (of("pattern", r"^(a+)+(b)\2$"), {"a": "a" * 99}, "/properties/a/pattern"),
        (
            {"patternProperties": {r"^(a+)+(b)\1$": {}}},
            {"a" * 99: 1},
            "/patternProperties",
        ),
        (
            {"patternProperties": {"^(a+)+$": {}}, "unevaluatedProperties": False},
            {"a" * 99 + "!": 1},
            "/unevaluatedProperties",
        ),
        (DOUBLING, [1], "/$defs/s30/uniqueItems"),
    ],
    ids=["a pattern", "a pattern of keys", "unevaluatedProperties", "references"],
)
def test_what_takes_for_ever_ends_with_the_pointer_of_the_culprit(
    schema, value, pointer, monkeypatch
):
    monkeypatch.setattr(apart, "LIMIT_S", 1.5)
    with pytest.raises(SchemaBudgetError) as caught:
        schema_problem(value, schema, trusted=False)
    assert caught.value.pointer == pointer
    tool = Tool("f", "", {"type": "object", "properties": {"x": schema}})
    call = ToolCall("f", {"x": value}, '{"x": 0}')
    assert not is_valid_call(call, [tool], trusted=False)


@BOTH
@pytest.mark.parametrize(
    ("schema", "value", "kind", "pointer"),
    [
        (of("type", "text"), {}, SchemaError, "/properties/a/type"),
        (
            of("pattern", "("),
            {"a": ""},
            UnsupportedSchemaError,
            "/properties/a/pattern",
        ),
        (of("$ref", "#/no"), {"a": 1}, UnsupportedSchemaError, "/properties/a/$ref"),
        (
            of("$ref", "#/title/x"),
            {"a": 1},
            UnsupportedSchemaError,
            "/properties/a/$ref",
        ),
        ({"$ref": "#/title", "title": "T"}, 1, UnsupportedSchemaError, "/$ref"),
        ({"$ref": "#/not/x", "not": [1]}, 1, SchemaError, "/not"),
        ({"$ref": "#/enum/x", "enum": [1]}, 1, UnsupportedSchemaError, "/$ref"),
        (
            {"$ref": "#/enum/0", "enum": [{"type": "strin"}]},
            1,
            UnsupportedSchemaError,
            "/$ref",
        ),
        (
            {"$id": "http://[", "$ref": "elsewhere"},
            1,
            UnsupportedSchemaError,
            "/$ref",
        ),
        ({"$schema": 3}, 1, SchemaError, "/$schema"),
        ({"$ref": "#"}, 1, UnsupportedSchemaError, ""),
        ({"multipleOf": 0.1}, 10**400, UnsupportedSchemaError, ""),
    ],
    ids=str,
)
def test_what_it_cannot_judge_by_is_an_error_with_a_pointer(
    schema, value, kind, pointer, trusted
):
    with pytest.raises(kind) as caught:
        schema_problem(value, schema, trusted=trusted)
    assert caught.value.pointer == pointer


@BOTH
def test_nothing_is_fetched(trusted):
    asked = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_port}/secret"
        with pytest.raises(UnsupportedSchemaError, match="is not here"):
            schema_problem({"a": 1}, of("$ref", there), trusted=trusted)
        server.shutdown()
    assert asked == []


@given(
    st.dictionaries(st.text("ab", max_size=3), st.integers(0, 2), max_size=4),
    st.sampled_from(["^a", "b$", "^$", "a|b", "^(ab)*$"]),
    st.sampled_from([True, False, {"const": 1}]),
)
def test_objects_are_judged_as_jsonschema_does(value, pattern, others):
    schema = {
        "properties": {"a": {"const": 0}},
        "patternProperties": {pattern: {"type": "integer", "minimum": 1}},
        "additionalProperties": others,
    }
    valid = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (schema_problem(value, schema) == "") == valid


def test_only_what_may_take_long_needs_another_process(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    plain = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert schema_problem({"n": 1}, plain, trusted=False) == ""
    with pytest.raises(SchemaBudgetError, match="no process can be started"):
        schema_problem(1, {"uniqueItems": True}, trusted=False)


def test_a_bug_in_the_other_process_is_not_taken_for_a_slow_schema(monkeypatch):
    breaks = "import hermes_gguf.chat.validator as v; v.find_problem = None;"
    boot = apart._BOOT.replace("from ", f"{breaks} from ", 1)
    monkeypatch.setattr(apart, "_BOOT", boot)
    with pytest.raises(TypeError, match="not callable"):
        schema_problem([1], {"uniqueItems": True}, trusted=False)
