"""Which keys must, may and must not be there together: formulas over presence.

A formula is in disjunctive form: one of its terms must hold, and a term says of some
keys whether they are present. `required`, `dependentRequired` and any combination of
them by anyOf, oneOf, not and if become such formulas; values play no part here.
"""

from __future__ import annotations

from collections.abc import Iterable

#: (key, is it present?)
Mark = tuple[str, bool]
Term = frozenset[Mark]
#: One of the terms holds. The empty formula never holds.
Formula = frozenset[Term]

ALWAYS: Formula = frozenset({frozenset()})
NEVER: Formula = frozenset()


def all_of(marks: Iterable[Mark]) -> Formula:
    """Every one of the marks holds."""
    return frozenset({frozenset(marks)})


def any_of(marks: Iterable[Mark]) -> Formula:
    """At least one of the marks holds."""
    return frozenset(frozenset({mark}) for mark in marks)


def conjoin(a: Formula, b: Formula) -> Formula:
    """Both formulas hold."""
    terms = (x | y for x in a for y in b)
    return _absorb(t for t in terms if not is_contradiction(t))


def disjoin(formulas: Iterable[Formula]) -> Formula:
    """One of the formulas holds."""
    return _absorb(term for formula in formulas for term in formula)


def is_contradiction(term: Term) -> bool:
    """Whether the term wants a key both present and absent."""
    return len({key for key, _ in term}) < len(term)


def _absorb(terms: Iterable[Term]) -> Formula:
    """Without terms that another one makes superfluous, opposite ones merged."""
    todo = set(terms)
    merged = True
    while merged and len(todo) <= 64:
        merged = False
        for term in todo:
            for key, present in term:
                rest = term - {(key, present)}
                if rest | {(key, not present)} in todo:
                    todo.add(rest)
                    todo = {t for t in todo if t == rest or not rest <= t}
                    merged = True
                    break
            if merged:
                break
    kept: list[Term] = []
    for term in sorted(todo, key=len):
        if not any(other <= term for other in kept):
            kept.append(term)
    return frozenset(kept)


def decide(formula: Formula, key: str, present: bool) -> Formula:
    """What is left of the formula once it is known whether the key is there."""
    left = set()
    for term in formula:
        if (key, not present) in term:
            continue
        left.add(term - {(key, present)})
    return ALWAYS if frozenset() in left else frozenset(left)


def keys_of(formula: Formula) -> list[str]:
    """The keys that the formula speaks about, sorted."""
    return sorted({key for term in formula for key, _ in term})
