"""One place in a schema, read: its keywords checked, its subschemas as nodes.

A node knows where it stands (document, pointer, base URI, dynamic scope) and which of
its keywords its dialect gives force to. It does not know what the keywords mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import SchemaError, UnsupportedSchemaError

if TYPE_CHECKING:
    from .documents import Library, Resource

TYPES = ("null", "boolean", "number", "string", "array", "object")
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_TYPE_NAMES = frozenset((*TYPES, "integer"))


class Node:
    """A schema at one place; equal to itself only, so it can be a key."""

    __slots__ = (
        "_children",
        "keywords",
        "library",
        "pointer",
        "raw",
        "resource",
        "scope",
    )

    def __init__(
        self,
        raw: Any,
        *,
        pointer: str,
        resource: Resource,
        scope: tuple[Resource, ...],
        library: Library,
    ) -> None:
        self.pointer = pointer
        self.resource = resource
        self.scope = scope
        self.library = library
        self.raw = raw
        self._children: dict[tuple[str | int, ...], Node] = {}
        #: Keyword → value, of those keywords that constrain. None: the schema False.
        self.keywords: Mapping[str, Any] | None = self._read(raw)

    def _read(self, raw: Any) -> Mapping[str, Any] | None:
        if raw is True:
            return {}
        if raw is False:
            return None
        if not isinstance(raw, dict):
            raise SchemaError(
                "a schema is an object, true or false",
                pointer=self.pointer,
                keyword=self.pointer.rsplit("/", 1)[-1] or "schema",
            )
        dialect = self.resource.dialect
        if dialect.ref_hides_siblings and "$ref" in raw:
            active = {"$ref": raw["$ref"]}
        else:
            known = dialect.keywords
            active = {key: raw[key] for key in raw if key in known}
        relaxed = self.library.relaxed
        for key, value in active.items():
            check = _CHECKS.get(key)
            if check is not None and not check(value):
                raise SchemaError(
                    f"{str(value)[:60]!r} is no legal value",
                    pointer=f"{self.pointer}/{key}",
                    keyword=key,
                )
        if relaxed:
            for key in active:
                if f"{self.pointer}/{key}" in relaxed:
                    active[key] = RELAXED
        return active

    def __repr__(self) -> str:
        return f"<{self.pointer or '/'}>"

    def at(self, *path: str | int) -> Node:
        """The subschema below this node, for example `at("properties", "name")`."""
        child = self._children.get(path)
        if child is None:
            child = self.library.descend(self, path)
            self._children[path] = child
        return child

    def adopt(self, path: tuple[str | int, ...], child: Node) -> None:
        """Let another place's node stand at `path` of this made-up node."""
        self._children[path] = child

    def each(self, keyword: str) -> Iterator[Node]:
        """The subschemas in the list (or the map) that this keyword holds."""
        assert self.keywords is not None
        value = self.keywords[keyword]
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield self.at(keyword, key)

    def where(self, keyword: str) -> str:
        """The JSON pointer of one of this node's keywords."""
        return f"{self.pointer}/{keyword}"


class _Relaxed:
    """Stands for the value of a keyword that is checked after generation."""

    def __repr__(self) -> str:
        return "relaxed"


RELAXED: Any = _Relaxed()


class Literal(NamedTuple):
    """A schema that must hold, or that must not."""

    node: Node
    positive: bool = True

    def negated(self) -> Literal:
        """The same schema, the other way round."""
        return Literal(self.node, not self.positive)


#: All of these hold. Nothing at all: any value.
Goal = tuple[Literal, ...]


def endless(node: Node, keyword: str) -> UnsupportedSchemaError:
    """The error for a reference of the node that leads to no schema but itself."""
    return UnsupportedSchemaError(
        "the reference leads back to itself",
        pointer=node.where(keyword),
        keyword=keyword,
    )


# As tuples, for `dict | bool` would be made anew each time that it is asked.
_SCHEMAS = (dict, bool)
_NUMBERS = (int, float)


def _is_schema(value: Any) -> bool:
    return isinstance(value, _SCHEMAS)


def _is_schemas(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_schema, value))


def _is_schema_map(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_schema, value.values()))


def _is_count(value: Any) -> bool:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, _NUMBERS) and not isinstance(value, bool)
    return is_number and _is_json(value)


def _is_json(value: Any) -> bool:
    """Whether no number in it is infinite or none: Python reads and writes these."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)
        elif isinstance(part, float) and not math.isfinite(part):
            return False
    return True


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return all(isinstance(n, str) and n in _TYPE_NAMES for n in names)


def _is_items(value: Any) -> bool:
    return _is_schema(value) or _is_schemas(value)


def _is_dependencies(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(v, str) or _is_schema(v) or _is_names(v) for v in value.values()
    )


def _is_names_map(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_names, value.values()))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_bound(value: Any) -> bool:
    return isinstance(value, bool) or _is_number(value)


def _is_step(value: Any) -> bool:
    return _is_number(value) and value > 0


_CHECKS = {
    **dict.fromkeys(
        "not if then else additionalProperties propertyNames contains"
        " unevaluatedItems unevaluatedProperties additionalItems".split(),
        _is_schema,
    ),
    **dict.fromkeys("allOf anyOf oneOf prefixItems".split(), _is_schemas),
    **dict.fromkeys(
        "properties patternProperties dependentSchemas".split(), _is_schema_map
    ),
    **dict.fromkeys(
        "minLength maxLength minItems maxItems minProperties maxProperties"
        " minContains maxContains".split(),
        _is_count,
    ),
    **dict.fromkeys("minimum maximum".split(), _is_number),
    **dict.fromkeys("exclusiveMinimum exclusiveMaximum".split(), _is_bound),
    **dict.fromkeys("pattern format $ref $dynamicRef $recursiveRef".split(), _is_text),
    "multipleOf": _is_step,
    "type": _is_type,
    "enum": lambda value: isinstance(value, list) and _is_json(value),
    "const": _is_json,
    "required": _is_names,
    "uniqueItems": _is_flag,
    "items": _is_items,
    "dependencies": _is_dependencies,
    "dependentRequired": _is_names_map,
}
