"""A server's description of a tool → the `Tool` that the model is shown.

The schema stays the server's own, without what only costs tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..messages import Tool

if TYPE_CHECKING:
    from mcp import types

#: Remarks for people that constrain nothing. Prompts are read slowly on a CPU.
_REMARKS = ("title", "$comment", "examples")
#: Keywords whose value is data, or maps names to schemas.
_DATA = ("const", "default", "enum")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")


def read_definition(tool: types.Tool, *, name: str) -> Tool:
    """The tool under the name that the model shall call it by."""
    schema = _without_remarks(tool.input_schema)
    if not isinstance(schema, dict) or "type" not in schema:
        schema = {"type": "object", "properties": {}, **schema}
    return Tool(name, tool.description or tool.title or "", schema)


def _without_remarks(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_remarks(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        keyword: _kept(keyword, value)
        for keyword, value in schema.items()
        if keyword not in _REMARKS
    }


def _kept(keyword: str, value: Any) -> Any:
    if keyword in _DATA:
        return value
    if keyword in _NAMED and isinstance(value, Mapping):
        return {name: _without_remarks(inner) for name, inner in value.items()}
    return _without_remarks(value)
