"""Which expressions leave one way for every next character, and print as they stand."""

from __future__ import annotations

import pytest

from hermes_gguf.grammar.regular.determinism import is_deterministic
from hermes_gguf.grammar.regular.regex import parse_regex


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "a(b|c)d",
        "[a-m]x|[n-z]y",
        "(ab)*c",
        "(a|b?)c",
        "(ab?){2,}c",
        "(ab{0,2}){3}c",
        "a{3}b*",
        "(a{1,3}b){2}",
        # Unrolled, it would have more than twenty thousand characters.
        "(x{1,150}y){1,150}",
    ],
)
def test_one_way(pattern: str) -> None:
    assert is_deterministic(parse_regex(pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        "ab|ac",
        "[a-m]x|[m-z]y",
        "a*a",
        "(a|b?)(b|c)",
        "(|a)(b|a)",
        "a{2,3}a",
        "(a{1,3}){2}",
        "(ab?){2}b",
        "((a|b)*abb)?",
    ],
)
def test_two_ways(pattern: str) -> None:
    assert not is_deterministic(parse_regex(pattern))


def test_what_takes_long_to_tell_is_no() -> None:
    # Each level asks its inner part about two more sets that may follow it.
    def nested(letters: str) -> str:
        inner = f"({nested(letters[1:])})?" if letters else ""
        return f"({letters[:1]}{inner}){{2,3}}" if letters else "z"

    assert is_deterministic(parse_regex(nested("abcdefgh")))
    assert not is_deterministic(parse_regex(nested("abcdefghijklmno")))
