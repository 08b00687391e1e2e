"""What `hermes-gguf grammar` is asked about: a schema, a type, tools, or a grammar.

Turns the command's first argument into one `Source`. It reads files and runs the
user's Python; how a source becomes a grammar is in `grammar_build`.
"""

from __future__ import annotations

import inspect
import json
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import files
from ..errors import OptionError
from ..messages import Tool
from .schema_source import load_schema_target
from .terminal import read_stdin


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that has a grammar; exactly one of `schema`, `tools`, `gbnf` counts.

    Attributes:
        name: What the user typed.
        kind: "schema" is a JSON Schema, "type" a Python type's; "tools", "gbnf".
        schema: The JSON Schema; None for tools and for a grammar's text.
        tools: The tools.
        gbnf: A grammar's text.
    """

    name: str
    kind: str
    schema: Any = None
    tools: tuple[Tool, ...] = ()
    gbnf: str = ""


def load_source(name: str) -> Source:
    """Read what `name` means.

    Args:
        name: "-" (a schema on stdin), a JSON or GBNF file, "file.py:Model",
            "module:Model", a file or module of tools, or "builtin".

    Raises:
        OptionError: it is not there, cannot be read, or means nothing.
        ToolDefinitionError: Python code that does not run, or no tool.
    """
    if name == "-":
        return _parse_json("-", read_stdin())
    path, object_name = _split(name)
    if object_name:
        return _from_object(name)
    if path.suffix == ".py" or not (path.is_file() or "/" in name or path.suffix):
        return _from_code(name)
    text = read_text(path)
    if path.suffix == ".gbnf":
        return Source(name, "gbnf", gbnf=text)
    return _parse_json(name, text)


def read_text(path: Path) -> str:
    """A file's text.

    Raises:
        OptionError: there is no such file, or it is not UTF-8.
    """
    if path.is_dir():
        raise OptionError(str(path), "it is a directory")
    try:
        return files.read_text(path)
    except FileNotFoundError as error:
        raise OptionError(str(path), "there is no such file") from error
    except UnicodeDecodeError as error:
        raise OptionError(str(path), f"it is not UTF-8: {error.reason}") from error


def _split(name: str) -> tuple[Path, str]:
    place, colon, object_name = name.rpartition(":")
    if colon and place and object_name.isidentifier() and not Path(name).exists():
        return Path(place), object_name
    return Path(name), ""


def _parse_json(name: str, text: str) -> Source:
    shown = "stdin" if name == "-" else name
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        problem = f"it is not JSON, {where}: {error.msg}"
        raise OptionError(shown, "it is empty" if not text else problem) from error
    except RecursionError as error:
        raise OptionError(shown, "it is nested too deeply") from error
    if isinstance(value, list) or _is_tool(value):
        return _from_openai(shown, value if isinstance(value, list) else [value])
    return Source(shown, "schema", schema=value)


def _is_tool(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "function"


def _from_openai(name: str, values: list[Any]) -> Source:
    """Tools as OpenAI spells them; a list can be no schema."""
    from ..chat.convert import tool_from_openai

    if not values or not all(isinstance(value, dict) for value in values):
        raise OptionError(name, "it is neither a schema nor a list of tools")
    tools = tuple(tool_from_openai(value) for value in values)
    return Source(name, "tools", tools=tools)


def _from_object(name: str) -> Source:
    from pydantic import PydanticUserError

    from ..chat.extract import schema_of
    from ..tools import PythonTool, tool_from_function

    found = load_schema_target(name, option="SCHEMA")
    if isinstance(found, PythonTool):
        return Source(name, "tools", tools=(found.tool,))
    if inspect.isroutine(found):
        return Source(name, "tools", tools=(tool_from_function(found),))
    if isinstance(found, dict | bool):
        return Source(name, "schema", schema=found)
    if typing.is_typeddict(found):
        # pydantic refuses typing's own TypedDict before Python 3.12.
        return Source(name, "type", schema=_typed_dict_schema(name, found))
    try:
        schema, _ = schema_of(found)
    except OptionError as error:
        raise error.renamed(name) from error
    except PydanticUserError as error:
        raise OptionError(name, str(error).splitlines()[0]) from error
    return Source(name, "type", schema=schema)


def _typed_dict_schema(name: str, found: Any) -> dict[str, Any]:
    from ..tools.annotations import AnnotationConverter, UnsupportedAnnotation

    converter = AnnotationConverter()
    try:
        schema = converter.convert(found)
    except UnsupportedAnnotation as error:
        raise OptionError(name, str(error)) from error
    definitions = dict(converter.definitions)
    return {**schema, "$defs": definitions} if definitions else schema


def _from_code(name: str) -> Source:
    from ..tools.load import NoSourceError, NoToolError, load_tools

    try:
        tools = load_tools(name)
    except NoToolError as error:
        error.hint = f"for a model in it: hermes-gguf grammar {name}:MODEL"
        raise
    except NoSourceError as error:
        error.hint = "SCHEMA.json, file.py:Model, module:Model or TOOLS.py"
        raise
    return Source(name, "tools", tools=tuple(each.tool for each in tools))
