"""What the expansion of a schema needs to know about single nodes.

Which types `type` allows, which schemas hold beside a node, the values of enum as
schemas, and the tags that tell branches apart. It combines nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from .facts import Conjunction, Fact, Prop
from .nodes import REFERENCES, RELAXED, Literal, Node
from .object_facts import absent, present


def find_tags(node: Node) -> list[tuple[str, Literal, bool]]:
    """Keys whose value is one of a few, which tell branches apart: are they required?

    The required ones, or, if there are none, the first two that are optional.
    """
    required: set[str] = set()
    closed: list[tuple[str, Literal]] = []
    seen: set[Node] = set()
    stack = [node]
    while stack and len(seen) < 20:
        part = stack.pop()
        if part in seen or part.keywords is None:
            continue
        seen.add(part)
        keywords = {k: v for k, v in part.keywords.items() if v is not RELAXED}
        required.update(keywords.get("required", ()))
        for key in keywords.get("properties", ()):
            below = part.at("properties", key)
            if below.keywords and {"const", "enum"} & below.keywords.keys():
                closed.append((key, Literal(below)))
        for keyword in ("allOf", *REFERENCES):
            if keyword in keywords:
                stack.extend(children(part, keyword))
    tags = [(key, literal, key in required) for key, literal in closed]
    return [tag for tag in tags if tag[2]] or tags[:2]


def tag_facts(node: Node) -> tuple[tuple[Fact, ...], list[Conjunction]]:
    """That all tags of the node are right; and the ways in which one is wrong."""
    right: list[Fact] = []
    wrong: list[Conjunction] = []
    for key, literal, is_required in find_tags(node):
        there = present(node, "required", key)
        right.append(Prop(key, literal))
        wrong.append(Conjunction((there, Prop(key, literal.negated()))))
        if is_required:
            right.append(there)
            wrong.append(Conjunction((absent(node, "required", key),)))
    return tuple(right), wrong


def values_of_kind(node: Node, kind: str, keyword: str) -> list[Node]:
    """The objects (or arrays) among the values of enum or const, as schemas."""
    assert node.keywords is not None
    value = node.keywords[keyword]
    values = value if keyword == "enum" else [value]
    wanted = dict if kind == "object" else list
    return [
        node.library.synthetic(_schema_of(v), f"{node.where(keyword)}/{i}")
        for i, v in enumerate(values)
        if isinstance(v, wanted)
    ]


def _schema_of(value: object) -> object:
    if isinstance(value, dict):
        return {
            "type": "object",
            "properties": {key: _schema_of(v) for key, v in value.items()},
            "required": list(value),
            "additionalProperties": False,
        }
    if isinstance(value, list):
        return {
            "type": "array",
            "prefixItems": [_schema_of(v) for v in value],
            "items": False,
            "minItems": len(value),
        }
    return {"const": value}


def allows(node: Node, kind: str) -> bool:
    """Whether `type` (if it is there, and not relaxed) allows this kind."""
    assert node.keywords is not None
    names = node.keywords.get("type", RELAXED)
    return names is RELAXED or kind in (names if isinstance(names, list) else [names])


def children(node: Node, keyword: str) -> Iterable[Node]:
    """The schemas that hold together with the node, by allOf or a reference."""
    if keyword == "allOf":
        return node.each("allOf")
    return (node.library.resolve(node, keyword),)


def has_relaxed_bounds(node: Node) -> bool:
    """Whether the counts of `contains` are left to a later check."""
    assert node.keywords is not None
    return any(node.keywords.get(k) is RELAXED for k in ("minContains", "maxContains"))


def view(node: Node, keywords: dict[str, object]) -> Node:
    """The same place with some keywords left out."""
    twin = Node(
        {},
        pointer=node.pointer,
        resource=node.resource,
        scope=node.scope,
        library=node.library,
    )
    twin.keywords = keywords
    return twin
