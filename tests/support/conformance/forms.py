"""The spellings of one document that count as the same: order of keys, 1.0 or 1.

A grammar writes keys in schema order; a document that a person wrote may not. It
counts as accepted when it is accepted as it stands or with its keys put in order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from hermes_gguf.errors import SchemaError
from hermes_gguf.grammar.schema.conjunctions import REFERENCES
from hermes_gguf.grammar.schema.documents import Library
from hermes_gguf.grammar.schema.nodes import Node

_LATER = ("anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies")


def spellings(document: Any, library: Library | None) -> Iterator[str]:
    """The JSON texts for one document; with a library, also in schema order."""
    seen = set()
    candidates = [document]
    if library is not None:
        candidates.append(in_schema_order(document, library))
    for candidate in candidates:
        for value in (candidate, _shortened(candidate)):
            text = json.dumps(value, ensure_ascii=False)
            if text not in seen:
                seen.add(text)
                yield text


def _shortened(value: Any) -> Any:
    """Floats without a fraction as integers."""
    if isinstance(value, dict):
        return {k: _shortened(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_shortened(v) for v in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


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
    later: list[Node] = []

    def visit(node: Node) -> None:
        if node in found:
            return
        found[node] = None
        for keyword in _keywords(node):
            if keyword in REFERENCES:
                try:
                    visit(node.library.resolve(node, keyword))
                except SchemaError:
                    continue
            elif keyword == "allOf":
                for child in node.each("allOf"):
                    visit(child)
            elif keyword in _LATER:
                later.extend(_children(node, keyword))

    pending = list(nodes)
    while pending:
        for node in pending:
            visit(node)
        pending, later[:] = list(later), []
        pending = [n for n in pending if n not in found]
    return list(found)


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
