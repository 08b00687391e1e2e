"""What a tool's parameters mean to a function, where JSON Schema reads them otherwise.

The model is shown the parameters as they are. The grammar and whoever validates a call
get what this file makes of them: tools are described in OpenAI's and OpenAPI's dialect,
which the prompt format of Hermes repeats. It knows no grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import SchemaBudgetError
from ..messages import JsonObject
from ..subschemas import map_subschemas

_NO_ARGUMENTS: JsonObject = {
    "type": "object",
    "properties": {},
    "additionalProperties": False,
}
#: Keywords that say nothing about what an object may hold.
_SILENT = frozenset(
    ("type", "properties", "required", "title", "description", "$schema", "$id")
)
#: Keywords beside which null cannot simply join the types.
_NOT_BY_TYPE = frozenset(("const", "anyOf", "oneOf", "allOf", "not", "if", "$ref"))


def arguments_schema(parameters: JsonObject) -> JsonObject:
    """The JSON Schema of the arguments that a function with these parameters takes.

    A function that names no argument takes none: to JSON Schema
    `{"type": "object", "properties": {}}` is any object. `"nullable": true` allows
    null, as OpenAPI has it and as Python's `Optional` is shown to the model.

    Raises:
        SchemaBudgetError: they are nested too deeply to be read.
    """
    if _names_none(parameters):
        return _NO_ARGUMENTS
    try:
        stated: JsonObject = _with_null(parameters)
    except RecursionError as error:
        raise SchemaBudgetError.too_deep() from error
    return stated


def _names_none(parameters: JsonObject) -> bool:
    return (
        parameters.keys() <= _SILENT
        and not parameters.get("properties")
        and not parameters.get("required")
        and parameters.get("type", "object") == "object"
    )


def _with_null(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    out = map_subschemas(schema, _with_null)
    if out.get("nullable") is not True:
        return out
    del out["nullable"]
    kinds = out.get("type")
    if not isinstance(kinds, str | list) or out.keys() & _NOT_BY_TYPE:
        return {"anyOf": [out, {"type": "null"}]}
    kinds = [kinds] if isinstance(kinds, str) else kinds
    out["type"] = kinds if "null" in kinds else [*kinds, "null"]
    values = out.get("enum")
    if isinstance(values, list) and None not in values:
        out["enum"] = [*values, None]
    return out
