"""Schemas that say the same at several places are read once, and stay what they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hermes_gguf.errors import UnsatisfiableSchemaError
from hermes_gguf.grammar.compile import compile_schema

from ...support.accepts import check_schema

POINT = {
    "type": "object",
    "title": "anywhere",
    "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
    "required": ["x", "y"],
    "additionalProperties": False,
}


def _pair(a: Any, b: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"a": a, "b": b},
        "required": ["a", "b"],
        "additionalProperties": False,
    }


def test_copies_share_their_rules() -> None:
    twice = compile_schema(_pair(POINT, POINT | {"title": "elsewhere"}))
    assert (
        len(twice.nodes.rules)
        == len(compile_schema({"$ref": "#/a", "a": POINT}).nodes.rules) + 1
    )
    assert twice.accepts('{"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 4}}')
    assert not twice.accepts('{"a": {"x": 1, "y": 2}, "b": {"x": 3}}')


def test_the_report_names_every_copy() -> None:
    pointers = {e.pointer for e in compile_schema(_pair(POINT, POINT)).report}
    assert {"/properties/a/required", "/properties/b/required"} <= pointers


def test_every_copy_of_an_unsupported_keyword_is_relaxed_by_name() -> None:
    bag = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    grammar = compile_schema(_pair(bag, bag), on_unsupported="check")
    assert [e.pointer for e in grammar.report.checked] == [
        "/properties/a/uniqueItems",
        "/properties/b/uniqueItems",
    ]
    assert grammar.accepts('{"a": ["x", "x"], "b": ["y", "y"]}')


@pytest.mark.parametrize("branch", [{"type": "string"}, POINT])
def test_of_equal_branches_exactly_one_never_holds(branch: Any) -> None:
    with pytest.raises(UnsatisfiableSchemaError):
        compile_schema({"oneOf": [branch, branch]})


@pytest.mark.parametrize(
    ("first", "second"), [(1, 1.5), (True, 1), ("1", 1), (None, "None"), ([1], ["1"])]
)
def test_values_that_only_look_alike_stay_apart(first: Any, second: Any) -> None:
    a, b = json.dumps(first), json.dumps(second)
    check_schema(
        _pair({"const": first}, {"const": second}),
        accept=[f'{{"a": {a}, "b": {b}}}'],
        reject=[f'{{"a": {b}, "b": {a}}}', f'{{"a": {a}, "b": {a}}}'],
    )


def test_equal_references_in_different_documents_lead_to_different_places() -> None:
    parts = {
        name: {
            "$id": f"https://example.com/{name}",
            "$ref": "#/$defs/t",
            "$defs": {"t": t},
        }
        for name, t in (("a", {"const": 1}), ("b", {"const": 2}))
    }
    check_schema(
        _pair(parts["a"], parts["b"]),
        accept=['{"a": 1, "b": 2}'],
        reject=['{"a": 1, "b": 1}', '{"a": 2, "b": 2}'],
    )
