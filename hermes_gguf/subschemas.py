"""Where JSON Schema holds schemas inside of schemas, and how those are changed.

What stands under any other keyword is data: the values of an `enum` may well have a key
called `title`. It knows where subschemas stand, not what keywords mean.

Source: JSON Schema Core 2020-12, sections 8.2.4 and 10 and 11, with the names that
these keywords had in the drafts before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

#: Keywords whose value is a schema, a list of schemas, or schemas by name. `items` was
#: either of the first two; what a name of `dependencies` has may be a list of names.
ONE: Final = frozenset(
    "not if then else additionalProperties propertyNames contains unevaluatedItems"
    " unevaluatedProperties additionalItems items contentSchema".split()
)
LISTS: Final = frozenset("allOf anyOf oneOf prefixItems items".split())
MAPS: Final = frozenset(
    "properties patternProperties dependentSchemas dependencies $defs"
    " definitions".split()
)


def map_subschemas(
    schema: Mapping[str, Any], change: Callable[[Any], Any]
) -> dict[str, Any]:
    """A copy of the schema with `change` made to each schema directly inside of it.

    Args:
        schema: The schema; what it holds is looked at, not checked.
        change: Gets each subschema; or what stands in its place and is none, such as a
            boolean.
    """
    return {key: _mapped(key, value, change) for key, value in schema.items()}


def _mapped(keyword: str, value: Any, change: Callable[[Any], Any]) -> Any:
    if keyword in MAPS and isinstance(value, Mapping):
        return {name: change(inside) for name, inside in value.items()}
    if keyword in LISTS and isinstance(value, list):
        return [change(inside) for inside in value]
    return change(value) if keyword in ONE else value
