"""Random and hostile schemas: each must end in a grammar or in a typed error, soon.

Schemas are made from a seed, so that a failure can be repeated by its number. About
one in five holds something that is meant to hurt: depth, width, circles, products of
automata, values of the wrong type.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hermes_gguf.errors import SchemaError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.gbnf_parser import parse_gbnf

#: Processor seconds that one compilation may take, the printing included.
MAX_COMPILE_S = 2.0
_KEYS = ("a", "b", "id", "name", "x-y", 'q"', "é", "")
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_VALUES = (None, True, False, 0, 1, -3, 2.5, 1e300, "", "a", 'q"\\', [], {}, [1], "é")
_PATTERNS = (
    *("^a", "b$", "^[a-z]+$", r"\d{3}-\d{4}", "^(a|b)*a(a|b){12}$", "(x+x+)+y"),
    *(r"(?=.*\d)(?=.*[a-z]).{8,}", r"\p{L}+", "^$", "[", r"(a)\1", "(?<!a)b", ".{400}"),
)
_FORMATS = ("date-time", "email", "uri", "ipv6", "uuid", "regex", "idn-hostname", "?")
_REFERENCES = (
    "#",
    "#/$defs/a",
    "#/$defs/b",
    "#/properties/a",
    "#nowhere",
    "other.json",
)


@dataclass(slots=True)
class Outcome:
    """What became of the schemas.

    Attributes:
        counts: How many ended how: `grammar`, or the name of an error's class.
        slow: (number, seconds) of those that were over budget.
        worst_s: The most processor seconds of one compilation.
    """

    counts: Counter[str] = field(default_factory=Counter)
    slow: list[tuple[int, float]] = field(default_factory=list)
    worst_s: float = 0.0


def fuzz(n: int, *, first: int = 0) -> Outcome:
    """Compile the schemas number `first` up to `first + n`.

    Raises:
        Exception: whatever the compiler let out that is no `SchemaError`, with the
            number of the schema as a note.
    """
    outcome = Outcome()
    for number in range(first, first + n):
        schema = make_schema(number)
        started = time.thread_time()
        text = None
        try:
            text = compile_schema(schema, closed=number % 2 == 0).gbnf
            how = "grammar"
        except SchemaError as error:
            how = type(error).__name__
        except BaseException as error:
            error.add_note(f"schema number {number}")
            raise
        spent_s = time.thread_time() - started
        if text is not None:
            parse_gbnf(text)
        outcome.counts[how] += 1
        outcome.worst_s = max(outcome.worst_s, spent_s)
        if spent_s > MAX_COMPILE_S:
            outcome.slow.append((number, spent_s))
    return outcome


def make_schema(number: int) -> Any:
    """The schema of this number."""
    random = Random(number)
    if random.random() < 0.1:
        schema = random.choice(_HOSTILE)(random)
    else:
        schema = _node(random, random.randint(1, 4))
    if isinstance(schema, dict) and random.random() < 0.5:
        schema.setdefault("$defs", {k: _node(random, 2) for k in "ab"})
    if isinstance(schema, dict) and random.random() < 0.1:
        draft = random.choice(("draft-04", "draft-07"))
        schema["$schema"] = f"http://json-schema.org/{draft}/schema#"
    return schema


def _node(random: Random, depth: int) -> Any:
    if random.random() < 0.04:
        return random.choice((True, False, {}))
    schema: dict[str, Any] = {}
    if random.random() < 0.5:
        schema["type"] = random.choice(_TYPES)
    makers = _INNER if depth > 0 and random.random() < 0.75 else _LEAVES
    for keyword in random.sample(sorted(makers), random.randint(1, 3)):
        schema[keyword] = makers[keyword](random, depth - 1)
    if random.random() < 0.01:
        schema[random.choice([*_INNER, *_LEAVES])] = random.choice(_VALUES)
    return schema


_Make = Callable[[Random, int], Any]


def _nodes(random: Random, depth: int) -> list[Any]:
    return [_node(random, depth) for _ in range(random.randint(1, 3))]


def _map(keys: tuple[str, ...]) -> _Make:
    def make(random: Random, depth: int) -> dict[str, Any]:
        chosen = random.sample(keys, random.randint(0, 4))
        return {key: _node(random, depth) for key in chosen}

    return make


def _names(random: Random, depth: int) -> list[str]:
    return random.sample(_KEYS, random.randint(0, 3))


def _count(random: Random, depth: int) -> int:
    return random.choice((0, 1, 2, 3, 7, 50, 5000, 10**9))


def _number(random: Random, depth: int) -> float:
    return random.choice((-(10**40), -7, 0, 0.1, 1, 3, 12.75, 1e-9, 1e22, 10**40))


_LEAVES: dict[str, _Make] = {
    "enum": lambda r, _: r.sample(_VALUES, r.randint(1, 5)),
    "const": lambda r, _: r.choice(_VALUES),
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "multipleOf": lambda r, _: r.choice((1, 2, 0.01, 7, 360, 99991, 1e-30)),
    "minLength": _count,
    "maxLength": _count,
    "pattern": lambda r, _: r.choice(_PATTERNS),
    "format": lambda r, _: r.choice(_FORMATS),
    "required": _names,
    "minProperties": _count,
    "maxProperties": _count,
    "minItems": _count,
    "maxItems": _count,
    "uniqueItems": lambda r, _: True,
    "$ref": lambda r, _: r.choice(_REFERENCES),
    "dependentRequired": lambda r, _: {r.choice(_KEYS): _names(r, 0)},
}
_INNER: dict[str, _Make] = {
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _nodes),
    **dict.fromkeys(("not", "if", "then", "else", "items", "contains"), _node),
    "additionalProperties": _node,
    "propertyNames": _node,
    "unevaluatedProperties": _node,
    "unevaluatedItems": _node,
    "properties": _map(_KEYS),
    "dependentSchemas": _map(_KEYS),
    "patternProperties": _map(_PATTERNS[:6]),
    "required": _names,
    "minItems": _count,
    "pattern": _LEAVES["pattern"],
}


def _deep(random: Random) -> Any:
    keyword = random.choice(("not", "items", "allOf", "properties", "anyOf"))
    schema: Any = _node(random, 1)
    for _ in range(random.choice((30, 300, 2000))):
        below: Any = {"a": schema} if keyword == "properties" else schema
        schema = {keyword: [below] if keyword in ("allOf", "anyOf") else below}
    return schema


def _huge_enum(random: Random) -> Any:
    n = random.choice((100, 1000, 5000))
    if random.random() < 0.5:
        return {"enum": [f"{random.random()}" for _ in range(n)]}
    return {"not": {"enum": [random.randint(0, 10**6) for _ in range(n)]}}


def _circle(random: Random) -> Any:
    names = [f"n{i}" for i in range(random.randint(1, 6))]
    keywords = ("allOf", "anyOf", "oneOf")
    parts: dict[str, Any] = {}
    for name in names:
        some = [{"$ref": f"#/$defs/{random.choice(names)}"} for _ in range(2)]
        inside = {"properties": {"a": some[0], "b": _node(random, 1)}}
        parts[name] = {random.choice(keywords): [some[1], inside]}
        if random.random() < 0.5:
            parts[name] = inside
    return {"$ref": "#/$defs/n0", "$defs": parts}


def _products(random: Random) -> Any:
    keyword = random.choice(("allOf", "anyOf", "oneOf"))
    patterns = [
        {"pattern": f"{random.choice(('', '^'))}(a.{{{random.randint(1, 30)}}}b)"}
        for _ in range(random.randint(2, 6))
    ]
    return {"type": "string", keyword: patterns, "maxLength": random.randint(5, 5000)}


def _choices(random: Random) -> Any:
    """Choices of choices: an exponential number of alternatives."""
    n = random.randint(3, 25)
    keyword = random.choice(("anyOf", "oneOf"))
    some = [
        {keyword: [{"properties": {f"k{i}": {"const": j}}} for j in range(3)]}
        for i in range(n)
    ]
    return {"type": "object", "allOf": some}


def _wide(random: Random) -> Any:
    names = [f"key {random.randint(0, 10**9)}" for _ in range(1500)]
    return {
        "properties": {name: _node(random, 0) for name in names},
        "required": random.sample(names, 20),
    }


_HOSTILE: tuple[Callable[[Random], Any], ...] = (
    *(_deep, _huge_enum, _circle, _products, _choices, _wide),
)
