"""Whether calls and JSON answers obey their schemas, by an independent validator.

It knows more keywords than any grammar can enforce. What becomes of an answer that
breaks its schema is decided by `execute`, `extract` and `recheck`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import ToolCallValidationError, ToolDefinitionError
from ..grammar.arguments import arguments_schema
from ..messages import JsonObject, Tool, ToolCall
from .completion import Completion


def check_call(call: ToolCall, tools: Mapping[str, Tool]) -> None:
    """Check a call against the tools: its name, and its arguments in full.

    Raises:
        ToolCallValidationError: no such tool, or the arguments break its schema.
        ToolDefinitionError: the tool's own schema is no JSON Schema.
    """
    tool = tools.get(call.name)
    if tool is None:
        names = ", ".join(tools) or "none"
        raise ToolCallValidationError(
            f"There is no function named {call.name!r}; the functions are: {names}",
            text=call.arguments_json,
        )
    schema = arguments_schema(tool.parameters)
    problem = schema_problem(call.arguments, schema, name=call.name)
    if problem:
        raise ToolCallValidationError(problem, text=call.arguments_json)


def is_valid_call(call: ToolCall, tools: Iterable[Tool]) -> bool:
    """Whether the call names one of the tools and obeys its schema."""
    try:
        check_call(call, {tool.name: tool for tool in tools})
    except (ToolCallValidationError, ToolDefinitionError):
        return False
    return True


def problem_of(
    completion: Completion, *, tools: Sequence[Tool], json_schema: JsonObject | None
) -> str:
    """Why a finished answer breaks what was asked for; empty when it does not."""
    by_name = {tool.name: tool for tool in tools}
    try:
        for call in completion.tool_calls:
            check_call(call, by_name)
        if json_schema is not None and not completion.tool_calls:
            value = json.loads(completion.text)
            return schema_problem(value, json_schema, name="answer")
    except ToolCallValidationError as error:
        return error.message
    except ValueError as error:
        return f"it is not JSON: {error}"
    return ""


def schema_problem(value: Any, schema: Any, *, name: str) -> str:
    """Why `value` breaks `schema`, in one sentence; empty when it does not.

    Raises:
        ToolDefinitionError: `schema` is no JSON Schema; `name` says whose.
    """
    import jsonschema
    import referencing.exceptions

    validator = jsonschema.validators.validator_for(
        schema, default=jsonschema.Draft202012Validator
    )
    try:
        validator.check_schema(schema)
        errors = validator(schema, format_checker=validator.FORMAT_CHECKER).iter_errors(
            value
        )
        worst = jsonschema.exceptions.best_match(errors)
    except jsonschema.SchemaError as error:
        raise ToolDefinitionError(name, f"its schema: {error.message}") from error
    except referencing.exceptions.Unresolvable as error:
        raise ToolDefinitionError(name, f"its schema: {error}") from error
    if worst is None:
        return ""
    where = "/".join(map(str, worst.absolute_path))
    return f"{where}: {worst.message}" if where else str(worst.message)
