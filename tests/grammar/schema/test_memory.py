"""What a compilation leaves behind is freed at once, not when a collector comes by."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from hermes_gguf.grammar.compile import compile_schema

_OBJECT = {"properties": {"name": {"type": "string"}, "next": {"$ref": "#"}}}


@pytest.fixture(scope="module", autouse=True)
def _young_heap() -> Iterator[None]:
    """What other tests left behind is set aside: to look at it takes seconds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(
            {"patternProperties": {"^(ab|cd){2,30}x*$": {}}, "maxProperties": 2},
            id="keys as an expression",
        ),
        pytest.param({"patternProperties": {"^(a|ab)(c|bcd)d*$": {}}}, id="keys"),
        pytest.param({"pattern": "^(ab|cd){2,30}x*$", "maxLength": 30}, id="lengths"),
        pytest.param({"format": "date-time"}, id="format"),
        pytest.param({"minimum": 3.5, "maximum": 17}, id="numbers"),
        pytest.param(_OBJECT, id="open and recursive"),
        pytest.param({**_OBJECT, "minProperties": 2}, id="counted keys"),
        pytest.param({"enum": [1, 2, 3], "uniqueItems": True}, id="unique"),
        pytest.param({"oneOf": [_OBJECT, {"required": ["name"]}]}, id="alternatives"),
    ],
)
def test_a_compilation_leaves_no_circles(schema: dict[str, Any]) -> None:
    compile_schema(schema)  # what is kept from now on
    gc.collect()
    gc.disable()
    try:
        assert compile_schema(schema).gbnf
        assert gc.collect() == 0
    finally:
        gc.enable()
