"""A Python file or module → the tools that it defines.

Takes what the list `TOOLS` names, or else every public function and `@tool` that
is defined there. Running the file is the caller's decision: it is code.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import ToolDefinitionError
from .python_tool import PythonTool

_BUILTIN = {"builtin": "hermes_gguf.tools.builtin"}
_EXAMPLE = "--tools my_tools.py, --tools my_package.tools or --tools module:function"


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
    module = _load_file(Path(place)) if _is_file(place) else _load_module(place)
    if name is not None:
        return [_named(module, name, text)]
    tools = [_to_tool(item, text) for item in _candidates(module)]
    if not tools:
        raise _refuse(
            text,
            "it defines no tool",
            hint="write a public function with type hints and a docstring in it",
        )
    _check_unique(tools, text)
    return tools


def _split_name(text: str) -> tuple[str, str | None]:
    place, colon, name = text.rpartition(":")
    return (place, name) if colon and place and name.isidentifier() else (text, None)


def _is_file(place: str) -> bool:
    return place.endswith(".py") or Path(place).is_file() or "/" in place


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise _refuse(str(path), "there is no such file", hint=_EXAMPLE)
    # Two files of one name stay two modules.
    alias = f"_tools_{path.stem}_{zlib.crc32(str(path.resolve()).encode()):08x}"
    spec = importlib.util.spec_from_file_location(alias, path)
    if spec is None or spec.loader is None:
        raise _refuse(str(path), "it is no Python file", hint=_EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    _make_importable(path.resolve().parent)
    # Dataclasses and type hints look their module up by its name.
    previous = sys.modules.get(spec.name)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a user's file may raise anything
        if previous is None:
            del sys.modules[spec.name]
        else:
            sys.modules[spec.name] = previous
        raise _broken(str(path), error) from error
    return module


def _load_module(name: str) -> ModuleType:
    _make_importable(Path.cwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise _refuse(
                name, "there is no such file or module", hint=_EXAMPLE
            ) from error
        raise _broken(name, error) from error
    except (Exception, SystemExit) as error:
        raise _broken(name, error) from error


def _make_importable(folder: Path) -> None:
    """Let tools import their neighbours, now and when they run; they shadow nothing."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


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
        raise _refuse(source, f"it defines no {name!r}", hint=f"it defines: {known}")
    return _to_tool(getattr(module, name), source)


def _to_tool(item: Any, source: str) -> PythonTool:
    if isinstance(item, PythonTool):
        return item
    try:
        return PythonTool.from_function(item)
    except ToolDefinitionError as error:
        where = _place(item)
        located = ToolDefinitionError(
            error.tool,
            f"{_problem(error)} ({where or source})",
            parameter=error.parameter,
        )
        located.hint = error.hint
        raise located from error


def _problem(error: ToolDefinitionError) -> str:
    return error.message.split(": ", 1)[1]


def _place(item: Any) -> str | None:
    code = getattr(inspect.unwrap(item), "__code__", None) if callable(item) else None
    return f"{code.co_filename}:{code.co_firstlineno}" if code else None


def _check_unique(tools: Iterable[PythonTool], source: str) -> None:
    seen: set[str] = set()
    for tool in tools:
        if tool.name in seen:
            raise _refuse(source, f"two tools are called {tool.name!r}")
        seen.add(tool.name)


def _broken(source: str, error: BaseException) -> ToolDefinitionError:
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        line = error.lineno
    else:
        own = (
            frame.lineno
            for frame in reversed(traceback.extract_tb(error.__traceback__))
            if Path(frame.filename).name == Path(source).name
        )
        line = next(own, None)
    where = f", line {line}" if line else ""
    return _refuse(source, f"it does not run{where}: {kind}: {error}")


def _refuse(
    source: str, problem: str, *, hint: str | None = None
) -> ToolDefinitionError:
    error = ToolDefinitionError(source, problem)
    if hint is not None:
        error.hint = hint
    return error
