"""Whatever stands under a keyword: it is used or refused, never an internal error."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from hermes_gguf.chat.check import schema_problem
from hermes_gguf.errors import HermesError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.schema.dialects import UNSTATED

KEYWORDS = sorted({*UNSTATED.keywords, "$schema", "$recursiveAnchor", "nullable"})
TEXTS = [
    "",
    "x",
    "²",
    "#",
    "#/²",
    "#/x",
    "%",
    "%ff",
    "http://[",
    "http://[#x",
    "\ud800",
]
NUMBERS = [0, -1, 1.5, 1e308, float("nan"), float("inf"), 10**400, -(10**400)]
ODD: list[Any] = [
    *(None, True, False, *TEXTS, *NUMBERS),
    *([], [None], ["a", "a"], ["\ud800"], [{}], [[]], [True, 1]),
    *({}, {"a": None}, {"a": []}, {"a": {}}, {"(": {}}, {"\ud800": {}}, {"a": ["²"]}),
]
BESIDE: list[dict[str, Any]] = [
    {},
    {"type": ["object", "number"], "properties": {"a": {"$ref": "other"}}},
    {"$id": "http://example.org/it", "anyOf": [{"$ref": "#/anyOf/1"}, {}]},
]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_an_odd_value_is_used_or_refused(keyword: str) -> None:
    for beside in BESIDE:
        for value in ODD:
            schema = {**beside, keyword: value}
            with contextlib.suppress(HermesError):
                report = compile_schema(schema, on_unsupported="check").report
                assert keyword in {entry.keyword for entry in report}
            for document in ({"a": 1}, 1.5):
                with contextlib.suppress(HermesError):
                    schema_problem(document, schema)
