"""What a schema has looked at, and `unevaluated*` as facts about the rest.

Works on one alternative at a time, for which the evaluated parts are known.
"""

from __future__ import annotations

from .branches import view
from .facts import (
    Conjunction,
    Evaluated,
    Every,
    Explicit,
    Fact,
    Others,
    Rest,
)
from .nodes import Literal, Node

UNEVALUATED = {"object": "unevaluatedProperties", "array": "unevaluatedItems"}


def evaluated_by(node: Node, keyword: str) -> Evaluated:
    """What this keyword of the node looks at."""
    assert node.keywords is not None
    value = node.keywords[keyword]
    match keyword:
        case "properties":
            return Evaluated(keys=frozenset(value))
        case "patternProperties":
            return Evaluated(patterns=frozenset(value))
        case "prefixItems":
            return Evaluated(n_items=len(value))
        case "items" if isinstance(value, list):
            return Evaluated(n_items=len(value))
        case "additionalItems" if not isinstance(node.keywords.get("items"), list):
            return Evaluated()
        case "additionalProperties" | "items" | "additionalItems":
            return Evaluated(everything=True)
        case "contains" if "prefixItems" in node.resource.dialect.keywords:
            return Evaluated(containing=(Literal(node.at("contains")),))
    return Evaluated()


def close(node: Node, kind: str, held: Conjunction) -> Conjunction:
    """Apply `unevaluated*` to one alternative, whose evaluated parts are known."""
    keyword = UNEVALUATED[kind]
    seen = held.evaluated
    where = node.where(keyword)
    literal = Literal(node.at(keyword))
    facts: tuple[Fact, ...] = ()
    if not seen.everything:
        if kind == "object":
            others = Others(seen.keys, seen.patterns)
            facts = (Every(others, literal, where), Explicit())
        else:
            facts = (Rest(seen.n_items, _or_contained(node, literal, seen)),)
    return Conjunction(held.facts + facts, Evaluated(everything=True))


def _or_contained(node: Node, literal: Literal, seen: Evaluated) -> Literal:
    if not seen.containing:
        return literal
    twin = view(node, {"anyOf": [True] * (1 + len(seen.containing))})
    nodes = (literal.node, *(c.node for c in seen.containing))
    for i, child in enumerate(nodes):
        twin.adopt(("anyOf", i), child)
    return Literal(twin)
