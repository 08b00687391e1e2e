from __future__ import annotations

import pytest

from hermes_gguf.engine.llama.spans import number_spans, phrase_end, text_spans


def found(text: str) -> list[tuple[str, str]]:
    data = text.encode()
    return [(data[s.start : s.end].decode(), s.kind) for s in text_spans(data)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("ask Maria Keller now", [("Maria Keller", "name")]),
        ("the Bank of Oslo", [("Bank of Oslo", "name")]),
        ("ok. Prices fell", [("Prices", "first_word")]),
        ("What is it", []),
        ("on 3 April 2023 at", [("3 April 2023", "date")]),
        ("on 2024-09-01.", [("2024-09-01", "date")]),
        ("code NB-77-C,", [("NB-77-C", "code")]),
        ("say 'two beds' to", [("two beds", "quote")]),
        ("to a.b@c.example,", [("a.b@c.example", "address")]),
        ("in 1921", [("1921", "digits")]),
    ],
)
def test_stretches_and_their_looks(text, spans):
    assert found(text) == spans


def test_numbers_are_neither_dates_nor_parts_of_words():
    text = b"1,450 and -2.5 and 7 on 2024-09-01 at 10:30, x9"
    numbers = [text[s.start : s.end] for s in number_spans(text)]
    assert numbers == [b"1,450", b"-2.5", b"7"]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("three months, counted", "three months"),
        ("Oslo and Bergen", "Oslo"),
        ("a.b@c.example or", "a.b@c.example"),
        ("the end", "the end"),
        ("word " * 40, ("word " * 12).strip()),
    ],
)
def test_a_phrase_ends_where_a_value_would(text, phrase):
    data = text.encode()
    assert data[: phrase_end(data, 0)].decode() == phrase
