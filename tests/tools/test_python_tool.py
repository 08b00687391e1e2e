"""Calling a tool: keyword binding, conversion, and what is refused."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import enum
import inspect
import ipaddress
import json
from collections import deque
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

import pydantic
import pytest

from hermes_gguf import compile_schema
from hermes_gguf.errors import ToolCallValidationError, ToolDefinitionError
from hermes_gguf.tools import PythonTool, tool


class Unit(enum.Enum):
    CELSIUS = "celsius"
    KELVIN = "kelvin"


@dataclasses.dataclass
class Point:
    x: float
    unit: Unit = Unit.KELVIN


class Spot(NamedTuple):
    row: int
    seat: str = "A"


class Person(pydantic.BaseModel):
    name: str


class Place(pydantic.BaseModel):
    town: str = ""


class Scores(pydantic.RootModel[list[int]]):
    pass


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True)
    day: datetime.date
    pair: tuple[int, str]


@pydantic.dataclasses.dataclass
class Dose:
    milligrams: int = pydantic.Field(gt=0, lt=9)
    day: datetime.date | None = None


DAY = datetime.date(2024, 3, 15)


def echo(hint: Any) -> PythonTool:
    def give_back(value: Any) -> Any:
        """Give back.

        Args:
            value: Any value
        """
        return value

    give_back.__annotations__["value"] = hint
    return PythonTool.from_function(give_back)


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (Unit, "kelvin", Unit.KELVIN),
        (Unit | None, None, None),
        (list[Unit], ["kelvin"], [Unit.KELVIN]),
        (dict[str, Unit], {"a": "kelvin"}, {"a": Unit.KELVIN}),
        (dict[Unit, int], {"kelvin": 1}, {Unit.KELVIN: 1}),
        (dict[int, str], {"-3": "a"}, {-3: "a"}),
        (Point, {"x": 1, "unit": "celsius"}, Point(1.0, Unit.CELSIUS)),
        (Person, {"name": "Goku"}, Person(name="Goku")),
        (list[Person], [{"name": "Goku"}], [Person(name="Goku")]),
        (Scores, [1, 2], Scores([1, 2])),
        (
            Strict,
            {"day": "2024-03-15", "pair": [1, "a"]},
            Strict(day=DAY, pair=(1, "a")),
        ),
        (Dose, {"milligrams": 3, "day": "2024-03-15"}, Dose(3, DAY)),
        (Place | Person, {"name": "Goku"}, Person(name="Goku")),
        (
            dict[str, list[Place | Person]],
            {"a": [{"name": "G"}]},
            {"a": [Person(name="G")]},
        ),
        pytest.param(
            Annotated[int, pydantic.AfterValidator(lambda n: n + 1)], 1, 2, id="checked"
        ),
        (Annotated[str, "a remark"], "5", "5"),
        (tuple[int, str], [1, "a"], (1, "a")),
        (set[int], [1, 1, 2], {1, 2}),
        (datetime.date, "2024-03-15", DAY),
        (datetime.time, "12:30:00z", datetime.time(12, 30, tzinfo=datetime.UTC)),
        (
            datetime.datetime,
            "2024-03-15t12:30:00z",
            datetime.datetime(2024, 3, 15, 12, 30, tzinfo=datetime.UTC),
        ),
        (float, 22, 22.0),
        (int, 3.0, 3),
        (int | str, "5", "5"),
        (Literal["a", 1], 1, 1),
        (Any, {"a": [1]}, {"a": [1]}),
    ],
    ids=str,
)
def test_arguments_arrive_as_the_annotated_type(
    hint: Any, value: Any, expected: Any
) -> None:
    given = echo(hint).call({"value": value})
    assert given == expected
    assert type(given) is type(expected)


@pytest.mark.parametrize(
    ("hint", "value", "expected", "wrong"),
    [
        (Literal[Unit.KELVIN], "kelvin", Unit.KELVIN, "celsius"),
        (Literal[Unit.KELVIN, "x"], "x", "x", "celsius"),
        (Spot, {"row": 1}, Spot(1), [1, "A"]),
        (list[Spot], [{"row": 1, "seat": "B"}], [Spot(1, "B")], [{"seat": "B"}]),
        (deque[int], [1, 2], deque([1, 2]), ["a"]),
        (datetime.timedelta, "P1DT2H", datetime.timedelta(days=1, hours=2), "2 h"),
        (ipaddress.IPv4Address, "10.0.0.1", ipaddress.ip_address("10.0.0.1"), "10.0"),
        (ipaddress.IPv6Address, "::1", ipaddress.ip_address("::1"), "10.0.0.1"),
        (pydantic.SecretStr, "s3", pydantic.SecretStr("s3"), 3),
        (
            pydantic.HttpUrl | None,
            "https://a.org/b",
            pydantic.HttpUrl("https://a.org/b"),
            "ftp://a.org",
        ),
    ],
    ids=str,
)
def test_types_with_a_form_in_json_are_constrained_and_arrive(
    hint: Any, value: Any, expected: Any, wrong: Any
) -> None:
    made = echo(hint)
    given = made.call({"value": value})
    assert (given, type(given)) == (expected, type(expected))
    grammar = compile_schema(made.tool.parameters, closed=True)
    assert grammar.accepts(json.dumps({"value": value}))
    assert not grammar.accepts(json.dumps({"value": wrong}))
    with pytest.raises(ToolCallValidationError):
        made.call({"value": wrong})


@pytest.mark.parametrize(
    ("hint", "arguments", "problem"),
    [
        (Unit, {"value": "rankine"}, "'value'.*rankine"),
        (Person, {"value": {}}, "argument 'value': name: Field required$"),
        (Point, {"value": {"y": 1}}, "'value'.*unexpected keyword"),
        (Dose, {"value": {"milligrams": 9}}, "'value': milligrams: .*less than 9$"),
        (Annotated[Decimal, pydantic.Field(max_digits=3)], {"value": 1234}, "3 digits"),
        (int, {"value": "five"}, "not a number"),
        (int, {"value": True}, "not a number"),
        (int, {"value": 2.5}, "not an integer"),
        (str, {"value": 5}, "not str"),
        (list[int], {"value": 5}, "not list"),
        (tuple[int, int], {"value": [1]}, "must have 2 items"),
        (Literal["a"], {"value": "b"}, "none of 'a'"),
        (dict[int, str], {"value": {"one": "a"}}, "'value'.*'one'"),
        (int, {}, "missing argument 'value'"),
        (int, {"value": 1, "other": 2}, "unknown argument 'other'"),
    ],
    ids=str,
)
def test_wrong_arguments_are_named_and_kept(
    hint: Any, arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ToolCallValidationError, match=problem) as caught:
        echo(hint).call(arguments)
    assert caught.value.text.startswith("{")


class Shop:
    def __init__(self, price: float) -> None:
        self.price = price

    @tool
    def total(self, count: int) -> float:
        """The price of several.

        Args:
            count: How many.
        """
        return self.price * count


def test_a_decorated_method_is_a_tool_of_its_object() -> None:
    total = Shop(1.5).total
    assert list(total.tool.parameters["properties"]) == ["count"]
    assert (total.call({"count": 2}), total(4)) == (3.0, 6.0)
    assert Shop.total.call({"self": Shop(2.0), "count": 2}) == 4.0


def divide(numerator: float, denominator: float = 2.0, /) -> float:
    """Divide.

    Args:
        numerator: Above
        denominator: Below
    """
    return numerator / denominator


def test_an_absent_argument_before_a_positional_one_has_its_default() -> None:
    @tool
    def both(x: int = 1, y: int = 2, /) -> tuple[int, int]:
        """Take both.

        Args:
            x: One
            y: Two
        """
        return x, y

    assert both.call({"y": 5}) == (1, 5)


def test_arguments_are_bound_by_name_in_any_order() -> None:
    division = PythonTool.from_function(divide)
    assert division.call({"denominator": 4, "numerator": 8}) == 2.0
    assert division.call({"numerator": 8}) == 4.0


def test_what_the_function_raises_passes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        PythonTool.from_function(divide).call({"numerator": 1, "denominator": 0})


def test_an_async_function_gives_its_caller_something_to_await() -> None:
    @tool
    async def wait(seconds: float) -> str:
        """Wait.

        Args:
            seconds: How long
        """
        await asyncio.sleep(seconds)
        return "done"

    async def run() -> Any:
        return await wait.call({"seconds": 0})

    assert asyncio.run(run()) == "done"


def test_the_decorator_keeps_the_function_callable_and_takes_options() -> None:
    @tool(name="delete_file", requires_approval=True)
    def delete(path: str) -> str:
        """Delete a file.

        Args:
            path: Which file
        """
        return f"{path} deleted"

    assert delete("a.txt") == "a.txt deleted"
    assert (delete.name, delete.requires_approval) == ("delete_file", True)


def test_a_tool_looks_like_its_function_to_whoever_takes_functions() -> None:
    tool_of_it = tool(name="share")(divide)
    assert inspect.signature(tool_of_it) == inspect.signature(divide)
    assert tool_of_it.__name__ == "share"
    assert inspect.unwrap(tool_of_it) is divide


def test_a_tool_is_not_made_a_tool_once_more() -> None:
    with pytest.raises(ToolDefinitionError, match="'divide': it is a tool already"):
        tool(name="share")(tool(divide))


def test_what_python_knows_no_parameters_of_is_no_tool() -> None:
    with pytest.raises(
        ToolDefinitionError, match="Python does not know its parameters"
    ):
        tool(int)


@pytest.mark.parametrize("name", ["two words", "", "7up", "<tools>"])
def test_a_name_that_cannot_be_called_is_refused(name: str) -> None:
    with pytest.raises(ToolDefinitionError):
        tool(name=name)(divide)
