"""What pydantic knows of a type, as a schema for the middle of another schema.

pydantic is imported only when an annotation needs it. Titles go, since they repeat
the names; references are written out, since a signature reads better that way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

#: Keywords whose values are data, not schemas.
_DATA = ("default", "enum", "const", "examples")
#: Keywords whose values are schemas by name.
_BY_NAME = ("properties", "patternProperties", "$defs")


def model_schema(model: Any, *, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a pydantic model, without titles.

    Args:
        model: A subclass of `pydantic.BaseModel`.
        definitions: Receives the models that contain themselves, by name.
    """
    schema: dict[str, Any] = model.model_json_schema()
    inliner = _Inliner(schema.pop("$defs", {}), definitions)
    inlined: dict[str, Any] = inliner.inline(schema)
    return inlined


def constraints(inner: Any, remark: Any) -> dict[str, Any]:
    """The keywords that a pydantic `Field` or an annotated-types remark adds."""
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        schema = TypeAdapter(Annotated[inner, remark]).json_schema()
        plain = TypeAdapter(inner).json_schema()
    except (PydanticSchemaGenerationError, PydanticUserError, TypeError):
        return {}  # a remark for somebody else
    return {
        key: value
        for key, value in schema.items()
        if plain.get(key) != value and key != "title"
    }


class _Inliner:
    def __init__(self, sources: Mapping[str, Any], kept: dict[str, Any]) -> None:
        self._sources = sources
        self._kept = kept

    def inline(self, node: Any, seen: tuple[str, ...] = ()) -> Any:
        """`node` with references written out, but for self-containing models."""
        if isinstance(node, list):
            return [self.inline(item, seen) for item in node]
        if not isinstance(node, dict):
            return node
        name = str(node.get("$ref", "")).removeprefix("#/$defs/")
        if name not in self._sources:
            return {
                key: self._inline_keyword(key, value, seen)
                for key, value in node.items()
                if key != "title"
            }
        if name in seen:
            self._kept.setdefault(name, self._sources[name])
            return node
        body = self.inline(self._sources[name], (*seen, name))
        if name in self._kept:
            self._kept[name] = body
            return node
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**body, **beside}

    def _inline_keyword(self, key: str, value: Any, seen: tuple[str, ...]) -> Any:
        if key in _DATA:
            return value
        if key in _BY_NAME and isinstance(value, dict):
            return {name: self.inline(item, seen) for name, item in value.items()}
        return self.inline(value, seen)
