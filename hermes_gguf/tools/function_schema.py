"""A documented, typed Python function → the tool that a model sees.

The door for definitions: signature, docstring and annotations meet here, and every
complaint names the function and the parameter. Calling is `python_tool`'s business.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ToolDefinitionError
from ..messages import Tool
from .annotations import AnnotationConverter, UnsupportedAnnotation
from .docstring import Docstring, parse_docstring

_CHOICES = re.compile(r"\(choices:\s*(.*?)\)\s*$", re.IGNORECASE | re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


def tool_from_function(
    function: Callable[..., Any],
    *,
    name: str | None = None,
    description: str | None = None,
) -> Tool:
    """Read a function's signature, type hints and Google docstring as a tool.

    `(choices: ["a", "b"])` at the end of a parameter's text restricts its values.
    A parameter with a default is not required.

    Args:
        function: A function or method; async ones are fine.
        name: What the model calls it, instead of the function's own name.
        description: What it does, instead of the docstring's first part.

    Raises:
        ToolDefinitionError: Type hint or description is missing, the type has no
            counterpart in JSON, or the function takes *args or **kwargs.
    """
    called = getattr(function, "__name__", "") if name is None else name
    if not callable(function):
        raise ToolDefinitionError(str(function), "it is no named function")
    if isinstance(function, functools.partial):
        raise ToolDefinitionError(
            called or "partial", "it is a partial", hint=_PARTIAL_HINT
        )
    if not _NAME.fullmatch(called):
        raise ToolDefinitionError(
            called or repr(function), "its name cannot be called", hint=_NAME_HINT
        )
    documented = parse_docstring(inspect.getdoc(function) or "")
    summary = documented.description if description is None else description
    if not summary:
        raise ToolDefinitionError(called, "it has no docstring", hint=_DOCSTRING_HINT)
    hints = _type_hints(function, called)
    converter = AnnotationConverter()
    parameters = _parameters(function, called, hints, documented, converter)
    if converter.definitions:
        parameters["$defs"] = dict(converter.definitions)
    return Tool(called, summary, parameters, _returns(hints, documented))


def _parameters(
    function: Callable[..., Any],
    called: str,
    hints: Mapping[str, Any],
    documented: Docstring,
    converter: AnnotationConverter,
) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in ("self", "cls") and parameter.name not in hints:
            continue
        _check_kind(parameter, called)
        if parameter.name not in hints:
            raise ToolDefinitionError(
                called,
                "it has no type hint",
                parameter=parameter.name,
                hint=f"write its type: {parameter.name}: str",
            )
        properties[parameter.name] = _property(
            called, parameter.name, hints[parameter.name], documented, converter
        )
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema


def _check_kind(parameter: inspect.Parameter, called: str) -> None:
    stars: Mapping[Any, str] = {
        parameter.VAR_POSITIONAL: "*",
        parameter.VAR_KEYWORD: "**",
    }
    if star := stars.get(parameter.kind):
        raise ToolDefinitionError(
            called,
            f"a model cannot fill {star}{parameter.name}",
            parameter=parameter.name,
            hint="give every parameter a name of its own, or take one list or dict",
        )


def _property(
    called: str,
    name: str,
    hint: Any,
    documented: Docstring,
    converter: AnnotationConverter,
) -> dict[str, Any]:
    try:
        schema = converter.convert(hint)
    except UnsupportedAnnotation as error:
        raise ToolDefinitionError(
            called, str(error), parameter=name, hint=_TYPE_HINT
        ) from error
    text = documented.parameters.get(name) or schema.pop("description", "")
    if not text:
        raise ToolDefinitionError(
            called,
            "the docstring does not describe it",
            parameter=name,
            hint=f'add a line to "Args:" in the docstring: {name}: what it means',
        )
    if choices := _CHOICES.search(text):
        schema["enum"] = _read_choices(called, name, choices[1])
        text = text[: choices.start()].strip()
    schema.pop("description", None)
    schema["description"] = text
    return schema


def _read_choices(called: str, name: str, text: str) -> list[Any]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        values = error
    if not isinstance(values, list) or not values:
        raise ToolDefinitionError(
            called,
            f"its choices {text} are not a JSON list",
            parameter=name,
            hint='write them as (choices: ["one", "two"])',
        )
    return [value.strip() if isinstance(value, str) else value for value in values]


def _returns(hints: Mapping[str, Any], documented: Docstring) -> dict[str, Any] | None:
    if "return" not in hints:
        return None
    converter = AnnotationConverter()
    try:
        schema = converter.convert(hints["return"])
    except UnsupportedAnnotation:
        return None  # what comes back need not be described
    if converter.definitions:
        schema["$defs"] = dict(converter.definitions)
    if documented.returns:
        schema.pop("description", None)
        schema["description"] = documented.returns
    return schema


def _type_hints(function: Callable[..., Any], called: str) -> Mapping[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise ToolDefinitionError(
            called,
            f"a type hint names {error.name!r}, which is not known there",
            hint="import the type at the top of the module, outside of TYPE_CHECKING",
        ) from error
    except TypeError as error:
        raise ToolDefinitionError(
            called, f"its type hints cannot be read: {error}"
        ) from error


_DOCSTRING_HINT = (
    'write a docstring: what it does, then "Args:" with a line for each parameter'
)
_TYPE_HINT = (
    "use str, int, float, bool, list[...], dict[str, ...], Literal, Enum, a dataclass"
    " or a pydantic model"
)
_PARTIAL_HINT = "write a function (def) that gives the bound arguments itself"
_NAME_HINT = "use letters, digits, _, - and ., at most 64, not a digit first"
