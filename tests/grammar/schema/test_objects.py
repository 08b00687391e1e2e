"""Keywords for objects: what their grammars accept and what they reject."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hermes_gguf.grammar.compile import compile_schema

from ...support.accepts import check_schema

INT = {"type": "integer"}
ABC = {"a": INT, "b": INT, "c": INT}

TABLE: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    (
        "keys come in schema order, whatever required says",
        {"properties": ABC, "required": ["c", "a"], "additionalProperties": False},
        ['{"a": 1, "c": 2}', '{"a": 1, "b": 2, "c": 3}'],
        ['{"c": 2, "a": 1}', '{"a": 1}', "{}", '{"a": 1, "a": 2, "c": 3}'],
    ),
    (
        "without required keys any of them may come first",
        {"properties": ABC, "additionalProperties": False},
        ["{}", '{"b": 1}', '{"a": 1, "c": 3}'],
        ['{"b": 1, "a": 1}', '{, "b": 1}', '{"b": 1, }', '{"d": 1}'],
    ),
    (
        "extra keys come last and are none of the declared ones",
        {"properties": {"ab": INT}},
        ['{"ab": 1, "x": null}', '{"a": 1}', '{"abc": 1}', '{"": 1}', '{"é": 1}'],
        ['{"ab": "1"}', '{"x": 1, "ab": 1}', '{"ab": 1, "ab": 2}', '{"\\u0061b": "x"}'],
    ),
    (
        "extra keys have a schema of their own",
        {"properties": {"a": INT}, "additionalProperties": {"type": "boolean"}},
        ['{"a": 1, "b": true}', '{"b": true, "c": false}'],
        ['{"b": 1}', '{"a": true}'],
    ),
    (
        "patterns decide about declared keys too, and overlap",
        {
            "properties": {"ab": {"minimum": 5}},
            "patternProperties": {"^a": INT, "b$": {"maximum": 7}},
            "additionalProperties": False,
        },
        ['{"ab": 6}', '{"ax": 99}', '{"xb": 6.5}', '{"aab": 7}'],
        ['{"ab": 8}', '{"ab": 4}', '{"ab": 5.5}', '{"aab": 8}', '{"x": 1}'],
    ),
    (
        "propertyNames",
        {"propertyNames": {"pattern": "^[a-z]+$", "maxLength": 3}},
        ["{}", '{"abc": 1}'],
        ['{"abcd": 1}', '{"A": 1}', '{"": 1}'],
    ),
    (
        "a required key that properties lack",
        {"properties": {"a": INT}, "required": ["z"]},
        ['{"a": 1, "z": null}', '{"z": 1, "x": 1}'],
        ['{"a": 1}', '{"x": 1}'],
    ),
    (
        "counts of keys",
        {"properties": ABC, "minProperties": 1, "maxProperties": 2},
        ['{"a": 1}', '{"b": 1, "c": 1}', '{"x": 1, "y": 1}', '{"a": 1, "y": 1}'],
        ["{}", '{"a": 1, "b": 1, "c": 1}', '{"a": 1, "x": 1, "y": 1}'],
    ),
    (
        "dependentRequired",
        {"properties": ABC, "dependentRequired": {"a": ["c"]}},
        ["{}", '{"b": 1}', '{"a": 1, "c": 1}', '{"c": 1}'],
        ['{"a": 1}', '{"a": 1, "b": 1}'],
    ),
    (
        "dependentSchemas",
        {"properties": ABC, "dependentSchemas": {"a": {"properties": {"b": False}}}},
        ['{"a": 1}', '{"b": 1, "c": 1}'],
        ['{"a": 1, "b": 1}'],
    ),
    (
        "unevaluatedProperties sees through allOf and anyOf",
        {
            "properties": {"a": INT},
            "anyOf": [
                {"properties": {"b": INT}, "required": ["b"]},
                {"type": "object"},
            ],
            "unevaluatedProperties": False,
        },
        ['{"a": 1}', '{"a": 1, "b": 1}'],
        ['{"c": 1}', '{"a": 1, "c": 1}'],
    ),
    (
        "a forbidden key",
        {"properties": {"a": INT, "b": False}, "required": ["a"]},
        ['{"a": 1}', '{"a": 1, "c": 1}'],
        ['{"a": 1, "b": 1}'],
    ),
    (
        "a constant object, its keys as they are given",
        {"const": {"b": [1, "x"], "a": {}}},
        ['{"b": [1, "x"], "a": {}}'],
        ['{"b": [1], "a": {}}', '{"b": [1, "x"]}', "{}"],
    ),
]


@pytest.mark.parametrize(
    ("schema", "accept", "reject"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE]
)
def test_an_object_keyword(
    schema: dict[str, Any], accept: list[str], reject: list[str]
) -> None:
    check_schema({"type": "object", **schema}, accept=accept, reject=reject)


def test_closed_shuts_objects_that_name_keys_and_say_nothing_else() -> None:
    check_schema(
        {
            "type": "object",
            "properties": {
                "shut": {"type": "object", "properties": {"a": INT}},
                "said": {"properties": {"a": INT}, "additionalProperties": INT},
                "free": {"type": "object"},
            },
        },
        closed=True,
        accept=['{"said": {"b": 1}}', '{"free": {"b": 1}}', '{"shut": {"a": 1}}'],
        reject=['{"other": 1}', '{"shut": {"b": 1}}'],
    )


def test_closed_looks_at_all_parts_of_a_conjunction_together() -> None:
    check_schema(
        {"allOf": [{"properties": {"a": INT}}, {"properties": {"b": INT}}]},
        closed=True,
        accept=['{"a": 1, "b": 2}'],
        reject=['{"a": 1, "c": 2}'],
    )


@pytest.mark.parametrize("n_keys", [12, 13, 40])
@pytest.mark.parametrize("required", [[], [0], [20], [30, 39]])
def test_many_keys_keep_their_order(n_keys: int, required: list[int]) -> None:
    keys = [f"key-{i % 7}-{i}" for i in range(n_keys)]
    needed = [keys[i] for i in required if i < n_keys]
    schema = {"properties": dict.fromkeys(keys, INT), "required": needed}
    texts = {step: [k for i, k in enumerate(keys) if not i % step] for step in (1, 3)}
    accept = []
    for some in texts.values():
        chosen = [k for k in keys if k in some or k in needed]
        accept.append("{" + ", ".join(f'"{k}": 1' for k in chosen) + "}")
    backward = "{" + ", ".join(f'"{k}": 1' for k in reversed(keys)) + "}"
    check_schema({"type": "object", **schema}, accept=accept, reject=[backward])


@pytest.mark.parametrize(
    "names",
    [
        ["not", "no", "apart", "not-part", "no-a", "key-char", "neither"],
        ["a_b", "a|b", "a", "a|b|b"],
        ["x" * 30 + "a", "x" * 30 + "b", "x" * 13 + "_or_", "x" * 13],
    ],
)
def test_rules_for_other_keys_are_no_others_whatever_keys_are_called(
    names: list[str],
) -> None:
    values = {name: {"pattern": f"^[a-z]{{0,9}}{i}$"} for i, name in enumerate(names)}
    automaton = compile_schema({"type": "object", "properties": values}).automaton
    for i, name in enumerate(names):
        assert automaton.accepts(json.dumps({name: f"ab{i}"}))
        assert not automaton.accepts(json.dumps({name: f"ab{i}x"}))
        assert automaton.accepts(json.dumps({f"{name}q": True, name[:-1] + "Z": None}))
