"""The keywords for objects, each as facts: what it says, and what its denial says.

One function per keyword. A denial is a list of alternatives, for an object can break
a keyword in several ways. How keywords are combined is the business of `conjunctions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .facts import (
    Every,
    Explicit,
    Fact,
    KeyClass,
    Matching,
    Named,
    Others,
    Presence,
    Prop,
    Size,
    Some,
)
from .nodes import Literal, Node
from .presence import Formula, Mark, all_of, any_of

Facts = tuple[Fact, ...]


def _presence(node: Node, keyword: str, formula: Formula, *keys: str) -> Presence:
    return Presence(formula, node.where(keyword), order=keys)


def present(node: Node, keyword: str, key: str) -> Presence:
    """The fact that this key is there."""
    return _presence(node, keyword, all_of([(key, True)]), key)


def absent(node: Node, keyword: str, key: str) -> Presence:
    """The fact that this key is not there."""
    return _presence(node, keyword, all_of([(key, False)]))


def other_keys(node: Node) -> Others:
    """The keys that `additionalProperties` is about."""
    assert node.keywords is not None
    properties = node.keywords.get("properties", {})
    patterns = node.keywords.get("patternProperties", {})
    return Others(frozenset(properties), frozenset(patterns))


def _properties(node: Node, value: dict[str, object]) -> Facts:
    return tuple(Prop(key, Literal(node.at("properties", key))) for key in value)


def _not_properties(node: Node, value: dict[str, object]) -> Iterator[Facts]:
    for key in value:
        literal = Literal(node.at("properties", key), False)
        yield (present(node, "properties", key), Prop(key, literal))


def _patterns(node: Node, value: dict[str, object]) -> Facts:
    where = node.where("patternProperties")
    return tuple(
        Every(Matching(p), Literal(node.at("patternProperties", p)), where)
        for p in value
    )


def _not_patterns(node: Node, value: dict[str, object]) -> Iterator[Facts]:
    where = node.where("patternProperties")
    for pattern in value:
        literal = Literal(node.at("patternProperties", pattern), False)
        yield (Some(Matching(pattern), literal, where),)


def _additional(node: Node, value: object) -> Facts:
    where = node.where("additionalProperties")
    literal = Literal(node.at("additionalProperties"))
    return (Every(other_keys(node), literal, where), Explicit())


def _not_additional(node: Node, value: object) -> Iterator[Facts]:
    where = node.where("additionalProperties")
    literal = Literal(node.at("additionalProperties"), False)
    others = other_keys(node)
    # Whatever they hold: named, so that none of them counts as one of the others.
    anything = Literal(node.library.anything)
    known = tuple(Prop(key, anything) for key in sorted(others.keys))
    yield (Some(others, literal, where), *known)


def _misnamed(node: Node) -> KeyClass:
    return Named(Literal(node.at("propertyNames"), False))


def _names(node: Node, value: object) -> Facts:
    nothing = Literal(node.library.anything, False)
    return (Every(_misnamed(node), nothing, node.where("propertyNames")),)


def _not_names(node: Node, value: object) -> Iterator[Facts]:
    anything = Literal(node.library.anything)
    yield (Some(_misnamed(node), anything, node.where("propertyNames")),)


def _required(node: Node, value: list[str]) -> Facts:
    formula = all_of((key, True) for key in value)
    return (_presence(node, "required", formula, *value),)


def _not_required(node: Node, value: list[str]) -> Iterator[Facts]:
    yield (_presence(node, "required", any_of((key, False) for key in value)),)


def _min_properties(node: Node, value: float) -> Facts:
    return (Size(int(value), None, node.where("minProperties")),)


def _not_min_properties(node: Node, value: float) -> Iterator[Facts]:
    if value > 0:
        yield (Size(0, int(value) - 1, node.where("minProperties")),)


def _max_properties(node: Node, value: float) -> Facts:
    return (Size(0, int(value), node.where("maxProperties")),)


def _not_max_properties(node: Node, value: float) -> Iterator[Facts]:
    yield (Size(int(value) + 1, None, node.where("maxProperties")),)


def needed_keys(value: object) -> list[str]:
    """The keys of one entry of `dependentRequired`; empty for a schema."""
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, list) else []


def _dependent(keyword: str) -> Callable[[Node, dict[str, object]], Facts]:
    def facts(node: Node, value: dict[str, object]) -> Facts:
        found: list[Fact] = []
        for key, entry in value.items():
            needed = needed_keys(entry)
            if needed:
                formula: Formula = frozenset(
                    {
                        frozenset({(key, False)}),
                        frozenset((other, True) for other in needed),
                    }
                )
                found.append(_presence(node, keyword, formula, *needed))
        return tuple(found)

    return facts


def _not_dependent(
    keyword: str,
) -> Callable[[Node, dict[str, object]], Iterator[Facts]]:
    def alternatives(node: Node, value: dict[str, object]) -> Iterator[Facts]:
        for key, entry in value.items():
            for other in needed_keys(entry):
                marks: list[Mark] = [(key, True), (other, False)]
                if other != key:
                    yield (_presence(node, keyword, all_of(marks), key),)

    return alternatives


#: Keyword → (its facts, the alternatives of its denial).
OBJECT_KEYWORDS: dict[
    str, tuple[Callable[..., Facts], Callable[..., Iterator[Facts]]]
] = {
    "properties": (_properties, _not_properties),
    "patternProperties": (_patterns, _not_patterns),
    "additionalProperties": (_additional, _not_additional),
    "propertyNames": (_names, _not_names),
    "required": (_required, _not_required),
    "minProperties": (_min_properties, _not_min_properties),
    "maxProperties": (_max_properties, _not_max_properties),
    "dependentRequired": (
        _dependent("dependentRequired"),
        _not_dependent("dependentRequired"),
    ),
    "dependencies": (_dependent("dependencies"), _not_dependent("dependencies")),
}
