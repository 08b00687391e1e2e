"""Lists of alternatives: one of the conjunctions holds.

Knows when alternatives are the same, and when they differ only in which keys are
present, so that they can be one.
"""

from __future__ import annotations

from ...errors import SchemaBudgetError
from .budget import MAX_ALTERNATIVES
from .facts import (
    UNSEEN,
    Conjunction,
    Evaluated,
    Fact,
    Presence,
)
from .nodes import Node
from .presence import ALWAYS, Formula, conjoin, disjoin

Alternatives = list[Conjunction]

TRUE: Alternatives = [Conjunction()]
FALSE: Alternatives = []


def tidy(found: Alternatives, node: Node, keyword: str) -> Alternatives:
    """Equal alternatives once; those that differ in presence only, merged.

    Raises:
        SchemaBudgetError: there are too many, because of `keyword` at `node`.
    """
    if len(found) < 2:
        return found
    groups: dict[tuple[tuple[Fact, ...], Evaluated], list[Conjunction]] = {}
    for each in found:
        rest = tuple([f for f in each.facts if type(f) is not Presence])
        groups.setdefault((rest, each.evaluated), []).append(each)
    if any(not c.facts for c in groups.get(((), UNSEEN), ())):
        if all(evaluated == UNSEEN for _, evaluated in groups):
            return TRUE
    result = [_merge_presence(*key, group) for key, group in groups.items()]
    if len(result) > MAX_ALTERNATIVES:
        raise SchemaBudgetError(
            f"there are more than {MAX_ALTERNATIVES} alternatives",
            pointer=node.where(keyword),
            keyword=keyword,
        )
    return result


def _merge_presence(
    rest: tuple[Fact, ...], evaluated: Evaluated, group: list[Conjunction]
) -> Conjunction:
    if len(group) == 1:
        return group[0]
    formulas: list[Formula] = []
    order: dict[str, None] = {}
    origin = ""
    for each in group:
        formula = ALWAYS
        for fact in each.facts:
            if isinstance(fact, Presence):
                formula = conjoin(formula, fact.formula)
                order.update(dict.fromkeys(fact.order))
                origin = origin or fact.origin
        formulas.append(formula)
    merged = disjoin(formulas)
    if merged == ALWAYS:
        return Conjunction(rest, evaluated)
    return Conjunction((*rest, Presence(merged, origin, tuple(order))), evaluated)
