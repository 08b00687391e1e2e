"""A UTF-8 sequence that is cut stands for exactly the characters it can become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermes_gguf.grammar.scalars import normalize
from hermes_gguf.grammar.utf8 import cut_range, next_bytes, overlaps, split_utf8

characters = st.characters(exclude_categories=["Cs"])


@given(st.text(characters), st.binary(max_size=3))
def test_every_cut_of_a_text_is_a_whole_part_and_a_rest(
    text: str, noise: bytes
) -> None:
    data = text.encode()
    for end in range(len(data) + 1):
        split = split_utf8(data[:end])
        assert split is not None
        assert text.startswith(split[0])
        assert split[0].encode() + split[1] == data[:end]
        assert len(split[1]) <= 3


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x80", id="continuation first"),
        pytest.param(b"\xc0", id="overlong lead"),
        pytest.param(b"\xe0\x80", id="overlong, cut"),
        pytest.param(b"\xed\xa0", id="surrogate, cut"),
        pytest.param(b"\xf4\x90", id="past the last code point, cut"),
        pytest.param(b"\xf5", id="no such lead"),
        pytest.param(b"\xc3(", id="no continuation"),
    ],
)
def test_what_can_never_become_text_is_refused(data: bytes) -> None:
    assert split_utf8(data) is None


@given(characters, characters)
def test_a_cut_overlaps_a_character_exactly_when_it_begins_it(a: str, b: str) -> None:
    for end in range(1, len(a.encode())):
        cut = a.encode()[:end]
        assert overlaps([(ord(b), ord(b))], cut_range(cut)) == b.encode().startswith(
            cut
        )


@given(st.lists(st.tuples(characters, characters), max_size=4), characters)
def test_next_bytes_are_those_of_the_members(
    pairs: list[tuple[str, str]], member: str
) -> None:
    ranges = normalize([(ord(a), ord(b)) for a, b in pairs])
    inside = overlaps(ranges, (ord(member), ord(member)))
    data = member.encode()
    for end in range(len(data)):
        if inside:
            assert data[end] in next_bytes(ranges, data[:end])
    alone = ((ord(member), ord(member)),)
    for end in range(len(data)):
        assert next_bytes(alone, data[:end]) == {data[end]}
