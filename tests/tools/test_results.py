"""What the model reads of a function's result."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import json
from typing import Any

import numpy as np
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermes_gguf.tools import render_result


class Color(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    on: datetime.date


class Person(pydantic.BaseModel):
    name: str
    born: datetime.datetime


class Odd:
    def item(self, index: int) -> int:
        return index

    def __str__(self) -> str:
        return "odd"


CYCLE: list[Any] = [1]
CYCLE.append(CYCLE)
DAY = datetime.date(2024, 3, 15)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (22.0, "22.0"),
        ("plain\ntext", "plain\ntext"),
        (None, "null"),
        (True, "true"),
        ({"a": [1, "Zürich"]}, '{"a": [1, "Zürich"]}'),
        (Color.RED, '"red"'),
        (Point(1, DAY), '{"x": 1, "on": "2024-03-15"}'),
        (Person(name="Goku", born=datetime.datetime(737, 4, 16)),
         '{"name": "Goku", "born": "0737-04-16T00:00:00"}'),
        ((1, 2), "[1, 2]"),
        ({3, 1, 2}, "[1, 2, 3]"),
        (collections.deque([2, 1]), "[2, 1]"),
        (range(3), "[0, 1, 2]"),
        ({"b": 1, "a": 2}.keys(), '["b", "a"]'),
        ({"b": 1, "a": 2}.values(), "[1, 2]"),
        ({"b": 1}.items(), '[["b", 1]]'),
        ({Color.RED: 1, 2: 3}, '{"red": 1, "2": 3}'),
        (b"text", '"text"'),
        (b"\xff", '"/w=="'),
        (np.float64(6.0), "6.0"),
        (np.int32(6), "6"),
        (np.arange(3), "[0, 1, 2]"),
        (decimal.Decimal("1.50"), '"1.50"'),
        (float("nan"), '"nan"'),
        (CYCLE, '[1, "..."]'),
        (Odd(), '"odd"'),
        (Person, json.dumps(str(Person))),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_rendered(value: Any, text: str) -> None:
    assert render_result(value) == text


def test_a_long_result_is_cut_and_says_so() -> None:
    assert render_result("x" * 30, max_chars=10) == (
        "xxxxxxxxxx\n[cut: 20 more characters]"
    )
    assert render_result("x" * 30, max_chars=None) == "x" * 30


def test_a_number_too_long_for_decimal_is_still_told() -> None:
    assert render_result([10**5000]).startswith('["0x')


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=60)
@given(json_values)
def test_plain_json_values_survive(value: Any) -> None:
    if isinstance(value, str):
        assert render_result(value, max_chars=None) == value
    else:
        assert json.loads(render_result(value, max_chars=None)) == value
