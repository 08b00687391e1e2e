"""allOf, anyOf, oneOf, not, if and references: exact, in every combination."""

from __future__ import annotations

from typing import Any

import pytest

from hermes_gguf.errors import SchemaError, UnsatisfiableSchemaError
from hermes_gguf.grammar.compile import compile_schema

from ...support.accepts import check_schema

INT, STR = {"type": "integer"}, {"type": "string"}
DRAFT_7 = "http://json-schema.org/draft-07/schema#"

TABLE: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    (
        "siblings of anyOf hold as well",
        {"type": "integer", "anyOf": [{"minimum": 5}, {"maximum": 1}], "maximum": 7},
        ["1", "5", "7"],
        ["2", "8", '"5"'],
    ),
    (
        "allOf with a recursive reference ends",
        {
            "$defs": {"n": {"properties": {"next": {"$ref": "#/$defs/n"}}}},
            "allOf": [{"$ref": "#/$defs/n"}, {"type": "object", "required": ["next"]}],
        },
        ['{"next": 1}', '{"next": {"next": {}}}'],
        ["{}"],
    ),
    (
        "oneOf is exclusive for numbers",
        {"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}], "type": "integer"},
        ["2", "3", "4", "9"],
        ["1", "6", "12"],
    ),
    (
        "oneOf is exclusive for objects",
        {"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        ['{"a": 1}', '{"b": 1, "c": 1}'],
        ["{}", '{"a": 1, "b": 1}'],
    ),
    (
        "not, for every type",
        {"not": {"type": ["string", "object"]}},
        ["1", "[]", "null"],
        ['"x"', "{}"],
    ),
    (
        "not within an object",
        {"properties": {"a": INT}, "type": "object", "not": {"required": ["b"]}},
        ['{"a": 1}', '{"c": 1}'],
        ['{"a": 1, "b": 1}', '{"b": 1}'],
    ),
    (
        "a denied pattern",
        {"type": "string", "pattern": "^[a-z]+$", "not": {"enum": ["root"]}},
        ['"roo"', '"roots"'],
        ['"root"', '""', '"A"'],
    ),
    (
        "if, then, else",
        {
            "type": "object",
            "properties": {"kind": {"enum": ["a", "b"]}, "x": {}},
            "required": ["kind"],
            "if": {"properties": {"kind": {"const": "a"}}},
            "then": {"properties": {"x": INT}, "required": ["x"]},
            "else": {"properties": {"x": STR}},
        },
        ['{"kind": "a", "x": 1}', '{"kind": "b"}', '{"kind": "b", "x": "y"}'],
        ['{"kind": "a"}', '{"kind": "a", "x": "y"}', '{"kind": "b", "x": 1}'],
    ),
    (
        "branches that a key tells apart",
        {
            "oneOf": [
                {"properties": {"t": {"const": t}, "v": v}, "required": ["t", "v"]}
                for t, v in (("int", INT), ("str", STR), ("nil", {"type": "null"}))
            ],
            "type": "object",
        },
        ['{"t": "int", "v": 1}', '{"t": "nil", "v": null}'],
        ['{"t": "int", "v": "x"}', '{"t": "other", "v": 1}', '{"t": "int"}'],
    ),
    (
        "an escaped pointer",
        {"$ref": "#/x/a~1b%25/0", "x": {"a/b%": [INT]}},
        ["1"],
        ['"1"'],
    ),
    (
        "an anchor, and a relative $id",
        {
            "$id": "http://example.com/root",
            "anyOf": [{"$ref": "#here"}, {"$ref": "other"}],
            "$defs": {"a": {"$anchor": "here", **INT}, "b": {"$id": "other", **STR}},
        },
        ["1", '"x"'],
        ["null"],
    ),
    (
        "siblings of $ref are void in draft 7",
        {
            "$schema": DRAFT_7,
            "properties": {"a": {"$ref": "#/definitions/i", "minimum": 5}},
            "definitions": {"i": INT},
            "type": "object",
        },
        ['{"a": 1}'],
        ['{"a": "x"}'],
    ),
    (
        "draft 4's exclusive bounds",
        {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "type": "integer",
            "minimum": 1,
            "exclusiveMinimum": True,
        },
        ["2"],
        ["1", "0"],
    ),
]


@pytest.mark.parametrize(
    ("schema", "accept", "reject"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE]
)
def test_a_combination(
    schema: dict[str, Any], accept: list[str], reject: list[str]
) -> None:
    check_schema(schema, accept=accept, reject=reject)


def test_the_keys_of_a_listed_value_count_as_unevaluated() -> None:
    schema = {"enum": [{"c": 0}, {}], "unevaluatedProperties": {"type": "string"}}
    check_schema(schema, accept=["{}"], reject=['{"c": 0}'])


def test_a_foreign_document_comes_from_the_registry() -> None:
    schema = {"$ref": "http://example.com/int.json#/definitions/i"}
    with pytest.raises(SchemaError, match="another document"):
        compile_schema(schema)
    registry = {"http://example.com/int.json": {"definitions": {"i": INT}}}
    check_schema(schema, registry=registry, accept=["1"], reject=['"x"'])


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"enum": []},
        {"type": "string", "enum": [1]},
        {"allOf": [INT, STR]},
        {"type": "integer", "minimum": 2, "maximum": 1},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "array", "items": False, "minItems": 1},
    ],
)
def test_a_schema_that_nothing_satisfies_is_refused(schema: Any) -> None:
    with pytest.raises(UnsatisfiableSchemaError):
        compile_schema(schema)


ENDLESS = {
    "over two objects": {
        "a": {"required": ["b"], "properties": {"b": {"$ref": "#/$defs/b"}}},
        "b": {"required": ["a"], "properties": {"a": {"$ref": "#/$defs/a"}}},
    },
    "over other keys": {
        "a": {"minProperties": 1, "additionalProperties": {"$ref": "#/$defs/b"}},
        "b": {"minProperties": 1, "additionalProperties": {"$ref": "#/$defs/b"}},
    },
}


@pytest.mark.parametrize("parts", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_could_only_go_on_for_ever_is_never_begun(parts: dict[str, Any]) -> None:
    schemas = {name: {"type": "object", **part} for name, part in parts.items()}
    schema = {"properties": {"x": INT, "y": {"$ref": "#/$defs/a"}}, "$defs": schemas}
    grammar = compile_schema({"type": "object", **schema}, closed=True)
    assert grammar.accepts('{"x": 1}')
    assert '\\"y' not in grammar.gbnf
    with pytest.raises(UnsatisfiableSchemaError):
        compile_schema({"$ref": "#/$defs/a", "$defs": schemas})


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "strin"}, "/type"),
        ({"properties": {"a": {"required": True}}}, "/properties/a/required"),
        ({"items": {"pattern": "("}}, "/items/pattern"),
        ({"anyOf": [{"$ref": "#/nowhere"}]}, "/anyOf/0/$ref"),
        ({"anyOf": [{"$ref": "#/anyOf/²"}]}, "/anyOf/0/$ref"),
        ({"$id": "http://[", "$ref": "elsewhere"}, "/$ref"),
        ({"$id": "http://a/", "$ref": "http://[#x"}, "/$ref"),
        ({"type": "number", "multipleOf": 10**400}, "/multipleOf"),
        ({"minLength": -1}, "/minLength"),
        ({"properties": 5}, "/properties"),
    ],
)
def test_a_broken_schema_is_refused_with_its_pointer(
    schema: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        compile_schema(schema)
    assert caught.value.pointer == pointer


def test_branches_that_what_stands_beside_them_tells_apart_need_no_denials() -> None:
    """A key is required beside the branches, so that no two of them can hold."""
    names = {"type": "array", "items": STR}
    branches = [
        {"properties": {"fields": names, "to": {"properties": {"fields": names}}}},
        {"properties": {"fields": STR, "to": {"properties": {"fields": STR}}}},
    ]
    schema = {"type": "object", "required": ["fields", "to"]}
    exactly_one = compile_schema({**schema, "oneOf": branches})
    any_of = compile_schema({**schema, "anyOf": branches})
    assert exactly_one.gbnf == any_of.gbnf.replace("anyOf", "oneOf")
