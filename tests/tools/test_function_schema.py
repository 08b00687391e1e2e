"""Whole functions as tools: name, docstring, parameters, result, and refusals."""

from __future__ import annotations

import enum
import functools
import json
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from hermes_gguf.errors import ToolDefinitionError
from hermes_gguf.tools import load_tools, tool_from_function
from tests.support.shared import ROOT, shared_path

from .documented import STR, documented


def test_the_model_cards_functions_become_the_published_definitions() -> None:
    tools = load_tools(ROOT / "examples" / "weather_tools.py")
    expected = shared_path("hermes/golden/seed_tools_schema.json").read_text("utf-8")
    published = json.loads(expected)
    found = [tool.tool.to_json() for tool in tools]
    assert json.dumps(found) == json.dumps(published)


def many_forms(a: str, b: int, c: float = 1.0, d: str = "x") -> list[str]:
    """Do many things.

    In two paragraphs,
    on three lines.

    Args:
        a: First, over
            two lines: and

            a gap.
        b (int): Second
        c (float, optional): Third
        d: One of them (Choices: ["x ", "y"])

    Returns:
        What came
          of it.

    Raises:
        ValueError: Never.
    """
    return [a, str(b), str(c), d]


def test_docstrings_in_many_forms() -> None:
    tool = tool_from_function(many_forms)
    properties = tool.parameters["properties"]
    assert tool.description == "Do many things.\n\nIn two paragraphs,\non three lines."
    assert properties["a"]["description"] == "First, over two lines: and a gap."
    assert properties["b"]["description"] == "Second"
    assert properties["c"]["description"] == "Third"
    assert properties["d"] == {**STR, "enum": ["x", "y"], "description": "One of them"}
    assert tool.parameters["required"] == ["a", "b"]
    assert tool.returns == {
        "type": "array",
        "items": STR,
        "description": "What came\n      of it.",
    }


def test_no_parameters_and_an_unreadable_return_type() -> None:
    def stop() -> complex:
        """Stop."""
        return 0j

    tool = tool_from_function(stop)
    assert tool.parameters == {"type": "object", "properties": {}}
    assert tool.returns is None


def test_returning_nothing_is_a_type_too() -> None:
    def stop() -> None:
        """Stop."""

    assert tool_from_function(stop).returns == {"type": "null"}


def test_annotated_text_stands_in_for_the_docstring() -> None:
    def look(at: Annotated[str, "What to look at"]) -> None:
        """Look."""

    properties = tool_from_function(look).parameters["properties"]
    assert properties["at"] == {**STR, "description": "What to look at"}


def test_a_bound_method_has_no_self() -> None:
    class Lamp:
        def dim(self, level: int) -> None:
            """Dim.

            Args:
                level: How much
            """

    parameters = tool_from_function(Lamp().dim).parameters
    assert list(parameters["properties"]) == ["level"]


def undescribed(x: int) -> None:
    """Do it."""


def unhinted(x) -> None:  # type: ignore[no-untyped-def]
    """Do it.

    Args:
        x: The input
    """


def starred(*xs: int) -> None:
    """Do it.

    Args:
        xs: The input
    """


def double_starred(**xs: int) -> None:
    """Do it.

    Args:
        xs: The input
    """


def bad_choices(x: str) -> None:
    """Do it.

    Args:
        x: The input (choices: [a, b])
    """


def no_docstring(x: int) -> None: ...


def unknown_name(x: Missing) -> None:  # type: ignore[name-defined]  # noqa: F821
    """Do it.

    Args:
        x: The input
    """


bound = functools.update_wrapper(functools.partial(undescribed, 1), undescribed)


@pytest.mark.parametrize(
    ("function", "parameter", "problem"),
    [
        (undescribed, "x", "does not describe it"),
        (unhinted, "x", "no type hint"),
        (starred, "xs", r"cannot fill \*xs"),
        (double_starred, "xs", r"cannot fill \*\*xs"),
        (bad_choices, "x", "not a JSON list"),
        (no_docstring, None, "no docstring"),
        (bound, None, "it is a partial"),
        (unknown_name, None, "'Missing'"),
        (documented(bytes), "x", "bytes has no counterpart"),
        (documented(list[complex]), "x", "complex has no counterpart"),
        (documented(dict[float, str]), "x", "keys are texts, no float"),
        (documented(enum.Enum("Empty", {})), "x", "no value"),
        (lambda: None, None, "cannot be called"),
        (classmethod(undescribed), None, "it is a class method"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_bad_functions_are_named_with_their_parameter(
    function: Callable[..., Any], parameter: str | None, problem: str
) -> None:
    with pytest.raises(ToolDefinitionError, match=problem) as caught:
        tool_from_function(function)
    assert caught.value.tool == function.__name__
    assert caught.value.parameter == parameter
    assert caught.value.hint
