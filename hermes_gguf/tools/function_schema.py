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
    if isinstance(function, classmethod):
        raise ToolDefinitionError(
            called, "it is a class method", hint="write @classmethod above @tool"
        )
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
    parameters = _Parameters(called, hints, documented).read(function)
    return Tool(called, summary, parameters, _returns(hints, documented))


class _Parameters:
    """Reads the parameters of one function, and names the one that it refuses."""

    def __init__(
        self, called: str, hints: Mapping[str, Any], documented: Docstring
    ) -> None:
        self._called = called
        self._hints = hints
        self._documented = documented
        self._converter = AnnotationConverter()

    def read(self, function: Callable[..., Any]) -> dict[str, Any]:
        """The JSON Schema of the arguments."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        for parameter in _signature(function, self._called).parameters.values():
            name = parameter.name
            if name in ("self", "cls") and name not in self._hints:
                continue
            self._check(parameter)
            properties[name] = self._property(name)
            if parameter.default is inspect.Parameter.empty:
                required.append(name)
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        if self._converter.definitions:
            schema["$defs"] = dict(self._converter.definitions)
        return schema

    def _check(self, parameter: inspect.Parameter) -> None:
        name = parameter.name
        stars: Mapping[Any, str] = {
            parameter.VAR_POSITIONAL: "*",
            parameter.VAR_KEYWORD: "**",
        }
        if star := stars.get(parameter.kind):
            raise self._refusal(
                name,
                f"a model cannot fill {star}{name}",
                hint="give every parameter a name of its own, or take one list or dict",
            )
        if name not in self._hints:
            raise self._refusal(
                name, "it has no type hint", hint=f"write its type: {name}: str"
            )

    def _property(self, name: str) -> dict[str, Any]:
        try:
            schema = self._converter.convert(self._hints[name])
        except UnsupportedAnnotation as error:
            raise self._refusal(name, str(error), hint=_TYPE_HINT) from error
        annotated = schema.pop("description", "")
        text = self._documented.parameters.get(name) or annotated
        if not text:
            raise self._refusal(
                name,
                "the docstring does not describe it",
                hint=f'add a line to "Args:" in the docstring: {name}: what it means',
            )
        if choices := _CHOICES.search(text):
            schema["enum"] = self._choices(name, choices[1])
            text = text[: choices.start()].strip()
        schema["description"] = text
        return schema

    def _choices(self, name: str, text: str) -> list[Any]:
        try:
            values = json.loads(text)
        except json.JSONDecodeError:
            values = None
        if not isinstance(values, list) or not values:
            raise self._refusal(
                name,
                f"its choices {text} are not a JSON list",
                hint='write them as (choices: ["one", "two"])',
            )
        return [value.strip() if isinstance(value, str) else value for value in values]

    def _refusal(self, name: str, problem: str, *, hint: str) -> ToolDefinitionError:
        return ToolDefinitionError(self._called, problem, parameter=name, hint=hint)


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


def _signature(function: Callable[..., Any], called: str) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except ValueError as error:
        raise ToolDefinitionError(
            called,
            "Python does not know its parameters",
            hint="write a function (def) that calls it",
        ) from error


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
