"""extract: text → pydantic model, dataclass, type or plain data."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel, field_validator

from hermes_gguf.chat.hermes import Hermes
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.base import EngineFinish, Piece
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import (
    GenerationError,
    OptionError,
    OutputError,
    TruncatedOutputError,
)
from hermes_gguf.events import Usage


class Person(BaseModel):
    """Someone."""

    name: str
    age: int

    @field_validator("age")
    @classmethod
    def _plausible(cls, age: int) -> int:
        if age > 150:
            raise ValueError("nobody is that old")
        return age


@dataclasses.dataclass
class Point:
    x: int
    y: int


def hermes(*script: Any, strict: bool = True) -> tuple[Hermes, ScriptedEngine]:
    engine = ScriptedEngine(script, strict=strict)
    return Hermes(ChatModel(engine)), engine


@pytest.mark.parametrize(
    ("target", "script", "value"),
    [
        (Person, '{"name": "Ada", "age": 36}', Person(name="Ada", age=36)),
        (Point, '{"x": 1, "y": -2}', Point(1, -2)),
        (list[int], "[1, 2, 3]", [1, 2, 3]),
        (Literal["yes", "no"], '"yes"', "yes"),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (Decimal, '"-12.50"', Decimal("-12.50")),
        (Decimal, "12.5", Decimal("12.5")),
        (dict[int, str], '{"-3": "a"}', {-3: "a"}),
        (set[str], '["a", "b", "a"]', {"a", "b"}),
        (
            {"type": "object", "properties": {"a": {"type": "null"}}},
            '{"a": null}',
            {"a": None},
        ),
    ],
    ids=[
        "pydantic",
        "dataclass",
        "list",
        "literal",
        "dict",
        "text",
        "number",
        "keys",
        "set",
        "schema",
    ],
)
def test_the_answer_is_a_value_of_the_type(
    target: Any, script: str, value: Any
) -> None:
    model, engine = hermes(script)
    assert model.extract(target, "Ada is 36.") == value
    assert "<schema>\n" in engine.prompts[0]
    assert "Ada is 36." in engine.prompts[0]


@pytest.mark.parametrize(
    ("target", "script"),
    [
        (Decimal, '"12 euros"'),
        (Decimal | None, '"12 euros"'),
        (dict[int, str], '{"one": "a"}'),
    ],
    ids=str,
)
def test_what_pydantic_would_refuse_is_not_written(target: Any, script: str) -> None:
    model, _ = hermes(script)
    with pytest.raises(GenerationError):
        model.extract(target, "x", max_retries=0)


def test_what_the_schema_cannot_say_is_fed_back() -> None:
    model, engine = hermes('{"name": "Ada", "age": 360}', '{"name": "Ada", "age": 36}')
    assert model.extract(Person, "Ada").age == 36
    assert "age: Value error, nobody is that old" in engine.prompts[1]


def test_after_the_last_attempt_the_problem_and_the_text_are_told() -> None:
    old = '{"name": "Ada", "age": 360}'
    model, engine = hermes(old, old)
    with pytest.raises(OutputError, match="nobody is that old") as caught:
        model.extract(Person, "Ada", max_retries=1)
    assert caught.value.text == old
    assert len(engine.requests) == 2


def test_a_cut_answer_is_reported_as_cut() -> None:
    model, _ = hermes('{"name": "Ada", "age": 36}')
    with pytest.raises(TruncatedOutputError) as caught:
        model.extract(Person, "Ada", max_tokens=4)
    assert caught.value.text == '{"name"'


@pytest.mark.parametrize("target", [int, float, {"type": "number"}, int | str])
def test_the_beginning_of_a_number_is_no_number(target: Any) -> None:
    model, _ = hermes(["12", "34"])
    with pytest.raises(TruncatedOutputError):
        model.extract(target, "1234", max_tokens=1)


def test_the_beginning_of_a_number_whose_model_was_closed_is_no_number() -> None:
    class Closed(ScriptedEngine):
        """Closed by another thread after the first digits."""

        def generate(self, request: Any) -> Any:
            return iter([Piece("12"), EngineFinish("cancelled", Usage(), seed=0)])

    with pytest.raises(TruncatedOutputError, match="was cancelled") as caught:
        Hermes(ChatModel(Closed())).extract(int, "1234")
    assert caught.value.hint is None


def test_a_document_that_ends_with_the_last_token_is_whole() -> None:
    model, _ = hermes("[1]")
    assert model.extract(list[int], "1", max_tokens=3) == [1]


def test_a_fence_is_accepted_when_the_grammar_is_off() -> None:
    model, _ = hermes('```json\n{"x": 1, "y": 2}\n```', strict=False)
    assert model.extract(Point, "1, 2", constrain=False) == Point(1, 2)


def test_a_type_without_a_schema_is_refused_by_name() -> None:
    class Odd:
        pass

    model, _ = hermes()
    with pytest.raises(OptionError, match="Odd"):
        model.extract(Odd, "x")
