"""The keywords for arrays, each as facts: what it says, and what its denial says.

One function per keyword. How keywords are combined is the business of `conjunctions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...errors import SchemaError
from .facts import Contains, Fact, Item, Rest, Size, Unique
from .nodes import RELAXED, Literal, Node

Facts = tuple[Fact, ...]


def n_prefix_items(node: Node) -> int:
    """How many items have a schema of their own, by their place."""
    assert node.keywords is not None
    prefix = node.keywords.get("prefixItems")
    items = node.keywords.get("items")
    for value in (prefix, items):
        if isinstance(value, list):
            return len(value)
    return 0


def _items(node: Node, value: object) -> Facts:
    if isinstance(value, list):
        if not node.resource.dialect.has_tuple_items:
            raise SchemaError(
                "a list of schemas is called prefixItems in this dialect",
                pointer=node.where("items"),
                keyword="items",
            )
        return _prefix("items", node, value)
    return (Rest(n_prefix_items(node), Literal(node.at("items"))),)


def _not_items(node: Node, value: object) -> Iterator[Facts]:
    if isinstance(value, list):
        yield from _not_prefix("items", node, value)
    else:
        literal = Literal(node.at("items"), False)
        start = n_prefix_items(node)
        yield (Contains(start, literal, 1, None, node.where("items")),)


def _prefix(keyword: str, node: Node, value: list[object]) -> Facts:
    return tuple(Item(i, Literal(node.at(keyword, i))) for i in range(len(value)))


def _not_prefix(keyword: str, node: Node, value: list[object]) -> Iterator[Facts]:
    for i in range(len(value)):
        size = Size(i + 1, None, node.where(keyword))
        yield (size, Item(i, Literal(node.at(keyword, i), False)))


def _prefix_items(node: Node, value: list[object]) -> Facts:
    return _prefix("prefixItems", node, value)


def _not_prefix_items(node: Node, value: list[object]) -> Iterator[Facts]:
    return _not_prefix("prefixItems", node, value)


def _additional(node: Node, value: object) -> Facts:
    assert node.keywords is not None
    if not isinstance(node.keywords.get("items"), list):
        return ()
    return (Rest(n_prefix_items(node), Literal(node.at("additionalItems"))),)


def _not_additional(node: Node, value: object) -> Iterator[Facts]:
    assert node.keywords is not None
    if isinstance(node.keywords.get("items"), list):
        literal = Literal(node.at("additionalItems"), False)
        where = node.where("additionalItems")
        yield (Contains(n_prefix_items(node), literal, 1, None, where),)


def _bounds(node: Node) -> tuple[int, int | None]:
    assert node.keywords is not None
    low = node.keywords.get("minContains", 1)
    high = node.keywords.get("maxContains")
    if high is RELAXED:
        high = None
    return 0 if low is RELAXED else int(low), None if high is None else int(high)


def _contains(node: Node, value: object) -> Facts:
    low, high = _bounds(node)
    if low == 0 and high is None:
        return ()
    literal = Literal(node.at("contains"))
    return (Contains(0, literal, low, high, node.where("contains")),)


def _not_contains(node: Node, value: object) -> Iterator[Facts]:
    low, high = _bounds(node)
    literal = Literal(node.at("contains"))
    if low > 0:
        yield (Contains(0, literal, 0, low - 1, node.where("contains")),)
    if high is not None:
        yield (Contains(0, literal, high + 1, None, node.where("contains")),)


def _min_items(node: Node, value: float) -> Facts:
    return (Size(int(value), None, node.where("minItems")),)


def _not_min_items(node: Node, value: float) -> Iterator[Facts]:
    if value > 0:
        yield (Size(0, int(value) - 1, node.where("minItems")),)


def _max_items(node: Node, value: float) -> Facts:
    return (Size(0, int(value), node.where("maxItems")),)


def _not_max_items(node: Node, value: float) -> Iterator[Facts]:
    yield (Size(int(value) + 1, None, node.where("maxItems")),)


def _unique(node: Node, value: bool) -> Facts:
    return (Unique(True, node.where("uniqueItems")),) if value else ()


def _not_unique(node: Node, value: bool) -> Iterator[Facts]:
    if value:
        yield (Unique(False, node.where("uniqueItems")),)


#: Keyword → (its facts, the alternatives of its denial).
ARRAY_KEYWORDS: dict[
    str, tuple[Callable[..., Facts], Callable[..., Iterator[Facts]]]
] = {
    "prefixItems": (_prefix_items, _not_prefix_items),
    "items": (_items, _not_items),
    "additionalItems": (_additional, _not_additional),
    "contains": (_contains, _not_contains),
    "minItems": (_min_items, _not_min_items),
    "maxItems": (_max_items, _not_max_items),
    "uniqueItems": (_unique, _not_unique),
}
