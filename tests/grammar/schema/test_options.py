"""The compiler's options: white space, checking what is unsupported, the report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hermes_gguf.errors import UnsupportedSchemaError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.gbnf_parser import parse_gbnf

from ...support.accepts import check_schema

DOCUMENT = {"a": [1, {}], "b": {"c": "x"}, "d": []}
SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "array"},
        "b": {"type": "object", "properties": {"c": {"type": "string"}}},
    },
}


@pytest.mark.parametrize(
    ("whitespace", "accept", "reject"),
    [
        ("hermes", [{}], [{"indent": 2}, {"separators": (",", ":")}]),
        ("compact", [{"separators": (",", ":")}], [{}, {"indent": 1}]),
        ("pretty", [{"indent": 2}, {"indent": 4}], [{}]),
        ("flexible", [{}, {"indent": 2}, {"separators": (",", ":")}], []),
    ],
)
def test_white_space(whitespace: Any, accept: list[Any], reject: list[Any]) -> None:
    check_schema(
        SCHEMA,
        whitespace=whitespace,
        accept=[json.dumps(DOCUMENT, **style) for style in accept],
        reject=[json.dumps(DOCUMENT, **style) for style in reject],
    )


UNSUPPORTED = {
    "type": "object",
    "properties": {"tags": {"type": "array", "uniqueItems": True, "maxItems": 3}},
    "required": ["tags"],
}


def test_check_leaves_out_exactly_the_unsupported_keyword() -> None:
    with pytest.raises(UnsupportedSchemaError, match="uniqueItems") as caught:
        compile_schema(UNSUPPORTED)
    assert "--explain" in str(caught.value.hint)
    grammar = compile_schema(UNSUPPORTED, on_unsupported="check")
    assert grammar.accepts('{"tags": [1, 1]}')
    assert not grammar.accepts('{"tags": [1, 2, 3, 4]}')
    checked = [(e.pointer, e.keyword) for e in grammar.report.checked]
    assert checked == [("/properties/tags/uniqueItems", "uniqueItems")]


def test_references_beside_each_other_are_left_out_one_by_one() -> None:
    schema = {"$defs": {"text": {"type": "string"}}, "$dynamicRef": "#/nowhere"}
    check_schema(
        {**schema, "$ref": "#/$defs/text"},
        on_unsupported="check",
        accept=['"a"'],
        reject=["1"],
    )
    check_schema(
        {**schema, "$ref": "#/nowhere", "enum": ["a", 1]},
        on_unsupported="check",
        accept=['"a"', "1"],
        reject=["2"],
    )


def test_a_checked_keyword_widens_the_grammar_also_where_it_is_denied() -> None:
    unique = {"type": "array", "uniqueItems": True}
    check_schema(
        {"not": unique, "maxItems": 1},
        on_unsupported="check",
        accept=["[1]", "[]", "1"],
        reject=["[1, 2]"],
    )


def test_the_report_accounts_for_each_keyword() -> None:
    schema = {
        "title": "T",
        "type": "object",
        "properties": {
            "when": {"type": "string", "format": "date"},
            "mood": {"type": "string", "format": "mood"},
        },
    }
    report = compile_schema(schema).report
    treatments = {entry.pointer: entry.treatment for entry in report}
    assert treatments == {
        "/title": "annotation",
        "/type": "enforced",
        "/properties": "enforced",
        "/additionalProperties": "annotation",
        "/properties/when/type": "enforced",
        "/properties/when/format": "enforced",
        "/properties/mood/type": "enforced",
        "/properties/mood/format": "annotation",
    }


def test_rules_are_named_after_the_places_of_the_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "home": {"$ref": "#/$defs/Address"},
            "nested": {"type": "object", "properties": {"deep": {"type": "array"}}},
        },
        "required": ["home", "nested"],
        "$defs": {
            "Address": {"type": "object", "properties": {"zip": {"type": "string"}}}
        },
    }
    gbnf = compile_schema(schema, closed=True).gbnf
    assert gbnf.startswith('root ::= "{\\"home\\": " address ')
    assert "# #/$defs/Address\naddress ::= " in gbnf
    assert "# #/properties/nested\nnested ::= " in gbnf


def test_the_printed_grammar_is_the_grammar() -> None:
    grammar = compile_schema(SCHEMA)
    assert set(parse_gbnf(grammar.gbnf).rules) == set(grammar.nodes.rules)


_DRAFT = "https://json-schema.org/draft/2020-12"


@pytest.mark.parametrize(
    ("vocabularies", "accepted"),
    [
        (["core", "applicator", "validation"], {'{"a": 5}'}),
        (["core", "applicator"], {'{"a": 5}', '{"a": 1}', "7"}),
        (["core", "validation"], {'{"a": 5}', '{"a": 1}', '{"a": 5, "b": 1}'}),
    ],
)
def test_a_metaschema_in_the_registry_says_which_keywords_have_force(
    vocabularies: list[str], accepted: set[str]
) -> None:
    metaschema = {
        "$schema": f"{_DRAFT}/schema",
        "$vocabulary": {f"{_DRAFT}/vocab/{name}": True for name in vocabularies},
    }
    schema = {
        "$schema": "https://example.com/meta",
        "type": "object",
        "properties": {"a": {"minimum": 3}},
        "additionalProperties": False,
    }
    registry = {"https://example.com/meta": metaschema}
    texts = {'{"a": 5}', '{"a": 1}', '{"a": 5, "b": 1}', "7"}
    grammar = compile_schema(schema, registry=registry)
    assert {text for text in texts if grammar.accepts(text)} == accepted
