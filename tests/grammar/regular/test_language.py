"""Languages as values: finite sets, lengths and their combinations stay cheap."""

import pytest

from hermes_gguf.grammar.regular import Language, LanguageBudgetError


def test_lengths_count_code_points() -> None:
    language = Language.length(2, 3)
    assert language.contains("\U0001f600é")
    assert not language.contains("\U0001f600")
    assert not language.contains("abcd")


def test_huge_lengths_build_no_automaton() -> None:
    language = Language.length(0, 10_000_000) & Language.length(5, None)
    assert language.contains("abcde")
    assert not language.is_empty
    assert (~Language.length(5, None)).contains("abcd")
    assert (language & Language.length(20_000_000, None)).is_empty
    assert language | Language.length(0, 4) == Language.length(0, 10_000_000)


@pytest.mark.parametrize(
    ("language", "empty", "finite"),
    [
        (Language.any(), False, False),
        (Language.nothing(), True, True),
        (Language.of([]), True, True),
        (Language.of(["a"]) & Language.length(2, None), True, True),
        (Language.of(["a", "bb"]) & ~Language.of(["a"]), False, True),
        (~Language.of(["a"]), False, False),
        (Language.length(3, 2), True, True),
        (Language.length(0, 3), False, True),
        (Language.from_pattern("^a{3}$"), False, True),
        (Language.from_pattern("^a+$"), False, False),
        (Language.from_pattern("^a+$") & Language.from_pattern("^b+$"), True, True),
        (Language.from_pattern("^a+$") & Language.length(0, 2), False, True),
        (Language.from_pattern("^a{5}$") & Language.length(0, 2), True, True),
        (Language.from_pattern("^(aaa)*$") & Language.length(1000, 1001), True, True),
        (Language.from_pattern("^(aaa)*$") & Language.length(1000, 1002), False, True),
        (~Language.of([""]) & Language.length(0, 0), True, True),
    ],
)
def test_emptiness_and_finiteness(
    language: Language, empty: bool, finite: bool
) -> None:
    assert language.is_empty == empty
    assert language.is_finite == finite


def test_strings_come_shortest_first_or_not_at_all() -> None:
    language = Language.from_pattern("^(a|bc?)$")
    assert language.strings(3) == ["a", "b", "bc"]
    assert language.strings(2) is None
    assert Language.any().strings(100) is None
    assert Language.length(0, 0).strings(1) == [""]


def test_thousands_of_excluded_keys_stay_a_set() -> None:
    keys = [f"key-{i}" for i in range(3000)]
    rest = ~Language.of(keys)
    assert not rest.contains("key-17")
    assert rest.contains("key-")
    assert (rest | Language.of(["key-17"])).contains("key-17")
    assert (rest & Language.of(["key-1", "x"])).strings(5) == ["x"]


def test_equal_languages_are_equal_values_and_hash_alike() -> None:
    first = Language.from_pattern("^(ab|ac)*$")
    second = Language.from_pattern("^(a(b|c))*$")
    assert first == second
    assert hash(first) == hash(second)


def test_bounds_that_a_pattern_keeps_anyway_vanish() -> None:
    uuid = Language.from_pattern("^[0-9a-f]{32}$")
    assert uuid & Language.length(32, 32) == uuid
    assert uuid & Language.length(1, 255) == uuid


def test_a_lone_surrogate_is_no_text() -> None:
    assert not Language.any().contains("\ud800")
    assert Language.of(["\ud800"]).is_empty


def test_a_long_bound_on_a_complex_pattern_is_over_budget() -> None:
    words = Language.from_pattern("^[a-z]+(-[a-z]+)*$") & Language.length(0, 30_000)
    assert words.contains("a-b")
    assert not words.is_empty
    with pytest.raises(LanguageBudgetError):
        _ = words.graph
