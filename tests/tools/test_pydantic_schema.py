"""What pydantic knows of a type, in the middle of a tool's definition."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pydantic
import pytest

from .documented import STR, parameters_of, property_of


class Address(pydantic.BaseModel):
    street: str


class Person(pydantic.BaseModel):
    name: str = pydantic.Field(description="Full name")
    title: Address | None = None
    default: Address
    homes: list[Address] = []


class Tree(pydantic.BaseModel):
    children: list[Tree]


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


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
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
            Person,
            {
                "properties": {
                    "name": {**STR, "description": "Full name"},
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
def test_models_and_fields_become_schemas_without_titles(
    hint: Any, schema: dict[str, Any]
) -> None:
    assert property_of(hint) == schema


def test_a_model_that_contains_itself_goes_to_the_definitions() -> None:
    parameters = parameters_of(Tree)
    assert parameters["properties"]["x"]["$ref"] == "#/$defs/Tree"
    assert "#/$defs/Tree" in json.dumps(parameters["$defs"]["Tree"])
    assert parameters["$defs"]["Tree"]["type"] == "object"
