"""JSON Schema → the Python type that stands in a tool's signature.

Two spellings: `render_type`, which is right for every schema, and
`render_template_type`, which repeats the official template, defects included.
They agree on plain types, typed dictionaries and unions of plain types.

Source: `json_to_python_type` in the `tool_use` template of
NousResearch/Hermes-2-Pro-Llama-3-8B.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any
from urllib.parse import unquote

from ..json_pointer import split_pointer, step_into

_BASIC = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"}
_PYTHON = {
    str: "str",
    float: "float",
    int: "int",
    bool: "bool",
    type(None): "None",
    list: "list",
    dict: "dict",
}
_MAX_DEPTH = 12


def render_type(schema: Any, *, root: Any = None) -> str:
    """The Python type of `schema`, for example `list[Union[int,str]]`.

    Args:
        schema: Any JSON Schema, booleans included.
        root: The document that local `$ref` pointers point into.
    """
    return _render(schema, schema if root is None else root, 0)


def _render(schema: Any, root: Any, depth: int) -> str:
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return "Any"
    if "$ref" in schema:
        return _render(_resolve(root, schema["$ref"]), root, depth + 1)
    declared = schema.get("type")
    if isinstance(declared, str):
        return _render_named(declared, schema, root, depth)
    if isinstance(declared, Sequence):
        return _union(
            _render_named(str(name), schema, root, depth) for name in declared
        )
    for keyword in ("anyOf", "oneOf"):
        if isinstance(branches := schema.get(keyword), Sequence):
            return _union(_render(branch, root, depth + 1) for branch in branches)
    if isinstance(parts := schema.get("allOf"), Sequence) and len(parts) == 1:
        return _render(parts[0], root, depth + 1)
    return _render_values(schema)


def _render_named(name: str, schema: Mapping[str, Any], root: Any, depth: int) -> str:
    if name in _BASIC:
        return _BASIC[name]
    if name == "null":
        return "None"
    if name == "array":
        return _render_array(schema, root, depth)
    if name == "object":
        return _render_object(schema, root, depth)
    return "Any"


def _render_array(schema: Mapping[str, Any], root: Any, depth: int) -> str:
    prefix = schema.get("prefixItems")
    if isinstance(prefix, Sequence) and prefix:
        return "tuple[" + ", ".join(_render(p, root, depth + 1) for p in prefix) + "]"
    items = schema.get("items")
    return f"list[{_render(items, root, depth + 1)}]" if items else "list"


def _render_object(schema: Mapping[str, Any], root: Any, depth: int) -> str:
    values = schema.get("additionalProperties", False)
    if values is False:
        return "dict"
    return f"dict[str, {_render(values, root, depth + 1)}]"


def _render_values(schema: Mapping[str, Any]) -> str:
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if not isinstance(values, Sequence) or not values:
        return "Any"
    return _union(_PYTHON.get(type(value), "Any") for value in values)


def _union(names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names))
    if "Any" in unique or not unique:
        return "Any"
    return unique[0] if len(unique) == 1 else f"Union[{','.join(unique)}]"


def _resolve(root: Any, ref: Any) -> Any:
    if not isinstance(ref, str) or not ref.startswith("#"):
        return None
    try:
        return reduce(step_into, split_pointer(unquote(ref[1:])), root)
    except LookupError:
        return None


def render_template_type(schema: Any) -> str:
    """The type as the official template prints it, `list[Union[]]` and all.

    Raises:
        RecursionError: The template itself never ends on this schema (a type of
            "null", or one that JSON Schema does not know).
    """
    if not isinstance(schema, Mapping) or "type" not in schema:
        return "Union[]"
    declared = schema["type"]
    if isinstance(declared, str) and declared in _BASIC:
        return _BASIC[declared]
    if declared == "array":
        # The template hands the pairs of the schema, not its items, to itself.
        return "list[Union[]]"
    if declared == "object":
        values = schema.get("additionalProperties", _MISSING)
        if values is _MISSING:
            return "dict"
        return f"dict[str, {render_template_type(values)}]"
    if isinstance(declared, str) and declared:
        raise RecursionError(f"the template never ends on the type {declared!r}")
    if isinstance(declared, Sequence):
        inner = (render_template_type({"type": name}) for name in declared)
        return f"Union[{','.join(inner)}]"
    return "Any"


_MISSING: Any = object()
