from __future__ import annotations

import pytest

from hermes_gguf.engine.llama.choices import ChoiceGuess
from hermes_gguf.grammar.constraints import GrammarConstraint

NAMES = r"""
root ::= "{\"name\": \"" ("get_weather" | "getTemperature" | "send_mail") "\"}"
"""
ITEMS = r"""root ::= "[" ("\"red\"" | "\"green\"" | "") "]" """
FREE = r"""root ::= "\"" [a-z]+ "\"" """


def choice(request: str, grammar: str, written: str = "") -> str:
    state = GrammarConstraint.from_gbnf(grammar).start().advance(written.encode())
    guess = ChoiceGuess(request.encode())
    return guess.propose(state, after=written.encode()).decode()


@pytest.mark.parametrize(
    ("request_text", "name"),
    [
        ("What is the weather in Oslo?", "get_weather"),
        ("Which temperatures are there?", "getTemperature"),
        ("Please send a mail to Jo", "send_mail"),
    ],
)
def test_the_name_whose_words_the_request_has_is_the_likeliest(request_text, name):
    assert choice(request_text, NAMES, '{"name": "').startswith(name)


def test_something_comes_rather_than_nothing():
    assert choice("a green box", ITEMS, "[") == '"green"]'
    assert choice("no colour", ITEMS, "[") != "]"


def test_where_anything_may_come_nothing_is_guessed():
    assert choice("abc", FREE, '"') == ""
