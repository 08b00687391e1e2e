from __future__ import annotations

import pytest

from hermes_gguf.engine.llama.copying import ValueCopy
from tests.engine.toy import toy_vocabulary

VOCABULARY = toy_vocabulary(["Lisbon", "L", "is", "bon", "Keller", " Keller", "42"])
PROMPT = (
    "<|im_start|>system\nTools: 7 and Berlin.<|im_end|>\n<|im_start|>user\n"
    "Maria Keller s 1,450 euros for 42 nights in Lisbon, near the harbor. "
    "She writes 'two beds' to Jo Ann on 2024-09-01, and 42 times to Bonn.<|im_end|>\n"
)


def guess(written: str, *, limit: int = 99, prompt: str = PROMPT) -> str:
    tokens = ValueCopy(VOCABULARY, prompt.encode()).propose(written.encode(), limit)
    return VOCABULARY.detokenize(tokens).decode()


@pytest.mark.parametrize(
    ("written", "rest"),
    [
        ('{"name": "Ma', "ria Keller "),
        ('{"city": "Lis', ""),
        ('{"rent": "1', ",450 "),
        ('{"when": "2024-0', "9-01"),
        ('{"nights": 4', ""),
        ('{"where": "near the harb', "or"),
        ('{"where": "arbor', ""),
        ('{"name": "Zoe', ""),
    ],
)
def test_a_value_that_was_begun_goes_on_as_in_the_prompt(written, rest):
    assert guess(written) == rest


def test_a_guess_ends_with_the_phrase_and_at_the_limit():
    assert guess('{"where": "near the harb', limit=1) == "o"
    assert guess('{"where": "Bo') == "nn"
    assert guess('{"where": "near') == " the "


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ('{"nights": ', "42"),
        ('{"nights": 42, "days": ', ""),
        ('{"name": "', "Maria"),
        ('{"name": "Maria Keller", "city": "', "Lisbon"),
        ('{"name": "Maria Keller", "city": "Lisbon", "note": "', "two b"),
        ('{"all": ["Maria Keller", "Lisbon", "two beds", "', "Jo An"),
        ('{"city', ""),
        ("", ""),
    ],
)
def test_a_value_that_comes_next_is_what_the_request_has_and_the_answer_lacks(
    written, first
):
    assert guess(written) == first


def test_a_phrase_that_was_copied_already_is_the_second_choice():
    prompt = "bread at noon. bread at night."
    assert guess('{"a": "bread at n', prompt=prompt) == "ight"
    assert guess('{"a": "bread at night", "b": "bread at n', prompt=prompt) == "oon"


def test_first_guesses_stop_when_they_do_not_come_true():
    values = ValueCopy(VOCABULARY, PROMPT.encode())
    written = b'{"a": "'
    for _ in range(3):
        values.propose(written, 8)
        written += b'x", "b": "'
    assert values.propose(written, 8) == []
