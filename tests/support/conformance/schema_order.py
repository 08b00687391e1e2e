"""A document with its keys in the order in which a schema declares them.

A grammar writes keys in schema order; a document that a person wrote may not. The
order of a key is that of its first declaration, conjunctions before alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hermes_gguf.errors import SchemaError
from hermes_gguf.grammar.schema.documents import Library
from hermes_gguf.grammar.schema.nodes import REFERENCES, Node

_LATER = ("anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies")


def in_schema_order(document: Any, library: Library) -> Any:
    """The document with the keys of each object in the order of the schema."""
    return _ordered(document, [library.root])


def _ordered(value: Any, nodes: list[Node]) -> Any:
    if not isinstance(value, dict | list):
        return value
    nodes = _in_place(nodes)
    if isinstance(value, list):
        return [_ordered(v, _of_item(nodes, i)) for i, v in enumerate(value)]
    order: dict[str, None] = {}
    for node in nodes:
        order.update(dict.fromkeys(_keywords(node).get("properties", {})))
    for node in nodes:
        order.update(dict.fromkeys(_keywords(node).get("required", ())))
        needed = _keywords(node).get("dependencies", {})
        for key, others in needed.items():
            order.update(dict.fromkeys([*_names(others), key]))
    keys = [k for k in order if k in value] + [k for k in value if k not in order]
    return {key: _ordered(value[key], _of_key(nodes, key)) for key in keys}


def _names(value: Any) -> list[str]:
    return value if isinstance(value, list) else []


def _keywords(node: Node) -> dict[str, Any]:
    return dict(node.keywords or {})


def _in_place(nodes: list[Node]) -> list[Node]:
    """All subschemas that look at the same value, conjunctions first."""
    found: dict[Node, None] = {}
    pending = list(nodes)
    while pending:
        later: list[Node] = []
        for node in pending:
            _visit(node, found, later)
        pending = [node for node in later if node not in found]
    return list(found)


def _visit(node: Node, found: dict[Node, None], later: list[Node]) -> None:
    if node in found:
        return
    found[node] = None
    for keyword in _keywords(node):
        if keyword in _LATER:
            later.extend(_children(node, keyword))
        for child in _conjuncts(node, keyword):
            _visit(child, found, later)


def _conjuncts(node: Node, keyword: str) -> list[Node]:
    if keyword == "allOf":
        return list(node.each("allOf"))
    if keyword not in REFERENCES:
        return []
    try:
        return [node.library.resolve(node, keyword)]
    except SchemaError:
        return []


def _children(node: Node, keyword: str) -> Iterator[Node]:
    value = _keywords(node)[keyword]
    if keyword in ("if", "then", "else"):
        yield node.at(keyword)
    elif isinstance(value, list):
        yield from node.each(keyword)
    else:
        for key, entry in value.items():
            if isinstance(entry, dict):
                yield node.at(keyword, key)


def _of_key(nodes: list[Node], key: str) -> list[Node]:
    found = []
    for node in nodes:
        keywords = _keywords(node)
        known = False
        if key in keywords.get("properties", {}):
            found.append(node.at("properties", key))
            known = True
        for pattern in keywords.get("patternProperties", {}):
            if _matches(pattern, key):
                found.append(node.at("patternProperties", pattern))
                known = True
        if not known and "additionalProperties" in keywords:
            found.append(node.at("additionalProperties"))
    return found


def _matches(pattern: str, key: str) -> bool:
    try:
        return re.search(pattern, key) is not None
    except re.error:
        return False


def _of_item(nodes: list[Node], index: int) -> list[Node]:
    found = []
    for node in nodes:
        keywords = _keywords(node)
        prefix = next(
            (k for k in ("prefixItems", "items") if isinstance(keywords.get(k), list)),
            None,
        )
        n_places = len(keywords[prefix]) if prefix else 0
        if prefix and index < n_places:
            found.append(node.at(prefix, index))
        elif isinstance(keywords.get("items"), dict):
            found.append(node.at("items"))
        elif "additionalItems" in keywords and prefix == "items":
            found.append(node.at("additionalItems"))
        if "contains" in keywords:
            found.append(node.at("contains"))
    return found
