"""Long and hostile text is read in linear time."""

from __future__ import annotations

import time

import pytest

from tests.support.events import parse_pieces

from .cases import CLOSE, OPEN, F

N = 200_000
HOSTILE = {
    "one long string": OPEN + '{"name": "f", "arguments": {"q": "' + "a" * N,
    "many quotes": OPEN + '{"name": "f", "arguments": {"q": "' + "'" * N,
    "many calls": (OPEN + F + CLOSE) * (N // 75),
    "many objects": OPEN + F * (N // 50),
    "numbers": OPEN + '{"name": "f", "arguments": {"q": [' + "1," * (N // 2),
    "foreign keys": OPEN + "{" + '"a":1,' * (N // 6),
    "open tags": "<tool_call> x " * (N // 14),
    "broken calls": "<tool_call>{'a<tool_call></tool_call>" * (N // 37),
    "deep": OPEN + '{"name": "f", "arguments": ' + "[" * N,
    "spaces": " " * N,
    "spaces in a fence": "```json" + " " * N,
    "a long number": OPEN + '{"name": "f", "arguments": {"a": ' + "1" * N,
    "less-than signs": "<" * N,
    "fences": OPEN + "`" * N,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("piece_chars", [5, N * 2])
def test_hostile_text_is_read_in_linear_time(name: str, piece_chars: int) -> None:
    """Quadratic reading of these would take minutes."""
    text = HOSTILE[name]
    starts = range(0, len(text), piece_chars)
    started = time.perf_counter()
    parse_pieces((text[at : at + piece_chars] for at in starts), lenient=True)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    "text",
    ["A word or two. " * 70_000, OPEN + F[:-2] + ', "n": [' + "1.5, " * 200_000],
    ids=["prose", "call"],
)
def test_a_megabyte_takes_about_a_second(text: str) -> None:
    started = time.perf_counter()
    parse_pieces(text[at : at + 4000] for at in range(0, len(text), 4000))
    assert time.perf_counter() - started < 5
