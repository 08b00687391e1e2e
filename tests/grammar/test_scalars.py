"""Sets of characters: a normal form for each, and the operators of sets."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import example, given
from hypothesis import strategies as st

from hermes_gguf.grammar.gbnf import Chars
from hermes_gguf.grammar.gbnf_check import members_of
from hermes_gguf.grammar.scalars import (
    Ranges,
    complement,
    difference,
    intersect,
    merge,
    normalize,
    size,
    union,
)

SURROGATES = set(range(0xD800, 0xE000))
#: Code points around each border; what lies between them is in none of the sets.
NEAR = sorted(
    {0, 1, 2, 9, 0xD7FE, 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xE001, 0x10FFFE, 0x10FFFF}
)
ranges = st.lists(st.tuples(st.sampled_from(NEAR), st.sampled_from(NEAR)), max_size=5)


def points(given_ranges: Iterable[tuple[int, int]]) -> set[int]:
    """Which of the code points near a border are in one of the ranges."""
    return {n for n in NEAR if any(low <= n <= high for low, high in given_ranges)}


def is_normal(found: Ranges) -> bool:
    """Ascending, and with a gap between any two."""
    ends = [end for pair in found for end in pair]
    touch = any(a[1] + 1 == b[0] for a, b in zip(found, found[1:], strict=False))
    return ends == sorted(ends) and not touch


@given(ranges)
@example([(9, 2)])
@example([(0, 2), (9, 1)])
@example([(0xD800, 0xDFFF)])
def test_a_normal_form_has_the_same_members_but_surrogates(given_ranges) -> None:
    assert points(merge(given_ranges)) == points(given_ranges)
    assert is_normal(merge(given_ranges))
    assert points(normalize(given_ranges)) == points(given_ranges) - SURROGATES
    assert is_normal(normalize(given_ranges))


@given(ranges, ranges)
def test_the_operators_are_those_of_sets(first, second) -> None:
    a, b = normalize(first), normalize(second)
    in_a, in_b, everything = points(a), points(b), set(NEAR) - SURROGATES
    assert points(union(a, b)) == in_a | in_b
    assert points(intersect(a, b)) == in_a & in_b
    assert points(difference(a, b)) == in_a - in_b
    assert points(complement(a)) == everything - in_a
    assert size(a) + size(complement(a)) == 0x110000 - len(SURROGATES)
    for found in (union(a, b), intersect(a, b), difference(a, b), complement(a)):
        assert is_normal(found)


@given(ranges, st.booleans())
def test_a_class_of_a_grammar_has_these_members_or_all_others(
    given_ranges, negated
) -> None:
    asked = set(NEAR) - points(given_ranges) if negated else points(given_ranges)
    found = members_of(Chars(tuple(given_ranges), negated))
    assert points(found) == asked - SURROGATES
