"""What callers pass as tools → what the model sees, and what can be executed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from ..errors import ToolDefinitionError
from ..messages import Tool
from ..tools import PythonTool
from .convert import tool_from_openai

#: A tool that can be executed: a documented, typed function, or one under `@tool`.
Executable: TypeAlias = PythonTool | Callable[..., Any]
#: Anything that describes a tool; OpenAI's dictionaries too.
ToolLike: TypeAlias = Executable | Tool | Mapping[str, Any]


def definitions(tools: Iterable[ToolLike]) -> list[Tool]:
    """What the model is shown.

    Raises:
        ToolDefinitionError: something cannot become a tool.
    """
    return [_definition(tool) for tool in _several(tools)]


def executables(tools: Iterable[Executable]) -> dict[str, PythonTool]:
    """The tools by name, ready to be executed.

    Raises:
        ToolDefinitionError: something is no function that could be called, or two
            share a name.
    """
    by_name: dict[str, PythonTool] = {}
    for item in _several(tools):
        tool = _executable(item)
        if tool.lacks_object:
            raise ToolDefinitionError(
                tool.name,
                "it is a method without its object",
                hint=f"make one and give its method: tools=[thing.{tool.name}]",
            )
        if tool.name in by_name:
            raise ToolDefinitionError(tool.name, "two tools have this name")
        by_name[tool.name] = tool
    return by_name


def _several(tools: Any) -> Iterable[Any]:
    """`tools`, none for None, unless it is one: a dictionary lists its keys, too."""
    if tools is None:
        return ()
    if isinstance(tools, PythonTool | Tool | Mapping | str) or callable(tools):
        name = tools if isinstance(tools, str) else getattr(tools, "name", "")
        name = name or getattr(tools, "__name__", "?")
        raise ToolDefinitionError(
            name, "tools must be a list of tools", hint="tools=[...]"
        )
    if not isinstance(tools, Iterable):
        raise ToolDefinitionError(
            repr(tools)[:60], "tools must be a list of tools", hint="tools=[...]"
        )
    return tools


def _definition(tool: ToolLike) -> Tool:
    if isinstance(tool, Tool):
        return tool
    if isinstance(tool, Mapping):
        return tool_from_openai(tool)
    return _executable(tool).tool


def _executable(tool: Any) -> PythonTool:
    if isinstance(tool, PythonTool):
        return tool
    if callable(tool):
        return PythonTool.from_function(tool)
    name = getattr(tool, "name", None) or repr(tool)[:60]
    raise ToolDefinitionError(
        str(name), "it is no function that could be executed", hint=_EXECUTABLE_HINT
    )


_EXECUTABLE_HINT = (
    "give the Python function itself; chat(...) takes descriptions, load_tools(...)"
    " reads files of functions"
)
