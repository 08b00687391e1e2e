"""What must not hold, as alternatives: the ways in which a schema can be broken.

Denials are pushed inward (¬(a ∧ b) is ¬a ∨ ¬b), so nothing is ever complemented as a
whole: one of the keywords is broken, and each says in which ways. The expander, which
knows what holds, is asked in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...errors import UnsupportedSchemaError
from .alternatives import FALSE, TRUE, Alternatives, tidy
from .array_facts import ARRAY_KEYWORDS
from .branches import (
    allows,
    children,
    has_relaxed_bounds,
    tag_facts,
    values_of_kind,
    view,
)
from .evaluated import UNEVALUATED
from .facts import Conjunction, Contains, Fact, Others, Some
from .nodes import REFERENCES, RELAXED, Literal, Node
from .object_facts import OBJECT_KEYWORDS, present

if TYPE_CHECKING:
    from .conjunctions import Expander

#: The keywords of each type, see `object_facts` and `array_facts`.
KEYWORDS = {"object": OBJECT_KEYWORDS, "array": ARRAY_KEYWORDS}


def refute(expander: Expander, node: Node, kind: str) -> Alternatives:
    """The alternatives in which a value of the kind breaks the schema at the node.

    Raises:
        UnsupportedSchemaError: they cannot be told.
        SchemaBudgetError: there are too many.
    """
    keywords = node.keywords
    assert keywords is not None
    if not allows(node, kind):
        return TRUE
    result: Alternatives = []
    for keyword, value in keywords.items():
        if value is RELAXED:
            return TRUE
        result.extend(_refute_keyword(expander, node, kind, keyword))
    if UNEVALUATED[kind] in keywords:
        result.extend(_refute_unevaluated(expander, node, kind))
    if kind == "object" and len(result) > 1:
        result = _split_by_tags(expander, node, result)
    return tidy(result, node, "not")


def _split_by_tags(
    expander: Expander, node: Node, broken: Alternatives
) -> Alternatives:
    """Either a tag is wrong, or all tags are right and something else is broken.

    The same set, but denials of branches that differ in their tags then exclude
    each other, so that combining ten of them is no explosion.
    """
    right, wrong = tag_facts(node)
    if not wrong:
        return broken
    others = expander.conjoin([Conjunction(right)], broken, "object", node)
    return wrong + others


def _refute_keyword(
    expander: Expander, node: Node, kind: str, keyword: str
) -> Iterator[Conjunction]:
    assert node.keywords is not None
    if keyword in KEYWORDS[kind]:
        if keyword == "contains" and has_relaxed_bounds(node):
            yield Conjunction()
            return
        _, denials = KEYWORDS[kind][keyword]
        for facts in denials(node, node.keywords[keyword]):
            yield Conjunction(facts)
    if keyword == "allOf" or keyword in REFERENCES:
        for child in children(node, keyword):
            yield from expander.expand(Literal(child, False), kind)
    elif keyword == "anyOf":
        yield from _none_of(expander, node.each("anyOf"), kind)
    elif keyword == "oneOf":
        yield from _not_exactly_one(expander, node, kind)
    elif keyword == "not":
        yield from expander.expand(Literal(node.at("not")), kind)
    elif keyword in ("if", "enum", "const", "dependencies", "dependentSchemas"):
        yield from _refute_choice(expander, node, kind, keyword)


def _none_of(expander: Expander, nodes: Iterable[Node], kind: str) -> Alternatives:
    return expander.expand_goal(tuple(Literal(n, False) for n in nodes), kind)


def _refute_choice(
    expander: Expander, node: Node, kind: str, keyword: str
) -> Iterator[Conjunction]:
    keywords = node.keywords
    assert keywords is not None
    if keyword in ("enum", "const"):
        yield from _none_of(expander, values_of_kind(node, kind, keyword), kind)
    elif keyword == "if":
        for holds, branch in ((True, "then"), (False, "else")):
            if branch in keywords:
                condition = Literal(node.at("if"), holds)
                if keywords[branch] is RELAXED:
                    yield from expander.expand(condition, kind)
                else:
                    goal = (condition, Literal(node.at(branch), False))
                    yield from expander.expand_goal(goal, kind)
    elif kind == "object":
        for key, entry in keywords[keyword].items():
            if isinstance(entry, dict | bool):
                there = Conjunction((present(node, keyword, key),))
                child = Literal(node.at(keyword, key), False)
                held = expander.expand(child, "object")
                yield from expander.conjoin([there], held, "object", node)


def _not_exactly_one(
    expander: Expander, node: Node, kind: str
) -> Iterator[Conjunction]:
    none: Alternatives = TRUE
    one: Alternatives = FALSE
    many: Alternatives = FALSE
    for child in node.each("oneOf"):
        yes = expander.expand(Literal(child), kind)
        no = expander.expand(Literal(child, False), kind)
        many = tidy(many + expander.conjoin(one, yes, kind, node), node, "oneOf")
        still = expander.conjoin(one, no, kind, node)
        one = still + expander.conjoin(none, yes, kind, node)
        none = expander.conjoin(none, no, kind, node)
    yield from none
    yield from many


def _refute_unevaluated(
    expander: Expander, node: Node, kind: str
) -> Iterator[Conjunction]:
    keywords = node.keywords
    assert keywords is not None
    keyword = UNEVALUATED[kind]
    rest = {k: v for k, v in keywords.items() if k != keyword}
    without = view(node, rest)
    literal = Literal(node.at(keyword), False)
    where = node.where(keyword)
    for held in expander.expand(Literal(without), kind, tracked=True):
        seen = held.evaluated
        if seen.everything:
            continue
        fact: Fact
        if kind == "object":
            fact = Some(Others(seen.keys, seen.patterns), literal, where)
        elif seen.containing:
            raise UnsupportedSchemaError(
                "its denial depends on contains", pointer=where, keyword=keyword
            )
        else:
            fact = Contains(seen.n_items, literal, 1, None, where)
        yield from expander.conjoin([held], [Conjunction((fact,))], kind, node)
