"""Real functions and their right calls: the Berkeley function-calling leaderboard.

Every right answer, written as Hermes writes it, is allowed by the grammar of its
question's tools. Answers that break their own schema are left out, which jsonschema
decides.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hermes_gguf.grammar.constraints import GrammarState
from hermes_gguf.grammar.tool_calls import ToolCallConstraint, tool_call_constraint
from hermes_gguf.messages import Tool

from ..support.llama_grammar import LlamaGrammar
from ..support.shared import shared_path

#: The leaderboard's names of types.
TYPES = {"dict": "object", "float": "number", "tuple": "array"}
MAX_SPELLINGS = 4


def json_schema(schema: Any) -> Any:
    """The leaderboard's schema as JSON Schema, shut as our grammars are."""
    if not isinstance(schema, dict):
        return schema
    out = {k: v for k, v in schema.items() if k in ("required", "enum", "description")}
    kind = schema.get("type", "any")
    if kind != "any":
        out["type"] = TYPES.get(kind, kind)
    if "items" in schema:
        out["items"] = json_schema(schema["items"])
    if isinstance(properties := schema.get("properties"), dict):
        out["properties"] = {k: json_schema(v) for k, v in properties.items()}
        out["additionalProperties"] = False
    return out


def spellings(value: Any) -> Iterator[Any]:
    """The values that an answer allows: nested objects list theirs per key."""
    if isinstance(value, dict):
        yield from objects(value)
    elif isinstance(value, list):
        yield from map(list, itertools.product(*[list(spellings(v)) for v in value]))
    else:
        yield value


def objects(answer: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """One object for each choice of values; "" stands for a key that may be absent."""
    options = []
    for key, values in answer.items():
        found = [(key, v) for value in values for v in spellings(value)]
        options.append([pair if pair[1] != "" else None for pair in found] or [None])
    for pairs in itertools.product(*options):
        yield dict(pair for pair in pairs if pair is not None)


def in_schema_order(value: Any, schema: Any) -> Any:
    """The keys in the order of the schema, which is the grammar's."""
    if isinstance(value, list):
        return [in_schema_order(v, schema.get("items", {})) for v in value]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    order = list(properties)
    keys = sorted(value, key=lambda k: order.index(k) if k in order else len(order))
    return {k: in_schema_order(value[k], properties.get(k, {})) for k in keys}


def questions(category: str) -> Iterator[tuple[list[Tool], list[dict[str, Any]]]]:
    """Tools and right calls of each question."""
    name = f"BFCL_v4_{category}.json"
    asked = shared_path(f"bfcl/{name}").read_text().splitlines()
    answered = shared_path(f"bfcl/possible_answer/{name}").read_text().splitlines()
    for question, answer in zip(asked, answered, strict=True):
        functions = {f["name"]: f for f in json.loads(question)["function"]}
        tools = [
            Tool(name, "", json_schema(f["parameters"]))
            for name, f in functions.items()
        ]
        yield tools, json.loads(answer)["ground_truth"]


def required(tools: list[Tool], **options: Any) -> ToolCallConstraint:
    found = tool_call_constraint(tools, choice="required", **options)
    assert found is not None
    return found


def is_allowed(constraint: ToolCallConstraint, text: str) -> bool:
    state = constraint.start().advance(text.encode())
    return state is not None and state.may_end


@pytest.mark.parametrize(
    ("category", "n_valid_at_least"),
    [("simple_python", 390), ("multiple", 195), ("parallel", 195)],
)
def test_right_calls_are_allowed(category: str, n_valid_at_least: int) -> None:
    n_valid = 0
    for tools, truth in questions(category):
        schemas = {tool.name: tool.parameters for tool in tools}
        validators = {name: Draft202012Validator(s) for name, s in schemas.items()}
        every_call: list[str] = []
        for answer in truth:
            [(name, values)] = answer.items()
            right = [a for a in objects(values) if validators[name].is_valid(a)]
            for arguments in right[:MAX_SPELLINGS]:
                ordered = in_schema_order(arguments, schemas[name])
                body = json.dumps(
                    {"name": name, "arguments": ordered}, ensure_ascii=False
                )
                call = f"<tool_call>\n{body}\n</tool_call>"
                assert is_allowed(required(tools), call), call
            every_call += [call] if right else []
        if len(every_call) == len(truth):
            n_valid += 1
            assert is_allowed(required(tools), "\n".join(every_call) + "\n")
    assert n_valid >= n_valid_at_least


def test_llama_cpp_reads_the_grammars_of_real_tools(llama: LlamaGrammar) -> None:
    for tools, _ in itertools.islice(questions("multiple"), 0, None, 10):
        places = llama.walk(required(tools).gbnf, "<")
        assert places is not None
        assert places[0].chars == {"<"}
        assert not places[0].may_end


def exact(number: str) -> int | float:
    """A number whose whole value is not lost: 7e400 is an integer, not infinity."""
    value = Decimal(number)
    return int(value) if value == value.to_integral_value() else float(number)


def random_call(constraint: ToolCallConstraint, rng: random.Random) -> str:
    """A text made of legal bytes only, steered to an end when it grows long."""
    text = b""
    state: Any = constraint.start()
    while not state.may_end:
        assert isinstance(state, GrammarState)
        forced = state.forced()
        options = sorted(state.first_bytes() or ())
        closing = [b for b in options if b in b'"}]0e'] * (len(text) > 200)
        piece = forced or bytes([rng.choice(closing or options)])
        text += piece
        state = state.advance(piece)
    return text.decode()


def test_random_calls_of_real_functions_validate() -> None:
    rng = random.Random(3)
    for tools, _ in itertools.islice(questions("multiple"), 0, None, 4):
        schemas = {tool.name: tool.parameters for tool in tools}
        constraint = required(tools, parallel=False)
        for _ in range(2):
            text = random_call(constraint, rng)
            call = json.loads(text.split("\n")[1], parse_float=exact)
            validator = Draft202012Validator(schemas[call["name"]])
            assert validator.is_valid(call["arguments"]), text
