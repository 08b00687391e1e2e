"""Formats against the official suite, and the places where they are narrower."""

import json

import pytest

from hermes_gguf.grammar.formats import format_language
from hermes_gguf.grammar.regular import Language
from hermes_gguf.grammar.regular.language import _from_regex

from ..support.shared import shared_path
from .regular.comparing import is_part
from .regular.spelling import string_automaton, string_grammar

#: Valid texts that are left out on purpose, by suite file: how many.
NARROWER = {
    "date-time": 1,  # a leap second that the offset moves to another hour
    "time": 4,
    "idn-hostname": 6,
    "ecmascript-regex": 2,  # named groups
    "hostname": 15,  # xn-- labels: Punycode is not regular
}
NAMES = [
    *("date", "date-time", "duration", "email", "hostname", "idn-email", "ipv4"),
    *("ipv6", "iri", "iri-reference", "json-pointer", "relative-json-pointer"),
    *(
        "idn-hostname",
        "regex",
        "ecmascript-regex",
        "time",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
    ),
]


@pytest.mark.parametrize("draft", ["draft4", "draft7", "draft2019-09", "draft2020-12"])
@pytest.mark.parametrize("name", NAMES)
def test_the_official_suite_agrees(name: str, draft: str) -> None:
    path = shared_path(f"jsonschema/suite/{draft}/optional/format")
    if not (path / f"{name}.json").exists():
        pytest.skip(f"{draft} does not test {name}")
    language = format_language(name.removeprefix("ecmascript-"))
    assert language is not None
    groups = json.loads((path / f"{name}.json").read_text())
    tests = [t for g in groups for t in g["tests"] if isinstance(t["data"], str)]
    assert tests
    narrower = 0
    for test in tests:
        accepted = language.contains(test["data"])
        assert test["valid"] or not accepted, test["description"]
        narrower += test["valid"] and not accepted
    assert narrower <= NARROWER.get(name, 0)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "ecmascript-regex"])
def test_a_format_prints_as_a_grammar_of_the_same_texts(name: str) -> None:
    language = format_language(name)
    assert language is not None
    automaton = string_automaton(language)
    texts = {
        *("2024-02-29", "2023-02-29", "12:00:00Z", "2000-02-29T23:59:60z", "P1Y2M"),
        *("a@b.c", '"a b"@[IPv6:::1]', "localhost", "a--b.com", "1.2.3.4", "::1"),
        *(
            "http://u@h:80/p?q#f",
            "//h",
            "é@é.é",
            "http://é/",
            "/a~1b",
            "0#",
            "",
            *("{+x}", "büro.de", "^[a-z]+(-[0-9]{2})?$", "(a", "[b-a]", "((((a))))"),
        ),
        "123e4567-e89b-12d3-a456-426614174000",
    }
    for text in texts:
        assert automaton.accepts(json.dumps(text)) == language.contains(text), text


def test_unknown_names_are_annotations() -> None:
    assert format_language("color") is None
    assert format_language("ip-address") is None
    assert format_language("ip-address", "draft4") == format_language("ipv4")


@pytest.mark.parametrize("year", [1900, 1904, 2000, 2023, 2024, 2100, 400, 4, 0])
def test_leap_years_are_those_of_the_calendar(year: int) -> None:
    language = format_language("date")
    assert language is not None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    assert language.contains(f"{year:04}-02-29") == leap


@pytest.mark.parametrize(
    ("name", "high", "text"),
    [
        ("email", 1024, "joe.bloggs@mail.example.com"),
        ("email", 60, "joe.bloggs@mail.example.com"),
        ("uri", 2048, "https://example.com:80/a/b?c=d"),
        ("uri-reference", 2000, "/a/b?c=d"),
        ("uri-reference", 2000, "http://example.com"),
        ("hostname", 255, "example.com"),
    ],
)
def test_a_format_with_a_maximal_length_stays_printable(
    name: str, high: int, text: str
) -> None:
    whole = format_language(name)
    assert whole is not None
    language = whole & Language.length(1, high)
    automaton = string_automaton(language)
    assert automaton.accepts(json.dumps(text))
    too_long = text + "a" * high
    assert not automaton.accepts(json.dumps(too_long))
    if language.simpler is not None:
        assert is_part(language.simpler, whole)


@pytest.mark.parametrize("name", ["email", "uri", "uri-reference"])
@pytest.mark.parametrize("high", [254, 500, 777])
def test_what_counts_its_parts_instead_of_the_whole_is_in_the_format(
    name: str, high: int
) -> None:
    whole = format_language(name)
    assert whole is not None
    assert whole.compact is not None
    source = whole.compact(1, high)
    if name == "email" or high >= 500:
        assert source is not None
        part = _from_regex(source)
        assert is_part(part, whole)
        assert (part & Language.length(high + 1, None)).is_empty
        bounded = whole & Language.length(1, high)
        assert len(string_grammar(bounded).to_gbnf()) < 2000
    else:
        assert source is None
