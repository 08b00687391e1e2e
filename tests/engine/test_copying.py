from __future__ import annotations

import pytest

from hermes_gguf.engine.llama.copying import ValueCopy
from tests.engine.toy import toy_vocabulary

VOCABULARY = toy_vocabulary(["Lisbon", "L", "is", "bon", "Keller", " Keller", "42"])
PROMPT = (
    "<|im_start|>system\nTools: 7 and Berlin.<|im_end|>\n<|im_start|>user\n"
    "Maria Keller pays 1,450 euros for 42 nights in Lisbon, near the harbor. "
    "She writes 'two beds' to Jo Ann on 2024-09-01, and 42 times to Bonn.<|im_end|>\n"
)


def rest(written: str, *, prompt: str = PROMPT) -> str:
    tokens = ValueCopy(VOCABULARY, prompt.encode()).rest(written.encode())
    return VOCABULARY.detokenize(tokens).decode()


def next_value(written: str) -> str:
    tokens = ValueCopy(VOCABULARY, PROMPT.encode()).next_value(written.encode())
    return VOCABULARY.detokenize(tokens).decode()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{"name": "Ma', "ria Keller pays 1,450 euros for 42 nights in Lisbon"),
        ('{"city": "Lis', ""),
        ('{"rent": "1', ",450 euros for 42 nights in Lisbon"),
        ('{"when": "2024-0', "9-01"),
        ('{"nights": 4', ""),
        ('{"where": "near the harb', "or"),
        ('{"where": "arbor', ""),
        ('{"name": "Zoe', ""),
    ],
)
def test_a_value_that_was_begun_goes_on_as_in_the_prompt(written, expected):
    assert rest(written) == expected


def test_a_guess_ends_with_the_phrase():
    assert rest('{"where": "Bo') == "nn"
    assert rest('{"where": "near') == " the harbor"


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ('{"nights": ', "42"),
        ('{"nights": 42, "days": ', ""),
        ('{"name": "', "Maria Keller"),
        ('{"name": "Maria Keller", "city": "', "Lisbon"),
        ('{"name": "Maria Keller", "city": "Lisbon", "note": "', "two beds"),
        ('{"all": ["Maria Keller", "Lisbon", "two beds", "', "Jo Ann"),
        ('{"city', ""),
        ("", ""),
    ],
)
def test_a_value_that_comes_next_is_what_the_request_has_and_the_answer_lacks(
    written, first
):
    assert next_value(written) == first


def test_a_phrase_that_was_copied_already_is_the_second_choice():
    prompt = "bread at noon. bread at night."
    assert rest('{"a": "bread at n', prompt=prompt) == "ight"
    assert rest('{"a": "bread at night", "b": "bread at n', prompt=prompt) == "oon"
