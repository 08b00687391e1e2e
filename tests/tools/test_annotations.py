"""Annotations as JSON Schema: what transformers reads, and what it cannot.

The first table repeats what transformers 5.23.0 returned for these functions.
"""

# The forms before Python 3.10 are part of what is read.
# ruff: noqa: UP007, UP045

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import typing
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NewType, Optional, Union

import pytest

from .documented import INT, NUM, STR, parameters_of, property_of


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


@dataclasses.dataclass
class Node:
    value: int
    next: Node | None = None


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
    ],
    ids=str,
)
def test_types_that_only_we_read(hint: Any, schema: dict[str, Any]) -> None:
    assert property_of(hint) == schema


def test_a_type_that_contains_itself_goes_to_the_definitions() -> None:
    parameters = parameters_of(Node)
    assert parameters["properties"]["x"]["$ref"] == "#/$defs/Node"
    assert "#/$defs/Node" in json.dumps(parameters["$defs"]["Node"])
    assert parameters["$defs"]["Node"]["type"] == "object"
