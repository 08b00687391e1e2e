from __future__ import annotations

import pytest

from hermes_gguf.engine.llama.copying import WHOLE, ValueCopy

PROMPT = (
    "<|im_start|>system\nTools: 7 and Berlin.<|im_end|>\n<|im_start|>user\n"
    "Maria Keller pays 1,450 euros for 42 nights in Lisbon, near the harbor. "
    "She writes 'two beds' to Jo Ann on 2024-09-01, and 42 times to Bonn.<|im_end|>\n"
    "<|im_start|>assistant\n"
)


def proposed(written: str, *, prompt: str = PROMPT) -> tuple[str, str]:
    kind, text = ValueCopy(prompt.encode()).propose(written.encode())
    return kind, text.decode()


@pytest.mark.parametrize(
    ("written", "rest"),
    [
        ('{"name": "Ma', "ria Keller"),
        ('{"city": "Lis', "bon"),
        ('{"rent": "1', ",450"),
        ('{"when": "2024-0', "9-01"),
        ('{"where": "near the harb', "or"),
        ('{"city": "Ber', "lin"),
    ],
)
def test_a_value_that_was_begun_goes_on_as_in_the_prompt(written, rest):
    assert proposed(written) == ("rest", rest)


@pytest.mark.parametrize("written", ['{"x": "arbor', '{"x": "Zoe', '{"city', ""])
def test_nothing_is_guessed_where_nothing_fits(written):
    assert proposed(written) == ("", "")


@pytest.mark.parametrize("written", ['{"name": "Maria Keller', '{"nights": 42'])
def test_a_value_that_is_all_there_is_known_to_be(written):
    assert proposed(written) == (WHOLE, "")


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ('{"nights": ', "42"),
        ('{"name": "', "Maria Keller"),
        ('{"name": "Maria Keller", "city": "', "Lisbon"),
        ('{"all": ["Maria Keller", "Lisbon", "Jo Ann", "Bonn", "', "two beds"),
    ],
)
def test_a_value_that_comes_next_is_what_the_request_has_and_the_answer_lacks(
    written, first
):
    assert proposed(written)[1] == first


def test_a_list_is_copied_item_by_item():
    prompt = "<|im_start|>user\nBuy red wine, bread and oil.<|im_end|>\n"
    assert proposed('{"items": ["red wine", "', prompt=prompt) == ("item", "bread")
    assert proposed('{"items": ["bread", "', prompt=prompt) == ("item", "oil")


def test_a_phrase_that_was_copied_already_is_the_second_choice():
    prompt = "bread at noon. bread at night."
    written = '{"a": "bread at night", "b": "bread at n'
    assert proposed(written, prompt=prompt) == ("rest", "oon")
