"""A Python file or module → the tools that it defines.

Takes what the list `TOOLS` names, or else every public function and `@tool` that
is defined there. Running the file is the caller's decision: it is code.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import ToolDefinitionError
from .python_file import CodeNotLoadedError, load_python
from .python_tool import PythonTool

_BUILTIN = {"builtin": "hermes_gguf.tools.builtin"}

_EXAMPLE = "--tools my_tools.py, --tools my_package.tools or --tools module:function"


class NoSourceError(ToolDefinitionError):
    """There is no such file or module."""


class NoToolError(ToolDefinitionError):
    """The code runs, and defines no tool."""


def load_tools(source: str | Path) -> list[PythonTool]:
    """Load every tool of a file, a module, or the one that is named.

    Args:
        source: "file.py", "package.module", either with ":name" behind it, or
            "builtin" for the tools that come with the package.

    Raises:
        ToolDefinitionError: The source is not there, does not run, defines no
            tool, or a function in it cannot become one; names file and line.
    """
    text = _BUILTIN.get(str(source), str(source))
    place, name = _split_name(text)
    try:
        module = load_python(place)
    except CodeNotLoadedError as error:
        if error.is_missing:
            raise NoSourceError(error.place, error.problem, hint=_EXAMPLE) from error
        raise ToolDefinitionError(error.place, error.problem) from error
    if name is not None:
        return [_named(module, name, text)]
    tools = [_to_tool(item, text) for item in _candidates(module)]
    if not tools:
        raise NoToolError(
            text,
            "it defines no tool",
            hint="write a public function with type hints and a docstring in it",
        )
    _check_unique(tools, text)
    return tools


def _split_name(text: str) -> tuple[str, str | None]:
    place, colon, name = text.rpartition(":")
    return (place, name) if colon and place and name.isidentifier() else (text, None)


def _candidates(module: ModuleType) -> Iterable[Any]:
    if hasattr(module, "TOOLS"):
        return list(module.TOOLS)
    return [
        value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (
            isinstance(value, PythonTool)
            or (inspect.isfunction(value) and value.__module__ == module.__name__)
        )
    ]


def _named(module: ModuleType, name: str, source: str) -> PythonTool:
    if not hasattr(module, name):
        known = ", ".join(
            str(getattr(item, "name", None) or getattr(item, "__name__", item))
            for item in _candidates(module)
        )
        raise ToolDefinitionError(
            source, f"it defines no {name!r}", hint=f"it defines: {known}"
        )
    return _to_tool(getattr(module, name), source)


def _to_tool(item: Any, source: str) -> PythonTool:
    if isinstance(item, PythonTool):
        return item
    try:
        return PythonTool.from_function(item)
    except ToolDefinitionError as error:
        where = _place(item)
        raise ToolDefinitionError(
            error.tool,
            f"{error.problem} ({where or source})",
            parameter=error.parameter,
            hint=error.hint,
        ) from error


def _place(item: Any) -> str | None:
    code = getattr(inspect.unwrap(item), "__code__", None) if callable(item) else None
    return f"{code.co_filename}:{code.co_firstlineno}" if code else None


def _check_unique(tools: Iterable[PythonTool], source: str) -> None:
    seen: set[str] = set()
    for tool in tools:
        if tool.name in seen:
            raise ToolDefinitionError(source, f"two tools are called {tool.name!r}")
        seen.add(tool.name)
