"""Where a schema comes from on the command line: a JSON file, or a Python type."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

from ..errors import OptionError
from ..files import expand, read_text


def load_schema_target(source: str, *, option: str = "--schema") -> Any:
    """A JSON Schema (a dictionary), or the Python type behind `module:Type`.

    Args:
        source: `FILE.json`, `module:Type` or `FILE.py:Type`.
        option: Named in errors.

    Raises:
        OptionError: there is no such file, module or type, or it is no schema.
    """
    place, colon, name = source.rpartition(":")
    if colon and name.isidentifier():
        return _type_named(place, name, option)
    path = expand(source)
    try:
        schema = json.loads(read_text(path))
    except OSError as error:
        problem = f"{error.strerror or error}: {source}"
        raise OptionError(option, f"{problem} (or name a type: module:Type)") from error
    except (ValueError, RecursionError) as error:
        hint = f"name a type in it: {source}:Type" if path.suffix == ".py" else None
        problem = f"{source} is not JSON: {error}"
        raise OptionError(option, problem, hint=hint) from error
    if not isinstance(schema, dict):
        raise OptionError(option, f"{source} holds no JSON Schema object")
    return schema


def _type_named(place: str, name: str, option: str) -> Any:
    module = _module(place, option)
    try:
        return getattr(module, name)
    except AttributeError as error:
        known = [n for n, v in vars(module).items() if isinstance(v, type)]
        problem = f"{place} has no {name}; its types are {', '.join(known) or 'none'}"
        raise OptionError(option, problem) from error


def _module(place: str, option: str) -> ModuleType:
    from ..tools.python_file import CodeNotLoadedError, load_python

    try:
        return load_python(place)
    except CodeNotLoadedError as error:
        raise OptionError(option, str(error)) from error
