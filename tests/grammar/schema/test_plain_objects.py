"""Objects that only name keys go a short road; it must lead where the long one does."""

from __future__ import annotations

from typing import Any

import pytest

from hermes_gguf.errors import SchemaError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.schema import printer

INT, STR = {"type": "integer"}, {"type": "string"}
NEVER = {"type": "string", "enum": []}

SCHEMAS: dict[str, dict[str, Any]] = {
    "says nothing": {"type": "object"},
    "names no key": {"type": "object", "properties": {}},
    "needs no key": {"type": "object", "required": []},
    "needs": {"properties": {"a": INT, "b": STR}, "required": ["b"]},
    "needs what it does not name": {"properties": {"a": INT}, "required": ["z", "b"]},
    "shut": {"properties": {"a": INT}, "additionalProperties": False},
    "needs what it shuts out": {"required": ["a"], "additionalProperties": False},
    "others": {"additionalProperties": STR, "required": ["k"]},
    "others first": {"additionalProperties": STR, "properties": {"a": STR, "b": INT}},
    "a key that cannot be": {"properties": {"a": NEVER, "b": INT}},
    "needs a key that cannot be": {"properties": {"a": NEVER}, "required": ["a"]},
    "others that cannot be": {"properties": {"a": INT}, "additionalProperties": NEVER},
    "goes on": {"properties": {"a": {"$ref": "#"}, "b": INT}, "required": ["b"]},
    "goes on for ever": {"properties": {"a": {"$ref": "#"}}, "required": ["a"]},
}


def _outcome(schema: dict[str, Any], *, closed: bool) -> str:
    try:
        return compile_schema(schema, closed=closed).gbnf
    except SchemaError as error:
        return repr(error)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_both_roads_lead_to_one_grammar(
    schema: dict[str, Any], closed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    nested = {"type": "object", "properties": {"x": schema, "y": schema}}
    short = [_outcome(each, closed=closed) for each in (schema, nested)]
    monkeypatch.setattr(printer, "is_plain", lambda goal: False)
    assert short == [_outcome(each, closed=closed) for each in (schema, nested)]
