"""Python functions as tools: what transformers reads, and what it cannot.

The first table repeats what transformers 5.23.0 returned for these functions.
"""

# The forms before Python 3.10 are part of what is read.
# ruff: noqa: UP007, UP045

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
import json
import typing
import uuid
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, NewType, Optional, Union

import jsonschema
import pydantic
import pytest

from hermes_gguf.errors import ToolDefinitionError
from hermes_gguf.tools import load_tools, tool_from_function
from tests.support.shared import ROOT, shared_path

STR, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"
    NONE = None


def documented(hint: Any) -> Callable[..., Any]:
    """A function with one parameter `x` of this type."""

    def function(x: Any) -> None:
        """Do it.

        Args:
            x: The input
        """

    function.__annotations__ = {"x": hint}
    return function


def property_of(hint: Any) -> dict[str, Any]:
    schema = dict(tool_from_function(documented(hint)).parameters["properties"]["x"])
    assert schema.pop("description") == "The input"
    return schema


def test_the_model_cards_functions_become_the_published_definitions() -> None:
    tools = load_tools(ROOT / "examples" / "weather_tools.py")
    expected = shared_path("hermes/golden/seed_tools_schema.json").read_text("utf-8")
    published = json.loads(expected)
    found = [tool.tool.to_json() for tool in tools]
    assert json.dumps(found) == json.dumps(published)


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (int, INT),
        (bool, {"type": "boolean"}),
        (Any, {}),
        (list, {"type": "array"}),
        (dict, {"type": "object"}),
        (tuple, {"type": "array"}),
        (list[list[str]], {"type": "array", "items": {"type": "array", "items": STR}}),
        (dict[str, float], {"type": "object", "additionalProperties": NUM}),
        (Optional[int], {"type": "integer", "nullable": True}),
        (int | None, {"type": "integer", "nullable": True}),
        (Union[str, int], {"type": ["integer", "string"]}),
        (Union[str, int, None], {"type": ["integer", "string"], "nullable": True}),
        (Union[list, tuple], {"type": "array"}),
        (list[int] | str, {"anyOf": [{"type": "array", "items": INT}, STR]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1], {"type": ["string", "integer"], "enum": ["a", 1]}),
        (Literal["q", None], {"type": ["string", "null"], "enum": ["q", None]}),
        (Color, {"type": "string", "enum": ["red", "blue"]}),
        (Level, {"type": "integer", "enum": [1, 2]}),
        (Mixed, {"type": ["integer", "string", "null"], "enum": [1, "two", None]}),
    ],
    ids=str,
)  # fmt: skip
def test_types_that_transformers_reads_too(hint: Any, schema: dict[str, Any]) -> None:
    assert json.dumps(property_of(hint)) == json.dumps(schema)


@dataclasses.dataclass
class Point:
    """A place.

    Attributes:
        x: How far east.
    """

    x: float
    label: Annotated[str, "What to call it"] = ""


class Options(typing.TypedDict):
    depth: int
    strict: typing.NotRequired[bool]


class Address(pydantic.BaseModel):
    street: str


class Person(pydantic.BaseModel):
    name: str = pydantic.Field(description="Full name")
    title: Address | None = None
    default: Address
    homes: list[Address] = []


class Tree(pydantic.BaseModel):
    children: list[Tree]


@dataclasses.dataclass
class Node:
    value: int
    next: Node | None = None


ADDRESS = {"properties": {"street": STR}, "required": ["street"], "type": "object"}


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    tricks: set[str] = set()


@pydantic.dataclasses.dataclass
class Dose:
    milligrams: int = pydantic.Field(gt=0)


CAT, DOG = (
    {
        "properties": {"kind": {"type": "string", "const": kind}, **more},
        "required": ["kind"],
        "type": "object",
    }
    for kind, more in (
        ("cat", {}),
        ("dog", {"tricks": {"type": "array", "items": STR, "default": []}}),
    )
)
UserId = NewType("UserId", int)


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (None, {"type": "null"}),
        (
            tuple[int, str],
            {"type": "array", "prefixItems": [INT, STR], "minItems": 2, "maxItems": 2},
        ),
        (
            dict[int, str],
            {
                "type": "object",
                "additionalProperties": STR,
                "propertyNames": {"pattern": "^(0|-?[1-9][0-9]*)$"},
            },
        ),
        (
            dict[Color, int],
            {
                "type": "object",
                "additionalProperties": INT,
                "propertyNames": {"type": "string", "enum": ["red", "blue"]},
            },
        ),
        (dict[Any, int], {"type": "object", "additionalProperties": INT}),
        (tuple[int, ...], {"type": "array", "items": INT}),
        (set[str], {"type": "array", "items": STR}),
        (Sequence[int], {"type": "array", "items": INT}),
        (datetime.date, {"type": "string", "format": "date"}),
        (datetime.datetime, {"type": "string", "format": "date-time"}),
        (uuid.UUID, {"type": "string", "format": "uuid"}),
        (UserId, INT),
        (Annotated[int, pydantic.Field(ge=1)], {"type": "integer", "minimum": 1}),
        (
            Annotated[Cat | Dog, pydantic.Field(discriminator="kind")],
            {"oneOf": [CAT, DOG]},
        ),
        (
            Dose,
            {
                "properties": {
                    "milligrams": {"type": "integer", "exclusiveMinimum": 0}
                },
                "required": ["milligrams"],
                "type": "object",
            },
        ),
        (
            Point,
            {
                "type": "object",
                "properties": {
                    "x": {**NUM, "description": "How far east."},
                    "label": {**STR, "description": "What to call it"},
                },
                "required": ["x"],
            },
        ),
        (
            Options,
            {
                "type": "object",
                "properties": {"depth": INT, "strict": {"type": "boolean"}},
                "required": ["depth"],
            },
        ),
        (
            Person,
            {
                "properties": {
                    "name": STR,
                    "title": {"anyOf": [ADDRESS, {"type": "null"}], "default": None},
                    "default": ADDRESS,
                    "homes": {"type": "array", "items": ADDRESS, "default": []},
                },
                "required": ["name", "default"],
                "type": "object",
            },
        ),
    ],
    ids=str,
)
def test_types_that_only_we_read(hint: Any, schema: dict[str, Any]) -> None:
    found = property_of(hint)
    if hint is Person:
        assert found["properties"]["name"].pop("description") == "Full name"
    assert found == schema


@pytest.mark.parametrize(
    "hint",
    [Optional[int], tuple[int, str], Color, Mixed, Point, Options, Person, Tree, Node],
    ids=str,
)
def test_every_definition_is_valid_json_schema(hint: Any) -> None:
    parameters = tool_from_function(documented(hint)).parameters
    jsonschema.Draft202012Validator.check_schema(parameters)
    assert json.loads(json.dumps(parameters)) == parameters


@pytest.mark.parametrize("hint", [Tree, Node])
def test_a_type_that_contains_itself_goes_to_the_definitions(hint: Any) -> None:
    name = hint.__name__
    parameters = tool_from_function(documented(hint)).parameters
    assert parameters["properties"]["x"]["$ref"] == f"#/$defs/{name}"
    assert f"#/$defs/{name}" in json.dumps(parameters["$defs"][name])
    assert parameters["$defs"][name]["type"] == "object"


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
