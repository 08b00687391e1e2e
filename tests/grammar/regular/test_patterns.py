"""ECMA-262 regular expressions as languages: what is in, out, or refused."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hermes_gguf.grammar.regular import (
    Language,
    LanguageBudgetError,
    PatternSyntaxError,
    UnsupportedPatternError,
)
from hermes_gguf.grammar.regular.nfa import build_nfa
from hermes_gguf.grammar.regular.regex import parse_regex

from .comparing import are_equal

TABLE = [
    ("a", ["a", "cab"], ["", "b"]),
    ("^a", ["a", "ab"], ["ba"]),
    ("a$", ["a", "ba"], ["ab", "a\n"]),
    ("^dev|beta$", ["dev", "develop", "a beta"], ["my dev", "beta2"]),
    ("^(http)|(https)://", ["http", "my https://"], ["https:/"[1:], "ftp://"]),
    ("", ["", "anything"], []),
    ("^$", [""], ["a"]),
    ("^[a-f\\d]{2,3}$", ["a0", "fff"], ["a", "gg", "aaaa"]),
    ("^[^/]+$", ["ab", "\n", "\U0001f600"], ["", "a/b"]),
    ("^.$", ["a", "\U0001f600"], ["\n", "\r", "\u2028", "ab"]),
    ("^\\s$", [" ", "\t", "\u00a0", "\ufeff", "\u3000"], ["\u200b", "a"]),
    ("^\\S+$", ["ab"], ["a b", ""]),
    ("^\\w\\W$", ["a-", "_é"], ["é-", "ab"]),
    ("^\\D$", ["a", "\u0661"], ["1"]),
    ("^[\\w-.]+$", ["a-b.c"], ["a b"]),
    ("^[a-z0-9-_.]+$", ["a-b_c.d"], ["A"]),
    ("^a*?b+?c??$", ["b", "aabbc"], ["a", "bcc"]),
    ("^(?:ab|cd){2}$", ["abcd", "abab"], ["ab", "abcda"]),
    ("^(?:ab{1,3}c|b{0,2}c|d(?:b{0,3}c)?)$", ["abbbc", "c", "dc"], ["abbbbc", "bbbc"]),
    ("^[\\]a][\\]b][\\]a]$", ["]]]", "a]a", "aba"], ["a", "aaa", "]b"]),
    ("^(?<year>\\d{4})$", ["1999"], ["199"]),
    ("\\bfoo\\b", ["foo", "a foo.", "foo-bar"], ["food", "afoo"]),
    ("^\\Ba", [], ["a", "ba"]),
    ("(^a|b$)", ["ax", "xb"], ["xa", "bx"]),
    ("^(?!foo$|bar)", ["", "foox"], ["foo", "barx"]),
    ("^((?!cl).)*$", ["", "abc", "lc"], ["xcly", "cl"]),
    ("^(?=.*\\d)(?=.*[a-z]).{4,8}$", ["abc1", "1a--"], ["abcd", "a1", "1234"]),
    ("(?<=a)b", ["ab"], ["b", "cb"]),
    ("(?<!a)b", ["b", "cb"], ["ab"]),
    ("(?<=^|,)x", ["x", "a,x"], ["ax"]),
    ("a(?=b(?!c))", ["ab", "abd"], ["abc", "a"]),
    ("^\\x41\\u0042\\u{43}\\cJ\\0$", ["ABC\n\0"], ["ABC"]),
    ("^\\ud83d\\ude00$", ["\U0001f600"], ["\ud83d"]),
    ("^[\\ud83d\\ude00-\\ud83d\\ude02]$", ["\U0001f601"], ["\U0001f603"]),
    ("^\\p{Lu}\\p{Ll}+$", ["Ab", "Éé"], ["ab", "A"]),
    ("^\\P{L}$", ["1", "-"], ["a", "ж"]),
    ("^\\p{Letter}$", ["ж"], ["1"]),
    ("^\\-\\_\\@\\/$", ["-_@/"], ["\\-"]),
    ("^a{,2}$", ["a{,2}"], ["a", "aa"]),
    ("^{model}$", ["{model}"], ["model"]),
    ("^a]}$", ["a]}"], ["a"]),
    ("^[]$", [], ["", "a"]),
    ("^[^]$", ["a", "\n"], [""]),
    ("^[\\b]$", ["\b"], ["b"]),
    ("^(a|)$", ["", "a"], ["b"]),
    ("(a*)*", ["", "b"], []),
    ("^(a*)+$", ["", "aaa"], ["b"]),
]


@pytest.mark.parametrize(("pattern", "accepted", "rejected"), TABLE)
def test_a_pattern_is_searched_anywhere_in_the_text(
    pattern: str, accepted: list[str], rejected: list[str]
) -> None:
    language = Language.from_pattern(pattern)
    assert [t for t in accepted if not language.contains(t)] == []
    assert [t for t in rejected if language.contains(t)] == []


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        ("^(abc]", 1),
        ("abc)", 3),
        ("a[b", 1),
        ("*a", 0),
        ("a**", 2),
        ("a\\", 1),
        ("\\a", 0),
        ("\\Z", 0),
        ("[b-a]", 1),
        ("a{3,2}", 1),
        ("(?P<name>x)", 0),
        ("\\u12", 0),
    ],
)
def test_a_malformed_pattern_says_where(pattern: str, position: int) -> None:
    with pytest.raises(PatternSyntaxError) as error:
        Language.from_pattern(pattern)
    assert error.value.position == position


@pytest.mark.parametrize(
    ("pattern", "feature"),
    [
        ("(a)\\1", "backreference"),
        ("(?<n>a)\\k<n>", "backreference"),
        ("(?i)abc", "inline flag"),
        ("\\p{Script=Greek}", "Script=Greek"),
    ],
)
def test_what_is_not_regular_is_refused_by_name(pattern: str, feature: str) -> None:
    with pytest.raises(UnsupportedPatternError, match=re.escape(feature)):
        Language.from_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["a.{20}b", "^(a|b)*a(a|b){15}$", "(((a{100}){100}){100}){100}", "(x+x+)+y.{30}z"],
)
def test_an_exploding_pattern_ends_in_a_budget_error(pattern: str) -> None:
    with pytest.raises(LanguageBudgetError):
        Language.from_pattern(pattern)


_ATOMS = st.sampled_from(
    ["a", "b", "[ab]", "[^a]", ".", "\\d", "\\w", "\\bb", "$", "^", "(?=a)", "(?!b)"]
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    quantifiers = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "*?"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda p: f"(?:{p[0]}|{p[1]})"),
        st.tuples(inner, quantifiers).map(lambda p: f"(?:{p[0]}){p[1]}"),
    )


PATTERNS = st.recursive(_ATOMS, _compound, max_leaves=8)


@settings(max_examples=300)
@given(PATTERNS, st.lists(st.text("ab1-\n", max_size=6), max_size=8))
def test_it_agrees_with_another_regular_expression_engine(
    pattern: str, texts: list[str]
) -> None:
    # Python's $ also stands before a last newline, \Z is ECMA's $; its dot takes \r.
    theirs = re.compile(pattern.replace("$", "\\Z"), re.ASCII)
    language = Language.from_pattern(pattern)
    for text in texts:
        assert language.contains(text) == bool(theirs.search(text)), text


@settings(max_examples=100)
@given(PATTERNS, PATTERNS, st.text("ab1-", max_size=6))
def test_the_operators_are_those_of_sets(a: str, b: str, text: str) -> None:
    first, second = Language.from_pattern(a), Language.from_pattern(b)
    in_a, in_b = first.contains(text), second.contains(text)
    assert (first & second).contains(text) == (in_a and in_b)
    assert (first | second).contains(text) == (in_a or in_b)
    assert (first - second).contains(text) == (in_a and not in_b)
    assert (~first).contains(text) == (not in_a)
    assert are_equal(~(first & second), ~first | ~second)


@settings(max_examples=60)
@given(PATTERNS, st.integers(0, 4), st.integers(0, 4))
def test_a_small_language_lists_exactly_its_texts(
    pattern: str, low: int, extra: int
) -> None:
    letters = Language.from_pattern("^[ab1]*$")
    language = (
        Language.from_pattern(pattern) & letters & Language.length(low, low + extra)
    )
    words = language.strings(4000)
    assume(words is not None)
    assert all(map(language.contains, words))
    assert (language - Language.of(words)).is_empty


def test_an_end_that_alternatives_have_in_common_is_made_once() -> None:
    one = build_nfa(parse_regex("a[0-9]{0,50}"))
    three = build_nfa(parse_regex("a[0-9]{0,50}|b[0-9]{0,49}|c[0-9]{0,48}"))
    assert len(three.moves) < len(one.moves) + 5


def test_an_ambiguous_expression_is_not_printed_as_it_stands() -> None:
    assert Language.from_pattern("^([a-z]+)*$").source is None
    assert Language.from_pattern("^a([._]?[a-z]+)*$").source is None
    assert Language.from_pattern("^a([._][a-z]+)*$").source is not None
