from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hermes_gguf.engine.llama.retrace import retrace
from hermes_gguf.engine.llama.slots import common_prefix

PIECES = [b"a", b"b", b"ab", b"ba", b"aab", b"bb", b"abab", b"<s>", b"", b"<", b"s>"]
SPECIAL = {7}
ids = st.lists(st.integers(0, len(PIECES) - 1), max_size=14)


def text(tokens: list[int]) -> bytes:
    return b"".join(PIECES[t] for t in tokens)


def specials(tokens: list[int]) -> list[int]:
    return [len(text(tokens[:at])) for at, t in enumerate(tokens) if t in SPECIAL]


def spelled(tokens: list[int], earlier: list[int]) -> list[int]:
    return retrace(tokens, earlier, pieces=PIECES, special=SPECIAL)


def test_an_earlier_spelling_of_the_same_text_is_taken():
    # "abab" + special + "b" was written as "a" "ba" "b".
    assert spelled([6, 7, 1], [0, 3, 1]) == [0, 3, 1, 7, 1]


def test_tokens_are_only_exchanged_where_both_spellings_meet():
    assert spelled([2, 2], [0, 3]) == [2, 2]
    assert spelled([2, 2, 1], [0, 3, 5]) == [0, 3, 5]


def test_text_never_becomes_a_special_token_and_none_becomes_text():
    assert spelled([9, 10, 0], [7, 0]) == [9, 10, 0]
    assert spelled([7, 0], [9, 10, 0]) == [7, 0]


@given(ids, ids)
def test_bytes_and_special_tokens_stay_the_same(tokens, earlier):
    result = spelled(tokens, earlier)
    assert text(result) == text(tokens)
    assert specials(result) == specials(tokens)
    assert common_prefix(result, earlier) >= common_prefix(tokens, earlier)


@given(ids.filter(lambda t: 7 not in t and 8 not in t), st.randoms())
def test_any_respelling_of_a_whole_text_is_found(earlier, random):
    data, tokens = text(earlier), []
    while data:
        fits = [t for t, p in enumerate(PIECES) if p and data.startswith(p)]
        token = random.choice([t for t in fits if t not in SPECIAL])
        tokens.append(token)
        data = data[len(PIECES[token]) :]
    assert spelled([*tokens, 7], earlier) == [*earlier, 7]
