"""Whether calls and JSON answers obey their schemas, by an independent validator.

It knows more keywords than any grammar can enforce, and some of them may take it for
ever. What becomes of an answer that breaks its schema is decided by `execute`,
`extract` and `recheck`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import SchemaError, ToolCallValidationError
from ..grammar.arguments import arguments_schema
from ..messages import JsonObject, Tool, ToolCall
from .apart import find_problem_apart
from .completion import Completion
from .validator import find_problem

#: References may branch at each step, to the same places again and again.
_SLOW = frozenset(
    "pattern patternProperties uniqueItems unevaluatedItems unevaluatedProperties"
    " $ref $dynamicRef $recursiveRef".split()
)


def check_call(
    call: ToolCall, tools: Mapping[str, Tool], *, trusted: bool = True
) -> None:
    """Check a call against the tools: its name, and its arguments in full.

    Args:
        call: The call.
        tools: What may be called, by name.
        trusted: As in `schema_problem`.

    Raises:
        ToolCallValidationError: no such tool, or the arguments break its schema.
        SchemaError: the tool's own schema is none, or cannot be judged by.
    """
    tool = tools.get(call.name)
    if tool is None:
        names = ", ".join(tools) or "none"
        raise ToolCallValidationError(
            f"There is no function named {call.name!r}; the functions are: {names}",
            text=call.arguments_json,
        )
    try:
        schema = arguments_schema(tool.parameters)
        problem = schema_problem(call.arguments, schema, trusted=trusted)
    except SchemaError as error:
        error.name_tool(call.name)
        raise
    if problem:
        raise ToolCallValidationError(problem, text=call.arguments_json)


def is_valid_call(
    call: ToolCall, tools: Iterable[Tool], *, trusted: bool = True
) -> bool:
    """Whether the call names one of the tools and obeys its schema."""
    try:
        check_call(call, {tool.name: tool for tool in tools}, trusted=trusted)
    except (ToolCallValidationError, SchemaError):
        return False
    return True


def problem_of(
    completion: Completion, *, tools: Sequence[Tool], json_schema: JsonObject | None
) -> str:
    """Why a finished answer breaks what was asked for; empty when it does not.

    Raises:
        SchemaError: a schema is none, or cannot be judged by in reasonable time.
    """
    by_name = {tool.name: tool for tool in tools}
    try:
        for call in completion.tool_calls:
            check_call(call, by_name, trusted=False)
        if json_schema is not None and not completion.tool_calls:
            value = json.loads(completion.text)
            return schema_problem(value, json_schema, trusted=False)
    except ToolCallValidationError as error:
        return error.message
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    return ""


def schema_problem(value: Any, schema: Any, *, trusted: bool = True) -> str:
    """Why `value` breaks `schema`, in one sentence; empty when it does not.

    Args:
        value: What is judged.
        schema: What it must obey.
        trusted: Whether the schema may take its time; otherwise one that might take
            long is judged by in a process of its own, which takes 0.2 seconds to start.

    Raises:
        SchemaError: `schema` is no JSON Schema, cannot be judged by, or takes too long.
    """
    if trusted or not _may_take_long(schema):
        return find_problem(value, schema)
    return find_problem_apart(value, schema)


def _may_take_long(schema: Any) -> bool:
    """Whether it has a key that is the name of a keyword which may take long."""
    left = [schema]
    while left:
        at = left.pop()
        if isinstance(at, Mapping):
            if not _SLOW.isdisjoint(at):
                return True
            left.extend(at.values())
        elif isinstance(at, list | tuple):
            left.extend(at)
    return False
