"""What pydantic knows of a type, as a schema for the middle of another schema.

pydantic is imported only when an annotation needs it. Titles go, since they repeat
the names; references are written out, since a signature reads better that way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from ..subschemas import map_subschemas
from .pydantic_values import UnknownToPydantic

#: What is said twice: names, and where the branches lie that are written out here.
_DROPPED = ("title", "discriminator")
#: How `dict[int, ...]` spells its keys.
INTEGER_KEY = "^(0|-?[1-9][0-9]*)$"
#: What pydantic allows every address of the web. The validator counts: no grammar
#: knows the parts of an address and so many characters at once.
_LONGEST_URL = 2083
_DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"


def schema_of_adapter(adapter: Any) -> dict[str, Any]:
    """The schema that pydantic gives a type, made to say what its validator wants.

    A list that becomes a set may repeat itself, and no grammar could forbid that. A
    decimal's text, a key that becomes a number, and an address whose scheme is
    prescribed are no text of any kind.

    Args:
        adapter: A `pydantic.TypeAdapter`.
    """
    from pydantic.json_schema import GenerateJsonSchema

    class Generator(GenerateJsonSchema):
        def set_schema(self, schema: Any) -> dict[str, Any]:
            return _without_unique_items(super().set_schema(schema))

        def frozenset_schema(self, schema: Any) -> dict[str, Any]:
            return _without_unique_items(super().frozenset_schema(schema))

        def decimal_schema(self, schema: Any) -> dict[str, Any]:
            return _with_pattern(super().decimal_schema(schema))

        def url_schema(self, schema: Any) -> dict[str, Any]:
            schemes = "|".join(map(re.escape, schema.get("allowed_schemes", ())))
            found = super().url_schema(schema)
            if not schemes:
                return found
            if found.get("maxLength") == _LONGEST_URL:
                del found["maxLength"]
            return {**found, "pattern": f"^({schemes})://."}

        def dict_schema(self, schema: Any) -> dict[str, Any]:
            found = super().dict_schema(schema)
            if schema.get("keys_schema", {}).get("type") == "int":
                found.setdefault("propertyNames", {"pattern": INTEGER_KEY})
            return found

    found: dict[str, Any] = adapter.json_schema(schema_generator=Generator)
    return found


def _with_pattern(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "string":
        return {"pattern": _DECIMAL, **schema}
    branches = schema.get("anyOf")
    return (
        {**schema, "anyOf": list(map(_with_pattern, branches))} if branches else schema
    )


def _without_unique_items(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "uniqueItems"}


def model_schema(model: Any, *, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a pydantic model, without titles.

    Args:
        model: A subclass of `pydantic.BaseModel`, or a dataclass or type of pydantic's.
        definitions: Receives the models that contain themselves, by name.

    Raises:
        UnknownToPydantic: JSON Schema cannot describe it.
    """
    from pydantic import PydanticUserError, TypeAdapter

    try:
        schema = schema_of_adapter(TypeAdapter(model))
    except (PydanticUserError, ImportError) as error:
        raise UnknownToPydantic(str(error).splitlines()[0]) from error
    return _inlined(schema, definitions)


def constraints(
    inner: Any, remark: Any, *, definitions: dict[str, Any]
) -> dict[str, Any]:
    """The keywords that a pydantic `Field` or an annotated-types remark adds.

    Args:
        inner: The type that is remarked upon.
        remark: What was said of it.
        definitions: Receives the models that contain themselves, by name.
    """
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        schema = schema_of_adapter(TypeAdapter(Annotated[inner, remark]))
        plain = schema_of_adapter(TypeAdapter(inner))
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError):
        return {}  # a remark for somebody else
    sources = schema.pop("$defs", {})
    added = {key: value for key, value in schema.items() if plain.get(key) != value}
    return _inlined({**added, "$defs": sources}, definitions)


def _inlined(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    inliner = _Inliner(schema.pop("$defs", {}), definitions)
    inlined: dict[str, Any] = inliner.inline(schema)
    return inlined


class _Inliner:
    def __init__(self, sources: Mapping[str, Any], kept: dict[str, Any]) -> None:
        self._sources = sources
        self._kept = kept

    def inline(self, node: Any, seen: tuple[str, ...] = ()) -> Any:
        """`node` with references written out, but for self-containing models."""
        if not isinstance(node, dict):
            return node
        name = str(node.get("$ref", "")).removeprefix("#/$defs/")
        if name not in self._sources:
            kept = {key: value for key, value in node.items() if key not in _DROPPED}
            return map_subschemas(kept, lambda inside: self.inline(inside, seen))
        if name in seen:
            self._kept.setdefault(name, self._sources[name])
            return node
        body = self.inline(self._sources[name], (*seen, name))
        if name in self._kept:
            self._kept[name] = body
            return node
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**body, **beside}
