"""What the tests of `hermes-gguf grammar` have in common: sources, and a way to ask."""

from __future__ import annotations

from typing import Any

import pytest

from hermes_gguf.cli.app import main

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
    },
    "required": ["name", "age"],
}
REFUSED = {
    "type": "object",
    "title": "Bag",
    "properties": {
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "twice": {"type": "string", "pattern": r"^(a+)b\1$"},
    },
}
CODE = '''
import dataclasses
from typing import TypedDict
from pydantic import BaseModel

class Person(BaseModel):
    name: str
    age: int

@dataclasses.dataclass
class Point:
    x: float

class Movie(TypedDict):
    title: str

RAW = {"const": 1}

def add(a: int, b: int) -> int:
    """Add.

    Args:
        a: One
        b: Two
    """
    return a + b

def now() -> str:
    """Tell the time."""
    return ""
'''


def call(
    capsys: pytest.CaptureFixture[str], *args: str
) -> tuple[int | str | None, str, str]:
    """Exit code, stdout and stderr of `hermes-gguf grammar ARGS`, in this process."""
    with pytest.raises(SystemExit) as end:
        main(["grammar", *args])
    captured = capsys.readouterr()
    return end.value.code, captured.out, captured.err
