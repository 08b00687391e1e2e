"""A server's description of a tool → the `Tool` that the model is shown.

The schema stays the server's own, without what only costs tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..messages import Tool
from ..subschemas import map_subschemas

if TYPE_CHECKING:
    from mcp import types

#: Remarks for people that constrain nothing. Prompts are read slowly on a CPU.
_REMARKS = ("title", "$comment", "examples")


def read_definition(tool: types.Tool, *, name: str) -> Tool:
    """The tool under the name that the model shall call it by."""
    schema = _without_remarks(tool.input_schema)
    if not isinstance(schema, dict) or "type" not in schema:
        schema = {"type": "object", "properties": {}, **schema}
    return Tool(name, tool.description or tool.title or "", schema)


def _without_remarks(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _REMARKS}
    return map_subschemas(kept, _without_remarks)
