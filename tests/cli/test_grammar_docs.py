"""docs/grammar.md says what the compiler does: every row of it is tried."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from hermes_gguf.errors import SchemaBudgetError, UnsupportedSchemaError
from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.gbnf_parser import parse_gbnf
from hermes_gguf.grammar.schema.dialects import UNSTATED

from ..support.shared import ROOT

TEXT = (ROOT / "docs" / "grammar.md").read_text("utf-8")
ENFORCED = re.findall(r"^\| `([^`]+)` \| enforced \|", TEXT, re.MULTILINE)
REFUSED = re.findall(r"^\| `(\{.+?\})` \| .+ \|$", TEXT.split("### What is")[1], re.M)

_DRAFT_4 = "http://json-schema.org/draft-04/schema#"

#: Keyword → schema, a text that it accepts, a text that it rejects.
EXAMPLES: dict[str, tuple[Any, str, str]] = {
    "type": ({"type": "integer"}, "1.0", "1.5"),
    "enum": ({"enum": ["a", 1, None]}, "null", '"b"'),
    "const": ({"const": {"a": [1]}}, '{"a": [1]}', '{"a": [2]}'),
    "allOf": ({"allOf": [{"minimum": 2}], "type": "integer"}, "2", "1"),
    "anyOf": ({"anyOf": [{"type": "null"}], "enum": [1, None]}, "null", "1"),
    "oneOf": ({"oneOf": [{"type": "integer"}, {"minimum": 3}]}, "2", "4"),
    "not": ({"not": {"type": "string"}}, "1", '"a"'),
    "if": ({"type": "integer", "if": {"minimum": 5}, "then": {"const": 9}}, "9", "8"),
    "$ref": ({"items": {"$ref": "#"}, "type": "array"}, "[[], []]", "[1]"),
    "$dynamicRef": (
        {"$dynamicAnchor": "x", "type": "array", "items": {"$dynamicRef": "#x"}},
        "[[]]",
        "[1]",
    ),
    "properties": ({"properties": {"a": {"type": "null"}}}, '{"a": null}', '{"a": 1}'),
    "required": ({"type": "object", "required": ["z"]}, '{"z": 1}', "{}"),
    "additionalProperties": (
        {"type": "object", "additionalProperties": {"type": "null"}},
        '{"a": null}',
        '{"a": 1}',
    ),
    "patternProperties": (
        {"patternProperties": {"^x": {"type": "null"}}},
        '{"y": 1, "xa": null}',
        '{"xa": 1}',
    ),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, '{"a": 1}', '{"aa": 1}'),
    "minProperties": ({"type": "object", "minProperties": 1}, '{"a": 1}', "{}"),
    "maxProperties": ({"type": "object", "maxProperties": 0}, "{}", '{"a": 1}'),
    "dependentRequired": (
        {"properties": {"a": True, "b": True}, "dependentRequired": {"a": ["b"]}},
        '{"a": 1, "b": 2}',
        '{"a": 1}',
    ),
    "dependentSchemas": (
        {"dependentSchemas": {"a": {"maxProperties": 1}}},
        '{"a": 1}',
        '{"a": 1, "b": 2}',
    ),
    "dependencies": (
        {"properties": {"a": True, "b": True}, "dependencies": {"a": ["b"]}},
        '{"a": 1, "b": 2}',
        '{"a": 1}',
    ),
    "unevaluatedProperties": (
        {"properties": {"a": True}, "unevaluatedProperties": False},
        '{"a": 1}',
        '{"b": 1}',
    ),
    "items": ({"items": {"type": "null"}}, "[null]", "[1]"),
    "prefixItems": ({"prefixItems": [{"type": "null"}]}, "[null, 1]", "[1]"),
    "additionalItems": ({"items": [True], "additionalItems": False}, "[1]", "[1, 2]"),
    "unevaluatedItems": (
        {"prefixItems": [True], "unevaluatedItems": False},
        "[1]",
        "[1, 2]",
    ),
    "contains": (
        {"contains": {"type": "null"}, "maxContains": 1},
        "[1, null]",
        "[null, null]",
    ),
    "minItems": ({"type": "array", "minItems": 1}, "[1]", "[]"),
    "maxItems": ({"type": "array", "maxItems": 1}, "[1]", "[1, 2]"),
    "uniqueItems": (
        {"items": {"enum": [1, 2]}, "type": "array", "uniqueItems": True},
        "[2, 1]",
        "[1, 1]",
    ),
    "minLength": ({"type": "string", "minLength": 2}, r'"\u00e9\n"', '"é"'),
    "maxLength": ({"type": "string", "maxLength": 1}, '"😀"', '"ab"'),
    "pattern": ({"type": "string", "pattern": "a(?=b)"}, '"xaby"', '"xacy"'),
    "format": ({"type": "string", "format": "date"}, '"2024-02-29"', '"2024-13-01"'),
    "minimum": ({"type": "number", "minimum": 0.1}, "0.1", "0.09"),
    "maximum": ({"type": "integer", "maximum": 10}, "-5", "11"),
    "exclusiveMinimum": (
        {"$schema": _DRAFT_4, "minimum": 1, "exclusiveMinimum": True, "type": "number"},
        "1.1",
        "1.0",
    ),
    "exclusiveMaximum": ({"type": "number", "exclusiveMaximum": 1}, "0.9", "1"),
    "multipleOf": ({"type": "number", "multipleOf": 0.01}, "19.99", "19.999"),
}

#: Keywords that the table names in the row of another one.
IN_REMARKS = {"then", "else", "minContains", "maxContains"}


def test_the_table_names_every_keyword_of_the_compiler() -> None:
    assert len(set(ENFORCED)) == len(ENFORCED)
    assert set(ENFORCED) | IN_REMARKS == UNSTATED.keywords


@pytest.mark.parametrize("keyword", ENFORCED)
def test_an_enforced_keyword_compiles_and_decides(keyword: str) -> None:
    schema, good, bad = EXAMPLES[keyword]
    grammar = compile_schema(schema)
    assert grammar.accepts(good)
    assert not grammar.accepts(bad)
    entries = [entry for entry in grammar.report if entry.keyword == keyword]
    assert [entry.treatment for entry in entries] == ["enforced"] * len(entries)
    assert entries


@pytest.mark.parametrize("text", REFUSED)
def test_a_refused_schema_is_refused_by_name(text: str) -> None:
    with pytest.raises((UnsupportedSchemaError, SchemaBudgetError)) as caught:
        compile_schema(json.loads(text))
    assert caught.value.keyword
    assert caught.value.pointer.startswith("/")


def test_every_format_of_the_docs_is_enforced() -> None:
    section = TEXT.split("### Formats")[1].split("An\nunknown")[0]
    names = re.findall(r"`([a-z0-9-]+)`", section)
    assert len(names) >= 17
    for name in names:
        grammar = compile_schema({"type": "string", "format": name})
        assert [e.treatment for e in grammar.report] == ["enforced", "enforced"], name


def test_the_white_space_table_is_true() -> None:
    value_schema = {"const": {"a": 1, "b": [1, 2]}}
    rows = re.findall(r"^\| `(hermes|compact)`.*\| `(\{.+\})` \|$", TEXT, re.MULTILINE)
    assert [name for name, _ in rows] == ["hermes", "compact"]
    for name, text in rows:
        assert compile_schema(value_schema, whitespace=name).accepts(text)
        assert compile_schema(value_schema, whitespace="flexible").accepts(text)


def test_the_python_example_runs() -> None:
    [code] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert "/properties/days/minimum enforced" in done.stdout
    assert "root ::= " in done.stdout


def test_the_printed_grammar_is_the_grammar_of_its_schema() -> None:
    [gbnf] = re.findall(r"```gbnf\n(.*?)```", TEXT, re.DOTALL)
    printed = Automaton(parse_gbnf(gbnf))
    compiled = compile_schema(
        {
            "properties": {
                "days": {"type": "integer", "minimum": 1, "maximum": 14},
                "unit": {"enum": ["celsius", "fahrenheit"]},
            },
            "required": ["days", "unit"],
            "type": "object",
        },
        closed=True,
    )
    for days in ("0", "1", "3.0", "14", "14.000", "14.5", "15", "100", "x"):
        for unit in ("celsius", "fahrenheit", "kelvin"):
            text = f'{{"days": {days}, "unit": "{unit}"}}'
            assert printed.accepts(text) == compiled.accepts(text), text
