"""One member of a function family: a `Tool`, and the way back from it to wordings.

A member has one name, one description and one name for each parameter. Optional
parameters may be missing from it altogether.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any

from hermes_gguf.messages import Tool

from . import coining
from .spec import Function, Param

INTEGER_KINDS = {"count", "integer", "percent", "age", "year"}
NUMBER_KINDS = {"number", "money", "degrees"}
_TYPES = {"integer": INTEGER_KINDS, "number": NUMBER_KINDS}


@dataclass(frozen=True)
class Slot:
    """A parameter of one member: its name there, and its values.

    Attributes:
        name: The parameter's name.
        param: The family's parameter.
        index: Its place in the family, which the wordings of requests refer to.
        description: Its description.
        choices: The values of an enum, else empty.
    """

    name: str
    param: Param
    index: int
    description: str
    choices: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return words_of(self.name)

    def schema(self) -> dict[str, Any]:
        """The parameter's JSON Schema, keys in the order of Hermes's training."""
        return {
            **type_schema(self.param.kind, self.choices),
            "description": self.description,
        }


@dataclass(frozen=True)
class Member:
    """A function that a model can be shown."""

    function: Function
    name: str
    slots: tuple[Slot, ...]
    tool: Tool

    @property
    def words(self) -> str:
        return words_of(self.name)


def json_type(kind: str) -> str:
    for name, kinds in _TYPES.items():
        if kind in kinds:
            return name
    return "boolean" if kind == "bool" else "string"


def type_schema(kind: str, choices: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON Schema of a kind, without a description."""
    if kind.startswith("list:"):
        return {"type": "array", "items": {"type": json_type(kind[5:])}}
    if kind.startswith("object:"):
        fields = object_fields(kind)
        inner = {name: {"type": json_type(of)} for name, of in fields.items()}
        return {"type": "object", "properties": inner, "required": list(inner)}
    if choices:
        return {"type": "string", "enum": list(choices)}
    return {"type": json_type(kind)}


def object_fields(kind: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in kind.removeprefix("object:").split(","))


def words_of(name: str) -> str:
    """A name as words: `max_price` and `maxPrice` are "max price"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _choices(rng: Random, kind: str) -> tuple[str, ...]:
    if kind == "unit":
        return ("celsius", "fahrenheit")
    if not kind.startswith("enum:"):
        return ()
    known = kind.removeprefix("enum:").split(",")
    if len(known) > 3 and rng.random() < 0.6:
        return tuple(rng.sample(known, rng.randint(2, min(5, len(known)))))
    return tuple(known)


def _description(rng: Random, texts: tuple[str, ...], extra: str) -> str:
    text = rng.choice(texts)
    drawn = rng.random()
    if drawn < 0.25:
        return text.rstrip(".")
    if drawn < 0.35:
        return f"{text.rstrip('.')}, {extra}"
    return text if text.endswith(".") else text + "."


def sample(
    rng: Random, function: Function, *, plain: bool = False, rename: bool = False
) -> Member:
    """Draw a member of the family.

    Args:
        rng: Source of chance.
        function: The family.
        plain: Keep names and parameters as they are written.
        rename: Now and then give it a name that says nothing.
    """
    style = camel if not plain and rng.random() < 0.08 else str
    slots, taken = [], set[str]()
    for index, param in enumerate(function.params):
        if not param.required and not plain and rng.random() < 0.35:
            continue
        free = [name for name in param.names if name not in taken] or [
            f"{param.names[0]}_{index}"
        ]
        name = rng.choice(free)
        taken.add(name)
        text = (
            rng.choice(param.does)
            if plain
            else _description(rng, param.does, "as text")
        )
        choices = (
            tuple(sorted(_choices(rng, param.kind)))
            if not plain
            else _choices(rng, param.kind)
        )
        slots.append(
            Slot(style(name), param, index, text.removesuffix(", as text"), choices)
        )
    if not plain and rng.random() < 0.2:
        rng.shuffle(slots)
    name = style(rng.choice(function.names))
    if rename and rng.random() < 0.02:
        name = coining.made_up(rng)
    return Member(
        function, name, tuple(slots), _tool(rng, function, name, slots, plain)
    )


def _tool(
    rng: Random, function: Function, name: str, slots: list[Slot], plain: bool
) -> Tool:
    parameters: dict[str, Any] = {
        "type": "object",
        "properties": {slot.name: slot.schema() for slot in slots},
        "required": [slot.name for slot in slots if slot.param.required],
    }
    returns = None
    if len(function.gives) == 1 and (plain or rng.random() < 0.3):
        field, kind = function.gives[0].split("=")
        returns = {"type": json_type(kind), "description": f"The {field}."}
    return Tool(name, rng.choice(function.does), parameters, returns)
