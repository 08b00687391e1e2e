"""A function with one typed parameter, and what the model is shown of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema

from hermes_gguf.tools import tool_from_function

STR, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def documented(hint: Any) -> Callable[..., Any]:
    """A function with one parameter `x` of this type."""

    def function(x: Any) -> None:
        """Do it.

        Args:
            x: The input
        """

    function.__annotations__ = {"x": hint}
    return function


def parameters_of(hint: Any) -> dict[str, Any]:
    """The parameters of such a function, which are always valid JSON Schema."""
    parameters = dict(tool_from_function(documented(hint)).parameters)
    jsonschema.Draft202012Validator.check_schema(parameters)
    assert json.loads(json.dumps(parameters)) == parameters
    return parameters


def property_of(hint: Any) -> dict[str, Any]:
    """The schema of `x`, without its description."""
    schema = dict(parameters_of(hint)["properties"]["x"])
    assert schema.pop("description") == "The input"
    return schema
