"""Sets of numbers: exact algebra, and texts whose values are exactly the members."""

import json
import random
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.gbnf import GrammarBuilder
from hermes_gguf.grammar.number_text import number_language
from hermes_gguf.grammar.numeric import NumberSet, emit_number
from hermes_gguf.grammar.regular import LanguageBudgetError

from ..support.llama_grammar import LlamaGrammar

ALL, INTEGERS = NumberSet.all(), NumberSet.integers()
BIG = 98249283749234923498293171823948729348710298301928331


def number_automaton(numbers: NumberSet) -> Automaton:
    builder = GrammarBuilder()
    return Automaton(builder.build(emit_number(numbers, builder, "number")))


def between(low: float, high: float) -> NumberSet:
    return NumberSet.at_least(low) & NumberSet.at_most(high)


TABLE = [
    (ALL, f"0 -0 1.5 1e5 -1.25E+10 1e308 10e-3 {BIG}", "01 +1 .5"),
    (INTEGERS, f"0 -7 12 1.0 -3.00 1e5 1.5e+16 1e+308 {BIG} -{BIG}", "1.5 1. 1.5e3 e5"),
    (INTEGERS & between(0, 65535), "0 9 65535 65535.0 1000", "65536 -1 1.5 99999 00"),
    (INTEGERS & between(-12, 5), "-12 -9 -0 0 5", "-13 6 -12.5"),
    (INTEGERS & NumberSet.at_least(1), f"1 10 {BIG} 1e+20", "0 -1 0.5 1e-20"),
    (between(0, 1), "0 1 0.5 1.0 1e-05 9.99e-1 0.000", "1.01 -0.1 1e1 2 1.1e+0"),
    (NumberSet.at_least(0, exclusive=True), "0.001 5 1e-300 0.5e3", "0 0.0 -1 0e5"),
    (NumberSet.at_least(-0.5) & ALL, "-0.5 -0.49 0 -4.9e-1", "-0.51 -1 -1e5"),
    (NumberSet.at_most(-1.1, exclusive=True), "-1.11 -2 -1e10", "-1.1 -1 0 1"),
    (between(0, 99999999999.99), "0.01 99999999999.99 5e+10", "99999999999.991 1e+12"),
    (between(-90, 90), "-90 90.0 89.999 -8.9e1", "90.1 -91 1e2"),
    (NumberSet.multiples(0.01), "0.01 -19.99 5 1.10 1e+22", "0.001 1.115 1e-3"),
    (NumberSet.multiples(0.0001), "0.0075 1", "0.00751"),
    (NumberSet.multiples(1e-8) & INTEGERS, "12391239123", "1.5"),
    (NumberSet.multiples(7), "0 7 -14 21.0 700", "1 8 -15 7.5"),
    (NumberSet.multiples(2.5) & INTEGERS, "0 5 -10 15.0", "2.5 3 7.5"),
    (NumberSet.multiples(256) & NumberSet.at_least(1024), "1024 1280", "256 1025"),
    (NumberSet.multiples(1000), "0 1000 -23000", "100 1001"),
    (~INTEGERS, "0.5 -1.25 1e-5", "1 1.0 0 1e5 1.5e+300"),
    (~NumberSet.of([1, 2.5]), "0 1.01 2 3", "1 1.0 2.5 2.50"),
    (NumberSet.of([3, -0.25]), "3 3.0 -0.25 -0.250", "0.25 4"),
    (INTEGERS & NumberSet.at_least(BIG), f"{BIG} {BIG + 1}", f"{BIG - 1} 5"),
]  # fmt: skip


@pytest.mark.parametrize(("numbers", "accepted", "rejected"), TABLE)
def test_texts_are_accepted_by_their_value(
    numbers: NumberSet, accepted: str, rejected: str
) -> None:
    automaton = number_automaton(numbers)
    assert [t for t in accepted.split() if not automaton.accepts(t)] == []
    assert [t for t in rejected.split() if automaton.accepts(t)] == []


@pytest.mark.parametrize(("numbers", "accepted", "rejected"), TABLE)
def test_llama_cpp_reads_the_same_numbers(
    numbers: NumberSet, accepted: str, rejected: str, llama: LlamaGrammar
) -> None:
    builder = GrammarBuilder()
    gbnf = builder.build(emit_number(numbers, builder, "number")).to_gbnf()
    automaton = number_automaton(numbers)
    for text in ["0", "1", "-1", "9.1", "10", "0.19", "-0.9", "1000"]:
        places = llama.walk(gbnf, text)
        assert places is not None
        accepted_there = len(places) == len(text) + 1 and places[-1].may_end
        assert accepted_there == automaton.accepts(text)


_VALUES = st.one_of(
    st.integers(-30, 30),
    st.integers(-(10**18), 10**18),
    st.decimals(-20, 20, places=2).map(float),
    st.sampled_from([1e-7, 1.5e300, -1e20, 3e-300, 0.1, 1e16, 99999999999.99]),
)
_STEPS = st.sampled_from([1, 2, 3, 7, 0.5, 0.1, 0.01, 2.5, 10, 12])
_SIMPLE = st.one_of(
    st.just(ALL),
    st.just(INTEGERS),
    st.builds(NumberSet.at_least, _VALUES, exclusive=st.booleans()),
    st.builds(NumberSet.at_most, _VALUES, exclusive=st.booleans()),
    st.builds(NumberSet.multiples, _STEPS),
    st.lists(_VALUES, max_size=3).map(NumberSet.of),
)
SETS = st.recursive(
    _SIMPLE,
    lambda inner: st.one_of(
        st.builds(NumberSet.__and__, inner, inner),
        st.builds(NumberSet.__or__, inner, inner),
        st.builds(NumberSet.__invert__, inner),
    ),
    max_leaves=4,
)


@settings(max_examples=200)
@given(SETS, SETS, st.lists(_VALUES, max_size=20))
def test_the_operators_are_those_of_sets(
    a: NumberSet, b: NumberSet, values: list[float]
) -> None:
    for value in values:
        in_a, in_b = a.contains(value), b.contains(value)
        assert (a & b).contains(value) == (in_a and in_b)
        assert (a | b).contains(value) == (in_a or in_b)
        assert (a - b).contains(value) == (in_a and not in_b)
        assert (~a).contains(value) == (not in_a)


_TEXTS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,4})(\.[0-9]{1,3})?([eE][+-]?[0-9])?", fullmatch=True
)


@settings(max_examples=200)
@given(SETS, st.lists(_VALUES, max_size=20), st.lists(_TEXTS, max_size=20))
def test_a_text_is_accepted_only_with_a_member_and_every_plain_member_is(
    numbers: NumberSet, values: list[float], texts: list[str]
) -> None:
    try:
        language = number_language(numbers)
    except LanguageBudgetError:
        return
    for text in (*map(json.dumps, values), *texts):
        is_member = numbers.contains(Decimal(text))
        if language.contains(text):
            assert is_member, text
        elif is_member and "e" not in text.lower():
            fraction = text.partition(".")[2]
            spare = len(fraction) - len(fraction.rstrip("0"))
            assert text.startswith("-0") or spare >= 3, text


@pytest.mark.parametrize("places", [0, 3, 17])
def test_floats_as_programs_print_them_are_accepted_in_a_range(places: int) -> None:
    chance = random.Random(places)
    numbers = NumberSet.at_least(-1e10) & NumberSet.at_most(12345.678)
    language = number_language(numbers)
    for _ in range(500):
        mantissa = round(chance.uniform(-10, 10), places)
        value = float(f"{mantissa}e{chance.randint(-30, 12)}")
        if value != 0:
            assert language.contains(repr(value)) == numbers.contains(value), value


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (INTEGERS & between(1, 4), [1, 2, 3, 4]),
        (NumberSet.multiples(0.5) & between(0, 1), [0, Fraction(1, 2), 1]),
        (NumberSet.of([2, 1.5]), [Fraction(3, 2), 2]),
        ((INTEGERS & between(1, 5)) - NumberSet.multiples(2), [1, 3, 5]),
        (INTEGERS & between(1, 1000), None),
        (between(0, 1), None),
        (between(2, 1), []),
        (INTEGERS & between(0.2, 0.8), []),
    ],
)
def test_small_sets_list_their_members(
    numbers: NumberSet, expected: list[Fraction] | None
) -> None:
    assert numbers.values(20) == expected
    assert numbers.is_empty == (expected == [])


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("apart", [Decimal(9), Decimal("9.5"), Decimal(15)])
def test_a_number_beside_a_half_line_does_not_fill_the_gap(
    apart: Decimal, exclusive: bool
) -> None:
    below = NumberSet.at_most(4, exclusive=exclusive)
    above = NumberSet.at_least(20, exclusive=exclusive)
    for union in (NumberSet.of([apart]) | below, below | NumberSet.of([apart]) | above):
        assert union.contains(apart)
        assert union.contains(3)
        assert not union.contains(5)
        assert not union.contains(apart + 1)


def test_contradictions_are_empty() -> None:
    assert (NumberSet.at_least(1) & NumberSet.at_most(1, exclusive=True)).is_empty
    assert (INTEGERS & ~NumberSet.multiples(0.5)).is_empty
    assert (~ALL).is_empty
    assert (ALL - NumberSet.at_least(0) - NumberSet.at_most(0)).is_empty


def test_integral_values_know_it() -> None:
    assert (INTEGERS & between(0, 9)).is_integral
    assert NumberSet.multiples(3).is_integral
    assert not NumberSet.multiples(0.5).is_integral
    assert not ALL.is_integral


def test_a_huge_step_is_over_budget_instead_of_slow() -> None:
    with pytest.raises(LanguageBudgetError):
        number_language(NumberSet.multiples(0.123456789) & INTEGERS)


def test_common_sets_read_like_the_json_grammar() -> None:
    builder = GrammarBuilder()
    gbnf = builder.build(emit_number(ALL, builder, "x")).to_gbnf()
    assert gbnf.splitlines()[1] == (
        'number ::= "-"? ("0" | [1-9] [0-9]*) ("." [0-9]+)?'
        r" ([Ee] [+\-]? [0-9]{1,3})?"
    )
    digits = emit_number(INTEGERS & between(1, 5), builder, "x")
    assert re.search(r"\[1-5\]", builder.build(digits).to_gbnf())


PLAIN = {
    "integers are digits": (NumberSet.integers(), ["0", "-7", "10"], ["1.0", "1e5"]),
    "a range of integers too": (
        NumberSet.integers() & NumberSet.at_least(1) & NumberSet.at_most(14),
        ["1", "9", "14"],
        ["0", "15", "3.0", "1e1"],
    ),
    "no exponent leads to infinity": (
        NumberSet.all(),
        ["1e-9", "6.02e23", "2.50", "5e-324", "9.99e+307"],
        ["7e881", "1e308", "100e300"],
    ),
    "nor from half a line": (
        NumberSet.at_least(1),
        ["1", "2.5", "1e99", "1e+300"],
        ["0.5", "1e400"],
    ),
    "few numbers are spelled once": (
        NumberSet.of([1, 2.5, -0.0125]),
        ["1", "2.5", "-0.0125"],
        ["1.0", "2.50", "-0.01250"],
    ),
}


@pytest.mark.parametrize(("numbers", "good", "bad"), PLAIN.values(), ids=PLAIN.keys())
def test_plain_numbers_are_written_as_people_write_them(numbers, good, bad):
    builder = GrammarBuilder()
    node = emit_number(numbers, builder, "n", plain=True)
    automaton = Automaton(builder.build(node))
    assert [text for text in good if not automaton.accepts(text)] == []
    assert [text for text in bad if automaton.accepts(text)] == []
