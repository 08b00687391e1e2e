"""Hostile schemas end in a grammar or in a typed error, soon."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest

from hermes_gguf.errors import SchemaError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.gbnf_parser import parse_gbnf

from ...support.conformance.fuzz import MAX_COMPILE_S, fuzz


def _nested(keyword: str, depth: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        below = {"a": schema} if keyword == "properties" else schema
        schema = {keyword: [below] if keyword == "allOf" else below}
    return schema


def _crossed(n: int) -> dict[str, Any]:
    """n choices between two properties each: 2**n combinations."""
    choices = [
        {"anyOf": [{"properties": {f"k{i}": {"const": j}}} for j in (1, 2)]}
        for i in range(n)
    ]
    return {"type": "object", "allOf": choices}


HOSTILE: dict[str, Any] = {
    "deep properties": _nested("properties", 400),
    "deep items": _nested("items", 400),
    "deep allOf": _nested("allOf", 3000),
    "deep not": _nested("not", 3000),
    "a reference to itself": {"$ref": "#"},
    "a circle of references": {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}},
    },
    "a denied circle": {"not": {"$ref": "#"}},
    "a huge enum": {"enum": [f"value {i * 7919}" for i in range(5000)]},
    "huge enum of numbers": {"enum": list(range(0, 30_000, 7))},
    "many properties": {"properties": {f"key{i}": {} for i in range(2000)}},
    "2**20 combinations": _crossed(20),
    "many dependencies": {
        "type": "object",
        "dependentRequired": {f"k{i}": [f"k{i * 7 % 40}"] for i in range(40)},
    },
    "an exponential pattern": {"type": "string", "pattern": "(a|b)*a(a|b){25}$"},
    "patterns multiplied": {
        "allOf": [{"pattern": f"(a.{{{i}}}b)"} for i in (5, 7, 11, 13)],
        "type": "string",
    },
    "a huge class denied": {"type": "string", "not": {"format": "idn-hostname"}},
    "a long length": {"type": "string", "minLength": 10**9},
    "a long array": {"type": "array", "minItems": 10**7, "contains": {"const": 1}},
    "a huge count of keys": {"type": "object", "minProperties": 10**9},
    "a tiny step": {"multipleOf": 1e-300, "maximum": 1e300},
    "huge numbers": {"minimum": -(10**400), "maximum": 10**400, "type": "integer"},
    "a deep pattern": {"type": "string", "pattern": "(" * 2000 + "a" + ")" * 2000},
    "exclusive branches": {
        "oneOf": [{"properties": {f"k{i}": {"type": "string"}}} for i in range(12)],
        "type": "object",
    },
}


@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_schema_ends_soon(schema: Any) -> None:
    started = time.thread_time()
    with suppress(SchemaError):
        assert "root ::=" in compile_schema(schema).gbnf
    assert time.thread_time() - started < 4


def test_random_schemas_end_in_a_grammar_or_a_typed_error() -> None:
    outcome = fuzz(300)
    assert outcome.counts["grammar"] > 30
    assert outcome.worst_s < 2 * MAX_COMPILE_S  # twice, for a busy machine


@pytest.mark.parametrize("count", [600, 601, 2000, 2001, 5000])
def test_high_counts_are_grammars_that_llama_cpp_parses(count: int) -> None:
    text = {"type": "string", "minLength": 1, "maxLength": count}
    schema = {"type": "array", "items": text, "maxItems": count}
    parse_gbnf(compile_schema({"properties": {"a": schema, "b": text}}).gbnf)


def test_a_denied_enum_of_thousands_of_numbers_ends_soon() -> None:
    started = time.thread_time()
    with pytest.raises(SchemaError, match="more than"):
        compile_schema({"not": {"enum": list(range(0, 50_000, 10))}})
    assert time.thread_time() - started < 4
