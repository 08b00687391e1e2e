"""Checks that tools and schemas can be written down at all, before anything is.

Knows shapes, not meanings: whether a schema can be enforced is `grammar`'s business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import SchemaError, ToolDefinitionError
from ..messages import Tool


def check_tools(tools: Sequence[Tool]) -> None:
    """Refuse tools that no prompt can present.

    Raises:
        ToolDefinitionError: A tool has no name, shares it with another one, or its
            definition is not JSON of the right shape.
    """
    seen: set[str] = set()
    for tool in tools:
        if not isinstance(tool.name, str) or not tool.name:
            raise ToolDefinitionError(str(tool.name), "it has no name")
        if tool.name in seen:
            raise ToolDefinitionError(tool.name, "two tools have this name")
        seen.add(tool.name)
        _check_shape(tool)
        if problem := _problem_as_json((tool.name, tool.description)):
            raise ToolDefinitionError(tool.name, problem)
        if problem := _problem_as_json((dict(tool.parameters), tool.returns)):
            raise ToolDefinitionError(tool.name, problem)


def check_schema(schema: Mapping[str, Any] | bool | None) -> None:
    """Refuse a schema that is not JSON.

    Raises:
        SchemaError: It cannot be written as JSON.
    """
    if problem := _problem_as_json(schema):
        raise SchemaError(problem, pointer="", keyword="schema")


def _check_shape(tool: Tool) -> None:
    if not isinstance(tool.parameters, Mapping):
        raise ToolDefinitionError(tool.name, "its parameters are no JSON Schema object")
    properties = tool.parameters.get("properties", {})
    if not isinstance(properties, Mapping):
        raise ToolDefinitionError(tool.name, "its properties are no JSON object")
    for name, schema in properties.items():
        if not isinstance(schema, Mapping | bool):
            raise ToolDefinitionError(
                tool.name, "it is described by no JSON Schema", parameter=str(name)
            )


def _problem_as_json(value: Any) -> str | None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        return "it is nested too deeply"
    except UnicodeEncodeError:
        return "its text has half a surrogate pair"
    except (TypeError, ValueError) as error:
        return f"it is not JSON: {error}"
    return None
