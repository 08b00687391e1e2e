"""A tool with the Python function behind it, and the `@tool` decorator.

Binds a call's arguments by keyword and converts them to the annotated types. Does
not catch what the function raises, and does not run coroutines: its caller does.
"""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, overload

from ..errors import ToolCallValidationError, ToolDefinitionError
from ..messages import Tool
from .convert import convert_value
from .function_schema import tool_from_function

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class PythonTool:
    """A tool that this process can execute. Calling it calls the function.

    Attributes:
        tool: What the model sees.
        function: What runs; None returns are fine, a coroutine function too.
        requires_approval: Ask the person before every call.
    """

    tool: Tool
    function: Function = field(compare=False)
    requires_approval: bool = False

    @classmethod
    def from_function(
        cls,
        function: Function,
        *,
        name: str | None = None,
        description: str | None = None,
        requires_approval: bool = False,
    ) -> PythonTool:
        """Wrap a documented, typed function.

        Raises:
            ToolDefinitionError: The function cannot become a tool.
        """
        if isinstance(function, cls):
            raise ToolDefinitionError(
                function.name, "it is a tool already", hint="take its `function`"
            )
        definition = tool_from_function(function, name=name, description=description)
        return cls(definition, function, requires_approval)

    @property
    def name(self) -> str:
        """What the model calls it."""
        return self.tool.name

    # What `inspect.signature` asks for, and frameworks that take functions.
    @property
    def __name__(self) -> str:
        return self.name

    @property
    def __wrapped__(self) -> Function:
        return self.function

    @property
    def lacks_object(self) -> bool:
        """Whether it is a method of a class, and not of an object of it."""
        return any(
            name in ("self", "cls") and parameter.annotation is parameter.empty
            for name, parameter in inspect.signature(self.function).parameters.items()
        )

    def __get__(self, instance: Any, owner: type | None = None) -> PythonTool:
        """The tool of one object, where the function is a method of its class."""
        if instance is None:
            return self
        return replace(self, function=self.function.__get__(instance, owner))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as if it had never been decorated."""
        return self.function(*args, **kwargs)

    def call(self, arguments: Mapping[str, Any]) -> Any:
        """Call the function with a call's decoded arguments, by keyword.

        Raises:
            ToolCallValidationError: An argument is missing, unknown, or not of the
                annotated type. What the function raises passes through.
        """
        bound = self._bind(arguments)
        return self.function(*bound.args, **bound.kwargs)

    def _bind(self, arguments: Mapping[str, Any]) -> inspect.BoundArguments:
        signature = inspect.signature(self.function)
        try:
            hints = typing.get_type_hints(self.function, include_extras=True)
        except (NameError, TypeError) as error:
            raise ToolDefinitionError(self.name, f"type hints: {error}") from error
        self._check_names(signature, arguments)
        bound = inspect.BoundArguments(signature, {})
        for name, parameter in signature.parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD:
                # No annotation names these: they are passed as the model wrote them.
                known = signature.parameters.keys() - {name}
                rest = {key: arguments[key] for key in arguments if key not in known}
                bound.arguments[name] = rest
            elif name in arguments:
                bound.arguments[name] = self._convert(
                    name, arguments[name], hints.get(name, Any), arguments
                )
            elif parameter.kind is parameter.POSITIONAL_ONLY:
                # What stands behind it can only be given after it.
                bound.arguments[name] = parameter.default
        return bound

    def _check_names(
        self, signature: inspect.Signature, arguments: Mapping[str, Any]
    ) -> None:
        parameters = signature.parameters
        takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        unknown = [n for n in arguments if n not in parameters and not takes_any]
        missing = [
            name
            for name, parameter in parameters.items()
            if name not in arguments
            and parameter.default is parameter.empty
            and parameter.kind is not parameter.VAR_KEYWORD
        ]
        problems = [f"unknown argument {name!r}" for name in unknown]
        problems += [f"missing argument {name!r}" for name in missing]
        if problems:
            raise self._refuse("; ".join(problems), arguments)

    def _convert(
        self, name: str, value: Any, hint: Any, arguments: Mapping[str, Any]
    ) -> Any:
        try:
            return convert_value(value, hint)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise self._refuse(f"argument {name!r}: {error}", arguments) from error

    def _refuse(
        self, problem: str, arguments: Mapping[str, Any]
    ) -> ToolCallValidationError:
        text = json.dumps(dict(arguments), ensure_ascii=False, default=str)
        return ToolCallValidationError(f"{self.name}: {problem}", text=text)


@overload
def tool(function: Function, /) -> PythonTool: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    requires_approval: bool = False,
) -> Callable[[Function], PythonTool]: ...
def tool(
    function: Function | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    requires_approval: bool = False,
) -> PythonTool | Callable[[Function], PythonTool]:
    """Turn a function into a tool, as `@tool` or `@tool(requires_approval=True)`.

    Raises:
        ToolDefinitionError: The function cannot become a tool.
    """

    def wrap(wrapped: Function) -> PythonTool:
        return PythonTool.from_function(
            wrapped,
            name=name,
            description=description,
            requires_approval=requires_approval,
        )

    return wrap if function is None else wrap(function)
