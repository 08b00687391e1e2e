"""Languages printed as JSON strings: exactly their members, in every sane spelling."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermes_gguf.grammar.regular import Language

from ...support.llama_grammar import LlamaGrammar
from .spelling import (
    spellings,
    string_automaton,
    string_grammar,
)
from .test_patterns import PATTERNS, TABLE

KEYS = ["name", "nation", "x", 'quo"te', "slash/back\\", "é", ""]

LANGUAGES = {
    **{pattern: Language.from_pattern(pattern) for pattern, _, _ in TABLE},
    "any": Language.any(),
    "1..300": Language.length(1, 300),
    "3..10000": Language.length(3, 10_000),
    "words": Language.of(KEYS),
    "not words": ~Language.of(KEYS),
    "not words, short": ~Language.of(KEYS) & Language.length(0, 3),
    "short pattern": Language.from_pattern("^[a-z]+(-[a-z]+)*$")
    & Language.length(0, 9),
    "counted tails": Language.from_pattern("^(a|bc)[0-9]*$") & Language.length(3, 40),
    "a long tail": Language.from_pattern("^(a|bc)x*$") & Language.length(0, 150_000),
    "a tail from so many on": Language.from_pattern("^b?c[a-z]*$")
    & Language.length(4, None),
    "exact": Language.from_pattern("^[a-z]*$") & Language.length(3, 3000),
}
LANGUAGES = {name: value for name, value in LANGUAGES.items() if not value.is_empty}

TEXTS = [
    *KEYS,
    *(text for _, yes, no in TABLE for text in (*yes, *no)),
    *("\0\x1f\x7f\b\t", "\u2028", "\U0001f600\U0010ffff", "a-b", "abc-def", "z" * 300),
]


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_string_is_accepted_exactly_when_its_value_is_a_member(name: str) -> None:
    language = LANGUAGES[name]
    automaton = string_automaton(language)
    for text in TEXTS:
        if re.search("[\ud800-\udfff]", text):
            continue
        for spelled in spellings(text):
            assert automaton.accepts(spelled) == language.contains(text), spelled


@settings(max_examples=100)
@given(PATTERNS, st.lists(st.text('ab1-\n"\\é', max_size=5), max_size=6))
def test_random_patterns_print_what_they_mean(pattern: str, texts: list[str]) -> None:
    language = Language.from_pattern(pattern)
    if language.is_empty:
        return
    automaton = string_automaton(language)
    for text in texts:
        for spelled in spellings(text):
            assert automaton.accepts(spelled) == language.contains(text), spelled


@pytest.mark.parametrize(
    "spelled",
    ['"\\u0061"', '"\\/"', '"\\u00E9"', '"\\uD83D\\uDE00"', '"\\u001f"', '"\\""'],
)
def test_any_character_may_be_escaped_where_all_are_allowed(spelled: str) -> None:
    assert string_automaton(Language.any()).accepts(spelled)
    assert string_automaton(Language.length(1, 1)).accepts(spelled)


@pytest.mark.parametrize(
    "spelled",
    ['"\n"', '"\\x41"', '"\\ud83d"', '"\\ude00\\ud83d"', '"\\u12"', '"a"b"', '"\\"'],
)
def test_what_is_no_json_string_is_never_accepted(spelled: str) -> None:
    with pytest.raises(ValueError, match=r"line 1|Lone|surrogate"):
        json.loads(spelled).encode()
    assert not string_automaton(Language.any()).accepts(spelled)


def test_an_excluded_key_stays_excluded_however_it_is_escaped() -> None:
    automaton = string_automaton(~Language.of(["name", "é"]))
    for spelled in ['"name"', '"n\\u0061me"', '"é"', '"\\u00e9"', '"\\u00E9"']:
        assert not automaton.accepts(spelled)
    assert automaton.accepts('"names"')


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [
        ("^[A-Fa-f\\d]{24}$", r'root ::= "\"" [0-9A-Fa-f]{24} "\""'),
        ("^[\\w-]{1,255}$", r'root ::= "\"" [\-0-9A-Z_a-z]{1,255} "\""'),
        ("^(0|[1-9]\\d*)$", r'root ::= "\"" ("0" | [1-9] [0-9]*) "\""'),
        ("^[a-z]+(-[a-z]+)*$", r'root ::= "\"" [a-z]+ ("-" [a-z]+)* "\""'),
        ("^(POST|PUT)$", r'root ::= "\"P" ("OST\"" | "UT\"")'),
    ],
)
def test_simple_patterns_read_like_what_was_written(pattern: str, printed: str) -> None:
    grammar = string_grammar(Language.from_pattern(pattern))
    assert grammar.to_gbnf().strip() == printed


def test_counts_beyond_the_limit_of_one_operator_are_nested() -> None:
    grammar = string_grammar(Language.length(0, 100_000))
    counts = [int(n) for n in re.findall(r"\d+(?=[,}])", grammar.to_gbnf())]
    assert max(counts) <= 2000
    automaton = string_automaton(Language.length(0, 5_001))
    assert automaton.accepts('"' + "a" * 5_001 + '"')
    assert not automaton.accepts('"' + "a" * 5_002 + '"')


def test_a_long_bound_on_a_last_loop_is_a_count() -> None:
    data = Language.from_pattern("^data:(jpg|png);[a-z]*$") & Language.length(0, 3000)
    grammar = string_grammar(data)
    assert len(grammar.rules) < 5
    automaton = string_automaton(data)
    assert automaton.accepts('"data:png;' + "a" * 2991 + '"')
    assert not automaton.accepts('"data:png;' + "a" * 2992 + '"')


def test_a_thousand_words_stay_deterministic() -> None:
    words = [f"item-{i * 7919 % 10007}" for i in range(1000)]
    automaton = string_automaton(Language.of(words))
    assert all(automaton.accepts(json.dumps(w)) for w in words)
    assert not automaton.accepts('"item-"')


@pytest.mark.parametrize("name", LANGUAGES)
def test_llama_cpp_reads_the_same_language(name: str, llama: LlamaGrammar) -> None:
    language = LANGUAGES[name]
    gbnf = string_grammar(language).to_gbnf()
    for text in ["", "a", "a-b", "ab", "x", "0", "\U0001f600", 'c"', "é", "abc-xyz"]:
        spelled = json.dumps(text, ensure_ascii=False)
        places = llama.walk(gbnf, spelled)
        assert places is not None, "llama.cpp refuses the grammar"
        accepted = len(places) == len(spelled) + 1 and places[-1].may_end
        assert accepted == language.contains(text), text
