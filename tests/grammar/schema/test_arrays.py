"""Keywords for arrays: what their grammars accept and what they reject."""

from __future__ import annotations

from typing import Any

import pytest

from hermes_gguf.errors import UnsupportedSchemaError
from hermes_gguf.grammar.compile import compile_schema

from ...support.accepts import check_schema

INT, BOOL = {"type": "integer"}, {"type": "boolean"}

TABLE: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    ("items", {"items": INT}, ["[]", "[1]", "[1, 2]"], ["[1.5]", "[1,2]", "[1, ]"]),
    (
        "counts",
        {"items": INT, "minItems": 2, "maxItems": 3},
        ["[1, 2]", "[1, 2, 3]"],
        ["[]", "[1]", "[1, 2, 3, 4]"],
    ),
    (
        "a tuple with a rest",
        {"prefixItems": [INT, BOOL], "items": {"type": "null"}},
        ["[]", "[1]", "[1, true]", "[1, true, null]"],
        ["[true]", "[1, 2]", "[1, true, 1]"],
    ),
    (
        "a tuple in the old form",
        {"items": [INT, BOOL], "additionalItems": False},
        ["[1, true]", "[1]"],
        ["[1, true, 1]"],
    ),
    (
        "contains",
        {"items": INT, "contains": {"minimum": 10}, "maxContains": 2},
        ["[10]", "[1, 10, 2]", "[10, 10]"],
        ["[]", "[1, 2]", "[10, 10, 10]", '["x", 10]'],
    ),
    (
        "minContains 0",
        {"contains": INT, "minContains": 0, "maxContains": 1},
        ["[]", "[1]", '["x"]', '["x", 1]'],
        ["[1, 2]"],
    ),
    (
        "unique items out of a few values",
        {"items": {"enum": ["a", 1, None]}, "uniqueItems": True},
        ["[]", '["a", 1, null]', '[null, "a"]'],
        ['["a", "a"]', "[1, 1.0]", '["a", 1, "a"]'],
    ),
    (
        "unevaluatedItems after contains",
        {"contains": INT, "unevaluatedItems": {"type": "string"}},
        ['[1, "x"]', "[1]"],
        ["[1, null]", '["x"]'],
    ),
    (
        "a constant array",
        {"enum": [[1, [2]], []]},
        ["[]", "[1, [2]]"],
        ["[1]", "[1, [2], 3]"],
    ),
]


@pytest.mark.parametrize(
    ("schema", "accept", "reject"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE]
)
def test_an_array_keyword(
    schema: dict[str, Any], accept: list[str], reject: list[str]
) -> None:
    check_schema({"type": "array", **schema}, accept=accept, reject=reject)


@pytest.mark.parametrize("n_items", [1999, 2000, 2001, 4500])
def test_counts_beyond_what_llama_cpp_can_repeat(n_items: int) -> None:
    def ones(count: int) -> str:
        return "[" + ", ".join(["1"] * count) + "]"

    check_schema(
        {
            "items": {"const": 1},
            "minItems": n_items,
            "maxItems": n_items,
            "type": "array",
        },
        accept=[ones(n_items)],
        reject=[ones(n_items - 1), ones(n_items + 1)],
    )


def test_unique_items_without_end_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedSchemaError) as caught:
        compile_schema({"properties": {"a": {"type": "array", "uniqueItems": True}}})
    assert caught.value.pointer == "/properties/a/uniqueItems"
    assert caught.value.keyword == "uniqueItems"
